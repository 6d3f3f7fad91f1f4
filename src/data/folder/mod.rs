//! A folder of pictures as a data set: `train/CLASS/*` beside `test/CLASS/*`, or `CLASS/*` alone.
//!
//! ```text
//!   folder -> walk: which files -> scan: which sets -> share: who learns, who tests, in which
//!   order -> decode: bytes of one shape -> Dataset
//! ```

mod decode;
mod error;
mod load;
mod scan;
mod share;
mod walk;

pub use error::FolderError;
pub use load::load;
pub use walk::looks_like_one;

#[cfg(test)]
mod tests;
