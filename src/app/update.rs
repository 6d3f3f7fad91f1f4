//! The one function that changes the state.

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyEventKind};
use signal_hook::consts::SIGTSTP;

use crate::data::{CLASSES, Dataset, SIDE};
use crate::explain::Report;
use crate::model::Layer;
use crate::paint::{Grid, Picture};
use crate::train::{Command, Event};

use super::curve::{Curve, Point};
use super::keymap::Action;
use super::message::{Effect, Message, SavePicture};
use super::state::{App, Data, Overlay, Panel, Phase, Screen, one_of_each};
use super::views;
use super::{mouse, panel, stages};

/// Digits that a page key moves by.
const PAGE: usize = 10;
/// Side of one of the two squares in a saved picture, in pixels.
const SAVED_SIDE: usize = 504;

/// The next state, and what should be done outside of it.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Input(Input::Key(key)) if key.kind != KeyEventKind::Release => press(app, &key),
        Message::Input(Input::Mouse(event)) => mouse::act(app, &event),
        Message::Input(Input::Resize(width, height)) => {
            app.size = (width, height);
            Vec::new()
        }
        Message::Input(_) => Vec::new(),
        Message::Theme(theme) => {
            app.theme = theme;
            Vec::new()
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
                effects.push(Effect::StartTraining);
            }
            effects
        }
        Message::LoadFailed(reason) => vec![Effect::Fail(reason)],
        Message::Train(event) => {
            let scored = matches!(event, Event::Epoch(_));
            trained(app, event);
            if scored { panel::rescored(app) } else { Vec::new() }
        }
        Message::Report(report) => {
            let scored = matches!(report, Report::Scored(_));
            explained(app, report);
            if scored { panel::rescored(app) } else { Vec::new() }
        }
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
        _ => {}
    }
    match std::mem::take(&mut app.overlay) {
        Overlay::None => action.map_or_else(Vec::new, |action| act(app, action, key.code)),
        Overlay::Help(row) => {
            scroll_help(app, row, key.code);
            Vec::new()
        }
        Overlay::Jump(typed) => jump(app, typed, key.code),
        Overlay::ConfirmQuit => match key.code {
            KeyCode::Char('q' | 'y') | KeyCode::Enter => vec![Effect::Quit(0)],
            _ => Vec::new(),
        },
        Overlay::ConfirmTrain => match key.code {
            KeyCode::Char('t' | 'y') | KeyCode::Enter => start_training(app),
            _ => Vec::new(),
        },
    }
}

fn act(app: &mut App, action: Action, key: KeyCode) -> Vec<Effect> {
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
        Action::ExplainClass => match key {
            KeyCode::Char(c) => {
                app.explore.target = c.to_digit(10).map(|d| d as usize);
                vec![Effect::Watch(app.watch())]
            }
            _ => Vec::new(),
        },
        Action::Up => explain_class(app, -1),
        Action::Down => explain_class(app, 1),
        Action::Back => {
            let explore = &mut app.explore;
            if explore.panel == Panel::Digit {
                (explore.target, explore.step, explore.playing) = (None, None, false);
            }
            explore.panel = Panel::Digit;
            vec![Effect::Watch(app.watch())]
        }
        Action::Open => Vec::new(),
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
        Action::NextLayer => {
            app.explore.layer = app.explore.layer.next();
            app.explore.off.clear();
            app.explore.channel = 0;
            app.notify(format!("layer: {}", app.explore.layer.name()), false);
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
            app.explore.overlay = !app.explore.overlay;
            Vec::new()
        }
        Action::SavePicture => save_picture(app),
        Action::Pause => match app.training.phase {
            Phase::Running => vec![Effect::Train(Command::Pause(true))],
            Phase::Paused => vec![Effect::Train(Command::Pause(false))],
            _ => {
                app.notify("no training is under way; t starts one", false);
                Vec::new()
            }
        },
        Action::TrainMore => train_more(app),
        Action::Help => {
            app.overlay = Overlay::Help(0);
            Vec::new()
        }
        Action::Quit if app.training.under_way() => {
            app.overlay = Overlay::ConfirmQuit;
            Vec::new()
        }
        Action::Quit => vec![Effect::Quit(0)],
        Action::Interrupt | Action::Suspend => Vec::new(),
    }
}

/// Moves to a digit, or to the nearest one there is, and back to its predicted class.
pub(super) fn look_at(app: &mut App, index: usize) -> Vec<Effect> {
    app.explore.index = index.min(app.count().saturating_sub(1));
    app.explore.target = None;
    app.explore.off.clear();
    vec![Effect::Watch(app.watch())]
}

/// Explains the class above or below the one explained now.
fn explain_class(app: &mut App, step: i64) -> Vec<Effect> {
    let now = app.explore.target.or(app.answer().map(|answer| answer.target)).unwrap_or(0) as i64;
    app.explore.target = Some((now + step).rem_euclid(CLASSES as i64) as usize);
    vec![Effect::Watch(app.watch())]
}

