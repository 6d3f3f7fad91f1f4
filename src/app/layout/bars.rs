//! Which classes have a bar, and where it goes.

use ratatui::layout::{Position, Rect};

use crate::app::state::App;
use crate::data::{Dataset, Noun};
use crate::live::CLASSES_AT_ONCE;
use crate::logits::leading;

/// Cells of a column with names in it at least.
const COLUMN: u16 = 18;

/// The classes that have a bar. The label and the class that is explained are always among them.
pub fn shown(app: &App, dataset: &Dataset, target: usize, area: Rect) -> Vec<usize> {
    let ordered = app.ordered();
    if dataset.origin.noun == Noun::Digit {
        return ordered;
    }
    let (_, label) = app.in_view(dataset);
    let columns = (area.width / COLUMN).clamp(1, 2);
    let room = usize::from(area.height * columns).min(CLASSES_AT_ONCE);
    let always: Vec<usize> = label.into_iter().chain([target]).collect();
    leading(&ordered, room, &always)
}

/// The class whose bar lies at a place.
pub fn class_at(app: &App, area: Rect, place: Position) -> Option<usize> {
    let target = app.explore.answer.as_ref().map_or(0, |(_, answer)| answer.target);
    let shown = shown(app, app.dataset()?, target, area);
    let here = |&i: &usize| row_of(area, shown.len(), i).contains(place);
    (0..shown.len()).find(here).map(|i| shown[i])
}

/// The row of a bar, in as many columns as the area's height asks for.
pub fn row_of(area: Rect, bars: usize, i: usize) -> Rect {
    let rows = usize::from(area.height).clamp(1, bars.max(1));
    let width = area.width / bars.div_ceil(rows).max(1) as u16;
    let (x, y) = ((i / rows) as u16 * width, (i % rows) as u16);
    Rect { x: area.x + x, y: area.y + y, width: width.saturating_sub(1), height: 1 }
}
