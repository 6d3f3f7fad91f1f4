//! The fused operations on burn-ndarray, which run on this crate's kernels, against the same
//! operations composed of plain Burn on burn-flex: values and gradients.

#![cfg(feature = "app")]

use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, TensorData};
use gradcam::model::DeviceKind;
use gradcam::model::ops::{self, Dropout, Input};
use gradcam::rng::Rng;

const BATCHES: [usize; 4] = [1, 5, 32, 96];

/// Multiples of 1/64 in -1..1. Their products and sums are exact in 32-bit floats, so that both
/// sides agree on which sums are positive and which of four is the largest.
fn grid(len: usize, seed: u64) -> Vec<f32> {
    let mut rng = Rng::stream(seed, len as u64);
    (0..len).map(|_| rng.below(128) as f32 / 64.0 - 1.0).collect()
}

fn tensor<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    let values = grid(shape.iter().product(), seed);
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Fails unless both are within 1e-5 of each other, relative to the largest expected magnitude.
fn assert_close(actual: &[f32], expected: &[f32], what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-6, |max: f32, v| max.max(v.abs()));
    for (i, (a, e)) in actual.iter().zip(expected).enumerate() {
        assert!((a - e).abs() <= 1e-5 * scale, "{what}: element {i} is {a}, expected {e}");
    }
}

/// The output of an operation, and the gradients by its three inputs.
type Answer = [Vec<f32>; 4];

/// Runs an operation forward and, pulling at its output with fixed weights, backward.
fn run<const X: usize, const W: usize, const Y: usize>(
    device: &Device,
    shapes: ([usize; X], [usize; W], usize),
    op: impl Fn(Tensor<X>, Tensor<W>, Tensor<1>) -> Tensor<Y>,
) -> Answer {
    let device = device.clone().autodiff();
    let x = tensor(shapes.0, 1, &device).require_grad();
    let weight = tensor(shapes.1, 2, &device).require_grad();
    let bias = tensor([shapes.2], 3, &device).require_grad();
    let y = op(x.clone(), weight.clone(), bias.clone());
    let pull = tensor(y.dims(), 4, &device);
    let mut gradients = (y.clone() * pull).sum().backward();
    [
        values(y.inner()),
        values(x.grad_remove(&mut gradients).expect("a gradient by the input")),
        values(weight.grad_remove(&mut gradients).expect("a gradient by the weight")),
        values(bias.grad_remove(&mut gradients).expect("a gradient by the bias")),
    ]
}

fn devices() -> [Device; 2] {
    [DeviceKind::Ndarray, DeviceKind::Flex].map(DeviceKind::open)
}

fn compare<const X: usize, const W: usize, const Y: usize>(
    what: &str,
    shapes: ([usize; X], [usize; W], usize),
    op: impl Fn(Tensor<X>, Tensor<W>, Tensor<1>) -> Tensor<Y>,
) {
    let [actual, expected] = devices().map(|device| run(&device, shapes, &op));
    for (part, name) in ["output", "input", "weight", "bias"].into_iter().enumerate() {
        let what = format!("{what}, batch {}, {name}", shapes.0[0]);
        assert_close(&actual[part], &expected[part], &what);
    }
}

#[test]
fn convolutions_agree_with_plain_burn() {
    for n in BATCHES {
        let shapes = ([n, 13, 13, 32], [3, 3, 32, 64], 64);
        compare("conv", shapes, |x, w, b| ops::conv_relu(x, w, b, None));
        let drop = Some(Dropout { seed: 7 });
        compare("conv and dropout", shapes, |x, w, b| ops::conv_relu(x, w, b, drop));
        let shapes = ([n, 28, 28, 1], [3, 3, 1, 32], 32);
        compare("conv and pool", shapes, ops::conv_relu_pool);
        compare("odd conv and pool", ([n, 8, 7, 3], [2, 3, 3, 5], 5), ops::conv_relu_pool);
    }
}

