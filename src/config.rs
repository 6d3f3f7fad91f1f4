//! The user's configuration file: `gradcam/config.toml` in the folder for configurations.
//!
//! ```toml
//! color = "256"          # auto, truecolor, 256, 16 or never
//! background = "light"   # auto, dark or light
//! ascii = true
//! colormap = "viridis"
//! mouse = true
//!
//! [keys]
//! next = ["right", "l", "n"]
//! quit = "Q"
//! ```

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error, IgnoredAny};
use serde::{Deserialize, Deserializer};
use strum::VariantArray;
use toml::Spanned;

use crate::app::Settings;
use crate::app::key::Key;
use crate::app::keymap::Keymap;
use crate::app::term::probe::{Question, light_by_environment};
use crate::app::theme::Theme;
use crate::cli::Display;
use crate::paint::{Background, ColorChoice, ColorDepth, Colormap, detect};

/// What the user has set for good. The command line comes before it.
#[derive(Default)]
pub struct Config {
    /// Colours of the terminal.
    pub color: Option<ColorChoice>,
    /// Its background.
    pub background: Option<Background>,
    /// Whether to draw with ASCII characters only.
    pub ascii: Option<bool>,
    /// Colours of heatmaps.
    pub colormap: Option<Colormap>,
    /// Whether the mouse works.
    pub mouse: Option<bool>,
    /// Keys.
    pub keymap: Keymap,
}

/// Why a configuration file is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It says something that is not understood.
    #[error("{path}, line {line}: {message}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where in it, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, deserialize_with = "named")]
    color: Option<ColorChoice>,
    #[serde(default, deserialize_with = "named")]
    background: Option<Background>,
    ascii: Option<bool>,
    #[serde(default, deserialize_with = "named")]
    colormap: Option<Colormap>,
    mouse: Option<bool>,
    #[serde(default)]
    keys: BTreeMap<Spanned<String>, Spanned<Keys>>,
}

/// A value that is the name of a variant.
fn named<'de, T, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error>
where
    T: Copy + FromStr + Into<&'static str> + VariantArray,
{
    let name = String::deserialize(value)?;
    let unknown = |_| {
        let names: Vec<&str> = T::VARIANTS.iter().map(|&variant| variant.into()).collect();
        D::Error::custom(format!("\"{name}\" is none of {}", names.join(", ")))
    };
    name.parse().map(Some).map_err(unknown)
}

/// One key or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Many(Vec<String>),
    Wrong(IgnoredAny),
}

/// Reads the file; one that is not there says nothing.
///
/// # Errors
/// One sentence with the file and the line.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    read(path, parse)
}

/// The file's colours of heatmaps alone. A mistake elsewhere in it is not seen: whoever draws one
/// picture has no use for keys.
///
/// # Errors
/// One sentence with the file and the line.
pub fn colormap(path: &Path) -> Result<Option<Colormap>, ConfigError> {
    /// The one line of the file.
    #[derive(Default, Deserialize)]
    struct Only {
        #[serde(default, deserialize_with = "named")]
        colormap: Option<Colormap>,
    }
    Ok(read(path, from_toml::<Only>)?.colormap)
}

/// Reads the file with `parse`, which gives an error with its line; one that is not there says
/// nothing.
fn read<T: Default>(
    path: &Path,
    parse: impl Fn(&str) -> Result<T, (usize, String)>,
) -> Result<T, ConfigError> {
    let path = path.to_owned();
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            parse(&text).map_err(|(line, message)| ConfigError::Wrong { path, line, message })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(source) => Err(ConfigError::Read { path, source }),
    }
}

/// The line, from 1, in which a span of the text begins.
fn line(text: &str, span: Option<Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start).min(text.len());
    text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count() + 1
}

fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, (usize, String)> {
    toml::from_str(text).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        (line(text, error.span()), message)
    })
}

/// A file's text; an error comes with its line.
fn parse(text: &str) -> Result<Config, (usize, String)> {
    let file: File = from_toml(text)?;
    let mut keymap = Keymap::default();
    let mut last = 1;
    for (name, keys) in &file.keys {
        let here = line(text, Some(keys.span()));
        let texts = match keys.get_ref() {
            Keys::One(text) => std::slice::from_ref(text),
            Keys::Many(texts) => texts,
            Keys::Wrong(_) => {
                return Err((here, "give a key as text, or several in brackets".to_owned()));
            }
        };
        let keys: Result<Vec<Key>, _> = texts.iter().map(|text| text.parse()).collect();
        let keys = keys.map_err(|error: crate::app::key::UnknownKey| (here, error.to_string()))?;
        keymap.rebind(name.get_ref(), keys).map_err(|error| (here, error.to_string()))?;
        last = last.max(here);
    }
    keymap.check().map_err(|error| (last, error.to_string()))?;
    let File { color, background, ascii, colormap, mouse, .. } = file;
    Ok(Config { color, background, ascii, colormap, mouse, keymap })
}

