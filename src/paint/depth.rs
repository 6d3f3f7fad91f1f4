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
const TRUECOLOR_TERMS: [&str; 8] =
    ["alacritty", "contour", "foot", "ghostty", "kitty", "rio", "wezterm", "iterm"];

/// The depth to draw in, and why, from the choice and the environment.
///
/// Where it is unclear, 256 colours are taken: a wrong guess in that direction only bands.
pub fn detect(
    choice: ColorChoice,
    environment: impl Fn(&str) -> Option<String>,
) -> (ColorDepth, String) {
    let get = |name: &str| environment(name).filter(|value| !value.is_empty());
    let asked = |depth| (depth, "--color asks for it".to_owned());
    match choice {
        ColorChoice::Truecolor => return asked(ColorDepth::TrueColor),
        ColorChoice::Indexed => return asked(ColorDepth::Indexed),
        ColorChoice::Ansi => return asked(ColorDepth::Ansi),
        ColorChoice::Never => return asked(ColorDepth::Mono),
        ColorChoice::Auto => {}
    }
    let term = get("TERM").unwrap_or_default();
    if get("NO_COLOR").is_some() {
        return (ColorDepth::Mono, "NO_COLOR is set".to_owned());
    }
    if term.is_empty() || term == "dumb" {
        return (ColorDepth::Mono, format!("TERM is \"{term}\""));
    }
    if get("STY").is_some() || term.starts_with("screen") {
        return (ColorDepth::Indexed, "GNU screen shows 256 colours".to_owned());
    }
    if let Some(value) = get("COLORTERM").filter(|v| v == "truecolor" || v == "24bit") {
        return (ColorDepth::TrueColor, format!("COLORTERM is {value}"));
    }
    let because_of_term = format!("TERM is {term}");
    let known = TRUECOLOR_TERMS.iter().any(|name| term.contains(name));
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

    /// The colour as this depth can show it best. Named colours and no colours are chosen by the
    /// pictures themselves; here they are the terminal's own.
    pub fn color(self, rgb: Rgb) -> Color {
        match self {
            Self::TrueColor => Color::Rgb(rgb[0], rgb[1], rgb[2]),
            Self::Indexed => Color::Indexed(nearest_index(rgb)),
            Self::Ansi | Self::Mono => Color::Reset,
        }
    }
}

/// The closest of the palette's 6x6x6 cube and 24 greys. The first 16 entries are the user's own.
fn nearest_index([r, g, b]: Rgb) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |v: u8| (0..6).min_by_key(|&i: &usize| LEVELS[i].abs_diff(v)).unwrap_or(0);
    let (ri, gi, bi) = (step(r), step(g), step(b));
    let cube = [LEVELS[ri], LEVELS[gi], LEVELS[bi]];
    let mean = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
    let grey_step = (mean.saturating_sub(3) / 10).min(23) as u8;
    let grey = [8 + 10 * grey_step; 3];
    // Squared distance, weighted as the eye weighs the channels.
    let distance = |other: Rgb| -> u32 {
        let d = |i: usize, w: u32| w * u32::from([r, g, b][i].abs_diff(other[i])).pow(2);
        d(0, 3) + d(1, 6) + d(2, 1)
    };
    if distance(grey) < distance(cube) {
        232 + grey_step
    } else {
        (16 + 36 * ri + 6 * gi + bi) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(choice: ColorChoice, environment: &[(&str, &str)]) -> ColorDepth {
        let find = |name: &str| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned())
        };
        detect(choice, find).0
    }

    #[test]
    fn follows_the_ladder() {
        use ColorDepth::{Ansi, Indexed, Mono, TrueColor};
        let auto = |environment: &[(&str, &str)]| detected(ColorChoice::Auto, environment);
        assert_eq!(auto(&[("TERM", "xterm-256color")]), Indexed);
        assert_eq!(auto(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), TrueColor);
        assert_eq!(auto(&[("TERM", "xterm-kitty")]), TrueColor);
        assert_eq!(auto(&[("TERM", "xterm-direct")]), TrueColor);
        assert_eq!(auto(&[("TERM", "screen.xterm"), ("COLORTERM", "truecolor")]), Indexed);
        assert_eq!(auto(&[("TERM", "xterm")]), Ansi);
        assert_eq!(auto(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]), Mono);
        assert_eq!(auto(&[]), Mono);
        let no_color = [("TERM", "xterm-256color"), ("NO_COLOR", "1")];
        assert_eq!(auto(&no_color), Mono);
        assert_eq!(auto(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Indexed);
        assert_eq!(detected(ColorChoice::Truecolor, &no_color), TrueColor);
        assert_eq!(detected(ColorChoice::Never, &[("COLORTERM", "24bit")]), Mono);
    }

    #[test]
    fn the_palette_entries_that_users_change_are_never_taken() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    assert!(nearest_index([r, g, b]) >= 16);
                }
            }
        }
        assert_eq!(nearest_index([0, 0, 0]), 16);
        assert_eq!(nearest_index([255, 255, 255]), 231);
        assert_eq!(nearest_index([255, 0, 0]), 196);
        assert_eq!(nearest_index([128, 128, 128]), 244);
    }
}
