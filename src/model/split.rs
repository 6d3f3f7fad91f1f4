//! The program's own network as something to explain.

use burn::tensor::Tensor;

use super::cnn::Cnn;
use super::layer::Layer;
use crate::explain::SplitModel;

impl SplitModel for Cnn {
    fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        Cnn::trunk(self, images)
    }

    fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        Cnn::head(self, activations)
    }

    fn guided_gradient(&self, images: Tensor<4>, slopes: Tensor<2>) -> Option<Tensor<4>> {
        Some(Cnn::guided_gradient(self, images, slopes))
    }
}

/// A network split at a layer, in inference.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The network.
    pub(super) cnn: &'a Cnn,
    /// Where it is split: 0 for the first convolution, anything else for the second.
    pub(super) layer: Layer,
}

impl Cnn {
    /// The network split at a layer.
    pub fn at(&self, layer: Layer) -> At<'_> {
        At { cnn: self, layer }
    }
}

impl SplitModel for At<'_> {
    fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        match self.layer {
            Layer(0) => self.cnn.first(images),
            _ => self.cnn.trunk(images),
        }
    }

    fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        match self.layer {
            Layer(0) => self.cnn.head(self.cnn.second(activations)),
            _ => self.cnn.head(activations),
        }
    }

    // Not in two parts: the first convolution is then pooled as it is computed.
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.cnn.forward(images)
    }

    fn guided_gradient(&self, images: Tensor<4>, slopes: Tensor<2>) -> Option<Tensor<4>> {
        Some(self.cnn.guided_gradient(images, slopes))
    }
}
