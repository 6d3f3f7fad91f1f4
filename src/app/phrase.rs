//! Words with names among them. Names are as long as somebody has made them: where room is scarce
//! they are clipped, and the words stay.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::text::clipped;

/// Cells of a name that are left of it at least.
const LEAST: usize = 4;
/// Cells of a name that make it worth more than what a shorter phrase leaves out.
const ENOUGH: usize = 8;

/// One line of words and names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrase(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Words(String),
    Name(String),
}

impl<T: Into<String>> From<T> for Phrase {
    fn from(words: T) -> Self {
        Self(vec![Part::Words(words.into())])
    }
}

impl Phrase {
    /// One that begins with a name.
    pub fn of(name: &str) -> Self {
        Self::default().name(name)
    }

    /// Goes on with these words.
    #[must_use]
    pub fn words(mut self, words: impl Into<String>) -> Self {
        self.0.push(Part::Words(words.into()));
        self
    }

    /// Goes on with this name.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.0.push(Part::Name(name.to_owned()));
        self
    }

    /// Goes on with another phrase.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The text, with names clipped as far as so many cells of a terminal ask for it. It takes more
    /// where the words alone do, or where nothing but stubs of the names would be left.
    pub fn within(&self, cells: usize) -> String {
        self.text(cells, LEAST)
    }

    fn text(&self, cells: usize, least: usize) -> String {
        let (mut words, mut names) = (0, Vec::new());
        for part in &self.0 {
            match part {
                Part::Words(text) => words += text.width(),
                Part::Name(name) => names.push(name.width()),
            }
        }
        let share = share(names, cells.saturating_sub(words)).max(least);
        let text = self.0.iter().map(|part| match part {
            Part::Words(text) => Cow::Borrowed(text.as_str()),
            Part::Name(name) => clipped(name, share),
        });
        text.collect()
    }
}

/// The cells that each of these may take of the room at most: short ones leave theirs to long ones.
fn share(mut widths: Vec<usize>, mut room: usize) -> usize {
    widths.sort_unstable();
    let count = widths.len();
    for (i, width) in widths.into_iter().enumerate() {
        let even = room / (count - i);
        if width > even {
            return even;
        }
        room -= width;
    }
    usize::MAX
}

/// The first phrase that fits into so many cells, its names clipped if need be; else the last one,
/// cut off.
pub fn fitting(cells: impl Into<usize>, phrases: &[Phrase]) -> String {
    let cells = cells.into();
    let mut texts = phrases.iter().map(|phrase| phrase.text(cells, ENOUGH));
    match texts.find(|text| text.width() <= cells) {
        Some(text) => text,
        None => {
            let last = phrases.last().map_or(String::new(), |phrase| phrase.within(cells));
            clipped(&last, cells).into_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(a: &str, b: &str) -> Phrase {
        Phrase::of(a).words(" for ").name(b)
    }

    #[test]
    fn names_give_way_the_longest_first_and_words_stay() {
        for (a, b, cells, expected) in [
            ("7", "1", 3, "7 for 1"),
            ("truck", "automobile", 20, "truck for automobile"),
            ("truck", "automobile", 19, "truck for automobi…"),
            ("truck", "automobile", 13, "tru… for aut…"),
            ("truck", "automobile", 2, "tru… for aut…"),
            ("automobile", "car", 14, "autom… for car"),
            ("飛行機", "自動車", 16, "飛行… for 自動…"),
            ("飛行機", "自動車", 17, "飛行機 for 自動車"),
        ] {
            let text = taken(a, b).within(cells);
            assert_eq!(text, expected, "{cells}");
        }
    }

    #[test]
    fn what_fits_is_taken_and_nothing_is_wider_than_its_room() {
        let forms = [taken("飛行機", &"x".repeat(300)), Phrase::of("飛行機")];
        for (cells, expected) in [
            (20_usize, "飛行機 for xxxxxxxx…"),
            (19, "飛行機 for xxxxxxx…"),
            (18, "飛行機"),
            (6, "飛行機"),
            (5, "飛行…"),
            (2, "…"),
            (0, ""),
        ] {
            let text = fitting(cells, &forms);
            assert!(text.width() <= cells, "{text} in {cells}");
            assert_eq!(text, expected, "{cells}");
        }
        assert_eq!(fitting(5_usize, &[]), "");
    }
}
