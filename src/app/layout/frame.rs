//! The header, the screen and the footer.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::app::state::App;

/// The smallest terminal on which every screen is complete enough to use.
pub const SMALLEST: (u16, u16) = (40, 12);

/// The header, the screen, the footer.
pub fn rows(area: Rect) -> [Rect; 3] {
    Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)])
        .areas(area)
}

/// Where the screen goes in a terminal of the app's size.
pub fn body(app: &App) -> Rect {
    let (width, height) = app.size;
    rows(Rect { x: 0, y: 0, width, height })[1]
}
