//! What keys do in the panels of the Explore screen.

use super::look::look_at;
use super::pad;
use crate::app::keymap::Action;
use crate::app::layout::features;
use crate::app::message::Effect;
use crate::app::state::confusion::{Confusions, place};
use crate::app::state::mistakes::{Filter, Mistakes, listed};
use crate::app::state::{App, Context, Panel};
use crate::live::{CLASSES_AT_ONCE, Findings};

/// Lines that a page key moves by.
const PAGE: isize = 10;

/// Shows a panel, or the digit again if it is shown.
pub fn open(app: &mut App, panel: Panel) -> Vec<Effect> {
    let explore = &mut app.explore;
    explore.panel = if explore.panel == panel { Panel::Digit } else { panel };
    match explore.panel {
        Panel::Mistakes => choose(app, Mistakes::default()),
        _ => vec![Effect::Watch(app.watch())],
    }
}

/// Lists the pictures that a filter takes, the worst first.
pub fn filter(app: &mut App, filter: Filter) -> Vec<Effect> {
    app.explore.panel = Panel::Mistakes;
    choose(app, Mistakes { filter, line: 0 })
}

/// Does what a key means in the panel that is open, if it means something of its own there.
pub fn act(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    match app.context() {
        Context::Mistakes => in_list(app, action),
        Context::Pairs => among_pairs(app, action),
        Context::Matrix => in_matrix(app, action),
        Context::Features => among_channels(app, action),
        Context::Pad => pad::act(app, action),
        _ => None,
    }
}

/// Chooses a line of the list of mistakes, and looks at its digit.
fn choose(app: &mut App, list: Mistakes) -> Vec<Effect> {
    let places = app.scored().map(|(data, scored)| listed(list.filter, &data.test, &scored.score));
    let places = places.unwrap_or_default();
    let line = list.line.min(places.len().saturating_sub(1));
    app.explore.mistakes = Mistakes { line, ..list };
    app.explore.draws = false;
    match places.get(line) {
        Some(&index) => look_at(app, index),
        None => vec![Effect::Watch(app.watch())],
    }
}

/// Keeps the list of mistakes on the digit in view when digits have been scored anew: where that is
/// no mistake any more, on the line that took its place.
pub fn rescored(app: &mut App) -> Vec<Effect> {
    if app.explore.panel != Panel::Mistakes {
        return Vec::new();
    }
    let list = app.explore.mistakes;
    let line = line_in_view(app, list.filter).unwrap_or(list.line);
    choose(app, Mistakes { line, ..list })
}

/// The line of the digit in view, if it is in the list.
fn line_in_view(app: &App, filter: Filter) -> Option<usize> {
    let (dataset, scored) = app.scored()?;
    let places = listed(filter, &dataset.test, &scored.score);
    places.iter().position(|&place| place == app.explore.index)
}

fn in_list(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    let Mistakes { filter, line } = app.explore.mistakes;
    let line = line_in_view(app, filter).unwrap_or(line);
    let turn = |by| Mistakes { filter: filter.after(by, &classes_in_turn(app)), line: 0 };
    let go = |by: isize| Mistakes { filter, line: line.saturating_add_signed(by) };
    let list = match action {
        Action::Up => go(-1),
        Action::Down => go(1),
        Action::PreviousPage => go(-PAGE),
        Action::NextPage => go(PAGE),
        Action::First => Mistakes { filter, line: 0 },
        Action::Last => Mistakes { filter, line: usize::MAX },
        Action::Previous => turn(-1),
        Action::Next => turn(1),
        Action::Open => {
            app.explore.panel = Panel::Digit;
            return Some(vec![Effect::Watch(app.watch())]);
        }
        _ => return None,
    };
    Some(choose(app, list))
}

/// The classes that the filters go through: a few in their order, of many those with mistakes, the
/// one with the most first.
fn classes_in_turn(app: &App) -> Vec<usize> {
    match app.scored() {
        Some((dataset, scored)) if dataset.classes.len() > CLASSES_AT_ONCE => {
            Confusions::count(&dataset.test, &scored.score).worst_classes()
        }
        _ => (0..app.classes()).collect(),
    }
}

fn in_matrix(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    let (label, predicted) = app.explore.cell;
    let last = app.classes().saturating_sub(1);
    let moved = |at: usize, by: isize| at.saturating_add_signed(by).min(last);
    app.explore.cell = match action {
        Action::Up => (moved(label, -1), predicted),
        Action::Down => (moved(label, 1), predicted),
        Action::Previous => (label, moved(predicted, -1)),
        Action::Next => (label, moved(predicted, 1)),
        Action::Open => return Some(filter(app, Filter::Confusion(label, predicted))),
        _ => return None,
    };
    Some(Vec::new())
}

/// In the list of confused pairs, where the matrix would be too large.
fn among_pairs(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    let pairs = app.scored().map_or(Vec::new(), |(dataset, scored)| {
        Confusions::count(&dataset.test, &scored.score).worst()
    });
    let now = place(&pairs, app.explore.cell);
    let last = pairs.len().saturating_sub(1);
    let chosen = match action {
        Action::Up | Action::Previous => now.saturating_sub(1),
        Action::Down | Action::Next => now + 1,
        Action::PreviousPage => now.saturating_add_signed(-PAGE),
        Action::NextPage => now.saturating_add_signed(PAGE),
        Action::First => 0,
        Action::Last => last,
        Action::Open => now,
        _ => return None,
    };
    let Some(pair) = pairs.get(chosen.min(last)) else { return Some(Vec::new()) };
    app.explore.cell = pair.cell();
    Some(match action {
        Action::Open => filter(app, Filter::Confusion(pair.label, pair.predicted)),
        _ => Vec::new(),
    })
}

fn among_channels(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    let columns = features::columns(app) as isize;
    let by = match action {
        Action::Up => -columns,
        Action::Down => columns,
        Action::Previous => -1,
        Action::Next => 1,
        Action::Open => 0,
        _ => return None,
    };
    let Some((_, Findings::Channels(_, channels))) = app.findings() else {
        return Some(Vec::new());
    };
    let place = features::place(app.explore.channel, channels);
    let moved = place.saturating_add_signed(by).min(channels.len().saturating_sub(1));
    let chosen = channels.get(moved).map(|channel| channel.index);
    if action != Action::Open {
        app.explore.channel = chosen;
        return Some(Vec::new());
    }
    let off = &mut app.explore.off;
    if let Some(chosen) = chosen {
        match off.iter().position(|&channel| channel == chosen) {
            Some(place) => drop(off.remove(place)),
            None => off.push(chosen),
        }
    }
    Some(vec![Effect::Watch(app.watch())])
}
