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
        let (ascii, why_ascii) = characters(flags.ascii, config.ascii, &environment);
        let question = Question {
            depth: found.open && asks,
            background: background == Background::Auto && asks,
            utf8: why_ascii.is_none(),
        };
        Self {
            theme: Theme { depth: found.depth, light, ascii },
            why: found.why,
            why_ascii,
            question,
            colormap: flags.colormap.or(config.colormap).unwrap_or_default(),
            keymap: config.keymap,
            mouse: flags.mouse || config.mouse.unwrap_or(false),
        }
    }
}

/// Whether to draw with ASCII characters only, and what decides it, if anything does.
fn characters(
    flag: bool,
    configured: Option<bool>,
    environment: impl Fn(&str) -> Option<String>,
) -> (bool, Option<String>) {
    match configured {
        _ if flag => (true, Some("--ascii says so".to_owned())),
        Some(ascii) => (ascii, Some("the configuration says so".to_owned())),
        None => match locale(environment) {
            Some((name, value)) if !takes_utf8(&value) => {
                (true, Some(format!("{name}={value} names another character set than UTF-8")))
            }
            _ => (false, None),
        },
    }
}

/// The variable that decides on characters, and its value.
pub fn locale(environment: impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, environment(name)?)))
}

/// Whether a locale may be one of UTF-8: it says so, or names no character set. SSH often carries
/// no locale at all, and `C` says nothing of the terminal.
fn takes_utf8(locale: &str) -> bool {
    let locale = locale.to_lowercase();
    let charset = locale.split('@').next().and_then(|locale| locale.split_once('.'));
    charset.is_none_or(|(_, charset)| matches!(charset, "utf-8" | "utf8"))
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
            assert!(question.utf8);
            (question.depth, question.background)
        };
        assert_eq!(asked(&[("TERM", "xterm-256color")]), (true, true));
        assert_eq!(asked(&[("TERM", "xterm-kitty")]), (false, true));
        assert_eq!(asked(&[("TERM", "linux")]), (false, false));
        assert_eq!(asked(&[("TERM", "screen-256color")]), (false, false));
        assert_eq!(asked(&[("TERM", "xterm"), ("STY", "1.pts")]), (false, false));
        assert_eq!(asked(&[("TERM", "xterm"), ("NO_COLOR", "1")]), (false, false));
    }

    #[test]
    fn ascii_is_drawn_where_it_is_asked_for_or_the_locale_names_another_character_set() {
        let said = |flag, file, locale: &[(&str, &str)]| {
            let flags = Display { ascii: flag, ..Display::default() };
            let config = Config { ascii: file, ..Config::default() };
            let settings = settings(flags, config, locale);
            assert_eq!(settings.question.utf8, settings.why_ascii.is_none());
            (settings.theme.ascii, settings.why_ascii.is_some())
        };
        for other in ["de_DE.ISO-8859-1", "de_DE.ISO-8859-15@euro", "ru_RU.KOI8-R", "ja_JP.eucJP"] {
            assert_eq!(said(false, None, &[("LANG", other)]), (true, true), "{other}");
            assert_eq!(said(false, Some(false), &[("LANG", other)]), (false, true), "{other}");
        }
        for any in ["C", "POSIX", "C.UTF-8", "de_DE.utf8", "de_DE", "de_DE@euro", "UTF-8"] {
            assert_eq!(said(false, None, &[("LANG", any)]), (false, false), "{any}");
            assert_eq!(said(true, Some(false), &[("LANG", any)]), (true, true), "{any}");
        }
        assert_eq!(said(false, None, &[]), (false, false));
        assert_eq!(said(false, Some(true), &[]), (true, true));
        // The first one counts.
        let both = [("LANG", "de_DE.ISO-8859-1"), ("LC_CTYPE", "de_DE.UTF-8")];
        assert_eq!(said(false, None, &both), (false, false));
        let both = [("LC_ALL", "ru_RU.KOI8-R"), ("LC_CTYPE", "de_DE.UTF-8")];
        assert_eq!(said(false, None, &both), (true, true));
    }
}
