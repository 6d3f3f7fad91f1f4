//! The confusion matrix: which class is taken for which, and how often.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::app::state::App;
use crate::app::state::mistakes::{Filter, confusion, listed};
use crate::app::views::digit;
use crate::app::views::gallery::{Gallery, Shows, Tile};
use crate::app::views::{fitting, waiting};
use crate::figures::{counted, thousands};

/// Columns of the row's name.
const NAME: u16 = 5;

/// Draws the panel.
pub fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let Some((dataset, scored)) = app.scored() else {
        return waiting(app, frame, area);
    };
    let theme = &app.theme;
    let classes = dataset.classes.len();
    let counts = confusion(classes, &dataset.test, &scored.score);
    let (label, predicted) = app.explore.cell;
    let most = (0..classes).flat_map(|row| (0..classes).map(move |column| (row, column)));
    let most = most.filter(|(row, column)| row != column).map(|(r, c)| counts[r][c]).max();
    let spread = area.height >= 2 * classes as u16 + 5;
    let pitch = if spread { 2 } else { 1 };
    let width = ((area.width.saturating_sub(NAME + 1)) / classes as u16).clamp(3, 9);
    let left = area.x + (area.width.saturating_sub(NAME + width * classes as u16)) / 2;
    let line = |y: u16, content: Line<'static>, x: u16, frame: &mut Frame| {
        let place = Rect { x, y, width: area.right().saturating_sub(x), height: 1 };
        frame.render_widget(content, place.intersection(area));
    };
    let short = format!(" {} of {} wrong", thousands(scored.wrong() as u64), scored.digits());
    let long = format!(" what is taken for what:{short}");
    let longest = match scored.weights() {
        Some(weights) => format!("{long}, {weights}"),
        None => long.clone(),
    };
    let title = fitting(area.width, [longest, long, short]);
    line(area.y, Line::styled(title, theme.accent()), area.x, frame);
    // Where rows are scarce the chosen row stays on screen.
    let top = area.y + 2;
    let room = usize::from(area.height.saturating_sub(3) / pitch).clamp(1, classes);
    let first = (label + 1).saturating_sub(room);
    let w = usize::from(width);
    let head: String = (0..classes).map(|class| format!("{class:>w$}")).collect();
    line(area.y + 1, Line::styled(format!(" is  {head}"), theme.muted()), left, frame);
    for (row, counts) in counts.iter().enumerate().skip(first).take(room) {
        let mut spans = vec![Span::styled(format!("  {row}  "), theme.muted())];
        for (column, &count) in counts.iter().enumerate() {
            let text = match count {
                0 => "·".to_owned(),
                // Four digits would touch their neighbours.
                _ if row == column && width < 5 => "ok".to_owned(),
                count => count.to_string(),
            };
            let often = most.is_some_and(|most| 2 * count > most);
            let style = match (row == column, count) {
                _ if (row, column) == (label, predicted) => theme.selected(),
                (_, 0) => theme.muted(),
                (true, _) => theme.good().remove_modifier(Modifier::BOLD),
                (false, _) if often => theme.bad(),
                (false, _) => theme.warning(),
            };
            spans.push(Span::styled(format!("{text:>w$}"), style));
        }
        line(top + (row - first) as u16 * pitch, Line::from(spans), left, frame);
    }
    let count = counts[label][predicted];
    let digits = counted(count, "digit");
    let text = match label == predicted {
        true => format!(" {digits} of class {label} right"),
        false => format!(" {digits} of class {label} taken for a {predicted}"),
    };
    let bottom = (top + room as u16 * pitch).min(area.bottom().saturating_sub(1));
    line(bottom, Line::styled(text, theme.text()), left, frame);
    // What is in the chosen cell, where there is room to see it.
    let y = bottom + 1;
    let below = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    let side = (below.height.saturating_sub(1) * 2).min(28);
    if side < 8 {
        return;
    }
    let shown = below.width / (side + 2);
    let gallery = Gallery::arrange(shown, 1, below.width, side / 2 + 1);
    let places = listed(Filter::Confusion(label, predicted), &dataset.test, &scored.score);
    let tile = |&index: &usize| Tile {
        shows: Shows::Ink(digit(dataset, index)),
        captions: vec![thousands(index as u64)],
        style: theme.muted(),
    };
    let tiles: Vec<Tile> = places.iter().take(usize::from(shown)).map(tile).collect();
    gallery.draw(app, frame, below, &tiles);
}
