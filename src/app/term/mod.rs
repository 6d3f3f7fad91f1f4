//! The terminal: what comes from it, what it can show, and how little can be sent to it.

pub mod compact;
pub mod decode;
pub mod escape;
pub mod listener;
pub mod probe;
pub mod terminal;