#[test]
fn linear_layers_agree_with_plain_burn() {
    for n in BATCHES {
        let shapes = ([n, 7744], [7744, 128], 128);
        compare("linear and ReLU", shapes, |x, w, b| ops::linear_relu(x, w, b, Input::Any, None));
        let drop = Some(Dropout { seed: 8 });
        compare("linear, ReLU and dropout", shapes, |x, w, b| {
            ops::linear_relu(x, w, b, Input::Any, drop)
        });
        compare("linear", ([n, 128], [128, 10], 10), |x, w, b| ops::linear(x, w, b, Input::Any));
        // A ReLU in front, whose own way back is the same whether the gradient was left out or not.
        compare("linear behind a ReLU", ([n, 300], [300, 70], 70), |x, w, b| {
            ops::linear(relu(x), w, b, Input::Rectified)
        });
    }
}

#[test]
fn the_loss_agrees_with_plain_burn() {
    for n in BATCHES {
        let [actual, expected] = devices().map(|device| {
            let device = device.autodiff();
            let logits = tensor([n, 10], 5, &device).mul_scalar(9.0).require_grad();
            let labels: Vec<i64> = (0..n as i64).map(|i| i * 7 % 10).collect();
            let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [n]), &device);
            let loss = ops::cross_entropy(logits.clone(), labels);
            // Twice, because a loss is often weighted.
            let mut gradients = loss.clone().mul_scalar(2.0).backward();
            let gradient = logits.grad_remove(&mut gradients).expect("a gradient");
            (values(loss.inner()), values(gradient))
        });
        assert_close(&actual.0, &expected.0, "loss");
        assert_close(&actual.1, &expected.1, "gradient of the loss");
    }
}

#[test]
fn class_indices_may_have_32_bits() {
    let device = DeviceKind::Ndarray.open();
    let logits = tensor([3, 10], 5, &device);
    let labels = || Tensor::<1, Int>::from_data([4, 0, 9], &device);
    let narrow = labels().cast(burn::tensor::IntDType::I32);
    let [wide, narrow] = [labels(), narrow].map(|l| ops::cross_entropy(logits.clone(), l));
    assert_eq!(values(wide), values(narrow));
}

#[test]
fn the_optimizer_agrees_with_plain_burn_and_leaves_shared_tensors_alone() {
    let [actual, expected] = devices().map(|device| {
        let (p, m) = (tensor([70, 33], 1, &device), tensor([70, 33], 2, &device));
        let (v, g) = (tensor([70, 33], 3, &device).abs(), tensor([70, 33], 4, &device));
        let (step, _) = ops::NadamStep::new(3, 0.5, 1e-2, [0.9, 0.999], 1e-7);
        let kept = p.clone();
        let (p, [m, v]) = ops::nadam(p, [m, v], g, step);
        assert_eq!(values(kept), grid(70 * 33, 1), "somebody else's copy");
        [p, m, v].map(values)
    });
    for (actual, expected) in actual.iter().zip(&expected) {
        assert_close(actual, expected, "Nadam");
    }
}

/// Permuted inputs, gradients that come back permuted, and one tensor used twice.
#[test]
fn memory_order_does_not_matter() {
    let conv = |x: Tensor<4>, w: Tensor<4>, b: Tensor<1>| {
        // [n, c, h, w] -> [n, h, w, c], and [kh, kw, o, i] -> [kh, kw, i, o]
        let (x, w) = (x.permute([0, 2, 3, 1]), w.permute([0, 1, 3, 2]));
        let once = ops::conv_relu(x.clone(), w.clone(), b.clone(), None);
        let twice = ops::conv_relu(x, w, b, Some(Dropout { seed: 1 }));
        (once + twice).permute([0, 3, 1, 2])
    };
    compare("permuted conv", ([5, 6, 9, 8], [3, 2, 4, 6], 4), conv);
    let linear = |x: Tensor<2>, w: Tensor<2>, b: Tensor<1>| {
        let y = ops::linear_relu(x.transpose(), w.transpose(), b, Input::Any, None);
        y.clone().transpose().matmul(y)
    };
    compare("permuted linear", ([20, 7], [9, 20], 9), linear);
    let pool = |x: Tensor<4>, w: Tensor<4>, b: Tensor<1>| {
        ops::conv_relu_pool(x.permute([0, 2, 3, 1]), w, b).permute([3, 0, 2, 1])
    };
    compare("permuted pool", ([3, 2, 9, 8], [3, 3, 2, 20], 20), pool);
}
