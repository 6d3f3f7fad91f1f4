//! The one table of keys: dispatch, footer and help all come from it, and the configuration file
//! changes it.

use crossterm::event::{KeyCode, KeyEvent};

use crate::app::key::Key;
use crate::app::state::Screen;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the table below says what each one does
pub enum Action {
    SwitchScreen,
    Next,
    Previous,
    NextPage,
    PreviousPage,
    Up,
    Down,
    First,
    Last,
    Jump,
    Random,
    NextWrong,
    ExplainClass,
    Back,
    Open,
    Classes,
    Versus,
    Methods,
    Features,
    Trust,
    Sanity,
    Mistakes,
    Confusion,
    Earlier,
    Later,
    Play,
    Draw,
    Undo,
    NextMethod,
    NextLayer,
    Signed,
    NextColormap,
    ToggleOverlay,
    SavePicture,
    Pause,
    TrainMore,
    Help,
    Quit,
    Interrupt,
    Suspend,
    Redraw,
}

/// One line of the table.
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// Its name in the configuration file.
    pub name: &'static str,
    /// Keys, any of which does it, unless the configuration file names others.
    pub keys: &'static [Key],
    /// What it does, for the help screen: 30 characters at most.
    pub help: &'static str,
    /// Two words for the footer; empty keeps it out.
    pub short: &'static str,
    /// Where it works; `None` is everywhere.
    pub screen: Option<Screen>,
}

const EXPLORE: Option<Screen> = Some(Screen::Explore);

/// A line of the table for people to read.
const fn bind(
    action: Action,
    name: &'static str,
    keys: &'static [Key],
    help: &'static str,
    short: &'static str,
    screen: Option<Screen>,
) -> Binding {
    Binding { action, name, keys, help, short, screen }
}

const fn c(c: char) -> Key {
    Key::char(c)
}

const fn k(code: KeyCode) -> Key {
    Key::plain(code)
}

