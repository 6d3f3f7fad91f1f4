//! The pictures of the app and the colours of their pixels, for a file or for any terminal.

use ratatui::style::Color;

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
    /// The same laid over a digit, mixed like heat.
    SignedOver {
        /// Ink.
        digit: &'a Grid,
        /// Numbers from -1 to 1.
        signed: &'a Grid,
        /// The numbers' share of the colour, 0..=1.
        alpha: f32,
    },
}

const POSITIVE: Rgb = [255, 72, 56];
const NEGATIVE: Rgb = [64, 132, 255];

/// A signed number smaller than this may be drawn as nothing; any other shows its sign.
pub(super) const FAINT: f32 = 0.05;

/// Blues and reds of the 256-colour palette from dark to light. The closest entry to a dark blue is
/// often a grey or black, which would say "nothing" of what speaks against a class.
const BLUES: [u8; 7] = [17, 18, 19, 20, 21, 27, 33];
const REDS: [u8; 6] = [52, 88, 124, 160, 196, 203];
/// The same over ink.
const BLUES_ON_INK: [u8; 3] = [103, 105, 111];
const REDS_ON_INK: [u8; 3] = [138, 174, 210];

impl Picture<'_> {
    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        match self {
            Self::Digit(grid) | Self::Heat(grid, _) | Self::Signed(grid) => {
                (grid.width(), grid.height())
            }
            Self::Overlay { digit, heat, .. } => {
                (digit.width().min(heat.width()), digit.height().min(heat.height()))
            }
            Self::SignedOver { digit, signed, .. } => {
                (digit.width().min(signed.width()), digit.height().min(signed.height()))
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
        let signed_of = |grid: &Grid| {
            let value = grid.at(x, y).clamp(-1.0, 1.0);
            let full = if value < 0.0 { NEGATIVE } else { POSITIVE };
            full.map(|channel| (f32::from(channel) * value.abs() + 0.5) as u8)
        };
        let mixed = |under: Rgb, over: Rgb, alpha: f32| {
            std::array::from_fn(|i| {
                let (under, over) = (f32::from(under[i]), f32::from(over[i]));
                (under * (1.0 - alpha) + over * alpha + 0.5) as u8
            })
        };
        match *self {
            Self::Digit(grid) => ink(grid),
            Self::Heat(grid, colormap) => heat_of(grid, colormap),
            Self::Overlay { digit, heat, colormap, alpha } => {
                mixed(ink(digit), heat_of(heat, colormap), alpha)
            }
            Self::Signed(grid) => signed_of(grid),
            Self::SignedOver { digit, signed, alpha } => {
                mixed(ink(digit), signed_of(signed), alpha)
            }
        }
    }

    /// In RGB, pixel for pixel.
    pub fn raster(&self) -> Raster {
        let (width, height) = self.size();
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| self.rgb(x, y)));
        Raster { width, height, pixels: pixels.collect() }
    }

    /// The colour of one pixel on a terminal of this depth.
    pub(super) fn color(&self, x: usize, y: usize, depth: ColorDepth) -> Color {
        if let (Self::Digit(grid), ColorDepth::TrueColor) = (self, depth) {
            return depth.color(palette_grey(grid.at(x, y)));
        }
        if let (Some((value, ink)), ColorDepth::Indexed) = (self.sign(x, y), depth)
            && value.abs() >= FAINT
        {
            return Color::Indexed(match (value < 0.0, ink < 0.5) {
                (true, true) => rising(-value, BLUES),
                (false, true) => rising(value, REDS),
                (true, false) => rising(-value, BLUES_ON_INK),
                (false, false) => rising(value, REDS_ON_INK),
            });
        }
        if depth != ColorDepth::Ansi {
            return depth.color(self.rgb(x, y));
        }
        // Sixteen colours are too few to come near an RGB colour: each picture has its own scale.
        match *self {
            Self::Digit(grid) => grey(grid.at(x, y)),
            Self::Heat(grid, _) => Colormap::ansi(grid.at(x, y)),
            // Nor can they be blended: ink where it is cold, heat where it is hot.
            Self::Overlay { digit, heat, .. } => match heat.at(x, y) {
                value if value < 0.3 => grey(digit.at(x, y)),
                value => Colormap::ansi(value),
            },
            Self::Signed(_) | Self::SignedOver { .. } => match self.tint(x, y) {
                Tint { hue: Some(hue), .. } => hue,
                Tint { paper, .. } => paper,
            },
        }
    }

    /// The signed number of one pixel, and the ink below it.
    fn sign(&self, x: usize, y: usize) -> Option<(f32, f32)> {
        match *self {
            Self::Signed(grid) => Some((grid.at(x, y), 0.0)),
            Self::SignedOver { digit, signed, .. } => Some((signed.at(x, y), digit.at(x, y))),
            Self::Digit(_) | Self::Heat(..) | Self::Overlay { .. } => None,
        }
    }

    /// What sixteen colours can say of a signed pixel.
    pub(super) fn tint(&self, x: usize, y: usize) -> Tint {
        let Some((value, ink)) = self.sign(x, y) else { return Tint::default() };
        // Not the bright ones: a palette may have greys in their places, as Solarized does.
        let hue = if value < 0.0 { Color::Blue } else { Color::Red };
        let paper = grey(ink);
        match value.abs() {
            size if size >= 0.5 => Tint { hue: Some(hue), halves: 2, paper },
            size if size >= FAINT => Tint { hue: Some(hue), halves: 1, paper },
            _ => Tint { hue: None, halves: 0, paper },
        }
    }

    /// How full one pixel is where there are no colours; below 0 where a signed map is.
    pub(super) fn density(&self, x: usize, y: usize) -> f32 {
        match *self {
            Self::Digit(grid) | Self::Heat(grid, _) | Self::Signed(grid) => grid.at(x, y),
            Self::Overlay { digit, heat, alpha, .. } => {
                digit.at(x, y) * (1.0 - alpha) + heat.at(x, y) * alpha
            }
            Self::SignedOver { digit, signed, alpha } => match signed.at(x, y) {
                value if value.abs() < FAINT => digit.at(x, y) * (1.0 - alpha),
                value => value,
            },
        }
    }

    /// Column and row of the most heat.
    pub(super) fn peak(&self) -> Option<(usize, usize)> {
        match self {
            Self::Heat(heat, _) | Self::Overlay { heat, .. } => heat.peak(),
            Self::Digit(_) | Self::Signed(_) | Self::SignedOver { .. } => None,
        }
    }
}

