//! A picture in RGB, for files.

use super::Rgb;

/// `height` rows of `width` RGB pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row-major.
    pub pixels: Vec<Rgb>,
}

impl Raster {
    /// Two pictures of the same height with a black gap between them.
    ///
    /// # Panics
    /// If the heights differ.
    pub fn beside(&self, other: &Self, gap: usize) -> Self {
        assert_eq!(self.height, other.height, "pictures side by side have one height");
        let mut pixels = Vec::with_capacity((self.width + gap + other.width) * self.height);
        let rows = self.pixels.chunks(self.width).zip(other.pixels.chunks(other.width));
        for (left, right) in rows {
            pixels.extend_from_slice(left);
            pixels.extend(std::iter::repeat_n([0; 3], gap));
            pixels.extend_from_slice(right);
        }
        Self { width: self.width + gap + other.width, height: self.height, pixels }
    }
}
