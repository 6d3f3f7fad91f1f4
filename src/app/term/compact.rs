//! Cells to bytes, with no more of them than the terminal's state asks for.
//!
//! Ratatui's own backend names both colours of a cell whenever one of them changes. A picture in
//! half blocks is mostly changes of one colour, and a far terminal pays for every byte.

use std::cell::Cell as Slot;
use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use crate::text::of_cell;

/// Ratatui's backend with a shorter way to draw.
pub struct CompactBackend<W: Write> {
    inner: CrosstermBackend<W>,
    /// Whether anything but ASCII was drawn since the screen was cleared: a full block is never the
    /// first of it.
    blocks: bool,
    /// Whether the cursor is hidden, as far as is known.
    hidden: bool,
    /// The last size that the terminal had.
    size: Slot<Option<Size>>,
}

impl<W: Write> CompactBackend<W> {
    /// Draws to `writer`.
    pub fn new(writer: W) -> Self {
        let (inner, size) = (CrosstermBackend::new(writer), Slot::new(None));
        Self { inner, blocks: false, hidden: false, size }
    }
}

impl<W: Write> Backend for CompactBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut bytes = Vec::new();
        let cells: Vec<_> = content.collect();
        self.blocks |= cells.iter().any(|(_, _, cell)| !cell.symbol().is_ascii());
        encode(&cells, self.blocks, &mut bytes);
        if bytes.is_empty() { Ok(()) } else { self.inner.write_all(&bytes) }
    }

    fn append_lines(&mut self, n: u16) -> io::Result<()> {
        self.inner.append_lines(n)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        // Ratatui hides it with every frame, so that no frame would be without bytes.
        match std::mem::replace(&mut self.hidden, true) {
            true => Ok(()),
            false => self.inner.hide_cursor(),
        }
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.hidden = false;
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        match region {
            // Part of the frame that follows: the inner one would show an empty screen until then.
            ClearType::All => {
                self.blocks = false;
                self.inner.write_all(b"\x1b[2J")
            }
            other => self.inner.clear_region(other),
        }
    }

    fn size(&self) -> io::Result<Size> {
        // A terminal that is gone keeps its size until the signal that says so.
        match (self.inner.size(), self.size.get()) {
            (Err(_), Some(size)) => Ok(size),
            (size, _) => size.inspect(|&size| self.size.set(Some(size))),
        }
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
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

const MODIFIERS: [(Modifier, &str); 8] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

/// Appends what draws these cells on a terminal with a plain pen, and leaves the pen plain. Without
/// `blocks` it never draws a full block for a coloured space.
fn encode(cells: &[(u16, u16, &Cell)], blocks: bool, out: &mut Vec<u8>) {
    let mut pen = PLAIN;
    let mut next = None;
    for ((x, y, _), Look { symbol, pen: wanted }) in cells.iter().zip(cheapest(cells, blocks)) {
        move_to(&mut next, *x, *y, out);
        change(pen, wanted, out);
        pen = wanted;
        let symbol = of_cell(symbol);
        out.extend_from_slice(symbol.as_bytes());
        // Terminals do not agree on how wide everything is that is not one cell.
        if symbol.width() != 1 {
            next = None;
        }
    }
    if pen != PLAIN {
        out.extend_from_slice(b"\x1b[m");
    }
}

/// A character and the pen it is drawn with.
#[derive(Clone, Copy)]
struct Look<'a> {
    symbol: &'a str,
    pen: Pen,
}

/// Of all ways to draw each cell, those that cost the fewest bytes together: a search that keeps
/// the best few pens after each cell.
fn cheapest<'a>(cells: &[(u16, u16, &'a Cell)], blocks: bool) -> Vec<Look<'a>> {
    const KEPT: usize = 6;
    /// A way to draw a cell after a way to draw the one before, and the bytes up to here.
    struct Way<'a> {
        look: Look<'a>,
        before: usize,
        cost: usize,
    }
    let mut ways: Vec<Vec<Way>> = Vec::with_capacity(cells.len());
    for (_, _, cell) in cells {
        let mut here: Vec<Way> = Vec::with_capacity(4 * KEPT);
        let before = ways.last().map_or(&[][..], |ways| ways);
        let starts = before.iter().map(|way| (way.look.pen, way.cost)).enumerate();
        let start = ways.is_empty().then_some((0, (PLAIN, 0)));
        for (before, (pen, cost)) in starts.chain(start) {
            for look in looks(cell, pen, blocks).into_iter().flatten() {
                let cost = cost + look.symbol.len() + change_length(pen, look.pen);
                match here.iter_mut().find(|way| way.look.pen == look.pen) {
                    Some(way) if way.cost <= cost => {}
                    Some(way) => *way = Way { look, before, cost },
                    None => here.push(Way { look, before, cost }),
                }
            }
        }
        here.sort_by_key(|way| way.cost);
        here.truncate(KEPT);
        ways.push(here);
    }
    let mut place = 0;
    let mut best = Vec::with_capacity(cells.len());
    for ways in ways.iter().rev() {
        best.push(ways[place].look);
        place = ways[place].before;
    }
    best.reverse();
    best
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

