//! Every key, from the one table of keys: what it does where it is asked for. Below them stands what
//! the user should know about the data.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use crate::app::keymap::Bound;
use crate::app::layout::help::{COLUMN, Plan};
use crate::app::state::App;

/// Columns of a line's keys; what they do is beside them.
const KEYS: usize = 9;

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

/// A row of the list.
fn row(plan: &Plan, app: &App, row: usize) -> Line<'static> {
    let theme = &app.theme;
    if let Some(note) = row.checked_sub(plan.keys).and_then(|i| plan.notes.get(i)) {
        return Line::styled(format!(" {note}"), theme.warning());
    }
    let (context, noun) = (app.context(), app.noun());
    let here = (0..plan.columns).filter_map(|column| plan.told.get(column * plan.keys + row));
    let spans = here.flat_map(|bound| {
        let keys = format!(" {:<KEYS$}", keys(bound));
        let width = usize::from(COLUMN) - 1 - KEYS;
        let help = format!("{:<width$}", bound.binding.help(context, noun));
        [Span::styled(keys, theme.accent()), Span::styled(help, theme.text())]
    });
    Line::from_iter(spans)
}

/// Draws the help over the middle of `area`, in two columns where there is room, from a row on.
pub fn draw(app: &App, frame: &mut Frame, area: Rect, offset: usize) {
    let theme = &app.theme;
    let plan = Plan::of(app, area);
    let Plan { columns, rows, framed, fitting, .. } = plan;
    let offset = offset.min(rows - fitting);
    let mut lines: Vec<Line> = (offset..offset + fitting).map(|i| row(&plan, app, i)).collect();
    let colours = format!(" {} ", theme.depth);
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
