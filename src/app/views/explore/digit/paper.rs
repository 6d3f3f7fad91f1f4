//! The paper of the drawing pad: the digit in view, which a pen writes on.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::layout::paper;
use crate::app::state::App;

/// Draws the pen where it is.
pub fn pen(app: &App, frame: &mut Frame, area: Rect) {
    let pad = &app.explore.pad;
    if let Some(cell) = frame.buffer_mut().cell_mut(paper::cell(area, pad.pen())) {
        cell.reset();
        cell.set_char(if pad.is_down() { 'x' } else { '+' });
        cell.set_style(app.theme.accent().patch(app.theme.selected()));
    }
}
