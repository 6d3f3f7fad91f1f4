//! Who learns and who tests: pure decisions about the files of a folder.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::FolderError;
use super::scan::{Class, Set, Sets};
use crate::data::classes::Classes;
use crate::data::dataset::test_count;
use crate::figures::{counted, thousands};

/// One of so many pictures is kept for testing where nobody has said which.
const ONE_OF: u64 = 6;
/// So many names are listed in a sentence.
const LISTED: usize = 4;

/// A picture's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it is, within the folder that was named.
    pub path: PathBuf,
    /// Its class.
    pub class: u16,
}

/// Which files are read, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The classes that are learnt.
    pub classes: Classes,
    /// To learn from.
    pub train: Vec<File>,
    /// To test with.
    pub test: Vec<File>,
    /// What the user should know of it, a sentence each.
    pub notes: Vec<String>,
}

/// Decides what is learnt and tested of what was found in `folder`. The classes are those with a
/// picture to learn from, in the order of their names. With a limit, only the first so many
/// pictures are taken, and as many to test with as [`test_count`] says.
pub fn plan(folder: &Path, sets: Sets, limit: Option<usize>) -> Result<Plan, FolderError> {
    let Sets { train, test, mut notes } = sets;
    let pictures = train.len();
    let divided = test.is_none();
    let (train, test) = match test {
        Some(test) => (train, test),
        None => divide(&train),
    };
    if divided {
        let (kept, of) = (thousands(test.len() as u64), counted(pictures, "picture"));
        notes.push(format!("a sixth is kept for testing, chosen by file names: {kept} of {of}"));
    }
    let with_pictures = |class: &&Class| !class.pictures.is_empty();
    let learnt: Vec<&Class> = train.classes.iter().filter(with_pictures).collect();
    let tested: Vec<&Class> = test.classes.iter().filter(with_pictures).collect();
    let place = |class: &Class| learnt.iter().position(|other| other.name == class.name);
    let unknown: BTreeSet<&OsStr> = (train.classes.iter().chain(&test.classes))
        .filter(|class| place(class).is_none())
        .map(|class| &*class.name)
        .collect();
    if let Some(names) = listed(unknown) {
        notes.push(format!("left out, as there is no picture to learn from: {names}"));
    }
    let classes = names(&learnt, &train.shown(folder))?;
    let is_tested = |class: &Class| tested.iter().any(|other| other.name == class.name);
    if let Some(names) = listed(learnt.iter().filter(|c| !is_tested(c)).map(|c| &*c.name)) {
        notes.push(format!("no picture to test with: {names}"));
    }
    let [mut train_files, mut test_files] = [
        deal(&train, learnt.iter().copied().enumerate()),
        deal(&test, tested.iter().filter_map(|class| Some((place(class)?, *class)))),
    ];
    if divided && (learnt.len() < 2 || test_files.is_empty()) {
        return Err(FolderError::TooFew { folder: train.shown(folder), pictures });
    } else if test_files.is_empty() {
        return Err(FolderError::NoCommonClass {
            train: train.shown(folder),
            train_classes: listed(learnt.iter().map(|c| &*c.name)).unwrap_or_default(),
            test: test.shown(folder),
            test_classes: listed(tested.iter().map(|c| &*c.name)).unwrap_or_default(),
        });
    }
    if let Some(limit) = limit {
        train_files.truncate(limit);
        test_files.truncate(test_count(limit, classes.len()));
    }
    Ok(Plan { classes, train: train_files, test: test_files, notes })
}

/// The names of the classes.
fn names(classes: &[&Class], folder: &Path) -> Result<Classes, FolderError> {
    let names: Vec<_> = classes.iter().map(|class| class.name.to_string_lossy()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            Err(FolderError::SameName { folder: folder.to_owned(), name: pair[0].to_string() })
        }
        None => Ok(Classes::new(names)),
    }
}

