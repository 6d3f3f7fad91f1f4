//! An interrupted training on disk: beside the model, in a file of its own.
//!
//! It holds the weights and the optimizer's state bit for bit, the recipe and the place. Every
//! random stream starts from the seed and the place, so the training that goes on gives the same
//! weights as one that was never interrupted.

use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::tensor::{Bytes, Device};

use super::nadam::Nadam;
use super::recipe::Recipe;
use super::session::{Place, Session, StepSums};
use crate::data::Dataset;
use crate::figures::counted;
use crate::model::checkpoint::{self, CheckpointError, Contents, EncodeError};
use crate::model::{Cnn, Metadata, Network, Spec};

/// Why an interrupted training cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// There is none.
    #[error("there is no interrupted training at {0}; start one with `gradcam train`")]
    None(PathBuf),
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] CheckpointError),
    /// The file is sound, but no training.
    #[error("{path} holds no training that could go on: {reason}; start anew with `gradcam train`")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// Other digits.
    #[error(
        "the interrupted training was on {was}, these are {are}; name the same data with --data and \
         --limit"
    )]
    Data {
        /// What it was trained on.
        was: String,
        /// What there is now.
        are: String,
    },
    /// Other digits of the same name.
    #[error(
        "the interrupted training was on other {0}: pixels or labels have changed since; bring \
         back the files as they were, or start anew with `gradcam train`"
    )]
    Changed(String),
}

/// The largest number of epochs, or digits, as on the command line.
const MOST: usize = 1_000_000;

/// Tensors of an optimizer's state: two moments for each of the network's eight parameters.
const MOMENTS: usize = 2 * 8;

/// Where the training of the model at `model` is kept: beside it, `model.training.safetensors` for
/// `model.safetensors`. Another ending is part of the name, so that no two models share a training.
pub fn path_beside(model: &Path) -> PathBuf {
    let mut name = model.file_name().unwrap_or_default().to_owned();
    if model.extension().is_some_and(|ending| ending == "safetensors") {
        name = model.file_stem().unwrap_or_default().to_owned();
    }
    name.push(".training.safetensors");
    model.with_file_name(name)
}

/// A saved training, read but not yet under way.
pub struct Saved {
    recipe: Recipe,
    place: Place,
    standing: Standing,
    digits: String,
    /// Of what it was trained on; trainings of older versions have none.
    fingerprint: Option<String>,
    model: Cnn,
    /// What the file says about its model.
    metadata: Metadata,
    optimizer: ModuleOptimizer,
    device: Device,
}

/// How far a training has come, of the epochs that are planned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Epochs done, with the fraction of the one under way.
    pub done: f64,
    /// Epochs planned.
    pub planned: usize,
}

impl Standing {
    /// Whether nothing is left to train.
    pub fn is_done(self) -> bool {
        self.done >= self.planned as f64
    }
}

impl fmt::Display for Standing {
    /// As in "39 % of 3 epochs". What is not done is less than 100 %.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (100.0 * self.done / self.planned.max(1) as f64).floor();
        write!(f, "{percent:.0} % of {}", counted(self.planned, "epoch"))
    }
}

/// Why a training cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Its weights, or what the optimizer remembers of them, are no usable numbers: it has diverged.
    #[error("the training has diverged, and was not kept")]
    Unusable,
    /// It is not between two steps, or a file format refuses it.
    #[error("the training cannot be kept: {0}")]
    Encode(String),
    /// The file cannot be written; an older file is untouched.
    #[error(transparent)]
    Write(#[from] CheckpointError),
}

/// Keeps a training for later. The file is replaced in one piece.
///
/// # Errors
/// If it has diverged, or cannot be written; an older file is untouched.
pub fn save(session: &Session, dataset: &Dataset, path: &Path) -> Result<(), KeepError> {
    Ok(checkpoint::store(&encode(session, dataset)?, path)?)
}

