//! Labelled pictures: where they come from, and the one shape everything else gets them in.
//!
//! A [`Request`] says which pictures are wanted; [`load()`] finds them in the user's files, in the
//! cache, on the network or by drawing them, and makes a [`Dataset`] of them. Only
//! [`digits`] knows what a handwritten digit is.

mod class_names;
mod classes;
mod dataset;
pub mod digits;
pub mod download;
#[cfg(test)]
mod fixtures;
pub mod folder;
mod idx;
pub mod idx_set;
pub mod import;
mod known;
mod load;
mod mnist;
mod shape;
mod source;
mod sums;

pub use classes::{CLASSES, Classes};
pub use dataset::{Dataset, Images, Split};
pub use download::DownloadError;
pub use folder::FolderError;
pub use idx_set::IdxSetError;
pub use import::PictureError;
pub use load::{DataError, load, whereabouts};
pub use shape::{SIDES, Shape};
pub use source::{Choice, Noun, Origin, Progress, Request, Wanted};
