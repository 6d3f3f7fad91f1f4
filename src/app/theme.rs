//! What colours mean, resolved once for the terminal's depth. Views use these names only.

use ratatui::style::{Color, Modifier, Style};

use crate::paint::{self, ColorDepth};

/// Styles by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Colours there are.
    pub depth: ColorDepth,
    /// Whether the terminal's background is light.
    pub light: bool,
    /// Whether only ASCII characters can be drawn.
    pub ascii: bool,
}

impl Theme {
    /// For a terminal of this depth, dark, with all characters.
    pub fn new(depth: ColorDepth) -> Self {
        Self { depth, light: false, ascii: false }
    }

    /// How pictures are drawn.
    pub fn picture(&self) -> paint::Style {
        paint::Style { depth: self.depth, ascii: self.ascii }
    }

    /// How evidence for and against is drawn, in a word.
    pub fn signs(&self) -> [&'static str; 2] {
        match self.depth {
            ColorDepth::Mono => ["+", "-"],
            _ => ["red", "blue"],
        }
    }

    /// A colour for text: darker on a light background, where there are enough colours.
    fn pick(&self, rgb: [u8; 3], ansi: Color) -> Style {
        let darker = |channel: u8| (u16::from(channel) * 7 / 10) as u8;
        let color = match self.depth {
            ColorDepth::TrueColor | ColorDepth::Indexed => {
                self.depth.color(if self.light { rgb.map(darker) } else { rgb })
            }
            // Yellow and grey do not read on white.
            ColorDepth::Ansi if self.light => match ansi {
                Color::Yellow => Color::Magenta,
                Color::Gray => Color::DarkGray,
                other => other,
            },
            ColorDepth::Ansi => ansi,
            ColorDepth::Mono => Color::Reset,
        };
        Style::new().fg(color)
    }

    /// Running text, in the terminal's own colour.
    pub fn text(&self) -> Style {
        Style::new()
    }

    /// What matters less.
    pub fn muted(&self) -> Style {
        match self.depth {
            ColorDepth::Mono => Style::new(),
            // A grey in the middle reads on black and on white.
            _ => self.pick([128, 128, 128], Color::DarkGray),
        }
    }

    /// Headings and keys.
    pub fn accent(&self) -> Style {
        self.pick([64, 150, 220], Color::Blue).add_modifier(Modifier::BOLD)
    }

    /// What is as it should be.
    pub fn good(&self) -> Style {
        self.pick([60, 170, 90], Color::Green).add_modifier(Modifier::BOLD)
    }

    /// What is wrong.
    pub fn bad(&self) -> Style {
        self.pick([225, 80, 70], Color::Red).add_modifier(Modifier::BOLD)
    }

    /// What needs attention.
    pub fn warning(&self) -> Style {
        self.pick([205, 140, 30], Color::Yellow)
    }

    /// The curve of the training digits.
    pub fn train(&self) -> Style {
        self.pick([64, 150, 220], Color::Blue)
    }

    /// The points of the test digits.
    pub fn test(&self) -> Style {
        self.pick([230, 130, 40], Color::Yellow)
    }

    /// A bar of a share.
    pub fn bar(&self) -> Style {
        self.pick([110, 120, 135], Color::Gray)
    }

    /// What is chosen.
    pub fn selected(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }
}
