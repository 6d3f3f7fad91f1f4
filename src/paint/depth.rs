//! How many colours the terminal has, and what an RGB colour becomes there.

use clap::ValueEnum;
use ratatui::style::Color;

use super::Rgb;

/// Colours a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorDepth {
    /// 24 bits.
    TrueColor,
    /// The 240 fixed colours of the 256-colour palette.
    Indexed,
    /// The sixteen named colours.
    Ansi,
    /// None.
    Mono,
}

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// What the terminal says it can show
    #[default]
    Auto,
    /// 24-bit colours
    Truecolor,
    /// 256 colours
    #[value(name = "256")]
    Indexed,
    /// 16 colours
    #[value(name = "16")]
    Ansi,
    /// No colours
    Never,
}

/// Terminals that show 24-bit colours and say so only by their name, which crosses SSH.
const TRUECOLOR_TERMS: [&str; 7] =
    ["alacritty", "contour", "foot", "ghostty", "kitty", "rio", "wezterm"];

/// The depth to draw in, and why (half a sentence for people), from the choice and the environment.
///
/// From the strongest sign to the weakest: the choice; `NO_COLOR` (set and not empty); a missing or
/// dumb `TERM`; GNU screen, which shows 256 colours whatever the terminal around it says; then
/// `COLORTERM`, which SSH does not carry unless told to, and the name in `TERM`, which it does.
/// A question to the terminal itself (DECRQSS behind a DA1 fence) would stand between the names of
/// 24-bit terminals and the suffix `256color`. Without one a bare `xterm-256color` gets 256 colours:
/// a wrong guess in that direction only bands, in the other it garbles.
pub fn detect(
    choice: ColorChoice,
    environment: impl Fn(&str) -> Option<String>,
) -> (ColorDepth, String) {
    let asked = |depth| (depth, "--color asks for it".to_owned());
    match choice {
        ColorChoice::Truecolor => return asked(ColorDepth::TrueColor),
        ColorChoice::Indexed => return asked(ColorDepth::Indexed),
        ColorChoice::Ansi => return asked(ColorDepth::Ansi),
        ColorChoice::Never => return asked(ColorDepth::Mono),
        ColorChoice::Auto => {}
    }
    let get = |name: &str| environment(name).filter(|value| !value.is_empty());
    if get("NO_COLOR").is_some() {
        return (ColorDepth::Mono, "NO_COLOR is set".to_owned());
    }
    let Some(term) = get("TERM") else {
        return (ColorDepth::Mono, "TERM is not set".to_owned());
    };
    let because_of_term = format!("TERM is {term}");
    if term == "dumb" {
        return (ColorDepth::Mono, because_of_term);
    }
    if get("STY").is_some() {
        return (ColorDepth::Indexed, "STY is set, as in GNU screen".to_owned());
    }
    if term.starts_with("screen") {
        return (ColorDepth::Indexed, because_of_term);
    }
    if let Some(value) = get("COLORTERM")
        && ["truecolor", "24bit"].iter().any(|name| value.eq_ignore_ascii_case(name))
    {
        return (ColorDepth::TrueColor, format!("COLORTERM is {value}"));
    }
    let known = term.split(['-', '.', '+']).any(|part| TRUECOLOR_TERMS.contains(&part));
    let depth = if known || term.ends_with("-direct") {
        ColorDepth::TrueColor
    } else if term.contains("256color") {
        ColorDepth::Indexed
    } else {
        ColorDepth::Ansi
    };
    (depth, because_of_term)
}

impl ColorDepth {
    /// A name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrueColor => "24-bit colour",
            Self::Indexed => "256 colours",
            Self::Ansi => "16 colours",
            Self::Mono => "no colour",
        }
    }

    /// The colour as this depth can show it best; without colours, the terminal's own.
    pub fn color(self, rgb: Rgb) -> Color {
        match self {
            Self::TrueColor => Color::Rgb(rgb[0], rgb[1], rgb[2]),
            Self::Indexed => Color::Indexed(nearest_index(rgb)),
            Self::Ansi => nearest_named(rgb),
            Self::Mono => Color::Reset,
        }
    }
}

