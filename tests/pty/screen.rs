//! What a terminal shows: characters and colours, cell by cell, and the pixels in half blocks.

use std::fmt;

use regex_lite::Regex;
pub use vt100::Color;

/// One cell of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Its character; a space where nothing was written.
    pub symbol: char,
    /// Colour of the character.
    pub fg: Color,
    /// Colour behind it.
    pub bg: Color,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it is underlined.
    pub underline: bool,
    /// Whether its two colours are swapped when shown.
    pub inverse: bool,
}

/// What the terminal shows at one moment. Columns and rows count from 0, from the upper left.
#[derive(Clone)]
pub struct Screen(pub(super) vt100::Screen);

impl Screen {
    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        let (rows, cols) = self.0.size();
        (cols.get(), rows.get())
    }

    /// Its rows, without the blanks at their ends.
    pub fn text(&self) -> String {
        (0..self.size().1).map(|y| self.row(y)).collect::<Vec<_>>().join("\n")
    }

    /// One row, without the blanks at its end; nothing for a row that is not there.
    pub fn row(&self, y: u16) -> String {
        let row: String = self.symbols(y).map(|(_, symbol)| symbol).collect();
        row.trim_end().to_owned()
    }

    /// Whether a row shows this text.
    pub fn contains(&self, text: &str) -> bool {
        self.find(text).is_some()
    }

    /// Column and row of the first place of a text within a row.
    pub fn find(&self, text: &str) -> Option<(u16, u16)> {
        (0..self.size().1).find_map(|y| {
            let at = self.row(y).find(text)?;
            let ends = self.symbols(y).scan(0, |end, (x, symbol)| {
                *end += symbol.len();
                Some((*end, x))
            });
            ends.into_iter().find(|&(end, _)| end > at).map(|(_, x)| (x, y))
        })
    }

    /// Whether [`Self::text`] matches a regular expression; `(?m)` lets `^` and `$` match at rows.
    pub fn matches(&self, regex: &Regex) -> bool {
        regex.is_match(&self.text())
    }

    /// Column and row of the cursor, if it is shown.
    pub fn cursor(&self) -> Option<(u16, u16)> {
        let (row, col) = self.0.cursor_position();
        (!self.0.hide_cursor()).then_some((col, row))
    }

    /// The row the cursor is on, shown or not.
    pub fn cursor_row(&self) -> String {
        self.row(self.0.cursor_position().0)
    }

    /// A cell.
    ///
    /// # Panics
    /// Outside of the screen.
    #[track_caller]
    pub fn cell(&self, x: u16, y: u16) -> Cell {
        let Some(cell) = self.0.cell(y, x) else {
            panic!("no cell ({x}, {y}) on a screen of {:?}", self.size());
        };
        Cell {
            symbol: cell.contents().chars().next().unwrap_or(' '),
            fg: cell.fgcolor(),
            bg: cell.bgcolor(),
            bold: cell.bold(),
            underline: cell.underline(),
            inverse: cell.inverse(),
        }
    }

    /// The upper and the lower pixel of a cell, if it is made of half blocks (`▀`, `▄`, `█`,
    /// space) and both colours are known; the terminal's own colours are not.
    pub fn cell_pixels(&self, x: u16, y: u16) -> Option<[[u8; 3]; 2]> {
        let cell = self.cell(x, y);
        let (ink, paper) = if cell.inverse { (cell.bg, cell.fg) } else { (cell.fg, cell.bg) };
        let [upper, lower] = match cell.symbol {
            '▀' => [ink, paper],
            '▄' => [paper, ink],
            '█' => [ink, ink],
            ' ' => [paper, paper],
            _ => return None,
        };
        Some([rgb(upper)?, rgb(lower)?])
    }

    /// The picture in an area of `cols` x `rows` cells: `2 * rows` rows of `cols` pixels.
    ///
    /// # Panics
    /// Where a cell shows anything but two pixels, see [`Self::cell_pixels`].
    #[track_caller]
    pub fn pixels(&self, x: u16, y: u16, cols: u16, rows: u16) -> Vec<Vec<[u8; 3]>> {
        let mut picture = vec![Vec::with_capacity(cols.into()); 2 * usize::from(rows)];
        for (row, col) in (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col))) {
            let Some([upper, lower]) = self.cell_pixels(x + col, y + row) else {
                let cell = self.cell(x + col, y + row);
                panic!("no two pixels at ({}, {}): {cell:?} of\n{self:?}", x + col, y + row);
            };
            picture[2 * usize::from(row)].push(upper);
            picture[2 * usize::from(row) + 1].push(lower);
        }
        picture
    }

    /// What each cell of a row shows, with its column. Wide characters take one of their two.
    fn symbols(&self, y: u16) -> impl Iterator<Item = (u16, &str)> {
        let cells = (0..self.size().0).filter_map(move |x| Some((x, self.0.cell(y, x)?)));
        cells.filter(|(_, cell)| !cell.is_wide_continuation()).map(|(x, cell)| {
            let symbol = cell.contents();
            (x, if symbol.is_empty() { " " } else { symbol })
        })
    }
}

/// The text in a frame, for messages.
impl fmt::Debug for Screen {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let (cols, rows) = self.size();
        let rule = "─".repeat(cols.into());
        writeln!(out, "┌{rule}┐ {cols}x{rows}")?;
        for y in 0..rows {
            let row: String = self.symbols(y).map(|(_, symbol)| symbol).collect();
            writeln!(out, "│{row}│")?;
        }
        write!(out, "└{rule}┘")
    }
}

/// The colour in red, green and blue: the first 16 as xterm has them, the others of the 256 as
/// all terminals do.
fn rgb(color: Color) -> Option<[u8; 3]> {
    const NAMED: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match color {
        Color::Default => None,
        Color::Rgb(red, green, blue) => Some([red, green, blue]),
        Color::Idx(index @ 0..16) => Some(NAMED[usize::from(index)]),
        Color::Idx(index @ 16..232) => {
            let cube = index - 16;
            Some([level(cube / 36), level(cube / 6 % 6), level(cube % 6)])
        }
        Color::Idx(index @ 232..) => Some([8 + 10 * (index - 232); 3]),
    }
}
