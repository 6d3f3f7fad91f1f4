//! The pictures of the app: a digit, a heatmap, or both, coloured for any terminal or for a file.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::widgets::Widget;

use super::{ColorDepth, Colormap, Grid, Raster, Rgb};

/// What is shown, before it is coloured. The grids of one picture have one size.
#[derive(Debug, Clone, Copy)]
pub enum Picture<'a> {
    /// Ink on black.
    Digit(&'a Grid),
    /// Numbers in the colours of a map.
    Heat(&'a Grid, Colormap),
    /// A heatmap laid over a digit, `alpha` of it.
    Overlay {
        /// Ink.
        digit: &'a Grid,
        /// Numbers.
        heat: &'a Grid,
        /// Their colours.
        colormap: Colormap,
        /// The heatmap's share of the colour, 0..=1.
        alpha: f32,
    },
}

/// How pictures are drawn on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Colours there are.
    pub depth: ColorDepth,
}

/// Heat is drawn in this many steps: the eye sees none of them, and a line to a far machine
/// carries fewer colour changes.
const HEAT_STEPS: f32 = 32.0;

/// Densities for terminals without colours, from empty to full.
const RAMP: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];
/// Marks the hottest place where there are no colours.
const PEAK: char = 'X';

impl<'a> Picture<'a> {
    fn size(&self) -> (usize, usize) {
        let grid = match self {
            Self::Digit(grid) | Self::Heat(grid, _) => grid,
            Self::Overlay { digit, .. } => digit,
        };
        (grid.width(), grid.height())
    }

    /// The colour of one pixel.
    pub fn rgb(&self, x: usize, y: usize) -> Rgb {
        let ink = |grid: &Grid| [(grid.at(x, y) * 255.0 + 0.5) as u8; 3];
        match *self {
            Self::Digit(grid) => ink(grid),
            Self::Heat(grid, colormap) => colormap.rgb(grid.at(x, y)),
            Self::Overlay { digit, heat, colormap, alpha } => {
                let (under, over) = (ink(digit), colormap.rgb(heat.at(x, y)));
                std::array::from_fn(|i| {
                    let (under, over) = (f32::from(under[i]), f32::from(over[i]));
                    (under * (1.0 - alpha) + over * alpha + 0.5) as u8
                })
            }
        }
    }

    /// In RGB, pixel for pixel.
    pub fn raster(&self) -> Raster {
        let (width, height) = self.size();
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| self.rgb(x, y)));
        Raster { width, height, pixels: pixels.collect() }
    }

    /// Drawn in half blocks: each cell of the area shows two of the picture's pixels.
    pub fn widget(self, style: Style) -> HalfBlocks<'a> {
        HalfBlocks { picture: self, style }
    }

    /// The colour of one pixel on a terminal of this depth.
    fn color(&self, x: usize, y: usize, depth: ColorDepth) -> Color {
        if depth != ColorDepth::Ansi {
            return depth.color(self.rgb(x, y));
        }
        const GREYS: [Color; 4] = [Color::Black, Color::DarkGray, Color::Gray, Color::White];
        let grey = |value: f32| GREYS[((value * 4.0) as usize).min(3)];
        match *self {
            Self::Digit(grid) => grey(grid.at(x, y)),
            Self::Heat(grid, _) => Colormap::ansi(grid.at(x, y)),
            // Too few colours to blend: ink where it is cold, heat where it is hot.
            Self::Overlay { digit, heat, .. } => match heat.at(x, y) {
                value if value < 0.3 => grey(digit.at(x, y)),
                value => Colormap::ansi(value),
            },
        }
    }

    /// How full one pixel is, where there are no colours.
    fn density(&self, x: usize, y: usize) -> f32 {
        match *self {
            Self::Digit(grid) | Self::Heat(grid, _) => grid.at(x, y),
            Self::Overlay { digit, heat, .. } => digit.at(x, y) * (0.3 + 0.7 * heat.at(x, y)),
        }
    }

    fn peak(&self) -> Option<(usize, usize)> {
        match self {
            Self::Digit(_) => None,
            Self::Heat(heat, _) | Self::Overlay { heat, .. } => heat.peak(),
        }
    }
}

/// A picture as a widget.
#[derive(Debug, Clone, Copy)]
pub struct HalfBlocks<'a> {
    picture: Picture<'a>,
    style: Style,
}

impl Widget for HalfBlocks<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        let (width, height) = self.picture.size();
        let columns = usize::from(area.width).min(width);
        let rows = usize::from(area.height).min(height.div_ceil(2));
        for row in 0..rows {
            // A cell whose pixels are equal needs no foreground: it keeps its neighbour's, which
            // costs nothing to write.
            let mut foreground = Color::Reset;
            for x in 0..columns {
                let (upper, lower) = (2 * row, (2 * row + 1).min(height - 1));
                let cell = &mut buffer[(area.x + x as u16, area.y + row as u16)];
                if self.style.depth == ColorDepth::Mono {
                    let peak = self.picture.peak().is_some_and(|(px, py)| (px, py / 2) == (x, row));
                    let mean =
                        (self.picture.density(x, upper) + self.picture.density(x, lower)) / 2.0;
                    let step = (mean * RAMP.len() as f32) as usize;
                    cell.set_char(if peak { PEAK } else { RAMP[step.min(RAMP.len() - 1)] });
                    continue;
                }
                let top = self.picture.color(x, upper, self.style.depth);
                let bottom = self.picture.color(x, lower, self.style.depth);
                if top == bottom {
                    cell.set_char(' ').set_fg(foreground).set_bg(bottom);
                } else {
                    foreground = top;
                    cell.set_char('▀').set_fg(top).set_bg(bottom);
                }
            }
        }
    }
}

