//! Which sets of pictures a folder has, and which classes are in them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::FolderError;
use super::walk::{self, Kind};
use crate::data::classes::CLASSES;
use crate::figures::counted;

/// The folder of the pictures to learn from.
const TRAIN: &str = "train";
/// The folders of pictures to test with; the first that has any is taken.
const TESTS: [&str; 4] = ["test", "val", "valid", "validation"];

/// The pictures of a class in a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The name of its folder.
    pub name: OsString,
    /// Its pictures: paths within its folder, sorted.
    pub pictures: Vec<PathBuf>,
}

impl Class {
    /// Whether there are pictures, and all of them lie in folders within its own.
    pub fn is_deeper(&self) -> bool {
        !self.pictures.is_empty() && self.pictures.iter().all(|file| file.iter().nth(1).is_some())
    }
}

/// The classes in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Set {
    /// Where the folders of the classes are, within the folder that was named; nothing where they
    /// are in that folder itself.
    pub place: PathBuf,
    /// In the order of their names.
    pub classes: Vec<Class>,
    /// How many pictures are in no folder of a class.
    pub loose: usize,
    /// How many other files there are.
    pub others: usize,
}

impl Set {
    /// All its pictures that have a class.
    pub fn len(&self) -> usize {
        self.classes.iter().map(|class| class.pictures.len()).sum()
    }

    /// How the user knows its place in `folder`.
    pub fn shown(&self, folder: &Path) -> PathBuf {
        if self.place.as_os_str().is_empty() { folder.to_owned() } else { folder.join(&self.place) }
    }
}

/// The sets in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sets {
    /// To learn from.
    pub train: Set,
    /// To test with; where there is none, a part of the first is.
    pub test: Option<Set>,
    /// What is left out, a sentence each.
    pub notes: Vec<String>,
}

/// Looks what is in a folder.
pub fn look(folder: &Path) -> Result<Sets, FolderError> {
    if !folder.is_dir() {
        return Err(FolderError::NoFolder(folder.to_owned()));
    }
    let top = walk::entries(folder)?;
    let named = |wanted: &str| {
        let fits = |(name, kind): &&(OsString, Kind)| {
            matches!(kind, Kind::Folder | Kind::Link) && name.eq_ignore_ascii_case(wanted)
        };
        top.iter().find(fits).map(|(name, _)| PathBuf::from(name))
    };
    let mut notes = Vec::new();
    let Some(train) = named(TRAIN) else {
        let train = set(folder, PathBuf::new(), &mut notes)?;
        let is_test = |class: &&Class| TESTS.iter().any(|t| class.name.eq_ignore_ascii_case(t));
        if let Some(class) = train.classes.iter().filter(is_test).find(|class| class.is_deeper()) {
            let test = class.name.display().to_string();
            return Err(FolderError::NoTraining { folder: folder.to_owned(), test });
        }
        check(folder, &train)?;
        return Ok(Sets { train, test: None, notes });
    };
    let train = set(folder, train, &mut notes)?;
    check(folder, &train)?;
    let mut test: Option<Set> = None;
    for place in TESTS.into_iter().filter_map(named) {
        let shown = place.display();
        if let Some(test) = &test {
            let taken = test.place.display();
            notes.push(format!("{shown}/ is left out: {taken}/ is there to test with"));
            continue;
        }
        let found = set(folder, place.clone(), &mut notes)?;
        match found.len() {
            0 => notes.push(format!("{shown}/ is left out: no picture in it has a class")),
            _ => test = Some(found),
        }
    }
    Ok(Sets { train, test, notes })
}

/// The classes in the folder that lies here in `folder`.
fn set(folder: &Path, place: PathBuf, notes: &mut Vec<String>) -> Result<Set, FolderError> {
    let mut set = Set { place, ..Set::default() };
    let folder_of_classes = folder.join(&set.place);
    let real =
        folder_of_classes.canonicalize().map_err(FolderError::unreadable(&folder_of_classes))?;
    let mut leave_out = |path: &Path, why: &str| {
        notes.push(format!("{} is left out: {why}", path.display()));
    };
    for (name, kind) in walk::entries(&folder_of_classes)? {
        let here = set.place.join(&name);
        // Such a link would be a class that has the pictures of all others.
        let leads_back = |real_class: PathBuf| real.starts_with(real_class);
        match kind {
            Kind::Link if folder.join(&here).canonicalize().is_ok_and(leads_back) => {
                leave_out(&here, "it leads back to the folder that it is in");
            }
            Kind::Folder | Kind::Link => {
                let below = walk::below(&folder.join(&here))?;
                for (path, why) in &below.left_out {
                    leave_out(&here.join(path), why);
                }
                set.others += below.others;
                set.classes.push(Class { name, pictures: below.pictures });
            }
            Kind::Picture => set.loose += 1,
            Kind::Other => set.others += 1,
            Kind::Dead(why) => leave_out(&here, &why),
        }
    }
    if set.loose > 0 {
        let (pictures, place) = (counted(set.loose, "picture"), set.shown(folder));
        notes.push(format!("{pictures} directly in {} left out: no class", place.display()));
    }
    Ok(set)
}

/// Whether there is something to tell apart.
fn check(folder: &Path, train: &Set) -> Result<(), FolderError> {
    let folder = train.shown(folder);
    let with_pictures: Vec<_> = train.classes.iter().filter(|c| !c.pictures.is_empty()).collect();
    let most = *CLASSES.end();
    match (&with_pictures[..], train.loose) {
        ([], 0) => Err(FolderError::NoPicture {
            folder,
            folders: train.classes.len(),
            others: train.others,
        }),
        ([], pictures) => Err(FolderError::Unlabelled { folder, pictures }),
        ([class], _) => Err(FolderError::OneClass {
            folder,
            class: class.name.display().to_string(),
            pictures: class.pictures.len(),
            deeper: class.is_deeper(),
        }),
        (classes, _) if classes.len() > most => {
            Err(FolderError::TooManyClasses { folder, count: classes.len(), most })
        }
        _ => Ok(()),
    }
}
