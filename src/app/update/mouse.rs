//! What clicks and the wheel do: what keys do, at another place.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::look::{explain_class, look_at};
use super::pad;
use crate::app::layout::hit::{Hit, hit};
use crate::app::message::Effect;
use crate::app::state::{App, Overlay, Panel, Screen};

/// The wheel scrolls through pictures, a click does what is under it, and the pad is drawn on.
pub fn act(app: &mut App, event: &MouseEvent) -> Vec<Effect> {
    if app.overlay != Overlay::None {
        return Vec::new();
    }
    let explores = app.screen == Screen::Explore;
    let scrolls = explores && app.explore.panel != Panel::Confusion && !app.explore.draws;
    let index = app.explore.index;
    match event.kind {
        MouseEventKind::ScrollDown if scrolls => look_at(app, index.saturating_add(1)),
        MouseEventKind::ScrollUp if scrolls => look_at(app, index.saturating_sub(1)),
        MouseEventKind::Down(MouseButton::Left) => {
            match hit(app, Position::new(event.column, event.row)) {
                Some(Hit::Screen(screen)) => {
                    app.screen = screen;
                    vec![Effect::Watch(app.watch())]
                }
                Some(Hit::Class(class)) => explain_class(app, class),
                Some(Hit::Picture(index)) => {
                    app.screen = Screen::Explore;
                    look_at(app, index)
                }
                Some(Hit::Paper(place)) => pad::drag(app, place, true),
                None => Vec::new(),
            }
        }
        MouseEventKind::Drag(MouseButton::Left) if app.explore.pad.is_held() => {
            match hit(app, Position::new(event.column, event.row)) {
                Some(Hit::Paper(place)) => pad::drag(app, place, false),
                _ => Vec::new(),
            }
        }
        MouseEventKind::Up(MouseButton::Left) => {
            app.explore.pad.release();
            Vec::new()
        }
        _ => Vec::new(),
    }
}
