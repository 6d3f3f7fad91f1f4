//! What keys and the mouse do on the drawing pad.

use crate::app::keymap::Action;
use crate::app::message::Effect;
use crate::app::state::{App, Panel};
use crate::data::digits::Point;

/// Takes the pad, or puts it away. What is drawn on it stays there.
pub fn toggle(app: &mut App) -> Vec<Effect> {
    let explore = &mut app.explore;
    // Pressed in another panel of the drawing, it returns to the drawing.
    explore.draws = !(explore.draws && explore.panel == Panel::Digit);
    explore.panel = Panel::Digit;
    (explore.target, explore.step, explore.playing) = (None, None, false);
    explore.off.clear();
    explore.pad.lift();
    vec![Effect::Watch(app.watch())]
}

/// Whether a key means something of its own on the pad.
pub fn takes(action: Action) -> bool {
    use Action::{Down, Next, Open, Pause, Previous, Undo, Up};
    [Up, Down, Next, Previous, Pause, Open, Undo].contains(&action)
}

/// Does what such a key means there.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let pad = &mut app.explore.pad;
    match action {
        Action::Up => pad.move_pen(0, -1),
        Action::Down => pad.move_pen(0, 1),
        Action::Previous => pad.move_pen(-1, 0),
        Action::Next => pad.move_pen(1, 0),
        Action::Pause => pad.toggle_pen(),
        Action::Undo => pad.undo(),
        _ => pad.fit(),
    }
    vec![Effect::Watch(app.watch())]
}

/// The mouse puts the pen down at a place, or draws it on to there.
pub fn drag(app: &mut App, to: Point, begins: bool) -> Vec<Effect> {
    app.explore.pad.drag(to, begins);
    vec![Effect::Watch(app.watch())]
}
