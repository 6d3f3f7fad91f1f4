//! How many colours the terminal has.

use strum::{Display, EnumMessage, EnumString, IntoStaticStr, VariantArray};

/// Colours a terminal can show. The names are for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display)]
pub enum ColorDepth {
    /// 24 bits.
    #[strum(serialize = "24-bit colour")]
    TrueColor,
    /// The 240 fixed colours of the 256-colour palette.
    #[strum(serialize = "256 colours")]
    Indexed,
    /// The sixteen named colours.
    #[strum(serialize = "16 colours")]
    Ansi,
    /// None.
    #[strum(serialize = "no colour")]
    Mono,
}

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[derive(EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum ColorChoice {
    /// What the terminal says it can show
    #[default]
    Auto,
    /// 24-bit colours
    Truecolor,
    /// 256 colours
    #[strum(serialize = "256")]
    Indexed,
    /// 16 colours
    #[strum(serialize = "16")]
    Ansi,
    /// No colours
    Never,
}

/// The terminal's background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[derive(EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
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
            let choice = name.parse().unwrap();
            assert_eq!(detected(choice, &environment).depth, depth, "{name}");
        }
    }
}
