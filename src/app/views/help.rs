//! Every key, from the one table of keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use crate::app::keymap::BINDINGS;
use crate::app::state::App;

/// Draws the help over the middle of `area`.
pub fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let theme = &app.theme;
    let lines: Vec<Line> = BINDINGS
        .iter()
        .map(|binding| {
            Line::from(vec![
                Span::styled(format!(" {:<8}", binding.label), theme.accent()),
                Span::styled(binding.help, theme.text()),
            ])
        })
        .collect();
    // Without its frame the list just fits the smallest full-size terminal.
    let framed = area.height >= lines.len() as u16 + 2;
    let height = (lines.len() as u16 + if framed { 2 } else { 0 }).min(area.height);
    let width = if framed { 76.min(area.width) } else { area.width };
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    let mut text = Paragraph::new(lines);
    if framed {
        let colours = format!(" {} ", theme.depth().name());
        let block = Block::bordered()
            .border_style(theme.muted())
            .title(" keys: any of them closes this ")
            .title_bottom(Line::from(colours).right_aligned());
        text = text.block(block);
    }
    frame.render_widget(Clear, place);
    frame.render_widget(text, place);
}
