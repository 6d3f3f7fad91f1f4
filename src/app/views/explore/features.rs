//! What the channels of a layer see, and the answer without those that are switched off.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::title::title;
use crate::app::phrase::Phrase;
use crate::app::state::App;
use crate::app::views::bars::Bars;
use crate::app::views::frame::body;
use crate::app::views::gallery::{Gallery, Shows, Tile, largest};
use crate::app::views::images::{image, over};
use crate::app::views::waiting::waiting;
use crate::data::Dataset;
use crate::explain::Channel;
use crate::figures::signed;
use crate::live::Findings;
use crate::paint::Grid;

/// Rows of the answer below the channels.
const ANSWER: u16 = 5;
/// The smallest height of a picture in pixels, and the largest one of a small map.
const LOW: u16 = 8;
const HIGH: u16 = 28;
/// Cells that a picture takes at least: its number is below it.
const NUMBER: u16 = 4;

/// Draws the panel.
pub fn draw(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some((focus, Findings::Channels(answer, channels))) = app.findings() else {
        return waiting(app, frame, area);
    };
    let what = Phrase::from("channels that matter for ")
        .name(dataset.classes.name(answer.target))
        .words(" to Grad-CAM");
    title(app, dataset, focus, &what.within(usize::from(area.width / 2)), frame, area);
    let (pictures, below, gallery) = plan(app, area);
    let chosen = place(app.explore.channel, channels);
    let columns = usize::from(gallery.columns);
    let shown = columns * usize::from(gallery.rows);
    // The chosen one's row is on screen.
    let first = (chosen / columns).saturating_sub(usize::from(gallery.rows) - 1) * columns;
    let on_screen = channels.iter().enumerate().skip(first).take(shown);
    let size = [answer.heatmap.width, answer.heatmap.height];
    let tile = |(i, channel)| tile(app, channel, size, i == chosen);
    let tiles: Vec<Tile> = on_screen.map(tile).collect();
    gallery.draw(app, frame, pictures, &tiles);

    let shape = dataset.shape().size();
    let [tall, wide] = largest(shape, below.width / 3, below.height.saturating_sub(1));
    let (pixels, _) = app.in_view(dataset);
    let picture = Rect { x: below.x + 1, y: below.y + 1, width: wide, height: tall / 2 };
    let map = over(app, image(pixels, dataset.shape()), &answer.heatmap);
    map.draw(app, frame, picture.intersection(below), [tall, wide]);
    let off = app.explore.off.len();
    let text = match channels.get(chosen) {
        Some(channel) => format!(
            " channel {}: weight {}, adds {} to the map; {off} of {} are off",
            channel.index,
            signed(channel.weight, 3),
            signed(channel.contribution, 2),
            channels.len()
        ),
        None => String::new(),
    };
    let line = Rect { height: 1, ..below };
    frame.render_widget(Line::styled(text, app.theme.text()), line.intersection(below));
    let x = picture.right() + 2;
    let place = Rect { x, y: below.y + 1, width: below.right().saturating_sub(x), height: ANSWER };
    let place = place.intersection(below);
    frame.render_widget(Bars::of(app, dataset, answer, place), place);
}

/// The place of the chosen channel.
pub fn place(chosen: Option<usize>, channels: &[Channel]) -> usize {
    let at = |index| channels.iter().position(|channel| channel.index == index);
    chosen.and_then(at).unwrap_or(0)
}

/// Where the pictures and the answer go, for channels of the layer that is looked at.
fn plan(app: &App, area: Rect) -> (Rect, Rect, Gallery) {
    let [_, pictures, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(ANSWER + 1),
    ])
    .areas(area);
    // Larger pictures where there is more room, but always several rows of them.
    let [height, width, _] = app.layers.info(app.layer()).size;
    let high = (height.min(usize::from(u16::MAX)) as u16).max(HIGH);
    let rows = (pictures.height / 3).saturating_sub(1).clamp(LOW / 2, high / 2);
    let rows = rows.min(pictures.height.saturating_sub(1)).max(1);
    let [tall, wide] = largest([height, width], pictures.width.saturating_sub(2), rows);
    let tall = tall.max(2);
    let columns = (pictures.width / (wide.max(NUMBER) + 2)).max(1);
    let rows = (pictures.height / (tall / 2 + 1)).max(1);
    let height_of_all = rows * (tall / 2 + 1);
    let shape = [height, width];
    (pictures, below, Gallery::arrange(columns, rows, shape, pictures.width, height_of_all))
}

/// Pictures in a row, in a terminal of the app's size.
pub fn columns(app: &App) -> usize {
    usize::from(plan(app, body(app)).2.columns)
}

fn tile(app: &App, channel: &Channel, [width, height]: [usize; 2], chosen: bool) -> Tile {
    let off = app.explore.off.contains(&channel.index);
    let share = |&a: &f32| if channel.peak > 0.0 && !off { a / channel.peak } else { 0.0 };
    let grid = Grid::new(width, height, channel.activations.iter().map(share).collect());
    let (index, adds) = (channel.index, channel.contribution);
    let long = match off {
        true => format!("{index} off"),
        false => format!("{index} {}", signed(adds, 2)),
    };
    Tile {
        shows: Shows::Heat(grid),
        captions: vec![long.into(), index.to_string().into()],
        style: match (chosen, off, adds > 0.0) {
            (true, ..) => app.theme.selected(),
            (false, true, _) => app.theme.muted(),
            (false, false, true) => app.theme.good(),
            (false, false, false) => app.theme.bad(),
        },
    }
}
