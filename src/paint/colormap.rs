//! Colours for numbers: the colormaps of `colorgrad`, and the classic jet.

use std::sync::LazyLock;

use colorgrad::{Gradient, GradientBuilder, LinearGradient};
use ratatui::style::Color;
use strum::{Display, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use super::Rgb;
use super::shades::scale;

/// A colormap. All but jet and turbo grow evenly lighter, so they also read in grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[derive(Display, EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
#[allow(missing_docs)] // the variants are the maps' own names
pub enum Colormap {
    #[default]
    Inferno,
    Viridis,
    Magma,
    Plasma,
    Cividis,
    Turbo,
    Jet,
}

/// Colours in a map's table.
const STEPS: usize = 256;

static TABLES: LazyLock<Vec<[Rgb; STEPS]>> =
    LazyLock::new(|| Colormap::VARIANTS.iter().map(|map| map.table()).collect());

impl Colormap {
    /// The one after this.
    pub fn next(self) -> Self {
        Self::VARIANTS[(self as usize + 1) % Self::VARIANTS.len()]
    }

    /// The colour of `value`, which is cut to 0..=1; no number is 0.
    pub fn rgb(self, value: f32) -> Rgb {
        // A float cast saturates, and takes NaN to 0.
        TABLES[self as usize][((value * (STEPS - 1) as f32 + 0.5) as usize).min(STEPS - 1)]
    }

    /// The colour of `value` on a terminal with sixteen colours: the same cold-to-hot scale for
    /// every map, as there are too few colours to tell maps apart.
    pub(super) fn ansi(value: f32) -> Color {
        use Color::{Black, Blue, Cyan, Green, Red, Yellow};
        scale(value, [Black, Blue, Cyan, Green, Yellow, Red])
    }

    fn table(self) -> [Rgb; STEPS] {
        use colorgrad::preset;
        let gradient: Box<dyn Gradient> = match self {
            Self::Inferno => Box::new(preset::inferno()),
            Self::Viridis => Box::new(preset::viridis()),
            Self::Magma => Box::new(preset::magma()),
            Self::Plasma => Box::new(preset::plasma()),
            Self::Cividis => Box::new(preset::cividis()),
            Self::Turbo => Box::new(preset::turbo()),
            Self::Jet => Box::new(jet()),
        };
        std::array::from_fn(|i| {
            let [r, g, b, _] = gradient.at(i as f32 / (STEPS - 1) as f32).to_rgba8();
            [r, g, b]
        })
    }
}

/// Matplotlib's jet: each channel is piecewise linear, with these corners.
fn jet() -> LinearGradient {
    const RED: [(f32, f32); 5] = [(0.0, 0.0), (0.35, 0.0), (0.66, 1.0), (0.89, 1.0), (1.0, 0.5)];
    const GREEN: [(f32, f32); 6] =
        [(0.0, 0.0), (0.125, 0.0), (0.375, 1.0), (0.64, 1.0), (0.91, 0.0), (1.0, 0.0)];
    const BLUE: [(f32, f32); 5] = [(0.0, 0.5), (0.11, 1.0), (0.34, 1.0), (0.65, 0.0), (1.0, 0.0)];
    let mut positions: Vec<f32> =
        [&RED[..], &GREEN[..], &BLUE[..]].concat().iter().map(|(x, _)| *x).collect();
    positions.sort_by(f32::total_cmp);
    positions.dedup();
    let colors: Vec<colorgrad::Color> = positions
        .iter()
        .map(|&x| colorgrad::Color::new(at(&RED, x), at(&GREEN, x), at(&BLUE, x), 1.0))
        .collect();
    let mut builder = GradientBuilder::new();
    builder.colors(&colors).domain(&positions).mode(colorgrad::BlendMode::Rgb);
    // The corners above are ascending and equally many: the builder has nothing to refuse.
    builder.build().unwrap_or_else(|error| unreachable!("jet's corners are sound: {error}"))
}

/// The height at `x` of the line through these corners.
fn at(corners: &[(f32, f32)], x: f32) -> f32 {
    for pair in corners.windows(2) {
        let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
        if x <= x1 {
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
        }
    }
    corners.last().map_or(0.0, |(_, y)| *y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(map: Colormap, value: f32, expected: Rgb, tolerance: u8) {
        let found = map.rgb(value);
        let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= tolerance);
        assert!(near, "{map} at {value}: {found:?}, expected about {expected:?}");
    }

    #[test]
    fn colours_are_those_of_the_published_maps() {
        // Ends, quarters and the middle, as matplotlib has them.
        let published: [(Colormap, [u32; 5]); 4] = [
            (Colormap::Viridis, [0x440154, 0x3b528b, 0x21918c, 0x5ec962, 0xfde725]),
            (Colormap::Inferno, [0x000004, 0x57106e, 0xbc3754, 0xf98e09, 0xfcffa4]),
            (Colormap::Magma, [0x000004, 0x51127c, 0xb73779, 0xfc8961, 0xfcfdbf]),
            (Colormap::Plasma, [0x0d0887, 0x7e03a8, 0xcc4778, 0xf89540, 0xf0f921]),
        ];
        for (map, colours) in published {
            for (i, rgb) in colours.into_iter().enumerate() {
                let [_, r, g, b] = rgb.to_be_bytes();
                // colorgrad draws a curve near the published colours, and meets them at the ends.
                let tolerance = if i % 4 == 0 { 1 } else { 15 };
                close(map, i as f32 / 4.0, [r, g, b], tolerance);
            }
        }
        // Its authors' ends.
        close(Colormap::Cividis, 0.0, [0x00, 0x20, 0x4d], 5);
        close(Colormap::Cividis, 1.0, [0xff, 0xea, 0x46], 5);
        // The ends of d3's polynomial; the table that it approximates has #30123b and #7a0403.
        close(Colormap::Turbo, 0.0, [0x23, 0x17, 0x1b], 1);
        close(Colormap::Turbo, 1.0, [0x90, 0x0c, 0x00], 1);
    }

    #[test]
    fn jet_is_piecewise_linear_between_its_corners() {
        assert_eq!(Colormap::Jet.rgb(0.0), [0, 0, 128]);
        assert_eq!(Colormap::Jet.rgb(1.0), [128, 0, 0]);
        close(Colormap::Jet, 0.11, [0, 0, 255], 3);
        close(Colormap::Jet, 0.25, [0, 128, 255], 3);
        close(Colormap::Jet, 0.5, [124, 255, 121], 3);
        close(Colormap::Jet, 0.75, [255, 151, 0], 3);
        close(Colormap::Jet, 0.89, [255, 21, 0], 3);
    }

    #[test]
    fn maps_that_promise_it_grow_lighter_all_the_way() {
        let light = |[r, g, b]: Rgb| 0.3 * f32::from(r) + 0.59 * f32::from(g) + 0.11 * f32::from(b);
        for &map in Colormap::VARIANTS {
            let grows = (1..32).all(|i| {
                let at = |i: usize| light(map.rgb(i as f32 / 31.0));
                at(i) > at(i - 1)
            });
            assert_eq!(grows, !matches!(map, Colormap::Jet | Colormap::Turbo), "{map}");
        }
    }

    #[test]
    fn values_out_of_range_take_the_ends() {
        for &map in Colormap::VARIANTS {
            assert_eq!(map.rgb(-3.0), map.rgb(0.0));
            assert_eq!(map.rgb(7.0), map.rgb(1.0));
            assert_eq!(map.rgb(f32::INFINITY), map.rgb(1.0));
            assert_eq!(map.rgb(f32::NAN), map.rgb(0.0));
        }
    }

    #[test]
    fn names_are_read_back_and_next_goes_through_all() {
        let mut map = Colormap::default();
        for _ in 0..Colormap::VARIANTS.len() {
            assert_eq!(map.to_string().parse(), Ok(map));
            map = map.next();
        }
        assert_eq!(map, Colormap::default());
    }
}