/// How the app looks and listens: as the command line says, the configuration file and the
/// environment, in this order.
pub fn settings(
    flags: &Display,
    config: Config,
    environment: impl Fn(&str) -> Option<String>,
) -> Settings {
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
    Settings {
        theme: Theme { depth: found.depth, light, ascii },
        why: found.why,
        why_ascii,
        question,
        colormap: flags.colormap.or(config.colormap).unwrap_or_default(),
        keymap: config.keymap,
        mouse: flags.mouse || config.mouse.unwrap_or(false),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keymap::Action;

    #[test]
    fn a_file_sets_what_it_names() {
        let text = "color = \"256\"\ncolormap = \"viridis\"\nmouse = true\n\
                    [keys]\nnext = [\"right\", \"n\"]\nquit = \"Q\"\n";
        let config = parse(text).unwrap_or_default();
        assert_eq!(config.color, Some(ColorChoice::Indexed));
        assert_eq!((config.colormap, config.mouse), (Some(Colormap::Viridis), Some(true)));
        assert_eq!((config.ascii, config.background), (None, None));
        assert_eq!(config.keymap.short_label(Action::Next), "→");
        assert_eq!(config.keymap.short_label(Action::Quit), "Q");
        assert_eq!(config.keymap.short_label(Action::Previous), "←");
    }

    #[test]
    fn a_file_that_is_older_than_a_key_of_today_still_opens() {
        let config = parse("[keys]\nrandom = \"/\"\nnext = \"ctrl-l\"\n").unwrap();
        assert_eq!(config.keymap.short_label(Action::Random), "/");
        assert_eq!(config.keymap.short_label(Action::Find), "");
        assert_eq!(config.keymap.short_label(Action::Redraw), "");
        // Today's file says what is to be done about it.
        let text = "[keys]\nrandom = \"/\"\nfind = \"f2\"\n";
        assert_eq!(parse(text).unwrap().keymap.short_label(Action::Find), "F2");
    }

    #[test]
    fn the_readme_shows_a_file_that_is_understood() {
        let readme = include_str!("../README.md");
        let (_, rest) = readme.split_once("```toml\n").unwrap();
        let (example, _) = rest.split_once("```").unwrap();
        let config = parse(example).unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(config.color, Some(ColorChoice::Indexed));
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        for (text, line, part) in [
            ("colour = \"256\"\n", 1, "colour"),
            ("mouse = true\n\ncolor = \"blue\"\n", 3, "blue"),
            ("colormap = \"rainbows\"", 1, "\"rainbows\" is none of inferno, viridis, "),
            ("mouse = \"yes\"", 1, "bool"),
            ("mouse = ", 1, ""),
            ("[keys]\nnext = \"n\"\nfly = \"f\"\n", 3, "no action \"fly\""),
            ("[keys]\nnext = \"hyper-n\"\n", 2, "\"hyper-n\" is no key"),
            ("[keys]\n\nnext = 5\n", 3, "give a key as text"),
            ("[keys]\nnext = \"q\"\n", 2, "q would mean both next and quit"),
            ("[windows]\n", 1, "windows"),
        ] {
            let (found, message) = parse(text).err().unwrap_or_default();
            assert_eq!(found, line, "{text}: {message}");
            assert!(message.contains(part), "{text}: {message}");
            assert!(!message.contains('\n'));
        }
    }

    #[test]
    fn whoever_needs_a_colormap_alone_sees_no_mistake_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        assert_eq!(colormap(&path).unwrap(), None);
        std::fs::write(&path, "colormap = \"jet\"\nfly = 1\n[keys]\nnext = \"q\"\n").unwrap();
        assert!(load(&path).is_err());
        assert_eq!(colormap(&path).unwrap(), Some(Colormap::Jet));
        std::fs::write(&path, "\ncolormap = \"rainbows\"").unwrap();
        let message = colormap(&path).unwrap_err().to_string();
        assert!(message.contains("line 2") && message.contains("rainbows"), "{message}");
    }

    #[test]
    fn no_file_is_no_error_and_an_unreadable_one_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(load(&folder.path().join("config.toml")).is_ok());
        let message = load(folder.path()).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message.starts_with("cannot read "), "{message}");
    }

    fn decided(flags: Display, config: Config, environment: &[(&str, &str)]) -> Settings {
        settings(&flags, config, |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn the_command_line_comes_first_then_the_file_then_the_environment() {
        let environment = [("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("COLORFGBG", "0;15")];
        let depth = |flag, file| {
            let flags = Display { color: flag, ..Display::default() };
            let config = Config { color: file, ..Config::default() };
            decided(flags, config, &environment).theme.depth
        };
        let (ansi, indexed) = (Some(ColorChoice::Ansi), Some(ColorChoice::Indexed));
        assert_eq!(depth(ansi, indexed), ColorDepth::Ansi);
        assert_eq!(depth(None, indexed), ColorDepth::Indexed);
        assert_eq!(depth(None, None), ColorDepth::Mono);
        let light = |background| {
            let flags = Display { background, ..Display::default() };
            decided(flags, Config::default(), &environment).theme.light
        };
        assert_eq!([light(None), light(Some(Background::Dark))], [true, false]);
        let colormap = |flag, file| {
            let flags = Display { colormap: flag, ..Display::default() };
            let config = Config { colormap: file, ..Config::default() };
            decided(flags, config, &environment).colormap
        };
        let (viridis, jet) = (Some(Colormap::Viridis), Some(Colormap::Jet));
        assert_eq!(colormap(viridis, jet), Colormap::Viridis);
        assert_eq!(colormap(None, jet), Colormap::Jet);
        assert_eq!(colormap(None, None), Colormap::default());
    }

    #[test]
    fn only_what_is_open_is_asked_and_only_of_those_who_answer() {
        let asked = |environment: &[(&str, &str)]| {
            let question = decided(Display::default(), Config::default(), environment).question;
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
            let settings = decided(flags, config, locale);
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
