//! Does a map depend on what the network has learnt?

use burn::tensor::Tensor;

use super::ask::{Query, explain};
use super::heatmap::Heatmap;
use super::pixels::assert_one;
use super::split::SplitModel;
use super::statistics::spearman;

/// One step of the check.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What has just lost what it learnt; `trained` for the first step.
    pub name: String,
    /// The map of the same image and class.
    pub heatmap: Heatmap,
    /// Spearman's rank correlation with the trained network's map, -1..=1; equal values share their
    /// mean rank. It is 0 where either map is empty.
    pub correlation: f32,
}

/// The check by randomisation (Adebayo et al., "Sanity Checks for Saliency Maps", 2018, arXiv
/// 1810.03292).
///
/// `randomised` are copies of the network with random weights in place of learnt ones, each with a
/// name. In the paper's cascade the first has lost its last layer, the next one the layer before
/// that too, down to one that has learnt nothing: for the program's own network
/// [`Cnn::randomised`](crate::model::Cnn::randomised) makes them. A method whose map stays as it was
/// shows the image, not what the network has learnt.
///
/// One step for the trained network, and one for each of the others in their order. `image` is
/// `[1, ...]` on a device without autodiff; the class is the same for all. The models are only read.
///
/// # Panics
/// If there is not exactly one image.
pub fn sanity<M: SplitModel>(
    trained: &M,
    randomised: &[(String, M)],
    image: Tensor<4>,
    target: usize,
    query: Query,
) -> Vec<Step> {
    assert_one(&image);
    let heatmap = map(trained, image.clone(), target, query);
    let mut steps = vec![Step { name: "trained".to_owned(), heatmap, correlation: 1.0 }];
    for (name, network) in randomised {
        let heatmap = map(network, image.clone(), target, query);
        let correlation = agreement(&steps[0].heatmap, &heatmap);
        steps.push(Step { name: name.clone(), heatmap, correlation });
    }
    steps
}

/// The map of one image.
pub(super) fn map(
    model: &impl SplitModel,
    image: Tensor<4>,
    target: usize,
    query: Query,
) -> Heatmap {
    explain(model, image, &[Some(target)], query).remove(0).heatmap
}

/// How alike two maps are, as they are shown.
pub(super) fn agreement(a: &Heatmap, b: &Heatmap) -> f32 {
    spearman(&a.values, &b.values)
}
