//! What a training says, and what it can be told.

use std::path::PathBuf;
use std::sync::Arc;

use super::divergence::Divergence;
use super::recipe::Recipe;
use crate::failure::Failure;
use crate::model::Network;
use crate::model::evaluate::Evaluation;

/// How one step went. Counts start at 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchReport {
    /// The epoch this step belongs to.
    pub epoch: usize,
    /// All epochs that are planned.
    pub epochs: usize,
    /// The step within the epoch.
    pub batch: usize,
    /// Steps in an epoch.
    pub batches: usize,
    /// Mean cross-entropy of the epoch's digits so far, with dropout, in nats.
    pub loss: f64,
    /// Share of the epoch's digits so far classified correctly, with dropout.
    pub accuracy: f64,
    /// Mean cross-entropy of this step's digits, with dropout, in nats.
    pub batch_loss: f64,
    /// Share of this step's digits classified correctly, with dropout.
    pub batch_accuracy: f64,
    /// Training speed over the last second or so: nothing but steps is counted.
    pub images_per_second: f64,
}

/// How one epoch went.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochReport {
    /// The epoch, from 1.
    pub epoch: usize,
    /// All epochs that are planned.
    pub epochs: usize,
    /// Mean cross-entropy over the epoch, with dropout, in nats.
    pub train_loss: f64,
    /// Share classified correctly over the epoch, with dropout.
    pub train_accuracy: f64,
    /// The test set's score with the weights at the end of the epoch.
    pub test: Arc<Evaluation>,
    /// Time of this epoch's steps in seconds, without pauses, evaluation and the time for which the
    /// process was stopped.
    pub seconds: f64,
    /// Training digits a second over this epoch.
    pub images_per_second: f64,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Training begins.
    Started {
        /// Digits in an epoch.
        images: usize,
        /// The recipe.
        recipe: Recipe,
    },
    /// A step was done.
    Batch(BatchReport),
    /// An epoch was done and scored.
    Epoch(EpochReport),
    /// The weights are on disk.
    Saved {
        /// The model file.
        path: PathBuf,
        /// Epochs they have seen.
        epoch: usize,
    },
    /// The model file could not be written, with the reason; training goes on.
    NotSaved(Failure),
    /// The training itself is on disk: it can go on from here.
    Kept(PathBuf),
    /// The training itself could not be written, with the reason; training goes on.
    NotKept(Failure),
    /// Training waits.
    Paused(bool),
    /// All planned epochs are done (`true`) or it was stopped before (`false`).
    Done {
        /// Whether all planned epochs were trained.
        complete: bool,
        /// The last epoch's report, if one was completed.
        last: Option<EpochReport>,
    },
    /// Training has ended because it diverged. Nothing of it was written since.
    Diverged(Divergence),
    /// Training broke off, with the reason.
    Failed(Failure),
}

/// What the training loop can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Wait before the next step, or go on.
    Pause(bool),
    /// End after the step in hand.
    Stop,
    /// Plan one more epoch.
    OneMoreEpoch,
}

/// The weights at one moment, free to be used while training goes on.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The network, without autodiff.
    pub network: Network,
    /// Steps it has been trained for.
    pub step: usize,
    /// Epochs it has been trained for, with the fraction of the one under way.
    pub epochs: f32,
}

/// Somebody who watches a training run, from the training thread.
pub trait Observer {
    /// Something happened. Must not block for long: training waits.
    fn event(&mut self, event: Event);

    /// Whether [`snapshot`](Self::snapshot) should be called after this step.
    fn wants_snapshot(&mut self) -> bool {
        false
    }

    /// The weights after the step just done.
    fn snapshot(&mut self, _snapshot: Snapshot) {}
}
