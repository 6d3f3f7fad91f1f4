//! The size of pictures.

use std::fmt;
use std::ops::RangeInclusive;

/// The least and the largest height and width of pictures that a network here learns from.
pub const SIDES: RangeInclusive<usize> = 8..=64;

/// The size of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Values a pixel: 1 for grey, 3 for red, green and blue.
    pub channels: usize,
}

impl Shape {
    /// Pixels of a picture.
    pub fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Bytes of a picture: one a channel of each pixel.
    pub fn bytes(self) -> usize {
        self.pixels() * self.channels
    }

    /// Height and width.
    pub fn size(self) -> [usize; 2] {
        [self.height, self.width]
    }

    /// Whether its pixels have colours.
    pub fn is_colour(self) -> bool {
        self.channels > 1
    }
}

impl fmt::Display for Shape {
    /// Height by width, as in "24x32".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.height, self.width)
    }
}
