//! The fast CPU operations under training and inference, as pure functions on slices.
//!
//! Every function writes into memory the caller provides and takes the vector instructions to use
//! as its first argument ([`Level::new`] finds the best). Work is cut for rayon's threads by its
//! shape alone, so results do not depend on how many threads there are; different levels round
//! differently. Small work runs on the calling thread.

mod aligned;
pub mod conv;
pub mod dropout;
pub mod gather;
pub mod linear;
pub mod loss;
pub mod nadam;
mod parallel;
mod product;
pub mod simd;
mod sparse;
#[cfg(test)]
mod tests;
mod workspace;

pub use aligned::CacheAligned;
pub use parallel::in_pool;
pub use simd::Level;
pub use workspace::Workspace;
