//! Colours for numbers: the colormaps of `colorgrad`, and the classic jet.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use colorgrad::{Gradient, GradientBuilder, LinearGradient};
use ratatui::style::Color;

use super::Rgb;

/// A colormap. All but jet and turbo grow evenly lighter, so they also read in grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// A name that no colormap has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no colormap \"{0}\"; choose one of {names}", names = names())]
pub struct UnknownColormap(String);

const STEPS: usize = 256;

static TABLES: LazyLock<Vec<[Rgb; STEPS]>> =
    LazyLock::new(|| Colormap::ALL.iter().map(|map| map.table()).collect());

impl Colormap {
    /// Every colormap, in the order in which [`next`](Self::next) goes through them.
    pub const ALL: [Self; 7] = [
        Self::Inferno,
        Self::Viridis,
        Self::Magma,
        Self::Plasma,
        Self::Cividis,
        Self::Turbo,
        Self::Jet,
    ];

    /// The map's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inferno => "inferno",
            Self::Viridis => "viridis",
            Self::Magma => "magma",
            Self::Plasma => "plasma",
            Self::Cividis => "cividis",
            Self::Turbo => "turbo",
            Self::Jet => "jet",
        }
    }

    /// The one after this.
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The colour of `value`, which is cut to 0..=1; no number is 0.
    pub fn rgb(self, value: f32) -> Rgb {
        // A float cast saturates, and takes NaN to 0.
        let index = (value * (STEPS - 1) as f32 + 0.5) as usize;
        TABLES[self as usize][index.min(STEPS - 1)]
    }

    /// The colour of `value` on a terminal with sixteen colours: the same cold-to-hot scale for
    /// every map, as there are too few colours to tell maps apart.
    pub(super) fn ansi(value: f32) -> Color {
        const SCALE: [Color; 7] = [
            Color::Black,
            Color::Blue,
            Color::Cyan,
            Color::Green,
            Color::Yellow,
            Color::LightRed,
            Color::Red,
        ];
        SCALE[((value * 7.0) as usize).min(6)]
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

fn at(corners: &[(f32, f32)], x: f32) -> f32 {
    for pair in corners.windows(2) {
        let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
        if x <= x1 {
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
        }
    }
    corners.last().map_or(0.0, |(_, y)| *y)
}

fn names() -> String {
    Colormap::ALL.map(Colormap::name).join(", ")
}

impl FromStr for Colormap {
    type Err = UnknownColormap;

    fn from_str(text: &str) -> Result<Self, UnknownColormap> {
        Self::ALL
            .into_iter()
            .find(|map| map.name() == text)
            .ok_or_else(|| UnknownColormap(text.to_owned()))
    }
}

impl fmt::Display for Colormap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(map: Colormap, value: f32, expected: Rgb) {
        let found = map.rgb(value);
        let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 3);
        assert!(near, "{map} at {value}: {found:?}, expected about {expected:?}");
    }

    #[test]
    fn ends_are_those_of_the_published_maps() {
        close(Colormap::Viridis, 0.0, [0x44, 0x01, 0x54]);
        close(Colormap::Viridis, 1.0, [0xfd, 0xe7, 0x25]);
        close(Colormap::Inferno, 0.0, [0x00, 0x00, 0x04]);
        close(Colormap::Inferno, 1.0, [0xfc, 0xff, 0xa4]);
        close(Colormap::Jet, 0.0, [0, 0, 128]);
        close(Colormap::Jet, 0.5, [124, 255, 121]);
        close(Colormap::Jet, 1.0, [128, 0, 0]);
    }

    #[test]
    fn values_out_of_range_take_the_ends() {
        for map in Colormap::ALL {
            assert_eq!(map.rgb(-3.0), map.rgb(0.0));
            assert_eq!(map.rgb(7.0), map.rgb(1.0));
            assert_eq!(map.rgb(f32::NAN), map.rgb(0.0));
        }
    }

    #[test]
    fn names_are_read_back_and_next_goes_through_all() {
        let mut map = Colormap::default();
        for _ in 0..Colormap::ALL.len() {
            assert_eq!(map.name().parse(), Ok(map));
            map = map.next();
        }
        assert_eq!(map, Colormap::default());
        let message = "rainbows".parse::<Colormap>().unwrap_err().to_string();
        assert!(message.contains("rainbows") && message.contains("viridis"), "{message}");
    }
}
