//! What the app knows: everything the screen shows is derived from this.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::data::{CLASSES, Dataset, Progress};
use crate::explain::{Explanation, Method, Query, Score};
use crate::live::{Findings, Focus, Study, Subject, Watch};
use crate::model::{Layer, Metadata};
use crate::paint::Colormap;
use crate::rng::Rng;
use crate::train::{BatchReport, Begin, Config, Divergence, EpochReport, OnDisk, Standing};

use super::curve::{Curve, Tested};
use super::keymap::{Action, Keymap};
use super::mistakes::{Mistakes, Scored};
use super::pad::Pad;
pub use super::screen::{Panel, Screen};
use super::settings::Settings;
use super::theme::Theme;

/// What is open on top of a screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys, from this row of their list on.
    Help(usize),
    /// A digit's number being typed.
    Jump(String),
    /// The question whether to quit.
    ConfirmQuit,
    /// The question whether to train a new network in place of the model.
    ConfirmTrain,
    /// A training was interrupted here: what is to become of it?
    Unfinished(Standing),
    /// The question whether to train a new network in place of that training, or of one that cannot
    /// be read for this reason.
    ConfirmRestart(Result<Standing, String>),
}

impl Overlay {
    /// Whether one key more replaces what was trained.
    pub fn risks_work(&self) -> bool {
        matches!(self, Self::ConfirmTrain | Self::ConfirmRestart(_))
    }
}

/// The digits.
#[derive(Debug, Clone)]
pub enum Data {
    /// They are on their way.
    Loading(Option<Progress>),
    /// They are there.
    Ready(Arc<Dataset>),
}

/// A message that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// Whether something went wrong.
    pub bad: bool,
    /// When it goes: since the start of the app.
    pub until: Duration,
}

/// Where training is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Phase {
    /// Not asked for.
    #[default]
    Idle,
    /// Asked for; waits for the digits or the first step.
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
    Failed(String),
}

/// Training, as the screen needs it.
#[derive(Debug, Clone, Default)]
pub struct Training {
    /// Where it is.
    pub phase: Phase,
    /// How it begins, or has begun.
    pub begin: Begin,
    /// Its recipe.
    pub config: Config,
    /// The newest step.
    pub batch: Option<BatchReport>,
    /// Loss and accuracy of the steps.
    pub train: Curve,
    /// Loss and accuracy on test digits: samples while an epoch runs, all of them at its end.
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
        let epochs_left = self.config.epochs as f64 - self.epochs_done();
        let images = epochs_left * (batch.batches * self.config.batch_size) as f64;
        Some(images.max(0.0) / batch.images_per_second)
    }

    /// How far it has come.
    pub fn standing(&self) -> Standing {
        Standing { done: self.epochs_done(), planned: self.config.epochs }
    }

    /// Epochs trained, with the fraction of the one under way.
    pub fn epochs_done(&self) -> f64 {
        self.batch.map_or(0.0, |b| (b.epoch - 1) as f64 + b.batch as f64 / b.batches as f64)
    }
}

/// The digit in view.
#[derive(Debug, Clone, Default)]
pub struct Explore {
    /// Its place in the test set.
    pub index: usize,
    /// Whether the drawing is in view in its place.
    pub draws: bool,
    /// The drawing.
    pub pad: Pad,
    /// The class to explain; `None` for the predicted one.
    pub target: Option<usize>,
    /// How its map is made.
    pub method: Method,
    /// The layer that is looked at.
    pub layer: Layer,
    /// Whether the map shows what speaks against the class, too.
    pub signed: bool,
    /// What is shown.
    pub panel: Panel,
    /// The newest answer to a study, and the question it belongs to.
    pub findings: Option<(Focus, Study, Findings)>,
    /// The channel chosen among the features; `None` for the one that matters most.
    pub channel: Option<usize>,
    /// Channels that are switched off.
    pub off: Vec<usize>,
    /// The list of mistakes.
    pub mistakes: Mistakes,
    /// The cell chosen in the confusion matrix: label and prediction.
    pub cell: (usize, usize),
    /// The stages of training that can be gone back to: steps, and epochs seen.
    pub stages: Vec<(usize, f32)>,
    /// The one that is looked at, by its step; `None` for the newest weights.
    pub step: Option<usize>,
    /// Whether the stages go by by themselves.
    pub playing: bool,
    /// The newest answer, and the question it belongs to.
    pub answer: Option<(Focus, Explanation)>,
    /// Epochs that the answer's weights have seen.
    pub epochs: f32,
    /// Whether the heatmap lies over the digit.
    pub overlay: bool,
    /// The newest score of the whole test set, or of a sample as long as there is no other.
    pub scored: Option<Scored>,
}

/// The app's state.
#[derive(Clone)]
pub struct App {
    /// The screen in front.
    pub screen: Screen,
    /// What is open on top of it.
    pub overlay: Overlay,
    /// The digits.
    pub data: Data,
    /// The model that was found at the start.
    pub model: Option<Metadata>,
    /// Where models are written.
    pub model_path: PathBuf,
    /// Training.
    pub training: Training,
    /// The digit in view.
    pub explore: Explore,
    /// Colours of heatmaps.
    pub colormap: Colormap,
    /// The terminal's colours.
    pub theme: Theme,
    /// What keys mean.
    pub keymap: Keymap,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The device's name.
    pub device: &'static str,
    /// A passing message.
    pub notice: Option<Notice>,
    /// Why there are no more explanations.
    pub broken: Option<String>,
    /// Time since the start of the app, as of the last tick.
    pub now: Duration,
    /// The number of the newest training, from 0.
    pub training_number: u64,
    /// The training that the explainer's answers are of.
    pub(super) answers_of: u64,
    pub(super) rng: Rng,
}

