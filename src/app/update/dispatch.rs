//! The one function that changes the state.

use std::sync::Arc;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyEventKind};
use signal_hook::consts::SIGTSTP;

use crate::captions::captions;
use crate::explain::Method;
use crate::live::{Report, Subject};
use crate::paint::Look;
use crate::train::{Begin, Command, Event};

use super::look::{explain_class, explain_next_class, look_at};
use super::{mouse, pad, panel, stages, training};
use crate::app::keymap::Action;
use crate::app::message::{Effect, Message, SavePicture};
use crate::app::state::mistakes::Scored;
use crate::app::state::{App, Data, Explore, Overlay, Panel, Phase, Screen, one_of_each};
use crate::app::views;

/// Digits that a page key moves by.
const PAGE: usize = 10;

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
            paste(app, &text);
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
        Message::Loaded(dataset) => {
            app.training.pinned = one_of_each(&dataset);
            app.data = Data::Ready(dataset);
            let mut effects = vec![Effect::Watch(app.watch())];
            if app.training.phase == Phase::Starting {
                effects.push(Effect::StartTraining(app.training.begin));
            }
            effects
        }
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
            explained(app, report);
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

fn press(app: &mut App, key: &KeyEvent) -> Vec<Effect> {
    let action = app.keymap.action(key, app.screen);
    // These work whatever is open.
    match action {
        Some(Action::Interrupt) => return vec![Effect::Quit(130)],
        Some(Action::Suspend) => return vec![Effect::Suspend],
        Some(Action::Redraw) => return vec![Effect::Redraw],
        _ => {}
    }
    match std::mem::take(&mut app.overlay) {
        Overlay::None => action.map_or_else(Vec::new, |action| act(app, action, key)),
        Overlay::Help(row) => {
            scroll_help(app, row, key.code);
            Vec::new()
        }
        Overlay::Jump(typed) => jump(app, typed, key.code),
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

/// Does what a key means; mouse clicks come here, too.
pub(super) fn act(app: &mut App, action: Action, key: &KeyEvent) -> Vec<Effect> {
    let index = app.explore.index;
    match action {
        Action::SwitchScreen => {
            app.screen = match app.screen {
                Screen::Train => Screen::Explore,
                Screen::Explore => Screen::Train,
            };
            vec![Effect::Watch(app.watch())]
        }
        // In some panels these choose something else than a digit or a class.
        _ if panel::takes(app, action) => panel::act(app, action),
        Action::Next => look_at(app, index.saturating_add(1)),
        Action::Previous => look_at(app, index.saturating_sub(1)),
        Action::NextPage => look_at(app, index.saturating_add(PAGE)),
        Action::PreviousPage => look_at(app, index.saturating_sub(PAGE)),
        Action::First => look_at(app, 0),
        Action::Last => look_at(app, usize::MAX),
        Action::Random => {
            let count = app.count();
            let index = if count > 0 { app.rng.below(count) } else { 0 };
            look_at(app, index)
        }
        Action::NextWrong => next_wrong(app),
        // The first of its keys is for the first class, and so on.
        Action::ExplainClass => {
            match app.keymap.place(action, key).filter(|&c| c < app.classes()) {
                Some(class) => explain_class(app, class),
                None => Vec::new(),
            }
        }
        Action::Up => explain_next_class(app, -1),
        Action::Down => explain_next_class(app, 1),
        Action::Back => {
            let explore = &mut app.explore;
            if explore.panel == Panel::Digit {
                (explore.target, explore.step, explore.playing) = (None, None, false);
                explore.draws = false;
            }
            explore.panel = Panel::Digit;
            vec![Effect::Watch(app.watch())]
        }
        Action::Open | Action::Undo => Vec::new(),
        Action::Classes => panel::open(app, Panel::Classes),
        Action::Versus => panel::open(app, Panel::Versus),
        Action::Methods => panel::open(app, Panel::Methods),
        Action::Features => panel::open(app, Panel::Features),
        Action::Trust => panel::open(app, Panel::Trust),
        Action::Sanity => panel::open(app, Panel::Sanity),
        Action::Mistakes => panel::open(app, Panel::Mistakes),
        Action::Confusion => panel::open(app, Panel::Confusion),
        Action::Earlier => stages::step(app, -1),
        Action::Later => stages::step(app, 1),
        Action::Play => stages::play(app),
        Action::Draw => pad::toggle(app),
        Action::NextLayer => {
            let layer = app.layers.after(app.layer());
            app.explore.layer = Some(layer);
            app.explore.off.clear();
            app.explore.channel = None;
            app.notify(format!("layer: {}", app.layers.name(layer)), false);
            vec![Effect::Watch(app.watch())]
        }
        Action::Signed => {
            app.explore.signed = !app.explore.signed;
            let text = if app.explore.signed { "for and against" } else { "evidence for" };
            app.notify(text, false);
            Vec::new()
        }
        Action::Jump => {
            app.overlay = Overlay::Jump(String::new());
            Vec::new()
        }
        Action::NextMethod => {
            app.explore.method = app.explore.method.next();
            app.notify(format!("method: {}", app.explore.method.title()), false);
            vec![Effect::Watch(app.watch())]
        }
        Action::NextColormap => {
            app.colormap = app.colormap.next();
            app.notify(format!("colormap: {}", app.colormap), false);
            Vec::new()
        }
        Action::ToggleOverlay => {
            match views::overlay_refused(app) {
                Some(reason) => app.notify(reason, false),
                None => app.explore.overlay = !app.explore.overlay,
            }
            Vec::new()
        }
        Action::SavePicture => save_picture(app),
        Action::Pause => match app.training.phase {
            Phase::Running => vec![Effect::Train(Command::Pause(true))],
            Phase::Paused => vec![Effect::Train(Command::Pause(false))],
            _ => {
                let key = app.key(Action::TrainMore);
                app.notify(format!("no training is under way; {key} starts one"), false);
                Vec::new()
            }
        },
        Action::TrainMore => training::more(app),
        Action::Help => {
            app.overlay = Overlay::Help(0);
            Vec::new()
        }
        Action::Quit if app.training.under_way() => {
            app.overlay = Overlay::ConfirmQuit;
            Vec::new()
        }
        Action::Quit => vec![Effect::Quit(0)],
        Action::Interrupt | Action::Suspend | Action::Redraw => Vec::new(),
    }
}

fn next_wrong(app: &mut App) -> Vec<Effect> {
    let Some((dataset, scored)) = app.scored() else {
        app.notify("the test digits are not scored yet", false);
        return Vec::new();
    };
    let predictions = &scored.score.predictions;
    let count = predictions.len().min(dataset.test.len());
    let wrong = |&i: &usize| usize::from(predictions[i]) != dataset.test.label(i);
    let after = (app.explore.index + 1).min(count);
    match (after..count).chain(0..after).find(wrong) {
        Some(index) => look_at(app, index),
        None => {
            let text = match scored.whole {
                true => "the network gets every test digit right".to_owned(),
                false => format!("the network gets all of {} right", scored.digits()),
            };
            app.notify(text, false);
            Vec::new()
        }
    }
}

/// Scrolls where there is more than fits; any other key closes it.
fn scroll_help(app: &mut App, row: usize, key: KeyCode) {
    let last = views::last_help_row(app);
    let row = match key {
        KeyCode::Down | KeyCode::Char('j') if last > 0 => row + 1,
        KeyCode::Up | KeyCode::Char('k') if last > 0 => row.saturating_sub(1),
        _ => return,
    };
    app.overlay = Overlay::Help(row.min(last));
}

/// Pasted text goes into a prompt, as if it were typed there, and nowhere else. It asks for nothing:
/// that is left to Enter.
fn paste(app: &mut App, text: &str) {
    for c in text.chars() {
        if let Overlay::Jump(typed) = &mut app.overlay {
            let typed = std::mem::take(typed);
            jump(app, typed, KeyCode::Char(c));
        }
    }
}

/// A digit's number, or a count of digits on (`+10`) or back (`-10`).
fn jump(app: &mut App, mut typed: String, key: KeyCode) -> Vec<Effect> {
    match key {
        KeyCode::Char(c) if c.is_ascii_digit() && typed.len() < 9 => typed.push(c),
        KeyCode::Char(c @ ('+' | '-')) if typed.is_empty() => typed.push(c),
        KeyCode::Backspace if typed.pop().is_none() => return Vec::new(),
        KeyCode::Enter => {
            let index = app.explore.index;
            let Ok(number) = typed.trim_start_matches(['+', '-']).parse::<usize>() else {
                return Vec::new();
            };
            return match typed.as_bytes()[0] {
                b'+' => look_at(app, index.saturating_add(number)),
                b'-' => look_at(app, index.saturating_sub(number)),
                _ if number < app.count() => look_at(app, number),
                _ => {
                    let last = app.count().saturating_sub(1);
                    app.notify(format!("there is no digit {typed}; the last is {last}"), true);
                    Vec::new()
                }
            };
        }
        KeyCode::Esc => return Vec::new(),
        _ => {}
    }
    app.overlay = Overlay::Jump(typed);
    Vec::new()
}

fn explained(app: &mut App, report: Report) {
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

fn save_picture(app: &mut App) -> Vec<Effect> {
    let (Some(dataset), Some(answer)) = (app.dataset(), app.answer()) else {
        app.notify("nothing is explained yet", false);
        return Vec::new();
    };
    let Explore { signed, overlay, .. } = app.explore;
    let layer = app.layer();
    let (look, map) = match (overlay, signed) {
        (true, true) => (Look::SignedOverlay, views::signed(&answer.heatmap)),
        (true, false) => (Look::Overlay, views::heat(&answer.heatmap)),
        (false, true) => (Look::Signed, views::signed(&answer.heatmap)),
        (false, false) => (Look::Heat, views::heat(&answer.heatmap)),
    };
    let (what, name) = match app.subject() {
        Subject::Test(index) => (format!("digit {index}"), index.to_string()),
        Subject::Drawing(_) => ("a drawing".to_owned(), "drawing".to_owned()),
    };
    let mut stem = format!("gradcam-{name}-class-{}", answer.target);
    if answer.query.method != Method::default() {
        stem.push_str(&format!("-{}", answer.query.method.name()));
    }
    if layer != app.layers.last() {
        stem.push_str(&format!("-{}", app.layers.name(layer)));
    }
    let (pixels, label) = app.in_view(dataset);
    let layer = app.layers.name(layer);
    let texts = captions(answer, &dataset.classes, &what, label, layer).to_vec();
    let image = views::ink(pixels, dataset.shape());
    let picture = SavePicture { image, map, look, colormap: app.colormap, texts, stem };
    vec![Effect::SavePicture(Box::new(picture))]
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
