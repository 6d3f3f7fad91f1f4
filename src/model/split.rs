//! The program's own network as something to explain.

use burn::tensor::Tensor;

use super::Cnn;
use super::layer::At;
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

impl SplitModel for At<'_> {
    fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        At::trunk(self, images)
    }

    fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        At::head(self, activations)
    }

    // Not in two parts: the first convolution is then pooled as it is computed.
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.model.forward(images)
    }

    fn guided_gradient(&self, images: Tensor<4>, slopes: Tensor<2>) -> Option<Tensor<4>> {
        Some(self.model.guided_gradient(images, slopes))
    }
}
