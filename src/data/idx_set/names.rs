//! What a file of an IDX set is, by its name.

use crate::data::dataset::Split;

/// How files are to be named, for sentences about those that are not.
pub const RULE: &str = "a set needs four files, whose names have train or test (or t10k), images or \
                        labels, and idx at the end";

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Pictures.
    Images,
    /// Their classes.
    Labels,
}

/// The four files of a set, in the order in which they are always kept.
pub const SLOTS: [(Split, Role); 4] = [
    (Split::Train, Role::Images),
    (Split::Train, Role::Labels),
    (Split::Test, Role::Images),
    (Split::Test, Role::Labels),
];

/// What a name says.
#[derive(Debug, PartialEq, Eq)]
pub struct Name {
    /// What it begins with, in small letters: empty, or the name of a set, as in
    /// "emnist-letters-train-images-idx3-ubyte".
    pub prefix: String,
    /// Which of [`SLOTS`] it is for.
    pub slot: usize,
    /// Set where it is spelt as the files of MNIST and its relatives are: the smaller, the closer.
    /// Such a file goes before any other for the same slot.
    pub spelling: Option<Spelling>,
    /// Whether it speaks of its test set as MNIST does: "t10k".
    pub is_t10k: bool,
}

/// Another test set's name, other case, a dot before "idx", compression, and what follows "idx".
type Spelling = (bool, bool, bool, bool, String);

/// Words that mean the test set; the first is MNIST's.
const TEST: [&str; 2] = ["t10k", "test"];

/// What the name of a file says; nothing where it is no file of an IDX set.
pub fn parse(name: &str) -> Option<Name> {
    let lower = name.to_ascii_lowercase();
    let bare = lower.strip_suffix(".gz").unwrap_or(&lower);
    let (begin, ending) = bare.split_at(bare.rfind("idx")?);
    let of_idx = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if begin.starts_with('.') || !ending.chars().all(of_idx) {
        return None;
    }
    let test = TEST.into_iter().find(|word| begin.contains(word));
    let (split, set) = match (begin.contains("train"), test) {
        (true, None) => (Split::Train, "train"),
        (false, Some(word)) => (Split::Test, word),
        _ => return None,
    };
    let (role, what) = match (begin.contains("images"), begin.contains("labels")) {
        (true, false) => (Role::Images, "images"),
        (false, true) => (Role::Labels, "labels"),
        _ => return None,
    };
    let first = begin.find(set)?.min(begin.find(what)?);
    let prefix = begin[..first].trim_end_matches(|c: char| !c.is_alphanumeric());
    let own = format!("{}{set}-{what}", hyphenated(prefix));
    let is_dotted = begin.ends_with('.');
    let kind = &ending["idx".len()..];
    let is_kind = kind.len() > 2
        && kind.starts_with(|c: char| c.is_ascii_digit())
        && matches!(&kind[1..], "-ubyte" | "-int" | "-short");
    let is_own = begin.strip_suffix(['-', '.']).is_some_and(|begin| begin == own) && is_kind;
    let is_t10k = set == TEST[0];
    let other_test = split == Split::Test && !is_t10k;
    let spelling = || {
        let renamed = name != lower;
        (other_test, renamed, is_dotted, bare.len() < lower.len(), kind.to_owned())
    };
    Some(Name {
        prefix: prefix.to_owned(),
        slot: SLOTS.iter().position(|slot| *slot == (split, role))?,
        spelling: is_own.then(spelling),
        is_t10k,
    })
}

/// The name that a file for this slot could have, in a set whose files begin with this.
pub fn example(prefix: &str, slot: usize) -> String {
    let set = match SLOTS[slot].0 {
        Split::Train => "train",
        Split::Test if prefix.is_empty() => TEST[0],
        Split::Test => TEST[1],
    };
    let what = match SLOTS[slot].1 {
        Role::Images => "images-idx3",
        Role::Labels => "labels-idx1",
    };
    format!("{}{set}-{what}-ubyte", hyphenated(prefix))
}

/// What a slot is, in words.
pub fn said(slot: usize) -> &'static str {
    ["training images", "training labels", "test images", "test labels"][slot]
}

fn hyphenated(prefix: &str) -> String {
    if prefix.is_empty() { String::new() } else { format!("{prefix}-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_which_set_and_which_of_its_files() {
        for (name, prefix, slot) in [
            ("train-images-idx3-ubyte", "", 0),
            ("train-labels.idx1-ubyte.gz", "", 1),
            ("T10K-IMAGES-IDX3-UBYTE.GZ", "", 2),
            ("test-labels-idx1-ubyte", "", 3),
            ("emnist-letters-test-images-idx3-ubyte.gz", "emnist-letters", 2),
            ("emnist-mnist-train-labels-idx1-ubyte", "emnist-mnist", 1),
            ("qmnist-test-labels-idx2-int.gz", "qmnist", 3),
            ("images_train.idx", "", 0),
            ("Shapes_train_labels.idx1", "shapes", 1),
            ("my set testImages.idx3.gz", "my set", 2),
        ] {
            let found = parse(name).unwrap_or_else(|| panic!("{name} is none"));
            assert_eq!((&*found.prefix, found.slot), (prefix, slot), "{name}");
        }
    }

    #[test]
    fn other_files_are_none() {
        for name in [
            "train-images-idx3-ubyte.xz",
            "train-images-idx3-ubyte.gz.part",
            "train-images-idx3-ubyte (1)",
            ".train-images-idx3-ubyte",
            "xnist-images-idx3-ubyte",
            "train-test-images-idx3-ubyte",
            "train-images-labels.idx",
            "train-images.npy",
            "idx-train-images",
            "",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn mnists_own_spelling_goes_before_others() {
        let ranked = [
            "t10k-labels-idx1-ubyte",
            "t10k-labels-idx1-ubyte.gz",
            "t10k-labels.idx1-ubyte",
            "t10k-labels.idx1-ubyte.gz",
            "T10k-labels-idx1-ubyte",
            "test-labels-idx1-ubyte",
            "test-labels-idx2-int",
        ];
        let found = ranked.map(|name| parse(name).unwrap().spelling.expect(name));
        assert!(found.is_sorted(), "{found:?}");
        assert_eq!(parse("test_labels.idx").unwrap().spelling, None);
    }

    #[test]
    fn an_example_is_a_name_for_its_slot() {
        for (prefix, slot) in ["", "emnist-letters"].into_iter().zip(0..4) {
            let found = parse(&example(prefix, slot)).unwrap();
            assert_eq!((&*found.prefix, found.slot), (prefix, slot));
        }
        assert_eq!(example("", 3), "t10k-labels-idx1-ubyte");
        assert_eq!(example("emnist-letters", 3), "emnist-letters-test-labels-idx1-ubyte");
    }
}
