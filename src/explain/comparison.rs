//! All methods on the same digit.

use super::sanity::{agreement, cascade, map};
use super::trust::trust_beside;
use super::{METHODS, Method, Query, Status, curves, explain};
use crate::model::cnn::{Cnn, images};
use crate::model::evaluate::scale;
use crate::model::layer::Layer;

/// How one method does on one digit, or on the mean of many; see [`Trust`](super::Trust).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// The method.
    pub method: Method,
    /// Area under the deletion curve: less is better.
    pub deletion: f64,
    /// Area under the insertion curve: more is better.
    pub insertion: f64,
    /// Area under either curve with the pixels in random order.
    pub random: f64,
    /// Share of the heat on ink.
    pub on_ink: f64,
    /// Agreement with the maps of shifted digits.
    pub stability: f64,
    /// Rank correlation with the maps of the sanity check, after [`RANDOMISED`] in turn: what does
    /// not fall to near 0 shows the digit, not what the network has learnt.
    pub randomised: [f64; 4],
    /// Share of the maps that are empty.
    pub empty: f64,
}

/// The layer that each stage of the sanity check sets back, after those before it; see
/// [`sanity`](super::sanity()).
pub const RANDOMISED: [&str; 4] = ["fc2", "fc1", "conv2", "conv1"];

/// Every method's figures for one digit and the class the network predicts, in the order of
/// [`METHODS`].
///
/// `pixels` are the digit's 784, `seed` decides the random weights of the sanity check.
pub fn compare(model: &Cnn, pixels: &[u8], layer: Layer, seed: u64) -> Vec<Figures> {
    let randomised = cascade(model, seed).map(|(_, network)| network);
    let digit = images(scale(pixels), &model.device());
    let mut random = Vec::new();
    let figures = |method: Method| {
        let query = Query { method, ..Query::default() };
        let answer = explain(&model.at(layer), digit.clone(), &[None], query).remove(0);
        if random.is_empty() {
            random = curves::random(model, pixels, answer.target);
        }
        let trust = trust_beside(&random, model.at(layer), pixels, query, &answer);
        let correlation = |network: &Cnn| {
            let other = map(network.at(layer), pixels, answer.target, query);
            f64::from(agreement(&answer.heatmap, &other))
        };
        Figures {
            method,
            deletion: trust.deletion_area.into(),
            insertion: trust.insertion_area.into(),
            random: trust.random_deletion_area.into(),
            on_ink: trust.on_ink.into(),
            stability: trust.stability.into(),
            randomised: randomised.each_ref().map(correlation),
            empty: if answer.heatmap.status == Status::Ok { 0.0 } else { 1.0 },
        }
    };
    METHODS.into_iter().map(figures).collect()
}

impl Figures {
    /// The mean of one method's figures over digits; `None` for no digits.
    pub fn mean(digits: &[Self]) -> Option<Self> {
        let method = digits.first()?.method;
        let mean = |of: fn(&Self) -> f64| digits.iter().map(of).sum::<f64>() / digits.len() as f64;
        Some(Self {
            method,
            deletion: mean(|f| f.deletion),
            insertion: mean(|f| f.insertion),
            random: mean(|f| f.random),
            on_ink: mean(|f| f.on_ink),
            stability: mean(|f| f.stability),
            randomised: [
                mean(|f| f.randomised[0]),
                mean(|f| f.randomised[1]),
                mean(|f| f.randomised[2]),
                mean(|f| f.randomised[3]),
            ],
            empty: mean(|f| f.empty),
        })
    }

    /// Insertion less deletion, which is 0 for a random order: more is better.
    pub fn gap(&self) -> f64 {
        self.insertion - self.deletion
    }
}