fn next_wrong(app: &mut App) -> Vec<Effect> {
    let (Some(scored), Some(dataset)) = (&app.explore.scored, app.dataset()) else {
        app.notify("the test digits are not scored yet", false);
        return Vec::new();
    };
    let count = scored.predictions.len().min(dataset.test.len());
    let wrong = |&i: &usize| scored.predictions[i] != dataset.test.label(i);
    let after = (app.explore.index + 1).min(count);
    match (after..count).chain(0..after).find(wrong) {
        Some(index) => look_at(app, index),
        None => {
            app.notify("the network gets every test digit right", false);
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

fn train_more(app: &mut App) -> Vec<Effect> {
    match app.training.phase {
        Phase::Idle if app.model.is_some() => {
            app.overlay = Overlay::ConfirmTrain;
            Vec::new()
        }
        Phase::Idle | Phase::Failed(_) => start_training(app),
        Phase::Starting => Vec::new(),
        Phase::Running | Phase::Paused | Phase::Done => {
            app.training.config.epochs += 1;
            if app.training.phase == Phase::Done {
                app.training.phase = Phase::Running;
            }
            app.notify("one more epoch", false);
            vec![Effect::Train(Command::OneMoreEpoch)]
        }
    }
}

fn start_training(app: &mut App) -> Vec<Effect> {
    app.screen = Screen::Train;
    app.training.phase = Phase::Starting;
    app.training.train = Curve::default();
    app.training.test.clear();
    if app.dataset().is_none() {
        return Vec::new();
    }
    vec![Effect::Watch(app.watch()), Effect::StartTraining]
}

fn trained(app: &mut App, event: Event) {
    let training = &mut app.training;
    match event {
        Event::Started { config, .. } => {
            training.config = config;
            training.phase = Phase::Running;
        }
        Event::Batch(report) => {
            training.batch = Some(report);
            training.train.push(Point {
                epochs: training.epochs_done(),
                loss: report.batch_loss,
                accuracy: report.batch_accuracy,
            });
        }
        Event::Epoch(report) => {
            training.test.push(Point {
                epochs: report.epoch as f64,
                loss: report.test.loss(),
                accuracy: report.test.accuracy(),
            });
            app.explore.scored = Some(report.test.clone());
            training.epoch = Some(report);
        }
        Event::Saved { path, .. } => training.saved = Some(path),
        Event::NotSaved(error) => app.notify(error, true),
        Event::Kept(_) => training.kept = true,
        Event::Paused(paused) => {
            training.phase = if paused { Phase::Paused } else { Phase::Running };
        }
        Event::Done { .. } => {
            training.phase = Phase::Done;
            app.notify("training is done: Tab explores, t trains one more epoch", false);
        }
        Event::Failed(reason) => {
            app.notify(format!("training broke off: {reason}"), true);
            app.training.phase = Phase::Failed(reason);
        }
    }
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
        Report::Probe { loss, accuracy, epochs } => {
            app.training.test.push(Point { epochs: f64::from(epochs), loss, accuracy });
        }
        Report::Scored(scored) => app.explore.scored = Some(scored),
        Report::Failed(reason) => app.notify(format!("explaining broke down: {reason}"), true),
    }
}

fn save_picture(app: &mut App) -> Vec<Effect> {
    let (Some(dataset), Some(answer)) = (app.dataset(), app.answer()) else {
        app.notify("nothing is explained yet", false);
        return Vec::new();
    };
    let index = app.explore.index;
    let digit = digit(dataset, index).nearest(SAVED_SIDE, SAVED_SIDE);
    let map = &answer.heatmap;
    let heat = Grid::new(map.width, map.height, map.values.clone());
    let heat = heat.bilinear(SAVED_SIDE, SAVED_SIDE);
    let colormap = app.colormap;
    let right = if app.explore.overlay {
        Picture::Overlay { digit: &digit, heat: &heat, colormap, alpha: OVERLAY_ALPHA }
    } else {
        Picture::Heat(&heat, colormap)
    };
    let raster = Picture::Digit(&digit).raster().beside(&right.raster(), SAVED_SIDE / 28);
    let label = dataset.test.label(index);
    let stem = format!("gradcam-{index}-class-{}", answer.target);
    let texts = answer.captions(index, label, Layer::Conv2).to_vec();
    vec![Effect::SavePicture(Box::new(SavePicture { raster, texts, stem }))]
}

/// The heatmap's share of the colour where it lies over the digit.
pub(super) const OVERLAY_ALPHA: f32 = 0.6;

/// The pixels of a test digit.
pub(super) fn digit(dataset: &Dataset, index: usize) -> Grid {
    Grid::from_bytes(SIDE, SIDE, dataset.test.image(index))
}
