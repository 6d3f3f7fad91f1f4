//! The header, the screen in front, the footer, and what is open on top of them.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::widgets::{Paragraph, Wrap};

use super::{ascii, explore, footer, header, help, prompt, question, train};
use crate::app::state::{App, Overlay, Screen};

/// The smallest terminal on which every screen is complete enough to use.
pub const SMALLEST: (u16, u16) = (40, 12);

/// Draws the whole app.
pub fn draw(app: &App, frame: &mut Frame) {
    draw_all(app, frame);
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

/// The header, the screen, the footer.
pub fn rows(area: Rect) -> [Rect; 3] {
    Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)])
        .areas(area)
}

/// Where the screen goes in a terminal of the app's size.
pub fn body(app: &App) -> Rect {
    let (width, height) = app.size;
    rows(Rect { x: 0, y: 0, width, height })[1]
}

/// The last row that the help can begin with in a terminal of the app's size.
pub fn last_help_row(app: &App) -> usize {
    help::last_offset(app, body(app))
}
