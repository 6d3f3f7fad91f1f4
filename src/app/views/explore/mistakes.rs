//! The digits that the network gets wrong, the worst first, and why it does.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use unicode_width::UnicodeWidthStr;

use super::maps::{evidence, rivals};
use crate::app::images::test_image;
use crate::app::layout::tiles::Gallery;
use crate::app::phrase::{self, Phrase};
use crate::app::state::App;
use crate::app::state::mistakes::listed;
use crate::app::views::gallery::{self, Shows, Tile};
use crate::app::views::waiting::waiting;
use crate::data::{Dataset, Noun};
use crate::explain::difference;
use crate::figures::{fixed, thousands};
use crate::live::Findings;
use crate::paint::Grid;
use crate::text::left_aligned;

/// Cells of a line of digits, and of a line of pictures without its names.
const DIGITS: u16 = 31;
const BESIDE: u16 = 21;
/// Cells of a name at least, which is what the head of its column takes, and at most.
const NAME: std::ops::RangeInclusive<usize> = 9..=24;
/// Cells that pictures beside a list need.
const PICTURES: u16 = 24;

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
    let (classes, noun) = (&dataset.classes, dataset.origin.noun);
    let short = Phrase::from(" ").and(list.filter.title(classes, noun)).words(format!(": {count}"));
    let long = short.clone().words(format!(" of {}", scored.pictures(noun)));
    let weights = scored.weights().map_or(String::new(), |weights| format!(", {weights}"));
    let text = phrase::fitting(top.width, &[long.clone().words(weights), long, short]);
    frame.render_widget(Line::styled(text, theme.accent()), top);

    let row = Row::of(dataset, rest.width);
    let width = if rest.width >= row.width() + PICTURES { row.width() } else { rest.width };
    let [lines, right] =
        Layout::horizontal([Constraint::Length(width), Constraint::Fill(1)]).areas(rest);
    let head = Rect { height: 1, ..lines };
    frame.render_widget(Line::styled(row.head(), theme.muted()), head);
    let lines = Rect { y: lines.y + 1, height: lines.height.saturating_sub(1), ..lines };
    let room = usize::from(lines.height).max(1);
    // Whatever has led to the digit in view, its line is the chosen one.
    let line = places.iter().position(|&place| place == app.explore.index);
    let near = line.unwrap_or(list.line).min(places.len().saturating_sub(1));
    let first = near.saturating_sub(room / 2).min(places.len().saturating_sub(room));
    for (y, (i, &index)) in places.iter().enumerate().skip(first).take(room).enumerate() {
        let label = classes.name(dataset.test.label(index));
        let predicted = classes.name(scored.score.predictions[index].into());
        let text = row.text(index, [label, predicted], scored.score.losses[index]);
        let style = if Some(i) == line { theme.selected() } else { theme.text() };
        let place = Rect { y: lines.y + y as u16, height: 1, ..lines };
        frame.render_widget(Line::styled(text, style), place.intersection(lines));
    }
    if places.is_empty() {
        frame.render_widget(Line::styled("   there is none", theme.muted()), lines);
    } else if right.width > 0 {
        why(app, dataset, frame, right);
    }
}

/// How a line of the list is written.
enum Row {
    Digits,
    /// With so many cells for each name.
    Named(usize),
}

impl Row {
    /// In an area of this width.
    fn of(dataset: &Dataset, width: u16) -> Self {
        match dataset.origin.noun {
            Noun::Digit => Self::Digits,
            Noun::Picture => Self::Named(names(dataset, BESIDE, width)),
        }
    }

    fn width(&self) -> u16 {
        match self {
            Self::Digits => DIGITS,
            Self::Named(name) => BESIDE + 2 * *name as u16,
        }
    }

    fn head(&self) -> String {
        match self {
            Self::Digits => "   digit  is  taken for   loss".to_owned(),
            Self::Named(name) => {
                let [label, predicted] = ["is", "taken for"].map(|text| left_aligned(text, *name));
                format!(" picture  {label}  {predicted}    loss")
            }
        }
    }

    fn text(&self, index: usize, [label, predicted]: [&str; 2], loss: f32) -> String {
        let (place, loss) = (thousands(index as u64), fixed(loss, 2));
        match self {
            Self::Digits => format!(" {place:>7}   {label}      {predicted}     {loss:>7} "),
            Self::Named(name) => {
                let [label, predicted] = [label, predicted].map(|text| left_aligned(text, *name));
                format!(" {place:>7}  {label}  {predicted} {loss:>7} ")
            }
        }
    }
}

/// Cells for each of the two names on a line that takes so many beside them: as many as the longest
/// name needs and the area has, with room for pictures beside the list if it is wide.
pub fn names(dataset: &Dataset, beside: u16, width: u16) -> usize {
    let (least, most) = NAME.into_inner();
    let longest = dataset.classes.names().iter().map(|name| name.width()).max().unwrap_or(0);
    let of = |width: u16| usize::from(width.saturating_sub(beside) / 2);
    let room = match of(width.saturating_sub(PICTURES)) {
        enough if enough >= least => enough,
        _ => of(width),
    };
    longest.clamp(least, most).min(room)
}

/// The chosen digit, the evidence for what it is taken for and for what it is, and the difference.
fn why(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let index = app.explore.index;
    let ink = test_image(dataset, index);
    let label = dataset.test.label(index);
    let (classes, noun) = (&dataset.classes, dataset.origin.noun);
    let a = Phrase::from(if noun == Noun::Digit { "a " } else { "" }).name(classes.name(label));
    let place = format!("{} {}: ", noun.one(), thousands(index as u64));
    let mut tiles = vec![Tile {
        shows: Shows::Ink(ink.clone()),
        captions: vec![Phrase::from(place).and(a.clone()), a],
        style: app.theme.accent(),
    }];
    if let Some((_, Findings::Classes(answers))) = app.findings()
        && let Some((one, other)) = rivals(answers, None, Some(label))
    {
        tiles.extend([one, other].map(|answer| evidence(app, classes, &ink, answer)));
        let [red, blue] = app.theme.signs();
        let first = || Phrase::of(classes.name(one.target));
        let second = classes.name(other.target);
        if let Some(between) = difference(&one.heatmap, &other.heatmap) {
            tiles.push(Tile {
                shows: Shows::Signed(Grid::new(between.width, between.height, between.values)),
                captions: vec![
                    first().words(format!(" ({red}) or ")).name(second).words(format!(" ({blue})")),
                    first().words(" - ").name(second),
                ],
                style: app.theme.text(),
            });
        }
    }
    let gallery = Gallery::fit(4, dataset.shape().size(), area.width, area.height);
    gallery::draw(&gallery, app, frame, area, &tiles);
}
