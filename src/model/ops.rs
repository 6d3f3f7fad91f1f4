//! The network's operations behind one small interface: channels-last tensors in, tensors out.
//!
//! Activations are `[batch, height, width, channels]`, convolution weights
//! `[kernel height, kernel width, in, out]`, linear weights `[in, out]`. Everything here is plain
//! Burn, so it runs, and differentiates, on every device Burn has.

use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::module::{conv2d, linear as affine, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Int, Tensor, TensorData};

use super::dropout::{self, Dropout};

const TO_NCHW: [isize; 4] = [0, 3, 1, 2];
const TO_NHWC: [isize; 4] = [0, 2, 3, 1];
const TO_OIHW: [isize; 4] = [3, 2, 0, 1];

/// Valid convolution, stride 1, then ReLU, then dropout where it is given.
///
/// `[n, h, w, i] * [kh, kw, i, o] + [o] -> [n, h-kh+1, w-kw+1, o]`
pub fn conv_relu(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    drop: Option<Dropout>,
) -> Tensor<4> {
    let y = relu(convolve(x, weight, bias)).permute(TO_NHWC);
    apply_dropout(y, drop)
}

/// Valid convolution, stride 1, then ReLU, then 2x2 max-pooling (an odd last row or column is
/// dropped).
///
/// `[n, h, w, i] * [kh, kw, i, o] + [o] -> [n, (h-kh+1)/2, (w-kw+1)/2, o]`
pub fn conv_relu_pool(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    let y = relu(convolve(x, weight, bias));
    max_pool2d(y, MaxPoolOptions::new([2, 2])).permute(TO_NHWC)
}

/// Fully connected layer, ReLU, then dropout where it is given: `[n, i] * [i, o] + [o] -> [n, o]`.
pub fn linear_relu(
    x: Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    drop: Option<Dropout>,
) -> Tensor<2> {
    apply_dropout(relu(affine(x, weight, Some(bias))), drop)
}

/// Fully connected layer: `[n, i] * [i, o] + [o] -> [n, o]`.
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    affine(x, weight, Some(bias))
}

/// Mean cross-entropy, in nats, of logits `[n, classes]` and class indices `[n]`.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
    let picked = log_softmax(logits, 1).gather(1, targets.unsqueeze_dim(1));
    picked.mean().neg()
}

fn convolve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
    conv2d(x.permute(TO_NCHW), weight.permute(TO_OIHW), Some(bias), options)
}

fn apply_dropout<const D: usize>(x: Tensor<D>, drop: Option<Dropout>) -> Tensor<D> {
    let Some(drop) = drop else { return x };
    let dims = x.dims();
    let per_image = dims[1..].iter().product();
    let mask = dropout::mask(drop, dims[0], per_image);
    let mask = Tensor::from_data(TensorData::new(mask, dims), &x.device());
    x * mask
}
