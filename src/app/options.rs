//! What the app starts with and how it ends.

use std::path::PathBuf;

use burn::tensor::Device;

use super::settings::Settings;
use super::state::{App, Phase};
use crate::data::Request;
use crate::model::{Cnn, Metadata};
use crate::train::Config;
use crate::train::resume::Saved;

/// What to start with.
pub enum Start {
    /// A training: one that was interrupted, or a new one.
    Train(Option<Saved>),
    /// A model to explore.
    Explore(Cnn, Metadata),
}

/// How to start.
pub struct Options {
    /// What to start with.
    pub start: Start,
    /// The recipe of trainings.
    pub config: Config,
    /// Where to compute.
    pub device: Device,
    /// Its name.
    pub device_name: &'static str,
    /// Which digits.
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
                "trained {} of {} epochs at {:.0} images/s; test accuracy {:.2} % on {}",
                report.epoch,
                training.config.epochs,
                report.images_per_second,
                100.0 * report.test.accuracy(),
                dataset.source.name()
            ));
        }
        if let Some(path) = &training.saved {
            summary.push(format!("model saved to {}", path.display()));
        }
        if training.kept {
            let done = 100.0 * training.epochs_done() / training.config.epochs as f64;
            summary.push(format!("stopped after {done:.0} %; `{resume}` goes on"));
        }
        let mut code = code;
        if let Phase::Failed(reason) = &training.phase {
            summary.push(format!("training broke off: {reason}"));
            code = code.max(1);
        }
        Self { code, summary }
    }
}
