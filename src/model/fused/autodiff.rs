//! The way back through the operations on burn-ndarray, by hand.
//!
//! Each step keeps what its kernels need: the inputs, and the output, which tells where a ReLU and
//! a dropout let a gradient pass.

use burn::backend::Autodiff;
use burn::backend::TensorMetadata;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn_ndarray::{NdArray, NdArrayTensor as Nd};

use super::ndarray::{self, recycle, slice, standard, tensor, with_workspace};
use super::{FusedOps, buffers};
use crate::kernels::Level;
use crate::kernels::conv::{self, Gate};
use crate::kernels::dropout::Dropout;
use crate::kernels::linear::{Activation, Input, Linear};

impl<C: CheckpointStrategy> FusedOps for Autodiff<NdArray, C> {
    fn fused_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        drop: Option<Dropout>,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (weight, weight_node)) = (x.into_parts(), weight.into_parts());
        let (bias, bias_node) = bias.into_parts();
        let [x, weight, bias] = [x, weight, bias].map(standard);
        let out = ndarray::conv(&x, &weight, &bias, drop);
        let nodes = [x_node, weight_node, bias_node];
        match ConvBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::UnTracked(step) => step.finish(out),
            OpsKind::Tracked(step) => {
                let passed = match drop {
                    None => Passed::Relu(out.clone()),
                    Some(_) => Passed::Dropout(out.clone()),
                };
                step.finish(ConvState { x, weight, passed }, out)
            }
        }
    }

    fn fused_conv_pool(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (weight, weight_node)) = (x.into_parts(), weight.into_parts());
        let (bias, bias_node) = bias.into_parts();
        let [x, weight, bias] = [x, weight, bias].map(standard);
        let (out, winners) = ndarray::conv_pool(&x, &weight, &bias);
        let nodes = [x_node, weight_node, bias_node];
        match ConvBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::UnTracked(step) => step.finish(out),
            OpsKind::Tracked(step) => {
                step.finish(ConvState { x, weight, passed: Passed::Pool(winners) }, out)
            }
        }
    }

    fn fused_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        input: Input,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (weight, weight_node)) = (x.into_parts(), weight.into_parts());
        let (bias, bias_node) = bias.into_parts();
        let [x, weight, bias] = [x, weight, bias].map(standard);
        let out = ndarray::linear(&x, &weight, &bias, activation);
        let nodes = [x_node, weight_node, bias_node];
        match LinearBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::UnTracked(step) => step.finish(out),
            OpsKind::Tracked(step) => {
                step.finish(LinearState { x, weight, input, activation, out: out.clone() }, out)
            }
        }
    }

    fn fused_cross_entropy(logits: FloatTensor<Self>, targets: Nd) -> FloatTensor<Self> {
        let (logits, node) = logits.into_parts();
        let logits = standard(logits);
        let mut gradient = vec![0.0; logits.shape().num_elements()];
        let out = ndarray::loss(&logits, targets, Some(&mut gradient));
        match LossBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::UnTracked(step) => step.finish(out),
            OpsKind::Tracked(step) => {
                let shape = logits.shape();
                step.finish(tensor(gradient, [shape[0], shape[1]]), out)
            }
        }
    }
}

/// What decides where a convolution's gradient passes.
#[derive(Debug, Clone)]
enum Passed {
    /// The output, after its ReLU.
    Relu(Nd),
    /// The output, after its ReLU and dropout.
    Dropout(Nd),
    /// The winners of the max-pooling.
    Pool(Vec<f32>),
}

#[derive(Debug, Clone)]
struct ConvState {
    x: Nd,
    weight: Nd,
    passed: Passed,
}

#[derive(Debug)]
struct ConvBackward;

impl Backward<NdArray, 3> for ConvBackward {
    type State = ConvState;

