//! The terminal: what comes from it, what it can show, and how little can be sent to it.

pub mod compact;
pub mod decode;
pub mod escape;
mod input;
pub mod listener;
pub mod mailbox;
pub mod probe;
pub mod terminal;

pub use input::{Asked, End, watch_signals};
