//! Text that others wrote, made safe to show: file names, metadata and what the system says may
//! hold escape sequences, line ends, or characters that turn the direction of writing.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write;

use serde_json::Value;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether a terminal obeys this character instead of showing it, or shows what follows it in
/// another order: C0 and C1 controls, line and paragraph separators, bidirectional formatting.
fn is_command(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}')
}

/// The text on one line, with every character that a terminal would obey written as Rust writes
/// it: `\n`, `\u{1b}`.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_command) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_command(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// A cell's text without what a terminal would obey: the cell keeps its width, as such characters
/// have none.
pub fn of_cell(symbol: &str) -> Cow<'_, str> {
    if !symbol.contains(is_command) {
        return Cow::Borrowed(symbol);
    }
    let shown: String = symbol.chars().filter(|&c| !is_command(c)).collect();
    if shown.is_empty() { Cow::Borrowed(" ") } else { Cow::Owned(shown) }
}

/// The text in so many cells of a terminal: where it is longer, its beginning and an ellipsis.
pub fn clipped(text: &str, cells: usize) -> Cow<'_, str> {
    if text.width() <= cells {
        return Cow::Borrowed(text);
    }
    let mut room = cells.saturating_sub(1);
    let mut short: String = text
        .chars()
        .take_while(|c| {
            let width = c.width().unwrap_or(0);
            let fits = width <= room;
            room = room.saturating_sub(width);
            fits
        })
        .collect();
    if cells > 0 {
        short.push('…');
    }
    Cow::Owned(short)
}

/// The text in so many cells of a terminal: where it is longer, an ellipsis and its end.
pub fn ending(text: &str, cells: usize) -> Cow<'_, str> {
    let mut left = text.width();
    if left <= cells {
        return Cow::Borrowed(text);
    }
    let rest = text.char_indices().find_map(|(at, c)| {
        left = left.saturating_sub(c.width().unwrap_or(0));
        (left < cells).then(|| &text[at + c.len_utf8()..])
    });
    Cow::Owned(if cells > 0 { format!("…{}", rest.unwrap_or_default()) } else { String::new() })
}

/// The text in exactly so many cells of a terminal, clipped or followed by spaces.
pub fn left_aligned(text: &str, cells: usize) -> String {
    let text = clipped(text, cells);
    let spare = cells.saturating_sub(text.width());
    text.into_owned() + &" ".repeat(spare)
}

/// The same, with the spaces in front.
pub fn right_aligned(text: &str, cells: usize) -> String {
    let text = clipped(text, cells);
    " ".repeat(cells.saturating_sub(text.width())) + &text
}

/// As [`printable`], for a text of several lines, which it keeps.
pub fn printable_lines(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => format!("{}\n", printable(line)),
            None => printable(line).into_owned(),
        })
        .collect()
}

/// A value on one line of JSON that a terminal shows as it is. JSON's own writer escapes C0
/// controls alone; here the others are escaped, too. A reader gets the same value.
pub fn json_line(value: &Value) -> String {
    let line = value.to_string();
    if !line.contains(is_command) {
        return line;
    }
    // Such characters stand within strings only, where `\u` may name any of them.
    let mut safe = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        if is_command(c) {
            // Nothing fails to be written to a string; all of these are below U+10000.
            let _ = write!(safe, "\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// As a shell takes it for one word. What is no UTF-8, or would command the terminal that shows it,
/// is written in octal: `$'\377'` (bash, zsh, ksh and POSIX 2024).
pub fn shell_word(word: &OsStr) -> String {
    let shown = word.to_str().filter(|word| printable(word) == *word);
    if let Some(word) = shown {
        let plain = |c: char| c.is_alphanumeric() || "_-./:@%+=,".contains(c);
        return match !word.is_empty() && word.chars().all(plain) {
            true => word.to_owned(),
            false => format!("'{}'", word.replace('\'', r"'\''")),
        };
    }
    let mut quoted = "$'".to_owned();
    for chunk in word.as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut bytes = [0; 4];
            let c = c.encode_utf8(&mut bytes);
            match &*c {
                "'" | "\\" => quoted.extend(["\\", c]),
                _ if printable(c) == *c => quoted.push_str(c),
                _ => octal(&mut quoted, c.as_bytes()),
            }
        }
        octal(&mut quoted, chunk.invalid());
    }
    quoted.push('\'');
    quoted
}

fn octal(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Nothing fails to be written to a string.
        let _ = write!(text, "\\{byte:03o}");
    }
}

