//! The paper of the drawing pad: the digit in view, which a pen writes on.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use crate::app::state::App;
use crate::data::digits::{Point, SIDE};

/// Draws the pen where it is.
pub fn pen(app: &App, frame: &mut Frame, paper: Rect) {
    let pad = &app.explore.pad;
    // The middle of its pixel on a paper of any size; a cell is two pixels high.
    let at = pad.pen().map(|at| (2 * at as u16 + 1) * paper.width / (2 * SIDE as u16));
    let place = Position::new(paper.x + at[0], paper.y + at[1] / 2);
    if let Some(cell) = frame.buffer_mut().cell_mut(place) {
        cell.reset();
        cell.set_char(if pad.is_down() { 'x' } else { '+' });
        cell.set_style(app.theme.accent().patch(app.theme.selected()));
    }
}

/// The place on the paper, in its own pixels, that lies below a cell.
pub fn point_at(paper: Rect, place: Position) -> Option<Point> {
    let scale = SIDE as f32 / f32::from(paper.width);
    let (right, down) = (place.x.checked_sub(paper.x)?, place.y.checked_sub(paper.y)?);
    let point = [(f32::from(right) + 0.5) * scale, (f32::from(down) * 2.0 + 1.0) * scale];
    paper.contains(place).then_some(point)
}
