//! Cells to bytes, with no more of them than the terminal's state asks for.
//!
//! Ratatui's own backend names both colours of a cell whenever one of them changes. A picture in
//! half blocks is mostly changes of one colour, and a far terminal pays for every byte.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

/// Ratatui's backend with a shorter way to draw.
pub struct CompactBackend<W: Write>(CrosstermBackend<W>);

impl<W: Write> CompactBackend<W> {
    /// Draws to `writer`.
    pub fn new(writer: W) -> Self {
        Self(CrosstermBackend::new(writer))
    }
}

impl<W: Write> Backend for CompactBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut bytes = Vec::new();
        encode(content, &mut bytes);
        if bytes.is_empty() { Ok(()) } else { self.0.write_all(&bytes) }
    }

    fn append_lines(&mut self, n: u16) -> io::Result<()> {
        self.0.append_lines(n)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.0.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.0.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.0.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.0.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.0.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.0.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.0.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.0.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.0)
    }
}

/// What the terminal would draw the next character with.
#[derive(Clone, Copy, PartialEq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

const MODIFIERS: [(Modifier, u8); 8] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// Appends what draws these cells on a terminal with a plain pen, and leaves the pen plain.
fn encode<'a>(content: impl Iterator<Item = (u16, u16, &'a Cell)>, out: &mut Vec<u8>) {
    let mut pen = PLAIN;
    let mut next = None;
    for (x, y, cell) in content {
        move_to(&mut next, x, y, out);
        let (symbol, wanted) = shortest(cell, pen);
        change(pen, wanted, out);
        pen = wanted;
        out.extend_from_slice(symbol.as_bytes());
    }
    if pen != PLAIN {
        out.extend_from_slice(b"\x1b[m");
    }
}