/// Every key of the app, in the order of the footer and the help screen.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    bind(Action::SwitchScreen, "screen", &[k(KeyCode::Tab)], "the other screen", "screen", None),
    bind(Action::Previous, "previous", &[k(KeyCode::Left), c('h')], "previous digit", "", EXPLORE),
    bind(Action::Next, "next", &[k(KeyCode::Right), c('l')], "next digit", "next", EXPLORE),
    bind(Action::PreviousPage, "previous-page", &[k(KeyCode::PageUp), Key::control('u')], "ten digits back", "", EXPLORE),
    bind(Action::NextPage, "next-page", &[k(KeyCode::PageDown), Key::control('d')], "ten digits on", "", EXPLORE),
    bind(Action::First, "first", &[k(KeyCode::Home), c('g')], "first digit", "", EXPLORE),
    bind(Action::Last, "last", &[k(KeyCode::End), c('G')], "last digit", "", EXPLORE),
    bind(Action::Jump, "jump", &[c(':')], "go to a digit: 250, +10, -10", "go to", EXPLORE),
    bind(Action::Random, "random", &[c('r')], "a random digit", "random", EXPLORE),
    bind(Action::NextWrong, "wrong", &[c('w')], "next digit it gets wrong", "wrong", EXPLORE),
    bind(Action::ExplainClass, "class", &[c('0'), c('1'), c('2'), c('3'), c('4'), c('5'), c('6'), c('7'), c('8'), c('9')], "explain that class", "class", EXPLORE),
    bind(Action::Up, "up", &[k(KeyCode::Up), c('k')], "explain the class above", "", EXPLORE),
    bind(Action::Down, "down", &[k(KeyCode::Down), c('j')], "explain the class below", "", EXPLORE),
    bind(Action::Back, "back", &[k(KeyCode::Esc)], "back: digit, class, weights", "", EXPLORE),
    bind(Action::Open, "open", &[k(KeyCode::Enter)], "open it; a channel off or on", "", EXPLORE),
    bind(Action::Classes, "classes", &[c('a')], "all ten classes on one scale", "all", EXPLORE),
    bind(Action::Versus, "versus", &[c('d')], "why this class, not that one", "why", EXPLORE),
    bind(Action::Mistakes, "mistakes", &[c('e')], "errors, the worst first", "errors", EXPLORE),
    bind(Action::Confusion, "confusion", &[c('x')], "the confusion matrix", "", EXPLORE),
    bind(Action::Features, "features", &[c('f')], "what the channels see", "features", EXPLORE),
    bind(Action::Methods, "methods", &[c('M')], "all methods side by side", "", EXPLORE),
    bind(Action::Trust, "trust", &[c('v')], "verify: can it be trusted?", "verify", EXPLORE),
    bind(Action::Sanity, "sanity", &[c('z')], "randomise layer by layer", "", EXPLORE),
    bind(Action::Earlier, "earlier", &[c('[')], "an earlier stage of training", "", EXPLORE),
    bind(Action::Later, "later", &[c(']')], "a later stage of training", "", EXPLORE),
    bind(Action::Play, "play", &[c('p')], "play the stages, or stop", "play", EXPLORE),
    bind(Action::Draw, "draw", &[c('D')], "draw a digit of your own", "draw", EXPLORE),
    bind(Action::Undo, "undo", &[k(KeyCode::Backspace)], "undo a stroke of the drawing", "", EXPLORE),
    bind(Action::NextMethod, "method", &[c('m')], "next method", "method", EXPLORE),
    bind(Action::NextLayer, "layer", &[c('L')], "the other layer", "", EXPLORE),
    bind(Action::Signed, "signed", &[c('+')], "evidence against it, in blue", "", EXPLORE),
    bind(Action::ToggleOverlay, "overlay", &[c('o')], "heatmap over the digit", "overlay", EXPLORE),
    bind(Action::NextColormap, "colormap", &[c('c')], "next colormap", "colours", None),
    bind(Action::SavePicture, "save", &[c('s')], "save the pictures as a PNG", "save", EXPLORE),
    bind(Action::Pause, "pause", &[c(' ')], "pause training, or go on", "pause", None),
    bind(Action::TrainMore, "train", &[c('t')], "one more epoch, or train anew", "train", None),
    bind(Action::Help, "help", &[c('?'), k(KeyCode::F(1))], "this help", "help", None),
    bind(Action::Quit, "quit", &[c('q')], "quit; asks while training", "quit", None),
    bind(Action::Interrupt, "interrupt", &[Key::control('c')], "quit at once", "", None),
    bind(Action::Suspend, "suspend", &[Key::control('z')], "suspend; fg goes on", "", None),
    bind(Action::Redraw, "redraw", &[Key::control('l')], "draw the screen anew", "", None),
];

/// A line of the table with the keys that it has now.
#[derive(Clone)]
pub struct Bound {
    /// The line.
    pub binding: &'static Binding,
    /// Its keys.
    pub keys: Vec<Key>,
}

/// The table as it is used.
#[derive(Clone)]
pub struct Keymap(Vec<Bound>);

/// The configuration asks for what cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// There is no such action.
    #[error("there is no action \"{0}\"; there are {names}", names = names())]
    UnknownAction(String),
    /// Two actions want one key.
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
        Self(BINDINGS.iter().map(|b| Bound { binding: b, keys: b.keys.to_vec() }).collect())
    }
}

impl Keymap {
    /// Gives an action these keys in place of its own.
    ///
    /// # Errors
    /// When there is no such action.
    pub fn rebind(&mut self, name: &str, keys: Vec<Key>) -> Result<(), KeymapError> {
        let bound = self.0.iter_mut().find(|bound| bound.binding.name == name);
        let bound = bound.ok_or_else(|| KeymapError::UnknownAction(name.to_owned()))?;
        bound.keys = keys.clone();
        // There is always a way out.
        let way_out = Key::control('c');
        if bound.binding.action == Action::Interrupt && !bound.keys.contains(&way_out) {
            bound.keys.push(way_out);
        }
        // This one is newer than configurations that give its key to something else.
        if name != "redraw" {
            let redraw = self.0.iter_mut().filter(|b| b.binding.action == Action::Redraw);
            redraw.for_each(|b| b.keys.retain(|key| !keys.contains(key)));
        }
        Ok(())
    }

