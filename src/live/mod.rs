//! The thread that keeps explaining what is in view, with the newest weights.
//!
//! Whoever looks says what is in view; whoever trains brings weights. Only the newest of each
//! counts, and all answers go to one callback.

mod answer;
mod history;
mod watch;
mod worker;

pub use watch::{CLASSES_AT_ONCE, Findings, Focus, Report, Study, Subject, Watch};
pub use worker::Worker;
