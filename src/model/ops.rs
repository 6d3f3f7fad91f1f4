//! The network's operations on Burn's tensors: the one interface between the model and whatever
//! computes it on the device at hand.
//!
//! Activations are `[batch, height, width, channels]`, convolution weights
//! `[kernel height, kernel width, in, out]`, linear weights `[in, out]`. Everything runs, and
//! differentiates, on every device Burn has; see [`fused`](super::fused).

use burn::backend::Dispatch;
use burn::tensor::{Int, Tensor};

use super::fused::FusedOps;
use crate::kernels::linear::Activation;

pub use super::fused::buffers::take as buffer;
pub use crate::kernels::dropout::Dropout;
pub use crate::kernels::linear::Input;
pub use crate::kernels::nadam::Step as NadamStep;

/// Valid convolution, stride 1, then ReLU, then dropout where it is given.
///
/// `[n, h, w, i] * [kh, kw, i, o] + [o] -> [n, h-kh+1, w-kw+1, o]`
pub fn conv_relu(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    drop: Option<Dropout>,
) -> Tensor<4> {
    let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(Dispatch::fused_conv(x.into_dispatch(), weight, bias, drop))
}

/// Valid convolution, stride 1, then ReLU, then 2x2 max-pooling (an odd last row or column is
/// dropped).
///
/// `[n, h, w, i] * [kh, kw, i, o] + [o] -> [n, (h-kh+1)/2, (w-kw+1)/2, o]`
pub fn conv_relu_pool(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(Dispatch::fused_conv_pool(x.into_dispatch(), weight, bias))
}

/// 2x2 max-pooling (an odd last row or column is dropped): `[n, h, w, c] -> [n, h/2, w/2, c]`.
///
/// Of equals the first one, row-major, takes the gradient, as in PyTorch. Behind a ReLU whole
/// windows are zero, so that it matters, and Burn's own pooling leaves it to the device.
pub fn max_pool(x: Tensor<4>) -> Tensor<4> {
    let [n, height, width, channels] = x.dims().map(|size| size as i64);
    let (height, width) = (height / 2, width / 2);
    let windows = x.slice([0..n, 0..2 * height, 0..2 * width, 0..channels]);
    let windows = windows.reshape([n * height, 2, width, 2 * channels]);
    let corner = |y: i64, x: i64| {
        let columns = x * channels..(x + 1) * channels;
        windows.clone().slice([0..n * height, y..y + 1, 0..width, columns])
    };
    let mut best = corner(0, 0);
    for (y, x) in [(0, 1), (1, 0), (1, 1)] {
        let next = corner(y, x);
        let wins = next.clone().greater(best.clone());
        best = best.mask_where(wins, next);
    }
    best.reshape([n, height, width, channels])
}

/// Fully connected layer, ReLU, then dropout where it is given: `[n, i] * [i, o] + [o] -> [n, o]`.
pub fn linear_relu(
    x: Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    input: Input,
    drop: Option<Dropout>,
) -> Tensor<2> {
    fused_linear(x, weight, bias, input, Activation::Relu(drop))
}

/// Fully connected layer: `[n, i] * [i, o] + [o] -> [n, o]`.
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, input: Input) -> Tensor<2> {
    fused_linear(x, weight, bias, input, Activation::None)
}

fn fused_linear(
    x: Tensor<2>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    input: Input,
    activation: Activation,
) -> Tensor<2> {
    let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(Dispatch::fused_linear(
        x.into_dispatch(),
        weight,
        bias,
        input,
        activation,
    ))
}

/// Mean cross-entropy, in nats, of logits `[n, classes]` and class indices `[n]`.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
    let (logits, targets) = (logits.into_dispatch(), targets.into_dispatch());
    Tensor::from_dispatch(Dispatch::fused_cross_entropy(logits, targets))
}

/// One step of Nadam: a parameter and its first and second moment after it. In place where nobody
/// else holds them.
pub fn nadam<const D: usize>(
    parameter: Tensor<D>,
    moments: [Tensor<D>; 2],
    gradient: Tensor<D>,
    step: NadamStep,
) -> (Tensor<D>, [Tensor<D>; 2]) {
    let [m, v] = moments.map(Tensor::into_dispatch);
    let (parameter, gradient) = (parameter.into_dispatch(), gradient.into_dispatch());
    let (parameter, m, v) = Dispatch::fused_nadam(parameter, m, v, gradient, step);
    (Tensor::from_dispatch(parameter), [m, v].map(Tensor::from_dispatch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeviceKind;
    use burn::tensor::TensorData;

    #[test]
    fn the_first_of_equals_takes_the_gradient_and_odd_edges_none() {
        // 3x5 places of one channel: a tie in a row, a tie in a column, and a last row and column.
        let values =
            vec![1.0, 1.0, 0.0, 5.0, 9.0, 0.0, 1.0, 0.0, 5.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0];
        for kind in [DeviceKind::Flex, DeviceKind::Ndarray] {
            let data = TensorData::new(values.clone(), [1, 3, 5, 1]);
            let leaf = Tensor::<4>::from_data(data, &kind.open()).autodiff().require_grad();
            let pooled = max_pool(leaf.clone());
            assert_eq!(pooled.dims(), [1, 1, 2, 1]);
            let found: Vec<f32> = pooled.clone().inner().into_data().iter::<f32>().collect();
            assert_eq!(found, [1.0, 5.0]);
            let gradient = leaf.grad(&pooled.sum().backward()).expect("a gradient");
            let found: Vec<f32> = gradient.into_data().iter::<f32>().collect();
            let mut expected = [0.0; 15];
            expected[0] = 1.0;
            expected[3] = 1.0;
            assert_eq!(found, expected);
        }
    }
}
