//! Pictures of one shape with a line of text each, in rows.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::app::images::{OVERLAY_ALPHA, heat, signed};
use crate::app::layout::tiles::Gallery;
use crate::app::phrase::{self, Phrase};
use crate::app::state::App;
use crate::explain::Heatmap;
use crate::paint::{Grid, Image, Picture};

/// What a picture shows, before it has a size.
pub enum Shows {
    /// A picture of the data.
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
    pub captions: Vec<Phrase>,
    /// The caption's style.
    pub style: Style,
}

/// Draws pictures in the places of a gallery.
pub fn draw(gallery: &Gallery, app: &App, frame: &mut Frame, area: Rect, tiles: &[Tile]) {
    for (i, tile) in tiles.iter().enumerate() {
        let place = gallery.place(i as u16, area).intersection(area);
        let above = Rect { height: place.height.saturating_sub(1), ..place };
        tile.shows.draw(app, frame, above, gallery.picture);
        // A caption may run on beside its picture, up to the next one.
        let width = gallery.pitch.saturating_sub(1).min(area.right().saturating_sub(place.x));
        let text = phrase::fitting(width, &tile.captions);
        let line = Rect { y: place.bottom().saturating_sub(1), height: 1, width, ..place };
        frame.render_widget(Line::styled(text, tile.style), line.intersection(area));
    }
}

impl Shows {
    /// Draws it with this height and width in pixels from the area's upper left corner on.
    pub fn draw(&self, app: &App, frame: &mut Frame, area: Rect, size: [u16; 2]) {
        let [height, width] = size.map(usize::from);
        let style = app.theme.picture();
        let colormap = app.colormap;
        match self {
            Self::Ink(ink) => {
                let ink = style.thumbnail_image(&ink.fitted(width, height));
                frame.render_widget(Picture::Image(&ink).widget(style), area);
            }
            Self::Heat(grid) => {
                let heat = style.thumbnail(&grid.bilinear(width, height));
                frame.render_widget(Picture::Heat(&heat, colormap).widget(style), area);
            }
            Self::Signed(grid) => {
                let signed = style.signed(&grid.bilinear(width, height));
                frame.render_widget(Picture::Signed(&signed).widget(style), area);
            }
            Self::Over(ink, heat) => {
                let image = &style.thumbnail_image(&ink.fitted(width, height));
                let heat = &style.thumbnail(&heat.bilinear(width, height));
                let picture = Picture::Overlay { image, heat, colormap, alpha: OVERLAY_ALPHA };
                frame.render_widget(picture.widget(style), area);
            }
            Self::SignedOver(ink, signed) => {
                let image = &style.thumbnail_image(&ink.fitted(width, height));
                let signed = &style.signed(&signed.bilinear(width, height));
                let picture = Picture::SignedOver { image, signed, alpha: OVERLAY_ALPHA };
                frame.render_widget(picture.widget(style), area);
            }
        }
    }
}

/// A map over an image: its evidence for the class or, where that is asked for, for and against it.
pub fn over(app: &App, image: Image, map: &Heatmap) -> Shows {
    match app.explore.signed {
        true => Shows::SignedOver(image, signed(map)),
        false => Shows::Over(image, heat(map)),
    }
}
