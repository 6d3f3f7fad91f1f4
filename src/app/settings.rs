//! How the app looks and listens.

use crate::app::keymap::Keymap;
use crate::app::term::probe::Question;
use crate::app::theme::Theme;
use crate::paint::Colormap;

/// What the app starts with.
#[derive(Clone)]
pub struct Settings {
    /// Colours and characters, as far as they are known without asking the terminal.
    pub theme: Theme,
    /// Why these colours: half a sentence for people.
    pub why: String,
    /// Why these characters, where something says so: half a sentence, too.
    pub why_ascii: Option<String>,
    /// What the terminal is to be asked.
    pub question: Question,
    /// Colours of heatmaps.
    pub colormap: Colormap,
    /// Keys.
    pub keymap: Keymap,
    /// Whether the mouse works.
    pub mouse: bool,
}

/// This theme and the defaults for all else.
impl From<Theme> for Settings {
    fn from(theme: Theme) -> Self {
        Self {
            theme,
            why: String::new(),
            why_ascii: None,
            question: Question::NONE,
            colormap: Colormap::default(),
            keymap: Keymap::default(),
            mouse: false,
        }
    }
}
