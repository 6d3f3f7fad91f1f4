//! A picture in RGB.

use super::{Rgb, resample};

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
    /// From row-major bytes, red, green and blue of each pixel one after another.
    ///
    /// # Panics
    /// If there are not `3 * width * height` bytes.
    pub fn from_bytes(width: usize, height: usize, bytes: &[u8]) -> Self {
        assert_eq!(bytes.len(), 3 * width * height, "bytes do not fit the picture");
        Self { width, height, pixels: bytes.as_chunks().0.to_vec() }
    }

    /// The colour at column `x`, row `y`.
    ///
    /// # Panics
    /// If it lies outside.
    pub fn at(&self, x: usize, y: usize) -> Rgb {
        assert!(x < self.width, "column {x} of {}", self.width);
        self.pixels[y * self.width + x]
    }

    /// This picture, a black gap, and the other one, top edges level. A lower one goes on in black.
    #[must_use]
    pub fn beside(&self, other: &Self, gap: usize) -> Self {
        let (width, height) = (self.width + gap + other.width, self.height.max(other.height));
        let mut pixels = vec![[0; 3]; width * height];
        for (picture, left) in [(self, 0), (other, self.width + gap)] {
            for y in 0..picture.height {
                let row = &picture.pixels[y * picture.width..][..picture.width];
                pixels[y * width + left..][..picture.width].copy_from_slice(row);
            }
        }
        Self { width, height, pixels }
    }

    /// At another size, as a picture looks best: see [`Grid::fitted`](super::Grid::fitted), each
    /// channel by itself.
    #[must_use]
    pub fn fitted(&self, width: usize, height: usize) -> Self {
        let [red, green, blue] = [0, 1, 2].map(|channel| {
            let values: Vec<f32> = self.pixels.iter().map(|rgb| f32::from(rgb[channel])).collect();
            resample::fitted(&values, (self.width, self.height), (width, height))
        });
        let byte = |value: f32| (value + 0.5) as u8;
        let pixel = |i| [byte(red[i]), byte(green[i]), byte(blue[i])];
        Self { width, height, pixels: (0..width * height).map(pixel).collect() }
    }

    /// At another size, sharp.
    #[must_use]
    pub fn nearest(&self, width: usize, height: usize) -> Self {
        let pixels = resample::nearest(&self.pixels, (self.width, self.height), (width, height));
        Self { width, height, pixels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Rgb = [255, 0, 0];
    const BLUE: Rgb = [0, 0, 255];
    const BLACK: Rgb = [0; 3];

    fn even(width: usize, height: usize, rgb: Rgb) -> Raster {
        Raster { width, height, pixels: vec![rgb; width * height] }
    }

    #[test]
    fn pictures_stand_side_by_side_with_a_black_gap() {
        let both = even(1, 2, RED).beside(&even(2, 1, BLUE), 1);
        assert_eq!((both.width, both.height), (4, 2));
        assert_eq!(both.pixels, [RED, BLACK, BLUE, BLUE, RED, BLACK, BLACK, BLACK]);
    }

    #[test]
    fn scaling_repeats_mixes_or_averages_pixels() {
        let pair = even(1, 1, RED).beside(&even(1, 1, BLUE), 0);
        assert_eq!(pair.nearest(3, 1).pixels, [RED, BLUE, BLUE]);
        assert_eq!(pair.fitted(4, 1).pixels, [RED, RED, BLUE, BLUE], "twice as wide");
        // 2 to 3: centres at -1/6, 1/2 and 7/6 of the source.
        assert_eq!(pair.fitted(3, 1).pixels, [RED, [128, 0, 128], BLUE]);
        assert_eq!(pair.fitted(1, 1).pixels, [[128, 0, 128]], "half as wide");
        assert_eq!(pair.nearest(500, 500).pixels.len(), 250_000);
    }

    #[test]
    fn a_picture_of_its_own_size_stays_as_it_is_and_nothing_becomes_black() {
        let pixels = (0..=255).map(|i| [i, 255 - i, i / 2]).collect();
        let all = Raster { width: 16, height: 16, pixels };
        assert_eq!(all.fitted(16, 16), all);
        assert_eq!(even(0, 0, RED).fitted(2, 1), even(2, 1, BLACK));
        assert_eq!(even(0, 0, RED).nearest(2, 1), even(2, 1, BLACK));
        assert!(all.fitted(0, 7).pixels.is_empty());
    }

    #[test]
    fn bytes_are_red_green_and_blue_in_turn() {
        let raster = Raster::from_bytes(1, 2, &[255, 0, 0, 0, 0, 255]);
        assert_eq!((raster.width, raster.height), (1, 2));
        assert_eq!(raster.pixels, [RED, BLUE]);
    }

    #[test]
    #[should_panic(expected = "bytes do not fit the picture")]
    fn bytes_of_another_size_are_refused() {
        let _ = Raster::from_bytes(1, 1, &[0; 4]);
    }
}
