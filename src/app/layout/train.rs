//! The Train screen: a note, the curves, the gauges, the pinned pictures.

use ratatui::layout::{Constraint, Layout, Position, Rect};

use super::tiles::Gallery;
use crate::app::state::App;

/// Rows that the curves need at least; a terminal with fewer rows in all goes without.
pub const CHART_ROWS: u16 = 6;
const ROWS_FOR_CHARTS: u16 = 16;
/// So few pinned pictures leave half of the screen to the curves.
const FEW: u16 = 5;

/// The note, the curves, the gauges and the pinned pictures.
pub fn regions(app: &App, area: Rect) -> ([Rect; 4], Gallery) {
    let note = u16::from(app.dataset().is_some_and(|d| d.origin.stand_in.is_some()));
    let charts = if area.height < ROWS_FOR_CHARTS { 0 } else { CHART_ROWS };
    let height = area.height.saturating_sub(charts + 1 + note);
    let count = app.training.pinned.len().max(1) as u16;
    let height = match charts > 0 && count <= FEW {
        true => height.min(area.height / 2),
        false => height,
    };
    let shape = app.dataset().map_or([1, 1], |dataset| dataset.shape().size());
    let [one, two] = [(count, 1), (count.div_ceil(2), 2)]
        .map(|(columns, rows)| Gallery::arrange(columns, rows, shape, area.width, height));
    let tiles = if one.pixels() >= two.pixels() { one } else { two };
    let rows = Layout::vertical([
        Constraint::Length(note),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(tiles.height()),
    ]);
    (rows.areas(area), tiles)
}

/// The pinned picture that lies at a place of the screen.
pub fn pinned_at(app: &App, area: Rect, place: Position) -> Option<usize> {
    let ([.., pinned], tiles) = regions(app, area);
    let here = |i: &usize| tiles.place(*i as u16, pinned).contains(place);
    let i = (0..app.training.pinned.len()).find(here)?;
    app.training.pinned.get(i).copied()
}
