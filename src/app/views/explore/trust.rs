//! Can the map in view be trusted? Curves and figures beside it.
//!
//! ```text
//!  ┌──────────┐  hottest pixels away     area 0.21   random 0.42
//!  │  map     │  ██▇▆▅▃▂▁▁▁
//!  │  over    │  random order
//!  │  digit   │  ███▇▇▆▆▅▄▃▂▁
//!  └──────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::title;
use crate::app::state::App;
use crate::app::update::digit;
use crate::app::views::gallery::Shows;
use crate::app::views::{heat, waiting};
use crate::data::Dataset;
use crate::explain::{Findings, Trust};

/// Columns that the curves need.
const CURVES: u16 = 48;
/// Rows of text.
const ROWS: u16 = 11;

/// Draws the panel.
pub fn draw(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some(Findings::Trust(trust)) = app.findings() else {
        return waiting(app, frame, area);
    };
    let method = app.explore.method.title();
    title(app, dataset, &format!("can {method} be trusted?"), frame, area);
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let wide = below.width.saturating_sub(CURVES + 3);
    let side = (wide.min(below.height * 2).min(56)) & !1;
    if side >= 8 {
        let picture = Rect { x: below.x + 1, width: side, height: side / 2, ..below };
        let ink = digit(dataset, app.explore.index);
        let shows = match app.answer() {
            Some(answer) => Shows::Over(ink, heat(&answer.heatmap)),
            None => Shows::Ink(ink),
        };
        shows.draw(app, frame, picture.intersection(below), usize::from(side));
    }
    let left = below.x + if side >= 8 { side + 3 } else { 1 };
    let right = Rect { x: left, width: below.right().saturating_sub(left), ..below };
    let spare = right.height.saturating_sub(ROWS);
    let gap = u16::from(spare >= 2);
    for (i, line) in lines(app, trust).into_iter().enumerate() {
        let y = right.y + i as u16 + gap * (u16::from(i >= 4) + u16::from(i >= 8));
        let place = Rect { y, height: 1, ..right }.intersection(right);
        frame.render_widget(line, place);
    }
}

fn lines(app: &App, trust: &Trust) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let verdict = |good: bool| if good { theme.good() } else { theme.bad() };
    let head = |what: &str, area: f32, random: f32, good: bool| {
        Line::from(vec![
            Span::styled(format!("{what:<24}"), theme.accent()),
            Span::styled(format!("area {area:.2}"), verdict(good)),
            Span::styled(format!("   random {random:.2}"), theme.muted()),
        ])
    };
    let falls = trust.deletion_area < trust.random_deletion_area;
    let rises = trust.insertion_area > trust.random_insertion_area;
    let stable = trust.stability;
    vec![
        head("hottest pixels away", trust.deletion_area, trust.random_deletion_area, falls),
        Line::styled(sparkline(&trust.deletion), theme.train()),
        Line::styled("in random order", theme.muted()),
        Line::styled(sparkline(&trust.random_deletion), theme.muted()),
        head("hottest pixels alone", trust.insertion_area, trust.random_insertion_area, rises),
        Line::styled(sparkline(&trust.insertion), theme.test()),
        Line::styled("in random order", theme.muted()),
        Line::styled(sparkline(&trust.random_insertion), theme.muted()),
        Line::styled(
            format!("{:.0} % of the heat lies on ink", 100.0 * trust.on_ink),
            theme.text(),
        ),
        Line::styled(format!("{stable:.2} correlation when shifted by a pixel"), theme.text()),
        match (falls, rises) {
            (true, true) => Line::styled("both curves beat the random order", theme.good()),
            (true, false) | (false, true) => {
                Line::styled("one curve beats the random order", theme.warning())
            }
            (false, false) => Line::styled("no better than a random order", theme.bad()),
        },
    ]
}

/// Shares as bars, a cell each.
fn sparkline(shares: &[f32]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let bar = |share: &f32| BARS[((share * 8.0) as usize).min(7)];
    shares.iter().map(bar).collect()
}
