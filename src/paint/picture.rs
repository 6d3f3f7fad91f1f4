//! The pictures of the app and the colours of their pixels.

use super::{Colormap, Grid, Image, Raster, Rgb};

/// What is shown, before it is coloured. The parts of one picture have one size; where they do
/// not, what all of them have is shown.
#[derive(Debug, Clone, Copy)]
pub enum Picture<'a> {
    /// What a network looks at.
    Image(&'a Image),
    /// Numbers in the colours of a map.
    Heat(&'a Grid, Colormap),
    /// A heatmap laid over an image: `(1 - alpha) * image + alpha * heat` in each channel.
    Overlay {
        /// What lies below.
        image: &'a Image,
        /// Numbers.
        heat: &'a Grid,
        /// Their colours.
        colormap: Colormap,
        /// The heatmap's share of the colour, 0..=1.
        alpha: f32,
    },
    /// Numbers from -1 (blue) over 0 (black) to 1 (red).
    Signed(&'a Grid),
    /// The same laid over an image, mixed like heat. The image is in grey, as hue says the sign.
    SignedOver {
        /// What lies below.
        image: &'a Image,
        /// Numbers from -1 to 1.
        signed: &'a Grid,
        /// The numbers' share of the colour, 0..=1.
        alpha: f32,
    },
}

const POSITIVE: Rgb = [255, 72, 56];
const NEGATIVE: Rgb = [64, 132, 255];

impl<'a> Picture<'a> {
    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        let map = self.map().map(|grid| (grid.width(), grid.height()));
        let image = self.image().map(Image::size);
        match (image, map) {
            (Some(image), Some(map)) => (image.0.min(map.0), image.1.min(map.1)),
            (one, other) => one.or(other).unwrap_or_default(),
        }
    }

    /// The image, if there is one.
    pub(super) fn image(&self) -> Option<&'a Image> {
        match *self {
            Self::Image(image) | Self::Overlay { image, .. } | Self::SignedOver { image, .. } => {
                Some(image)
            }
            Self::Heat(..) | Self::Signed(_) => None,
        }
    }

    /// The numbers, if there are any.
    fn map(&self) -> Option<&'a Grid> {
        match *self {
            Self::Heat(grid, _) | Self::Signed(grid) => Some(grid),
            Self::Overlay { heat: grid, .. } | Self::SignedOver { signed: grid, .. } => Some(grid),
            Self::Image(_) => None,
        }
    }

    /// The colour of one pixel.
    ///
    /// # Panics
    /// If it lies outside.
    pub fn rgb(&self, x: usize, y: usize) -> Rgb {
        match *self {
            Self::Image(image) => image.rgb(x, y),
            Self::Heat(grid, colormap) => colormap.rgb(grid.at(x, y)),
            Self::Overlay { image, heat, colormap, alpha } => {
                mixed(image.rgb(x, y), colormap.rgb(heat.at(x, y)), alpha)
            }
            Self::Signed(grid) => signed_rgb(grid.at(x, y)),
            Self::SignedOver { image, signed, alpha } => {
                mixed(image.grey(x, y), signed_rgb(signed.at(x, y)), alpha)
            }
        }
    }

    /// In RGB, pixel for pixel.
    pub fn raster(&self) -> Raster {
        let (width, height) = self.size();
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| self.rgb(x, y)));
        Raster { width, height, pixels: pixels.collect() }
    }

    /// Column and row of the most heat.
    pub(super) fn peak(&self) -> Option<(usize, usize)> {
        match self {
            Self::Heat(heat, _) | Self::Overlay { heat, .. } => heat.peak(),
            Self::Image(_) | Self::Signed(_) | Self::SignedOver { .. } => None,
        }
    }
}

/// The colour of a signed number.
fn signed_rgb(value: f32) -> Rgb {
    let value = value.clamp(-1.0, 1.0);
    let full = if value < 0.0 { NEGATIVE } else { POSITIVE };
    full.map(|channel| (f32::from(channel) * value.abs() + 0.5) as u8)
}

