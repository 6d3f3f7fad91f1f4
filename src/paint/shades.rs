//! The colours of a picture's pixels on a terminal: few, or none at all.

use ratatui::style::Color;

use super::{ColorDepth, Colormap, Image, Picture, Rgb, Style};

/// A signed number smaller than this may be drawn as nothing; any other shows its sign.
pub(super) const FAINT: f32 = 0.05;
/// Heat below this leaves the image as it is where the two cannot be mixed.
const COLD: f32 = 0.3;

/// Blues and reds of the 256-colour palette from dark to light. The closest entry to a dark blue is
/// often a grey or black, which would say "nothing" of what speaks against a class.
const BLUES: [u8; 7] = [17, 18, 19, 20, 21, 27, 33];
const REDS: [u8; 6] = [52, 88, 124, 160, 196, 203];
/// The same over ink.
const BLUES_ON_INK: [u8; 3] = [103, 105, 111];
const REDS_ON_INK: [u8; 3] = [138, 174, 210];

impl Picture<'_> {
    /// The colour of one pixel in this style.
    pub(super) fn color(&self, x: usize, y: usize, style: Style) -> Color {
        let Style { depth, ascii } = style;
        // Colours are mixed of pixels that lie next to each other: there the rows of cells.
        let place = (x, if ascii { y / 2 } else { y });
        match depth {
            ColorDepth::TrueColor => match self {
                Self::Image(Image::Grey(grid)) => depth.color(palette_grey(grid.at(x, y))),
                _ => depth.color(self.rgb(x, y)),
            },
            ColorDepth::Indexed => self.indexed(x, y, place),
            ColorDepth::Ansi => self.named(x, y, place),
            ColorDepth::Mono => Color::Reset,
        }
    }

    /// The same of 256 colours.
    fn indexed(&self, x: usize, y: usize, place: (usize, usize)) -> Color {
        let depth = ColorDepth::Indexed;
        match (self.sign(x, y), self.image()) {
            (_, Some(Image::Colour(_))) => depth.dithered(self.rgb(x, y), place),
            (Some(value), image) if value.abs() >= FAINT => {
                let dark = image.is_none_or(|image| image.brightness(x, y) < 0.5);
                Color::Indexed(match (value < 0.0, dark) {
                    (true, true) => rising(-value, BLUES),
                    (false, true) => rising(value, REDS),
                    (true, false) => rising(-value, BLUES_ON_INK),
                    (false, false) => rising(value, REDS_ON_INK),
                })
            }
            _ => depth.color(self.rgb(x, y)),
        }
    }

    /// The same of sixteen: too few to come near the RGB colours of numbers, which have a scale of
    /// their own. Nor can they be blended: the image where it is cold, heat where it is hot.
    fn named(&self, x: usize, y: usize, place: (usize, usize)) -> Color {
        let depth = ColorDepth::Ansi;
        match *self {
            Self::Image(Image::Grey(grid)) => grey(grid.at(x, y)),
            Self::Image(Image::Colour(raster)) => depth.dithered(raster.at(x, y), place),
            Self::Heat(grid, _) => Colormap::ansi(grid.at(x, y)),
            Self::Overlay { image, heat, .. } => match (heat.at(x, y), image) {
                (value, Image::Grey(grid)) if value < COLD => grey(grid.at(x, y)),
                // Without colours of its own, which would read as heat.
                (value, Image::Colour(_)) if value < COLD => {
                    depth.dithered(image.grey(x, y), place)
                }
                (value, _) => Colormap::ansi(value),
            },
            Self::Signed(_) | Self::SignedOver { .. } => match self.tint(x, y) {
                Tint { hue: Some(hue), .. } => hue,
                Tint { paper, .. } => paper,
            },
        }
    }

    /// The signed number of one pixel.
    fn sign(&self, x: usize, y: usize) -> Option<f32> {
        match *self {
            Self::Signed(signed) | Self::SignedOver { signed, .. } => Some(signed.at(x, y)),
            Self::Image(_) | Self::Heat(..) | Self::Overlay { .. } => None,
        }
    }

    /// What sixteen colours can say of a signed pixel.
    pub(super) fn tint(&self, x: usize, y: usize) -> Tint {
        let Some(value) = self.sign(x, y) else { return Tint::default() };
        // Not the bright ones: a palette may have greys in their places, as Solarized does.
        let hue = if value < 0.0 { Color::Blue } else { Color::Red };
        let paper = grey(self.image().map_or(0.0, |image| image.brightness(x, y)));
        match value.abs() {
            size if size >= 0.5 => Tint { hue: Some(hue), halves: 2, paper },
            size if size >= FAINT => Tint { hue: Some(hue), halves: 1, paper },
            _ => Tint { hue: None, halves: 0, paper },
        }
    }

    /// How full one pixel is where there are no colours; below 0 where a signed map is.
    pub(super) fn density(&self, x: usize, y: usize) -> f32 {
        match *self {
            Self::Image(image) => image.brightness(x, y),
            Self::Heat(grid, _) | Self::Signed(grid) => grid.at(x, y),
            Self::Overlay { image, heat, alpha, .. } => {
                image.brightness(x, y) * (1.0 - alpha) + heat.at(x, y) * alpha
            }
            Self::SignedOver { image, signed, alpha } => match signed.at(x, y) {
                value if value.abs() < FAINT => image.brightness(x, y) * (1.0 - alpha),
                value => value,
            },
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

/// Brightness in sixteen colours.
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
    use crate::paint::Grid;

    const INDEXED: Style = Style { depth: ColorDepth::Indexed, ascii: false };

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
            let image = &Image::Grey(Grid::new(width, 1, vec![ink; width]));
            for sign in [-1.0, 1.0] {
                let signed = Grid::new(width, 1, sizes.iter().map(|size| sign * size).collect());
                let over = Picture::SignedOver { image, signed: &signed, alpha: 0.6 };
                for picture in [Picture::Signed(&signed), over] {
                    let colours: Vec<_> =
                        (0..width).map(|x| picture.color(x, 0, INDEXED)).collect();
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
        let mut colours: Vec<_> = (0..13).map(|x| picture.color(x, 0, INDEXED)).collect();
        assert_eq!(colours[6], Color::Indexed(16));
        colours.dedup();
        assert_eq!(colours.len(), 13);
    }
}
