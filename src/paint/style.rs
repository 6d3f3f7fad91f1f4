//! How pictures are drawn on a terminal, and in how many steps.

use super::quantise::{quantised, quantised_signed};
use super::runs::longer_runs;
use super::{ColorDepth, Grid, Image};

/// How pictures are drawn on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Colours there are.
    pub depth: ColorDepth,
    /// Whether only ASCII characters can be drawn: a cell is one pixel then.
    pub ascii: bool,
}

impl Style {
    /// The picture in as many steps as the eye needs at this depth, see [`quantised`].
    pub fn quantised(self, grid: &Grid) -> Grid {
        let steps = match self.depth {
            ColorDepth::TrueColor => 20,
            // The palette has about as many colours along a colormap.
            ColorDepth::Indexed => 12,
            ColorDepth::Ansi | ColorDepth::Mono => 16,
        };
        quantised(grid, steps)
    }

    /// The same for one small picture among many: it is looked at for its shape, and as many steps
    /// for each of them would be many times the bytes.
    pub fn thumbnail(self, grid: &Grid) -> Grid {
        let steps = match self.depth {
            ColorDepth::TrueColor => 10,
            ColorDepth::Indexed => 8,
            ColorDepth::Ansi | ColorDepth::Mono => 12,
        };
        quantised(grid, steps)
    }

    /// An image likewise: grey in as many steps, and colours in longer runs.
    pub fn quantised_image(self, image: &Image) -> Image {
        self.image(image, Self::quantised, 8)
    }

    /// The same for one small image among many.
    pub fn thumbnail_image(self, image: &Image) -> Image {
        self.image(image, Self::thumbnail, 14)
    }

    fn image(self, image: &Image, grey: impl Fn(Self, &Grid) -> Grid, tolerance: u8) -> Image {
        match image {
            Image::Grey(grid) => Image::Grey(grey(self, grid)),
            Image::Colour(raster) if self.depth == ColorDepth::TrueColor => {
                Image::Colour(longer_runs(raster, tolerance))
            }
            // A palette has few colours as it is, and mixes them better of exact ones.
            Image::Colour(_) => image.clone(),
        }
    }

    /// The same for a picture of numbers from -1 to 1: 0 stays 0, and what can be seen keeps its
    /// sign.
    pub fn signed(self, grid: &Grid) -> Grid {
        quantised_signed(grid, self.signed_steps())
    }

    /// Steps on either side of 0.
    pub(super) fn signed_steps(self) -> usize {
        // The palette has about six blues and six reds.
        if self.depth == ColorDepth::TrueColor { 10 } else { 6 }
    }
}
