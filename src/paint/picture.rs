//! The pictures of the app and the colours of their pixels, for a file or for any terminal.

use ratatui::style::Color;

use super::half_blocks::{HalfBlocks, Style};
use super::{ColorDepth, Colormap, Grid, Raster, Rgb};

/// What is shown, before it is coloured. The grids of one picture have one size; where they do
/// not, the part that both have is shown.
#[derive(Debug, Clone, Copy)]
pub enum Picture<'a> {
    /// Ink on black.
    Digit(&'a Grid),
    /// Numbers in the colours of a map.
    Heat(&'a Grid, Colormap),
    /// A heatmap laid over a digit: `(1 - alpha) * digit + alpha * heat` in each channel.
    Overlay {
        /// Ink.
        digit: &'a Grid,
        /// Numbers.
        heat: &'a Grid,
        /// Their colours.
        colormap: Colormap,
        /// The heatmap's share of the colour, 0..=1.
        alpha: f32,
    },
    /// Numbers from -1 (blue) over 0 (black) to 1 (red).
    Signed(&'a Grid),
}

const POSITIVE: Rgb = [255, 72, 56];
const NEGATIVE: Rgb = [64, 132, 255];

impl<'a> Picture<'a> {
    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        match self {
            Self::Digit(grid) | Self::Heat(grid, _) | Self::Signed(grid) => {
                (grid.width(), grid.height())
            }
            Self::Overlay { digit, heat, .. } => {
                (digit.width().min(heat.width()), digit.height().min(heat.height()))
            }
        }
    }

    /// The colour of one pixel.
    ///
    /// # Panics
    /// If it lies outside.
    pub fn rgb(&self, x: usize, y: usize) -> Rgb {
        let ink = |grid: &Grid| [(grid.at(x, y) * 255.0 + 0.5) as u8; 3];
        let heat_of = |grid: &Grid, map: Colormap| map.rgb(grid.at(x, y));
        match *self {
            Self::Digit(grid) => ink(grid),
            Self::Heat(grid, colormap) => heat_of(grid, colormap),
            Self::Overlay { digit, heat, colormap, alpha } => {
                let (under, over) = (ink(digit), heat_of(heat, colormap));
                std::array::from_fn(|i| {
                    let (under, over) = (f32::from(under[i]), f32::from(over[i]));
                    (under * (1.0 - alpha) + over * alpha + 0.5) as u8
                })
            }
            Self::Signed(grid) => {
                let value = grid.at(x, y).clamp(-1.0, 1.0);
                let full = if value < 0.0 { NEGATIVE } else { POSITIVE };
                full.map(|channel| (f32::from(channel) * value.abs() + 0.5) as u8)
            }
        }
    }

    /// In RGB, pixel for pixel.
    pub fn raster(&self) -> Raster {
        let (width, height) = self.size();
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| self.rgb(x, y)));
        Raster { width, height, pixels: pixels.collect() }
    }

    /// Drawn in half blocks: each cell of the area shows two of the picture's pixels.
    pub fn widget(self, style: Style) -> HalfBlocks<'a> {
        HalfBlocks::new(self, style)
    }

    /// The colour of one pixel on a terminal of this depth.
    pub(super) fn color(&self, x: usize, y: usize, depth: ColorDepth) -> Color {
        if let (Self::Digit(grid), ColorDepth::TrueColor) = (self, depth) {
            return depth.color(palette_grey(grid.at(x, y)));
        }
        if depth != ColorDepth::Ansi {
            return depth.color(self.rgb(x, y));
        }
        // Sixteen colours are too few to come near an RGB colour: each picture has its own scale.
        let grey = |v| scale(v, [Color::Black, Color::DarkGray, Color::Gray, Color::White]);
        match *self {
            Self::Digit(grid) => grey(grid.at(x, y)),
            Self::Heat(grid, _) => Colormap::ansi(grid.at(x, y)),
            // Nor can they be blended: ink where it is cold, heat where it is hot.
            Self::Overlay { digit, heat, .. } => match heat.at(x, y) {
                value if value < 0.3 => grey(digit.at(x, y)),
                value => Colormap::ansi(value),
            },
            Self::Signed(grid) => match grid.at(x, y) {
                v if v < 0.0 => scale(-v, [Color::Black, Color::Blue, Color::LightBlue]),
                v => scale(v, [Color::Black, Color::Red, Color::LightRed]),
            },
        }
    }

    /// How full one pixel is where there are no colours; below 0 where a signed map is.
    pub(super) fn density(&self, x: usize, y: usize) -> f32 {
        match *self {
            Self::Digit(grid) | Self::Heat(grid, _) | Self::Signed(grid) => grid.at(x, y),
            Self::Overlay { digit, heat, alpha, .. } => {
                digit.at(x, y) * (1.0 - alpha) + heat.at(x, y) * alpha
            }
        }
    }

    /// Column and row of the most heat.
    pub(super) fn peak(&self) -> Option<(usize, usize)> {
        match self {
            Self::Heat(heat, _) | Self::Overlay { heat, .. } => heat.peak(),
            Self::Digit(_) | Self::Signed(_) => None,
        }
    }
}

/// The closest of the greys that every 256-colour palette has, and black and white: as good to the
/// eye as any grey, and shorter to name.
fn palette_grey(value: f32) -> Rgb {
    let grey = (value * 255.0 + 0.5) as u8;
    match grey {
        0..4 => [0; 3],
        247.. => [255; 3],
        _ => [8 + 10 * (grey.saturating_sub(3) / 10).min(23); 3],
    }
}

/// The entry for `value`, of a scale whose entries share 0..=1 evenly. No number is 0.
pub(super) fn scale<T: Copy, const N: usize>(value: f32, entries: [T; N]) -> T {
    entries[((value * N as f32) as usize).min(N - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_grey_and_heat_has_the_colours_of_its_map() {
        let grid = Grid::new(3, 1, vec![0.0, 0.5, 1.0]);
        assert_eq!(Picture::Digit(&grid).raster().pixels, [[0; 3], [128; 3], [255; 3]]);
        let heat = Picture::Heat(&grid, Colormap::Viridis).raster();
        assert_eq!(heat.pixels, [0.0, 0.5, 1.0].map(|v| Colormap::Viridis.rgb(v)));
    }

    #[test]
    fn an_overlay_mixes_ink_and_heat_by_alpha() {
        let digit = Grid::new(1, 1, vec![1.0]);
        let heat = Grid::new(1, 1, vec![0.0]);
        let mix = |alpha| {
            let picture =
                Picture::Overlay { digit: &digit, heat: &heat, colormap: Colormap::Jet, alpha };
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
    fn grids_of_two_sizes_show_what_both_have() {
        let (digit, heat) = (Grid::new(3, 1, vec![0.0; 3]), Grid::new(1, 2, vec![0.0; 2]));
        let picture =
            Picture::Overlay { digit: &digit, heat: &heat, colormap: Colormap::Jet, alpha: 0.5 };
        assert_eq!(picture.size(), (1, 1));
        assert_eq!(picture.raster().pixels.len(), 1);
    }
}
