//! What the explainer says.

use std::sync::Arc;

use super::training;
use crate::app::state::App;
use crate::app::state::mistakes::Scored;
use crate::live::Report;

/// Takes note of it.
pub fn take(app: &mut App, report: Report) {
    match report {
        Report::Focus { focus, explanation, epochs } => {
            app.explore.answer = Some((focus, explanation));
            app.explore.epochs = epochs;
        }
        Report::Study { focus, study, findings } => {
            app.explore.findings = Some((focus, study, findings));
        }
        Report::Stages(stages) => app.explore.stages = stages,
        Report::Pinned { explanations, epochs } => {
            app.training.maps = explanations;
            app.training.maps_epochs = epochs;
        }
        Report::Probe { score, epochs } => {
            let whole = score.losses.len() >= app.count();
            training::tested(app, Arc::new(score), f64::from(epochs), whole);
        }
        Report::Scored(score) => {
            app.explore.scored = Some(Scored { score, whole: true, epochs: None });
        }
        // Taken note of before.
        Report::Begun(_) => {}
        Report::Failed(reason) => app.broken = Some(format!("explaining broke down: {reason}")),
    }
}
