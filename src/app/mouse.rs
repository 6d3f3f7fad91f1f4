//! What clicks and the wheel do: what keys do, at another place.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::message::Effect;
use super::state::{App, Overlay, Panel, Screen};
use super::update::{explain_class, look_at};
use super::views::{self, Hit};

/// The wheel scrolls through digits, and a click does what is under it.
pub fn act(app: &mut App, event: &MouseEvent) -> Vec<Effect> {
    if app.overlay != Overlay::None {
        return Vec::new();
    }
    let scrolls = app.screen == Screen::Explore && app.explore.panel != Panel::Confusion;
    let index = app.explore.index;
    match event.kind {
        MouseEventKind::ScrollDown if scrolls => look_at(app, index.saturating_add(1)),
        MouseEventKind::ScrollUp if scrolls => look_at(app, index.saturating_sub(1)),
        MouseEventKind::Down(MouseButton::Left) => {
            match views::hit(app, Position::new(event.column, event.row)) {
                Some(Hit::Screen(screen)) => {
                    app.screen = screen;
                    vec![Effect::Watch(app.watch())]
                }
                Some(Hit::Class(class)) => explain_class(app, class),
                Some(Hit::Digit(index)) => {
                    app.screen = Screen::Explore;
                    look_at(app, index)
                }
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}
