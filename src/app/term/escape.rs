//! The grammar of what terminals send (ECMA-48 and xterm's control sequences): the first key,
//! report or answer in a piece of input.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// Longer than any sequence that is known here, in bytes.
const LONGEST: usize = 256;

/// What a piece of input begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum First {
    /// An event, and its length in bytes.
    Event(Event, usize),
    /// An answer of this length.
    Answer(usize),
    /// So many bytes that mean nothing here.
    Nothing(usize),
    /// Something whose end has not come yet.
    Unfinished,
}

/// Looks at the beginning of `bytes`, which must not be empty. `answers` says whether questions are
/// open: without them a terminal's answers begin like keys with Alt.
pub fn first(bytes: &[u8], answers: bool) -> First {
    match (bytes[0], bytes.get(1)) {
        (0x1b, None) => First::Unfinished,
        (0x1b, Some(b'[')) => control_sequence(bytes, answers),
        (0x1b, Some(b'O')) => match bytes.get(2) {
            None => First::Unfinished,
            Some(&last) => match letter_key(last) {
                Some(code) => First::Event(key(code, KeyModifiers::NONE), 3),
                None => First::Event(alt('O'), 2),
            },
        },
        (0x1b, Some(b'P' | b']')) if answers => string(bytes),
        // Escape and then Ctrl-C, or another sequence.
        (0x1b, Some(0x03 | 0x1b)) => First::Event(key(KeyCode::Esc, KeyModifiers::NONE), 1),
        (0x1b, Some(_)) => match character(&bytes[1..]) {
            First::Event(Event::Key(mut event), length) => {
                event.modifiers |= KeyModifiers::ALT;
                First::Event(Event::Key(event), 1 + length)
            }
            First::Nothing(length) => First::Nothing(1 + length),
            other => other,
        },
        _ => character(bytes),
    }
}

/// What the beginning of a sequence is, if nothing follows.
pub fn alone(bytes: &[u8]) -> Option<Event> {
    match bytes {
        [0x1b] => Some(key(KeyCode::Esc, KeyModifiers::NONE)),
        [0x1b, letter @ (b'[' | b'O' | b'P' | b']')] => Some(alt(char::from(*letter))),
        _ => None,
    }
}

/// Whether this answers the last question, which every terminal answers (its device attributes).
pub fn is_last_answer(answer: &[u8]) -> bool {
    answer.starts_with(b"\x1b[?") && answer.ends_with(b"c")
}

