//! Finding a class by a part of its name.

use std::cmp::Reverse;

use super::confusion::Confusions;
use super::{App, Context};
use crate::data::Classes;

/// What is typed, and which of the classes that it fits is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Find {
    /// A part of a name.
    pub typed: String,
    /// The place of the chosen class among those that fit.
    pub chosen: usize,
}

impl Find {
    /// The classes with this text in their names, small or capital letters alike: those that are
    /// called so, those that begin so, and all others, in the order that they are given in.
    pub fn matches(&self, classes: &Classes, ordered: &[usize]) -> Vec<usize> {
        let typed = self.typed.to_lowercase();
        let fits = |&class: &usize| {
            let name = classes.name(class).to_lowercase();
            let place = name.find(&typed)?;
            Some((place > 0, name.len() > typed.len() || place > 0, class))
        };
        let mut found: Vec<_> = ordered.iter().filter_map(fits).collect();
        found.sort_by_key(|&(within, longer, _)| (within, longer && !typed.is_empty()));
        found.into_iter().map(|(.., class)| class).collect()
    }
}

/// The classes that fit what is typed: the likeliest first or, where mistakes are looked at, the one
/// with the most of them.
pub fn found(app: &App, find: &Find) -> Vec<usize> {
    let Some(dataset) = app.dataset() else { return Vec::new() };
    let ordered = match mistakes(app) {
        Some(counts) => {
            let mut ordered: Vec<usize> = (0..counts.len()).collect();
            ordered.sort_by_key(|&class| Reverse(counts[class]));
            ordered
        }
        None => app.ordered(),
    };
    find.matches(&dataset.classes, &ordered)
}

/// How many mistakes have to do with each class, where mistakes are looked at.
pub fn mistakes(app: &App) -> Option<Vec<usize>> {
    let looks = matches!(app.context(), Context::Mistakes | Context::Matrix | Context::Pairs);
    let (dataset, scored) = app.scored().filter(|_| looks)?;
    let counts = Confusions::count(&dataset.test, &scored.score);
    Some(counts.mistakes_with(dataset.classes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_finds_its_classes_the_best_fit_first() {
        let names = ["wildcat", "caterpillar", "Cat", "dog", "ÉTÉ", "猫の絵", "Straße", "tomcat"];
        let classes = Classes::new(names);
        let found = |typed: &str, ordered: &[usize]| {
            let find = Find { typed: typed.to_owned(), chosen: 0 };
            find.matches(&classes, ordered)
        };
        let ordered: Vec<usize> = (0..8).collect();
        assert_eq!(found("", &ordered), ordered);
        assert_eq!(found("cat", &ordered), [2, 1, 0, 7]);
        assert_eq!(found("CAT", &[7, 1, 0, 2, 3]), [2, 1, 7, 0]);
        assert_eq!(found("été", &ordered), [4]);
        assert_eq!(found("の", &ordered), [5]);
        assert_eq!(found("straß", &ordered), [6]);
        assert!(found("horse", &ordered).is_empty());
    }
}
