//! Can the map in view be trusted? Curves and figures beside it.
//!
//! ```text
//!  ┌──────────┐  hottest pixels away  area 0.21  random 0.42
//!  │  map     │  ██▇▆▅▃▂▁▁▁
//!  │  over    │  ███▇▇▆▆▅▄▃▂▁
//!  │  digit   │
//!  └──────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::title::title;
use crate::app::images::image;
use crate::app::layout::tiles::largest;
use crate::app::state::App;
use crate::app::views::gallery::Shows;
use crate::app::views::gallery::over;
use crate::app::views::waiting::waiting;
use crate::data::{Dataset, Noun};
use crate::explain::Trust;
use crate::figures::{fixed, percent};
use crate::live::Findings;

/// Columns that the curves need at least, with their text beside them.
const CURVES: u16 = 48;
/// The least side of a picture in pixels: a smaller one would show nothing.
const PICTURE: u16 = 8;
/// Rows of text: a line above each pair of curves, two below, and one more where ink is known.
const TEXT: u16 = 4;
/// Curves.
const COUNT: u16 = 4;

/// Draws the panel.
pub fn draw(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some((focus, Findings::Trust(trust))) = app.findings() else {
        return waiting(app, frame, area);
    };
    let method = focus.query.method.title();
    title(app, dataset, focus, &format!("can {method} be trusted?"), frame, area);
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let wide = below.width.saturating_sub(CURVES + 3);
    let [tall, wide] = largest(dataset.shape().size(), wide, below.height);
    let pictured = tall.max(wide) >= PICTURE;
    if pictured {
        let picture = Rect { x: below.x + 1, width: wide, height: tall / 2, ..below };
        let ink = image(app.in_view(dataset).0, dataset.shape());
        let shows = match app.answer() {
            Some(answer) => over(app, ink, &answer.heatmap),
            None => Shows::Ink(ink),
        };
        shows.draw(app, frame, picture.intersection(below), [tall, wide]);
    }
    let left = below.x + if pictured { wide + 3 } else { 1 };
    let right = Rect { x: left, width: below.right().saturating_sub(left), ..below };
    curves(app, trust, dataset.origin.noun, frame, right);
}

fn curves(app: &App, trust: &Trust, noun: Noun, frame: &mut Frame, area: Rect) {
    let theme = &app.theme;
    let on_ink = match noun {
        Noun::Digit => Some(format!("{} of the heat lies on ink", percent(trust.on_ink, 0))),
        // Nobody has said what of a picture belongs to its class.
        Noun::Picture => None,
    };
    let text = TEXT + u16::from(on_ink.is_some());
    let gap = u16::from(area.height >= text + 2 + 2 * COUNT);
    let tall = (area.height.saturating_sub(text + 2 * gap) / COUNT).clamp(1, 8);
    let falls = trust.deletion_area < trust.random_deletion_area;
    let rises = trust.insertion_area > trust.random_insertion_area;
    let mut y = area.y;
    let mut next = |rows: u16| {
        let place = Rect { y, height: rows, ..area }.intersection(area);
        y += rows;
        place
    };
    let head = |[long, short]: [&str; 2], area_of: f32, random: f32, good: bool, place: Rect| {
        let verdict = if good { theme.good() } else { theme.bad() };
        let what = if place.width < CURVES - 1 { short } else { long };
        Line::from(vec![
            Span::styled(format!("{what}  "), theme.accent()),
            Span::styled(format!("area {}", fixed(area_of, 2)), verdict),
            Span::styled(format!("  random {}", fixed(random, 2)), theme.muted()),
        ])
    };
    let (away, random) = (trust.deletion_area, trust.random_deletion_area);
    let place = next(1);
    let line = head(["hottest pixels away ", "away "], away, random, falls, place);
    frame.render_widget(line, place);
    curve(&trust.deletion, theme.train(), next(tall), frame);
    curve(&trust.random_deletion, theme.muted(), next(tall), frame);
    next(gap);
    let (alone, random) = (trust.insertion_area, trust.random_insertion_area);
    let place = next(1);
    let line = head(["hottest pixels alone", "alone"], alone, random, rises, place);
    frame.render_widget(line, place);
    curve(&trust.insertion, theme.test(), next(tall), frame);
    curve(&trust.random_insertion, theme.muted(), next(tall), frame);
    next(gap);
    let verdict = match (falls, rises) {
        (true, true) => Line::styled("both curves beat the random order", theme.good()),
        (true, false) | (false, true) => {
            Line::styled("one curve beats the random order", theme.warning())
        }
        (false, false) => Line::styled("no better than a random order", theme.bad()),
    };
    frame.render_widget(verdict, next(1));
    let text = format!("{} correlation when shifted by a pixel", fixed(trust.stability, 2));
    frame.render_widget(Line::styled(text, theme.text()), next(1));
    if let Some(text) = on_ink {
        frame.render_widget(Line::styled(text, theme.text()), next(1));
    }
}

/// Shares, 0 to 1, as bars of equal width, in eighths of a cell.
fn curve(shares: &[f32], style: Style, area: Rect, frame: &mut Frame) {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let each = (usize::from(area.width) / shares.len().max(1)).clamp(1, 4);
    let rows = usize::from(area.height);
    for row in 0..rows {
        let floor = 8 * (rows - 1 - row);
        let bar = |share: &f32| {
            // A bar is never nothing: the axis stays visible.
            let eighths = ((share * (8 * rows) as f32) as usize).max(1);
            BARS[eighths.saturating_sub(floor).min(8)]
        };
        let text: String = shares.iter().flat_map(|share| [bar(share)].repeat(each)).collect();
        let place = Rect { y: area.y + row as u16, height: 1, ..area };
        frame.render_widget(Line::styled(text, style), place.intersection(area));
    }
}
