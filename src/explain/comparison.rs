//! All methods on the same image.

use burn::tensor::Tensor;
use strum::VariantArray;

use super::ask::{Query, explain};
use super::curves;
use super::heatmap::Status;
use super::methods::Method;
use super::pixels::Pixels;
use super::sanity::{agreement, map};
use super::split::SplitModel;
use super::trust::trust_beside;

/// How one method does on one image, or on the mean of many; see [`Trust`](super::Trust).
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The method.
    pub method: Method,
    /// Area under the deletion curve, 0..=1: less is better.
    pub deletion: f64,
    /// Area under the insertion curve, 0..=1: more is better.
    pub insertion: f64,
    /// Area under either curve with the pixels in random order.
    pub random: f64,
    /// Share of the heat on ink, 0..=1.
    pub on_ink: f64,
    /// Agreement with the maps of shifted images, -1..=1.
    pub stability: f64,
    /// Rank correlation, -1..=1, with the map of each randomised network in turn: what does not fall
    /// to near 0 shows the image, not what the network has learnt.
    pub randomised: Vec<f64>,
    /// Share of the maps that are empty, 0..=1.
    pub empty: f64,
}

/// Every method's figures for one image and the class the network predicts, in the order of
/// [`Method::VARIANTS`].
///
/// `image` is `[1, ...]` on a device without autodiff; `ink` is as for [`trust`](super::trust()),
/// `randomised` as for [`sanity`](super::sanity()). The models are only read.
///
/// # Panics
/// If there is not exactly one image.
pub fn compare<M: SplitModel>(
    model: &M,
    randomised: &[(String, M)],
    image: Tensor<4>,
    ink: impl Fn(usize) -> bool,
) -> Vec<Figures> {
    let picture = Pixels::new(model, image.clone());
    let mut random = Vec::new();
    let figures = |&method: &Method| {
        let query = Query { method, ..Query::default() };
        let answer = explain(model, image.clone(), &[None], query).remove(0);
        if random.is_empty() {
            random = curves::random(model, &picture, answer.target);
        }
        let trust = trust_beside(&random, model, &picture, &answer, &ink);
        let correlation = |(_, network): &(String, M)| {
            let other = map(network, image.clone(), answer.target, query);
            f64::from(agreement(&answer.heatmap, &other))
        };
        Figures {
            method,
            deletion: trust.deletion_area.into(),
            insertion: trust.insertion_area.into(),
            random: trust.random_deletion_area.into(),
            on_ink: trust.on_ink.into(),
            stability: trust.stability.into(),
            randomised: randomised.iter().map(correlation).collect(),
            empty: if answer.heatmap.status == Status::Ok { 0.0 } else { 1.0 },
        }
    };
    Method::VARIANTS.iter().map(figures).collect()
}

impl Figures {
    /// The mean of one method's figures over images; `None` for no images.
    ///
    /// # Panics
    /// If the images have not been held against equally many randomised networks.
    pub fn mean(images: &[Self]) -> Option<Self> {
        let Self { method, randomised, .. } = images.first()?;
        let mean =
            |of: &dyn Fn(&Self) -> f64| images.iter().map(of).sum::<f64>() / images.len() as f64;
        Some(Self {
            method: *method,
            deletion: mean(&|f| f.deletion),
            insertion: mean(&|f| f.insertion),
            random: mean(&|f| f.random),
            on_ink: mean(&|f| f.on_ink),
            stability: mean(&|f| f.stability),
            randomised: (0..randomised.len()).map(|i| mean(&|f| f.randomised[i])).collect(),
            empty: mean(&|f| f.empty),
        })
    }

    /// Insertion less deletion, which is 0 for a random order: more is better.
    pub fn gap(&self) -> f64 {
        self.insertion - self.deletion
    }
}
