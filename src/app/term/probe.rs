//! Asks the terminal what its name does not tell: whether it shows 24-bit colours, whether its
//! background is light, and whether it takes UTF-8.
//!
//! The questions go out in one write, and behind them one that every terminal answers (its device
//! attributes, DA1). When that answer comes, no other will: nobody waits for a terminal that
//! understands none of the questions.

use std::io::{self, Write};
use std::time::Duration;

use crate::app::theme::Theme;
use crate::paint::ColorDepth;

/// How long an answer may take: a slow line's round trip.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// Sets a colour and asks for it back (DECRQSS), and asks for the capability `RGB` (XTGETTCAP).
const DEPTH: &[u8] = b"\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m\x1bP+q524742\x1b\\";
/// Asks for the background's colour (OSC 11).
const BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";
/// A character of two bytes in UTF-8, at the left, and where the cursor is then (CPR): one column
/// on, or two where each byte is a character. Not one of the characters that some terminals draw
/// two columns wide. The line is then erased.
const UTF8: &[u8] = b"\r\xc3\xa4\x1b[6n\r\x1b[K";
/// The last question (DA1).
const FENCE: &[u8] = b"\x1b[c";

/// What a terminal said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// It keeps 24-bit colours.
    pub truecolor: bool,
    /// Its background is light, if it told.
    pub light: Option<bool>,
    /// It takes UTF-8, if its cursor told.
    pub utf8: Option<bool>,
}

/// What to find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Whether the colours are open.
    pub depth: bool,
    /// Whether the background is.
    pub background: bool,
    /// Whether the characters are.
    pub utf8: bool,
}

impl Question {
    /// Nothing to find out.
    pub const NONE: Self = Self { depth: false, background: false, utf8: false };

    /// Writes the questions to the terminal.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn ask(self, out: &mut impl Write) -> io::Result<()> {
        let parts =
            [(self.depth, DEPTH), (self.background, BACKGROUND), (self.utf8, UTF8), (true, FENCE)];
        let asked = parts.into_iter().filter_map(|(open, part)| open.then_some(part));
        out.write_all(&asked.collect::<Vec<_>>().concat())?;
        out.flush()
    }

    /// The theme with what the terminal said in place of what was assumed.
    pub fn refine(self, theme: Theme, answers: &Answers) -> Theme {
        let depth = match self.depth && answers.truecolor {
            true => ColorDepth::TrueColor,
            false => theme.depth,
        };
        let light = answers.light.filter(|_| self.background).unwrap_or(theme.light);
        let ascii = theme.ascii || (self.utf8 && answers.utf8 == Some(false));
        Theme { depth, light, ascii }
    }
}

impl Answers {
    /// Takes in one answer, as it came.
    pub fn take(&mut self, answer: &[u8]) {
        let text = String::from_utf8_lossy(answer);
        if text.starts_with("\x1bP1$r") {
            self.truecolor |= text.contains("1;2;3") || text.contains("1:2:3");
        } else if text.to_lowercase().starts_with("\x1bp1+r524742") {
            self.truecolor = true;
        } else if let Some(color) = text.strip_prefix("\x1b]11;rgb:") {
            self.light = is_light(color).or(self.light);
        } else if let Some(place) = text.strip_prefix("\x1b[").and_then(|t| t.strip_suffix('R')) {
            self.utf8 = match place.rsplit(';').next() {
                Some("2") => Some(true),
                Some("3") => Some(false),
                _ => None,
            };
        }
    }
}

/// Whether `rrrr/gggg/bbbb`, of one to four hexadecimal digits each, is lighter than the middle.
fn is_light(color: &str) -> Option<bool> {
    let mut parts = color.split('/').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_hexdigit).collect();
        let full = 16f32.powi(i32::try_from(digits.len()).ok()?) - 1.0;
        Some(u16::from_str_radix(&digits, 16).ok()? as f32 / full)
    });
    let (r, g, b) = (parts.next()??, parts.next()??, parts.next()??);
    Some(0.299 * r + 0.587 * g + 0.114 * b > 0.5)
}

/// Whether the last number of `COLORFGBG`, which some terminals set, stands for a light background.
pub fn light_by_environment(colorfgbg: &str) -> bool {
    matches!(colorfgbg.rsplit(';').next().map(str::parse::<u8>), Some(Ok(7 | 9..=15)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is known after these answers.
    fn after(answers: &[&[u8]]) -> Answers {
        let mut known = Answers::default();
        answers.iter().for_each(|answer| known.take(answer));
        known
    }

    #[test]
    fn a_terminal_without_the_colours_says_so_by_what_it_kept() {
        for (answer, truecolor) in [
            (&b"\x1bP1$r48:2:1:2:3m\x1b\\"[..], true),
            (b"\x1bP1$r0;48:2::1:2:3m\x1b\\", true),
            (b"\x1bP1+r524742=382F382F38\x1b\\", true),
            (b"\x1bP1$r0;48;5;16m\x1b\\", false),
            (b"\x1bP0$r\x1b\\", false),
            (b"\x1bP0+r524742\x1b\\", false),
        ] {
            assert_eq!(after(&[answer]).truecolor, truecolor, "{}", answer.escape_ascii());
        }
    }

    #[test]
    fn backgrounds_are_light_or_dark_in_any_number_of_digits() {
        for (color, light) in [
            ("ffff/ffff/ffff\x1b\\", Some(true)),
            ("0/0/0\x07", Some(false)),
            ("28/2c/34\x07", Some(false)),
            ("fdf6/e3e3/d5d5", Some(true)),
            ("what", None),
        ] {
            assert_eq!(is_light(color), light, "{color}");
            assert_eq!(after(&[format!("\x1b]11;rgb:{color}").as_bytes()]).light, light);
        }
        let found = ["15;0", "0;15", "0;default;7", "12;8", "x"].map(light_by_environment);
        assert_eq!(found, [false, true, true, false, false]);
    }

    #[test]
    fn the_cursor_tells_how_many_characters_two_bytes_are() {
        for (answer, utf8) in [
            (&b"\x1b[1;2R"[..], Some(true)),
            (b"\x1b[24;3R", Some(false)),
            (b"\x1b[24;80R", None),
            (b"\x1b[?62;22c", None),
        ] {
            assert_eq!(after(&[answer]).utf8, utf8, "{}", answer.escape_ascii());
        }
    }

    #[test]
    fn only_open_questions_are_asked_and_change_the_theme() {
        let theme = Theme::new(ColorDepth::Indexed);
        let answers = Answers { truecolor: true, light: Some(true), utf8: Some(false) };
        let all = Question { depth: true, background: true, utf8: true };
        let refined = all.refine(theme, &answers);
        assert_eq!((refined.depth, refined.light), (ColorDepth::TrueColor, true));
        assert!(refined.ascii);
        assert_eq!(Question::NONE.refine(theme, &answers), theme);
        assert_eq!(all.refine(theme, &Answers::default()), theme);

        let mut asked = Vec::new();
        Question { utf8: true, ..Question::NONE }.ask(&mut asked).unwrap();
        assert_eq!(asked, b"\r\xc3\xa4\x1b[6n\r\x1b[K\x1b[c");
    }
}
