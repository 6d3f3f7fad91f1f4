//! The question about an image, and its answer.

use burn::tensor::Tensor;

use super::heatmap::Heatmap;
use super::methods::Method;
use super::objective::Objective;
use super::pass::{Pass, Row, repeated};
use super::pixels::assert_one;
use super::split::SplitModel;
use super::{formulas, guided, perturb};
use crate::logits::probabilities;

/// What is asked about a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Query {
    /// Which number's gradient is taken.
    pub objective: Objective,
    /// How a map is made.
    pub method: Method,
}

/// A network's answer for one image, and the evidence for one class.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// One logit a class.
    pub logits: Vec<f32>,
    /// The class of the highest logit.
    pub predicted: usize,
    /// The class that is explained.
    pub target: usize,
    /// What was asked about it.
    pub query: Query,
    /// Where its evidence is.
    pub heatmap: Heatmap,
}

impl Explanation {
    /// One probability a class: the softmax of the logits.
    pub fn probabilities(&self) -> Vec<f32> {
        probabilities(&self.logits)
    }
}

/// The map of each image for its target class; `None` takes the class the network predicts.
///
/// One forward and one backward pass of the head for the whole batch: the images' scores are
/// summed, and in inference no image's score depends on another image. Score-CAM and Ablation-CAM
/// add a forward pass for each channel, the guided methods a backward pass of the whole network.
/// The model is only read.
///
/// `images` is `[n, ...]` on a device without autodiff, with one target an image. A target that is
/// no class of the model explains nothing: its map is zero.
pub fn explain(
    model: &impl SplitModel,
    images: Tensor<4>,
    targets: &[Option<usize>],
    query: Query,
) -> Vec<Explanation> {
    let activations = model.trunk(images.clone());
    explanations(model, images, activations, targets, query)
}

/// The map of one image for each of these classes: one pass of the trunk, and one forward and one
/// backward pass of the head for all classes at once.
///
/// `image` is `[1, ...]`; see [`explain`].
///
/// # Panics
/// If there is not exactly one image.
pub fn explain_classes(
    model: &impl SplitModel,
    image: Tensor<4>,
    classes: &[usize],
    query: Query,
) -> Vec<Explanation> {
    assert_one(&image);
    let targets: Vec<_> = classes.iter().map(|&class| Some(class)).collect();
    let activations = repeated(model.trunk(image.clone()), classes.len());
    explanations(model, image, activations, &targets, query)
}

/// One image a row of activations, or one image for all of them.
fn explanations(
    model: &impl SplitModel,
    images: Tensor<4>,
    activations: Tensor<4>,
    targets: &[Option<usize>],
    query: Query,
) -> Vec<Explanation> {
    let pass = Pass::run(model, activations, targets, query.objective);
    let heatmaps: Vec<Heatmap> = match query.method {
        Method::ScoreCam => perturb::score_cam(model, images, &pass),
        Method::AblationCam => perturb::ablation_cam(model, images.dims()[0], &pass),
        Method::GuidedBackprop => guided::backprop(model, images, &pass),
        Method::GuidedGradCam => guided::grad_cam(model, images, &pass),
        // The others all have a formula.
        method => {
            let [height, width, channels] = pass.size;
            let map = |row: Row| {
                let raw = formulas::map(method, row.a, row.g, channels)?;
                Some(Heatmap::new(raw, [height, width], row.if_blank()))
            };
            pass.rows().filter_map(map).collect()
        }
    };
    let rows = pass.rows().zip(heatmaps);
    rows.map(|(row, heatmap)| Explanation {
        logits: row.logits.to_vec(),
        predicted: row.predicted,
        target: row.target,
        query,
        heatmap,
    })
    .collect()
}
