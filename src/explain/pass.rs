//! One pass forward and back through the head.

use burn::tensor::{Tensor, TensorData};

use super::heatmap::Status;
use super::objective::Objective;
use super::split::SplitModel;

/// Logits, activations and gradients of one forward and backward pass of the head.
pub(super) struct Pass {
    /// Height, width and channels of the activations.
    pub size: [usize; 3],
    /// How many classes there are.
    pub classes: usize,
    /// The number that is explained.
    pub objective: Objective,
    /// The score's gradient by the logits, `[n, classes]`.
    pub slopes: Tensor<2>,
    activations: Vec<f32>,
    gradients: Vec<f32>,
    logits: Vec<f32>,
    predicted: Vec<usize>,
    targets: Vec<usize>,
}

/// The same for one row of the batch.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// Activations, `[height, width, channels]`.
    pub a: &'a [f32],
    /// The score's gradient by them.
    pub g: &'a [f32],
    /// One a class.
    pub logits: &'a [f32],
    /// The class of the highest.
    pub predicted: usize,
    /// The class that is explained.
    pub target: usize,
}

impl Row<'_> {
    /// Why a map of this row is blank, should it be.
    pub fn if_blank(&self) -> Status {
        // A ReLU may turn what is no number into zero; the logits tell.
        if self.logits.iter().all(|logit| logit.is_finite()) {
            Status::of_blank(self.a, self.g)
        } else {
            Status::NotFinite
        }
    }
}

impl Pass {
    /// Runs the head on activations `[n, height, width, channels]`; a target of `None` is the
    /// predicted class.
    pub fn run(
        model: &impl SplitModel,
        activations: Tensor<4>,
        targets: &[Option<usize>],
        objective: Objective,
    ) -> Self {
        let [n, height, width, channels] = activations.dims();
        let device = activations.device();
        // A leaf of its own: the backward pass stops here and never touches the trunk.
        let leaf = activations.clone().autodiff().require_grad();
        let output = model.head(leaf.clone());
        let [_, classes] = output.dims();
        let logits = floats(output.clone().inner());

        let predicted: Vec<usize> = logits.chunks_exact(classes).map(argmax).collect();
        let target = |i: usize| targets.get(i).copied().flatten().unwrap_or(predicted[i]);
        let targets: Vec<usize> = (0..n).map(target).collect();
        let rows = logits.chunks_exact(classes).zip(&targets);
        let slopes: Vec<f32> =
            rows.flat_map(|(row, &target)| objective.slopes(row, target)).collect();
        let slopes = Tensor::from_data(TensorData::new(slopes, [n, classes]), &device);
        // By the chain rule this is the gradient of the sum of all scores.
        let mut gradients = (output * slopes.clone().autodiff()).sum().backward();
        let gradient = leaf.grad_remove(&mut gradients).unwrap_or_else(|| activations.zeros_like());
        // Nobody else holds the two after this, so that they are read without a copy.
        drop((leaf, gradients));
        let (activations, gradients) = (floats(activations), floats(gradient));
        let size = [height, width, channels];
        Self {
            size,
            classes,
            objective,
            slopes,
            activations,
            gradients,
            logits,
            predicted,
            targets,
        }
    }

    /// One a row of the batch.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.targets.len()).map(|i| self.row(i))
    }

    /// Row `i` of the batch.
    pub fn row(&self, i: usize) -> Row<'_> {
        let len: usize = self.size.iter().product();
        Row {
            a: &self.activations[i * len..][..len],
            g: &self.gradients[i * len..][..len],
            logits: &self.logits[i * self.classes..][..self.classes],
            predicted: self.predicted[i],
            target: self.targets[i],
        }
    }
}

/// The elements in row-major order.
pub(super) fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec().unwrap_or_default()
}

fn argmax(row: &[f32]) -> usize {
    let mut best = 0;
    for (class, logit) in row.iter().enumerate() {
        if *logit > row[best] {
            best = class;
        }
    }
    best
}

/// A batch of one, `times` times. Some devices would repeat a tensor element by element.
pub(super) fn repeated(one: Tensor<4>, times: usize) -> Tensor<4> {
    let (device, [_, a, b, c]) = (one.device(), one.dims());
    Tensor::from_data(TensorData::new(floats(one).repeat(times), [times, a, b, c]), &device)
}
