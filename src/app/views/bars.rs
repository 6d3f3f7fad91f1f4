//! Probabilities of classes as bars: of digits all ten in their order, of other classes the likeliest.
//!
//! ```text
//!   truck      ▏          0.1 %
//! > automobile ████████  99.6 %
//! ```

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use crate::app::layout::bars::{row_of, shown};
use crate::app::state::App;
use crate::app::theme::Theme;
use crate::data::{Classes, Dataset};
use crate::explain::Explanation;
use crate::figures::{fixed, percent};
use crate::text::left_aligned;

/// Cells of the marker and of the spaces around the name, of the number, and of its short form.
const AROUND: u16 = 3;
const NUMBER: u16 = 7;
const SHORT: u16 = 4;
/// Cells of a name that are worth more than the decimals of a number.
const ENOUGH: u16 = 12;

/// Some classes' probabilities, in as many columns as the area's height asks for.
pub struct Bars<'a> {
    /// The classes that have a bar, in their order.
    shown: Vec<usize>,
    probabilities: Vec<f32>,
    predicted: usize,
    label: Option<usize>,
    /// The class that is explained: marked with `>`.
    target: usize,
    classes: &'a Classes,
    theme: &'a Theme,
}

impl<'a> Bars<'a> {
    /// Of an answer about the picture in view, as many as fit into an area.
    pub fn of(app: &'a App, dataset: &'a Dataset, answer: &Explanation, area: Rect) -> Self {
        let (_, label) = app.in_view(dataset);
        Self {
            shown: shown(app, dataset, answer.target, area),
            probabilities: answer.probabilities(),
            predicted: answer.predicted,
            label,
            target: answer.target,
            classes: &dataset.classes,
            theme: &app.theme,
        }
    }
}

impl Widget for Bars<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        let widths = self.shown.iter().map(|&class| self.classes.name(class).width());
        let widest = widths.max().unwrap_or(0).min(usize::from(area.width)) as u16;
        for (i, &class) in self.shown.iter().enumerate() {
            self.row(class, widest, row_of(area, self.shown.len(), i), buffer);
        }
    }
}

impl Bars<'_> {
    fn row(&self, class: usize, widest: u16, area: Rect, buffer: &mut Buffer) {
        let theme = self.theme;
        let p = self.probabilities.get(class).copied().unwrap_or(0.0);
        let style = verdict(theme, class, self.predicted, self.label).unwrap_or(theme.muted());
        let marker = if class == self.target { '>' } else { ' ' };
        // Where the name and the whole number leave no room for a bar, the number has no decimals.
        let short = area.width < AROUND + widest.min(ENOUGH) + NUMBER + 2;
        let (number, cells) = match short {
            true => (format!("{:>3}%", fixed(100.0 * p, 0)), SHORT),
            false => (format!("{:>7}", percent(p, 1)), NUMBER),
        };
        // A long name leaves a quarter of what is left to the bar.
        let rest = area.width.saturating_sub(AROUND + cells + 1);
        let name = widest.min(rest - rest / 4).max(1);
        let text = left_aligned(self.classes.name(class), name.into());
        buffer.set_stringn(area.x, area.y, format!("{marker} {text}"), area.width.into(), style);
        let right = area.right().saturating_sub(number.len() as u16);
        buffer.set_string(right, area.y, number, style);
        let bar = Rect { x: area.x + AROUND + name, width: rest.saturating_sub(name), ..area };
        let bar_style = if class == self.predicted { style } else { theme.bar() };
        horizontal(bar, p, bar_style, buffer);
    }
}

/// Style of the predicted class and of the true class; `None` for all others.
pub fn verdict(
    theme: &Theme,
    class: usize,
    predicted: usize,
    label: Option<usize>,
) -> Option<Style> {
    match (class == predicted, label) {
        (true, None) => Some(theme.accent()),
        (true, Some(label)) if label == class => Some(theme.good()),
        (true, Some(_)) => Some(theme.bad()),
        (false, Some(label)) if label == class => Some(theme.warning()),
        (false, _) => None,
    }
}

/// A share of what is to be done.
pub fn gauge(app: &App, frame: &mut Frame, area: Rect, share: f32) {
    let buffer = frame.buffer_mut();
    let dots = "·".repeat(usize::from(area.width));
    if area.height > 0 {
        buffer.set_string(area.x, area.y, dots, app.theme.muted());
        horizontal(area, share, app.theme.train(), buffer);
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
        let classes = Classes::numbered(10);
        let bars = Bars {
            shown: (0..10).collect(),
            probabilities: probabilities.into(),
            predicted: 7,
            label: Some(7),
            target: 2,
            classes: &classes,
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
