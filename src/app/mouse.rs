//! What clicks and the wheel do.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::message::Effect;
use super::state::{App, Overlay, Screen};
use super::update::look_at;
use super::views::{self, Hit};

/// The wheel scrolls through digits, and a click does what is under it.
pub fn act(app: &mut App, event: &MouseEvent) -> Vec<Effect> {
    if app.overlay != Overlay::None {
        return Vec::new();
    }
    let explores = app.screen == Screen::Explore;
    let index = app.explore.index;
    match event.kind {
        MouseEventKind::ScrollDown if explores => look_at(app, index.saturating_add(1)),
        MouseEventKind::ScrollUp if explores => look_at(app, index.saturating_sub(1)),
        MouseEventKind::Down(MouseButton::Left) => {
            match views::hit(app, Position::new(event.column, event.row)) {
                Some(Hit::Screen(screen)) => {
                    app.screen = screen;
                    vec![Effect::Watch(app.watch())]
                }
                Some(Hit::Class(class)) => {
                    app.explore.target = Some(class);
                    vec![Effect::Watch(app.watch())]
                }
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
