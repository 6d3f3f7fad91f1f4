//! Pictures in terminal cells: two pixels a cell, or one character for both without colours.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::widgets::Widget;

use super::picture::{FAINT, Tint, scale};
use super::quantise::quantised_signed;
use super::{ColorDepth, Colormap, Grid, Picture, quantised};

/// How pictures are drawn on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Colours there are.
    pub depth: ColorDepth,
    /// Whether only ASCII characters can be drawn: a cell is one pixel then.
    pub ascii: bool,
}

impl Style {
    /// The picture in as many steps as the eye needs at this depth, see [`quantised`].
    pub fn quantised(self, grid: &Grid) -> Grid {
        let steps = match self.depth {
            ColorDepth::TrueColor => 20,
            // The palette has about as many colours along a colormap.
            ColorDepth::Indexed => 12,
            ColorDepth::Ansi | ColorDepth::Mono => 16,
        };
        quantised(grid, steps)
    }

    /// The same for one small picture among many: it is looked at for its shape, and as many steps
    /// for each of them would be many times the bytes.
    pub fn thumbnail(self, grid: &Grid) -> Grid {
        let steps = match self.depth {
            ColorDepth::TrueColor => 10,
            ColorDepth::Indexed => 8,
            ColorDepth::Ansi | ColorDepth::Mono => 12,
        };
        quantised(grid, steps)
    }

    /// The same for a picture of numbers from -1 to 1: 0 stays 0, and what can be seen keeps its
    /// sign.
    pub fn signed(self, grid: &Grid) -> Grid {
        quantised_signed(grid, self.signed_steps())
    }

