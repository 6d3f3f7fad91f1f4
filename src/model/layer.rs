//! The layers that can be looked at, and the network split there.

use burn::tensor::Tensor;
use clap::ValueEnum;

use super::cnn::Cnn;

/// A convolution whose activations, after its ReLU, are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, ValueEnum)]
pub enum Layer {
    /// The first convolution, before the max-pooling: 32 channels of 26x26
    Conv1,
    /// The second convolution: 64 channels of 11x11
    #[default]
    Conv2,
}

/// All layers, in forward order.
pub const LAYERS: [Layer; 2] = [Layer::Conv1, Layer::Conv2];

impl Layer {
    /// The name on the command line, in JSON and in the model's file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conv1 => "conv1",
            Self::Conv2 => "conv2",
        }
    }

    /// The layer after this one; after the last one the first.
    pub fn next(self) -> Self {
        match self {
            Self::Conv1 => Self::Conv2,
            Self::Conv2 => Self::Conv1,
        }
    }
}

/// A network split at a layer, in inference.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The network.
    pub model: &'a Cnn,
    /// Where it is split.
    pub layer: Layer,
}

impl Cnn {
    /// The network split at `layer`.
    pub fn at(&self, layer: Layer) -> At<'_> {
        At { model: self, layer }
    }
}

impl At<'_> {
    /// The layer's activations: `[n, 28, 28, 1]` to `[n, 26, 26, 32]` or `[n, 11, 11, 64]`.
    pub fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        match self.layer {
            Layer::Conv1 => self.model.first(images),
            Layer::Conv2 => self.model.trunk(images),
        }
    }

    /// Logits from the layer's activations: `[n, 10]`.
    pub fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        match self.layer {
            Layer::Conv1 => self.model.head(self.model.second(activations)),
            Layer::Conv2 => self.model.head(activations),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_comes_round_and_has_a_name_of_its_own() {
        for layer in LAYERS {
            assert_eq!(<Layer as ValueEnum>::from_str(layer.name(), false), Ok(layer));
            assert_ne!(layer.next().name(), layer.name());
            assert_eq!(layer.next().next(), layer);
        }
    }
}
