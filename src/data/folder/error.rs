//! Why a folder of pictures is no data set.

use std::io;
use std::path::{Path, PathBuf};

use crate::data::shape::Shape;
use crate::figures::{counted, thousands};

/// What is wrong with a folder that should hold pictures in folders of classes.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder is not there.
    #[error("there is no folder {}; name the one that holds a folder for each class", .0.display())]
    NoFolder(PathBuf),
    /// The system does not let a folder be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// There is no picture.
    #[error(
        "{} has no picture (PNG, JPEG, WebP, BMP, GIF or TIFF), only {} and {}; put the \
         pictures of each class into a folder of its name",
        folder.display(),
        counted(*folders, "folder"),
        counted(*others, "other file")
    )]
    NoPicture {
        /// The folder.
        folder: PathBuf,
        /// Folders in it.
        folders: usize,
        /// Other files in it.
        others: usize,
    },
    /// There are pictures, and nothing says of what.
    #[error(
        "{} has {} and no folder of a class; put the pictures of each class into a folder of its \
         name",
        folder.display(),
        counted(*pictures, "picture")
    )]
    Unlabelled {
        /// The folder.
        folder: PathBuf,
        /// Pictures directly in it.
        pictures: usize,
    },
    /// Pictures to test with, and none to learn from.
    #[error(
        "{} has pictures in {test} and no folder train; put those to learn from into train/CLASS",
        folder.display()
    )]
    NoTraining {
        /// The folder.
        folder: PathBuf,
        /// The folder within that is there.
        test: String,
    },
    /// There is nothing to tell apart.
    #[error(
        "{} has pictures of one class alone, {class} ({}), and at least two are needed{}",
        folder.display(),
        counted(*pictures, "picture"),
        below(folder, class, *deeper)
    )]
    OneClass {
        /// The folder that has a folder for each class.
        folder: PathBuf,
        /// The class.
        class: String,
        /// Its pictures.
        pictures: usize,
        /// Whether they lie in folders of their own.
        deeper: bool,
    },
    /// There are more classes than a network here tells apart.
    #[error(
        "{} has pictures of {} classes, and at most {} can be told apart; name a folder with fewer",
        folder.display(),
        thousands(*count as u64),
        thousands(*most as u64)
    )]
    TooManyClasses {
        /// The folder that has a folder for each class.
        folder: PathBuf,
        /// How many.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// The folders of two classes have names that read alike.
    #[error(
        "{} has two folders of classes whose names are no Unicode and read alike, {name}; rename \
         one of them",
        folder.display()
    )]
    SameName {
        /// The folder that has a folder for each class.
        folder: PathBuf,
        /// How both read.
        name: String,
    },
    /// Training and test set have no class in common.
    #[error(
        "{} and {} have no class in common: {test_classes} are to be tested and {train_classes} \
         are learnt; give the folders of a class one name in both",
        test.display(),
        train.display()
    )]
    NoCommonClass {
        /// The folder of the training set.
        train: PathBuf,
        /// Classes of it.
        train_classes: String,
        /// The folder of the test set.
        test: PathBuf,
        /// Classes of it.
        test_classes: String,
    },
    /// With so few pictures, chance leaves nothing to learn or to test.
    #[error(
        "{} has only {}, too few to learn from most of them and to test with a sixth; add more, or \
         put some of each class into test/CLASS and the others into train/CLASS",
        folder.display(),
        counted(*pictures, "picture")
    )]
    TooFew {
        /// The folder.
        folder: PathBuf,
        /// Its pictures.
        pictures: usize,
    },
    /// Most files of a set are no pictures, or all of one class.
    #[error(
        "{} of the {} {of} cannot be taken, such as {}: {reason}",
        thousands(*broken as u64),
        counted(*pictures, "picture"),
        example.display()
    )]
    Broken {
        /// How many.
        broken: usize,
        /// Of how many.
        pictures: usize,
        /// What they are pictures of: "to learn from", "of cat to learn from".
        of: String,
        /// The first of them.
        example: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// They do not fit into memory.
    #[error(
        "{} of {shape} pixels take {:.1} GiB of memory, and at most {} GiB are given to pictures; \
         take fewer with --limit, or smaller ones with --input-size",
        counted(*pictures, "picture"),
        *bytes as f64 / f64::from(1 << 30),
        most >> 30
    )]
    TooLarge {
        /// How many.
        pictures: usize,
        /// What they are brought to.
        shape: Shape,
        /// The bytes that all of them take.
        bytes: u64,
        /// The bytes that they may take.
        most: u64,
    },
}

impl FolderError {
    /// For use with `map_err` where this folder is read.
    pub(super) fn unreadable(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Unreadable { path: path.to_owned(), reason: error.kind().to_string() }
    }
}

/// What may help where the pictures of the only class lie in folders of their own.
fn below(folder: &Path, class: &str, deeper: bool) -> String {
    match deeper {
        true => {
            format!("; if the folders in it are the classes, name {}", folder.join(class).display())
        }
        false => ", each in a folder of its own".to_owned(),
    }
}
