//! How the app looks and listens: from the command line, the configuration file and the
//! environment, in this order.

use super::keymap::Keymap;
use super::probe::{Question, light_by_environment};
use super::theme::Theme;
use crate::cli::Display;
use crate::config::{Background, Config};
use crate::paint::{ColorDepth, Colormap, detect};

/// What the app starts with.
#[derive(Clone)]
pub struct Settings {
    /// Colours and characters, as far as they are known without asking the terminal.
    pub theme: Theme,
    /// Why these colours: half a sentence for people.
    pub why: String,
    /// What the terminal is to be asked.
    pub question: Question,
    /// Colours of heatmaps.
    pub colormap: Colormap,
    /// Keys.
    pub keymap: Keymap,
    /// Whether the mouse works.
    pub mouse: bool,
}

impl Settings {
    /// Decides.
    pub fn new(
        flags: &Display,
        config: Config,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let choice = flags.color.or(config.color).unwrap_or_default();
        let found = detect(choice, &environment);
        let background = flags.background.or(config.background).unwrap_or_default();
        let light = match background {
            Background::Light => true,
            Background::Dark => false,
            Background::Auto => environment("COLORFGBG").is_some_and(|v| light_by_environment(&v)),
        };
        // Terminals that would show a question, or whose answer is not their own.
        let term = environment("TERM").unwrap_or_default();
        let deaf = term == "linux" || term.starts_with("screen") || environment("STY").is_some();
        let asks = !deaf && found.depth != ColorDepth::Mono;
        let question = Question {
            depth: found.open && asks,
            background: background == Background::Auto && asks,
        };
        let ascii = flags.ascii || config.ascii.unwrap_or(false);
        Self {
            theme: Theme { depth: found.depth, light, ascii },
            why: found.why,
            question,
            colormap: flags.colormap.or(config.colormap).unwrap_or_default(),
            keymap: config.keymap,
            mouse: flags.mouse || config.mouse.unwrap_or(false),
        }
    }
}

/// This theme and the defaults for all else.
impl From<Theme> for Settings {
    fn from(theme: Theme) -> Self {
        Self {
            theme,
            why: String::new(),
            question: Question { depth: false, background: false },
            colormap: Colormap::default(),
            keymap: Keymap::default(),
            mouse: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::ColorChoice;

    fn settings(flags: Display, config: Config, environment: &[(&str, &str)]) -> Settings {
        Settings::new(&flags, config, |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn the_command_line_comes_first_then_the_file_then_the_environment() {
        let environment = [("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("COLORFGBG", "0;15")];
        let depth = |flag, file| {
            let flags = Display { color: flag, ..Display::default() };
            let config = Config { color: file, ..Config::default() };
            settings(flags, config, &environment).theme.depth
        };
        let (ansi, indexed) = (Some(ColorChoice::Ansi), Some(ColorChoice::Indexed));
        assert_eq!(depth(ansi, indexed), ColorDepth::Ansi);
        assert_eq!(depth(None, indexed), ColorDepth::Indexed);
        assert_eq!(depth(None, None), ColorDepth::Mono);
        let light = |background| {
            let flags = Display { background, ..Display::default() };
            settings(flags, Config::default(), &environment).theme.light
        };
        assert_eq!([light(None), light(Some(Background::Dark))], [true, false]);
        let colormap = |flag, file| {
            let flags = Display { colormap: flag, ..Display::default() };
            let config = Config { colormap: file, ..Config::default() };
            settings(flags, config, &environment).colormap
        };
        let (viridis, jet) = (Some(Colormap::Viridis), Some(Colormap::Jet));
        assert_eq!(colormap(viridis, jet), Colormap::Viridis);
        assert_eq!(colormap(None, jet), Colormap::Jet);
        assert_eq!(colormap(None, None), Colormap::default());
    }

    #[test]
    fn only_what_is_open_is_asked_and_only_of_those_who_answer() {
        let asked = |environment: &[(&str, &str)]| {
            let question = settings(Display::default(), Config::default(), environment).question;
            (question.depth, question.background)
        };
        assert_eq!(asked(&[("TERM", "xterm-256color")]), (true, true));
        assert_eq!(asked(&[("TERM", "xterm-kitty")]), (false, true));
        assert_eq!(asked(&[("TERM", "linux")]), (false, false));
        assert_eq!(asked(&[("TERM", "screen-256color")]), (false, false));
        assert_eq!(asked(&[("TERM", "xterm"), ("STY", "1.pts")]), (false, false));
        assert_eq!(asked(&[("TERM", "xterm"), ("NO_COLOR", "1")]), (false, false));
    }
}