/// Squared distance of two colours, the channels weighted about as the eye weighs them.
fn distance(a: Rgb, b: Rgb) -> u32 {
    let squared = |i: usize| u32::from(a[i].abs_diff(b[i])).pow(2);
    3 * squared(0) + 6 * squared(1) + squared(2)
}

/// The closest of the palette's 6 x 6 x 6 cube (from 16) and its 24 greys (from 232). The first 16
/// entries are left out: users change them.
fn nearest_index(rgb: Rgb) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
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

/// The closest of the sixteen named colours, taking xterm's values for them.
fn nearest_named(rgb: Rgb) -> Color {
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
    let closest = NAMED.iter().min_by_key(|(_, named)| distance(rgb, *named));
    closest.map_or(Color::Reset, |(color, _)| *color)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(choice: ColorChoice, environment: &[(&str, &str)]) -> (ColorDepth, String) {
        detect(choice, |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn follows_the_ladder() {
        use ColorDepth::{Ansi, Indexed, Mono, TrueColor};
        type Rung<'a> = (&'a [(&'a str, &'a str)], ColorDepth, &'a str);
        let ladder: [Rung; 19] = [
            (&[], Mono, "TERM"),
            (&[("COLORTERM", "truecolor")], Mono, "TERM"),
            (&[("TERM", "dumb"), ("COLORTERM", "truecolor")], Mono, "dumb"),
            (&[("TERM", "xterm-kitty"), ("NO_COLOR", "0")], Mono, "NO_COLOR"),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Indexed, "xterm-256color"),
            (&[("TERM", "xterm-kitty"), ("STY", "7.pts-0")], Indexed, "STY"),
            (&[("TERM", "screen.xterm"), ("COLORTERM", "truecolor")], Indexed, "screen.xterm"),
            (&[("TERM", "xterm"), ("COLORTERM", "truecolor")], TrueColor, "COLORTERM"),
            (&[("TERM", "tmux-256color"), ("COLORTERM", "24bit")], TrueColor, "COLORTERM"),
            (&[("TERM", "xterm"), ("COLORTERM", "yes")], Ansi, "xterm"),
            (&[("TERM", "xterm-kitty")], TrueColor, "xterm-kitty"),
            (&[("TERM", "xterm-ghostty")], TrueColor, "xterm-ghostty"),
            (&[("TERM", "foot-extra")], TrueColor, "foot-extra"),
            (&[("TERM", "alacritty")], TrueColor, "alacritty"),
            (&[("TERM", "xterm-direct")], TrueColor, "xterm-direct"),
            (&[("TERM", "priority-terminal")], Ansi, "priority"),
            (&[("TERM", "xterm-256color")], Indexed, "xterm-256color"),
            (&[("TERM", "tmux-256color")], Indexed, "tmux-256color"),
            (&[("TERM", "linux")], Ansi, "linux"),
        ];
        for (environment, depth, why) in ladder {
            let (found, because) = detected(ColorChoice::Auto, environment);
            assert_eq!(found, depth, "{environment:?}");
            assert!(because.contains(why), "{environment:?}: {because}");
        }
    }

    #[test]
    fn a_choice_is_stronger_than_the_environment() {
        let environment = [("NO_COLOR", "1"), ("TERM", "screen"), ("COLORTERM", "truecolor")];
        for (name, depth) in [
            ("truecolor", ColorDepth::TrueColor),
            ("256", ColorDepth::Indexed),
            ("16", ColorDepth::Ansi),
            ("never", ColorDepth::Mono),
            ("auto", ColorDepth::Mono),
        ] {
            let choice = ColorChoice::from_str(name, false).unwrap();
            assert_eq!(detected(choice, &environment).0, depth, "{name}");
        }
    }

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
}
