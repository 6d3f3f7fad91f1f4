//! The names of classes.

use std::ops::RangeInclusive;
use std::sync::Arc;

/// The least and the largest number of classes that a network here learns.
pub const CLASSES: RangeInclusive<usize> = 2..=1000;

/// The names of all classes; a class is known by its place among them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Classes(Arc<[String]>);

impl From<Vec<String>> for Classes {
    fn from(names: Vec<String>) -> Self {
        Self(names.into())
    }
}

impl Classes {
    /// From names in the order of the labels.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// Classes that have no better names than their numbers.
    pub fn numbered(count: usize) -> Self {
        Self::new((0..count).map(|class| class.to_string()))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of a class; nothing for what is no class.
    pub fn name(&self, class: usize) -> &str {
        self.0.get(class).map_or("", String::as_str)
    }

    /// All names, in the order of the labels.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The class of this very name, or of this number where no class has it as its name.
    pub fn find(&self, word: &str) -> Option<usize> {
        let named = self.0.iter().position(|name| name == word);
        named.or_else(|| word.parse().ok().filter(|&class: &usize| class < self.len()))
    }
}
