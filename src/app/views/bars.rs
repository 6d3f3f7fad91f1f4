//! Ten probabilities as bars.
//!
//! ```text
//!   2 ▏                 0.1 %
//! > 7 ███████████████  99.6 %
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::verdict;
use crate::app::theme::Theme;
use crate::figures::{fixed, percent};

/// The classes' probabilities, in as many columns as the area's height asks for.
pub struct Bars<'a> {
    /// One a class.
    pub probabilities: &'a [f32],
    /// The class of the highest.
    pub predicted: usize,
    /// The digit's label, if it has one.
    pub label: Option<usize>,
    /// The class that is explained: marked with `>`.
    pub target: usize,
    /// Colours.
    pub theme: &'a Theme,
}

/// Width of the marker, the class and the spaces beside it, and of the number.
const NAME: u16 = 4;
const NUMBER: u16 = 7;

impl Widget for Bars<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        for (class, &p) in self.probabilities.iter().enumerate() {
            self.row(class, p, row_of(area, self.probabilities.len(), class), buffer);
        }
    }
}

/// The row of a class, in as many columns as the area's height asks for.
fn row_of(area: Rect, classes: usize, class: usize) -> Rect {
    let rows = usize::from(area.height).clamp(1, classes.max(1));
    let width = area.width / classes.div_ceil(rows).max(1) as u16;
    let (x, y) = ((class / rows) as u16 * width, (class % rows) as u16);
    Rect { x: area.x + x, y: area.y + y, width: width.saturating_sub(1), height: 1 }
}

/// The class whose row lies at a place.
pub fn class_at(area: Rect, classes: usize, place: Position) -> Option<usize> {
    (0..classes).find(|&class| row_of(area, classes, class).contains(place))
}

impl Bars<'_> {
    fn row(&self, class: usize, p: f32, area: Rect, buffer: &mut Buffer) {
        let theme = self.theme;
        let style = verdict(theme, class, self.predicted, self.label).unwrap_or(theme.muted());
        let marker = if class == self.target { '>' } else { ' ' };
        buffer.set_string(area.x, area.y, format!("{marker} {class}"), style);
        let number = match area.width < NAME + NUMBER + 2 {
            true => format!("{:>3}%", fixed(100.0 * p, 0)),
            false => format!("{:>7}", percent(p, 1)),
        };
        let right = area.right().saturating_sub(number.len() as u16);
        buffer.set_string(right, area.y, number, style);
        let bar =
            Rect { x: area.x + NAME, width: area.width.saturating_sub(NAME + NUMBER + 1), ..area };
        let bar_style = if class == self.predicted { style } else { theme.bar() };
        horizontal(bar, p, bar_style, buffer);
    }
}

/// A bar of a share, in eighths of a cell.
pub fn horizontal(area: Rect, share: f32, style: Style, buffer: &mut Buffer) {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let total = (f32::from(area.width) * 8.0 * share.clamp(0.0, 1.0)).round() as usize;
    let text = "█".repeat(total / 8) + EIGHTHS[total % 8];
    buffer.set_string(area.x, area.y, text, style);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::ColorDepth;

    #[test]
    fn the_longest_bar_is_the_likeliest_class_and_the_target_is_marked() {
        let theme = Theme::new(ColorDepth::TrueColor);
        let mut probabilities = [0.0; 10];
        probabilities[7] = 0.75;
        probabilities[2] = 0.25;
        let area = Rect::new(0, 0, 28, 10);
        let mut buffer = Buffer::empty(area);
        let bars = Bars {
            probabilities: &probabilities,
            predicted: 7,
            label: Some(7),
            target: 2,
            theme: &theme,
        };
        bars.render(area, &mut buffer);
        let row = |y: u16| (0..28).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        assert!(row(7).starts_with("  7 ███████████▎ "), "{}", row(7));
        assert!(row(7).contains("75.0 %"));
        assert!(row(2).starts_with("> 2 ███▊ "), "{}", row(2));
        assert_eq!(buffer[(4, 7)].fg, theme.good().fg.unwrap());
    }
}
