//! The channels of a layer, and the answer below them.

use ratatui::layout::{Constraint, Layout, Rect};

use super::frame::body;
use super::tiles::{Gallery, largest};
use crate::app::state::App;
use crate::explain::Channel;

/// Rows of the answer below the channels.
pub const ANSWER: u16 = 5;
/// The smallest height of a picture in pixels, and the largest one of a small map.
const LOW: u16 = 8;
const HIGH: u16 = 28;
/// Cells that a picture takes at least: its number is below it.
const NUMBER: u16 = 4;

/// The place of the chosen channel.
pub fn place(chosen: Option<usize>, channels: &[Channel]) -> usize {
    let at = |index| channels.iter().position(|channel| channel.index == index);
    chosen.and_then(at).unwrap_or(0)
}

/// Where the pictures and the answer go, for channels of the layer that is looked at.
pub fn plan(app: &App, area: Rect) -> (Rect, Rect, Gallery) {
    let [_, pictures, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(ANSWER + 1),
    ])
    .areas(area);
    // Larger pictures where there is more room, but always several rows of them.
    let [height, width, _] = app.layers.info(app.layer()).size;
    let high = (height.min(usize::from(u16::MAX)) as u16).max(HIGH);
    let rows = (pictures.height / 3).saturating_sub(1).clamp(LOW / 2, high / 2);
    let rows = rows.min(pictures.height.saturating_sub(1)).max(1);
    let [tall, wide] = largest([height, width], pictures.width.saturating_sub(2), rows);
    let tall = tall.max(2);
    let columns = (pictures.width / (wide.max(NUMBER) + 2)).max(1);
    let rows = (pictures.height / (tall / 2 + 1)).max(1);
    let height_of_all = rows * (tall / 2 + 1);
    let shape = [height, width];
    (pictures, below, Gallery::arrange(columns, rows, shape, pictures.width, height_of_all))
}

/// Pictures in a row, in a terminal of the app's size.
pub fn columns(app: &App) -> usize {
    usize::from(plan(app, body(app)).2.columns)
}
