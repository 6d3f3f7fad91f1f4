//! Keys as people write them, in the help and in the configuration file.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key, with Ctrl or Alt where they are held. Shift is part of the character itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub code: KeyCode,
    /// Ctrl, Alt, both or none.
    pub modifiers: KeyModifiers,
}

/// What was written is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no key; write one as x, X, ?, ctrl-x, alt-x, f1, left, pgup, home, space, ...")]
pub struct UnknownKey(String);

/// Names in the configuration file, and for people.
const NAMED: [(&str, KeyCode, &str); 15] = [
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("pgup", KeyCode::PageUp, "PgUp"),
    ("pgdn", KeyCode::PageDown, "PgDn"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
    ("insert", KeyCode::Insert, "Ins"),
    ("delete", KeyCode::Delete, "Del"),
    ("tab", KeyCode::Tab, "Tab"),
    ("enter", KeyCode::Enter, "Enter"),
    ("esc", KeyCode::Esc, "Esc"),
    ("backspace", KeyCode::Backspace, "Bksp"),
    ("space", KeyCode::Char(' '), "Space"),
];

impl Key {
    /// A key by itself.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, modifiers: KeyModifiers::NONE }
    }

    /// A character.
    pub const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    /// Its character, if it is nothing else.
    pub fn character(&self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    /// A character with Ctrl.
    pub const fn control(c: char) -> Self {
        Self { code: KeyCode::Char(c), modifiers: KeyModifiers::CONTROL }
    }
}

impl From<&KeyEvent> for Key {
    fn from(event: &KeyEvent) -> Self {
        let code = if event.code == KeyCode::BackTab { KeyCode::Tab } else { event.code };
        Self { code, modifiers: event.modifiers.difference(KeyModifiers::SHIFT) }
    }
}

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let unknown = || UnknownKey(text.to_owned());
        let (mut rest, mut modifiers) = (text, KeyModifiers::NONE);
        for (prefix, modifier) in [("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT)] {
            if let Some(after) = rest.strip_prefix(prefix).filter(|after| !after.is_empty()) {
                (rest, modifiers) = (after, modifiers | modifier);
            }
        }
        let mut characters = rest.chars();
        let code = match (characters.next(), characters.next()) {
            (Some(c), None) if !c.is_control() && c != ' ' => KeyCode::Char(c),
            _ => match NAMED.iter().find(|(name, ..)| *name == rest) {
                Some((_, code, _)) => *code,
                None => {
                    let number = rest.strip_prefix('f').and_then(|n| n.parse().ok());
                    KeyCode::F(number.filter(|n| (1..=12).contains(n)).ok_or_else(unknown)?)
                }
            },
        };
        Ok(Self { code, modifiers })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alt = if self.modifiers.contains(KeyModifiers::ALT) { "Alt-" } else { "" };
        let control = self.modifiers.contains(KeyModifiers::CONTROL);
        match self.code {
            KeyCode::Char(c) if c != ' ' && control => {
                write!(f, "{alt}^{}", c.to_ascii_uppercase())
            }
            KeyCode::Char(c) if c != ' ' => write!(f, "{alt}{c}"),
            KeyCode::F(n) => write!(f, "{alt}F{n}"),
            code => {
                let control = if control { "^" } else { "" };
                let name = NAMED.iter().find(|(_, named, _)| *named == code);
                write!(f, "{alt}{control}{}", name.map_or("?", |(.., name)| name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for (text, key, shown) in [
            ("x", Key::char('x'), "x"),
            ("X", Key::char('X'), "X"),
            ("-", Key::char('-'), "-"),
            ("ctrl-u", Key::control('u'), "^U"),
            ("pgup", Key::plain(KeyCode::PageUp), "PgUp"),
            ("left", Key::plain(KeyCode::Left), "←"),
            ("space", Key::char(' '), "Space"),
            ("f12", Key::plain(KeyCode::F(12)), "F12"),
        ] {
            assert_eq!(text.parse(), Ok(key), "{text}");
            assert_eq!(key.to_string(), shown);
        }
        let alt: Key = "alt-x".parse().unwrap();
        assert_eq!((alt.modifiers, alt.to_string().as_str()), (KeyModifiers::ALT, "Alt-x"));
        for bad in ["", " ", "xy", "ctrl-", "f0", "f13", "hyper-x", "Left"] {
            assert!(bad.parse::<Key>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn shift_is_part_of_the_character() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(Key::from(&event), Key::char('G'));
        let event = KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(Key::from(&event), Key::plain(KeyCode::Tab));
    }
}
