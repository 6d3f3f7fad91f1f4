//! What lies at a place of the terminal, for clicks.

use ratatui::layout::{Position, Rect};

use super::frame::{SMALLEST, rows};
use super::picture::Plan;
use super::{bars, paper, strip, tabs, train};
use crate::app::state::{App, Panel, Screen};
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
        return tabs::tab_at(place.x).map(Hit::Screen);
    }
    match app.screen {
        Screen::Train => train::pinned_at(app, body, place).map(Hit::Picture),
        Screen::Explore if app.explore.panel == Panel::Digit => picture(app, body, place),
        Screen::Explore => None,
    }
}

/// What lies at a place of the panel of one picture.
fn picture(app: &App, area: Rect, place: Position) -> Option<Hit> {
    let plan = Plan::fit(app, area);
    if plan.bars.contains(place) {
        return bars::class_at(app, plan.bars, place).map(Hit::Class);
    }
    if app.explore.draws
        && let Some(point) = paper::point_at(plan.picture(0), place)
    {
        return Some(Hit::Paper(point));
    }
    strip::at(app, plan.strip, place).map(Hit::Picture)
}
