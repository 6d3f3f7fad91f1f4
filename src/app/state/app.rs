//! What the app knows: everything the screen shows is derived from this.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::data::{Dataset, Progress};
use crate::explain::{Explanation, Method, Objective, Query};
use crate::live::{Findings, Focus, Study, Subject, Watch};
use crate::model::{Layer, Layers, Metadata, Spec};
use crate::paint::Colormap;
use crate::rng::Rng;
use crate::train::{Recipe, Standing};

use super::mistakes::Scored;
use super::screen::{Panel, Screen};
use super::{Explore, Phase, Training};
use crate::app::keymap::{Action, Keymap};
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

    /// The digits, once they are there.
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

    /// The layer that is looked at.
    pub fn layer(&self) -> Layer {
        self.explore.layer.unwrap_or(self.layers.last())
    }

    /// How many digits can be looked at.
    pub fn count(&self) -> usize {
        self.dataset().map_or(0, |dataset| dataset.test.len())
    }

    /// The question about the digit in view.
    pub fn focus(&self) -> Focus {
        let Explore { target, method, step, panel, .. } = self.explore;
        // These two compare the evidence for two classes, so that a method that does not speak for
        // a class falls back to Grad-CAM.
        let compares = matches!(panel, Panel::Versus | Panel::Mistakes);
        let method = if compares && !method.speaks_for() { Method::default() } else { method };
        let query = Query { objective: Objective::Logit, method };
        Focus { subject: self.subject(), target, query, layer: self.layer(), step }
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
            true => (self.explore.pad.pixels(), None),
            false => (dataset.test.image(index), Some(dataset.test.label(index))),
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
pub(in crate::app) fn one_of_each(dataset: &Dataset) -> Vec<usize> {
    let labels = dataset.test.labels();
    (0..dataset.classes.len() as u16)
        .filter_map(|class| labels.iter().position(|&l| l == class))
        .collect()
}
