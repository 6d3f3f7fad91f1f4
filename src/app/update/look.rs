//! Which picture is in view, and which of its classes is explained.

use crate::app::layout::frame::body;
use crate::app::layout::picture::Plan;
use crate::app::message::Effect;
use crate::app::state::{App, Panel};

/// Moves to a picture, or to the nearest one there is, and back to its predicted class.
pub fn look_at(app: &mut App, index: usize) -> Vec<Effect> {
    let last = app.count().saturating_sub(1);
    app.explore.look_at(index.min(last));
    vec![Effect::Watch(app.watch())]
}

/// Moves to any picture.
pub fn random(app: &mut App) -> Vec<Effect> {
    let count = app.count();
    let index = if count > 0 { app.rng.below(count) } else { 0 };
    look_at(app, index)
}

/// Moves to the next picture that the network gets wrong, or says that there is none.
pub fn next_wrong(app: &mut App) -> Vec<Effect> {
    let Some((dataset, scored)) = app.scored() else {
        app.notify(format!("the test {} are not scored yet", app.noun().many()), false);
        return Vec::new();
    };
    let predictions = &scored.score.predictions;
    let count = predictions.len().min(dataset.test.len());
    let wrong = |&i: &usize| usize::from(predictions[i]) != dataset.test.label(i);
    let after = (app.explore.index + 1).min(count);
    match (after..count).chain(0..after).find(wrong) {
        Some(index) => look_at(app, index),
        None => {
            let noun = dataset.origin.noun;
            let text = match scored.whole {
                true => format!("the network gets every test {} right", noun.one()),
                false => format!("the network gets all of {} right", scored.pictures(noun)),
            };
            app.notify(text, false);
            Vec::new()
        }
    }
}

/// Explains this class.
pub fn explain_class(app: &mut App, class: usize) -> Vec<Effect> {
    app.explore.explain(class);
    vec![Effect::Watch(app.watch())]
}

/// Explains the class above or below the one explained now, in the order that they are shown in.
pub fn explain_next_class(app: &mut App, step: isize) -> Vec<Effect> {
    let ordered = app.ordered();
    let now = app.explore.target.or(app.answer().map(|answer| answer.target));
    let place = now.and_then(|now| ordered.iter().position(|&class| class == now)).unwrap_or(0);
    let next = (place as isize + step).rem_euclid(ordered.len().max(1) as isize);
    match ordered.get(next as usize) {
        Some(&class) => explain_class(app, class),
        None => Vec::new(),
    }
}

/// Looks at the next layer; after the last one comes the first.
pub fn next_layer(app: &mut App) -> Vec<Effect> {
    let layer = app.layers.after(app.layer());
    app.explore.switch_layer(layer);
    app.notify(format!("layer: {}", app.layers.name(layer)), false);
    vec![Effect::Watch(app.watch())]
}

/// Why the heatmap cannot be laid over the picture, or taken off it, as things are.
pub fn overlay_refused(app: &App) -> Option<String> {
    let one = app.noun().one();
    match (app.explore.panel, Plan::fit(app, body(app)).pictures) {
        (Panel::Digit, 1) => {
            Some(format!("one picture fits here: the map lies over the {one} already"))
        }
        (Panel::Digit, 2) => None,
        (Panel::Digit, _) => Some(format!("all three are here: the {one}, its map, and both")),
        _ => Some(format!("only the {one}'s own screen has an overlay to switch")),
    }
}
