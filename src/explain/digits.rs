//! The program's own network and digits, as things to explain.

use burn::tensor::Tensor;

use super::SplitModel;
use crate::model::Cnn;
use crate::model::layer::At;

/// Ink that counts as such, as a share of white.
const INK: f32 = 0.2;

/// Whether a pixel of a digit is ink: brighter than a fifth of white. For [`trust`](super::trust())
/// and [`compare`](super::compare).
pub fn ink(pixels: &[u8]) -> impl Fn(usize) -> bool {
    |pixel| f32::from(pixels[pixel]) > INK * 255.0
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_brighter_than_a_fifth_of_white() {
        assert_eq!([0, 1, 2].map(ink(&[52, 51, 0])), [true, false, false]);
    }
}