/// The characters and pens that show a cell alike, for a terminal with this pen.
fn looks(cell: &Cell, pen: Pen, blocks: bool) -> [Option<Look<'_>>; 2] {
    let Cell { fg, bg, modifier, .. } = *cell;
    let symbol = cell.symbol();
    let look = |symbol, fg, bg| Some(Look { symbol, pen: Pen { fg, bg, modifier } });
    let as_it_is = look(symbol, fg, bg);
    if !modifier.is_empty() {
        return [as_it_is, None];
    }
    match symbol {
        // A space shows nothing of the foreground, and a full block nothing of the background.
        " " if bg == Color::Reset => [look(" ", pen.fg, bg), None],
        " " => [look(" ", pen.fg, bg), look("█", bg, pen.bg).filter(|_| blocks)],
        // The same two pixels, the other way round. The terminal's own colours have no such twin.
        "▀" if fg != Color::Reset && bg != Color::Reset => [as_it_is, look("▄", bg, fg)],
        _ => [as_it_is, None],
    }
}

/// One escape sequence for all that differs, or none.
fn change(from: Pen, to: Pen, out: &mut Vec<u8>) {
    let mut from = from;
    let mut separator = "\x1b[";
    let mut part = |text: &str| {
        out.extend_from_slice(separator.as_bytes());
        out.extend_from_slice(text.as_bytes());
        separator = ";";
    };
    if from.modifier != to.modifier {
        if !from.modifier.is_empty() {
            part("0");
            from = PLAIN;
        }
        let on = MODIFIERS.into_iter().filter(|(modifier, _)| to.modifier.contains(*modifier));
        on.for_each(|(_, code)| part(code));
    }
    if from.fg != to.fg {
        part(&color(to.fg, 30));
    }
    if from.bg != to.bg {
        part(&color(to.bg, 40));
    }
    if separator == ";" {
        out.push(b'm');
    }
}

fn change_length(from: Pen, to: Pen) -> usize {
    let mut out = Vec::new();
    change(from, to, &mut out);
    out.len()
}

/// A colour's code: `base` is 30 for the foreground and 40 for the background.
fn color(color: Color, base: u8) -> String {
    let index = match color {
        Color::Reset => return (base + 9).to_string(),
        Color::Rgb(r, g, b) => {
            return match in_palette([r, g, b]) {
                Some(index) => format!("{};5;{index}", base + 8),
                None => format!("{};2;{r};{g};{b}", base + 8),
            };
        }
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

/// The palette's entry that is exactly this grey: its name is shorter. Some people change the first
/// entries of the colour cube, black among them; nobody changes these.
fn in_palette([r, g, b]: [u8; 3]) -> Option<u8> {
    let grey = r == g && g == b;
    match r {
        255 if grey => Some(231),
        8..=238 if grey && (r - 8).is_multiple_of(10) => Some(232 + (r - 8) / 10),
        _ => None,
    }
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
            3 => Color::Rgb(18, 18, 18),
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
            Color::Rgb(18, 18, 18) => vt100::Color::Idx(233),
            Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
            Color::Indexed(index) => vt100::Color::Idx(index),
            other => vt100::Color::Idx(index(other)),
        }
    }

    /// What a cell looks like: upper and lower half, or a character and its colours.
    fn look(symbol: &str, fg: vt100::Color, bg: vt100::Color, plain: bool) -> String {
        match symbol {
            " " | "" if plain => format!("{bg:?} {bg:?}"),
            "█" if plain => format!("{fg:?} {fg:?}"),
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
            encode(&before.diff(&after), true, &mut bytes);
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
    fn what_is_two_cells_wide_leaves_everything_else_in_its_place() {
        let size = |n| NonZeroU16::new(n).unwrap();
        let mut terminal = vt100::Parser::new(size(1), size(20), 0);
        let mut before = Buffer::empty(Rect::new(0, 0, 20, 1));
        for line in ["long-name-of-a-class", "第7類の絵 12 %", "a第b類", "絵絵絵絵絵絵", "", "の 7"]
        {
            let mut after = Buffer::empty(before.area);
            after.set_string(0, 0, line, ratatui::style::Style::new());
            let mut bytes = Vec::new();
            encode(&before.diff(&after), true, &mut bytes);
            terminal.process(&bytes);
            assert_eq!(terminal.screen().contents().trim_end(), line);
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
        let content: Vec<_> = content.collect();
        let mut bytes = Vec::new();
        encode(&content, true, &mut bytes);
        // The space as a full block in the foreground's colour would need no change either.
        let expected = "\u{1b}[3;1H\u{1b}[38;2;255;0;0;48;5;17m▀▄ \u{1b}[38;5;20m▀\u{1b}[m";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn nothing_costs_nothing() {
        let mut bytes = Vec::new();
        encode(&[], true, &mut bytes);
        assert!(bytes.is_empty());
    }
}
