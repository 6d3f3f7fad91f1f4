//! What an RGB colour becomes where there are fewer of them.

use std::sync::LazyLock;

use ratatui::style::Color;

use super::dither::dithered;
use super::{ColorDepth, Rgb};

impl ColorDepth {
    /// The colour as this depth can show it best; without colours, the terminal's own.
    pub fn color(self, rgb: Rgb) -> Color {
        match self {
            Self::TrueColor => Color::Rgb(rgb[0], rgb[1], rgb[2]),
            Self::Indexed => Color::Indexed(nearest_index(rgb)),
            Self::Ansi => nearest_named(rgb).0,
            Self::Mono => Color::Reset,
        }
    }

    /// The colour of a pixel at this column and row: of the few colours that there are, one that
    /// comes near `rgb` together with those of the pixels around.
    pub(super) fn dithered(self, rgb: Rgb, place: (usize, usize)) -> Color {
        let palette = match self {
            Self::TrueColor | Self::Mono => return self.color(rgb),
            Self::Indexed => &INDEXED,
            Self::Ansi => &ANSI,
        };
        dithered(rgb, place, |rgb| palette.closest(rgb))
    }
}

/// Squared distance of two colours, the channels weighted about as the eye weighs them.
fn distance(a: Rgb, b: Rgb) -> u32 {
    let squared = |i: usize| u32::from(a[i].abs_diff(b[i])).pow(2);
    3 * squared(0) + 6 * squared(1) + squared(2)
}

/// What an entry of the 256-colour palette's cube is made of.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The colour of one of the palette's fixed entries: its 6 x 6 x 6 cube (from 16) and its 24 greys
/// (from 232).
fn fixed(index: u8) -> Rgb {
    match index.saturating_sub(16) {
        i @ 0..216 => [i / 36, i / 6 % 6, i % 6].map(|level| LEVELS[usize::from(level)]),
        i => [8 + 10 * (i - 216); 3],
    }
}

/// The closest of the palette's fixed entries. The first 16 are left out: users change them.
fn nearest_index(rgb: Rgb) -> u8 {
    // `distance` is a sum over the channels, so that the closest of the cube is the closest level
    // in each, and the closest grey is the one closest to the weighted mean.
    let closest = |v: u8| (0..6).min_by_key(|&i: &usize| LEVELS[i].abs_diff(v)).unwrap_or(0);
    let [r, g, b] = rgb.map(closest);
    let cube = [LEVELS[r], LEVELS[g], LEVELS[b]];
    let mean = (3 * u16::from(rgb[0]) + 6 * u16::from(rgb[1]) + u16::from(rgb[2])) / 10;
    let step = (mean.saturating_sub(3) / 10).min(23) as u8;
    if distance(rgb, [8 + 10 * step; 3]) < distance(rgb, cube) {
        232 + step
    } else {
        (16 + 36 * r + 6 * g + b) as u8
    }
}

