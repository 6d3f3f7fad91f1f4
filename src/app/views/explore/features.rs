//! What the channels of a layer see, and the answer without those that are switched off.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::title::title;
use crate::app::images::image;
use crate::app::layout::features::{ANSWER, place, plan};
use crate::app::layout::tiles::largest;
use crate::app::phrase::Phrase;
use crate::app::state::App;
use crate::app::views::bars::Bars;
use crate::app::views::gallery::{self, Shows, Tile, over};
use crate::app::views::waiting::waiting;
use crate::data::Dataset;
use crate::explain::Channel;
use crate::figures::signed;
use crate::live::Findings;
use crate::paint::Grid;

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
    gallery::draw(&gallery, app, frame, pictures, &tiles);

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
