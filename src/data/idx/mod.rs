//! IDX files, the format of MNIST: a header of big-endian words that says the type and the sizes,
//! then the values. Read by content: plain or gzip, whatever the name says.
//!
//! What lies beyond the values is judged, too. Zeros and line ends are padding, as tapes, disks and
//! some transfers add; anything else contradicts the header. Behind a whole gzip stream anything
//! may lie, as for `gzip -d`: its own checksum says that nothing is missing.

pub mod header;
mod read;

pub use header::{ValueType, header};
pub use read::{Idx, IdxError, look, read};

#[cfg(test)]
mod tests;
