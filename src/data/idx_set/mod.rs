//! Data sets in four IDX files, of pictures of any size in any number of classes.
//!
//! ```text
//!   folder -> names: what each file is -> find: which four -> read: their values -> labels: their
//!   classes -> load: Dataset
//! ```

mod error;
mod find;
mod labels;
mod load;
mod names;
mod read;

pub use error::IdxSetError;
pub use find::present;
pub use load::load;
pub(super) use load::{load_as, load_if_there};

#[cfg(test)]
pub(super) mod tests;
