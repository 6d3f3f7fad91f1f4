//! The Explore screen: one panel at a time, on the picture in view or on all pictures. One file a
//! panel; `panels` knows which is open, `title` is the line above most of them.

mod confusion;
mod digit;
mod features;
mod maps;
mod mistakes;
mod panels;
mod title;
mod trust;

pub use panels::draw;