/// One colour laid over another, `alpha` being its share.
fn mixed(under: Rgb, over: Rgb, alpha: f32) -> Rgb {
    std::array::from_fn(|i| {
        let (under, over) = (f32::from(under[i]), f32::from(over[i]));
        (under * (1.0 - alpha) + over * alpha + 0.5) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_grey_and_heat_has_the_colours_of_its_map() {
        let grid = Grid::new(3, 1, vec![0.0, 0.5, 1.0]);
        assert_eq!(
            Picture::Image(&Image::Grey(grid.clone())).raster().pixels,
            [[0; 3], [128; 3], [255; 3]]
        );
        let heat = Picture::Heat(&grid, Colormap::Viridis).raster();
        assert_eq!(heat.pixels, [0.0, 0.5, 1.0].map(|v| Colormap::Viridis.rgb(v)));
    }

    #[test]
    fn an_overlay_mixes_ink_and_heat_by_alpha() {
        let image = &Image::Grey(Grid::new(1, 1, vec![1.0]));
        let heat = Grid::new(1, 1, vec![0.0]);
        let mix = |alpha| {
            let picture = Picture::Overlay { image, heat: &heat, colormap: Colormap::Jet, alpha };
            picture.rgb(0, 0)
        };
        assert_eq!(mix(0.0), [255, 255, 255]);
        assert_eq!(mix(1.0), Colormap::Jet.rgb(0.0));
        let [r, g, b] = mix(0.4);
        assert_eq!([r, g], [153, 153]);
        assert!(b.abs_diff(204) <= 1, "{b}");
    }

    #[test]
    fn signs_are_blue_and_red_and_zero_is_dark() {
        let grid = Grid::new(5, 1, vec![-1.0, -0.5, 0.0, 1.0, f32::NAN]);
        let [full, half, zero, positive, none] =
            [0, 1, 2, 3, 4].map(|x| Picture::Signed(&grid).rgb(x, 0));
        assert_eq!((full, half), (NEGATIVE, [32, 66, 128]));
        assert_eq!((zero, positive, none), ([0; 3], POSITIVE, [0; 3]));
        assert!(full[2] > full[0] && positive[0] > positive[2]);
    }

    #[test]
    fn a_signed_map_over_ink_mixes_like_heat() {
        let image = &Image::Grey(Grid::new(1, 1, vec![1.0]));
        let signed = Grid::new(1, 1, vec![-1.0]);
        let over = Picture::SignedOver { image, signed: &signed, alpha: 0.5 };
        assert_eq!(over.rgb(0, 0), [160, 194, 255]);
        let over = Picture::SignedOver { image, signed: &signed, alpha: 1.0 };
        assert_eq!(over.rgb(0, 0), NEGATIVE);
    }

    #[test]
    fn parts_of_two_sizes_show_what_both_have() {
        let image = &Image::Grey(Grid::new(3, 1, vec![0.0; 3]));
        let heat = Grid::new(1, 2, vec![0.0; 2]);
        let picture = Picture::Overlay { image, heat: &heat, colormap: Colormap::Jet, alpha: 0.5 };
        assert_eq!(picture.size(), (1, 1));
        assert_eq!(picture.raster().pixels.len(), 1);
    }

    #[test]
    fn heat_over_a_colour_mixes_channel_by_channel() {
        let image = &Image::from_bytes([1, 1], 3, &[200, 100, 0]);
        let (heat, colormap) = (&Grid::new(1, 1, vec![1.0]), Colormap::Jet);
        let mix = |alpha| Picture::Overlay { image, heat, colormap, alpha }.rgb(0, 0);
        // Jet ends at (128, 0, 0).
        assert_eq!([mix(0.0), mix(0.25), mix(1.0)], [[200, 100, 0], [182, 75, 0], [128, 0, 0]]);
    }

    #[test]
    fn below_signs_a_colour_is_as_bright_as_before_and_grey() {
        // The luma of this red is 29.9.
        let image = &Image::from_bytes([1, 1], 3, &[100, 0, 0]);
        let over = |signed: &Grid, alpha| Picture::SignedOver { image, signed, alpha }.rgb(0, 0);
        assert_eq!(over(&Grid::new(1, 1, vec![0.0]), 0.0), [30; 3]);
        assert_eq!(over(&Grid::new(1, 1, vec![-1.0]), 0.5), [47, 81, 143]);
    }
}
