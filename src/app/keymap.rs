//! What keys mean: the [table](BINDINGS) with the changes of the configuration file. Dispatch, footer
//! and help all come from it.

mod action;
mod binding;
mod table;

use crossterm::event::KeyEvent;

use crate::app::key::Key;
use crate::app::state::Context;

pub use action::Action;
pub use binding::Binding;
pub use table::BINDINGS;

/// A line of the table with the keys that it has now.
#[derive(Clone)]
pub struct Bound {
    /// The line.
    pub binding: &'static Binding,
    /// Its keys.
    pub keys: Vec<Key>,
    /// Whether the configuration names them.
    asked: bool,
}

/// The table as it is used.
#[derive(Clone)]
pub struct Keymap(Vec<Bound>);

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressed {
    /// The action.
    pub action: Action,
    /// Which of its keys it was, from 0.
    pub nth: usize,
}

/// The configuration asks for what cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// There is no such action.
    #[error("there is no action \"{0}\"; there are {names}", names = names())]
    UnknownAction(String),
    /// Two actions want one key in the same place.
    #[error("{key} would mean both {first} and {second}")]
    Taken {
        /// The key.
        key: Key,
        /// Who has it.
        first: &'static str,
        /// Who else asks for it.
        second: &'static str,
    },
}

fn names() -> String {
    BINDINGS.iter().map(|binding| binding.name).collect::<Vec<_>>().join(", ")
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = |binding: &'static Binding| {
            let keys = binding.keys.to_vec();
            Bound { binding, keys, asked: false }
        };
        Self(BINDINGS.iter().map(bound).collect())
    }
}

impl Keymap {
    /// Gives an action these keys in place of its own. Newer actions that nobody has asked keys for
    /// go without them: the configuration may be older than they are.
    ///
    /// # Errors
    /// When there is no such action.
    pub fn rebind(&mut self, name: &str, keys: Vec<Key>) -> Result<(), KeymapError> {
        let bound = self.0.iter_mut().find(|bound| bound.binding.name == name);
        let bound = bound.ok_or_else(|| KeymapError::UnknownAction(name.to_owned()))?;
        let binding = bound.binding;
        (bound.keys, bound.asked) = (keys.clone(), true);
        // There is always a way out.
        let way_out = Key::control('c');
        if binding.action == Action::Interrupt && !bound.keys.contains(&way_out) {
            bound.keys.push(way_out);
        }
        for newer in self.0.iter_mut().filter(|b| !b.asked && b.binding.is_newer(binding)) {
            newer.keys.retain(|key| !keys.contains(key) || !newer.binding.meets(binding));
        }
        Ok(())
    }

    /// Whether every key means one thing wherever it works.
    ///
    /// # Errors
    /// With a key that means two.
    pub fn check(&self) -> Result<(), KeymapError> {
        for (i, second) in self.0.iter().enumerate() {
            for first in self.0[..i].iter().filter(|first| first.binding.meets(second.binding)) {
                if let Some(&key) = second.keys.iter().find(|key| first.keys.contains(key)) {
                    let (first, second) = (first.binding.name, second.binding.name);
                    return Err(KeymapError::Taken { key, first, second });
                }
            }
        }
        Ok(())
    }

    /// All lines.
    pub fn lines(&self) -> &[Bound] {
        &self.0
    }

    /// What a key asks for there, if anything.
    pub fn pressed(&self, event: &KeyEvent, context: Context) -> Option<Pressed> {
        let key = Key::from(event);
        let mut here = self.0.iter().filter(|bound| bound.binding.works(context));
        here.find_map(|bound| {
            let nth = bound.keys.iter().position(|&other| other == key)?;
            Some(Pressed { action: bound.binding.action, nth })
        })
    }

    /// How an action's keys are written where room is scarce.
    pub fn short_label(&self, action: Action) -> String {
        let bound = self.0.iter().find(|bound| bound.binding.action == action);
        bound.map_or(String::new(), Bound::short_label)
    }
}

impl Bound {
    /// Its first key, or all of a range, for where room is scarce.
    pub fn short_label(&self) -> String {
        self.range().or_else(|| self.keys.first().map(Key::to_string)).unwrap_or_default()
    }

    /// How its keys are written for people.
    pub fn label(&self) -> String {
        let all = || self.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ");
        self.range().unwrap_or_else(all)
    }

