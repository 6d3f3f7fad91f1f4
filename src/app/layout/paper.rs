//! The paper of the drawing pad.

use ratatui::layout::{Position, Rect};

use crate::data::digits::{Point, SIDE};

/// The cell that a pixel of the paper lies in.
pub fn cell(paper: Rect, pixel: [usize; 2]) -> Position {
    // The middle of its pixel on a paper of any size; a cell is two pixels high.
    let at = pixel.map(|at| (2 * at as u16 + 1) * paper.width / (2 * SIDE as u16));
    Position::new(paper.x + at[0], paper.y + at[1] / 2)
}

/// The place on the paper, in its own pixels, that lies below a cell.
pub fn point_at(paper: Rect, place: Position) -> Option<Point> {
    let scale = SIDE as f32 / f32::from(paper.width);
    let (right, down) = (place.x.checked_sub(paper.x)?, place.y.checked_sub(paper.y)?);
    let point = [(f32::from(right) + 0.5) * scale, (f32::from(down) * 2.0 + 1.0) * scale];
    paper.contains(place).then_some(point)
}
