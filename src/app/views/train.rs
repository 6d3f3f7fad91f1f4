//! The Train screen: how it goes, and how the network learns to look.
//!
//! ```text
//!  loss  ─ train 0.12 • test 0.05        accuracy  ─ train 96 % • test 98 %
//!  ⡇                                     ⡠⠤⠒⠒⠒⠒⠒⠒⠒⠒
//!  ⠈⠢⢄⣀⣀⣀⣀⣀⣀⣀                            ⡎
//!  epoch 1/3 ███████▌             41 %   17,000 images/s   0:12 min left
//!  ten pinned digits with their heatmaps, two rows of five
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Position, Rect};
use ratatui::text::{Line, Span};

use super::{Hit, bars, charts, duration, fitting, thousands, waiting};
use crate::app::state::{App, Phase};
use crate::app::update::{OVERLAY_ALPHA, digit};
use crate::model::evaluate::softmax;
use crate::paint::{Grid, Picture};

/// Rows that the curves need at least; a terminal with fewer rows in all goes without.
const CHART_ROWS: u16 = 6;
const ROWS_FOR_CHARTS: u16 = 16;

/// Draws the screen.
pub fn draw(app: &App, frame: &mut Frame, area: Rect) {
    if app.dataset().is_none() {
        waiting(app, frame, area);
        return;
    }
    let ([top, curves, gauge, pinned], tiles) = regions(app, area);
    fallback_note(app, frame, top);
    if curves.height >= CHART_ROWS {
        let curves = curves.inner(Margin::new(1, 0));
        let halves = Layout::horizontal([Constraint::Fill(1); 2]).spacing(2);
        let [left, right] = halves.areas(curves);
        charts::loss(app, frame, left);
        charts::accuracy(app, frame, right);
    }
    gauges(app, frame, gauge);
    draw_pinned(app, frame, pinned, &tiles);
}

/// What lies at a place of the screen.
pub fn hit(app: &App, area: Rect, place: Position) -> Option<Hit> {
    let ([.., pinned], tiles) = regions(app, area);
    let here = |i: &usize| tiles.place(*i as u16, pinned).contains(place);
    let i = (0..app.training.pinned.len()).find(here)?;
    app.training.pinned.get(i).map(|&index| Hit::Digit(index))
}

/// The note, the curves, the gauges and the pinned digits.
fn regions(app: &App, area: Rect) -> ([Rect; 4], Tiles) {
    let note = u16::from(app.dataset().is_some_and(|d| d.source.fallback().is_some()));
    let charts = if area.height < ROWS_FOR_CHARTS { 0 } else { CHART_ROWS };
    let tiles = Tiles::fit(area.width, area.height.saturating_sub(charts + 1 + note));
    let rows = Layout::vertical([
        Constraint::Length(note),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(tiles.height()),
    ]);
    (rows.areas(area), tiles)
}

/// Which digits these are, where they are not the ones that were wanted.
fn fallback_note(app: &App, frame: &mut Frame, area: Rect) {
    if let Some(reason) = app.dataset().and_then(|d| d.source.fallback()) {
        let text = format!(" Not MNIST: digits drawn by gradcam itself. {reason}");
        frame.render_widget(Line::styled(text, app.theme.warning()), area);
    }
}

fn gauges(app: &App, frame: &mut Frame, area: Rect) {
    let (theme, training) = (&app.theme, &app.training);
    let Some(batch) = training.batch else {
        let text = match &training.phase {
            Phase::Idle => " not training: t trains a new network".to_owned(),
            Phase::Failed(reason) => format!(" training broke off: {reason}"),
            _ => " preparing the first step".to_owned(),
        };
        frame.render_widget(Line::styled(text, theme.muted()), area);
        return;
    };
    let share = batch.batch as f32 / batch.batches as f32;
    let total = training.epochs_done() as f32 / training.config.epochs as f32;
    let speed = format!("{} images/s", thousands(batch.images_per_second as u64));
    let state = match training.phase {
        Phase::Paused => "paused: Space goes on".to_owned(),
        Phase::Done => training.epoch.as_ref().map_or("done".to_owned(), |report| {
            format!("done: test accuracy {:.2} %", 100.0 * report.test.accuracy())
        }),
        _ => training.seconds_left().map(|s| format!("{} left", duration(s))).unwrap_or_default(),
    };
    let wide = area.width >= 100;
    let left = match wide {
        true => format!(
            " epoch {}/{}  batch {}/{} ",
            batch.epoch, training.config.epochs, batch.batch, batch.batches
        ),
        false => format!(" epoch {}/{} ", batch.epoch, training.config.epochs),
    };
    // Where two bars would be stubs there is one.
    let both = area.width >= 70;
    let room = area.width.saturating_sub(left.chars().count() as u16 + 4);
    let right = fitting(room, [format!(" {speed}  {state} "), format!(" {state} ")]);
    let [a, epoch_bar, b, total_bar, c] = Layout::horizontal([
        Constraint::Length(left.chars().count() as u16),
        Constraint::Fill(1),
        Constraint::Length(if both { 7 } else { 0 }),
        Constraint::Fill(if both { 1 } else { 0 }),
        Constraint::Length(right.chars().count() as u16),
    ])
    .areas(area);
    frame.render_widget(Line::styled(left, theme.text()), a);
    gauge(app, frame, epoch_bar, share);
    if both {
        frame.render_widget(Span::styled("  all ", theme.text()), b);
        gauge(app, frame, total_bar, total);
    }
    frame.render_widget(Line::styled(right, theme.text()), c);
}