    fn backward(self, ops: Ops<ConvState, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = standard(grads.consume::<NdArray>(&ops.node));
        let ConvState { x, weight, passed } = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents.map(|node| node.map(|node| node.id));
        let shape = ndarray::conv_shape(&x, &weight);
        let mut x_gradient = x_node.is_some().then(|| buffers::take(slice(&x).len()));
        let mut weight_gradient = buffers::take(shape.weight_len());
        let mut bias_gradient = buffers::take(shape.output);
        let gate = match &passed {
            Passed::Relu(out) => Gate::Relu(slice(out)),
            Passed::Dropout(out) => Gate::Dropout(slice(out)),
            Passed::Pool(winners) => Gate::Pool(winners),
        };
        let out = conv::Gradients {
            weight: &mut weight_gradient,
            bias: &mut bias_gradient,
            input: x_gradient.as_deref_mut(),
        };
        let level = Level::new();
        with_workspace(|workspace| {
            let (x, weight, gradient) = (slice(&x), slice(&weight), slice(&gradient));
            shape.backward(level, x, weight, gate, gradient, out, workspace);
        });
        let images = x.shape()[0];
        let [height, width] = shape.size;
        let [kernel_height, kernel_width] = shape.kernel;
        let x_shape = [images, height, width, shape.input];
        let weight_shape = [kernel_height, kernel_width, shape.input, shape.output];
        register(grads, x_node, x_gradient.map(|values| tensor(values, x_shape)));
        register(grads, weight_node, Some(tensor(weight_gradient, weight_shape)));
        register(grads, bias_node, Some(tensor(bias_gradient, [shape.output])));
        recycle(gradient);
        recycle(x);
        match passed {
            Passed::Relu(out) | Passed::Dropout(out) => recycle(out),
            Passed::Pool(winners) => buffers::give(winners),
        }
    }
}

#[derive(Debug, Clone)]
struct LinearState {
    x: Nd,
    weight: Nd,
    input: Input,
    activation: Activation,
    out: Nd,
}

#[derive(Debug)]
struct LinearBackward;

impl Backward<NdArray, 3> for LinearBackward {
    type State = LinearState;

    fn backward(self, ops: Ops<LinearState, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = standard(grads.consume::<NdArray>(&ops.node));
        let LinearState { x, weight, input, activation, out } = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents.map(|node| node.map(|node| node.id));
        let (level, shape) = (Level::new(), ndarray::linear_shape(&weight));
        let images = x.shape()[0];
        // The gradient by the sums, before the activation.
        let mut sums = buffers::take(images * shape.output);
        Linear::activation_gradient(level, activation, slice(&out), slice(&gradient), &mut sums);
        if let Some(node) = x_node {
            let mut values = buffers::take(images * shape.input);
            with_workspace(|workspace| {
                let (x, weight) = (slice(&x), slice(&weight));
                shape.input_gradient(level, input, x, weight, &sums, &mut values, workspace);
            });
            register(grads, Some(node), Some(tensor(values, [images, shape.input])));
        }
        if weight_node.is_some() || bias_node.is_some() {
            let mut weight_gradient = buffers::take(shape.weight_len());
            let mut bias_gradient = buffers::take(shape.output);
            let out = (&mut weight_gradient, &mut bias_gradient);
            shape.weight_gradient(level, slice(&x), &sums, out.0, out.1);
            let weight_shape = [shape.input, shape.output];
            register(grads, weight_node, Some(tensor(weight_gradient, weight_shape)));
            register(grads, bias_node, Some(tensor(bias_gradient, [shape.output])));
        }
        buffers::give(sums);
        for used in [gradient, x, out] {
            recycle(used);
        }
    }
}

#[derive(Debug)]
struct LossBackward;

impl Backward<NdArray, 1> for LossBackward {
    /// The gradient of the loss by the logits.
    type State = Nd;

    fn backward(self, ops: Ops<Nd, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let given = standard(grads.consume::<NdArray>(&ops.node));
        let factor = slice(&given).first().copied().unwrap_or_default();
        let [node] = ops.parents.map(|node| node.map(|node| node.id));
        let shape = ops.state.shape();
        let values = slice(&ops.state).iter().map(|gradient| gradient * factor).collect();
        register(grads, node, Some(tensor(values, [shape[0], shape[1]])));
    }
}

fn register(grads: &mut Gradients, node: Option<NodeId>, gradient: Option<Nd>) {
    if let (Some(node), Some(gradient)) = (node, gradient) {
        grads.register::<NdArray>(node, gradient);
    }
}
