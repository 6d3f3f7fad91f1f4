//! Why a command without a screen came to nothing.

use std::io;

use crate::data::Split;
use crate::failure::Failure;
use crate::paint;
use crate::train::Divergence;

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum PlainError {
    /// The reader of our output has gone.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// Training broke off.
    #[error("training broke off: {0}")]
    Training(#[source] Failure),
    /// Training diverged.
    #[error(
        "{0}; nothing was saved since, what was saved before is there; train anew with a smaller \
         --learning-rate"
    )]
    Diverged(Divergence),
    /// The weights or the training could not be saved.
    #[error("{}", .0.iter().map(Failure::to_string).collect::<Vec<_>>().join("; "))]
    NotSaved(Vec<Failure>),
    /// There is no such class.
    #[error(
        "there is no class \"{word}\"; give a number from 0 to {last}, or a name such as \"{first}\""
    )]
    NoSuchClass {
        /// What was asked for.
        word: String,
        /// The largest number.
        last: usize,
        /// The name of the first.
        first: String,
    },
    /// There is no such picture.
    #[error("there is no {noun} {index}: the {split} set has {count}, numbered from 0")]
    NoSuchPicture {
        /// What one is called.
        noun: &'static str,
        /// What was asked for.
        index: usize,
        /// Of which set.
        split: Split,
        /// How many it has.
        count: usize,
    },
    /// The picture could not be written.
    #[error(transparent)]
    Png(#[from] paint::PngError),
}
