//! What happens around a training: how it begins, what is asked before, and what it tells.

use std::sync::Arc;

use crossterm::event::KeyCode;

use crate::model::Spec;
use crate::model::evaluate::Evaluation;
use crate::train::{Begin, Command, Event, Standing};

use crate::app::keymap::Action;
use crate::app::message::{Effect, Found};
use crate::app::state::curve::{Point, Tested, add_test};
use crate::app::state::mistakes::Scored;
use crate::app::state::{App, Overlay, Phase, Screen, Training};

/// What is to become of a training that was interrupted; other keys leave the question open.
pub fn unfinished(
    app: &mut App,
    standing: Standing,
    action: Option<Action>,
    key: KeyCode,
) -> Vec<Effect> {
    match key {
        KeyCode::Enter | KeyCode::Char('y') => {
            return start(app, Begin::Resume { epochs: None });
        }
        KeyCode::Char('n') => app.overlay = Overlay::ConfirmRestart(Ok(standing)),
        KeyCode::Esc => {}
        _ => match action {
            Some(Action::Quit) => return vec![Effect::Quit(0)],
            _ => app.overlay = Overlay::Unfinished(standing),
        },
    }
    Vec::new()
}

/// One more epoch of the training under way, or another training, once it is known what that would
/// replace.
pub fn more(app: &mut App) -> Vec<Effect> {
    match app.training.phase {
        // What is there already would be overwritten.
        Phase::Idle | Phase::Diverged(_) | Phase::Failed(_) => vec![Effect::LookOnDisk],
        Phase::Starting => Vec::new(),
        Phase::Running | Phase::Paused | Phase::Done => {
            app.training.recipe.epochs += 1;
            if app.training.phase == Phase::Done {
                app.training.phase = Phase::Running;
            }
            app.notify("one more epoch", false);
            vec![Effect::Train(Command::OneMoreEpoch)]
        }
    }
}

/// Asks before anything that is on disk would be overwritten.
pub fn may_begin(app: &mut App, found: Found) -> Vec<Effect> {
    let waits = matches!(app.training.phase, Phase::Idle | Phase::Diverged(_) | Phase::Failed(_));
    if app.overlay != Overlay::None || !waits {
        return Vec::new();
    }
    if let Some(reason) = found.taken {
        app.notify(reason, true);
        return Vec::new();
    }
    app.overlay = match found.training {
        Some(Ok(standing)) if !standing.is_done() => Overlay::Unfinished(standing),
        Some(Err(reason)) => Overlay::ConfirmRestart(Err(reason)),
        _ if found.model => Overlay::ConfirmTrain,
        _ => return start(app, Begin::Anew),
    };
    Vec::new()
}

/// Begins a training.
pub fn start(app: &mut App, begin: Begin) -> Vec<Effect> {
    app.screen = Screen::Train;
    // Drop every result of the previous network, and what is still on its way.
    app.training_number += 1;
    let Training { recipe, pinned, .. } = std::mem::take(&mut app.training);
    app.training =
        Training { phase: Phase::Starting, begin, recipe, pinned, ..Training::default() };
    app.explore.forget();
    if app.dataset().is_none() {
        return Vec::new();
    }
    size_to_data(app);
    vec![Effect::Watch(app.watch()), Effect::StartTraining(begin)]
}

/// The network that is trained has layers of the size that the pictures ask for.
pub fn size_to_data(app: &mut App) {
    let spec = app.dataset().map(|data| Spec::new(data.shape(), data.classes.len()));
    if let Some(Ok(spec)) = spec {
        app.layers = spec.layers();
    }
}

/// Takes note of what training says.
pub fn event(app: &mut App, event: Event) {
    let training = &mut app.training;
    training.on_disk.follow(&event);
    match event {
        Event::Started { recipe, .. } => {
            training.recipe = recipe;
            training.phase = Phase::Running;
        }
        Event::Batch(report) => {
            // One more epoch may be asked for just as the last one ends.
            if training.phase == Phase::Done {
                training.phase = Phase::Running;
            }
            training.batch = Some(report);
            let step = (report.epoch - 1) * report.batches + report.batch;
            let epochs = training.epochs_done();
            let (loss, accuracy) = (report.batch_loss, report.batch_accuracy);
            training.train.push(step, Point { epochs, loss, accuracy });
        }
        Event::Epoch(report) => {
            let (epochs, score) = (report.epoch as f64, Arc::clone(&report.test));
            training.epoch = Some(report);
            tested(app, score, epochs, true);
        }
        Event::NotSaved(error) | Event::NotKept(error) => app.notify(error.to_string(), true),
        Event::Saved { .. } | Event::Kept(_) => {}
        Event::Paused(paused) => {
            training.phase = if paused { Phase::Paused } else { Phase::Running };
        }
        Event::Done { complete, .. } => {
            training.phase = Phase::Done;
            training.stopped = !complete;
            let (explore, train) = (app.key(Action::SwitchScreen), app.key(Action::TrainMore));
            let text =
                format!("training is done: {explore} explores, {train} trains one more epoch");
            app.notify(text, false);
        }
        Event::Diverged(divergence) => {
            app.training.phase = Phase::Diverged(divergence);
            app.notify(divergence.to_string(), true);
        }
        Event::Failed(reason) => {
            app.notify(format!("training broke off: {reason}"), true);
            app.training.phase = Phase::Failed(reason);
        }
    }
}

/// A score of the network that is trained, with the weights after so many epochs.
pub fn tested(app: &mut App, score: Arc<Evaluation>, epochs: f64, whole: bool) {
    let point = Point { epochs, loss: score.loss(), accuracy: score.accuracy() };
    let digits = score.losses.len();
    add_test(&mut app.training.test, Tested { point, digits, whole });
    let newer = Scored { score, whole, epochs: Some(epochs) };
    app.explore.scored = Some(Scored::better(app.explore.scored.take(), newer));
}
