//! The time line: going back to the weights of earlier stages of a training.

use crate::app::keymap::Action;
use crate::app::message::Effect;
use crate::app::state::App;

/// The place of the stage that is looked at; the number of stages stands for the newest weights.
pub fn place(app: &App) -> usize {
    let stages = &app.explore.stages;
    let nearest = |step: usize| (0..stages.len()).min_by_key(|&i| stages[i].0.abs_diff(step));
    app.explore.step.and_then(nearest).unwrap_or(stages.len())
}

/// Goes some stages on or back.
pub fn step(app: &mut App, by: isize) -> Vec<Effect> {
    if app.explore.stages.is_empty() {
        let text = format!("no training was watched yet; {} trains", app.key(Action::TrainMore));
        app.notify(text, false);
        return Vec::new();
    }
    let place = place(app).saturating_add_signed(by);
    app.explore.step = app.explore.stages.get(place).map(|(step, _)| *step);
    vec![Effect::Watch(app.watch())]
}

/// Lets the stages go by, from the first one on where the last one is in view, or stops.
pub fn play(app: &mut App) -> Vec<Effect> {
    app.explore.playing = !app.explore.playing && !app.explore.stages.is_empty();
    if !app.explore.playing {
        return if app.explore.stages.is_empty() { step(app, 0) } else { Vec::new() };
    }
    if place(app) + 1 >= app.explore.stages.len() {
        app.explore.step = app.explore.stages.first().map(|(step, _)| *step);
    }
    vec![Effect::Watch(app.watch())]
}

/// The next stage of those that go by; after the newest weights it stops.
pub fn play_on(app: &mut App) -> Vec<Effect> {
    let effects = step(app, 1);
    app.explore.playing = app.explore.step.is_some();
    effects
}
