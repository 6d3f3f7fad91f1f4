//! The pictures around the one in view.

use ratatui::layout::{Position, Rect};

use super::picture::GAP;
use super::tiles::largest;
use crate::app::state::App;

/// Which pictures there are, and where they go.
pub struct Strip {
    area: Rect,
    /// Height and width of a picture in pixels.
    pub size: [u16; 2],
    margin: u16,
    /// The first of them.
    pub first: usize,
    /// How many there are.
    pub shown: usize,
}

impl Strip {
    /// As many as fit, the one in view in the middle; `None` where none has a row.
    pub fn fit(app: &App, area: Rect) -> Option<Self> {
        let shape = app.dataset()?.shape().size();
        let size @ [_, wide] = largest(shape, area.width, area.height.checked_sub(1)?);
        let count = app.count();
        let room = usize::from(area.width / (wide + GAP));
        let margin = (area.width - room as u16 * (wide + GAP)) / 2;
        let first = app.explore.index.saturating_sub(room / 2).min(count.saturating_sub(room));
        Some(Self { area, size, margin, first, shown: room.min(count) })
    }

    /// Where one of them goes; its title is in the row above.
    pub fn place(&self, i: usize) -> Rect {
        let [tall, wide] = self.size;
        let x = self.area.x + self.margin + i as u16 * (wide + GAP);
        Rect { x, y: self.area.y + 1, width: wide, height: tall / 2 }
    }
}

/// The picture that lies at a place.
pub fn at(app: &App, area: Rect, place: Position) -> Option<usize> {
    let strip = Strip::fit(app, area)?;
    (0..strip.shown).find(|&i| strip.place(i).contains(place)).map(|i| strip.first + i)
}
