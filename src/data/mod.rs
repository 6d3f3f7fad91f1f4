//! Labelled pictures: where they come from, and the one shape everything else gets them in.
//!
//! A [`Request`] says which pictures are wanted; [`load()`] finds them in the user's files, in the
//! cache, on the network or by drawing them, and makes a [`Dataset`] of them. Only
//! [`digits`] knows what a handwritten digit is.

mod dataset;
pub mod digits;
pub mod download;
pub mod folder;
mod idx;
pub mod import;
mod known;
mod load;
pub mod mnist;
mod source;

pub use dataset::{Classes, Dataset, Images, Shape, Split};
pub use download::DownloadError;
pub use folder::FolderError;
pub use import::PictureError;
pub use load::{DataError, load, whereabouts};
pub use mnist::MnistError;
pub use source::{Choice, Noun, Origin, Progress, Request, Wanted};
