//! A picture in RGB, for files.

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

    /// At another size, sharp.
    #[must_use]
    pub fn nearest(&self, width: usize, height: usize) -> Self {
        let pixels = resample::nearest(&self.pixels, (self.width, self.height), (width, height));
        Self { width, height, pixels }
    }

    /// At another size, smooth. A heatmap looks better if its [`Grid`](super::Grid) is resampled
    /// and coloured then, since a mix of two colours of a colormap need not be one of them.
    #[must_use]
    pub fn bilinear(&self, width: usize, height: usize) -> Self {
        let pixels: Vec<[f32; 3]> = self.pixels.iter().map(|rgb| rgb.map(f32::from)).collect();
        let pixels = resample::bilinear(&pixels, (self.width, self.height), (width, height));
        let pixels = pixels.into_iter().map(|rgb| rgb.map(|v| (v + 0.5) as u8)).collect();
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
    fn scaling_repeats_or_mixes_pixels() {
        let pair = even(1, 1, RED).beside(&even(1, 1, BLUE), 0);
        assert_eq!(pair.nearest(4, 1).pixels, [RED, RED, BLUE, BLUE]);
        assert_eq!(pair.bilinear(4, 1).pixels, [RED, [191, 0, 64], [64, 0, 191], BLUE]);
        assert_eq!(pair.nearest(500, 500).pixels.len(), 250_000);
    }
}