fn gauge(app: &App, frame: &mut Frame, area: Rect, share: f32) {
    let buffer = frame.buffer_mut();
    let dots = "·".repeat(usize::from(area.width));
    buffer.set_string(area.x, area.y, dots, app.theme.muted());
    bars::horizontal(area, share, app.theme.train(), buffer);
}

/// How ten square pictures with a line of text each are laid out.
struct Tiles {
    columns: u16,
    rows: u16,
    /// Side of a picture in pixels, which is its width in cells.
    side: u16,
    /// Cells from one picture to the next.
    pitch: u16,
}

impl Tiles {
    /// The largest pictures that fit.
    fn fit(width: u16, height: u16) -> Self {
        let arrange = |columns: u16| {
            let rows = 10 / columns;
            let pitch = width / columns;
            let tall = (height / rows).saturating_sub(1) * 2;
            let side = (pitch.saturating_sub(2)).min(tall) & !1;
            Self { columns, rows, side, pitch }
        };
        let (two, one) = (arrange(5), arrange(10));
        if one.side >= two.side { one } else { two }
    }

    fn height(&self) -> u16 {
        self.rows * (self.side / 2 + 1)
    }

    fn place(&self, i: u16, area: Rect) -> Rect {
        Rect {
            x: area.x + i % self.columns * self.pitch + (self.pitch - self.side) / 2,
            y: area.y + i / self.columns * (self.side / 2 + 1),
            width: self.side,
            height: self.side / 2 + 1,
        }
    }
}

fn draw_pinned(app: &App, frame: &mut Frame, area: Rect, tiles: &Tiles) {
    let Some(dataset) = app.dataset() else { return };
    let (theme, side) = (&app.theme, usize::from(tiles.side));
    for (i, &index) in app.training.pinned.iter().enumerate() {
        let place = tiles.place(i as u16, area).intersection(area);
        let ink = theme.picture().thumbnail(&digit(dataset, index).fitted(side, side));
        let label = usize::from(dataset.test.label(index));
        let Some(answer) = app.training.maps.get(i) else {
            frame.render_widget(Picture::Digit(&ink).widget(theme.picture()), place);
            continue;
        };
        let map = &answer.heatmap;
        let heat = Grid::new(map.width, map.height, map.values.clone());
        let heat = theme.picture().thumbnail(&heat.bilinear(side, side));
        let (colormap, alpha) = (app.colormap, OVERLAY_ALPHA);
        let picture = Picture::Overlay { digit: &ink, heat: &heat, colormap, alpha };
        frame.render_widget(picture.widget(theme.picture()), place);
        let right = answer.predicted == label;
        let style = if right { theme.good() } else { theme.bad() };
        let p = answer.logits.as_array().map_or(0.0, |l| softmax(l)[answer.predicted]);
        let sign = if right { '=' } else { '≠' };
        let short = format!("{label} {sign} {}", answer.predicted);
        let long = format!("{short} {:.0} %", 100.0 * p);
        // A caption may run on beside its picture, up to the next one.
        let width = tiles.pitch.saturating_sub(1).min(area.right().saturating_sub(place.x));
        let text = if long.chars().count() <= usize::from(width) { long } else { short };
        let line = Rect { y: place.bottom().saturating_sub(1), height: 1, width, ..place };
        frame.render_widget(Line::styled(text, style), line);
    }
}
