//! From the command line to a front end: opens the data and the model, then hands over.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use etcetera::HomeDirError;

use crate::app::{self, Start};
use crate::atomic;
use crate::cli::{Cli, Command, Common, Explain, Training};
use crate::config::{self, ConfigError};
use crate::data::digits::reading::{self, DigitError};
use crate::data::import::{self, PictureError};
use crate::data::{self, DataError, Dataset, Noun, Request};
use crate::doctor;
use crate::failure::Failure;
use crate::figures::counted;
use crate::model::fit::{self, Misfit};
use crate::model::{CheckpointError, Layer, Metadata, Network, checkpoint};
use crate::output::{Output, OutputError};
use crate::places::{Places, variable};
use crate::plain::{self, PlainError};
use crate::say;
use crate::text::printable;
use crate::train::resume::{self, ResumeError};
use crate::train::{Begin, Lock, LockError, Plan, Recipe, Session, Standing, Unlearnable};

/// Why the program ends without having done what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There are no digits.
    #[error(transparent)]
    Data(#[from] DataError),
    /// There is no digit in the picture.
    #[error(transparent)]
    Digit(#[from] DigitError),
    /// There is no picture in the file.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// An explained picture cannot go where it should.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The model cannot be read or written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// An interrupted training cannot go on.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// The model cannot look at these pictures.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The network cannot learn these pictures.
    #[error(transparent)]
    Unlearnable(#[from] Unlearnable),
    /// The network has no such layer.
    #[error("the network has no layer \"{name}\"; it has {there}")]
    NoLayer {
        /// What was asked for.
        name: String,
        /// The names of those that it has.
        there: String,
    },
    /// A command without a screen failed.
    #[error(transparent)]
    Plain(#[from] PlainError),
    /// There is no model yet.
    #[error(
        "there is no model at {0}; train one with `gradcam train`, or name another with --model"
    )]
    NoModel(PathBuf),
    /// How to train was said, and there is nothing to train.
    #[error(
        "there is a model at {model} already, which {given} would not change; `gradcam train \
         {given}` trains a new one in its place"
    )]
    HasModel {
        /// The model file.
        model: PathBuf,
        /// The flags.
        given: String,
    },
    /// The configuration file is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Another seed than that of the training that is to go on.
    #[error(
        "the interrupted training has the seed {kept} and not {given}; leave out --seed, or start \
         anew with `gradcam train`"
    )]
    OtherSeed {
        /// Its seed.
        kept: u64,
        /// The one on the command line.
        given: u64,
    },
    /// A training was interrupted here, and a new one would replace it.
    #[error(
        "a training stands at {standing} in {path}; `{resume}` goes on with it, `{restart}` \
         replaces it"
    )]
    Unfinished {
        /// How far it has come.
        standing: Standing,
        /// Its file.
        path: PathBuf,
        /// The command that goes on with it.
        resume: String,
        /// The command that replaces it.
        restart: String,
    },
    /// Something is in the place of an interrupted training, and a new one would replace it.
    #[error("{reason}; `{restart}` replaces it")]
    Unreadable {
        /// Why it cannot be read.
        reason: ResumeError,
        /// The command that replaces it.
        restart: String,
    },
    /// Another program trains this model.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The user's folders are unknown.
    #[error("cannot find the home folder ({0}); set HOME")]
    NoHome(#[from] HomeDirError),
    /// The app ended with this sentence.
    #[error(transparent)]
    App(#[from] Failure),
    /// The terminal, or standard output, failed.
    #[error("the terminal failed: {0}")]
    Terminal(#[from] io::Error),
}

impl StartError {
    /// Whether only the reader of our output has gone, which is no failure.
    pub fn is_broken_pipe(&self) -> bool {
        let error = match self {
            Self::Terminal(error) | Self::Plain(PlainError::Output(error)) => error,
            _ => return false,
        };
        error.kind() == io::ErrorKind::BrokenPipe
    }
}

/// Does what the command line asks for.
///
/// # Errors
/// One sentence for the user.
pub fn run(cli: &Cli, terminal: bool) -> Result<ExitCode, StartError> {
    let common = &cli.common;
    let places = Places::find(common)?;
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let screen = terminal && !common.no_tui && !common.json && !dumb;
    match &cli.command {
        Some(Command::Doctor) => {
            let report = doctor::report(common, &places);
            writeln!(io::stdout(), "{}", if common.json { report.json() } else { report.text() })?;
        }
        Some(Command::Evaluate) => {
            let model = open_model(&places, common)?;
            plain::score(&model.0, &*open_data(common, &places, &model)?, common.json)?;
        }
        Some(Command::Explain(request)) => {
            let colormap = match common.display.colormap {
                // Numbers have no colours.
                None if request.output.is_some() => config::colormap(&places.config)?,
                flag => flag,
            };
            let colormap = colormap.unwrap_or_default();
            let output = explained_to(request, &places)?;
            let model = open_model(&places, common)?;
            let json = common.json;
            let (network, layer) = (&model.0, layer(&model.0, request.layer.as_deref())?);
            let explainer = plain::Explainer { network, layer, request, output, colormap, json };
            // A class that the model does not know needs no data to be refused.
            model.1.classes.as_ref().map(|classes| explainer.target(classes)).transpose()?;
            match &request.image {
                Some(path) => {
                    let classes = model.1.classes(network);
                    match model.1.noun {
                        Noun::Digit => explainer.drawn(path, &reading::read(path)?, &classes)?,
                        Noun::Picture => {
                            let bytes = import::picture(path, network.input())?;
                            explainer.picture(path, &bytes, &classes)?
                        }
                    }
                }
                None => explainer.pictures(&*open_data(common, &places, &model)?)?,
            }
        }
        Some(Command::Table(request)) => {
            let model = open_model(&places, common)?;
            let layer = layer(&model.0, request.layer.as_deref())?;
            let dataset = open_data(common, &places, &model)?;
            let table = plain::table(&model.0, layer, &dataset, request.pictures, common.json);
            table.map_err(PlainError::Output)?;
        }
        Some(Command::Explore) => {
            let opened = open_model(&places, common)?;
            let recipe = cli.training.recipe(common.seed());
            return explore(common, recipe, places, opened, None, screen);
        }
        Some(Command::Train(training)) => return train(common, training, places, screen),
        // These two are answered without data or a model.
        Some(Command::Completions { .. } | Command::Man) => {}
        None => {
            let recipe = cli.training.recipe(common.seed());
            if cli.training.resume {
                return train(common, &cli.training, places, screen);
            }
            if places.model.exists() {
                if let Some(given) = cli.training.given() {
                    return Err(StartError::HasModel { model: places.model, given });
                }
                let opened = open_model(&places, common)?;
                let unfinished = unfinished(&places.model);
                return explore(common, recipe, places, opened, unfinished, screen);
            }
            return train(common, &cli.training, places, screen);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the explained picture goes: over nothing that the command works with.
fn explained_to(request: &Explain, places: &Places) -> Result<Option<Output>, OutputError> {
    let training = resume::path_beside(&places.model);
    let mut needed = vec![
        (places.model.as_path(), "the model"),
        (training.as_path(), "the training that is kept beside the model"),
    ];
    needed.extend(request.image.as_deref().map(|path| (path, "the picture that is explained")));
    request.output.as_deref().map(|path| Output::open(path, &needed)).transpose()
}

/// Opens the app on a model, or scores the model where there is no screen.
fn explore(
    common: &Common,
    recipe: Recipe,
    places: Places,
    (network, metadata): (Network, Metadata),
    unfinished: Option<Standing>,
    screen: bool,
) -> Result<ExitCode, StartError> {
    if screen {
        let start = Start::Explore { network, metadata, unfinished };
        return open_app(common, recipe, places, start);
    }
    let Metadata { epochs, dataset, .. } = &metadata;
    let (path, epochs) = (places.model.display(), counted(*epochs, "epoch"));
    say(format_args!("model: {path}, {epochs} on {dataset}; `gradcam train` makes a new one"));
    if let Some(standing) = unfinished {
        let resume = common.resume_command();
        say(format_args!("a training stands at {standing}; `{resume}` goes on with it"));
    }
    let model = (network, metadata);
    plain::score(&model.0, &*open_data(common, &places, &model)?, common.json)?;
    Ok(ExitCode::SUCCESS)
}

fn train(
    common: &Common,
    training: &Training,
    places: Places,
    screen: bool,
) -> Result<ExitCode, StartError> {
    atomic::remove_leftovers(&places.model);
    // Before hours of work, not after.
    let kept = resume::path_beside(&places.model);
    for path in [&places.model, &kept] {
        checkpoint::check_writable(path)?;
    }
    // Held until the training ends. The app takes it again when it trains: until then its user may
    // only look.
    let lock = Some(Lock::take(&places.model)?).filter(|_| !screen);
    let device = common.device.open();
    let mut recipe = training.recipe(common.seed());
    let there = kept.symlink_metadata().is_ok();
    let saved = match training.resume || (there && !training.restart) {
        true => Some(resume::load(&kept, &device)),
        false => None,
    };
    let saved = match saved {
        Some(saved) if training.resume => Some(saved?),
        Some(Ok(saved)) if saved.standing().is_done() => None,
        Some(Ok(saved)) if screen => {
            let unfinished = Some(saved.standing());
            let (network, metadata) = match places.model.exists() {
                true => open_model(&places, common)?,
                false => saved.into_model(),
            };
            return open_app(
                common,
                recipe,
                places,
                Start::Explore { network, metadata, unfinished },
            );
        }
        Some(Ok(saved)) => {
            return Err(StartError::Unfinished {
                standing: saved.standing(),
                path: kept,
                resume: common.resume_command(),
                restart: common.restart_command(),
            });
        }
        Some(Err(reason)) => {
            return Err(StartError::Unreadable { reason, restart: common.restart_command() });
        }
        None => None,
    };
    if let Some(saved) = &saved {
        recipe = saved.recipe();
        if let Some(given) = common.seed.filter(|&seed| seed != recipe.seed) {
            return Err(StartError::OtherSeed { kept: recipe.seed, given });
        }
        recipe.epochs = training.epochs.unwrap_or(recipe.epochs);
    }
    let input = saved.as_ref().map(|saved| saved.spec().input);
    if screen {
        let epochs = training.epochs;
        let begin = if saved.is_some() { Begin::Resume { epochs } } else { Begin::Anew };
        return open_app(common, recipe, places, Start::Train { begin, input });
    }
    let dataset = load(&places.request(common, recipe.seed, input))?;
    let session = match saved {
        Some(saved) => saved.resume(recipe.epochs, &dataset)?,
        None => Session::new(recipe, &dataset, &device)?,
    };
    let plan = Plan { dataset, save_to: Some(places.model) };
    let ended = plain::train(session, &plan, common.json, &common.resume_command());
    drop(lock);
    Ok(match ended? {
        Some(signal) => ExitCode::from(128u8.saturating_add(signal as u8)),
        None => ExitCode::SUCCESS,
    })
}

/// How far the training beside a model has come, if it was interrupted and nobody goes on with it.
fn unfinished(model: &Path) -> Option<Standing> {
    let standing = resume::standing(&resume::path_beside(model)).ok()?;
    if standing.is_done() {
        return None;
    }
    match Lock::take(model) {
        Err(LockError::Taken { .. }) => None,
        _ => Some(standing),
    }
}

fn open_app(
    common: &Common,
    recipe: Recipe,
    places: Places,
    start: Start,
) -> Result<ExitCode, StartError> {
    let config_file = config::load(&places.config)?;
    let input = match &start {
        Start::Explore { network, .. } => Some(network.input()),
        Start::Train { input, .. } => *input,
    };
    let options = app::Options {
        settings: config::settings(&common.display, config_file, variable),
        start,
        recipe,
        device: common.device.open(),
        device_name: common.device.into(),
        request: places.request(common, recipe.seed, input),
        model_path: places.model,
        resume: common.resume_command(),
    };
    let outcome = app::start(options)??;
    // Not println, which panics where the terminal is gone.
    let mut out = io::stdout().lock();
    for line in outcome.summary {
        let _ = writeln!(out, "{}", printable(&line));
    }
    Ok(ExitCode::from(outcome.code))
}

fn open_model(places: &Places, common: &Common) -> Result<(Network, Metadata), StartError> {
    if !places.model.exists() {
        return Err(StartError::NoModel(places.model.clone()));
    }
    let (model, metadata) = checkpoint::load(&places.model, &common.device.open())?;
    Ok((model.into(), metadata))
}

/// The layer of this name; without a name, the last one.
fn layer(network: &Network, name: Option<&str>) -> Result<Layer, StartError> {
    let layers = network.layers();
    let Some(name) = name else { return Ok(layers.last()) };
    layers.find(name).ok_or_else(|| {
        let there: Vec<String> = layers.iter().map(|layer| layer.name.clone()).collect();
        StartError::NoLayer { name: name.to_owned(), there: there.join(", ") }
    })
}

/// Pictures for this model.
fn open_data(
    common: &Common,
    places: &Places,
    (network, metadata): &(Network, Metadata),
) -> Result<Arc<Dataset>, StartError> {
    let dataset = load(&places.request(common, common.seed(), Some(network.input())))?;
    fit::check(network, metadata.classes.as_ref(), &dataset)?;
    Ok(dataset)
}

fn load(request: &Request) -> Result<Arc<Dataset>, StartError> {
    let dataset = Arc::new(data::load(request, &plain::loading())?);
    plain::announce(&dataset);
    Ok(dataset)
}