/// A text in lines of so many cells, broken between words, and within words that are longer.
pub fn lines(text: &str, cells: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() <= cells {
            line.push(' ');
        } else if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            if !line.is_empty() && line.width() + c.width().unwrap_or(0) > cells {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis_and_wide_characters_take_two_cells() {
        for (text, cells, expected) in [
            ("truck", 5, "truck"),
            ("truck", 4, "tru…"),
            ("truck", 1, "…"),
            ("truck", 0, ""),
            ("猫と犬", 6, "猫と犬"),
            ("猫と犬", 5, "猫と…"),
            ("猫と犬", 4, "猫…"),
            ("", 0, ""),
        ] {
            assert_eq!(clipped(text, cells), expected, "{text} in {cells}");
        }
    }

    #[test]
    fn of_a_path_that_is_too_long_the_end_is_left() {
        for (text, cells, expected) in [
            ("cat/17.png", 10, "cat/17.png"),
            ("cat/17.png", 9, "…t/17.png"),
            ("cat/17.png", 1, "…"),
            ("cat/17.png", 0, ""),
            ("猫/犬.png", 9, "猫/犬.png"),
            ("猫/犬.png", 8, "…/犬.png"),
            ("猫/犬.png", 6, "….png"),
        ] {
            assert_eq!(ending(text, cells), expected, "{text} in {cells}");
        }
    }

    #[test]
    fn a_column_of_names_is_as_wide_as_it_was_told() {
        assert_eq!([left_aligned("猫", 4), right_aligned("猫", 4)], ["猫  ", "  猫"]);
        assert_eq!([left_aligned("猫と犬", 4), right_aligned("猫と犬", 4)], ["猫… ", " 猫…"]);
    }

    const HOSTILE: &str = "\x1b]0;t\x07\x1b[31m\nred\x7f\u{9b}1m\u{202e}\u{2066}\u{2028}\r\t";

    #[test]
    fn nothing_that_a_terminal_obeys_is_left_and_the_rest_stays() {
        let shown = printable(HOSTILE);
        assert_eq!(
            shown,
            r"\u{1b}]0;t\u{7}\u{1b}[31m\nred\u{7f}\u{9b}1m\u{202e}\u{2066}\u{2028}\r\t"
        );
        for plain in ["", "MNIST", "números/数字 — 数 👩‍🔬.png", r"a\nb", "naïve"] {
            assert!(matches!(printable(plain), Cow::Borrowed(same) if same == plain));
        }
    }

    #[test]
    fn a_cell_keeps_its_width() {
        for (symbol, shown) in [("a", "a"), ("▀", "▀"), ("a\u{202e}", "a"), ("\u{202e}", " ")] {
            assert_eq!(of_cell(symbol), shown);
        }
    }

    #[test]
    fn words_are_quoted_for_a_shell_where_they_must_be() {
        for (word, quoted) in [
            ("/digits/a-1.safetensors", "/digits/a-1.safetensors"),
            ("数字", "数字"),
            ("", "''"),
            ("my model's", r"'my model'\''s'"),
            ("a\x1b1'\\é", r"$'a\0331\'\\é'"),
            ("a\u{202e}", r"$'a\342\200\256'"),
        ] {
            assert_eq!(shell_word(OsStr::new(word)), quoted);
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(printable_lines("a\x1b\n\nb\r\n"), "a\\u{1b}\n\nb\\r\n");
    }

    #[test]
    fn json_reads_back_as_it_was() {
        let value = json!({ "name\u{9b}": HOSTILE, "number": 1.5 });
        let line = json_line(&value);
        assert!(!line.contains(is_command), "{line:?}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
    }

    #[test]
    fn lines_break_between_words_and_within_those_that_are_too_long() {
        for (text, cells, expected) in [
            ("", 5, &[""][..]),
            ("one two three", 7, &["one two", "three"]),
            ("one two three", 6, &["one", "two", "three"]),
            ("a abcdefgh b", 3, &["a", "abc", "def", "gh", "b"]),
            ("猫と犬と鳥", 5, &["猫と", "犬と", "鳥"]),
            ("猫", 1, &["猫"]),
        ] {
            assert_eq!(lines(text, cells), expected, "{text} in {cells}");
        }
    }
}
