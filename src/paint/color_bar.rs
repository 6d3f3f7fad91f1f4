//! The legend of a map.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::{Colormap, Grid, Picture, Style};

/// A row that shows a scale of colours from low to high.
#[derive(Debug, Clone, Copy)]
pub struct ColorBar {
    colormap: Option<Colormap>,
    style: Style,
}

impl ColorBar {
    /// A colormap's.
    pub fn new(colormap: Colormap, style: Style) -> Self {
        Self { colormap: Some(colormap), style }
    }

    /// That of signed numbers.
    pub fn signed(style: Style) -> Self {
        Self { colormap: None, style }
    }
}

impl Widget for ColorBar {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let width = usize::from(area.width);
        let both_halves = Grid::ramp(width).nearest(width, 2);
        // In the steps that a map is drawn in.
        let steps = self.style.signed_steps() as f32;
        let step = |value: &f32| ((2.0 * value - 1.0) * steps).round() / steps;
        let values = both_halves.values().iter().map(step).collect();
        let signed = Grid::new(width, 2, values);
        let bar = match self.colormap {
            Some(colormap) => Picture::Heat(&both_halves, colormap),
            None => Picture::Signed(&signed),
        };
        bar.widget(self.style).mark_peak(false).render(area, buffer);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ratatui::buffer::Cell;
    use ratatui::style::Color;

    use super::*;
    use crate::paint::ColorDepth;

    fn style(depth: ColorDepth) -> Style {
        Style { depth, ascii: false }
    }

    fn painted(widget: impl Widget, width: u16) -> Buffer {
        let area = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(area);
        widget.render(area, &mut buffer);
        buffer
    }

    fn backgrounds(buffer: &Buffer) -> Vec<Color> {
        buffer.content.iter().map(|cell| cell.bg).collect()
    }

    fn text(buffer: &Buffer) -> String {
        buffer.content.iter().map(|cell| cell.symbol()).collect()
    }

    #[test]
    fn the_legend_of_signs_has_the_colours_of_the_map() {
        let values: Vec<f32> = (0..=400).map(|i| i as f32 / 200.0 - 1.0).collect();
        for depth in [ColorDepth::TrueColor, ColorDepth::Indexed, ColorDepth::Ansi] {
            let twice = Grid::new(401, 2, [&values[..], &values].concat());
            let map = style(depth).signed(&twice);
            let map = painted(Picture::Signed(&map).widget(style(depth)), 401);
            let looks = |buffer: &Buffer| {
                let look = |cell: &Cell| format!("{:?} {:?}", cell.symbol().trim(), cell.bg);
                buffer.content.iter().map(look).collect::<BTreeSet<_>>()
            };
            let bar = painted(ColorBar::signed(style(depth)), 16);
            let bar = looks(&bar);
            let map: BTreeSet<_> = looks(&map);
            let strange: Vec<_> =
                bar.iter().filter(|look| !map.contains(*look) && !look.contains('▀')).collect();
            assert!(strange.is_empty(), "{depth:?}: {strange:?} is not among {map:?}");
        }
    }

    #[test]
    fn a_bar_goes_from_the_lowest_colour_to_the_highest_at_every_depth() {
        let bar = |depth| ColorBar::new(Colormap::Viridis, style(depth));
        for depth in [ColorDepth::TrueColor, ColorDepth::Indexed] {
            let found = backgrounds(&painted(bar(depth), 20));
            let ends = [0.0, 1.0].map(|v| depth.color(Colormap::Viridis.rgb(v)));
            assert_eq!([found[0], found[19]], ends);
        }
        let found = backgrounds(&painted(bar(ColorDepth::Ansi), 20));
        assert_eq!((found[0], found[19]), (Color::Black, Color::Red));
        assert_eq!(text(&painted(bar(ColorDepth::Mono), 10)), " .:-=+*#%@");
        assert_eq!(text(&painted(bar(ColorDepth::Mono), 0)), "");
        let signed = |depth| painted(ColorBar::signed(style(depth)), 9);
        assert_eq!(text(&signed(ColorDepth::Mono)), "==~~ **##");
    }
}
