//! What changes the state: one function from a message to the next state and to what should be done
//! outside of it. There is no I/O here, no clock and no drawing.

mod dispatch;
mod keys;
mod look;
mod mouse;
mod pad;
mod panel;
mod prompt;
mod report;
mod save;
pub mod stages;
mod training;

pub use dispatch::update;
