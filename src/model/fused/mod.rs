//! The network's operations as an extension of Burn's backends.
//!
//! Each is one operation for what plain Burn needs several for. What it means is written here in
//! plain Burn operations, which is also how it runs, and differentiates, on every device but one:
//! on burn-ndarray it runs on the [`kernels`](crate::kernels).
//!
//! Activations are `[batch, height, width, channels]`, convolution weights
//! `[kernel height, kernel width, in, out]`, linear weights `[in, out]`.

// Burn marks its ndarray backend as deprecated in favour of flex. The kernels know neither, so the
// day it goes only `ndarray` and `autodiff` beside this file change.
#![allow(deprecated)]

mod autodiff;
pub(super) mod buffers;
mod ndarray;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata, backend_extension};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Shape, TensorData};

use crate::kernels::dropout::{self, Dropout};
use crate::kernels::linear::{Activation, Input};
use crate::kernels::nadam;

const TO_NCHW: [usize; 4] = [0, 3, 1, 2];
const TO_NHWC: [usize; 4] = [0, 2, 3, 1];
const TO_OIHW: [usize; 4] = [3, 2, 0, 1];

/// The operations, on a backend's own tensors; [`ops`](super::ops) offers them on Burn's `Tensor`.
#[backend_extension(
    NdArray,
    Flex,
    Cube: cfg(any(feature = "cuda", feature = "wgpu")),
    Autodiff
)]
pub trait FusedOps: Backend {
    /// Valid convolution, stride 1, then ReLU, then dropout where it is given.
    fn fused_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        drop: Option<Dropout>,
    ) -> FloatTensor<Self> {
        let y = Self::float_permute(convolve::<Self>(x, weight, bias), &TO_NHWC);
        apply_dropout::<Self>(y, drop)
    }

    /// Valid convolution, stride 1, then ReLU, then 2x2 max-pooling.
    fn fused_conv_pool(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let y = convolve::<Self>(x, weight, bias);
        let y = Self::max_pool2d(y, [2, 2], [2, 2], [0, 0], [1, 1], false);
        Self::float_permute(y, &TO_NHWC)
    }

    /// Fully connected layer, then its activation. What is known of its input may save work.
    fn fused_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        _input: Input,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let bias = Self::float_reshape(bias.clone(), Shape::from([1, bias.shape()[0]]));
        let y = Self::float_add(Self::float_matmul(x, weight), bias);
        match activation {
            Activation::None => y,
            Activation::Relu(drop) => apply_dropout::<Self>(Self::relu(y), drop),
        }
    }

    /// Mean softmax cross-entropy of logits `[n, classes]` and class indices `[n]`: `[1]`.
    fn fused_cross_entropy(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        let images = targets.shape()[0];
        let targets = Self::int_reshape(targets, Shape::from([images, 1]));
        let picked = Self::float_gather(1, Self::log_softmax(logits, 1), targets);
        Self::float_neg(Self::float_mean(picked))
    }

    /// One step of Nadam: the parameter and its two moments after it.
    fn fused_nadam(
        parameter: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        step: nadam::Step,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let times = |x: FloatTensor<Self>, factor: f32| Self::float_mul_scalar(x, factor.into());
        let mix =
            |old, new, [keep, take]: [f32; 2]| Self::float_add(times(old, keep), times(new, take));
        let square = Self::float_mul(gradient.clone(), gradient.clone());
        let moment_1 = mix(moment_1, gradient.clone(), step.decay_1);
        let moment_2 = mix(moment_2, square, step.decay_2);
        let numerator = mix(moment_1.clone(), gradient, [step.moment, step.gradient]);
        let root = Self::float_sqrt(times(moment_2.clone(), step.variance));
        let denominator = Self::float_add_scalar(root, step.epsilon.into());
        let change = Self::float_div(numerator, denominator);
        (Self::float_sub(parameter, change), moment_1, moment_2)
    }
}

impl FusedOps for Flex {}
impl<C: CheckpointStrategy> FusedOps for Autodiff<Flex, C> {}

#[cfg(any(feature = "cuda", feature = "wgpu"))]
impl FusedOps for burn::backend::Cube {}
#[cfg(any(feature = "cuda", feature = "wgpu"))]
impl<C: CheckpointStrategy> FusedOps for Autodiff<burn::backend::Cube, C> {}

/// `[n, h, w, i]` to `relu(conv)` as `[n, o, h', w']`.
fn convolve<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
) -> FloatTensor<B> {
    let (x, weight) = (B::float_permute(x, &TO_NCHW), B::float_permute(weight, &TO_OIHW));
    let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
    B::relu(B::conv2d(x, weight, Some(bias), options))
}

fn apply_dropout<B: Backend>(x: FloatTensor<B>, drop: Option<Dropout>) -> FloatTensor<B> {
    let Some(drop) = drop else { return x };
    let shape = x.shape();
    let per_image = shape[1..].iter().product();
    let mask = TensorData::new(dropout::mask(drop, shape[0], per_image), shape);
    let mask = B::float_from_data(mask, &x.device());
    B::float_mul(x, mask)
}
