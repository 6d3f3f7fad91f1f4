//! How many colours the terminal has, and what an RGB colour becomes there.

use clap::ValueEnum;
use ratatui::style::Color;
use serde::Deserialize;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColorChoice {
    /// What the terminal says it can show
    #[default]
    Auto,
    /// 24-bit colours
    Truecolor,
    /// 256 colours
    #[value(name = "256")]
    #[serde(rename = "256")]
    Indexed,
    /// 16 colours
    #[value(name = "16")]
    #[serde(rename = "16")]
    Ansi,
    /// No colours
    Never,
}

/// The terminal's background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// What the terminal says
    #[default]
    Auto,
    /// Dark
    Dark,
    /// Light
    Light,
}

/// Terminals that show 24-bit colours and say so only by their name, which crosses SSH.
const TRUECOLOR_TERMS: [&str; 7] =
    ["alacritty", "contour", "foot", "ghostty", "kitty", "rio", "wezterm"];

/// What is known of a terminal's colours without asking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The depth to draw in.
    pub depth: ColorDepth,
    /// Half a sentence for people.
    pub why: String,
    /// Whether it is a careful guess that the terminal itself may correct.
    pub open: bool,
}

/// The depth to draw in, and why, from the choice and the environment.
///
/// From the strongest sign to the weakest: the choice; `NO_COLOR` (set and not empty); a missing or
/// dumb `TERM`; GNU screen, which shows 256 colours whatever the terminal around it says; then
/// `COLORTERM`, which SSH does not carry unless told to, and the name in `TERM`, which it does.
/// What is left is open: a bare `xterm-256color` gets 256 colours until the terminal itself says
/// more, since a wrong guess in that direction only bands, in the other it garbles.
pub fn detect(choice: ColorChoice, environment: impl Fn(&str) -> Option<String>) -> Detected {
    let known = |depth, why: &str| Detected { depth, why: why.to_owned(), open: false };
    let asked = |depth| known(depth, "it was asked for");
    match choice {
        ColorChoice::Truecolor => return asked(ColorDepth::TrueColor),
        ColorChoice::Indexed => return asked(ColorDepth::Indexed),
        ColorChoice::Ansi => return asked(ColorDepth::Ansi),
        ColorChoice::Never => return asked(ColorDepth::Mono),
        ColorChoice::Auto => {}
    }
    let get = |name: &str| environment(name).filter(|value| !value.is_empty());
    if get("NO_COLOR").is_some() {
        return known(ColorDepth::Mono, "NO_COLOR is set");
    }
    let Some(term) = get("TERM") else {
        return known(ColorDepth::Mono, "TERM is not set");
    };
    let because_of_term = format!("TERM is {term}");
    if term == "dumb" {
        return known(ColorDepth::Mono, &because_of_term);
    }
    if get("STY").is_some() {
        return known(ColorDepth::Indexed, "STY is set, as in GNU screen");
    }
    if term.starts_with("screen") {
        return known(ColorDepth::Indexed, &because_of_term);
    }
    if let Some(value) = get("COLORTERM")
        && ["truecolor", "24bit"].iter().any(|name| value.eq_ignore_ascii_case(name))
    {
        return known(ColorDepth::TrueColor, &format!("COLORTERM is {value}"));
    }
    let by_name = term.split(['-', '.', '+']).any(|part| TRUECOLOR_TERMS.contains(&part));
    if by_name || term.ends_with("-direct") {
        return known(ColorDepth::TrueColor, &because_of_term);
    }
    let many = term.contains("256color");
    let depth = if many { ColorDepth::Indexed } else { ColorDepth::Ansi };
    Detected { depth, why: because_of_term, open: term != "linux" }
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

    fn detected(choice: ColorChoice, environment: &[(&str, &str)]) -> Detected {
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
            (&[("TERM", "xterm"), ("COLORTERM", "yes")], Ansi, "TERM is xterm"),
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
            let found = detected(ColorChoice::Auto, environment);
            assert_eq!(found.depth, depth, "{environment:?}");
            assert!(found.why.contains(why), "{environment:?}: {}", found.why);
            // Only the terminal itself can say more than a name that says little.
            let guessed = ["xterm-256color", "tmux-256color", "priority", "TERM is xterm"];
            let guessed = guessed.iter().any(|name| found.why.contains(name));
            assert_eq!(found.open, guessed && depth != TrueColor, "{environment:?}");
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
            assert_eq!(detected(choice, &environment).depth, depth, "{name}");
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