/// Keeps a sixth of a set for testing.
fn divide(set: &Set) -> (Set, Set) {
    let part = |kept: bool| {
        let of = |class: &Class| {
            let is_in = |file: &&PathBuf| is_kept(&class.name, file) == kept;
            Class {
                name: class.name.clone(),
                pictures: class.pictures.iter().filter(is_in).cloned().collect(),
            }
        };
        Set { classes: set.classes.iter().map(of).collect(), ..set.clone() }
    };
    (part(false), part(true))
}

/// Whether a picture is kept for testing: its class and its name alone decide, so that it never
/// changes sides when others come or go.
fn is_kept(class: &OsStr, file: &Path) -> bool {
    let mut hash = Sha256::new();
    hash.update(class.as_encoded_bytes());
    for part in file {
        hash.update(b"/");
        hash.update(part.as_encoded_bytes());
    }
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk().is_some_and(|&first| u64::from_be_bytes(first).is_multiple_of(ONE_OF))
}

/// The files of some classes in turn: the first of each, then the second of each, and so on. Any
/// first part of them has an equal share of each class, as far as there are so many.
fn deal<'a>(set: &Set, classes: impl Iterator<Item = (usize, &'a Class)>) -> Vec<File> {
    let all = classes.flat_map(|(place, class)| {
        let folder = set.place.join(&class.name);
        let files = class.pictures.iter().map(move |picture| folder.join(picture));
        files.map(move |path| File { path, class: place as u16 }).enumerate()
    });
    let mut turns: Vec<(usize, File)> = all.collect();
    // Stable: within a turn the classes stay in order.
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, file)| file).collect()
}

/// Names in one sentence, the first few of many.
fn listed<'a>(names: impl IntoIterator<Item = &'a OsStr>) -> Option<String> {
    let names: Vec<String> = names.into_iter().map(|name| name.display().to_string()).collect();
    let shown = names.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => None,
        count if count > LISTED => Some(format!("{shown} and {} more", count - LISTED)),
        _ => Some(shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_is_that_of_the_names_hash() {
        // int.from_bytes(hashlib.sha256(f"猫/部/{i}.png".encode()).digest()[:8], "big") % 6 == 0
        let is_kept = |i: &i32| is_kept("猫".as_ref(), Path::new(&format!("部/{i}.png")));
        assert_eq!((0..30).filter(is_kept).collect::<Vec<_>>(), [7, 8, 14, 20]);
    }

    #[test]
    fn a_sixth_of_many_names_is_a_sixth() {
        let names = (0..6000).map(|i| format!("{i:04}.jpg"));
        let kept = names.filter(|name| is_kept("tench".as_ref(), name.as_ref())).count();
        // Five standard deviations of 29 around 1000.
        assert!(kept.abs_diff(1000) < 145, "{kept}");
    }

    #[test]
    fn a_class_whose_only_picture_is_kept_is_not_learnt() {
        let class = |name: &str, pictures: &[&str]| Class {
            name: name.into(),
            pictures: pictures.iter().map(PathBuf::from).collect(),
        };
        let [many, one] = [&["00.png", "01.png", "02.png", "03.png"][..], &["05.png"]];
        let classes = vec![class("bird", many), class("cat", many), class("dog", one)];
        let train = Set { classes, ..Set::default() };
        let sets = Sets { train, ..Sets::default() };
        let plan = plan(Path::new("set"), sets, None).unwrap();
        assert_eq!(plan.classes.names(), ["bird", "cat"]);
        assert!(plan.test.contains(&File { path: "cat/02.png".into(), class: 1 }));
        assert!(plan.train.iter().chain(&plan.test).all(|file| !file.path.starts_with("dog")));
        let note = "left out, as there is no picture to learn from: dog";
        assert!(plan.notes.iter().any(|said| said == note), "{:?}", plan.notes);
    }

    #[test]
    fn only_the_first_few_of_many_names_are_listed() {
        let listed = |names: &[&'static str]| listed(names.iter().map(OsStr::new));
        assert_eq!(listed(&[]), None);
        assert_eq!(listed(&["a", "b", "c", "d"]).as_deref(), Some("a, b, c, d"));
        assert_eq!(listed(&["a", "b", "c", "d", "e"]).as_deref(), Some("a, b, c, d and 1 more"));
    }
}
