//! Drawing: one file a screen, a panel or a part of the frame around them. Everything here reads the
//! state and writes cells into the areas that the layout gives it.
//!
//! ```text
//!  gradcam  Train  Explore                    MNIST  epoch 2/3 41 %
//!  ...the screen...
//!  Tab screen  → l next  c colours  s save  ? help  q quit
//! ```

mod ascii;
mod bars;
mod charts;
mod explore;
mod footer;
mod frame;
mod gallery;
mod header;
mod help;
mod prompt;
mod question;
mod train;
mod waiting;
mod words;

pub use frame::draw;