    /// Whether every key means one thing.
    ///
    /// # Errors
    /// With a key that means two.
    pub fn check(&self) -> Result<(), KeymapError> {
        for (i, second) in self.0.iter().enumerate() {
            for first in &self.0[..i] {
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

    /// What a key asks for on this screen, if anything.
    pub fn action(&self, event: &KeyEvent, screen: Screen) -> Option<Action> {
        let key = Key::from(event);
        let here = self.0.iter().filter(|b| b.binding.screen.is_none_or(|s| s == screen));
        here.clone().find(|b| b.keys.contains(&key)).map(|b| b.binding.action)
    }

    /// Which of an action's keys this is.
    pub fn place(&self, action: Action, event: &KeyEvent) -> Option<usize> {
        let bound = self.0.iter().find(|bound| bound.binding.action == action)?;
        bound.keys.iter().position(|&key| key == Key::from(event))
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
    use crossterm::event::KeyModifiers;

    #[test]
    fn no_key_means_two_things_and_help_fits_its_column() {
        assert_eq!(Keymap::default().check(), Ok(()));
        for binding in BINDINGS {
            assert!(binding.help.len() <= 30, "{}", binding.help);
            let twice = BINDINGS.iter().filter(|b| b.name == binding.name).count();
            assert_eq!(twice, 1, "{}", binding.name);
        }
    }

    #[test]
    fn keys_work_on_their_screens_only() {
        let keymap = Keymap::default();
        let event = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        assert_eq!(keymap.action(&event('w'), Screen::Explore), Some(Action::NextWrong));
        assert_eq!(keymap.action(&event('w'), Screen::Train), None);
        assert_eq!(keymap.action(&event('q'), Screen::Train), Some(Action::Quit));
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(keymap.action(&shifted, Screen::Explore), Some(Action::Last));
    }

    #[test]
    fn keys_can_be_changed_but_not_doubled() {
        let mut keymap = Keymap::default();
        keymap.rebind("next", vec![Key::char('n'), Key::char('.')]).unwrap();
        let event = KeyEvent::new(KeyCode::Char('n'), KeyModifiers::NONE);
        assert_eq!(keymap.action(&event, Screen::Explore), Some(Action::Next));
        assert_eq!(keymap.lines()[2].label(), "n .");
        assert_eq!(keymap.short_label(Action::ExplainClass), "0-9");
        // Only keys that follow each other are a range.
        let keys = ["right", "l", "n"].map(|text| text.parse::<Key>().unwrap());
        keymap.rebind("random", keys.to_vec()).unwrap();
        let random = keymap.lines().iter().find(|b| b.binding.action == Action::Random).unwrap();
        assert_eq!((random.label(), random.short_label()), ("→ l n".to_owned(), "→".to_owned()));
        keymap.rebind("random", vec!['a', 'b', 'd'].into_iter().map(Key::char).collect()).unwrap();
        assert_eq!(keymap.short_label(Action::Random), "a");
        keymap.rebind("random", vec!['x', 'y', 'z'].into_iter().map(Key::char).collect()).unwrap();
        assert_eq!(keymap.short_label(Action::Random), "x-z");
        keymap.rebind("random", vec![]).unwrap();
        assert_eq!(keymap.short_label(Action::Random), "");
        assert_eq!(keymap.check(), Ok(()));
        // A configuration that is older than this key of another action.
        keymap.rebind("previous", vec![Key::control('l')]).unwrap();
        assert_eq!(keymap.check(), Ok(()));
        keymap.rebind("redraw", vec![Key::plain(KeyCode::F(5))]).unwrap();
        assert_eq!(keymap.short_label(Action::Redraw), "F5");
        keymap.rebind("quit", vec![Key::char('n')]).unwrap();
        let message = keymap.check().unwrap_err().to_string();
        assert_eq!(message, "n would mean both next and quit");
        let message = keymap.rebind("fly", vec![]).unwrap_err().to_string();
        assert!(message.contains("fly") && message.contains("next, "), "{message}");
    }
}