/// The sixteen named colours, with xterm's values for them.
const NAMED: [(Color, Rgb); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// The closest of them.
fn nearest_named(rgb: Rgb) -> (Color, Rgb) {
    NAMED.into_iter().min_by_key(|(_, named)| distance(rgb, *named)).unwrap_or(NAMED[0])
}

static INDEXED: LazyLock<Palette> = LazyLock::new(|| {
    Palette::new(|rgb| {
        let index = nearest_index(rgb);
        (Color::Indexed(index), fixed(index))
    })
});
static ANSI: LazyLock<Palette> = LazyLock::new(|| Palette::new(nearest_named));

/// What is closest to each of 32 x 32 x 32 colours: a picture asks for many, and soon.
struct Palette(Vec<(Color, Rgb)>);

impl Palette {
    /// Evenly spread values of a channel, from 0 to 255.
    const STEPS: usize = 32;

    fn new(nearest: impl Fn(Rgb) -> (Color, Rgb)) -> Self {
        let value = |step: usize| (step % Self::STEPS * 255 / (Self::STEPS - 1)) as u8;
        let rgb = |i: usize| [i / Self::STEPS / Self::STEPS, i / Self::STEPS, i].map(value);
        Self((0..Self::STEPS.pow(3)).map(|i| nearest(rgb(i))).collect())
    }

    /// What is closest to a colour at most 5 away from this one in each channel.
    fn closest(&self, rgb: Rgb) -> (Color, Rgb) {
        let [r, g, b] = rgb.map(|v| (usize::from(v) * (Self::STEPS - 1) + 127) / 255);
        self.0[(r * Self::STEPS + g) * Self::STEPS + b]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fixed part of the palette, as xterm defines it.
    fn palette() -> Vec<(u8, Rgb)> {
        let level = |i: u8| if i == 0 { 0 } else { 55 + 40 * i };
        let cube = (0..216).map(|i| (16 + i, [i / 36, i / 6 % 6, i % 6].map(level)));
        cube.chain((0..24).map(|i| (232 + i, [8 + 10 * i; 3]))).collect()
    }

    #[test]
    fn no_entry_of_the_fixed_palette_is_closer_than_the_one_taken() {
        let palette = palette();
        let sampled = || (0..=255).step_by(11);
        for r in sampled() {
            for g in sampled() {
                for b in sampled() {
                    let index = nearest_index([r, g, b]);
                    assert!(index >= 16, "users change the first 16");
                    let taken = distance(palette[usize::from(index) - 16].1, [r, g, b]);
                    let least = palette.iter().map(|(_, rgb)| distance(*rgb, [r, g, b])).min();
                    assert_eq!(Some(taken), least, "{:?} became {index}", [r, g, b]);
                }
            }
        }
    }

    #[test]
    fn colours_that_a_depth_has_become_themselves() {
        for (index, rgb) in palette() {
            let Color::Indexed(found) = ColorDepth::Indexed.color(rgb) else { panic!("{rgb:?}") };
            assert_eq!(palette()[usize::from(found) - 16].1, rgb, "entry {index}");
        }
        assert_eq!(ColorDepth::TrueColor.color([1, 2, 3]), Color::Rgb(1, 2, 3));
        assert_eq!(ColorDepth::Ansi.color([0, 0, 0]), Color::Black);
        assert_eq!(ColorDepth::Ansi.color([130, 130, 130]), Color::DarkGray);
        assert_eq!(ColorDepth::Ansi.color([250, 10, 10]), Color::LightRed);
        assert_eq!(ColorDepth::Ansi.color([255, 255, 255]), Color::White);
        assert_eq!(ColorDepth::Mono.color([255, 0, 0]), Color::Reset);
    }

    /// What a terminal shows of a colour.
    fn shown(color: Color) -> Rgb {
        match color {
            Color::Indexed(index) => palette()[usize::from(index) - 16].1,
            named => NAMED.iter().find(|(color, _)| *color == named).unwrap().1,
        }
    }

    #[test]
    fn four_pixels_together_come_nearer_to_a_colour_than_any_single_one() {
        for depth in [ColorDepth::Indexed, ColorDepth::Ansi] {
            let (mut single, mut together) = (0.0, 0.0);
            for i in 0..1000 {
                let rgb = [i * 7 % 256, i * 31 % 256, i * 101 % 256].map(|v| v as u8);
                let four =
                    [(0, 0), (1, 0), (0, 1), (1, 1)].map(|at| shown(depth.dithered(rgb, at)));
                let one = shown(depth.color(rgb));
                for channel in 0..3 {
                    let wanted = f32::from(rgb[channel]);
                    let mean = four.map(|rgb| f32::from(rgb[channel])).iter().sum::<f32>() / 4.0;
                    single += (f32::from(one[channel]) - wanted).abs();
                    together += (mean - wanted).abs();
                }
            }
            assert!(together < 0.6 * single, "{depth:?}: {together} and {single}");
        }
    }

    #[test]
    fn a_dark_brown_is_more_than_grey() {
        let brown = [70, 52, 36];
        assert!(matches!(ColorDepth::Indexed.color(brown), Color::Indexed(232..)));
        let four = [(0, 0), (1, 0), (0, 1), (1, 1)];
        let four = four.map(|at| shown(ColorDepth::Indexed.dithered(brown, at)));
        let sum = four
            .iter()
            .fold([0; 3], |sum: [u32; 3], rgb| std::array::from_fn(|i| sum[i] + u32::from(rgb[i])));
        assert!(sum[0] > sum[1] && sum[1] >= sum[2], "{four:?}");
    }

    #[test]
    fn a_picture_in_colours_that_a_depth_has_is_not_mixed() {
        // Greys are so many that another one may be as good.
        let hues = palette().into_iter().filter(|(_, rgb)| rgb.iter().any(|v| *v != rgb[0]));
        let cube = hues.map(|(_, rgb)| (ColorDepth::Indexed, rgb));
        let named = NAMED.into_iter().map(|(_, rgb)| (ColorDepth::Ansi, rgb));
        for (depth, rgb) in cube.chain(named) {
            for place in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                assert_eq!(shown(depth.dithered(rgb, place)), rgb, "{depth:?}");
            }
        }
        assert_eq!(ColorDepth::TrueColor.dithered([1, 2, 3], (0, 1)), Color::Rgb(1, 2, 3));
        assert_eq!(ColorDepth::Mono.dithered([1, 2, 3], (0, 1)), Color::Reset);
    }
}
