//! What the app starts with and how it ends.

use std::path::PathBuf;

use burn::tensor::Device;

use crate::app::settings::Settings;
use crate::app::state::{App, Phase};
use crate::data::{Request, Shape};
use crate::figures::{counted, percent};
use crate::model::{Metadata, Network};
use crate::train::{Begin, Recipe, Standing};

/// What to start with.
#[expect(clippy::large_enum_variant, reason = "there is only ever one")]
pub enum Start {
    /// A training.
    Train {
        /// How it begins.
        begin: Begin,
        /// One image of the network that it goes on with.
        input: Option<Shape>,
    },
    /// A model to explore.
    Explore {
        /// The network.
        network: Network,
        /// What its file says.
        metadata: Metadata,
        /// A training beside it that was interrupted: whether it should go on is asked first.
        unfinished: Option<Standing>,
    },
}

/// How to start.
pub struct Options {
    /// What to start with.
    pub start: Start,
    /// The recipe of trainings.
    pub recipe: Recipe,
    /// Where to compute.
    pub device: Device,
    /// Its name.
    pub device_name: &'static str,
    /// Which pictures.
    pub request: Request,
    /// Where models are written.
    pub model_path: PathBuf,
    /// How it looks and listens.
    pub settings: Settings,
    /// The command that goes on with an interrupted training.
    pub resume: String,
}

/// How it ended.
pub struct Outcome {
    /// The exit code.
    pub code: u8,
    /// What to say on the normal screen.
    pub summary: Vec<String>,
}

impl Outcome {
    /// Of an app that ends with this code, if nothing went wrong before.
    pub fn of(app: &App, code: u8, resume: &str) -> Self {
        let training = &app.training;
        let mut summary = Vec::new();
        if let (Some(report), Some(dataset)) = (&training.epoch, app.dataset()) {
            summary.push(format!(
                "trained {} of {} at {:.0} images/s; test accuracy {} on {}",
                report.epoch,
                counted(training.recipe.epochs, "epoch"),
                report.images_per_second,
                percent(report.test.accuracy(), 2),
                dataset.origin.name.clone()
            ));
        }
        if let Some((path, epochs)) = training.on_disk.model() {
            let trained = training.epoch.as_ref().map_or(epochs, |report| report.epoch);
            let older =
                if epochs < trained { format!(", as of epoch {epochs}") } else { String::new() };
            summary.push(format!("model saved to {}{older}", path.display()));
        }
        if training.stopped && training.on_disk.training().is_some() {
            summary.push(format!("stopped at {}; `{resume}` goes on", training.standing()));
        }
        let failures = training.on_disk.errors().map(|error| format!("not saved: {error}"));
        let mut failures: Vec<String> = failures.collect();
        match &training.phase {
            Phase::Failed(reason) => failures.push(format!("training broke off: {reason}")),
            Phase::Diverged(divergence) => failures.push(format!(
                "{divergence}; nothing was saved since; train anew with a smaller --learning-rate"
            )),
            _ => {}
        }
        let code = if failures.is_empty() { code } else { code.max(1) };
        summary.extend(failures);
        Self { code, summary }
    }
}
