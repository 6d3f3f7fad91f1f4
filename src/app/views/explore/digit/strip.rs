//! The pictures around the one in view, where there is room.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::plan::GAP;
use crate::app::state::App;
use crate::app::views::gallery::{Shows, largest};
use crate::app::views::images::test_image;
use crate::data::Dataset;

/// Which pictures there are, and where they go.
struct Strip {
    area: Rect,
    /// Height and width of a picture in pixels.
    size: [u16; 2],
    margin: u16,
    first: usize,
    shown: usize,
}

impl Strip {
    fn fit(app: &App, area: Rect) -> Option<Self> {
        let shape = app.dataset()?.shape().size();
        let size @ [_, wide] = largest(shape, area.width, area.height.checked_sub(1)?);
        let count = app.count();
        let room = usize::from(area.width / (wide + GAP));
        let margin = (area.width - room as u16 * (wide + GAP)) / 2;
        let first = app.explore.index.saturating_sub(room / 2).min(count.saturating_sub(room));
        Some(Self { area, size, margin, first, shown: room.min(count) })
    }

    fn place(&self, i: usize) -> Rect {
        let [tall, wide] = self.size;
        let x = self.area.x + self.margin + i as u16 * (wide + GAP);
        Rect { x, y: self.area.y + 1, width: wide, height: tall / 2 }
    }
}

/// Draws them with their numbers, and those that the network gets wrong in red.
pub fn draw(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some(strip) = Strip::fit(app, area) else { return };
    for i in 0..strip.shown {
        let (index, place) = (strip.first + i, strip.place(i));
        Shows::Ink(test_image(dataset, index)).draw(app, frame, place, strip.size);
        let wrong = app.explore.scored.as_ref().is_some_and(|scored| {
            let predicted = scored.score.predictions.get(index);
            predicted.is_some_and(|&class| usize::from(class) != dataset.test.label(index))
        });
        let style = match (index == app.explore.index, wrong) {
            (true, _) => app.theme.selected(),
            (false, true) => app.theme.bad(),
            (false, false) => app.theme.muted(),
        };
        let title = format!("{index}{}", if wrong { " wrong" } else { "" });
        let above = Rect { y: area.y, height: 1, ..place };
        frame.render_widget(Line::styled(title, style), above);
    }
}

/// The picture that lies at a place.
pub fn at(app: &App, area: Rect, place: Position) -> Option<usize> {
    let strip = Strip::fit(app, area)?;
    (0..strip.shown).find(|&i| strip.place(i).contains(place)).map(|i| strip.first + i)
}
