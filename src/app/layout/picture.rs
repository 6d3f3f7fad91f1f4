//! Where everything goes: the pictures as large as they can be, what is said of them, and a strip of
//! others.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::tiles::largest;
use crate::app::state::App;
use crate::data::Noun;

/// Columns of the bars of digits beside the pictures, and rows of bars below them.
const BARS_WIDTH: u16 = 18;
const BARS_HEIGHT: u16 = 5;
/// Cells of a name that widen the bars beside the pictures at most.
const NAME: usize = 14;
/// Lines of text that the pictures leave room for, fewer where rows are scarce.
const FACTS: u16 = 4;
const FEW_FACTS: u16 = 2;
/// Cells between pictures.
pub const GAP: u16 = 2;
/// Pixels below which two pictures say less than one larger one.
const LEAST: u16 = 16;
/// Rows below which a film strip would show nothing, and the most that it takes.
const STRIP_ROWS: u16 = 5;
const MOST_STRIP_ROWS: u16 = 15;

/// Where everything goes.
pub struct Plan {
    /// How many pictures there are: the input, its map, and both.
    pub pictures: u16,
    /// Height and width of a picture in pixels; a cell is one pixel wide and two high.
    pub size: [u16; 2],
    left: u16,
    top: u16,
    /// The probabilities.
    pub bars: Rect,
    /// What the pictures mean.
    pub facts: Rect,
    /// The pictures around the one in view; empty where there is no room.
    pub strip: Rect,
}

impl Plan {
    /// The largest pictures that leave room for everything else: the bars go beside or below.
    pub fn fit(app: &App, area: Rect) -> Self {
        let shape = app.dataset().map_or([1, 1], |dataset| dataset.shape().size());
        let most = if area.width >= 150 { 3 } else { 2 };
        let lines = if area.height < 16 { FEW_FACTS } else { FACTS };
        let bars_width = bars_width(app).min(area.width / 2);
        let beside = |n: u16| {
            let wide = area.width.saturating_sub(bars_width + n * GAP) / n;
            whole(shape, wide, area.height.saturating_sub(1 + lines))
        };
        let below = |n: u16| {
            let wide = area.width.saturating_sub((n - 1) * GAP) / n;
            whole(shape, wide, area.height.saturating_sub(1 + lines + BARS_HEIGHT))
        };
        let side = |n| [beside(n), below(n)].into_iter().flatten().max().unwrap_or(0);
        let pictures = if side(most) < LEAST { 1 } else { most };
        let (size_beside, size_below) = (beside(pictures), below(pictures));
        let pixels = |[tall, wide]: [u16; 2]| u32::from(tall) * u32::from(wide);
        let bars_below = pixels(size_below) > pixels(size_beside);
        let size @ [tall, wide] = if bars_below { size_below } else { size_beside };
        // One more row for the note that digits stand in for MNIST; the pictures do not shrink.
        let fallback = app.dataset().is_some_and(|dataset| dataset.origin.stand_in.is_some());
        let said = FACTS + u16::from(fallback);
        let top = area.y + 1;
        let used = pictures * wide + (pictures - 1) * GAP;
        let spare = area.width.saturating_sub(used + if bars_below { 0 } else { bars_width + GAP });
        let left = area.x + spare / 2;
        let right = left + used + GAP;
        let (bars, facts) = if bars_below {
            let under = top + tall / 2;
            // Names need the whole width, however narrow the pictures are.
            let (x, width) = match app.noun() {
                Noun::Digit => (left, used),
                Noun::Picture => (area.x + 1, area.width.saturating_sub(2)),
            };
            let bars = Rect { x, y: under, width, height: BARS_HEIGHT };
            (bars, Rect { x, y: under + BARS_HEIGHT, width, height: said })
        } else {
            let height = (tall / 2).clamp(BARS_HEIGHT, 10);
            let bars = Rect { x: right, y: top, width: area.right().saturating_sub(right), height };
            let margin = area.x + u16::from(left > area.x);
            let under = top + height.max(tall / 2);
            (
                bars,
                Rect {
                    x: margin,
                    y: under,
                    width: area.right().saturating_sub(margin),
                    height: said,
                },
            )
        };
        let facts = facts.intersection(area);
        let strip = Rect {
            y: facts.bottom(),
            height: area.bottom().saturating_sub(facts.bottom()),
            ..area
        };
        let rows = strip.height.min(MOST_STRIP_ROWS);
        let strip = match rows > STRIP_ROWS {
            true => Rect { y: area.bottom() - rows, height: rows, ..strip },
            false => Rect::default(),
        };
        Self { pictures, size, left, top, bars: bars.intersection(area), facts, strip }
    }

    /// Where a picture goes.
    pub fn picture(&self, i: u16) -> Rect {
        let [tall, wide] = self.size;
        Rect { x: self.left + i * (wide + GAP), y: self.top, width: wide, height: tall / 2 }
    }

    /// Where a picture's title goes; the last one has the rest of the area's row.
    pub fn title(&self, i: u16, area: Rect) -> Rect {
        let place = self.picture(i);
        let width = match i + 1 < self.pictures {
            true => place.width,
            false => area.right().saturating_sub(place.x),
        };
        Rect { y: place.y - 1, height: 1, width, ..place }
    }
}

/// Columns of the bars beside the pictures: digits are one cell, other names need more.
fn bars_width(app: &App) -> u16 {
    let names = app.dataset().map_or(&[][..], |dataset| dataset.classes.names());
    // One long name is enough: of a thousand, all the others are not measured for each frame.
    let mut longest = 1;
    for name in names {
        longest = name.width().clamp(longest, NAME);
        if longest == NAME {
            break;
        }
    }
    BARS_WIDTH + (longest - 1) as u16
}

/// Height and width of the largest picture in so many columns and rows of cells. Whole multiples of
/// half the data's height look best, where that costs little.
fn whole(shape: [usize; 2], columns: u16, rows: u16) -> [u16; 2] {
    let [height, width] = shape.map(|side| side.max(1));
    let tall = usize::from(2 * rows).min(usize::from(columns) * height / width);
    let step = (height / 2).max(1);
    let snapped = tall - tall % step;
    match snapped >= height && tall % step <= tall / 8 && snapped % 2 == 0 {
        true => [snapped as u16, (snapped * width / height) as u16],
        false => largest(shape, columns, rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_multiples_are_taken_where_that_costs_little_and_the_shape_is_kept() {
        for (shape, columns, rows, expected) in [
            ([28, 28], 28, 20, [28, 28]),
            ([28, 28], 31, 20, [28, 28]),
            ([28, 28], 34, 20, [34, 34]),
            ([28, 28], 49, 40, [48, 48]),
            ([28, 28], 60, 22, [42, 42]),
            ([28, 28], 20, 20, [20, 20]),
            ([32, 32], 39, 17, [32, 32]),
            // Height before width: a picture that is wide, and one that is high.
            ([24, 32], 39, 17, [28, 37]),
            ([24, 32], 45, 40, [32, 43]),
            ([64, 16], 80, 16, [32, 8]),
            ([8, 64], 40, 20, [4, 32]),
        ] {
            assert_eq!(whole(shape, columns, rows), expected, "{shape:?} {columns} {rows}");
        }
    }
}
