//! The engine without a screen: lines of text for people and `grep`, or JSON for programs.

mod error;
mod evaluate;
mod explain;
mod loading;
mod table;
mod train;

pub use error::PlainError;
pub use evaluate::score;
pub use explain::Explainer;
pub use loading::{announce, loading};
pub use table::print as table;
pub use train::train;
