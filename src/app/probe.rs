//! Asks the terminal what its name does not tell: whether it shows 24-bit colours, and whether its
//! background is light.
//!
//! The questions go out in one write, and behind them one that every terminal answers (its device
//! attributes, DA1). When that answer comes, no other will: nobody waits for a terminal that
//! understands none of the questions.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::theme::Theme;
use crate::paint::ColorDepth;

/// How long an answer may take: a slow line's round trip.
pub const PATIENCE: Duration = Duration::from_millis(500);
/// How long after that a late answer is still told from keys.
const LATE: Duration = Duration::from_secs(10);

/// Sets a colour and asks for it back (DECRQSS), asks for the capability `RGB` (XTGETTCAP) and for
/// the background's colour (OSC 11), then the fence.
const QUESTIONS: &[u8] =
    b"\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m\x1bP+q524742\x1b\\\x1b]11;?\x1b\\\x1b[c";

/// What a terminal said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// It keeps 24-bit colours.
    pub truecolor: bool,
    /// Its background is light, if it told.
    pub light: Option<bool>,
    /// The fence was answered: nothing more will come.
    pub complete: bool,
    /// What else came: keys that were pressed meanwhile.
    pub typed: Vec<u8>,
}

/// What to find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Whether the colours are open.
    pub depth: bool,
    /// Whether the background is.
    pub background: bool,
}

impl Question {
    /// The theme with what the terminal said in place of what was assumed.
    pub fn refine(self, theme: Theme, answer: &Answer) -> Theme {
        let depth = match self.depth && answer.truecolor {
            true => ColorDepth::TrueColor,
            false => theme.depth,
        };
        let light = answer.light.filter(|_| self.background).unwrap_or(theme.light);
        Theme { depth, light, ..theme }
    }
}

/// Asks the terminal on standard input and output, which must be in raw mode, and waits for the
/// fence or until its patience is at an end.
///
/// # Errors
/// When the terminal cannot be written to or read from.
pub fn ask() -> io::Result<Answer> {
    let mut out = io::stdout().lock();
    out.write_all(QUESTIONS)?;
    out.flush()?;
    drop(out);
    // Past the buffer of the standard library, which would keep what comes after the answers.
    let stdin = io::stdin();
    let deadline = Instant::now() + PATIENCE;
    let mut bytes = Vec::new();
    loop {
        let answer = read(&bytes);
        let left = deadline.saturating_duration_since(Instant::now());
        if answer.complete || left.is_zero() {
            return Ok(answer);
        }
        let wait = Timespec { tv_sec: 0, tv_nsec: left.as_nanos().min(999_999_999) as i64 };
        let mut polled = [PollFd::new(&stdin, PollFlags::IN)];
        if poll(&mut polled, Some(&wait)).unwrap_or(0) == 0 {
            continue;
        }
        let mut chunk = [0; 256];
        match rustix::io::read(&stdin, &mut chunk)? {
            0 => return Ok(answer),
            n => bytes.extend_from_slice(&chunk[..n]),
        }
    }
}

/// Takes the answers out of what came in.
pub fn read(bytes: &[u8]) -> Answer {
    let mut answer = Answer::default();
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let sequence = match (first, after.first()) {
            (0x1b, Some(b'P' | b']')) => until_end(rest),
            (0x1b, Some(b'[')) if after.get(1) == Some(&b'?') => {
                rest.iter().position(|b| b.is_ascii_alphabetic()).map(|end| &rest[..=end])
            }
            _ => {
                answer.typed.push(first);
                rest = after;
                continue;
            }
        };
        // An answer that is still under way.
        let Some(sequence) = sequence else { break };
        let text = String::from_utf8_lossy(sequence);
        if text.starts_with("\x1bP1$r") {
            answer.truecolor |= text.contains("1;2;3") || text.contains("1:2:3");
        } else if text.to_lowercase().starts_with("\x1bp1+r524742") {
            answer.truecolor = true;
        } else if let Some(color) = text.strip_prefix("\x1b]11;rgb:") {
            answer.light = is_light(color);
        } else if text.starts_with("\x1b[?") && text.ends_with('c') {
            answer.complete = true;
        }
        rest = &rest[sequence.len()..];
    }
    answer
}

