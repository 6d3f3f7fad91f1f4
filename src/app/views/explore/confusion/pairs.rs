//! The pairs of classes that are confused most, the worst first, and the pictures of the chosen one.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use crate::app::images::test_image;
use crate::app::layout::tiles::Gallery;
use crate::app::state::App;
use crate::app::state::confusion::{Confusions, place};
use crate::app::state::mistakes::{Filter, Scored, listed};
use crate::app::views::explore::mistakes::names;
use crate::app::views::gallery::{self, Shows, Tile};
use crate::data::Dataset;
use crate::figures::thousands;
use crate::text::left_aligned;

/// Cells of a line without its names.
const BESIDE: u16 = 13;
/// Pictures of a pair that are shown at most, and the fewest that there is room for.
const MOST: usize = 12;
const FEWEST: usize = 4;

/// Draws the list.
pub fn draw(
    app: &App,
    dataset: &Dataset,
    scored: &Scored,
    counts: &Confusions,
    frame: &mut Frame,
    area: Rect,
) {
    let theme = &app.theme;
    let pairs = counts.worst();
    let name = names(dataset, BESIDE, area.width);
    let width = (2 * name as u16 + BESIDE).min(area.width);
    let [lines, right] =
        Layout::horizontal([Constraint::Length(width), Constraint::Fill(1)]).areas(area);
    let line = |count: &str, label: &str, predicted: &str| {
        let [label, predicted] = [label, predicted].map(|text| left_aligned(text, name));
        format!(" {count:>7}  {label}  {predicted} ")
    };
    let head = line("count", "is", "taken for");
    let place_of = |row: usize| Rect { y: lines.y + row as u16, height: 1, ..lines };
    frame.render_widget(Line::styled(head, theme.muted()), place_of(0).intersection(lines));
    let chosen = place(&pairs, app.explore.cell);
    let room = usize::from(lines.height.saturating_sub(1)).max(1);
    let first = chosen.saturating_sub(room / 2).min(pairs.len().saturating_sub(room));
    for (row, (i, pair)) in pairs.iter().enumerate().skip(first).take(room).enumerate() {
        let class = |class| dataset.classes.name(class);
        let count = thousands(pair.count as u64);
        let text = line(&count, class(pair.label), class(pair.predicted));
        let style = if i == chosen { theme.selected() } else { theme.text() };
        frame.render_widget(Line::styled(text, style), place_of(row + 1).intersection(lines));
    }
    let Some(pair) = pairs.get(chosen) else {
        let none = Line::styled("   there is none", theme.muted());
        return frame.render_widget(none, place_of(1).intersection(lines));
    };
    if right.width == 0 {
        return;
    }
    let filter = Filter::Confusion(pair.label, pair.predicted);
    let places = listed(filter, &dataset.test, &scored.score);
    let tile = |&index: &usize| Tile {
        shows: Shows::Ink(test_image(dataset, index)),
        captions: vec![thousands(index as u64).into()],
        style: theme.muted(),
    };
    let tiles: Vec<Tile> = places.iter().take(MOST).map(tile).collect();
    let count = tiles.len().max(FEWEST) as u16;
    let gallery = Gallery::fit(count, dataset.shape().size(), right.width, right.height);
    gallery::draw(&gallery, app, frame, right, &tiles);
}
