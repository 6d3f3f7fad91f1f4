//! Train a convolutional network on handwritten digits, and see what it looks at.

pub mod app;
pub mod cli;
pub mod data;
pub mod explain;
pub mod model;
pub mod paint;
pub mod plain;
pub mod rng;
pub mod start;
pub mod train;

/// What a panicking thread said.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("an internal error without a message").to_owned()
}
