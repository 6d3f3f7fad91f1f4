//! What the explainer is asked about what is in view, and which of its answers are to that.

use std::sync::Arc;

use super::screen::{Panel, Screen};
use super::{App, Explore};
use crate::data::Dataset;
use crate::explain::{Explanation, Method, Objective, Query};
use crate::live::{Findings, Focus, Study, Subject, Watch};

impl App {
    /// The question about the picture in view.
    pub fn focus(&self) -> Focus {
        let Explore { target, method, step, panel, .. } = self.explore;
        // These two compare the evidence for two classes, so that a method that does not speak for
        // a class falls back to Grad-CAM.
        let compares = matches!(panel, Panel::Versus | Panel::Mistakes);
        let method = if compares && !method.speaks_for() { Method::default() } else { method };
        let query = Query { objective: Objective::Logit, method };
        Focus { subject: self.subject(), target, query, layer: self.layer(), step }
    }

    /// The picture in view.
    pub fn subject(&self) -> Subject {
        match self.explore.draws {
            true => Subject::Drawing(Arc::clone(self.explore.pad.pixels())),
            false => Subject::Test(self.explore.index),
        }
    }

    /// Whether an answer is about the picture in view, or about the drawing as it was a stroke ago.
    pub fn is_about_it(&self, focus: &Focus) -> bool {
        match focus.subject {
            Subject::Test(index) => !self.explore.draws && index == self.explore.index,
            Subject::Drawing(_) => self.explore.draws,
        }
    }

    /// The bytes of the picture in view, and its label, if it has one.
    pub fn in_view<'a>(&'a self, dataset: &'a Dataset) -> (&'a [u8], Option<usize>) {
        let index = self.explore.index;
        match self.explore.draws {
            true => (self.explore.pad.pixels(), None),
            false => (dataset.test.image(index), Some(dataset.test.label(index))),
        }
    }

    /// What else the panel asks about the picture in view.
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
    /// picture while its answer is on its way.
    pub fn findings(&self) -> Option<(&Focus, &Findings)> {
        let (focus, study, findings) = self.explore.findings.as_ref()?;
        let asked = self.study()?;
        let alike = std::mem::discriminant(study) == std::mem::discriminant(&asked);
        (self.is_about_it(focus) && alike).then_some((focus, findings))
    }

    /// The answer to the question about the picture in view, if it is there already.
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
                // On the picture's own panel trust is one line, so that it may wait.
                let patient = self.explore.panel == Panel::Digit;
                Watch { focus, study, patient, pinned: Vec::new() }
            }
        }
    }
}
