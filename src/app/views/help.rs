//! Every key, from the one table of keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use crate::app::keymap::Bound;
use crate::app::state::App;

/// Columns of a line: its keys, then what they do.
const KEYS: usize = 9;
const COLUMN: u16 = 39;

/// As many of a line's keys as fit into their column.
fn keys(bound: &Bound) -> String {
    let mut label = bound.label();
    while label.chars().count() >= KEYS
        && let Some((fewer, _)) = label.rsplit_once(' ')
    {
        label = fewer.to_owned();
    }
    label
}

/// Where the list goes: its columns, whether it has a frame, and how many of its rows fit.
struct Shape {
    columns: usize,
    rows: usize,
    framed: bool,
    fitting: usize,
}

fn shape(app: &App, area: Rect) -> Shape {
    let columns = if area.width >= 2 * COLUMN { 2 } else { 1 };
    let rows = app.keymap.lines().len().div_ceil(columns);
    let height = usize::from(area.height);
    // A list that just fits does without its frame.
    let framed = height != rows && height != rows + 1;
    let fitting = rows.min(if framed { height.saturating_sub(2) } else { height });
    Shape { columns, rows, framed, fitting }
}

/// The last row that the list can begin with.
pub fn last_offset(app: &App, area: Rect) -> usize {
    let Shape { rows, fitting, .. } = shape(app, area);
    rows - fitting
}

/// Draws the help over the middle of `area`, in two columns where there is room, from a row on.
pub fn draw(app: &App, frame: &mut Frame, area: Rect, offset: usize) {
    let theme = &app.theme;
    let Shape { columns, rows, framed, fitting } = shape(app, area);
    let offset = offset.min(rows - fitting);
    let bound = app.keymap.lines();
    let mut lines: Vec<Line> = (offset..offset + fitting)
        .map(|row| {
            let here = (0..columns).filter_map(|column| bound.get(column * rows + row));
            let spans = here.flat_map(|bound| {
                let keys = format!(" {:<KEYS$}", keys(bound));
                let width = usize::from(COLUMN) - 1 - KEYS;
                let help = format!("{:<width$}", bound.binding.help);
                [Span::styled(keys, theme.accent()), Span::styled(help, theme.text())]
            });
            Line::from_iter(spans)
        })
        .collect();
    let colours = format!(" {} ", theme.depth.name());
    // What the frame would tell, where there is a row for it.
    let told = !framed && usize::from(area.height) > rows;
    if told {
        lines.push(Line::styled(colours.clone(), theme.muted()).right_aligned());
    }
    let frame_size = if framed { 2 } else { 0 };
    let height = (fitting as u16 + u16::from(told) + frame_size).min(area.height);
    let width = (COLUMN * columns as u16 + frame_size).min(area.width);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    let mut text = Paragraph::new(lines);
    if framed {
        let title = match fitting < rows {
            true => " keys: ↑↓ scroll, others close ",
            false => " keys: any of them closes this ",
        };
        let block = Block::bordered()
            .border_style(theme.muted())
            .title(title)
            .title_bottom(Line::from(colours).right_aligned());
        text = text.block(block);
    }
    frame.render_widget(Clear, place);
    frame.render_widget(text, place);
}
