//! What can be asked about what is in view, and what is answered.

use std::sync::Arc;

use crate::data::Dataset;
use crate::explain::{Channel, Explanation, Query, Step, Trust};
use crate::model::Layer;
use crate::model::evaluate::Evaluation;

/// The most classes whose maps are made of one picture, and the most pictures that are pinned: more
/// would take long, and nobody looks at more side by side.
pub const CLASSES_AT_ONCE: usize = 10;

/// A digit to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The one at this place of the test set.
    Test(usize),
    /// One that was drawn by hand: its ink, row-major.
    Drawing(Arc<[u8]>),
}

impl Subject {
    /// Its ink, row-major.
    ///
    /// # Panics
    /// If the test set has no digit at its place.
    pub fn pixels<'a>(&'a self, dataset: &'a Dataset) -> &'a [u8] {
        match self {
            Self::Test(index) => dataset.test.image(*index),
            Self::Drawing(ink) => ink,
        }
    }

    /// Its class, if it is known.
    ///
    /// # Panics
    /// If the test set has no digit at its place.
    pub fn label(&self, dataset: &Dataset) -> Option<usize> {
        match self {
            Self::Test(index) => Some(dataset.test.label(*index)),
            Self::Drawing(_) => None,
        }
    }
}

/// The digit in focus and the question asked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    /// The digit.
    pub subject: Subject,
    /// The class to explain; `None` for the predicted one.
    pub target: Option<usize>,
    /// What is asked about it.
    pub query: Query,
    /// The layer that is looked at.
    pub layer: Layer,
    /// With the weights of the stage of training that is nearest to this step; `None` for the
    /// newest.
    pub step: Option<usize>,
}

/// What else is asked about the digit in focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Study {
    /// The map of every class; of more than [`CLASSES_AT_ONCE`], of the likeliest, with the label and
    /// the class that is explained always among them.
    Classes,
    /// The map of every method.
    Methods,
    /// What every channel of the layer sees, and the answer without these ones.
    Channels(Vec<usize>),
    /// Whether the map can be trusted.
    Trust,
    /// Whether the map depends on what was learnt.
    Sanity,
}

/// The answer to a [`Study`].
#[derive(Debug, Clone, PartialEq)]
pub enum Findings {
    /// One map a class: of all in their order, or of some of many, the likeliest first.
    Classes(Vec<Explanation>),
    /// One map a method, in the order of [`Method`](crate::explain::Method).
    Methods(Vec<Explanation>),
    /// The answer without the channels that are off, and all channels, the weightiest first.
    Channels(Explanation, Vec<Channel>),
    /// Curves and figures.
    Trust(Trust),
    /// The trained network's map, and one for each layer that has lost what it learnt.
    Sanity(Vec<Step>),
}

/// What is in view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watch {
    /// The digit in focus.
    pub focus: Option<Focus>,
    /// What else is asked about it.
    pub study: Option<Study>,
    /// Whether the study starts only after the view has rested, so that scrolling stays fast.
    pub patient: bool,
    /// Test digits whose maps are wanted for their own labels.
    pub pinned: Vec<usize>,
}

/// An answer.
#[derive(Debug, Clone)]
pub enum Report {
    /// All answers from here on are of the training that was begun with this number, see
    /// [`Worker::begin`](super::Worker::begin); those before were of another network.
    Begun(u64),
    /// The digit in focus, explained.
    Focus {
        /// The question.
        focus: Focus,
        /// The answer.
        explanation: Explanation,
        /// Epochs the weights have seen.
        epochs: f32,
    },
    /// What a study of the digit in focus has found.
    Study {
        /// The digit and the question.
        focus: Focus,
        /// What else was asked.
        study: Study,
        /// The answer.
        findings: Findings,
    },
    /// The stages of training that can be gone back to: steps, and epochs seen.
    Stages(Vec<(usize, f32)>),
    /// The pinned digits, each explained for its label, in the order asked for.
    Pinned {
        /// One answer a digit.
        explanations: Vec<Explanation>,
        /// Epochs the weights have seen.
        epochs: f32,
    },
    /// The score on the first test digits, while training.
    Probe {
        /// Digit by digit.
        score: Evaluation,
        /// Epochs the weights have seen.
        epochs: f32,
    },
    /// The whole test set, scored with weights that came from a file.
    Scored(Arc<Evaluation>),
    /// Explaining broke down; the worker has ended.
    Failed(String),
}
