//! What the app knows: everything the screen shows is derived from this.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyEvent;

use crate::data::{Dataset, Noun, Progress};
use crate::logits::ranked;
use crate::model::{Layer, Layers, Metadata, Spec};
use crate::paint::Colormap;
use crate::rng::Rng;
use crate::train::{Recipe, Standing};

use super::confusion::MATRIX;
use super::mistakes::Scored;
use super::screen::{Context, Panel, Screen};
use super::{Explore, Find, Phase, Training};
use crate::app::keymap::{Action, Keymap, Pressed};
use crate::app::settings::Settings;
use crate::app::theme::Theme;

/// What is open on top of a screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys, from this row of their list on.
    Help(usize),
    /// A picture's number being typed.
    Jump(String),
    /// A class's name being typed.
    Find(Find),
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

/// The pictures.
#[derive(Debug, Clone)]
pub enum Data {
    /// They are on their way.
    Loading(Option<Progress>),
    /// They are there.
    Ready(Arc<Dataset>),
}

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something was done, or is said in passing.
    Plain,
    /// Something the user should know.
    Warning,
    /// Something went wrong.
    Bad,
}

/// A message that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// What kind of message it is.
    pub tone: Tone,
    /// When it goes: since the start of the app.
    pub until: Duration,
}

/// The app's state.
#[derive(Clone)]
pub struct App {
    /// The screen in front.
    pub screen: Screen,
    /// What is open on top of it.
    pub overlay: Overlay,
    /// The pictures.
    pub data: Data,
    /// The model that was found at the start.
    pub model: Option<Metadata>,
    /// Where models are written.
    pub model_path: PathBuf,
    /// Training.
    pub training: Training,
    /// The picture in view.
    pub explore: Explore,
    /// Colours of heatmaps.
    pub colormap: Colormap,
    /// The terminal's colours.
    pub theme: Theme,
    /// What keys mean.
    pub keymap: Keymap,
    /// The layers of the network.
    pub layers: Layers,
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
    pub(in crate::app) answers_of: u64,
    pub(in crate::app) rng: Rng,
}

impl App {
    /// In front of its first frame. With a model from a file it opens Explore, else Train.
    pub fn new(
        settings: Settings,
        recipe: Recipe,
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
            training: Training { phase, recipe, ..Training::default() },
            explore: Explore::default(),
            colormap: settings.colormap,
            theme: settings.theme,
            keymap: settings.keymap,
            layers: Spec::DIGITS.layers(),
            size: (80, 24),
            device,
            notice: None,
            broken: None,
            now: Duration::ZERO,
            training_number: 0,
            answers_of: 0,
            rng: Rng::stream(recipe.seed, u64::MAX),
        }
    }

    /// The pictures, once they are there.
    pub fn dataset(&self) -> Option<&Arc<Dataset>> {
        match &self.data {
            Data::Ready(dataset) => Some(dataset),
            Data::Loading(_) => None,
        }
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.dataset().map_or(0, |dataset| dataset.classes.len())
    }

    /// What one of the pictures is called.
    pub fn noun(&self) -> Noun {
        self.dataset().map_or(Noun::default(), |dataset| dataset.origin.noun)
    }

    /// Where keys are pressed now.
    pub fn context(&self) -> Context {
        if self.screen == Screen::Train {
            return Context::Train;
        }
        match self.explore.panel {
            Panel::Digit if self.explore.draws => Context::Pad,
            Panel::Digit => match self.noun() {
                Noun::Digit => Context::Digit,
                Noun::Picture => Context::Picture,
            },
            Panel::Classes => Context::Classes,
            Panel::Versus => Context::Versus,
            Panel::Methods => Context::Methods,
            Panel::Features => Context::Features,
            Panel::Trust => Context::Trust,
            Panel::Sanity => Context::Sanity,
            Panel::Mistakes => Context::Mistakes,
            Panel::Confusion if self.classes() > MATRIX => Context::Pairs,
            Panel::Confusion => Context::Matrix,
        }
    }

    /// What a key asks for now.
    pub fn pressed(&self, key: &KeyEvent) -> Option<Pressed> {
        self.keymap.pressed(key, self.context())
    }

    /// All classes in the order that they are shown and gone through in: digits in their own, others
    /// by how likely they are for the picture in view, as far as that is known.
    pub fn ordered(&self) -> Vec<usize> {
        let last = self.explore.answer.as_ref().filter(|(focus, _)| self.is_about_it(focus));
        match (self.noun(), last) {
            (Noun::Picture, Some((_, answer))) => ranked(&answer.logits),
            _ => (0..self.classes()).collect(),
        }
    }

    /// The layer that is looked at.
    pub fn layer(&self) -> Layer {
        self.explore.layer.unwrap_or(self.layers.last())
    }

    /// How many pictures can be looked at.
    pub fn count(&self) -> usize {
        self.dataset().map_or(0, |dataset| dataset.test.len())
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

    /// Pictures and their score, once there is one.
    pub fn scored(&self) -> Option<(&Dataset, &Scored)> {
        Some((self.dataset()?, self.explore.scored.as_ref()?))
    }

    /// Shows a passing message, of something that was done or that went wrong.
    pub fn notify(&mut self, text: impl Into<String>, bad: bool) {
        self.show(text.into(), if bad { Tone::Bad } else { Tone::Plain });
    }

    /// Shows a passing message of something that the user should know.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.show(text.into(), Tone::Warning);
    }

    fn show(&mut self, text: String, tone: Tone) {
        let seconds = if tone == Tone::Plain { 5 } else { 10 };
        let until = self.now + Duration::from_secs(seconds);
        self.notice = Some(Notice { text, tone, until });
    }
}
