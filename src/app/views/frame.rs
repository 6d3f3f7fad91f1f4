//! The header, the screen in front, the footer, and what is open on top of them.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::widgets::{Paragraph, Wrap};
use unicode_width::UnicodeWidthStr;

use super::{ascii, explore, footer, header, help, prompt, question, train};
use crate::app::layout::frame::{SMALLEST, rows};
use crate::app::state::{App, Overlay, Screen};

/// Draws the whole app.
pub fn draw(app: &App, frame: &mut Frame) {
    draw_all(app, frame);
    whole(frame.buffer_mut());
    if app.theme.ascii {
        ascii::only_ascii(frame.buffer_mut());
    }
}

fn draw_all(app: &App, frame: &mut Frame) {
    let area = frame.area();
    let (width, height) = SMALLEST;
    if area.width < width || area.height < height {
        let text =
            format!("terminal too small: {}x{}, needs {width}x{height}", area.width, area.height);
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
        return;
    }
    let [top, body, bottom] = rows(area);
    header::draw(app, frame, top);
    match app.screen {
        Screen::Train => train::draw(app, frame, body),
        Screen::Explore => explore::draw(app, frame, body),
    }
    footer::draw(app, frame, bottom);
    match &app.overlay {
        Overlay::Help(offset) => help::draw(app, frame, body, *offset),
        Overlay::Find(find) => prompt::classes(app, find, frame, body),
        Overlay::Unfinished(standing) => question::unfinished(app, *standing, frame, body),
        Overlay::ConfirmRestart(found) => question::restart(app, found, frame, body),
        _ => {}
    }
}

/// Takes away characters of two cells whose second one something else was drawn over.
fn whole(buffer: &mut Buffer) {
    let width = usize::from(buffer.area.width).max(1);
    for row in buffer.content.chunks_mut(width) {
        for x in 0..row.len() {
            // Most cells are ASCII, which costs nothing to tell.
            let wide = !row[x].symbol().is_ascii() && row[x].symbol().width() > 1;
            if wide && row.get(x + 1).is_none_or(|next| next.symbol() != " ") {
                row[x].set_symbol(" ");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn half_a_character_is_none() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 9, 1));
        buffer.set_string(0, 0, "猫犬鳥", Style::new());
        buffer.set_string(3, 0, "│", Style::new());
        buffer.content[8].set_symbol("猫");
        whole(&mut buffer);
        let row: Vec<&str> = buffer.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(row, ["猫", " ", " ", "│", "鳥", " ", " ", " ", " "]);
    }
}
