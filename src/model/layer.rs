//! The layers of a network that can be looked at.

/// A layer, by its place among those of its network: see [`Network::layers`](super::Network::layers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Layer(pub usize);

/// What is known of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerInfo {
    /// The name on the command line, in JSON and on screen.
    pub name: String,
    /// Height, width and channels of its activations.
    pub size: [usize; 3],
}

/// The layers of one network in forward order; the last is the one that is looked at first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layers(Vec<LayerInfo>);

impl Layers {
    /// From at least one layer.
    pub fn new(first: LayerInfo, others: impl IntoIterator<Item = LayerInfo>) -> Self {
        Self(std::iter::once(first).chain(others).collect())
    }

    /// The one that is looked at first.
    pub fn last(&self) -> Layer {
        Layer(self.0.len() - 1)
    }

    /// The layer after this one; after the last one the first.
    pub fn after(&self, layer: Layer) -> Layer {
        Layer((layer.0 + 1) % self.0.len())
    }

    /// What is known of a layer; of the last one where there is no such layer.
    pub fn info(&self, layer: Layer) -> &LayerInfo {
        &self.0[layer.0.min(self.0.len() - 1)]
    }

    /// The layer's name.
    pub fn name(&self, layer: Layer) -> &str {
        &self.info(layer).name
    }

    /// The layer of this name.
    pub fn find(&self, name: &str) -> Option<Layer> {
        self.0.iter().position(|layer| layer.name == name).map(Layer)
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &LayerInfo> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_comes_round_and_is_found_by_its_name() {
        let layer = |name: &str| LayerInfo { name: name.to_owned(), size: [1, 1, 1] };
        let layers = Layers::new(layer("a"), [layer("b"), layer("c")]);
        assert_eq!((layers.last(), layers.name(layers.last())), (Layer(2), "c"));
        assert_eq!([0, 1, 2].map(|i| layers.after(Layer(i)).0), [1, 2, 0]);
        assert_eq!((layers.find("b"), layers.find("d")), (Some(Layer(1)), None));
    }
}
