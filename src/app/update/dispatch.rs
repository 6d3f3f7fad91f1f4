//! The one function that changes the state.

use std::sync::Arc;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyEventKind};
use signal_hook::consts::SIGTSTP;

use super::{keys, mouse, panel, prompt, report, stages, training};
use crate::app::key::Key;
use crate::app::keymap::Action;
use crate::app::layout::help;
use crate::app::message::{Effect, Message};
use crate::app::state::pinned::one_a_class;
use crate::app::state::{App, Data, Overlay, Phase};
use crate::data::Dataset;
use crate::live::Report;
use crate::train::{Begin, Event};

/// The next state, and what should be done outside of it.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Input(Input::Key(key)) if key.kind != KeyEventKind::Release => press(app, &key),
        Message::Input(Input::Mouse(event)) => mouse::act(app, &event),
        Message::Input(Input::Resize(width, height)) => {
            app.size = (width, height);
            Vec::new()
        }
        Message::Input(Input::Paste(text)) => {
            prompt::paste(app, &text);
            Vec::new()
        }
        Message::Input(_) => Vec::new(),
        Message::Theme(theme) => {
            // What bytes of UTF-8 have done to the screen is not known.
            let unreadable = theme.ascii && !app.theme.ascii;
            app.theme = theme;
            if unreadable { vec![Effect::Redraw] } else { Vec::new() }
        }
        Message::Loading(progress) => {
            app.data = Data::Loading(Some(progress));
            Vec::new()
        }
        Message::Loaded(dataset) => loaded(app, dataset),
        Message::LoadFailed(reason) => vec![Effect::Fail(reason)],
        Message::Train(event) => {
            let scored = matches!(event, Event::Epoch(_));
            training::event(app, event);
            if scored { panel::rescored(app) } else { Vec::new() }
        }
        Message::Report(Report::Begun(number)) => {
            app.answers_of = number;
            Vec::new()
        }
        // Of the network before the one that is trained now.
        Message::Report(_) if app.answers_of != app.training_number => Vec::new(),
        Message::Report(report) => {
            let scored = matches!(report, Report::Scored(_) | Report::Probe { .. });
            report::take(app, report);
            if scored { panel::rescored(app) } else { Vec::new() }
        }
        Message::Found(found) => training::may_begin(app, found),
        Message::PictureSaved(Ok(path)) => {
            app.notify(format!("saved {}", path.display()), false);
            Vec::new()
        }
        Message::PictureSaved(Err(error)) => {
            app.notify(error, true);
            Vec::new()
        }
        Message::Tick(now) => {
            app.now = now;
            if app.notice.as_ref().is_some_and(|notice| notice.until <= now) {
                app.notice = None;
            }
            if app.explore.playing { stages::play_on(app) } else { Vec::new() }
        }
        Message::NoShell => {
            app.notify("nothing to suspend for: no shell waits behind this", false);
            Vec::new()
        }
        Message::Signal(SIGTSTP) => vec![Effect::Suspend],
        Message::Signal(signal) => vec![Effect::Quit(128u8.saturating_add(signal as u8))],
    }
}

/// The pictures are there.
fn loaded(app: &mut App, dataset: Arc<Dataset>) -> Vec<Effect> {
    app.training.pinned = one_a_class(&dataset);
    // The help has them for those who were not quick enough.
    if !dataset.notes.is_empty() {
        app.warn(dataset.notes.join("; "));
    }
    app.data = Data::Ready(dataset);
    if app.model.is_none() {
        training::size_to_data(app);
    }
    let mut effects = vec![Effect::Watch(app.watch())];
    if app.training.phase == Phase::Starting {
        effects.push(Effect::StartTraining(app.training.begin));
    }
    effects
}

fn press(app: &mut App, key: &KeyEvent) -> Vec<Effect> {
    let pressed = app.pressed(key);
    let action = pressed.map(|pressed| pressed.action);
    // These work whatever is open, but for a name that is typed.
    let types = matches!(app.overlay, Overlay::Find(_)) && Key::from(key).character().is_some();
    match action.filter(|_| !types) {
        Some(Action::Interrupt) => return vec![Effect::Quit(130)],
        Some(Action::Suspend) => return vec![Effect::Suspend],
        Some(Action::Redraw) => return vec![Effect::Redraw],
        _ => {}
    }
    match std::mem::take(&mut app.overlay) {
        Overlay::None => pressed.map_or_else(Vec::new, |pressed| keys::act(app, pressed)),
        Overlay::Help(row) => {
            scroll_help(app, row, key.code);
            Vec::new()
        }
        Overlay::Jump(typed) => prompt::jump(app, typed, key.code),
        Overlay::Find(find) => prompt::find(app, find, key),
        Overlay::ConfirmQuit if agrees(action, Action::Quit, key.code) => vec![Effect::Quit(0)],
        Overlay::ConfirmTrain if agrees(action, Action::TrainMore, key.code) => {
            training::start(app, Begin::Anew)
        }
        Overlay::ConfirmQuit | Overlay::ConfirmTrain => Vec::new(),
        Overlay::Unfinished(standing) => training::unfinished(app, standing, action, key.code),
        Overlay::ConfirmRestart(_) if matches!(key.code, KeyCode::Char('n' | 'y')) => {
            training::start(app, Begin::Anew)
        }
        Overlay::ConfirmRestart(Ok(standing)) => {
            app.overlay = Overlay::Unfinished(standing);
            Vec::new()
        }
        Overlay::ConfirmRestart(Err(_)) => Vec::new(),
    }
}

/// Whether a key says yes to what is asked: the one that has asked for it, or what anybody would try.
fn agrees(action: Option<Action>, asked: Action, key: KeyCode) -> bool {
    action == Some(asked) || matches!(key, KeyCode::Char('y') | KeyCode::Enter)
}

/// Scrolls where there is more than fits; any other key closes it.
fn scroll_help(app: &mut App, row: usize, key: KeyCode) {
    let last = help::last_row(app);
    let row = match key {
        KeyCode::Down | KeyCode::Char('j') if last > 0 => row + 1,
        KeyCode::Up | KeyCode::Char('k') if last > 0 => row.saturating_sub(1),
        _ => return,
    };
    app.overlay = Overlay::Help(row.min(last));
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
