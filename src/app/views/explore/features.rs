//! What the channels of a layer see, and the answer without those that are switched off.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::title;
use crate::app::state::App;
use crate::app::views::bars::Bars;
use crate::app::views::gallery::{Gallery, Shows, Tile};
use crate::app::views::{body, ink, over, waiting};
use crate::data::Dataset;
use crate::explain::Channel;
use crate::figures::signed;
use crate::live::Findings;
use crate::paint::Grid;

/// Rows of the answer below the channels.
const ANSWER: u16 = 5;
/// The smallest side of a picture in pixels.
const SIDE: u16 = 8;

/// Draws the panel.
pub fn draw(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some((focus, Findings::Channels(answer, channels))) = app.findings() else {
        return waiting(app, frame, area);
    };
    let what = format!("channels that matter for {} to Grad-CAM", answer.target);
    title(app, dataset, focus, &what, frame, area);
    let (pictures, below, gallery) = plan(area);
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

    let side = below.height.saturating_sub(1) * 2;
    let (pixels, label) = app.in_view(dataset);
    let picture = Rect { x: below.x + 1, y: below.y + 1, width: side, height: side / 2 };
    let map = over(app, ink(pixels, dataset.shape()), &answer.heatmap);
    map.draw(app, frame, picture.intersection(below), usize::from(side));
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
    let probabilities = answer.probabilities();
    let bars = Bars {
        probabilities: &probabilities,
        predicted: answer.predicted,
        label,
        target: answer.target,
        theme: &app.theme,
    };
    let x = picture.right() + 2;
    let place = Rect { x, y: below.y + 1, width: below.right().saturating_sub(x), height: ANSWER };
    frame.render_widget(bars, place.intersection(below));
}

/// The place of the chosen channel.
pub fn place(chosen: Option<usize>, channels: &[Channel]) -> usize {
    let at = |index| channels.iter().position(|channel| channel.index == index);
    chosen.and_then(at).unwrap_or(0)
}

/// Where the pictures and the answer go.
fn plan(area: Rect) -> (Rect, Rect, Gallery) {
    let [_, pictures, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(ANSWER + 1),
    ])
    .areas(area);
    // Larger pictures where there is more room, but always several rows of them.
    let side = (pictures.height / 3).saturating_sub(1).clamp(SIDE / 2, 14) * 2;
    let side = side.min((pictures.height.saturating_sub(1)) * 2).max(2);
    let columns = (pictures.width / (side + 2)).max(1);
    let rows = (pictures.height / (side / 2 + 1)).max(1);
    (pictures, below, Gallery::arrange(columns, rows, pictures.width, rows * (side / 2 + 1)))
}

/// Pictures in a row, in a terminal of the app's size.
pub fn columns(app: &App) -> usize {
    usize::from(plan(body(app)).2.columns)
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
        captions: vec![long, index.to_string()],
        style: match (chosen, off, adds > 0.0) {
            (true, ..) => app.theme.selected(),
            (false, true, _) => app.theme.muted(),
            (false, false, true) => app.theme.good(),
            (false, false, false) => app.theme.bad(),
        },
    }
}
