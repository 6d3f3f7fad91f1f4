//! Handwritten digits: drawn by the program or by hand, or read from a user's picture.

mod drawing;
mod ink;
pub mod reading;
pub mod synthetic;

pub use drawing::Drawing;
pub use ink::{Point, is_ink};

use super::shape::Shape;

/// Height and width of a digit in pixels.
pub const SIDE: usize = 28;
/// Pixels of a digit.
pub const PIXELS: usize = SIDE * SIDE;
/// Classes: the digits 0 to 9.
pub const CLASSES: usize = 10;
/// A digit: grey, 0 black to 255 ink.
pub const SHAPE: Shape = Shape { height: SIDE, width: SIDE, channels: 1 };
