//! Does a map depend on what the network has learnt?

use super::statistics::spearman;
use super::{Heatmap, Query, explain};
use crate::model::cnn::{Cnn, images};
use crate::model::evaluate::scale;
use crate::model::layer::{At, Layer};

/// One step of the check.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// The layer that has just lost what it learnt; `trained` for the first stage.
    pub name: &'static str,
    /// The map of the same digit and class.
    pub heatmap: Heatmap,
    /// Spearman's rank correlation with the trained network's map, -1..=1; equal values share their
    /// mean rank. It is 0 where either map is empty.
    pub correlation: f32,
}

/// The check by cascading randomisation (Adebayo et al., "Sanity Checks for Saliency Maps", 2018,
/// arXiv 1810.03292).
///
/// The layers are set back to fresh random weights one after another, from the logits down: fc2,
/// then fc1 too, then conv2 and conv1. After each the digit is explained again for the same class.
/// A method whose map stays as it was shows the digit, not what the network has learnt. The first of
/// the five stages is the trained network. `pixels` are the digit's 784; the model is only read.
pub fn sanity(
    model: &Cnn,
    pixels: &[u8],
    target: usize,
    layer: Layer,
    query: Query,
    seed: u64,
) -> Vec<Stage> {
    let trained = map(model.at(layer), pixels, target, query);
    let stage = |(name, network): (&'static str, Cnn)| {
        let heatmap = map(network.at(layer), pixels, target, query);
        let correlation = agreement(&trained, &heatmap);
        Stage { name, heatmap, correlation }
    };
    let rest: Vec<Stage> = cascade(model, seed).into_iter().map(stage).collect();
    let mut stages = vec![Stage { name: "trained", heatmap: trained, correlation: 1.0 }];
    stages.extend(rest);
    stages
}

/// The network with its last layer random, its last two, three, and all four.
pub(crate) fn cascade(model: &Cnn, seed: u64) -> [(&'static str, Cnn); 4] {
    // Not the weights that a training with this seed began with: those hardly differ from the
    // trained ones.
    let fresh = Cnn::new(!seed, &model.device());
    let fc2 = Cnn { fc2: fresh.fc2.clone(), ..model.clone() };
    let fc1 = Cnn { fc1: fresh.fc1.clone(), ..fc2.clone() };
    let conv2 = Cnn { conv2: fresh.conv2.clone(), ..fc1.clone() };
    [("fc2", fc2), ("fc1", fc1), ("conv2", conv2), ("conv1", fresh)]
}

/// The map of one digit.
pub(crate) fn map(model: At, pixels: &[u8], target: usize, query: Query) -> Heatmap {
    let digit = images(scale(pixels), &model.model.device());
    explain(&model, digit, &[Some(target)], query).remove(0).heatmap
}

/// How alike two maps are, as they are shown.
pub(crate) fn agreement(a: &Heatmap, b: &Heatmap) -> f32 {
    spearman(&a.values, &b.values)
}
