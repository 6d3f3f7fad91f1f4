//! The help: every key that concerns the data, then what there is to know about them.

use ratatui::layout::Rect;

use super::frame::body;
use crate::app::keymap::Bound;
use crate::app::state::App;
use crate::text::lines;

/// Columns of a line.
pub const COLUMN: u16 = 39;

/// What there is to say and where it goes.
pub struct Plan<'a> {
    /// The keys.
    pub told: Vec<&'a Bound>,
    /// What there is to know about the data, in lines as wide as all columns.
    pub notes: Vec<String>,
    /// Columns of keys.
    pub columns: usize,
    /// Rows of keys.
    pub keys: usize,
    /// Rows in all.
    pub rows: usize,
    /// Whether there is room for a frame.
    pub framed: bool,
    /// Rows that fit at a time.
    pub fitting: usize,
}

impl<'a> Plan<'a> {
    /// In an area.
    pub fn of(app: &'a App, area: Rect) -> Self {
        let columns = if area.width >= 2 * COLUMN { 2 } else { 1 };
        let noun = app.noun();
        let told = app.keymap.lines().iter().filter(|bound| bound.binding.concerns(noun));
        let told: Vec<&Bound> = told.collect();
        let notes = app.dataset().map_or(&[][..], |dataset| &dataset.notes[..]);
        let width = columns * usize::from(COLUMN) - 2;
        let notes: Vec<String> = notes.iter().flat_map(|note| lines(note, width)).collect();
        let keys = told.len().div_ceil(columns);
        let rows = keys + notes.len();
        let height = usize::from(area.height);
        // A list that just fits does without its frame.
        let framed = height != rows && height != rows + 1;
        let fitting = rows.min(if framed { height.saturating_sub(2) } else { height });
        Self { told, notes, columns, keys, rows, framed, fitting }
    }
}

/// The last row that the list can begin with in a terminal of the app's size.
pub fn last_row(app: &App) -> usize {
    let plan = Plan::of(app, body(app));
    plan.rows - plan.fitting
}
