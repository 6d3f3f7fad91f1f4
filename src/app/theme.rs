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

    /// A colour for text: darker on a light background, where there are enough colours. Of the
    /// sixteen named colours each kind of background has one of its own, as palettes differ: blue
    /// does not read on the black of VGA, bright black not on that of Solarized, and of the colours
    /// on white only red and magenta do on all. `Reset` is the colour of running text.
    fn pick(&self, rgb: [u8; 3], [dark, light]: [Color; 2]) -> Style {
        let darker = |channel: u8| (u16::from(channel) * 7 / 10) as u8;
        let color = match self.depth {
            ColorDepth::TrueColor | ColorDepth::Indexed => {
                self.depth.color(if self.light { rgb.map(darker) } else { rgb })
            }
            ColorDepth::Ansi => [dark, light][usize::from(self.light)],
            ColorDepth::Mono => Color::Reset,
        };
        Style::new().fg(color)
    }

    /// Running text, weaker: the terminal knows best what that is on its background.
    fn dim(&self) -> Style {
        Style::new().fg(Color::Reset).add_modifier(Modifier::DIM)
    }

    /// Running text, in the terminal's own colour.
    pub fn text(&self) -> Style {
        Style::new()
    }

    /// What matters less.
    pub fn muted(&self) -> Style {
        match self.depth {
            ColorDepth::Mono => Style::new(),
            ColorDepth::Ansi => self.dim(),
            // A grey in the middle reads on black and on white.
            _ => self.pick([128, 128, 128], [Color::Reset; 2]),
        }
    }

    /// Headings and keys.
    pub fn accent(&self) -> Style {
        self.pick([64, 150, 220], [Color::Cyan, Color::Reset]).add_modifier(Modifier::BOLD)
    }

    /// What is as it should be.
    pub fn good(&self) -> Style {
        self.pick([60, 170, 90], [Color::Green, Color::Reset]).add_modifier(Modifier::BOLD)
    }

    /// What is wrong.
    pub fn bad(&self) -> Style {
        self.pick([225, 80, 70], [Color::LightRed, Color::Red]).add_modifier(Modifier::BOLD)
    }

    /// What needs attention.
    pub fn warning(&self) -> Style {
        self.pick([205, 140, 30], [Color::Yellow, Color::Magenta])
    }

    /// The curve of the training digits.
    pub fn train(&self) -> Style {
        self.pick([64, 150, 220], [Color::Cyan, Color::Magenta])
    }

    /// The points of the test digits.
    pub fn test(&self) -> Style {
        self.pick([230, 130, 40], [Color::Yellow, Color::Red])
    }

    /// A bar of a share.
    pub fn bar(&self) -> Style {
        match self.depth {
            ColorDepth::Ansi => self.dim(),
            _ => self.pick([110, 120, 135], [Color::Reset; 2]),
        }
    }

    /// What is chosen.
    pub fn selected(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rgb = [u8; 3];

    /// What terminals make of the named colours that text has, and their text and background.
    struct Palette {
        name: &'static str,
        light: bool,
        background: Rgb,
        text: Rgb,
        /// Red, green, yellow, blue, magenta, cyan.
        named: [Rgb; 6],
        bright_red: Rgb,
    }

    const XTERM: [Rgb; 6] =
        [[205, 0, 0], [0, 205, 0], [205, 205, 0], [0, 0, 238], [205, 0, 205], [0, 205, 205]];
    const VGA: [Rgb; 6] =
        [[170, 0, 0], [0, 170, 0], [170, 85, 0], [0, 0, 170], [170, 0, 170], [0, 170, 170]];
    const SOLARIZED: [Rgb; 6] = [
        [220, 50, 47],
        [133, 153, 0],
        [181, 137, 0],
        [38, 139, 210],
        [211, 54, 130],
        [42, 161, 152],
    ];

    const PALETTES: [Palette; 6] = [
        Palette {
            name: "xterm",
            light: false,
            background: [0, 0, 0],
            text: [229, 229, 229],
            named: XTERM,
            bright_red: [255, 0, 0],
        },
        Palette {
            name: "xterm, light",
            light: true,
            background: [255, 255, 255],
            text: [0, 0, 0],
            named: XTERM,
            bright_red: [255, 0, 0],
        },
        Palette {
            name: "VGA",
            light: false,
            background: [0, 0, 0],
            text: [170, 170, 170],
            named: VGA,
            bright_red: [255, 85, 85],
        },
        Palette {
            name: "VGA, light",
            light: true,
            background: [255, 255, 255],
            text: [0, 0, 0],
            named: VGA,
            bright_red: [255, 85, 85],
        },
        Palette {
            name: "Solarized dark",
            light: false,
            background: [0, 43, 54],
            text: [131, 148, 150],
            named: SOLARIZED,
            bright_red: [203, 75, 22],
        },
        Palette {
            name: "Solarized light",
            light: true,
            background: [253, 246, 227],
            text: [101, 123, 131],
            named: SOLARIZED,
            bright_red: [203, 75, 22],
        },
    ];

    impl Palette {
        /// The colour of text of this style, if text may have it.
        fn color(&self, style: Style) -> Option<Rgb> {
            use Color::{Cyan, Green, LightRed, Magenta, Red, Reset, Yellow};
            Some(match style.fg.unwrap_or(Reset) {
                Reset => self.text,
                Red => self.named[0],
                Green => self.named[1],
                Yellow => self.named[2],
                Magenta => self.named[4],
                Cyan => self.named[5],
                LightRed => self.bright_red,
                _ => return None,
            })
        }
    }

    /// The contrast of two colours, 1 to 21 (WCAG 2.2).
    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let light = |rgb: Rgb| {
            let [r, g, b] = rgb.map(|channel| {
                let share = f64::from(channel) / 255.0;
                if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (a, b) = (light(a), light(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn of_text(theme: Theme) -> [(&'static str, Style); 9] {
        [
            ("text", theme.text()),
            ("muted", theme.muted()),
            ("accent", theme.accent()),
            ("good", theme.good()),
            ("bad", theme.bad()),
            ("warning", theme.warning()),
            ("train", theme.train()),
            ("test", theme.test()),
            ("selected", theme.selected()),
        ]
    }

    #[test]
    fn text_in_sixteen_colours_reads_on_every_common_palette() {
        for palette in PALETTES {
            let theme = Theme { light: palette.light, ..Theme::new(ColorDepth::Ansi) };
            for (name, style) in of_text(theme) {
                let color = palette.color(style);
                let color = color.unwrap_or_else(|| panic!("{name} is {:?}", style.fg));
                let found = contrast(color, palette.background);
                assert!(found >= 2.9, "{name} on {}: {found:.2}", palette.name);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told_from_what_is_right_at_every_depth() {
        for light in [false, true] {
            for depth in [ColorDepth::TrueColor, ColorDepth::Indexed, ColorDepth::Ansi] {
                let theme = Theme { light, ..Theme::new(depth) };
                assert_ne!(theme.good(), theme.bad());
                assert_ne!(theme.warning(), theme.bad());
                assert_ne!(theme.train(), theme.test());
                assert_ne!(theme.muted(), theme.text());
            }
        }
    }

    #[test]
    fn ink_stays_visible_on_paper_where_bright_black_is_darker_than_black() {
        // Black, bright black, white and bright white: Solarized's.
        let paper = [7, 54, 66];
        for ink in [[238, 232, 213], [253, 246, 227]] {
            assert!(contrast(ink, paper) > 7.0);
        }
        // More than half of white is one of these two.
        let ink = paint::Image::Grey(paint::Grid::new(3, 1, vec![0.0, 0.55, 1.0]));
        let picture = paint::Picture::Image(&ink);
        let theme = Theme::new(ColorDepth::Ansi);
        let area = ratatui::layout::Rect::new(0, 0, 3, 1);
        let mut buffer = ratatui::buffer::Buffer::empty(area);
        ratatui::widgets::Widget::render(picture.widget(theme.picture()), area, &mut buffer);
        let colours: Vec<_> = (0..3).map(|x| buffer[(x, 0)].fg).collect();
        assert_eq!(colours, [Color::Black, Color::Gray, Color::White]);
    }
}
