//! The pictures around the one in view, where there is room.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::images::test_image;
use crate::app::layout::strip::Strip;
use crate::app::state::App;
use crate::app::views::gallery::Shows;
use crate::data::Dataset;

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
