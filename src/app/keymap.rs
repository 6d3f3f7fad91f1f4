//! The one table of keys: dispatch, footer and help all come from it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::state::Screen;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the table below says what each one does
pub enum Action {
    SwitchScreen,
    Next,
    Previous,
    NextPage,
    PreviousPage,
    First,
    Last,
    Jump,
    Random,
    NextWrong,
    ExplainClass,
    ExplainPredicted,
    NextMethod,
    NextColormap,
    ToggleOverlay,
    SavePicture,
    Pause,
    TrainMore,
    Help,
    Quit,
    Interrupt,
    Suspend,
}

/// One line of the table.
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// Keys, any of which does it.
    pub keys: &'static [(KeyCode, KeyModifiers)],
    /// How the keys are written for people.
    pub label: &'static str,
    /// What it does, for the help screen.
    pub help: &'static str,
    /// Two words for the footer; empty keeps it out.
    pub short: &'static str,
    /// Where it works; `None` is everywhere.
    pub screen: Option<Screen>,
}

const NONE: KeyModifiers = KeyModifiers::NONE;
const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
const EXPLORE: Option<Screen> = Some(Screen::Explore);

const fn char(c: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(c), NONE)
}

const fn key(code: KeyCode) -> (KeyCode, KeyModifiers) {
    (code, NONE)
}

const fn control(c: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(c), CONTROL)
}

/// Every key of the app, in the order of the footer and the help screen.
pub const BINDINGS: &[Binding] = &[
    Binding {
        action: Action::SwitchScreen,
        keys: &[key(KeyCode::Tab), key(KeyCode::BackTab)],
        label: "Tab",
        help: "go to the other screen: Train or Explore",
        short: "screen",
        screen: None,
    },
    Binding {
        action: Action::Previous,
        keys: &[key(KeyCode::Left), char('h')],
        label: "← h",
        help: "previous digit",
        short: "",
        screen: EXPLORE,
    },
    Binding {
        action: Action::Next,
        keys: &[key(KeyCode::Right), char('l')],
        label: "→ l",
        help: "next digit",
        short: "next",
        screen: EXPLORE,
    },
    Binding {
        action: Action::PreviousPage,
        keys: &[key(KeyCode::PageUp), control('u')],
        label: "PgUp ^U",
        help: "ten digits back",
        short: "",
        screen: EXPLORE,
    },
    Binding {
        action: Action::NextPage,
        keys: &[key(KeyCode::PageDown), control('d')],
        label: "PgDn ^D",
        help: "ten digits on",
        short: "",
        screen: EXPLORE,
    },
    Binding {
        action: Action::First,
        keys: &[key(KeyCode::Home), char('g')],
        label: "Home g",
        help: "first digit",
        short: "",
        screen: EXPLORE,
    },
    Binding {
        action: Action::Last,
        keys: &[key(KeyCode::End), char('G')],
        label: "End G",
        help: "last digit",
        short: "",
        screen: EXPLORE,
    },
    Binding {
        action: Action::Jump,
        keys: &[char(':')],
        label: ":",
        help: "jump to a digit: its number, then Enter",
        short: "jump",
        screen: EXPLORE,
    },
    Binding {
        action: Action::Random,
        keys: &[char('r')],
        label: "r",
        help: "a random digit",
        short: "random",
        screen: EXPLORE,
    },
    Binding {
        action: Action::NextWrong,
        keys: &[char('w')],
        label: "w",
        help: "next digit that the network gets wrong",
        short: "wrong",
        screen: EXPLORE,
    },
    Binding {
        action: Action::ExplainClass,
        keys: &[
            char('0'),
            char('1'),
            char('2'),
            char('3'),
            char('4'),
            char('5'),
            char('6'),
            char('7'),
            char('8'),
            char('9'),
        ],
        label: "0-9",
        help: "explain that class in place of the predicted one",
        short: "class",
        screen: EXPLORE,
    },
    Binding {
        action: Action::ExplainPredicted,
        keys: &[key(KeyCode::Esc)],
        label: "Esc",
        help: "back to the predicted class; also closes whatever is open",
        short: "",
        screen: EXPLORE,
    },
    Binding {
        action: Action::NextMethod,
        keys: &[char('m')],
        label: "m",
        help: "next method: Grad-CAM, HiResCAM, Grad-CAM++ ...",
        short: "method",
        screen: EXPLORE,
    },
    Binding {
        action: Action::NextColormap,
        keys: &[char('c')],
        label: "c",
        help: "next colormap",
        short: "colours",
        screen: None,
    },
    Binding {
        action: Action::ToggleOverlay,
        keys: &[char('o')],
        label: "o",
        help: "lay the heatmap over the digit, or take it off",
        short: "overlay",
        screen: EXPLORE,
    },
    Binding {
        action: Action::SavePicture,
        keys: &[char('s')],
        label: "s",
        help: "save digit and heatmap as a PNG in this folder",
        short: "save",
        screen: EXPLORE,
    },
    Binding {
        action: Action::Pause,
        keys: &[char(' ')],
        label: "Space",
        help: "pause training, or go on",
        short: "pause",
        screen: None,
    },
    Binding {
        action: Action::TrainMore,
        keys: &[char('t')],
        label: "t",
        help: "train: one more epoch, or a new network after a model from a file",
        short: "train",
        screen: None,
    },
    Binding {
        action: Action::Help,
        keys: &[char('?'), key(KeyCode::F(1))],
        label: "?",
        help: "this help",
        short: "help",
        screen: None,
    },
    Binding {
        action: Action::Quit,
        keys: &[char('q')],
        label: "q",
        help: "quit; asks once while training",
        short: "quit",
        screen: None,
    },
    Binding {
        action: Action::Interrupt,
        keys: &[control('c')],
        label: "^C",
        help: "quit at once",
        short: "",
        screen: None,
    },
    Binding {
        action: Action::Suspend,
        keys: &[control('z')],
        label: "^Z",
        help: "suspend, training included; fg goes on",
        short: "",
        screen: None,
    },
];

/// What a key asks for on this screen, if anything.
pub fn action(event: &KeyEvent, screen: Screen) -> Option<Action> {
    // Shift is part of the character itself.
    let modifiers = event.modifiers.difference(KeyModifiers::SHIFT);
    BINDINGS
        .iter()
        .filter(|binding| binding.screen.is_none_or(|s| s == screen))
        .find(|binding| binding.keys.contains(&(event.code, modifiers)))
        .map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut seen = Vec::new();
        for binding in BINDINGS {
            for key in binding.keys {
                assert!(!seen.contains(key), "{key:?} is bound twice");
                seen.push(*key);
            }
        }
    }

    #[test]
    fn keys_work_on_their_screens_only() {
        let event = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        assert_eq!(action(&event('w'), Screen::Explore), Some(Action::NextWrong));
        assert_eq!(action(&event('w'), Screen::Train), None);
        assert_eq!(action(&event('q'), Screen::Train), Some(Action::Quit));
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(action(&shifted, Screen::Explore), Some(Action::Last));
    }
}
