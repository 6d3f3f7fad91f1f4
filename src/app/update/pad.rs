//! What keys and the mouse do on the drawing pad.

use crate::app::keymap::Action;
use crate::app::message::Effect;
use crate::app::state::App;
use crate::data::Noun;
use crate::data::digits::Point;

/// Takes the pad, or puts it away. Only digits are drawn: the strokes of a pen are ink on black.
pub fn toggle(app: &mut App) -> Vec<Effect> {
    if app.noun() != Noun::Digit {
        app.notify("only digits can be drawn by hand, and these are pictures", false);
        return Vec::new();
    }
    app.explore.toggle_pad();
    vec![Effect::Watch(app.watch())]
}

/// Does what a key means on the pad, if it means something of its own there.
pub fn act(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    let pad = &mut app.explore.pad;
    match action {
        Action::Up => pad.move_pen(0, -1),
        Action::Down => pad.move_pen(0, 1),
        Action::Previous => pad.move_pen(-1, 0),
        Action::Next => pad.move_pen(1, 0),
        Action::Pause => pad.toggle_pen(),
        Action::Undo => pad.undo(),
        Action::Open => pad.fit(),
        _ => return None,
    }
    Some(vec![Effect::Watch(app.watch())])
}

/// The mouse puts the pen down at a place, or draws it on to there.
pub fn drag(app: &mut App, to: Point, begins: bool) -> Vec<Effect> {
    app.explore.pad.drag(to, begins);
    vec![Effect::Watch(app.watch())]
}
