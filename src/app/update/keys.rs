//! What keys do: the action that the table of keys has for them where they are pressed.

use super::look::{
    explain_class, explain_next_class, look_at, next_layer, next_wrong, overlay_refused, random,
};
use super::{pad, panel, save, stages, training};
use crate::app::keymap::{Action, Pressed};
use crate::app::message::Effect;
use crate::app::state::{App, Find, Overlay, Panel, Phase, Screen};
use crate::train::Command;

/// Pictures that a page key moves by.
const PAGE: usize = 10;

/// Does what was asked for.
pub fn act(app: &mut App, Pressed { action, nth }: Pressed) -> Vec<Effect> {
    // Some panels give a key a meaning of their own.
    if app.screen == Screen::Explore
        && let Some(effects) = panel::act(app, action)
    {
        return effects;
    }
    let index = app.explore.index;
    match action {
        Action::SwitchScreen => {
            app.screen = match app.screen {
                Screen::Train => Screen::Explore,
                Screen::Explore => Screen::Train,
            };
            vec![Effect::Watch(app.watch())]
        }
        Action::Next => look_at(app, index.saturating_add(1)),
        Action::Previous => look_at(app, index.saturating_sub(1)),
        Action::NextPage => look_at(app, index.saturating_add(PAGE)),
        Action::PreviousPage => look_at(app, index.saturating_sub(PAGE)),
        Action::First => look_at(app, 0),
        Action::Last => look_at(app, usize::MAX),
        Action::Random => random(app),
        Action::NextWrong => next_wrong(app),
        // The first of its keys is for the first class, and so on.
        Action::ExplainClass if nth < app.classes() => explain_class(app, nth),
        Action::Up => explain_next_class(app, -1),
        Action::Down => explain_next_class(app, 1),
        Action::Back => {
            app.explore.back();
            vec![Effect::Watch(app.watch())]
        }
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
        Action::NextLayer => next_layer(app),
        Action::NextMethod => {
            app.explore.method = app.explore.method.next();
            app.notify(format!("method: {}", app.explore.method.title()), false);
            vec![Effect::Watch(app.watch())]
        }
        Action::SavePicture => save::picture(app),
        Action::TrainMore => training::more(app),
        Action::Quit if !app.training.under_way() => vec![Effect::Quit(0)],
        Action::Pause => match app.training.phase {
            Phase::Running => vec![Effect::Train(Command::Pause(true))],
            Phase::Paused => vec![Effect::Train(Command::Pause(false))],
            _ => {
                let key = app.key(Action::TrainMore);
                app.notify(format!("no training is under way; {key} starts one"), false);
                Vec::new()
            }
        },
        _ => {
            show(app, action);
            Vec::new()
        }
    }
}

/// What only the screen knows of.
fn show(app: &mut App, action: Action) {
    match action {
        Action::Jump => app.overlay = Overlay::Jump(String::new()),
        Action::Find if app.dataset().is_some() => app.overlay = Overlay::Find(Find::default()),
        Action::Help => app.overlay = Overlay::Help(0),
        Action::Quit => app.overlay = Overlay::ConfirmQuit,
        Action::Signed => {
            app.explore.signed = !app.explore.signed;
            let text = if app.explore.signed { "for and against" } else { "evidence for" };
            app.notify(text, false);
        }
        Action::NextColormap => {
            app.colormap = app.colormap.next();
            app.notify(format!("colormap: {}", app.colormap), false);
        }
        Action::ToggleOverlay => match overlay_refused(app) {
            Some(reason) => app.notify(reason, false),
            None => app.explore.overlay = !app.explore.overlay,
        },
        _ => {}
    }
}
