//! The channels of a layer: what each sees, what it is worth, and what becomes of the answer
//! without some of them.

use burn::tensor::{Tensor, TensorData};

use super::ask::{Explanation, Query};
use super::formulas::channel_means;
use super::heatmap::grad_cam;
use super::objective::Objective;
use super::pass::{Pass, floats};
use super::pixels::assert_one;
use super::split::SplitModel;

/// A channel of the target layer, for one image and class.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Its place in the layer.
    pub index: usize,
    /// Its weight in Grad-CAM: the mean gradient of the class's logit by its activations.
    pub weight: f32,
    /// What it adds to the sum of the uncut Grad-CAM map: the weight times the sum of its
    /// activations. Negative where the channel speaks against the class.
    pub contribution: f32,
    /// `[height * width]`, row-major, after the ReLU, as they are when no channel is off.
    pub activations: Vec<f32>,
    /// The largest of them.
    pub peak: f32,
}

/// The channels of the target layer for one image, and the network's answer when some of them are
/// off.
///
/// Activations of the channels in `off` are zero for the rest of the network, so that the
/// logits and the Grad-CAM map are those of a network without them; a number that is no channel is
/// passed over. `image` is `[1, ...]` on a device without autodiff; a target of `None` is the class
/// then predicted. The channels come by the size of their contribution, the largest first, with the
/// weights and in the order that they have when none is off. The model is only read.
///
/// # Panics
/// If there is not exactly one image.
pub fn channels(
    model: &impl SplitModel,
    image: Tensor<4>,
    target: Option<usize>,
    off: &[usize],
) -> (Explanation, Vec<Channel>) {
    assert_one(&image);
    let activations = model.trunk(image);
    let (device, shape) = (activations.device(), activations.dims());
    let [.., count] = shape;
    let seen = floats(activations.clone());
    let mut left = seen.clone();
    for place in left.chunks_exact_mut(count) {
        off.iter().filter(|&&k| k < count).for_each(|&k| place[k] = 0.0);
    }
    let left = Tensor::from_data(TensorData::new(left, shape), &device);
    let pass = Pass::run(model, left, &[target], Objective::Logit);
    let row = pass.row(0);

    // Channels are weighed as if none was off, so that none moves away when one is switched.
    let whole = (!off.is_empty())
        .then(|| Pass::run(model, activations, &[Some(row.target)], Objective::Logit));
    let gradients = whole.as_ref().map_or(row.g, |pass| pass.row(0).g);
    let weights = channel_means(gradients, count, |g| g);
    let channel = |index: usize| {
        let activations: Vec<f32> = seen.iter().copied().skip(index).step_by(count).collect();
        let peak = activations.iter().copied().fold(0.0, f32::max);
        let contribution = weights[index] * activations.iter().sum::<f32>();
        Channel { index, weight: weights[index], contribution, activations, peak }
    };
    let mut channels: Vec<Channel> = (0..count).map(channel).collect();
    channels.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));

    let explanation = Explanation {
        logits: row.logits.to_vec(),
        predicted: row.predicted,
        target: row.target,
        query: Query::default(),
        heatmap: grad_cam(row.a, row.g, pass.size),
    };
    (explanation, channels)
}
