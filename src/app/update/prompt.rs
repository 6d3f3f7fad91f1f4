//! What is typed into a prompt: a picture's number, or a part of a class's name.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::look::{explain_class, look_at};
use super::panel;
use crate::app::key::Key;
use crate::app::message::Effect;
use crate::app::state::find::{found, mistakes};
use crate::app::state::mistakes::Filter;
use crate::app::state::{App, Find, Overlay};

/// The most characters of a name that are typed.
const LONGEST: usize = 100;
/// Lines that a page key moves by.
const PAGE: usize = 10;

/// Pasted text goes into a prompt, as if it were typed there, and nowhere else. It asks for nothing:
/// that is left to Enter.
pub fn paste(app: &mut App, text: &str) {
    for c in text.chars() {
        let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        match std::mem::take(&mut app.overlay) {
            Overlay::Jump(typed) => drop(jump(app, typed, key.code)),
            Overlay::Find(typed) => drop(find(app, typed, &key)),
            other => {
                app.overlay = other;
                return;
            }
        }
    }
}

/// A picture's number, or a count of pictures on (`+10`) or back (`-10`).
pub fn jump(app: &mut App, mut typed: String, key: KeyCode) -> Vec<Effect> {
    match key {
        KeyCode::Char(c) if c.is_ascii_digit() && typed.len() < 9 => typed.push(c),
        KeyCode::Char(c @ ('+' | '-')) if typed.is_empty() => typed.push(c),
        KeyCode::Backspace if typed.pop().is_none() => return Vec::new(),
        KeyCode::Enter => {
            let index = app.explore.index;
            let Ok(number) = typed.trim_start_matches(['+', '-']).parse::<usize>() else {
                return Vec::new();
            };
            return match typed.as_bytes()[0] {
                b'+' => look_at(app, index.saturating_add(number)),
                b'-' => look_at(app, index.saturating_sub(number)),
                _ if number < app.count() => look_at(app, number),
                _ => {
                    let (one, last) = (app.noun().one(), app.count().saturating_sub(1));
                    app.notify(format!("there is no {one} {typed}; the last is {last}"), true);
                    Vec::new()
                }
            };
        }
        KeyCode::Esc => return Vec::new(),
        _ => {}
    }
    app.overlay = Overlay::Jump(typed);
    Vec::new()
}

/// A part of a class's name: arrows choose among the classes that have it, Enter takes one.
pub fn find(app: &mut App, mut find: Find, key: &KeyEvent) -> Vec<Effect> {
    let classes = found(app, &find);
    let last = classes.len().saturating_sub(1);
    find.chosen = match key.code {
        KeyCode::Esc => return Vec::new(),
        KeyCode::Enter => match classes.get(find.chosen) {
            Some(&class) => return take(app, class),
            None => find.chosen,
        },
        KeyCode::Backspace if find.typed.pop().is_none() => return Vec::new(),
        KeyCode::Backspace => 0,
        KeyCode::Up => find.chosen.saturating_sub(1),
        KeyCode::Down => (find.chosen + 1).min(last),
        KeyCode::PageUp => find.chosen.saturating_sub(PAGE),
        KeyCode::PageDown => (find.chosen + PAGE).min(last),
        KeyCode::Home => 0,
        KeyCode::End => last,
        _ => match Key::from(key).character() {
            Some(c) if !c.is_control() && find.typed.chars().count() < LONGEST => {
                find.typed.push(c);
                0
            }
            _ => find.chosen,
        },
    };
    app.overlay = Overlay::Find(find);
    Vec::new()
}

/// The class that was looked for: its mistakes, where mistakes are looked at, else why it is likely.
fn take(app: &mut App, class: usize) -> Vec<Effect> {
    match mistakes(app) {
        Some(_) => panel::filter(app, Filter::With(class)),
        None => explain_class(app, class),
    }
}
