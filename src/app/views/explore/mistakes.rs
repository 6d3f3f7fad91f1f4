//! The digits that the network gets wrong, the worst first, and why it does.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::maps::{evidence, rivals};
use crate::app::state::App;
use crate::app::state::mistakes::listed;
use crate::app::views::digit;
use crate::app::views::gallery::{Gallery, Shows, Tile};
use crate::app::views::{fitting, waiting};
use crate::data::Dataset;
use crate::explain::difference;
use crate::figures::{fixed, thousands};
use crate::live::Findings;
use crate::paint::Grid;

/// Columns of the list.
const LIST: u16 = 31;

/// Draws the panel.
pub fn draw(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some((_, scored)) = app.scored() else {
        return waiting(app, frame, area);
    };
    let theme = &app.theme;
    let list = app.explore.mistakes;
    let places = listed(list.filter, &dataset.test, &scored.score);
    let [top, rest] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    let count = thousands(places.len() as u64);
    let short = format!(" {}: {count}", list.filter.title());
    let long = format!("{short} of {}", scored.digits());
    let longest = match scored.weights() {
        Some(weights) => format!("{long}, {weights}"),
        None => long.clone(),
    };
    let text = fitting(top.width, [longest, long, short]);
    frame.render_widget(Line::styled(text, theme.accent()), top);

    let width = if rest.width >= LIST + 24 { LIST } else { rest.width };
    let [lines, right] =
        Layout::horizontal([Constraint::Length(width), Constraint::Fill(1)]).areas(rest);
    let head = Rect { height: 1, ..lines };
    frame.render_widget(Line::styled("   digit  is  taken for   loss", theme.muted()), head);
    let lines = Rect { y: lines.y + 1, height: lines.height.saturating_sub(1), ..lines };
    let room = usize::from(lines.height).max(1);
    // Whatever has led to the digit in view, its line is the chosen one.
    let line = places.iter().position(|&place| place == app.explore.index);
    let near = line.unwrap_or(list.line).min(places.len().saturating_sub(1));
    let first = near.saturating_sub(room / 2).min(places.len().saturating_sub(room));
    for (row, (i, &index)) in places.iter().enumerate().skip(first).take(room).enumerate() {
        let text = format!(
            " {:>7}   {}      {}     {:>7} ",
            thousands(index as u64),
            dataset.test.label(index),
            scored.score.predictions[index],
            fixed(scored.score.losses[index], 2)
        );
        let style = if Some(i) == line { theme.selected() } else { theme.text() };
        let place = Rect { y: lines.y + row as u16, height: 1, ..lines };
        frame.render_widget(Line::styled(text, style), place.intersection(lines));
    }
    if places.is_empty() {
        frame.render_widget(Line::styled("   there is none", theme.muted()), lines);
    } else if right.width > 0 {
        why(app, dataset, frame, right);
    }
}

/// The chosen digit, the evidence for what it is taken for and for what it is, and the difference.
fn why(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let index = app.explore.index;
    let ink = digit(dataset, index);
    let label = dataset.test.label(index);
    let mut tiles = vec![Tile {
        shows: Shows::Ink(ink.clone()),
        captions: vec![
            format!("digit {}: a {label}", thousands(index as u64)),
            format!("a {label}"),
        ],
        style: app.theme.accent(),
    }];
    if let Some((_, Findings::Classes(answers))) = app.findings()
        && let Some((one, other)) = rivals(answers, None, Some(label))
    {
        tiles.extend([one, other].map(|answer| evidence(app, &ink, answer)));
        let [red, blue] = app.theme.signs();
        if let Some(between) = difference(&one.heatmap, &other.heatmap) {
            tiles.push(Tile {
                shows: Shows::Signed(Grid::new(between.width, between.height, between.values)),
                captions: vec![
                    format!("{} ({red}) or {} ({blue})", one.target, other.target),
                    format!("{} - {}", one.target, other.target),
                ],
                style: app.theme.text(),
            });
        }
    }
    let gallery = Gallery::fit(4, area.width, area.height);
    gallery.draw(app, frame, area, &tiles);
}
