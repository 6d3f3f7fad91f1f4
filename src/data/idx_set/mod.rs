//! Data sets in four IDX files, of pictures of any size in any number of classes.
//!
//! ```text
//!   folder -> names: what each file is -> find: which four -> read: their values -> agree: do they
//!   fit -> labels: their classes -> load: Dataset; look: its name alone
//! ```

mod agree;
mod error;
mod find;
mod labels;
mod load;
mod look;
mod names;
mod read;

pub use error::IdxSetError;
pub use find::present;
pub use load::load;
pub(super) use load::{load_as, load_if_there};
pub(super) use look::look;
pub(super) use names::RULE;

#[cfg(test)]
mod other_tests;
#[cfg(test)]
mod tests;