/// A signed pixel in sixteen colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tint {
    /// The sign's colour, if there is a sign.
    pub hue: Option<Color>,
    /// How much of the pixel it takes, in halves.
    pub halves: usize,
    /// What is below it.
    pub paper: Color,
}

impl Default for Tint {
    fn default() -> Self {
        Self { hue: None, halves: 0, paper: Color::Black }
    }
}

/// Ink in sixteen colours.
fn grey(value: f32) -> Color {
    scale(value, [Color::Black, Color::DarkGray, Color::Gray, Color::White])
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

/// The entry for a value above 0, of a scale whose last entry is for 1: a value of exactly `k/N` takes
/// the `k`th.
fn rising<const N: usize>(value: f32, entries: [u8; N]) -> u8 {
    let place = (value * N as f32 - 0.01).ceil() as usize;
    entries[place.clamp(1, N) - 1]
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

    /// What an entry of the palette's cube is made of, 0 to 5 each.
    fn cube(color: Color) -> [u8; 3] {
        let Color::Indexed(index @ 16..232) = color else { panic!("{color:?} has no hue") };
        let index = index - 16;
        [index / 36, index / 6 % 6, index % 6]
    }

    #[test]
    fn in_256_colours_a_number_has_the_hue_of_its_sign_with_and_without_ink_below() {
        let sizes: Vec<f32> = (1..=20).map(|i| i as f32 / 20.0).collect();
        let width = sizes.len();
        for ink in [0.0, 1.0] {
            let digit = Grid::new(width, 1, vec![ink; width]);
            for sign in [-1.0, 1.0] {
                let signed = Grid::new(width, 1, sizes.iter().map(|size| sign * size).collect());
                let over = Picture::SignedOver { digit: &digit, signed: &signed, alpha: 0.6 };
                for picture in [Picture::Signed(&signed), over] {
                    let colours: Vec<_> =
                        (0..width).map(|x| picture.color(x, 0, ColorDepth::Indexed)).collect();
                    for &color in &colours {
                        let [r, g, b] = cube(color);
                        let (own, other) = if sign < 0.0 { (b, r) } else { (r, b) };
                        assert!(own > other && own > g, "{sign} {ink}: {color:?}");
                    }
                    let mut distinct = colours;
                    distinct.dedup();
                    assert!(distinct.len() >= 3, "{distinct:?}");
                }
            }
        }
        // Steps of a sixth are six reds and six blues.
        let sixths: Vec<f32> = (-6..=6).map(|i| i as f32 / 6.0).collect();
        let grid = Grid::new(13, 1, sixths);
        let picture = Picture::Signed(&grid);
        let mut colours: Vec<_> =
            (0..13).map(|x| picture.color(x, 0, ColorDepth::Indexed)).collect();
        assert_eq!(colours[6], Color::Indexed(16));
        colours.dedup();
        assert_eq!(colours.len(), 13);
    }

    #[test]
    fn a_signed_map_over_ink_mixes_like_heat() {
        let (digit, signed) = (Grid::new(1, 1, vec![1.0]), Grid::new(1, 1, vec![-1.0]));
        let over = Picture::SignedOver { digit: &digit, signed: &signed, alpha: 0.5 };
        assert_eq!(over.rgb(0, 0), [160, 194, 255]);
        let over = Picture::SignedOver { digit: &digit, signed: &signed, alpha: 1.0 };
        assert_eq!(over.rgb(0, 0), NEGATIVE);
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