    /// More than two keys with characters that follow each other: "0-9".
    fn range(&self) -> Option<String> {
        let characters: Option<Vec<char>> = self.keys.iter().map(Key::character).collect();
        let characters = characters.filter(|characters| characters.len() > 2)?;
        let follows = |pair: &[char]| u32::from(pair[0]) + 1 == u32::from(pair[1]);
        let all = characters.windows(2).all(follows);
        all.then(|| format!("{}-{}", characters[0], characters[characters.len() - 1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn typed(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
    }

    fn rebound(changes: &[(&str, &[&str])]) -> Result<Keymap, String> {
        let mut keymap = Keymap::default();
        for (name, keys) in changes {
            let keys = keys.iter().map(|key| key.parse().unwrap()).collect();
            keymap.rebind(name, keys).map_err(|error| error.to_string())?;
        }
        keymap.check().map_err(|error| error.to_string())?;
        Ok(keymap)
    }

    #[test]
    fn keys_work_in_their_contexts_only() {
        let keymap = Keymap::default();
        assert_eq!(keymap.check(), Ok(()));
        let action = |event: &KeyEvent, context| keymap.pressed(event, context).map(|p| p.action);
        assert_eq!(action(&typed('w'), Context::Digit), Some(Action::NextWrong));
        assert_eq!(action(&typed('w'), Context::Train), None);
        assert_eq!(action(&typed('q'), Context::Train), Some(Action::Quit));
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(action(&shifted, Context::Pairs), Some(Action::Last));
        let undo = KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(action(&undo, Context::Pad), Some(Action::Undo));
        assert_eq!(action(&undo, Context::Digit), None);
        let seventh = keymap.pressed(&typed('7'), Context::Picture);
        assert_eq!(seventh, Some(Pressed { action: Action::ExplainClass, nth: 7 }));
    }

    #[test]
    fn keys_can_be_changed_and_are_written_in_short() {
        let keymap = rebound(&[("next", &["n", "."]), ("random", &["right", "l"])]).unwrap();
        let next = keymap.pressed(&typed('.'), Context::Digit);
        assert_eq!(next, Some(Pressed { action: Action::Next, nth: 1 }));
        assert_eq!(keymap.lines()[2].label(), "n .");
        assert_eq!(keymap.short_label(Action::ExplainClass), "0-9");
        // Only keys that follow each other are a range.
        for (keys, short) in [
            (&["f2", "l", "Z"][..], "F2"),
            (&["A", "B", "C"], "A-C"),
            (&["A", "B", "E"], "A"),
            (&[], ""),
        ] {
            let keymap = rebound(&[("next", &["n"]), ("random", keys)]).unwrap();
            assert_eq!(keymap.short_label(Action::Random), short);
        }
        let message = rebound(&[("fly", &[])]).err().unwrap();
        assert!(message.contains("fly") && message.contains("next, "), "{message}");
    }

    #[test]
    fn a_key_means_one_thing_wherever_it_works() {
        let clash = |changes: &[(&str, &[&str])]| rebound(changes).err().unwrap();
        let both = "n would mean both next and quit";
        assert_eq!(clash(&[("next", &["n"]), ("quit", &["n"])]), both);
        assert_eq!(clash(&[("next", &["q"])]), "q would mean both next and quit");
        // A key of the pad alone is free elsewhere, but what works everywhere works there, too.
        assert_eq!(clash(&[("undo", &["q"])]), "q would mean both undo and quit");
        assert_eq!(clash(&[("draw", &["backspace"])]), "Bksp would mean both draw and undo");
    }

    #[test]
    fn a_newer_key_gives_way_to_a_configuration_that_is_older_than_it() {
        let keymap = rebound(&[("previous", &["ctrl-l"]), ("random", &["/", "r"])]).unwrap();
        assert_eq!(keymap.short_label(Action::Redraw), "");
        assert_eq!(keymap.short_label(Action::Find), "");
        let random = keymap.pressed(&typed('/'), Context::Mistakes);
        assert_eq!(random, Some(Pressed { action: Action::Random, nth: 0 }));
        // Whoever names the newer one knows of it, before or after.
        let named: [(&str, &[&str]); 2] = [("redraw", &["f5"]), ("previous", &["ctrl-l"])];
        assert_eq!(rebound(&named).unwrap().short_label(Action::Redraw), "F5");
        let message = rebound(&[("find", &["/"]), ("random", &["/"])]).err().unwrap();
        assert_eq!(message, "/ would mean both random and find");
        let message = rebound(&[("random", &["/"]), ("find", &["/"])]).err().unwrap();
        assert_eq!(message, "/ would mean both random and find");
        // An older one keeps its key.
        let message = rebound(&[("find", &["ctrl-l"])]).err().unwrap();
        assert_eq!(message, "^L would mean both find and redraw");
    }
}
