//! The panel that is open.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{confusion, digit, features, maps, mistakes, trust};
use crate::app::state::{App, Panel};
use crate::app::views::waiting::waiting;

/// Draws the screen.
pub fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let Some(dataset) = app.dataset() else {
        waiting(app, frame, area);
        return;
    };
    match app.explore.panel {
        Panel::Digit => digit::draw(app, dataset, frame, area),
        Panel::Classes => maps::classes(app, dataset, frame, area),
        Panel::Versus => maps::versus(app, dataset, frame, area),
        Panel::Methods => maps::methods(app, dataset, frame, area),
        Panel::Sanity => maps::sanity(app, dataset, frame, area),
        Panel::Features => features::draw(app, dataset, frame, area),
        Panel::Trust => trust::draw(app, dataset, frame, area),
        Panel::Mistakes => mistakes::draw(app, dataset, frame, area),
        Panel::Confusion => confusion::draw(app, frame, area),
    }
}