/// Moves from `next`, where the last character left the cursor, and expects one character.
fn move_to(next: &mut Option<(u16, u16)>, x: u16, y: u16, out: &mut Vec<u8>) {
    let text = match *next {
        Some((at, row)) if row == y && at == x => String::new(),
        Some((at, row)) if row == y && at < x => format!("\x1b[{}C", x - at),
        _ => format!("\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1),
    };
    out.extend_from_slice(text.as_bytes());
    *next = Some((x + 1, y));
}

/// The character and the pen that show a cell with the fewest changes.
fn shortest(cell: &Cell, pen: Pen) -> (&str, Pen) {
    let Cell { fg, bg, modifier, .. } = *cell;
    let as_it_is = Pen { fg, bg, modifier };
    if !modifier.is_empty() {
        return (cell.symbol(), as_it_is);
    }
    match cell.symbol() {
        // A space shows nothing of the foreground.
        " " => (" ", Pen { fg: pen.fg, ..as_it_is }),
        // The same two pixels, the other way round. The terminal's own colours have no such twin.
        "▀" if fg != Color::Reset && bg != Color::Reset => {
            let turned = Pen { fg: bg, bg: fg, modifier };
            let changes = |to: Pen| u8::from(to.fg != pen.fg) + u8::from(to.bg != pen.bg);
            match changes(turned) < changes(as_it_is) {
                true => ("▄", turned),
                false => ("▀", as_it_is),
            }
        }
        symbol => (symbol, as_it_is),
    }
}

/// One escape sequence for all that differs, or none.
fn change(from: Pen, to: Pen, out: &mut Vec<u8>) {
    let mut parts = Vec::new();
    let mut from = from;
    if from.modifier != to.modifier {
        if !from.modifier.is_empty() {
            parts.push("0".to_owned());
            from = PLAIN;
        }
        let on = MODIFIERS.into_iter().filter(|(modifier, _)| to.modifier.contains(*modifier));
        parts.extend(on.map(|(_, code)| code.to_string()));
    }
    if from.fg != to.fg {
        parts.push(color(to.fg, 30));
    }
    if from.bg != to.bg {
        parts.push(color(to.bg, 40));
    }
    if !parts.is_empty() {
        out.extend_from_slice(format!("\x1b[{}m", parts.join(";")).as_bytes());
    }
}

/// A colour's code: `base` is 30 for the foreground and 40 for the background.
fn color(color: Color, base: u8) -> String {
    let index = match color {
        Color::Reset => return (base + 9).to_string(),
        Color::Rgb(r, g, b) => return format!("{};2;{r};{g};{b}", base + 8),
        Color::Indexed(index) => return format!("{};5;{index}", base + 8),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
    };
    (base + index).to_string()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use super::*;
    use crate::rng::Rng;

    fn random_color(rng: &mut Rng) -> Color {
        match rng.below(6) {
            0 => Color::Reset,
            1 => Color::Indexed(16 + rng.below(4) as u8),
            2 => [Color::Black, Color::Gray, Color::White, Color::LightRed][rng.below(4)],
            _ => Color::Rgb(rng.below(3) as u8, 0, 9),
        }
    }

    fn random_buffer(rng: &mut Rng) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 10));
        for cell in &mut buffer.content {
            let symbol = ["▀", "▀", " ", "x", "▄"][rng.below(5)];
            cell.set_symbol(symbol).set_fg(random_color(rng)).set_bg(random_color(rng));
            cell.modifier = match rng.below(8) {
                0 => Modifier::BOLD,
                1 => Modifier::REVERSED,
                2 => Modifier::BOLD | Modifier::UNDERLINED,
                _ => Modifier::empty(),
            };
        }
        buffer
    }

    fn named(color: Color) -> vt100::Color {
        let index = |color| match color {
            Color::Black => 0,
            Color::Gray => 7,
            Color::LightRed => 9,
            _ => 15,
        };
        match color {
            Color::Reset => vt100::Color::Default,
            Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
            Color::Indexed(index) => vt100::Color::Idx(index),
            other => vt100::Color::Idx(index(other)),
        }
    }

    /// What a cell looks like: upper and lower half, or a character and its colours.
    fn look(symbol: &str, fg: vt100::Color, bg: vt100::Color, plain: bool) -> String {
        match symbol {
            " " | "" if plain => format!("{bg:?} {bg:?}"),
            "▀" if plain && fg != vt100::Color::Default && bg != vt100::Color::Default => {
                format!("{fg:?} {bg:?}")
            }
            "▄" if plain && fg != vt100::Color::Default && bg != vt100::Color::Default => {
                format!("{bg:?} {fg:?}")
            }
            _ => format!("{symbol} {fg:?} {bg:?}"),
        }
    }

    #[test]
    fn a_terminal_shows_what_was_meant_frame_after_frame() {
        let mut rng = Rng::new(1);
        let size = |n| NonZeroU16::new(n).unwrap();
        let mut terminal = vt100::Parser::new(size(10), size(40), 0);
        let mut before = Buffer::empty(Rect::new(0, 0, 40, 10));
        for _ in 0..50 {
            let after = random_buffer(&mut rng);
            let mut bytes = Vec::new();
            encode(before.diff(&after).into_iter(), &mut bytes);
            terminal.process(&bytes);
            for (i, meant) in after.content.iter().enumerate() {
                let (y, x) = ((i / 40) as u16, (i % 40) as u16);
                let shown = terminal.screen().cell(y, x).unwrap();
                let plain = meant.modifier.is_empty();
                let seen = look(shown.contents(), shown.fgcolor(), shown.bgcolor(), plain);
                let expected = look(meant.symbol(), named(meant.fg), named(meant.bg), plain);
                assert_eq!(seen, expected, "cell {x} {y}");
                assert_eq!(shown.bold(), meant.modifier.contains(Modifier::BOLD));
                assert_eq!(shown.inverse(), meant.modifier.contains(Modifier::REVERSED));
                assert_eq!(shown.underline(), meant.modifier.contains(Modifier::UNDERLINED));
            }
            before = after;
        }
    }

    #[test]
    fn only_what_changes_is_written() {
        let red = Color::Rgb(255, 0, 0);
        let mut cells = [Cell::new("▀"), Cell::new("▀"), Cell::new(" "), Cell::new("▀")];
        cells[0].set_fg(red).set_bg(Color::Indexed(17));
        cells[1].set_fg(Color::Indexed(17)).set_bg(red);
        cells[2].set_bg(Color::Indexed(17));
        cells[3].set_fg(Color::Indexed(20)).set_bg(Color::Indexed(17));
        let content = cells.iter().enumerate().map(|(x, cell)| (x as u16, 2, cell));
        let mut bytes = Vec::new();
        encode(content, &mut bytes);
        let expected = "\u{1b}[3;1H\u{1b}[38;2;255;0;0;48;5;17m▀▄ \u{1b}[38;5;20m▀\u{1b}[m";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn nothing_costs_nothing() {
        let mut bytes = Vec::new();
        encode(std::iter::empty(), &mut bytes);
        assert!(bytes.is_empty());
    }
}
