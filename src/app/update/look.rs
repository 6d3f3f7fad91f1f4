//! Which digit is in view, and which of its classes is explained.

use crate::app::message::Effect;
use crate::app::state::App;

/// Moves to a digit, or to the nearest one there is, and back to its predicted class.
pub fn look_at(app: &mut App, index: usize) -> Vec<Effect> {
    app.explore.index = index.min(app.count().saturating_sub(1));
    app.explore.draws = false;
    app.explore.target = None;
    app.explore.off.clear();
    vec![Effect::Watch(app.watch())]
}

/// Explains this class.
pub fn explain_class(app: &mut App, class: usize) -> Vec<Effect> {
    app.explore.target = Some(class);
    vec![Effect::Watch(app.watch())]
}

/// Explains the class above or below the one explained now.
pub fn explain_next_class(app: &mut App, step: i64) -> Vec<Effect> {
    let now = app.explore.target.or(app.answer().map(|answer| answer.target)).unwrap_or(0) as i64;
    let classes = app.classes().max(1) as i64;
    explain_class(app, (now + step).rem_euclid(classes) as usize)
}
