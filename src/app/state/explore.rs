//! What is looked at, and how that changes.

use crate::explain::{Explanation, Method};
use crate::live::{Findings, Focus, Study};
use crate::model::Layer;

use super::mistakes::{Mistakes, Scored};
use super::pad::Pad;
use super::screen::Panel;

/// The picture in view.
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
    /// The layer that is looked at; `None` for the last one.
    pub layer: Option<Layer>,
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
    /// Whether the heatmap lies over the picture.
    pub overlay: bool,
    /// The newest score of the whole test set, or of a sample as long as there is no other.
    pub scored: Option<Scored>,
}

impl Explore {
    /// Looks at this picture of the test set, and what the network takes it for.
    pub fn look_at(&mut self, index: usize) {
        self.index = index;
        self.draws = false;
        self.target = None;
        self.off.clear();
    }

    /// Explains this class.
    pub fn explain(&mut self, class: usize) {
        self.target = Some(class);
    }

    /// Goes back by one step: from a panel to the picture, there to its predicted class and to the
    /// newest weights.
    pub fn back(&mut self) {
        if self.panel == Panel::Digit {
            self.draws = false;
            self.start_over();
        }
        self.panel = Panel::Digit;
    }

    /// Takes the drawing pad, or puts it away. What is drawn on it stays there.
    pub fn toggle_pad(&mut self) {
        // Pressed in another panel of the drawing, it returns to the drawing.
        self.draws = !(self.draws && self.panel == Panel::Digit);
        self.panel = Panel::Digit;
        self.start_over();
        self.off.clear();
        self.pad.lift();
    }

    /// Looks at another layer, which has channels of its own.
    pub fn switch_layer(&mut self, layer: Layer) {
        self.layer = Some(layer);
        self.off.clear();
        self.channel = None;
    }

    /// Drops every result of a network that is no more.
    pub fn forget(&mut self) {
        (self.scored, self.answer, self.findings) = (None, None, None);
        (self.step, self.playing) = (None, false);
        self.stages.clear();
        self.off.clear();
    }

    /// The predicted class, with the newest weights.
    fn start_over(&mut self) {
        (self.target, self.step, self.playing) = (None, None, false);
    }
}
