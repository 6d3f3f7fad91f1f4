//! The confusion matrix. Where it is larger than the screen, the chosen row and column stay in view.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::app::images::test_image;
use crate::app::layout::tiles::Gallery;
use crate::app::phrase::Phrase;
use crate::app::state::App;
use crate::app::state::confusion::Confusions;
use crate::app::state::mistakes::{Filter, Scored, listed};
use crate::app::views::gallery::{self, Shows, Tile};
use crate::data::{Dataset, Noun};
use crate::figures::{counted, thousands};
use crate::text::{left_aligned, right_aligned};

/// The most cells of a row's name, and of a column's.
const ROW_NAME: usize = 16;
const COLUMN: usize = 14;
/// Cells beside a row's name.
const MARGIN: u16 = 4;
/// The least height of pictures below the matrix, in pixels.
const LEAST: u16 = 8;

/// Draws it, with the pictures of the chosen cell below where there is room.
pub fn draw(
    app: &App,
    dataset: &Dataset,
    scored: &Scored,
    counts: &Confusions,
    frame: &mut Frame,
    area: Rect,
) {
    let theme = &app.theme;
    let classes = dataset.classes.len().max(1);
    let last = classes - 1;
    let (label, predicted) = (app.explore.cell.0.min(last), app.explore.cell.1.min(last));
    let plan = Plan::fit(dataset, counts, [label, predicted], area);
    let line = |y: u16, content: Line<'static>, x: u16, frame: &mut Frame| {
        let place = Rect { x, y, width: area.right().saturating_sub(x), height: 1 };
        frame.render_widget(content, place.intersection(area));
    };
    let columns = plan.columns.0..plan.columns.0 + plan.columns.1;
    let head: String = columns
        .clone()
        .map(|class| {
            let name = crate::text::clipped(dataset.classes.name(class), plan.width - 1);
            right_aligned(&name, plan.width)
        })
        .collect();
    let is = left_aligned(if columns.start > 0 { "is ←" } else { "is" }, plan.name + 3);
    let more = if columns.end < classes { "→" } else { "" };
    line(area.y, Line::styled(format!(" {is}{head}{more}"), theme.muted()), plan.left, frame);
    for (place, row) in (plan.rows.0..plan.rows.0 + plan.rows.1).enumerate() {
        let name = left_aligned(dataset.classes.name(row), plan.name);
        let mut spans = vec![Span::styled(format!("  {name}  "), theme.muted())];
        for column in columns.clone() {
            let count = counts.of(row, column);
            let text = match count {
                0 => "·".to_owned(),
                // Four digits would touch their neighbours.
                _ if row == column && plan.width < 5 => "ok".to_owned(),
                count => count.to_string(),
            };
            let often = 2 * count > counts.most();
            let style = match (row == column, count) {
                _ if (row, column) == (label, predicted) => theme.selected(),
                (_, 0) => theme.muted(),
                (true, _) => theme.good().remove_modifier(Modifier::BOLD),
                (false, _) if often => theme.bad(),
                (false, _) => theme.warning(),
            };
            spans.push(Span::styled(right_aligned(&text, plan.width), style));
        }
        line(area.y + 1 + place as u16 * plan.pitch, Line::from(spans), plan.left, frame);
    }
    let bottom = area.y + 1 + plan.rows.1 as u16 * plan.pitch;
    let bottom = bottom.min(area.bottom().saturating_sub(1));
    let text = sentence(dataset, counts.of(label, predicted), [label, predicted]);
    let room = |left: u16| usize::from(area.right().saturating_sub(left));
    let whole = text.within(usize::MAX).width();
    let left = if whole > room(plan.left) && whole > room(area.x) { area.x } else { plan.left };
    let text = text.within(room(left));
    line(bottom, Line::styled(text, theme.text()), left, frame);
    // What is in the chosen cell, where there is room to see it.
    let y = bottom + 1;
    let below = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    let places = listed(Filter::Confusion(label, predicted), &dataset.test, &scored.score);
    pictures(app, dataset, &places, theme.muted(), frame, below);
}

/// What the chosen cell counts.
fn sentence(dataset: &Dataset, count: usize, [label, predicted]: [usize; 2]) -> Phrase {
    let noun = dataset.origin.noun;
    let [class, a] = match noun {
        Noun::Digit => [" of class ", " taken for a "],
        Noun::Picture => [" of ", " taken for "],
    };
    let name = |class| dataset.classes.name(class);
    let of = Phrase::from(format!(" {}{class}", counted(count, noun.one()))).name(name(label));
    match label == predicted {
        true => of.words(" right"),
        false => of.words(a).name(name(predicted)),
    }
}

/// The first of these pictures in a row, up to their own size where that is not too small.
fn pictures(
    app: &App,
    dataset: &Dataset,
    places: &[usize],
    style: Style,
    frame: &mut Frame,
    area: Rect,
) {
    let [height, width] = dataset.shape().size();
    let own = height.clamp(16, 64) as u16 & !1;
    let tall = (area.height.saturating_sub(1) * 2).min(own);
    if tall < LEAST {
        return;
    }
    let wide = (usize::from(tall) * width / height.max(1)).max(LEAST.into()) as u16;
    let shown = (area.width / (wide + 2)).max(1);
    let gallery = Gallery::arrange(shown, 1, [height, width], area.width, tall / 2 + 1);
    let tile = |&index: &usize| Tile {
        shows: Shows::Ink(test_image(dataset, index)),
        captions: vec![thousands(index as u64).into()],
        style,
    };
    let tiles: Vec<Tile> = places.iter().take(usize::from(shown)).map(tile).collect();
    gallery::draw(&gallery, app, frame, area, &tiles);
}

/// Which part of the matrix is in view, and where.
struct Plan {
    /// Cells of a row's name.
    name: usize,
    /// Cells of a column.
    width: usize,
    left: u16,
    /// Rows of cells from one row to the next.
    pitch: u16,
    /// The first row in view, and how many there are.
    rows: (usize, usize),
    /// The first column in view, and how many there are.
    columns: (usize, usize),
}

impl Plan {
    fn fit(
        dataset: &Dataset,
        counts: &Confusions,
        [label, predicted]: [usize; 2],
        area: Rect,
    ) -> Self {
        let classes = dataset.classes.len().max(1);
        let longest = dataset.classes.names().iter().map(|name| name.width()).max().unwrap_or(0);
        let name = longest.min(usize::from(area.width / 5)).clamp(1, ROW_NAME);
        let beside = name as u16 + MARGIN;
        let room = usize::from(area.width.saturating_sub(beside + 1));
        // No count touches its neighbour.
        let least = (1 + counts.most().to_string().len()).max(3);
        let most = (longest + 2).clamp(9, COLUMN).max(least);
        let width = (room / classes).clamp(least, most);
        let shown = (room / width).clamp(1, classes);
        let taken = beside + (width * shown) as u16;
        let spread = area.height >= 2 * classes as u16 + 4;
        let pitch = if spread { 2 } else { 1 };
        let high = usize::from(area.height.saturating_sub(2) / pitch).clamp(1, classes);
        Self {
            name,
            width,
            left: area.x + area.width.saturating_sub(taken) / 2,
            pitch,
            rows: ((label + 1).saturating_sub(high), high),
            columns: ((predicted + 1).saturating_sub(shown), shown),
        }
    }
}
