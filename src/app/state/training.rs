//! A training, as the screen needs it.

use crate::explain::Explanation;
use crate::failure::Failure;
use crate::train::{BatchReport, Begin, Divergence, EpochReport, OnDisk, Recipe, Standing};

use super::curve::{Curve, Tested};

/// Where training is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Phase {
    /// Not asked for.
    #[default]
    Idle,
    /// Asked for; waits for the pictures or the first step.
    Starting,
    /// Under way.
    Running,
    /// Held by the user.
    Paused,
    /// All planned epochs are done.
    Done,
    /// Ended because it diverged.
    Diverged(Divergence),
    /// Broken off, with the reason.
    Failed(Failure),
}

/// Training, as the screen needs it.
#[derive(Debug, Clone, Default)]
pub struct Training {
    /// Where it is.
    pub phase: Phase,
    /// How it begins, or has begun.
    pub begin: Begin,
    /// Its recipe.
    pub recipe: Recipe,
    /// The newest step.
    pub batch: Option<BatchReport>,
    /// Loss and accuracy of the steps.
    pub train: Curve,
    /// Loss and accuracy on test pictures: samples while an epoch runs, all of them at its end.
    pub test: Vec<Tested>,
    /// The newest epoch.
    pub epoch: Option<EpochReport>,
    /// What is on disk of it.
    pub on_disk: OnDisk,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// The first test digit of each class.
    pub pinned: Vec<usize>,
    /// Their newest heatmaps, in the same order.
    pub maps: Vec<Explanation>,
    /// Epochs that the heatmaps' weights have seen.
    pub maps_epochs: f32,
}

impl Training {
    /// Whether quitting now would lose work.
    pub fn under_way(&self) -> bool {
        matches!(self.phase, Phase::Starting | Phase::Running | Phase::Paused)
    }

    /// Seconds until the last planned epoch is done, at the present speed.
    pub fn seconds_left(&self) -> Option<f64> {
        let batch = self.batch.filter(|b| b.images_per_second > 0.0)?;
        let epochs_left = self.recipe.epochs as f64 - self.epochs_done();
        let images = epochs_left * (batch.batches * self.recipe.batch_size) as f64;
        Some(images.max(0.0) / batch.images_per_second)
    }

    /// How far it has come.
    pub fn standing(&self) -> Standing {
        Standing { done: self.epochs_done(), planned: self.recipe.epochs }
    }

    /// Epochs trained, with the fraction of the one under way.
    pub fn epochs_done(&self) -> f64 {
        self.batch.map_or(0.0, |b| (b.epoch - 1) as f64 + b.batch as f64 / b.batches as f64)
    }
}
