//! The operations on burn-ndarray's tensors: shapes and memory here, arithmetic in the kernels.

use std::cell::Cell;

use burn::backend::TensorMetadata;
use burn::backend::ops::{FloatTensorOps, IntTensorOps};
use burn::tensor::{FloatDType, IntDType, TensorData};
use burn_ndarray::{NdArray, NdArrayTensor as Nd, SharedArray};

use super::{FusedOps, buffers};
use crate::kernels::conv::Conv;
use crate::kernels::dropout::Dropout;
use crate::kernels::linear::{Activation, Input, Linear};
use crate::kernels::loss::cross_entropy;
use crate::kernels::{Level, Workspace, nadam};

impl FusedOps for NdArray {
    fn fused_conv(x: Nd, weight: Nd, bias: Nd, drop: Option<Dropout>) -> Nd {
        let [x, weight, bias] = [x, weight, bias].map(standard);
        let out = conv(&x, &weight, &bias, drop);
        recycle(x);
        out
    }

    fn fused_conv_pool(x: Nd, weight: Nd, bias: Nd) -> Nd {
        let [x, weight, bias] = [x, weight, bias].map(standard);
        let (out, winners) = conv_pool(&x, &weight, &bias);
        buffers::give(winners);
        recycle(x);
        out
    }

    fn fused_linear(x: Nd, weight: Nd, bias: Nd, _: Input, activation: Activation) -> Nd {
        let [x, weight, bias] = [x, weight, bias].map(standard);
        let out = linear(&x, &weight, &bias, activation);
        recycle(x);
        out
    }

    fn fused_cross_entropy(logits: Nd, targets: Nd) -> Nd {
        loss(&standard(logits), targets, None)
    }

    fn fused_nadam(
        parameter: Nd,
        moment_1: Nd,
        moment_2: Nd,
        gradient: Nd,
        step: nadam::Step,
    ) -> (Nd, Nd, Nd) {
        let gradient = standard(gradient);
        // Updates in place. Only what a snapshot still references is copied.
        let [mut p, mut m, mut v] = [parameter, moment_1, moment_2].map(owned);
        let slices = (p.as_slice_mut(), m.as_slice_mut(), v.as_slice_mut());
        if let (Some(p), Some(m), Some(v)) = slices {
            step.update(Level::new(), p, m, v, slice(&gradient));
        }
        recycle(gradient);
        (p.into(), m.into(), v.into())
    }
}

/// As [`FusedOps::fused_conv`], of tensors in standard layout, like all that follow.
pub fn conv(x: &Nd, weight: &Nd, bias: &Nd, drop: Option<Dropout>) -> Nd {
    let shape = conv_shape(x, weight);
    let images = x.shape()[0];
    let mut out = buffers::take(images * shape.output_len());
    shape.forward(Level::new(), slice(x), slice(weight), slice(bias), drop, &mut out);
    let [height, width] = shape.output_size();
    tensor(out, [images, height, width, shape.output])
}

/// As [`FusedOps::fused_conv_pool`], with the winners.
pub fn conv_pool(x: &Nd, weight: &Nd, bias: &Nd) -> (Nd, Vec<f32>) {
    let shape = conv_shape(x, weight);
    let images = x.shape()[0];
    let len = images * shape.pooled_len();
    let (mut out, mut winners) = (buffers::take(len), buffers::take(len));
    let (x, weight, bias) = (slice(x), slice(weight), slice(bias));
    with_workspace(|workspace| {
        shape.forward_pool(Level::new(), x, weight, bias, &mut out, &mut winners, workspace);
    });
    let [height, width] = shape.pooled_size();
    (tensor(out, [images, height, width, shape.output]), winners)
}

/// As [`FusedOps::fused_linear`].
pub fn linear(x: &Nd, weight: &Nd, bias: &Nd, activation: Activation) -> Nd {
    let shape = linear_shape(weight);
    let images = x.shape()[0];
    let mut out = buffers::take(images * shape.output);
    let (x, weight, bias) = (slice(x), slice(weight), slice(bias));
    with_workspace(|workspace| {
        shape.forward(Level::new(), x, weight, bias, activation, &mut out, workspace);
    });
    tensor(out, [images, shape.output])
}

/// As [`FusedOps::fused_cross_entropy`]; writes the gradient by the logits where one is wanted.
pub fn loss(logits: &Nd, targets: Nd, gradient: Option<&mut [f32]>) -> Nd {
    let classes = logits.shape()[1];
    let targets = indices(targets);
    let count = targets.len().max(1) as f64;
    let tally = cross_entropy(classes, slice(logits), targets.into_iter(), gradient);
    tensor(vec![(tally.loss / count) as f32], [1])
}

/// The shape of a convolution of `[n, h, w, in]` by `[kh, kw, in, out]`.
pub fn conv_shape(x: &Nd, weight: &Nd) -> Conv {
    let (x, weight) = (x.shape(), weight.shape());
    Conv { size: [x[1], x[2]], kernel: [weight[0], weight[1]], input: weight[2], output: weight[3] }
}

/// The shape of a fully connected layer with the weight `[in, out]`.
pub fn linear_shape(weight: &Nd) -> Linear {
    let shape = weight.shape();
    Linear { input: shape[0], output: shape[1] }
}

/// Calls `work` with memory that this thread uses again and again.
pub fn with_workspace<R>(work: impl FnOnce(&mut Workspace) -> R) -> R {
    thread_local! {
        static WORKSPACE: Cell<Workspace> = const { Cell::new(Workspace::new()) };
    }
    // Taken out, because a thread that waits for its tasks may begin another operation.
    let mut workspace = WORKSPACE.take();
    let result = work(&mut workspace);
    WORKSPACE.set(workspace);
    result
}

/// 32-bit floats in row-major order: copied only if they are not that already.
pub fn standard(x: Nd) -> Nd {
    let x = match x {
        Nd::F32(_) => x,
        other => NdArray::float_cast(other, FloatDType::F32),
    };
    match x {
        Nd::F32(storage) if !storage.view().is_standard_layout() => {
            storage.view().as_standard_layout().into_owned().into_shared().into()
        }
        x => x,
    }
}

/// The elements of a tensor that went through [`standard`].
pub fn slice(x: &Nd) -> &[f32] {
    match x {
        Nd::F32(storage) => storage.view().to_slice().unwrap_or_default(),
        _ => &[],
    }
}

/// A tensor of these elements, which are not copied.
pub fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Nd {
    Nd::from_data(TensorData::new(values, shape))
}

/// The elements to write to: the tensor's own if nobody else holds it, else a copy.
fn owned(x: Nd) -> SharedArray<f32> {
    match standard(x) {
        Nd::F32(storage) => storage.into_owned(),
        _ => SharedArray::default(vec![0]),
    }
}

/// Class indices, which Burn stores in 64 bits or in 32.
fn indices(classes: Nd) -> Vec<usize> {
    match NdArray::int_cast(classes, IntDType::I64) {
        Nd::I64(storage) => storage.view().iter().map(|&class| class as usize).collect(),
        _ => Vec::new(),
    }
}

/// Keeps the memory of a tensor that is not needed any more, if nobody else holds it.
pub fn recycle(x: Nd) {
    if let Nd::F32(storage) = x
        && storage.is_unique()
        && let Ok(array) = storage.into_owned().try_into_owned_nocopy()
    {
        buffers::give(array.into_raw_vec_and_offset().0);
    }
}
