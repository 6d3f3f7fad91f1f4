//! Any network that can be explained, whatever it is made of.

use burn::tensor::{Device, Tensor};

use super::cnn::{CHANNELS, Cnn, Spec};
use super::layer::{Layer, LayerInfo, Layers};
use super::split::At;
use crate::data::Shape;

/// A network in inference. Cheap to clone: tensors are reference-counted.
#[derive(Debug, Clone)]
pub enum Network {
    /// The program's own, which it can train.
    Cnn(Cnn),
}

impl Network {
    /// One image of its input.
    pub fn input(&self) -> Shape {
        match self {
            Self::Cnn(cnn) => cnn.spec().input,
        }
    }

    /// How many classes it knows.
    pub fn classes(&self) -> usize {
        match self {
            Self::Cnn(cnn) => cnn.spec().classes,
        }
    }

    /// The layers that can be looked at.
    pub fn layers(&self) -> Layers {
        match self {
            Self::Cnn(cnn) => cnn.spec().layers(),
        }
    }

    /// The network split at a layer; at its last one where there is no such layer.
    pub fn at(&self, layer: Layer) -> At<'_> {
        match self {
            Self::Cnn(cnn) => cnn.at(layer),
        }
    }

    /// Logits: `[n, h, w, c]` to `[n, classes]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        match self {
            Self::Cnn(cnn) => cnn.forward(images),
        }
    }

    /// Copies that have lost what they learnt, layer by layer from the logits down; each by the name
    /// of the layer that is set back in addition. See [`sanity`](crate::explain::sanity()).
    pub fn randomised(&self, seed: u64) -> Vec<(String, Self)> {
        match self {
            Self::Cnn(cnn) => cnn.randomised(seed).map(|(name, cnn)| (name, cnn.into())).into(),
        }
    }

    /// The largest number of 32-bit values that one image becomes on its way through the network.
    pub fn widest(&self) -> usize {
        match self {
            Self::Cnn(cnn) => cnn.spec().widest(),
        }
    }

    /// The device that holds the weights.
    pub fn device(&self) -> Device {
        match self {
            Self::Cnn(cnn) => cnn.device(),
        }
    }

    /// Bytes of its weights.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Cnn(cnn) => size_of::<f32>() * cnn.spec().parameters(),
        }
    }
}

impl From<Cnn> for Network {
    fn from(cnn: Cnn) -> Self {
        Self::Cnn(cnn)
    }
}

impl Spec {
    /// The two convolutions, before pooling.
    pub fn layers(self) -> Layers {
        let ([h1, w1], [h2, w2]) = (self.first(), self.map());
        let [c1, c2] = CHANNELS;
        let layer = |name: &str, size| LayerInfo { name: name.to_owned(), size };
        Layers::new(layer("conv1", [h1, w1, c1]), [layer("conv2", [h2, w2, c2])])
    }
}