/// A row that shows a colormap from low to high.
#[derive(Debug, Clone, Copy)]
pub struct ColorBar {
    /// The colours.
    pub colormap: Colormap,
    /// How to draw them.
    pub style: Style,
}

impl Widget for ColorBar {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let width = usize::from(area.width);
        let values = (0..width).map(|x| (x as f32 + 0.5) / width as f32);
        let grid = Grid::new(width, 1, values.collect());
        Picture::Heat(&grid, self.colormap).widget(self.style).render(area, buffer);
    }
}

/// Heat in the steps in which it is drawn on screen.
pub fn quantised(grid: Grid) -> Grid {
    let (width, height) = (grid.width(), grid.height());
    let steps = grid.values().iter().map(|v| (v * HEAT_STEPS).round() / HEAT_STEPS).collect();
    Grid::new(width, height, steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(picture: Picture, depth: ColorDepth, width: u16, height: u16) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        picture.widget(Style { depth }).render(area, &mut buffer);
        buffer
    }

    #[test]
    fn a_cell_shows_the_upper_pixel_in_front_and_the_lower_behind() {
        let grid = Grid::new(2, 2, vec![1.0, 0.0, 0.0, 0.0]);
        let buffer = drawn(Picture::Digit(&grid), ColorDepth::TrueColor, 2, 1);
        let cell = &buffer[(0, 0)];
        assert_eq!(cell.symbol(), "▀");
        assert_eq!((cell.fg, cell.bg), (Color::Rgb(255, 255, 255), Color::Rgb(0, 0, 0)));
        assert_eq!(buffer[(1, 0)].symbol(), " ");
        assert_eq!(buffer[(1, 0)].bg, Color::Rgb(0, 0, 0));
    }

    #[test]
    fn an_overlay_mixes_ink_and_heat_by_alpha() {
        let digit = Grid::new(1, 1, vec![1.0]);
        let heat = Grid::new(1, 1, vec![0.0]);
        let mix = |alpha| {
            let picture =
                Picture::Overlay { digit: &digit, heat: &heat, colormap: Colormap::Jet, alpha };
            picture.rgb(0, 0)
        };
        assert_eq!(mix(0.0), [255, 255, 255]);
        assert_eq!(mix(1.0), Colormap::Jet.rgb(0.0));
        let [r, g, b] = mix(0.4);
        assert_eq!([r, g], [153, 153]);
        assert!(b.abs_diff(204) <= 1, "{b}");
    }

    #[test]
    fn few_colours_are_the_safe_ones() {
        let grid = Grid::new(4, 2, vec![0.0, 0.3, 0.6, 1.0, 0.0, 0.3, 0.6, 1.0]);
        let buffer = drawn(Picture::Heat(&grid, Colormap::Inferno), ColorDepth::Indexed, 4, 1);
        for x in 0..4 {
            assert!(matches!(buffer[(x, 0)].bg, Color::Indexed(16..)), "{:?}", buffer[(x, 0)].bg);
        }
        let buffer = drawn(Picture::Digit(&grid), ColorDepth::Ansi, 4, 1);
        let colours: Vec<Color> = (0..4).map(|x| buffer[(x, 0)].bg).collect();
        assert_eq!(colours, [Color::Black, Color::DarkGray, Color::Gray, Color::White]);
    }

    #[test]
    fn without_colours_density_stands_for_value_and_the_peak_is_marked() {
        let values: Vec<f32> = (0..10).map(|i| i as f32 / 9.0).collect();
        let grid = Grid::new(10, 1, values);
        let buffer = drawn(Picture::Digit(&grid), ColorDepth::Mono, 10, 1);
        let text: String = (0..10).map(|x| buffer[(x, 0)].symbol()).collect();
        assert_eq!(text, " .:-=+*#%@");
        let buffer = drawn(Picture::Heat(&grid, Colormap::Jet), ColorDepth::Mono, 10, 1);
        assert_eq!(buffer[(9, 0)].symbol(), "X");
        assert!((0..10).all(|x| buffer[(x, 0)].fg == Color::Reset));
    }

    #[test]
    fn a_picture_larger_than_its_area_is_cut_and_not_written_beyond() {
        let grid = Grid::new(28, 28, vec![1.0; 784]);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 5));
        let area = Rect::new(8, 3, 28, 14);
        Picture::Digit(&grid)
            .widget(Style { depth: ColorDepth::TrueColor })
            .render(area, &mut buffer);
        assert_eq!(buffer[(9, 4)].bg, Color::Rgb(255, 255, 255));
        assert_eq!(buffer[(7, 4)].bg, Color::Reset);
    }
}