/// A control character as a key.
pub fn control(byte: u8) -> Event {
    let (code, modifiers) = match byte {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0x1b => (KeyCode::Esc, KeyModifiers::NONE),
        0 => (KeyCode::Char(' '), KeyModifiers::CONTROL),
        1..=26 => (KeyCode::Char(char::from(b'a' - 1 + byte)), KeyModifiers::CONTROL),
        _ => (KeyCode::Char(char::from(byte.wrapping_sub(0x1c) % 4 + b'4')), KeyModifiers::CONTROL),
    };
    key(code, modifiers)
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn alt(letter: char) -> Event {
    let shift = if letter.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    key(KeyCode::Char(letter), KeyModifiers::ALT | shift)
}

/// One character, in UTF-8.
fn character(bytes: &[u8]) -> First {
    if bytes[0] < b' ' || bytes[0] == 0x7f {
        return First::Event(control(bytes[0]), 1);
    }
    let length = match bytes[0] {
        ..0x80 => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return First::Nothing(1),
    };
    let there = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(there) {
        Ok(text) => text.chars().next().map_or(First::Nothing(1), |c| {
            let shift = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
            First::Event(key(KeyCode::Char(c), shift), length)
        }),
        Err(error) if error.error_len().is_none() => First::Unfinished,
        Err(_) => First::Nothing(1),
    }
}

/// `ESC [`, parameters, intermediates and a final byte.
fn control_sequence(bytes: &[u8], answers: bool) -> First {
    // The Linux console's first five function keys, and mouse reports of the oldest kind.
    match &bytes[2..] {
        [b'['] => return First::Unfinished,
        [b'[', letter @ b'A'..=b'E', ..] => {
            return First::Event(key(KeyCode::F(1 + letter - b'A'), KeyModifiers::NONE), 4);
        }
        [b'M', button, column, row, ..] => {
            let place = |byte: u8| u16::from(byte.saturating_sub(33));
            let event = mouse(button.saturating_sub(32).into(), place(*column), place(*row), true);
            return event.map_or(First::Nothing(6), |event| First::Event(event, 6));
        }
        [b'M', rest @ ..] if rest.iter().all(|byte| *byte >= b' ') => return First::Unfinished,
        _ => {}
    }
    let Some(end) = bytes[2..].iter().position(|byte| !(b' '..=b'?').contains(byte)) else {
        return if bytes.len() < LONGEST { First::Unfinished } else { First::Nothing(bytes.len()) };
    };
    let (parameters, last, length) = (&bytes[2..2 + end], bytes[2 + end], end + 3);
    if !(b'@'..=b'~').contains(&last) {
        // Cut off by another key.
        return First::Nothing(length - 1);
    }
    let cursor = last == b'R' && parameters.iter().all(|b| b.is_ascii_digit() || *b == b';');
    if answers && (cursor || (parameters.first() == Some(&b'?') && last == b'c')) {
        return First::Answer(length);
    }
    let event = match parameters.first() {
        Some(b'<') => mouse_report(&parameters[1..], last),
        Some(b'=' | b'>' | b'?') => None,
        _ => special_key(parameters, last),
    };
    event.map_or(First::Nothing(length), |event| First::Event(event, length))
}

/// `ESC P` or `ESC ]` with an answer, up to `ESC \` or BEL. What does not read like one of the
/// answers that are waited for is no answer: keys go on at the first such byte.
fn string(bytes: &[u8]) -> First {
    let is_text = |byte: &u8| (b' '..=b'~').contains(byte);
    let text = bytes[2..].iter().take_while(|byte| is_text(byte)).count();
    let length = 2 + text;
    if length > LONGEST {
        return First::Nothing(length);
    }
    match &bytes[length..] {
        [0x07, ..] => return First::Answer(length + 1),
        [0x1b, b'\\', ..] => return First::Answer(length + 2),
        _ => {}
    }
    let alike = 2 + if bytes[1] == b']' { like_colour(bytes) } else { like_setting(bytes) };
    let goes_on = matches!(&bytes[length..], [] | [0x1b]);
    match alike {
        _ if alike == length && goes_on => First::Unfinished,
        2 => First::Event(alt(char::from(bytes[1])), 2),
        _ => First::Nothing(alike),
    }
}

/// How much of this reads like the beginning of a colour: `11;rgb:`, digits and slashes.
fn like_colour(bytes: &[u8]) -> usize {
    like(&bytes[2..], &[b"1", b"1", b";"], |b| b.is_ascii_hexdigit() || b"rg:/;#".contains(&b))
}

/// How much of this reads like the beginning of a setting (DECRQSS) or a capability (XTGETTCAP).
fn like_setting(bytes: &[u8]) -> usize {
    like(&bytes[2..], &[b"01", b"$+", b"r"], |b| b.is_ascii_hexdigit() || b"m:;= ".contains(&b))
}

fn like(bytes: &[u8], head: &[&[u8]], in_rest: impl Fn(u8) -> bool) -> usize {
    let mut head = head.iter();
    let fits = |byte: &&u8| head.next().map_or_else(|| in_rest(**byte), |set| set.contains(byte));
    let alike = bytes.iter().take_while(fits);
    alike.count()
}

/// A key that sends a control sequence.
fn special_key(parameters: &[u8], last: u8) -> Option<Event> {
    let text = std::str::from_utf8(parameters).ok()?;
    let mut numbers = text.split(';').map(|part| {
        let mut parts = part.split(':').map(|number| number.parse::<u32>().ok());
        (parts.next().flatten(), parts.next().flatten())
    });
    let number = numbers.next().and_then(|(number, _)| number);
    let (modifiers, kind) = numbers.next().unwrap_or_default();
    let mut modifiers = modifiers_of(modifiers.unwrap_or(1).saturating_sub(1));
    let third = numbers.next().and_then(|(number, _)| number);
    let code = match last {
        b'~' => match number? {
            // What xterm sends for other keys where it is asked to.
            27 => character_key(third?)?,
            number => numbered_key(number)?,
        },
        b'u' => character_key(number?)?,
        b'Z' => {
            modifiers |= KeyModifiers::SHIFT;
            KeyCode::BackTab
        }
        letter => letter_key(letter)?,
    };
    let kind = match kind {
        Some(2) => KeyEventKind::Repeat,
        Some(3) => KeyEventKind::Release,
        _ => KeyEventKind::Press,
    };
    Some(Event::Key(KeyEvent::new_with_kind(code, modifiers, kind)))
}

fn modifiers_of(bits: u32) -> KeyModifiers {
    let bit = |n: u32, modifier| if bits & n != 0 { modifier } else { KeyModifiers::NONE };
    bit(1, KeyModifiers::SHIFT)
        | bit(2, KeyModifiers::ALT)
        | bit(4, KeyModifiers::CONTROL)
        | bit(8, KeyModifiers::SUPER)
}

fn letter_key(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::F(1 + letter - b'P'),
        _ => return None,
    })
}

fn numbered_key(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number as u8 - 10),
        17..=21 => KeyCode::F(number as u8 - 11),
        23 | 24 => KeyCode::F(number as u8 - 12),
        _ => return None,
    })
}

fn character_key(code: u32) -> Option<KeyCode> {
    Some(match code {
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        code => KeyCode::Char(char::from_u32(code).filter(|c| !c.is_control())?),
    })
}

/// `button ; column ; row`, all from 1, with `M` where a button goes down and `m` where up.
fn mouse_report(parameters: &[u8], last: u8) -> Option<Event> {
    let text = std::str::from_utf8(parameters).ok()?;
    let mut numbers = text.split(';').map(|number| number.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let down = match last {
        b'M' => true,
        b'm' => false,
        _ => return None,
    };
    mouse(button, column.checked_sub(1)?, row.checked_sub(1)?, down)
}

fn mouse(button: u16, column: u16, row: u16, down: bool) -> Option<Event> {
    let pressed = match button & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (button & 0b1110_0000, pressed, down) {
        (0, Some(button), true) => MouseEventKind::Down(button),
        (0, Some(button), false) => MouseEventKind::Up(button),
        // The oldest kind does not tell which.
        (0, None, _) => MouseEventKind::Up(MouseButton::Left),
        (32, Some(button), _) => MouseEventKind::Drag(button),
        (32, None, _) => MouseEventKind::Moved,
        (64, ..) => match button & 3 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        },
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in
        [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)]
    {
        if button & bit != 0 {
            modifiers |= modifier;
        }
    }
    Some(Event::Mouse(MouseEvent { kind, column, row, modifiers }))
}
