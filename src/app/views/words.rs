//! Texts in the room that there is for them.

use unicode_width::UnicodeWidthStr;

use crate::text::clipped;

/// Cells of a name that are left of it at least.
const LEAST: usize = 4;

/// Whether a text fits into so many cells.
pub fn fits(text: &str, width: u16) -> bool {
    text.width() <= usize::from(width)
}

/// The longest text that fits into so many cells, else the last one.
pub fn fitting<const N: usize>(width: u16, texts: [String; N]) -> String {
    let place = texts.iter().position(|text| fits(text, width)).unwrap_or(N - 1);
    texts.into_iter().nth(place).unwrap_or_default()
}

/// A text with a name in it: the name is clipped, as far as the text has no room in so many cells.
pub fn around(name: &str, cells: usize, text: impl Fn(&str) -> String) -> String {
    let room = cells.saturating_sub(text("").width()).max(LEAST);
    clipped(&text(&clipped(name, room)), cells).into_owned()
}

/// Seconds as a person would say them.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => format!("{}:{:02} h", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_clipped_and_the_text_around_it_stays() {
        let text = |name: &str| format!("evidence for {name}, conv1");
        assert_eq!(around("cat", 40, text), "evidence for cat, conv1");
        assert_eq!(around("caterpillar", 28, text), "evidence for caterpi…, conv1");
        assert_eq!(around("毛虫と蝶", 25, text), "evidence for 毛虫…, conv1");
        assert_eq!(around("caterpillar", 10, text), "evidence …");
    }
}
