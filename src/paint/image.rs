//! What lies under a map: a picture in grey or in colour.

use super::{Grid, Raster, Rgb};

/// A picture that a network looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum Image {
    /// Brightness, 0 (black) to 1 (white).
    Grey(Grid),
    /// Red, green and blue.
    Colour(Raster),
}

impl Image {
    /// From row-major bytes of this height and width, the channels of a pixel one after another.
    ///
    /// # Panics
    /// If there are neither 1 nor 3 channels, or not `height * width * channels` bytes.
    pub fn from_bytes([height, width]: [usize; 2], channels: usize, bytes: &[u8]) -> Self {
        match channels {
            1 => Self::Grey(Grid::from_bytes(width, height, bytes)),
            3 => Self::Colour(Raster::from_bytes(width, height, bytes)),
            _ => panic!("a picture has 1 or 3 channels, not {channels}"),
        }
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        match self {
            Self::Grey(grid) => (grid.width(), grid.height()),
            Self::Colour(raster) => (raster.width, raster.height),
        }
    }

    /// Resampled as it looks best: sharp at whole factors, smooth in between, averaged when it
    /// shrinks.
    #[must_use]
    pub fn fitted(&self, width: usize, height: usize) -> Self {
        match self {
            Self::Grey(grid) => Self::Grey(grid.fitted(width, height)),
            Self::Colour(raster) => Self::Colour(raster.fitted(width, height)),
        }
    }

    /// Resampled so that every pixel is the one its centre lies in: sharp.
    #[must_use]
    pub fn nearest(&self, width: usize, height: usize) -> Self {
        match self {
            Self::Grey(grid) => Self::Grey(grid.nearest(width, height)),
            Self::Colour(raster) => Self::Colour(raster.nearest(width, height)),
        }
    }

    /// The colour at column `x`, row `y`.
    ///
    /// # Panics
    /// If it lies outside.
    pub fn rgb(&self, x: usize, y: usize) -> Rgb {
        match self {
            Self::Grey(_) => self.grey(x, y),
            Self::Colour(raster) => raster.at(x, y),
        }
    }

    /// The same without its hue.
    ///
    /// # Panics
    /// If it lies outside.
    pub fn grey(&self, x: usize, y: usize) -> Rgb {
        [(self.brightness(x, y) * 255.0 + 0.5) as u8; 3]
    }

    /// The brightness at column `x`, row `y`, 0 to 1: of a colour its luma by Rec. 601.
    ///
    /// # Panics
    /// If it lies outside.
    pub fn brightness(&self, x: usize, y: usize) -> f32 {
        match self {
            Self::Grey(grid) => grid.at(x, y),
            Self::Colour(raster) => luma(raster.at(x, y)) / 255.0,
        }
    }
}

/// How bright a colour is to the eye, 0 to 255, by Rec. 601.
fn luma([red, green, blue]: Rgb) -> f32 {
    0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_one_channel_are_grey_and_of_three_are_colours() {
        let grey = Image::from_bytes([1, 2], 1, &[0, 51]);
        assert_eq!(grey, Image::Grey(Grid::new(2, 1, vec![0.0, 0.2])));
        let colour = Image::from_bytes([2, 1], 3, &[1, 2, 3, 4, 5, 6]);
        assert_eq!((grey.size(), colour.size()), ((2, 1), (1, 2)));
        assert_eq!(
            [grey.rgb(1, 0), colour.rgb(0, 0), colour.rgb(0, 1)],
            [[51; 3], [1, 2, 3], [4, 5, 6]]
        );
    }

    #[test]
    #[should_panic(expected = "1 or 3 channels, not 4")]
    fn other_numbers_of_channels_are_refused() {
        let _ = Image::from_bytes([1, 1], 4, &[0; 4]);
    }

    #[test]
    fn brightness_is_grey_itself_and_a_colours_luma() {
        let bytes = [255, 0, 0, 0, 255, 0, 0, 0, 255, 100, 100, 100];
        let colours = Image::from_bytes([1, 4], 3, &bytes);
        for (x, expected) in [0.299, 0.587, 0.114, 100.0 / 255.0].into_iter().enumerate() {
            let found = colours.brightness(x, 0);
            assert!((found - expected).abs() < 1e-6, "{x}: {found}");
        }
        assert_eq!(Image::Grey(Grid::new(1, 1, vec![0.7])).brightness(0, 0), 0.7);
    }

    #[test]
    fn a_grey_picture_is_resampled_alike_in_one_channel_and_in_three() {
        let bytes = [0, 40, 250, 130, 7, 90];
        let grey = Image::from_bytes([2, 3], 1, &bytes);
        let colour = Image::from_bytes([2, 3], 3, &bytes.map(|byte| [byte; 3]).concat());
        for (width, height) in [(3, 2), (6, 4), (5, 3), (2, 1), (1, 5), (1, 1)] {
            let both = [&grey, &colour].map(|image| image.fitted(width, height));
            let sharp = [&grey, &colour].map(|image| image.nearest(width, height));
            for [grey, colour] in [both, sharp] {
                assert_eq!((grey.size(), colour.size()), ((width, height), (width, height)));
                for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
                    assert_eq!(grey.rgb(x, y), colour.rgb(x, y), "{width} {height} {x} {y}");
                }
            }
        }
    }
}
