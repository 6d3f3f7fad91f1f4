//! Pictures of one shape in rows, a line of text below each.

use ratatui::layout::Rect;

/// How pictures are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gallery {
    /// Pictures in a row.
    pub columns: u16,
    /// Rows of pictures.
    pub rows: u16,
    /// Height and width of a picture in pixels; a cell is one pixel wide and two high.
    pub picture: [u16; 2],
    /// Cells from one picture to the next.
    pub pitch: u16,
}

impl Gallery {
    /// The largest pictures of this shape, height and width, of which `count` fit.
    pub fn fit(count: u16, shape: [usize; 2], width: u16, height: u16) -> Self {
        let arrange =
            |columns: u16| Self::arrange(columns, count.div_ceil(columns), shape, width, height);
        let all = (1..=count.max(1)).map(arrange);
        // Of equally large ones the fullest rows.
        let spare = |gallery: &Self| gallery.columns * gallery.rows - count;
        let best = all.max_by_key(|g| (g.pixels(), std::cmp::Reverse(spare(g)), g.columns));
        best.unwrap_or(arrange(1))
    }

    /// So many columns and rows of pictures of this shape, height and width.
    pub fn arrange(columns: u16, rows: u16, shape: [usize; 2], width: u16, height: u16) -> Self {
        let pitch = width / columns.max(1);
        let above = (height / rows.max(1)).saturating_sub(1);
        let picture = largest(shape, pitch.saturating_sub(2), above);
        Self { columns, rows, picture, pitch }
    }

    /// Pixels of a picture.
    pub fn pixels(&self) -> u32 {
        let [height, width] = self.picture.map(u32::from);
        height * width
    }

    /// Rows of cells it takes.
    pub fn height(&self) -> u16 {
        self.rows * (self.picture[0] / 2 + 1)
    }

    /// Where a picture goes, with the caption below it.
    pub fn place(&self, i: u16, area: Rect) -> Rect {
        let [tall, width] = self.picture;
        let height = tall / 2 + 1;
        Rect {
            x: area.x + i % self.columns * self.pitch + (self.pitch - width) / 2,
            y: area.y + i / self.columns * height,
            width,
            height,
        }
    }
}

/// Height and width in pixels of the largest picture of this shape in so many columns and rows of
/// cells. Its height is whole cells, and a picture of any shape has a few pixels where there is room.
pub fn largest(shape: [usize; 2], columns: u16, rows: u16) -> [u16; 2] {
    let [height, width] = shape.map(|side| side.max(1));
    let (wide, tall) = (usize::from(columns), 2 * usize::from(rows));
    let least = if wide < 2 { 0 } else { tall.min(2) };
    let tall = (tall.min(wide * height / width) & !1).max(least);
    let least = tall.min(1);
    let wide = ((tall * width + height / 2) / height).max(least).min(wide);
    // Neither is more than there is room for.
    [tall, wide].map(|side| side as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_as_large_as_they_can_be_and_stay_inside() {
        for (count, width, height) in
            [(10, 80, 14), (12, 80, 20), (3, 80, 20), (5, 40, 9), (1, 5, 3)]
        {
            for shape in [[28, 28], [32, 24], [8, 64], [64, 8], [1, 1]] {
                let gallery = Gallery::fit(count, shape, width, height);
                let area = Rect { x: 3, y: 2, width, height };
                assert!(gallery.columns * gallery.rows >= count && gallery.height() <= height);
                for i in 0..count {
                    let place = gallery.place(i, area);
                    assert_eq!(place.intersection(area), place, "{gallery:?} {i}");
                    assert!(place.width > 0 && place.height > 1, "{gallery:?} {i}");
                }
            }
        }
        let square = Gallery::fit(10, [28, 28], 80, 14);
        assert_eq!((square.columns, square.rows, square.picture), (5, 2, [12, 12]));
    }

    #[test]
    fn a_picture_keeps_its_shape_in_cells_twice_as_high_as_wide() {
        for (shape, columns, rows, expected) in [
            ([28, 28], 28, 14, [28, 28]),
            ([28, 28], 29, 10, [20, 20]),
            ([28, 28], 9, 30, [8, 8]),
            ([32, 24], 80, 16, [32, 24]),
            ([32, 24], 12, 16, [16, 12]),
            ([64, 8], 40, 8, [16, 2]),
            // Where a row of cells is too much already, it is less wide than it should be.
            ([8, 64], 10, 8, [2, 10]),
            ([28, 28], 1, 14, [0, 0]),
            ([28, 28], 0, 0, [0, 0]),
        ] {
            assert_eq!(largest(shape, columns, rows), expected, "{shape:?} {columns} {rows}");
        }
    }
}
