//! Why IDX files are no data set.

use std::io;
use std::path::{Path, PathBuf};

use super::names::{RULE, example};
use crate::figures::plural;

/// What is wrong with a folder that should hold a set in IDX files.
#[derive(Debug, thiserror::Error)]
pub enum IdxSetError {
    /// The folder is not there.
    #[error("there is no folder {0}; name one that holds a data set with --data")]
    NoFolder(PathBuf),
    /// A file is not there, neither plain nor compressed.
    #[error("{folder} has no file {name} or {name}.gz; {rule}", rule = RULE)]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// A name that the file could have.
        name: String,
    },
    /// There are two files for one purpose.
    #[error("{first} and {second} are both {what}; {rule}", rule = RULE)]
    Ambiguous {
        /// One of them.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// What both are by their names.
        what: &'static str,
    },
    /// There are several sets.
    #[error(
        "{folder} has several sets, {}; name one of them, as in --data {}",
        names.join(", "),
        folder.join(names.first().map_or("", String::as_str)).display()
    )]
    Several {
        /// The folder.
        folder: PathBuf,
        /// What the names of their files begin with.
        names: Vec<String>,
    },
    /// The system does not let a file, or the folder, be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file's content is not what belongs there.
    #[error("{path} {problem}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what would help.
        problem: String,
    },
    /// Two files that belong together have different lengths.
    #[error(
        "{images} has {image_count} {} and {labels} has {label_count} {}; they must be equally many",
        plural(*image_count, "image"),
        plural(*label_count, "label")
    )]
    Disagree {
        /// The images.
        images: PathBuf,
        /// How many.
        image_count: usize,
        /// Their labels.
        labels: PathBuf,
        /// How many.
        label_count: usize,
    },
}

impl IdxSetError {
    /// For use with `map_err` where this file or folder is read.
    pub(super) fn unreadable(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Unreadable { path: path.to_owned(), reason: error.to_string() }
    }

    /// Of a folder without any file of an IDX set.
    pub fn none_in(folder: &Path) -> Self {
        Self::Missing { folder: folder.to_owned(), name: example("", 0) }
    }

    /// About what is in this file.
    pub(super) fn content(path: &Path, problem: impl Into<String>) -> Self {
        Self::Content { path: path.to_owned(), problem: problem.into() }
    }
}