impl App {
    /// In front of its first frame. With a model from a file it opens Explore, else Train.
    pub fn new(
        settings: Settings,
        config: Config,
        device: &'static str,
        model: Option<Metadata>,
        model_path: PathBuf,
    ) -> Self {
        let screen = if model.is_some() { Screen::Explore } else { Screen::Train };
        let phase = if model.is_some() { Phase::Idle } else { Phase::Starting };
        Self {
            screen,
            overlay: Overlay::None,
            data: Data::Loading(None),
            model,
            model_path,
            training: Training { phase, config, ..Training::default() },
            explore: Explore::default(),
            colormap: settings.colormap,
            theme: settings.theme,
            keymap: settings.keymap,
            size: (80, 24),
            device,
            notice: None,
            broken: None,
            now: Duration::ZERO,
            training_number: 0,
            answers_of: 0,
            rng: Rng::stream(config.seed, u64::MAX),
        }
    }

    /// The digits, once they are there.
    pub fn dataset(&self) -> Option<&Arc<Dataset>> {
        match &self.data {
            Data::Ready(dataset) => Some(dataset),
            Data::Loading(_) => None,
        }
    }

    /// How many digits can be looked at.
    pub fn count(&self) -> usize {
        self.dataset().map_or(0, |dataset| dataset.test.len())
    }

    /// The question about the digit in view.
    pub fn focus(&self) -> Focus {
        let Explore { target, method, layer, step, panel, .. } = self.explore;
        // These two compare the evidence for two classes, so that a method that does not speak for
        // a class falls back to Grad-CAM.
        let compares = matches!(panel, Panel::Versus | Panel::Mistakes);
        let method = if compares && !method.speaks_for() { Method::default() } else { method };
        let query = Query { score: Score::Logit, method };
        Focus { subject: self.subject(), target, query, layer, step }
    }

    /// The digit in view.
    pub fn subject(&self) -> Subject {
        match self.explore.draws {
            true => Subject::Drawing(Arc::clone(self.explore.pad.pixels())),
            false => Subject::Test(self.explore.index),
        }
    }

    /// Whether an answer is about the digit in view, or about the drawing as it was a stroke ago.
    pub fn is_about_it(&self, focus: &Focus) -> bool {
        match focus.subject {
            Subject::Test(index) => !self.explore.draws && index == self.explore.index,
            Subject::Drawing(_) => self.explore.draws,
        }
    }

    /// The ink of the digit in view, and its label, if it has one.
    pub fn in_view<'a>(&'a self, dataset: &'a Dataset) -> (&'a [u8], Option<usize>) {
        let index = self.explore.index;
        match self.explore.draws {
            true => (self.explore.pad.pixels().as_slice(), None),
            false => (dataset.test.image(index), Some(dataset.test.label(index).into())),
        }
    }

    /// What else the panel asks about the digit in view.
    pub fn study(&self) -> Option<Study> {
        match self.explore.panel {
            Panel::Confusion => None,
            Panel::Classes | Panel::Versus | Panel::Mistakes => Some(Study::Classes),
            Panel::Methods => Some(Study::Methods),
            Panel::Features => Some(Study::Channels(self.explore.off.clone())),
            Panel::Digit | Panel::Trust => Some(Study::Trust),
            Panel::Sanity => Some(Study::Sanity),
        }
    }

    /// What the panel shows and the question it answers: the one asked, or the last one about this
    /// digit while its answer is on its way.
    pub fn findings(&self) -> Option<(&Focus, &Findings)> {
        let (focus, study, findings) = self.explore.findings.as_ref()?;
        let asked = self.study()?;
        let alike = std::mem::discriminant(study) == std::mem::discriminant(&asked);
        (self.is_about_it(focus) && alike).then_some((focus, findings))
    }

    /// Whether something on screen depends on the time.
    pub fn is_timed(&self) -> bool {
        let trains = matches!(self.training.phase, Phase::Starting | Phase::Running);
        self.notice.is_some() || trains || self.explore.playing
    }

    /// How a key is written, for sentences that name it.
    pub fn key(&self, action: Action) -> String {
        self.keymap.short_label(action)
    }

    /// Digits and their score, once there is one.
    pub fn scored(&self) -> Option<(&Dataset, &Scored)> {
        Some((self.dataset()?, self.explore.scored.as_ref()?))
    }

    /// The answer to the question about the digit in view, if it is there already.
    pub fn answer(&self) -> Option<&Explanation> {
        let focus = self.focus();
        self.explore.answer.as_ref().filter(|(asked, _)| *asked == focus).map(|(_, a)| a)
    }

    /// What the explainer should look at for this screen.
    pub fn watch(&self) -> Watch {
        match self.screen {
            _ if self.count() == 0 => Watch::default(),
            Screen::Train => Watch { pinned: self.training.pinned.clone(), ..Watch::default() },
            Screen::Explore => {
                let (focus, study) = (Some(self.focus()), self.study());
                // On the digit's panel trust is one line, so that it may wait.
                let patient = self.explore.panel == Panel::Digit;
                Watch { focus, study, patient, pinned: Vec::new() }
            }
        }
    }

    /// Shows a passing message.
    pub fn notify(&mut self, text: impl Into<String>, bad: bool) {
        let seconds = if bad { 10 } else { 5 };
        let until = self.now + Duration::from_secs(seconds);
        self.notice = Some(Notice { text: text.into(), bad, until });
    }
}

/// The first digit of each class that there is.
pub(super) fn one_of_each(dataset: &Dataset) -> Vec<usize> {
    let labels = dataset.test.labels();
    (0..CLASSES as u8).filter_map(|class| labels.iter().position(|&l| l == class)).collect()
}