/// Up to and with the string terminator, `ESC \` or BEL.
fn until_end(bytes: &[u8]) -> Option<&[u8]> {
    let bell = bytes.iter().position(|&b| b == 7).map(|at| at + 1);
    let st = bytes.windows(2).position(|pair| pair == b"\x1b\\").map(|at| at + 2);
    let end = bell.into_iter().chain(st).min()?;
    Some(&bytes[..end])
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

/// The usual keys among bytes that were typed while the terminal was being asked.
pub fn keys(typed: &[u8]) -> impl Iterator<Item = KeyEvent> {
    let mut rest = typed;
    std::iter::from_fn(move || {
        loop {
            let (key, length) = first_key(rest)?;
            rest = &rest[length..];
            if key.is_some() {
                return key;
            }
        }
    })
}

/// The first key, if it is a usual one, and its length in bytes; `None` at the end.
fn first_key(bytes: &[u8]) -> Option<(Option<KeyEvent>, usize)> {
    const CURSOR: [(u8, KeyCode); 6] = [
        (b'A', KeyCode::Up),
        (b'B', KeyCode::Down),
        (b'C', KeyCode::Right),
        (b'D', KeyCode::Left),
        (b'H', KeyCode::Home),
        (b'F', KeyCode::End),
    ];
    if let [0x1b, b'[' | b'O', parameters @ ..] = bytes {
        let end = parameters.iter().position(|b| b.is_ascii_alphabetic() || *b == b'~')?;
        let code = match &parameters[..=end] {
            [last] => CURSOR.iter().find(|(letter, _)| letter == last).map(|(_, code)| *code),
            b"5~" => Some(KeyCode::PageUp),
            b"6~" => Some(KeyCode::PageDown),
            _ => None,
        };
        return Some((code.map(KeyEvent::from), end + 3));
    }
    let key = match *bytes.first()? {
        b'\r' | b'\n' => Some(KeyCode::Enter.into()),
        b'\t' => Some(KeyCode::Tab.into()),
        byte @ 1..=26 => {
            let letter = KeyCode::Char((b'a' + byte - 1) as char);
            Some(KeyEvent::new(letter, KeyModifiers::CONTROL))
        }
        byte @ b' '..=b'~' => Some(KeyCode::Char(byte as char).into()),
        _ => None,
    };
    Some((key, 1))
}

/// Tells answers that come after all patience from keys, which they look like: a device control
/// string begins like Alt-P, an operating system command like Alt-].
pub struct LateAnswers {
    until: Instant,
    inside: bool,
}

impl LateAnswers {
    /// Watches for them from now on.
    pub fn expected() -> Self {
        Self { until: Instant::now() + LATE, inside: false }
    }

    /// Whether this is part of an answer.
    pub fn contain(&mut self, event: &Event, now: Instant) -> bool {
        let Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers, .. }) = event else {
            return false;
        };
        if now > self.until {
            return false;
        }
        let (alt, control) =
            (modifiers.contains(KeyModifiers::ALT), modifiers.contains(KeyModifiers::CONTROL));
        match (self.inside, c) {
            (false, 'P' | ']') if alt => self.inside = true,
            (false, _) => return false,
            (true, '\\') if alt => self.inside = false,
            (true, 'g') if control => self.inside = false,
            (true, _) => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_from_between_keys() {
        let bytes = b"x\x1bP1$r0;48;2;1;2;3m\x1b\\\x1bP0+r\x1b\\\x1b]11;rgb:fafa/fafa/fafa\x07q\x1b[?62;22c";
        let answer = read(bytes);
        assert_eq!((answer.truecolor, answer.light, answer.complete), (true, Some(true), true));
        assert_eq!(answer.typed, b"xq");
        let typed: Vec<_> = keys(b"x\x03\t\x1b[C\x1b[15~\x1bOD\x1b[6~\x1b")
            .map(|key| (key.code, key.modifiers))
            .collect();
        let none = KeyModifiers::NONE;
        let control = KeyModifiers::CONTROL;
        let expected = [
            (KeyCode::Char('x'), none),
            (KeyCode::Char('c'), control),
            (KeyCode::Tab, none),
            (KeyCode::Right, none),
            (KeyCode::Left, none),
            (KeyCode::PageDown, none),
        ];
        assert_eq!(typed, expected);
    }

    #[test]
    fn a_terminal_without_the_colours_says_so_by_what_it_kept() {
        for (bytes, truecolor) in [
            (&b"\x1bP1$r48:2:1:2:3m\x1b\\"[..], true),
            (b"\x1bP1$r0;48:2::1:2:3m\x1b\\", true),
            (b"\x1bP1+r524742=382F382F38\x1b\\", true),
            (b"\x1bP1$r0;48;5;16m\x1b\\", false),
            (b"\x1bP0$r\x1b\\", false),
            (b"\x1bP0+r524742\x1b\\", false),
            // Cut off in the middle.
            (b"\x1bP1$r48:2:1:2:3m", false),
        ] {
            assert_eq!(read(bytes).truecolor, truecolor, "{}", bytes.escape_ascii());
        }
        assert!(!read(b"\x1b[?62").complete);
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
        }
        let found = ["15;0", "0;15", "0;default;7", "12;8", "x"].map(light_by_environment);
        assert_eq!(found, [false, true, true, false, false]);
    }

    #[test]
    fn only_open_questions_change_the_theme() {
        let theme = Theme::new(ColorDepth::Indexed);
        let answer = Answer { truecolor: true, light: Some(true), ..Answer::default() };
        let both = Question { depth: true, background: true }.refine(theme, &answer);
        assert_eq!((both.depth, both.light), (ColorDepth::TrueColor, true));
        let neither = Question { depth: false, background: false }.refine(theme, &answer);
        assert_eq!(neither, theme);
        let silent = Question { depth: true, background: true }.refine(theme, &Answer::default());
        assert_eq!(silent, theme);
    }

    #[test]
    fn a_late_answer_is_no_key() {
        let mut late = LateAnswers::expected();
        let now = Instant::now();
        let mut passed = String::new();
        let alt = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT);
        let plain = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        let answer = [alt('P')].into_iter().chain("1$r48:2:1:2:3m".chars().map(plain));
        let answer = answer.chain([alt('\\')]);
        for key in [plain('l')].into_iter().chain(answer).chain([plain('r')]) {
            if !late.contain(&Event::Key(key), now)
                && let KeyCode::Char(c) = key.code
            {
                passed.push(c);
            }
        }
        assert_eq!(passed, "lr");
        // After a while nothing is taken for an answer any more.
        assert!(!late.contain(&Event::Key(alt('P')), now + LATE + Duration::from_secs(1)));
    }
}
