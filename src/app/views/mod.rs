//! Drawing: one file a screen, and the frame around them.
//!
//! ```text
//!  gradcam  Train  Explore                    MNIST  epoch 2/3 41 %
//!  ...the screen...
//!  Tab screen  → l next  c colours  s save  ? help  q quit
//! ```

mod bars;
mod charts;
mod explore;
mod help;
mod train;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use crate::data::Progress;

use super::keymap::BINDINGS;
use super::state::{App, Data, Overlay, Phase, Screen};

/// The smallest terminal on which every screen is complete enough to use.
pub const SMALLEST: (u16, u16) = (40, 12);

/// Draws the whole app.
pub fn draw(app: &App, frame: &mut Frame) {
    let area = frame.area();
    let (width, height) = SMALLEST;
    if area.width < width || area.height < height {
        let text =
            format!("terminal too small: {}x{}, needs {width}x{height}", area.width, area.height);
        let text = Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: true });
        frame.render_widget(text, area);
        return;
    }
    let [top, body, bottom] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)])
            .areas(area);
    header(app, frame, top);
    match app.screen {
        Screen::Train => train::draw(app, frame, body),
        Screen::Explore => explore::draw(app, frame, body),
    }
    footer(app, frame, bottom);
    if app.overlay == Overlay::Help {
        help::draw(app, frame, body);
    }
}

fn header(app: &App, frame: &mut Frame, area: Rect) {
    let theme = &app.theme;
    let tab = |screen, name: &'static str| {
        Span::styled(name, if app.screen == screen { theme.selected() } else { theme.muted() })
    };
    let left = Line::from(vec![
        Span::styled(" gradcam ", theme.accent()),
        tab(Screen::Train, " Train "),
        tab(Screen::Explore, " Explore "),
    ]);
    let right = Line::from(format!("{} ", status(app)).fg(theme.text().fg.unwrap_or_default()));
    let room = usize::from(area.width).saturating_sub(left.width() + 1);
    frame.render_widget(left, area);
    if right.width() <= room {
        frame.render_widget(right.right_aligned(), area);
    } else {
        let short = Line::from(format!("{} ", progress(app)));
        if short.width() <= room {
            frame.render_widget(short.right_aligned(), area);
        }
    }
}

fn status(app: &App) -> String {
    let data = match &app.data {
        Data::Ready(dataset) => dataset.source.name().to_owned(),
        Data::Loading(_) => "no digits yet".to_owned(),
    };
    format!("{data} · {} · {}", app.device, progress(app))
}

fn progress(app: &App) -> String {
    let training = &app.training;
    let under_way = || match training.batch {
        Some(b) => {
            format!("epoch {}/{} {} %", b.epoch, training.config.epochs, 100 * b.batch / b.batches)
        }
        None => "first step".to_owned(),
    };
    match &training.phase {
        Phase::Idle => "not training".to_owned(),
        Phase::Starting => "getting ready".to_owned(),
        Phase::Running => under_way(),
        Phase::Paused => format!("paused, {}", under_way()),
        Phase::Done => "trained".to_owned(),
        Phase::Failed(_) => "training failed".to_owned(),
    }
}

fn footer(app: &App, frame: &mut Frame, area: Rect) {
    let theme = &app.theme;
    let line = match (&app.overlay, &app.notice) {
        (Overlay::Jump(typed), _) => {
            let last = app.count().saturating_sub(1);
            Line::from(vec![
                Span::styled(format!(" go to digit: {typed}"), theme.text()),
                Span::styled(" ", theme.selected()),
                Span::styled(format!("  0 to {last}, Enter goes, Esc stays"), theme.muted()),
            ])
        }
        (Overlay::ConfirmQuit, _) => {
            let text = " Still training: q quits (--resume goes on later), any other key stays";
            Line::styled(text, theme.warning())
        }
        (Overlay::ConfirmTrain, _) => Line::styled(
            " Train a new network in place of the saved model? t trains, any other key keeps it",
            theme.warning(),
        ),
        (_, Some(notice)) => {
            let style = if notice.bad { theme.bad() } else { theme.good() };
            Line::styled(format!(" {}", notice.text), style)
        }
        _ => hints(app, usize::from(area.width)),
    };
    frame.render_widget(Clear, area);
    frame.render_widget(line, area);
}

/// The keys of this screen, as many as fit, help and quit always.
fn hints(app: &App, width: usize) -> Line<'static> {
    let theme = &app.theme;
    let here = BINDINGS
        .iter()
        .filter(|b| !b.short.is_empty() && b.screen.is_none_or(|s| s == app.screen))
        .collect::<Vec<_>>();
    let size = |label: &str, short: &str| label.chars().count() + short.chars().count() + 3;
    let (last, others) = here.split_at(here.len().saturating_sub(2));
    let (others, last) = (last, others);
    let mut room = width.saturating_sub(last.iter().map(|b| size(b.label, b.short)).sum());
    let mut spans = Vec::new();
    let fitting = others.iter().take_while(|b| {
        let needed = size(b.label, b.short);
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    });
    for binding in fitting.chain(last) {
        spans.push(Span::styled(format!(" {}", binding.label), theme.accent()));
        spans.push(Span::styled(format!(" {} ", binding.short), theme.muted()));
    }
    Line::from(spans)
}

/// What is being waited for, in the middle of an empty screen.
fn waiting(app: &App, frame: &mut Frame, area: Rect) {
    let text = match &app.data {
        Data::Loading(None) => "looking for MNIST".to_owned(),
        Data::Loading(Some(Progress::Reading(folder))) => {
            format!("reading MNIST from {}", folder.display())
        }
        Data::Loading(Some(Progress::Downloading { file, done, total })) => {
            let mega = |bytes: &u64| *bytes as f64 / 1e6;
            format!("downloading {file}: {:.1} of {:.1} MB", mega(done), mega(total))
        }
        Data::Loading(Some(Progress::Drawing { done, total })) => {
            format!("drawing digits: {done} of {total}")
        }
        Data::Ready(_) => "the network looks at its first digits".to_owned(),
    };
    let middle = Rect { y: area.y + area.height / 2, height: 1.min(area.height), ..area };
    frame.render_widget(Line::styled(text, app.theme.muted()).centered(), middle);
}

/// Seconds as a person would say them.
fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => format!("{}:{:02} h", seconds / 3600, seconds / 60 % 60),
    }
}

/// 12345 as "12,345".
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