/// The content of a file that [`load`] reads.
///
/// # Errors
/// If it has diverged, or the last step did not end.
pub fn encode(session: &Session, dataset: &Dataset) -> Result<Vec<u8>, KeepError> {
    let failed = |reason: &dyn ToString| KeepError::Encode(reason.to_string());
    let (model, optimizer) = session.parts();
    let model = model.ok_or_else(|| failed(&"the last step did not end"))?;
    let optimizer = optimizer.into_bytes().map_err(|e| failed(&e))?;
    let (recipe, place) = (session.recipe(), session.place());
    if optimizer_of(optimizer.clone(), place.step).is_err() {
        return Err(KeepError::Unusable);
    }
    // `dataset` and `epochs` say the same as in a model file, as which this one can be read, too.
    let text: [(&str, String); 17] = [
        ("dataset", dataset.origin.name.clone()),
        ("digits", sentence(dataset)),
        ("images", dataset.train.len().to_string()),
        ("fingerprint", dataset.fingerprint()),
        ("classes", checkpoint::names(&dataset.classes)),
        ("noun", dataset.origin.noun.one().to_owned()),
        ("epochs", place.epoch.to_string()),
        ("planned_epochs", recipe.epochs.to_string()),
        ("batch_size", recipe.batch_size.to_string()),
        ("learning_rate", recipe.learning_rate.to_string()),
        ("seed", recipe.seed.to_string()),
        ("batch", place.batch.to_string()),
        ("step", place.step.to_string()),
        ("loss_sum", place.sums.loss.to_string()),
        ("correct", place.sums.correct.to_string()),
        ("count", place.sums.count.to_string()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let text = text.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    checkpoint::encode(model, text, Some(&optimizer)).map_err(|error| match error {
        EncodeError::Unusable => KeepError::Unusable,
        EncodeError::Format(reason) => KeepError::Encode(reason),
    })
}

/// An optimizer from its saved state after so many steps, which must be whole and finite.
fn optimizer_of(state: Bytes, steps: usize) -> Result<ModuleOptimizer, String> {
    let optimizer = Nadam::default().init().from_bytes(state).map_err(|e| e.to_string())?;
    // Burn leaves out what it cannot read of a state, and would start it anew.
    match steps > 0 && optimizer.to_record().len() != MOMENTS {
        true => Err("its optimizer state is incomplete, or has values that are no numbers".into()),
        false => Ok(optimizer),
    }
}

/// Reads what [`save`] wrote, for `device` (without autodiff).
///
/// # Errors
/// If there is no such file, or it is not one of these.
pub fn load(path: &Path, device: &Device) -> Result<Saved, ResumeError> {
    if !path.exists() {
        return Err(ResumeError::None(path.to_owned()));
    }
    let device = device.clone().autodiff();
    let Contents { model, text, optimizer } = checkpoint::read(path, &device)?;
    let wrong = |reason: String| ResumeError::Content { path: path.to_owned(), reason };
    let state = optimizer.ok_or_else(|| wrong("it has no optimizer state".to_owned()))?;
    let (recipe, place) = recipe(&text).map_err(wrong)?;
    let optimizer = optimizer_of(Bytes::from_bytes_vec(state), place.step).map_err(wrong)?;
    let digits = text.get("digits").cloned().unwrap_or_default();
    let fingerprint = text.get("fingerprint").cloned();
    let standing = standing_of(&text, recipe, place);
    let metadata = checkpoint::metadata(&text);
    Ok(Saved { recipe, place, standing, digits, fingerprint, model, metadata, optimizer, device })
}

/// How far the training in a file has come, by what the file says of itself: nothing else of it is
/// read.
///
/// # Errors
/// If there is no such file, or it does not say so.
pub fn standing(path: &Path) -> Result<Standing, ResumeError> {
    let text = checkpoint::text(path)?;
    let wrong = |reason: String| ResumeError::Content { path: path.to_owned(), reason };
    let (recipe, place) = recipe(&text).map_err(wrong)?;
    Ok(standing_of(&text, recipe, place))
}

fn standing_of(text: &HashMap<String, String>, recipe: Recipe, place: Place) -> Standing {
    // Older files say how many images an epoch has within a sentence only, at its beginning.
    let sentence = text.get("digits").and_then(|digits| digits.split(' ').next());
    let images = text.get("images").map(String::as_str).or(sentence);
    let images: Option<usize> = images.and_then(|images| images.parse().ok());
    let begun = images.map_or(0.0, |images| place.sums.count as f64 / images.max(1) as f64);
    Standing { done: place.epoch as f64 + begun.min(1.0), planned: recipe.epochs }
}

impl Saved {
    /// The recipe.
    pub fn recipe(&self) -> Recipe {
        self.recipe
    }

    /// What its network's sizes follow from.
    pub fn spec(&self) -> Spec {
        self.model.spec()
    }

    /// How far it has come.
    pub fn place(&self) -> Place {
        self.place
    }

    /// How far it has come, of the epochs that are planned.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The network as it is, and what its file says about it.
    pub fn into_model(self) -> (Network, Metadata) {
        (self.model.valid().into(), self.metadata)
    }

    /// Goes on, until `epochs` are done.
    ///
    /// # Errors
    /// If `dataset` is not what the training was on.
    pub fn resume(self, epochs: usize, dataset: &Dataset) -> Result<Session, ResumeError> {
        let (was, are) = (self.digits, sentence(dataset));
        match self.fingerprint {
            None if was != are => return Err(ResumeError::Data { was, are }),
            Some(fingerprint) if fingerprint != dataset.fingerprint() => {
                return Err(match was == are {
                    true => ResumeError::Changed(are),
                    false => ResumeError::Data { was, are },
                });
            }
            _ => {}
        }
        let recipe = Recipe { epochs, ..self.recipe };
        Ok(Session::at(
            self.place,
            recipe,
            dataset.train.len(),
            self.model,
            self.optimizer,
            self.device,
        ))
    }
}

/// The name of what is trained on, with its size.
fn sentence(dataset: &Dataset) -> String {
    let count = dataset.train.len();
    match dataset.origin.seed {
        None => dataset.origin.counted(count),
        Some(seed) => format!("{count} synthetic digits of seed {seed}"),
    }
}

fn recipe(text: &HashMap<String, String>) -> Result<(Recipe, Place), String> {
    let within = |key, range: RangeInclusive<usize>| match number(text, key)? {
        n if range.contains(&n) => Ok(n),
        n => Err(format!("its {key} is {n}")),
    };
    let recipe = Recipe {
        epochs: within("planned_epochs", 1..=MOST)?,
        batch_size: within("batch_size", 1..=MOST)?,
        learning_rate: number(text, "learning_rate")?,
        seed: number(text, "seed")?,
    };
    if !(recipe.learning_rate > 0.0 && recipe.learning_rate <= 1.0) {
        return Err(format!("its learning_rate is {}", recipe.learning_rate));
    }
    let sums = StepSums {
        loss: number(text, "loss_sum")?,
        correct: within("correct", 0..=MOST)?,
        count: within("count", 0..=MOST)?,
    };
    let (epoch, batch) = (within("epochs", 0..=MOST)?, within("batch", 0..=MOST)?);
    Ok((recipe, Place { epoch, batch, step: number(text, "step")?, sums }))
}

fn number<T: FromStr>(text: &HashMap<String, String>, key: &str) -> Result<T, String> {
    text.get(key).and_then(|v| v.parse().ok()).ok_or_else(|| format!("it does not say its {key}"))
}
