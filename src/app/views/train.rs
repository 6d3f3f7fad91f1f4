//! The Train screen: how it goes, and how the network learns to look.
//!
//! ```text
//!  loss  ─ train 0.124  ∘ test 0.052     accuracy  ─ train 96.1 %  ∘ test 98.0 %
//!  ⡇                                     ⡠⠤⠒⠒⠒⠒⠒⠒⠒⠒
//!  ⠈⠢⢄⣀⣀⣀⣀⣀⣀⣀                            ⡎
//!  epoch 1/3 ███████▌             41 %   17,000 images/s   0:12 min left
//!  ten pinned pictures with their heatmaps, two rows of five
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::text::{Line, Span};

use super::gallery::{self, Shows, Tile};
use super::waiting::waiting;
use super::words::{duration, fitting};
use super::{bars, charts};
use crate::app::images::{heat, test_image};
use crate::app::keymap::Action;
use crate::app::layout::tiles::Gallery;
use crate::app::layout::train::{CHART_ROWS, regions};
use crate::app::phrase::Phrase;
use crate::app::state::{App, Phase};
use crate::figures::{percent, thousands};

/// Draws the screen.
pub fn draw(app: &App, frame: &mut Frame, area: Rect) {
    if app.dataset().is_none() {
        waiting(app, frame, area);
        return;
    }
    let ([top, curves, gauge, pinned], tiles) = regions(app, area);
    fallback_note(app, frame, top);
    let curves = curves.inner(Margin::new(1, 0));
    let halves = Layout::horizontal([Constraint::Fill(1); 2]).spacing(2);
    let [left, right] = halves.areas(curves);
    if curves.height >= CHART_ROWS {
        // A row to say what the curves are, where they can spare it.
        let spare = u16::from(curves.height > CHART_ROWS);
        let [left, right] = [left, right].map(|half| Rect { height: half.height - spare, ..half });
        charts::loss(app, frame, left);
        charts::accuracy(app, frame, right);
        let note = Rect { y: curves.bottom() - spare, height: spare, ..curves };
        frame.render_widget(charts::note(app, note.width), note);
    } else if curves.height > 0 {
        let [loss, accuracy] = charts::newest(app);
        frame.render_widget(loss, Rect { height: 1, ..left });
        frame.render_widget(accuracy, Rect { height: 1, ..right });
    }
    gauges(app, frame, gauge);
    draw_pinned(app, frame, pinned, &tiles);
}

/// Which digits these are, where they stand in for those that were wanted.
fn fallback_note(app: &App, frame: &mut Frame, area: Rect) {
    if let Some(reason) = app.dataset().and_then(|d| d.origin.stand_in.as_deref()) {
        let text = format!(" not MNIST, digits drawn by gradcam itself: {reason}");
        frame.render_widget(Line::styled(text, app.theme.warning()), area);
    }
}

fn gauges(app: &App, frame: &mut Frame, area: Rect) {
    let (theme, training) = (&app.theme, &app.training);
    if let Phase::Diverged(divergence) = &training.phase {
        let key = app.key(Action::TrainMore);
        let short = format!(" {}", divergence.short());
        let texts =
            [format!(" {divergence}; {key} trains anew"), format!("{short}; {key} anew"), short];
        frame.render_widget(Line::styled(fitting(area.width, texts), theme.bad()), area);
        return;
    }
    let Some(batch) = training.batch else {
        let text = match &training.phase {
            Phase::Idle => {
                format!(" not training: {} trains a new network", app.key(Action::TrainMore))
            }
            Phase::Failed(reason) => format!(" training broke off: {reason}"),
            _ => " preparing the first step".to_owned(),
        };
        frame.render_widget(Line::styled(text, theme.muted()), area);
        return;
    };
    let share = batch.batch as f32 / batch.batches as f32;
    let total = training.epochs_done() as f32 / training.recipe.epochs as f32;
    let speed = format!("{} images/s", thousands(batch.images_per_second as u64));
    let state = match training.phase {
        Phase::Paused => format!("paused: {} goes on", app.key(Action::Pause)),
        Phase::Done => training.epoch.as_ref().map_or("done".to_owned(), |report| {
            format!("done: test accuracy {}", percent(report.test.accuracy(), 2))
        }),
        _ => training.seconds_left().map(|s| format!("{} left", duration(s))).unwrap_or_default(),
    };
    let wide = area.width >= 100;
    let left = match wide {
        true => format!(
            " epoch {}/{}  batch {}/{} ",
            batch.epoch, training.recipe.epochs, batch.batch, batch.batches
        ),
        false => format!(" epoch {}/{} ", batch.epoch, training.recipe.epochs),
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
    bars::gauge(app, frame, epoch_bar, share);
    if both {
        frame.render_widget(Span::styled("  all ", theme.text()), b);
        bars::gauge(app, frame, total_bar, total);
    }
    frame.render_widget(Line::styled(right, theme.text()), c);
}

fn draw_pinned(app: &App, frame: &mut Frame, area: Rect, gallery: &Gallery) {
    let Some(dataset) = app.dataset() else { return };
    let theme = &app.theme;
    let tile = |(i, &index): (usize, &usize)| {
        let ink = test_image(dataset, index);
        let Some(answer) = app.training.maps.get(i) else {
            return Tile { shows: Shows::Ink(ink), captions: Vec::new(), style: theme.text() };
        };
        let label = dataset.test.label(index);
        let right = answer.predicted == label;
        let p = answer.probabilities()[answer.predicted];
        let name = |class| dataset.classes.name(class);
        let sign = if right { " = " } else { " ≠ " };
        let short = Phrase::of(name(label)).words(sign).name(name(answer.predicted));
        Tile {
            shows: Shows::Over(ink, heat(&answer.heatmap)),
            captions: vec![short.clone().words(format!(" {}", percent(p, 0))), short],
            style: if right { theme.good() } else { theme.bad() },
        }
    };
    let tiles: Vec<Tile> = app.training.pinned.iter().enumerate().map(tile).collect();
    gallery::draw(gallery, app, frame, area, &tiles);
}
