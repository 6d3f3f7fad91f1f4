//! What lies at a place of the terminal, for clicks.

use ratatui::layout::{Position, Rect};

use super::frame::{SMALLEST, rows};
use super::{explore, header, train};
use crate::app::state::{App, Screen};
use crate::data::digits::Point;

/// What can be clicked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hit {
    /// The name of a screen.
    Screen(Screen),
    /// The bar of a class.
    Class(usize),
    /// A picture of the test set.
    Picture(usize),
    /// The paper of the drawing pad.
    Paper(Point),
}

/// What lies at a place of the terminal.
pub fn hit(app: &App, place: Position) -> Option<Hit> {
    let (width, height) = app.size;
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return None;
    }
    let [top, body, _] = rows(Rect { x: 0, y: 0, width, height });
    if top.contains(place) {
        return header::tab_at(place.x).map(Hit::Screen);
    }
    match app.screen {
        Screen::Train => train::hit(app, body, place),
        Screen::Explore => explore::hit(app, body, place),
    }
}
