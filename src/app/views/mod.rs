//! Drawing: one file a screen, a panel or a part of the frame around them. Everything here reads the
//! state and writes cells; what lies at a place of the terminal is found by the same plans.
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
mod hit;
mod images;
mod prompt;
mod question;
mod train;
mod waiting;
mod words;

pub use frame::{SMALLEST, draw, last_help_row};
pub use hit::{Hit, hit};
pub use images::{OVERLAY_ALPHA, heat, image, signed};

pub(super) use explore::{feature_columns, feature_place, overlay_refused};
