//! Pictures in terminal cells: two pixels a cell, or one character for both without colours.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::widgets::Widget;

use super::shades::{FAINT, Tint, scale};
use super::{ColorDepth, Picture, Style};

impl<'a> Picture<'a> {
    /// Drawn in half blocks: each cell of the area shows two of the picture's pixels.
    pub fn widget(self, style: Style) -> HalfBlocks<'a> {
        HalfBlocks::new(self, style)
    }
}

/// Stands on the place with the most heat.
const PEAK: char = 'X';

/// A picture as a widget, drawn from the area's upper left corner, pixel for pixel. What does not
/// fit is cut: resample the grids to `area.width` x `2 * area.height` to fill an area.
#[derive(Debug, Clone, Copy)]
pub struct HalfBlocks<'a> {
    picture: Picture<'a>,
    style: Style,
    peak: bool,
}

impl<'a> HalfBlocks<'a> {
    pub(super) fn new(picture: Picture<'a>, style: Style) -> Self {
        Self { picture, style, peak: style.depth == ColorDepth::Mono }
    }

    /// Whether an `X` marks the place with the most heat. By default it does where there are no
    /// colours.
    #[must_use]
    pub fn mark_peak(self, peak: bool) -> Self {
        Self { peak, ..self }
    }

    /// Two pixels in one cell.
    fn half_block(&self, cell: &mut Cell, x: usize, upper: usize, lower: Option<usize>) {
        if self.style.depth == ColorDepth::Ansi && self.shaded(cell, x, upper, lower) {
            return;
        }
        let color = |y| self.picture.color(x, y, self.style);
        let (top, bottom) = (color(upper), lower.map_or(Color::Reset, color));
        if self.style.ascii {
            // One colour for both: the fuller pixel's, so that thin strokes are not lost.
            let fuller = lower.filter(|&y| {
                self.picture.density(x, y).abs() > self.picture.density(x, upper).abs()
            });
            cell.set_char(' ').set_bg(fuller.map_or(top, color));
        // A cell of one colour needs no change of the other. The last column is never a space:
        // tmux, for one, forgets spaces at the end of a line when a screen is copied.
        } else if top == bottom && x + 1 < self.picture.size().0 {
            cell.set_char(' ').set_bg(bottom);
        } else {
            cell.set_char('▀').set_fg(top).set_bg(bottom);
        }
    }

    /// Two pixels, one of which at least shows a weak sign, in sixteen colours: the sign's colour in
    /// dots, as many as both have together. `false` where that is not so.
    fn shaded(&self, cell: &mut Cell, x: usize, upper: usize, lower: Option<usize>) -> bool {
        let first = self.picture.tint(x, upper);
        let second = lower.map_or(first, |y| self.picture.tint(x, y));
        let Some(hue) = first.hue.or(second.hue) else { return false };
        let alike = [first, second].iter().all(|tint| tint.hue.is_none_or(|other| other == hue));
        if !alike || [first, second].iter().all(|Tint { halves, .. }| *halves != 1) {
            return false;
        }
        let shades = if self.style.ascii { ['.', ':', '#'] } else { ['░', '▒', '▓'] };
        // Of the two papers the one that is seen most.
        let paper = if first.halves < second.halves { first.paper } else { second.paper };
        let halves = (first.halves + second.halves).clamp(1, 3);
        cell.set_char(shades[halves - 1]).set_fg(hue).set_bg(paper);
        true
    }

    /// The mean of two pixels as a character.
    fn character(&self, x: usize, upper: usize, lower: Option<usize>) -> char {
        let mean = |value: &dyn Fn(usize) -> f32| {
            lower.map_or(value(upper), |y| (value(upper) + value(y)) / 2.0)
        };
        let sign = |value: f32| match value {
            value if value <= -FAINT => scale(-value, ['-', '~', '=']),
            value if value >= FAINT => scale(value, ['+', '*', '#']),
            _ => ' ',
        };
        match self.picture {
            Picture::Signed(grid) => sign(mean(&|y| grid.at(x, y))),
            // The image where there is little to say, in characters that no sign has.
            Picture::SignedOver { image, signed, .. } => match mean(&|y| signed.at(x, y)) {
                value if value.abs() >= 0.3 => sign(value),
                _ => scale(mean(&|y| image.brightness(x, y)), [' ', '.', ':', 'o', '@']),
            },
            picture => {
                let density = mean(&|y| picture.density(x, y));
                scale(density, [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'])
            }
        }
    }
}

impl Widget for HalfBlocks<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        let (width, height) = self.picture.size();
        let peak = self.picture.peak().filter(|_| self.peak).map(|(x, y)| (x, y / 2));
        for row in 0..usize::from(area.height).min(height.div_ceil(2)) {
            for x in 0..usize::from(area.width).min(width) {
                let (upper, lower) = (2 * row, Some(2 * row + 1).filter(|&y| y < height));
                let cell = &mut buffer[(area.x + x as u16, area.y + row as u16)];
                cell.reset();
                if peak == Some((x, row)) {
                    // Dark on light at every depth, whatever the colours around it.
                    let [ink, paper] = [[0; 3], [255; 3]].map(|rgb| self.style.depth.color(rgb));
                    cell.set_char(PEAK).set_fg(ink).set_bg(paper);
                } else if self.style.depth == ColorDepth::Mono {
                    cell.set_char(self.character(x, upper, lower));
                } else {
                    self.half_block(cell, x, upper, lower);
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "half_blocks_tests.rs"]
mod tests;
