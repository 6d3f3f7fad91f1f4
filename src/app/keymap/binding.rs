//! A line of the table of keys: what its keys are called in the configuration file, in which contexts
//! they work, and what they do there, in words for the help and for the footer.

use super::action::Action;
use crate::app::key::Key;
use crate::app::state::Context;
use crate::data::Noun;

/// One line of the table.
///
/// In its texts `{picture}` and `{pictures}` stand for what the pictures are called.
pub struct Binding {
    /// What is asked for.
    pub action: Action,
    /// Its name in the configuration file.
    pub name: &'static str,
    /// Keys, any of which does it, unless the configuration file names others.
    pub keys: &'static [Key],
    /// Where it works, and what it does there, for the help: 29 characters at most. The first one
    /// of a context counts; the last one tells of it where it does not work.
    help: &'static [(&'static [Context], &'static str)],
    /// Two words for the footer, where it has them there, with their place in it. Words with equal
    /// places stand in the order of the table.
    footer: &'static [(&'static [Context], u8, &'static str)],
    /// Whether it is for digits alone, which can be drawn: nothing is said of it with others.
    digits: bool,
    /// The larger, the later it came. A key that nobody has asked for gives way to one that a
    /// configuration gives to an action of earlier times.
    since: u8,
}

impl Binding {
    /// Whether it does anything there.
    pub fn works(&self, context: Context) -> bool {
        self.help.iter().any(|(at, _)| at.contains(&context))
    }

    /// Whether there is a context in which both work.
    pub fn meets(&self, other: &Self) -> bool {
        self.help.iter().flat_map(|(at, _)| *at).any(|&context| other.works(context))
    }

    /// Whether it came later than another one.
    pub fn is_newer(&self, other: &Self) -> bool {
        self.since > other.since
    }

    /// Whether people who look at such pictures are told of it.
    pub fn concerns(&self, noun: Noun) -> bool {
        !self.digits || noun == Noun::Digit
    }

    /// What it does there, for the help.
    pub fn help(&self, context: Context, noun: Noun) -> String {
        let here = self.help.iter().find(|(at, _)| at.contains(&context));
        here.or(self.help.last()).map_or(String::new(), |(_, text)| spoken(text, noun))
    }

    /// Its words in the footer there and their place among the others.
    pub fn words(&self, context: Context, noun: Noun) -> Option<(u8, String)> {
        let here = self.footer.iter().find(|(at, ..)| at.contains(&context));
        here.map(|&(_, place, text)| (place, spoken(text, noun)))
    }

    /// For digits alone.
    pub(super) const fn of_digits(self) -> Self {
        Self { digits: true, ..self }
    }

    /// Later than those with smaller numbers.
    pub(super) const fn since(self, since: u8) -> Self {
        Self { since, ..self }
    }
}

/// A text about such pictures.
fn spoken(text: &str, noun: Noun) -> String {
    text.replace("{pictures}", noun.many()).replace("{picture}", noun.one())
}

/// A line of the table for people to read.
pub(super) const fn bind(
    action: Action,
    name: &'static str,
    keys: &'static [Key],
    help: &'static [(&'static [Context], &'static str)],
    footer: &'static [(&'static [Context], u8, &'static str)],
) -> Binding {
    Binding { action, name, keys, help, footer, digits: false, since: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_clash_where_both_of_them_work() {
        let train = bind(Action::Quit, "a", &[], &[(&[Context::Train], "quit")], &[]);
        let pad =
            bind(Action::Quit, "b", &[], &[(&[Context::Pad], "quit"), (&[], "it quits")], &[]);
        let explore = bind(
            Action::Quit,
            "c",
            &[],
            &[(&[Context::Digit], "quit"), (&[Context::Pad, Context::Trust], "go")],
            &[],
        );
        assert!(!train.meets(&pad) && !pad.meets(&train) && !train.meets(&explore));
        assert!(explore.meets(&pad) && pad.meets(&explore));
    }
}
