//! Square pictures with a line of text each, in rows.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::OVERLAY_ALPHA;
use crate::app::state::App;
use crate::paint::{Grid, Image, Picture};

/// What a picture shows, before it has a size.
pub enum Shows {
    /// A digit's ink.
    Ink(Image),
    /// Heat, 0 to 1.
    Heat(Grid),
    /// Evidence for and against, -1 to 1.
    Signed(Grid),
    /// Heat over ink.
    Over(Image, Grid),
    /// Evidence for and against, over ink.
    SignedOver(Image, Grid),
}

/// A picture and its caption.
pub struct Tile {
    /// What it shows.
    pub shows: Shows,
    /// Captions from the longest to the shortest: the first that fits is taken.
    pub captions: Vec<String>,
    /// The caption's style.
    pub style: Style,
}

/// How pictures are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gallery {
    /// Pictures in a row.
    pub columns: u16,
    /// Rows of pictures.
    pub rows: u16,
    /// Side of a picture in pixels, which is its width in cells.
    pub side: u16,
    /// Cells from one picture to the next.
    pitch: u16,
}

impl Gallery {
    /// The largest pictures of which `count` fit.
    pub fn fit(count: u16, width: u16, height: u16) -> Self {
        let arrange = |columns: u16| Self::arrange(columns, count.div_ceil(columns), width, height);
        let all = (1..=count.max(1)).map(arrange);
        // Of equally large ones the fullest rows.
        let spare = |gallery: &Self| gallery.columns * gallery.rows - count;
        let best = all.max_by_key(|g| (g.side, std::cmp::Reverse(spare(g)), g.columns));
        best.unwrap_or(arrange(1))
    }

    /// So many columns and rows.
    pub fn arrange(columns: u16, rows: u16, width: u16, height: u16) -> Self {
        let pitch = width / columns.max(1);
        let tall = (height / rows.max(1)).saturating_sub(1) * 2;
        let side = pitch.saturating_sub(2).min(tall) & !1;
        Self { columns, rows, side, pitch }
    }

    /// Rows of cells it takes.
    pub fn height(&self) -> u16 {
        self.rows * (self.side / 2 + 1)
    }

    /// Where a picture goes, with the caption below it.
    pub fn place(&self, i: u16, area: Rect) -> Rect {
        Rect {
            x: area.x + i % self.columns * self.pitch + (self.pitch - self.side) / 2,
            y: area.y + i / self.columns * (self.side / 2 + 1),
            width: self.side,
            height: self.side / 2 + 1,
        }
    }

    /// Draws pictures in their places.
    pub fn draw(&self, app: &App, frame: &mut Frame, area: Rect, tiles: &[Tile]) {
        for (i, tile) in tiles.iter().enumerate() {
            let place = self.place(i as u16, area).intersection(area);
            let above = Rect { height: place.height.saturating_sub(1), ..place };
            tile.shows.draw(app, frame, above, usize::from(self.side));
            // A caption may run on beside its picture, up to the next one.
            let width = self.pitch.saturating_sub(1).min(area.right().saturating_sub(place.x));
            let fits = |text: &&String| text.chars().count() <= usize::from(width);
            let Some(text) = tile.captions.iter().find(fits).or(tile.captions.last()) else {
                continue;
            };
            let line = Rect { y: place.bottom().saturating_sub(1), height: 1, width, ..place };
            frame.render_widget(Line::styled(text.clone(), tile.style), line.intersection(area));
        }
    }
}

impl Shows {
    /// Draws it with this side in pixels from the area's upper left corner on.
    pub fn draw(&self, app: &App, frame: &mut Frame, area: Rect, side: usize) {
        let style = app.theme.picture();
        let colormap = app.colormap;
        match self {
            Self::Ink(ink) => {
                let ink = style.thumbnail_image(&ink.fitted(side, side));
                frame.render_widget(Picture::Image(&ink).widget(style), area);
            }
            Self::Heat(grid) => {
                let heat = style.thumbnail(&grid.bilinear(side, side));
                frame.render_widget(Picture::Heat(&heat, colormap).widget(style), area);
            }
            Self::Signed(grid) => {
                let signed = style.signed(&grid.bilinear(side, side));
                frame.render_widget(Picture::Signed(&signed).widget(style), area);
            }
            Self::Over(ink, heat) => {
                let image = &style.thumbnail_image(&ink.fitted(side, side));
                let heat = &style.thumbnail(&heat.bilinear(side, side));
                let picture = Picture::Overlay { image, heat, colormap, alpha: OVERLAY_ALPHA };
                frame.render_widget(picture.widget(style), area);
            }
            Self::SignedOver(ink, signed) => {
                let image = &style.thumbnail_image(&ink.fitted(side, side));
                let signed = &style.signed(&signed.bilinear(side, side));
                let picture = Picture::SignedOver { image, signed, alpha: OVERLAY_ALPHA };
                frame.render_widget(picture.widget(style), area);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_as_large_as_they_can_be_and_stay_inside() {
        for (count, width, height) in
            [(10, 80, 14), (12, 80, 20), (3, 80, 20), (5, 40, 9), (1, 5, 3)]
        {
            let gallery = Gallery::fit(count, width, height);
            let area = Rect { x: 3, y: 2, width, height };
            assert!(gallery.columns * gallery.rows >= count && gallery.height() <= height);
            for i in 0..count {
                let place = gallery.place(i, area);
                assert_eq!(place.intersection(area), place, "{gallery:?} {i}");
            }
        }
        let wide = Gallery::fit(10, 80, 14);
        assert_eq!((wide.columns, wide.rows, wide.side), (5, 2, 12));
    }
}
