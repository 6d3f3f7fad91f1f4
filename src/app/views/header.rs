//! The first row: the screens, the data, and how training goes.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::layout::tabs::{NAME, TABS};
use crate::app::state::{App, Data, Phase};

/// Draws it.
pub fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let theme = &app.theme;
    let mut left = Line::from(Span::styled(NAME, theme.accent()));
    for (screen, name) in TABS {
        let style = if app.screen == screen { theme.selected() } else { theme.muted() };
        left.push_span(Span::styled(name, style));
    }
    let room = usize::from(area.width).saturating_sub(left.width() + 1);
    frame.render_widget(left, area);
    let style = match app.training.phase {
        Phase::Diverged(_) | Phase::Failed(_) => theme.bad(),
        _ => theme.text(),
    };
    let mut texts = status(app).map(|text| Span::styled(format!("{text} "), style)).into_iter();
    if let Some(right) = texts.find(|right| right.width() <= room) {
        frame.render_widget(Line::from(right).right_aligned(), area);
    }
}

/// What the header says at its right, the longest text first. The name of the data is left out
/// last of all but the progress: it belongs beside every accuracy.
fn status(app: &App) -> [String; 4] {
    let (data, short) = match &app.data {
        Data::Ready(dataset) => (&dataset.origin.name[..], &dataset.origin.short_name[..]),
        Data::Loading(_) => ("no data yet", "no data yet"),
    };
    let (device, progress) = (&app.device, progress(app));
    [
        format!("{data} · {device} · {progress}"),
        format!("{short} · {device} · {progress}"),
        format!("{short} · {progress}"),
        progress,
    ]
}

fn progress(app: &App) -> String {
    let training = &app.training;
    let under_way = || match training.batch {
        Some(b) => {
            format!("epoch {}/{} {} %", b.epoch, training.recipe.epochs, 100 * b.batch / b.batches)
        }
        None => "first step".to_owned(),
    };
    match &training.phase {
        Phase::Idle => "not training".to_owned(),
        Phase::Starting => "getting ready".to_owned(),
        Phase::Running => under_way(),
        Phase::Paused => format!("paused, {}", under_way()),
        Phase::Done => "trained".to_owned(),
        Phase::Diverged(_) => "diverged".to_owned(),
        Phase::Failed(_) => "training failed".to_owned(),
    }
}