    /// Steps on either side of 0.
    fn signed_steps(self) -> usize {
        // The palette has about six blues and six reds.
        if self.depth == ColorDepth::TrueColor { 10 } else { 6 }
    }
}

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
        let color = |y| self.picture.color(x, y, self.style.depth);
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
            // Ink where there is little to say, in characters that no sign has.
            Picture::SignedOver { digit, signed, .. } => match mean(&|y| signed.at(x, y)) {
                value if value.abs() >= 0.3 => sign(value),
                _ => scale(mean(&|y| digit.at(x, y)), [' ', '.', ':', 'o', '@']),
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
    use ratatui::style::Modifier;

    use super::*;

    fn style(depth: ColorDepth) -> Style {
        Style { depth, ascii: false }
    }

    fn painted(widget: impl Widget, width: u16, height: u16) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        widget.render(area, &mut buffer);
        buffer
    }

    fn drawn(picture: Picture, depth: ColorDepth, width: u16, height: u16) -> Buffer {
        painted(picture.widget(style(depth)), width, height)
    }

    fn backgrounds(buffer: &Buffer) -> Vec<Color> {
        buffer.content.iter().map(|cell| cell.bg).collect()
    }

    fn text(buffer: &Buffer) -> String {
        buffer.content.iter().map(|cell| cell.symbol()).collect()
    }

    /// Each value twice, one above the other.
    fn bars(values: &[f32]) -> Grid {
        Grid::new(values.len(), 2, [values, values].concat())
    }

    const WHITE: Color = Color::Rgb(255, 255, 255);
    const BLACK: Color = Color::Rgb(0, 0, 0);

    #[test]
    fn a_cell_shows_the_upper_pixel_in_front_and_the_lower_behind() {
        let rows = [[1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]];
        let grid = Grid::new(3, 4, rows.concat());
        let buffer = drawn(Picture::Digit(&grid), ColorDepth::TrueColor, 3, 2);
        let seen = |x, y| (buffer[(x, y)].symbol(), buffer[(x, y)].fg, buffer[(x, y)].bg);
        assert_eq!(seen(0, 0), ("▀", WHITE, BLACK));
        assert_eq!(seen(1, 0), (" ", Color::Reset, BLACK));
        assert_eq!(seen(0, 1), ("▀", BLACK, WHITE));
        assert_eq!(seen(1, 1), (" ", Color::Reset, WHITE));
        // The last column holds its colours in a character.
        assert_eq!(seen(2, 0), ("▀", WHITE, WHITE));
        assert_eq!(seen(2, 1), ("▀", BLACK, BLACK));
    }

    #[test]
    fn below_an_odd_last_row_the_terminal_shows() {
        let grid = Grid::new(1, 3, vec![1.0; 3]);
        let buffer = drawn(Picture::Digit(&grid), ColorDepth::TrueColor, 1, 2);
        assert_eq!(buffer[(0, 1)].symbol(), "▀");
        assert_eq!((buffer[(0, 1)].fg, buffer[(0, 1)].bg), (WHITE, Color::Reset));
    }

    #[test]
    fn all_of_a_picture_has_the_colours_of_its_pixels() {
        let values = (0..16).map(|i| i as f32 / 15.0).collect();
        let heat = Grid::new(4, 4, values);
        let digit = Grid::new(4, 4, (0..16).map(|i| (i % 3) as f32 / 2.0).collect());
        let colormap = Colormap::Turbo;
        for picture in [
            Picture::Heat(&heat, colormap),
            Picture::Overlay { digit: &digit, heat: &heat, colormap, alpha: 0.4 },
            Picture::Signed(&heat),
        ] {
            let signed = matches!(picture, Picture::Signed(_));
            let depths = [ColorDepth::TrueColor, ColorDepth::Indexed];
            // Signed numbers have a scale of their own there.
            for depth in depths.into_iter().take(if signed { 1 } else { 2 }) {
                let buffer = drawn(picture, depth, 4, 2);
                for (x, y) in (0..4).flat_map(|x| (0..4).map(move |y| (x, y))) {
                    let cell = &buffer[(x as u16, y as u16 / 2)];
                    let above = y % 2 == 0 && cell.symbol() == "▀";
                    let found = if above { cell.fg } else { cell.bg };
                    assert_eq!(found, depth.color(picture.rgb(x, y)), "{picture:?} {x} {y}");
                }
            }
        }
    }

    #[test]
    fn of_256_colours_only_the_fixed_ones_are_used() {
        let heat = Grid::ramp(64).nearest(64, 2);
        for colormap in Colormap::ALL {
            let buffer = drawn(Picture::Heat(&heat, colormap), ColorDepth::Indexed, 64, 1);
            let fixed = |color: &Color| matches!(color, Color::Indexed(16..));
            assert!(backgrounds(&buffer).iter().all(fixed), "{colormap}");
        }
    }

    #[test]
    fn sixteen_colours_have_a_scale_for_each_picture() {
        use Color::{Black, Blue, Cyan, DarkGray, Gray, Green, Red, White, Yellow};
        let at = |picture| backgrounds(&drawn(picture, ColorDepth::Ansi, 6, 1));
        let rising = bars(&[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(at(Picture::Digit(&rising)), [Black, Black, DarkGray, Gray, White, White]);
        for colormap in Colormap::ALL {
            let heat = at(Picture::Heat(&rising, colormap));
            assert_eq!(heat, [Black, Blue, Cyan, Green, Yellow, Red]);
        }
        let ink = bars(&[1.0; 6]);
        let colormap = Colormap::Jet;
        let overlay = Picture::Overlay { digit: &ink, heat: &rising, colormap, alpha: 0.5 };
        assert_eq!(at(overlay), [White, White, Cyan, Green, Yellow, Red]);
    }

    #[test]
    fn in_sixteen_colours_a_sign_has_two_steps_and_only_a_faint_one_is_nothing() {
        use Color::{Black, Blue, Red, White};
        let values = [-1.0, -0.5, -0.3, -0.06, -0.04, 0.04, 0.06, 0.3, 0.5, 1.0];
        let signed = bars(&values);
        let buffer = drawn(Picture::Signed(&signed), ColorDepth::Ansi, 10, 1);
        let seen = |buffer: &Buffer, x: u16| {
            let cell = &buffer[(x, 0)];
            let solid = matches!(cell.symbol(), " " | "▀");
            (cell.symbol() == "▒", if solid { cell.bg } else { cell.fg })
        };
        let all: Vec<_> = (0..10).map(|x| seen(&buffer, x)).collect();
        let expected = [Blue, Blue, Blue, Blue, Black, Black, Red, Red, Red, Red];
        assert_eq!(all.iter().map(|(_, color)| *color).collect::<Vec<_>>(), expected);
        let dim = [false, false, true, true, false, false, true, true, false, false];
        assert_eq!(all.iter().map(|(dim, _)| *dim).collect::<Vec<_>>(), dim);
        // Over ink the dots lie on it.
        let ink = bars(&[1.0; 10]);
        let over = Picture::SignedOver { digit: &ink, signed: &signed, alpha: 0.6 };
        let buffer = drawn(over, ColorDepth::Ansi, 10, 1);
        assert_eq!((buffer[(2, 0)].symbol(), buffer[(2, 0)].bg), ("▒", White));
        assert_eq!((seen(&buffer, 0), seen(&buffer, 5)), ((false, Blue), (false, White)));
        // What speaks for and against in one cell is two halves.
        let both = Grid::new(1, 2, vec![-0.3, 0.3]);
        let buffer = drawn(Picture::Signed(&both), ColorDepth::Ansi, 1, 1);
        let cell = &buffer[(0, 0)];
        assert_eq!((cell.symbol(), cell.fg, cell.bg), ("▀", Blue, Red));
        let widget =
            Picture::Signed(&signed).widget(Style { depth: ColorDepth::Ansi, ascii: true });
        assert_eq!(text(&painted(widget, 10, 1)), "  ::  ::  ");
    }

    #[test]
    fn the_legend_of_signs_has_the_colours_of_the_map() {
        use std::collections::BTreeSet;
        let values: Vec<f32> = (0..=400).map(|i| i as f32 / 200.0 - 1.0).collect();
        for depth in [ColorDepth::TrueColor, ColorDepth::Indexed, ColorDepth::Ansi] {
            let map = style(depth).signed(&bars(&values));
            let map = drawn(Picture::Signed(&map), depth, 401, 1);
            let looks = |buffer: &Buffer| {
                let look = |cell: &Cell| format!("{:?} {:?}", cell.symbol().trim(), cell.bg);
                buffer.content.iter().map(look).collect::<BTreeSet<_>>()
            };
            let bar = painted(ColorBar::signed(style(depth)), 16, 1);
            let bar = looks(&bar);
            let map: BTreeSet<_> = looks(&map);
            let strange: Vec<_> =
                bar.iter().filter(|look| !map.contains(*look) && !look.contains('▀')).collect();
            assert!(strange.is_empty(), "{depth:?}: {strange:?} is not among {map:?}");
        }
    }

    #[test]
    fn without_colours_characters_grow_fuller_with_the_value() {
        let rising = Grid::ramp(10);
        let picture = Picture::Digit(&rising).widget(style(ColorDepth::Mono));
        let buffer = painted(picture, 10, 1);
        assert_eq!(text(&buffer), " .:-=+*#%@");
        assert!(buffer.content.iter().all(|c| (c.fg, c.bg) == (Color::Reset, Color::Reset)));
        let signed = Grid::new(5, 1, vec![-1.0, -0.3, 0.0, 0.3, 1.0]);
        assert_eq!(text(&drawn(Picture::Signed(&signed), ColorDepth::Mono, 5, 1)), "=- +#");
    }

    #[test]
    fn in_ascii_a_cell_has_the_colour_of_its_fuller_pixel() {
        let grid = Grid::new(2, 2, vec![0.0, 1.0, 1.0, 0.0]);
        for depth in [ColorDepth::TrueColor, ColorDepth::Indexed, ColorDepth::Ansi] {
            let widget = Picture::Digit(&grid).widget(Style { depth, ascii: true });
            let buffer = painted(widget, 2, 1);
            assert_eq!(text(&buffer), "  ");
            let full = match depth {
                ColorDepth::Ansi => Color::White,
                _ => depth.color([255; 3]),
            };
            assert_eq!(backgrounds(&buffer), [full, full]);
        }
    }

    #[test]
    fn a_character_stands_for_the_mean_of_its_pixels() {
        let (ink, none) = (Grid::new(1, 2, vec![1.0, 0.0]), Grid::new(1, 2, vec![0.0, 0.0]));
        assert_eq!(text(&drawn(Picture::Digit(&ink), ColorDepth::Mono, 1, 1)), "+");
        let colormap = Colormap::Jet;
        let cold = Picture::Overlay { digit: &ink, heat: &none, colormap, alpha: 0.4 };
        assert_eq!(text(&drawn(cold, ColorDepth::Mono, 1, 1)), "-", "0.6 * 0.5");
    }

    #[test]
    fn the_peak_is_marked_without_colours_and_elsewhere_on_demand() {
        let grid = Grid::new(2, 4, vec![0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9, 0.6]);
        let heat = Picture::Heat(&grid, Colormap::Inferno);
        let mono = heat.widget(style(ColorDepth::Mono));
        assert_eq!(painted(mono, 2, 2)[(0, 1)].symbol(), "X");
        assert!(!text(&painted(mono.mark_peak(false), 2, 2)).contains('X'));
        let colour = heat.widget(style(ColorDepth::TrueColor));
        assert!(!text(&painted(colour, 2, 2)).contains('X'));
        let marked = painted(colour.mark_peak(true), 2, 2);
        let cell = &marked[(0, 1)];
        assert_eq!((cell.symbol(), cell.fg, cell.bg), ("X", BLACK, WHITE));
        assert_eq!(text(&marked).matches('X').count(), 1);
    }

    #[test]
    fn heat_without_evidence_has_no_peak_to_mark() {
        let nothing = Grid::new(2, 2, vec![0.0; 4]);
        assert_eq!(
            text(&drawn(Picture::Heat(&nothing, Colormap::Jet), ColorDepth::Mono, 2, 1)),
            "  "
        );
    }

    #[test]
    fn a_bar_goes_from_the_lowest_colour_to_the_highest_at_every_depth() {
        let bar = |depth| ColorBar::new(Colormap::Viridis, style(depth));
        for depth in [ColorDepth::TrueColor, ColorDepth::Indexed] {
            let found = backgrounds(&painted(bar(depth), 20, 1));
            let ends = [0.0, 1.0].map(|v| depth.color(Colormap::Viridis.rgb(v)));
            assert_eq!([found[0], found[19]], ends);
        }
        let found = backgrounds(&painted(bar(ColorDepth::Ansi), 20, 1));
        assert_eq!((found[0], found[19]), (Color::Black, Color::Red));
        assert_eq!(text(&painted(bar(ColorDepth::Mono), 10, 1)), " .:-=+*#%@");
        assert_eq!(text(&painted(bar(ColorDepth::Mono), 0, 1)), "");
        let signed = |depth| painted(ColorBar::signed(style(depth)), 9, 1);
        assert_eq!(text(&signed(ColorDepth::Mono)), "==~~ **##");
    }

    #[test]
    fn a_picture_larger_than_its_area_is_cut_and_not_written_beyond() {
        let grid = Grid::new(28, 28, vec![1.0; 784]);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 5));
        let picture = Picture::Digit(&grid).widget(style(ColorDepth::TrueColor));
        picture.render(Rect::new(8, 3, 28, 14), &mut buffer);
        assert_eq!(buffer[(9, 4)].bg, WHITE);
        assert_eq!(buffer[(7, 4)].bg, Color::Reset);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 5));
        picture.render(Rect::new(1, 1, 2, 1), &mut buffer);
        assert_eq!(buffer.content.iter().filter(|cell| cell.bg == WHITE).count(), 2);
    }

    #[test]
    fn what_the_cells_showed_before_does_not_shine_through() {
        let grid = Grid::new(2, 2, vec![1.0, 1.0, 0.0, 1.0]);
        for depth in [ColorDepth::TrueColor, ColorDepth::Mono] {
            let area = Rect::new(0, 0, 2, 1);
            let mut buffer = Buffer::empty(area);
            buffer.set_style(area, ratatui::style::Style::new().red().on_blue().reversed());
            Picture::Digit(&grid).widget(style(depth)).render(area, &mut buffer);
            assert_eq!(buffer, drawn(Picture::Digit(&grid), depth, 2, 1));
            assert!(buffer.content.iter().all(|cell| cell.modifier == Modifier::empty()));
        }
    }
}
