//! What is taken for what, and how often: a matrix of a few classes, the worst pairs of many.

mod matrix;
mod pairs;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::state::App;
use crate::app::state::confusion::{Confusions, MATRIX};
use crate::app::views::waiting::waiting;
use crate::app::views::words::fitting;
use crate::figures::thousands;

/// Draws the panel.
pub fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let Some((dataset, scored)) = app.scored() else {
        return waiting(app, frame, area);
    };
    let counts = Confusions::count(&dataset.test, &scored.score);
    let pictures = scored.pictures(dataset.origin.noun);
    let short = format!(" {} of {pictures} wrong", thousands(scored.wrong() as u64));
    let long = format!(" what is taken for what:{short}");
    let longest = match scored.weights() {
        Some(weights) => format!("{long}, {weights}"),
        None => long.clone(),
    };
    let title = Line::styled(fitting(area.width, [longest, long, short]), app.theme.accent());
    frame.render_widget(title, Rect { height: 1, ..area }.intersection(area));
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    match dataset.classes.len() {
        ..=MATRIX => matrix::draw(app, dataset, scored, &counts, frame, below),
        _ => pairs::draw(app, dataset, scored, &counts, frame, below),
    }
}
