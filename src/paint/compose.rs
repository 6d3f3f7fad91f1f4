//! Pictures as they are saved.

use super::{Colormap, Grid, Image, Picture, Raster};

/// How a map is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Evidence for the class.
    Heat,
    /// The same, laid over the image.
    Overlay,
    /// Evidence for and against it.
    Signed,
    /// The same, laid over the image.
    SignedOverlay,
}

/// An image, a map of it, and how the map is shown.
#[derive(Debug, Clone, Copy)]
pub struct Composition<'a> {
    /// The image, before it is resized.
    pub image: &'a Image,
    /// The map, before it is resized: 0 to 1, or -1 to 1 where signs are shown.
    pub map: &'a Grid,
    /// How the map is shown.
    pub look: Look,
    /// Colours of heat.
    pub colormap: Colormap,
    /// The map's share of the colour where it lies over the image, 0..=1.
    pub alpha: f32,
}

impl Composition<'_> {
    /// The map alone, so many pixels high and as wide as the image's shape asks for.
    pub fn map(&self, height: usize) -> Raster {
        self.painted(&self.image_at(height))
    }

    /// The image, a gap, and the map, each so many pixels high.
    pub fn side_by_side(&self, height: usize) -> Raster {
        let image = self.image_at(height);
        Picture::Image(&image).raster().beside(&self.painted(&image), height.div_ceil(50))
    }

    /// The image at this height: every pixel can be seen where it grows, and counts where it
    /// shrinks.
    fn image_at(&self, height: usize) -> Image {
        let (columns, rows) = self.image.size();
        let width = (columns * height + rows / 2).checked_div(rows).unwrap_or(0);
        let size = (width.max(columns.min(1)), height);
        match height < rows {
            true => self.image.fitted(size.0, size.1),
            false => self.image.nearest(size.0, size.1),
        }
    }

    /// The map at the size of this image, over it where that is asked for.
    fn painted(&self, image: &Image) -> Raster {
        let Self { look, colormap, alpha, .. } = *self;
        let (width, height) = image.size();
        let map = &self.map.bilinear(width, height);
        let picture = match look {
            Look::Heat => Picture::Heat(map, colormap),
            Look::Overlay => Picture::Overlay { image, heat: map, colormap, alpha },
            Look::Signed => Picture::Signed(map),
            Look::SignedOverlay => Picture::SignedOver { image, signed: map, alpha },
        };
        picture.raster()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Rgb;

    fn composed<'a>(image: &'a Image, map: &'a Grid, look: Look) -> Composition<'a> {
        Composition { image, map, look, colormap: Colormap::Jet, alpha: 0.5 }
    }

    fn colours(height: usize, width: usize, pixels: &[Rgb]) -> Image {
        Image::from_bytes([height, width], 3, pixels.as_flattened())
    }

    #[test]
    fn a_picture_is_as_high_as_asked_for_and_keeps_its_shape() {
        let map = Grid::new(1, 1, vec![1.0]);
        for ((width, height), asked, expected) in [
            ((32, 24), 48, 64),
            ((24, 32), 48, 36),
            ((28, 28), 500, 500),
            ((3, 2), 5, 8),
            ((1, 1000), 100, 1),
            ((1, 1), 7, 7),
        ] {
            let image = colours(height, width, &vec![[9; 3]; width * height]);
            let one = composed(&image, &map, Look::Overlay).map(asked);
            assert_eq!((one.width, one.height), (expected, asked), "{width} x {height}");
            let both = composed(&image, &map, Look::Heat).side_by_side(asked);
            let gap = asked.div_ceil(50);
            assert_eq!((both.width, both.height), (2 * expected + gap, asked));
        }
        let nothing = colours(0, 0, &[]);
        assert_eq!(composed(&nothing, &map, Look::Overlay).map(5).pixels.len(), 0);
    }

    #[test]
    fn each_look_shows_what_it_says() {
        let image = colours(1, 1, &[[200, 100, 0]]);
        let map = Grid::new(1, 1, vec![1.0]);
        let pixel = |look| composed(&image, &map, look).map(1).pixels[0];
        // Jet ends at (128, 0, 0), and signs at (255, 72, 56).
        assert_eq!(pixel(Look::Heat), [128, 0, 0]);
        assert_eq!(pixel(Look::Overlay), [164, 50, 0]);
        assert_eq!(pixel(Look::Signed), [255, 72, 56]);
        // Over the luma of the colour, 118.5.
        let [red, green, blue] = pixel(Look::SignedOverlay);
        assert!(red.abs_diff(187) <= 1 && green.abs_diff(95) <= 1 && blue.abs_diff(87) <= 1);
        let both = composed(&image, &map, Look::Heat).side_by_side(2);
        let row = [[200, 100, 0], [200, 100, 0], [0; 3], [128, 0, 0], [128, 0, 0]];
        assert_eq!(both.pixels, [row, row].concat());
    }

    #[test]
    fn an_image_that_shrinks_is_averaged_and_one_that_grows_stays_sharp() {
        let image = colours(2, 2, &[[0; 3], [200, 0, 0], [0, 100, 0], [0, 0, 40]]);
        let nothing = Grid::new(1, 1, vec![0.0]);
        let shown = |height| composed(&image, &nothing, Look::Signed).side_by_side(height);
        assert_eq!(shown(1).pixels[0], [50, 25, 10]);
        assert_eq!(shown(3).pixels[..3], [[0; 3], [200, 0, 0], [200, 0, 0]]);
    }
}
