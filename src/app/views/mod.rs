//! Drawing: one file a screen, and the frame around them.
//!
//! ```text
//!  gradcam  Train  Explore                    MNIST  epoch 2/3 41 %
//!  ...the screen...
//!  Tab screen  → l next  c colours  s save  ? help  q quit
//! ```

mod ascii;
mod bars;
mod charts;
mod explore;
mod gallery;
mod help;
mod question;
mod train;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use crate::data::digits::Point;
use crate::data::{Dataset, Progress, Shape};
use crate::explain::Heatmap;
use crate::paint::Grid;

use super::keymap::Action;
use super::state::{App, Data, Overlay, Panel, Phase, Screen};
use super::theme::Theme;
use gallery::Shows;

pub(super) use explore::{feature_columns, feature_place, overlay_refused};

/// The smallest terminal on which every screen is complete enough to use.
pub const SMALLEST: (u16, u16) = (40, 12);

/// Draws the whole app.
pub fn draw(app: &App, frame: &mut Frame) {
    draw_all(app, frame);
    if app.theme.ascii {
        ascii::only_ascii(frame.buffer_mut());
    }
}

fn draw_all(app: &App, frame: &mut Frame) {
    let area = frame.area();
    let (width, height) = SMALLEST;
    if area.width < width || area.height < height {
        let text =
            format!("terminal too small: {}x{}, needs {width}x{height}", area.width, area.height);
        let text = Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: true });
        frame.render_widget(text, area);
        return;
    }
    let [top, body, bottom] = rows(area);
    header(app, frame, top);
    match app.screen {
        Screen::Train => train::draw(app, frame, body),
        Screen::Explore => explore::draw(app, frame, body),
    }
    footer(app, frame, bottom);
    match &app.overlay {
        Overlay::Help(offset) => help::draw(app, frame, body, *offset),
        Overlay::Unfinished(standing) => question::unfinished(app, *standing, frame, body),
        Overlay::ConfirmRestart(found) => question::restart(app, found, frame, body),
        _ => {}
    }
}

/// The header, the screen, the footer.
fn rows(area: Rect) -> [Rect; 3] {
    Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)])
        .areas(area)
}

const NAME: &str = " gradcam ";
const TABS: [(Screen, &str); 2] = [(Screen::Train, " Train "), (Screen::Explore, " Explore ")];

/// Where the screen goes in a terminal of the app's size.
fn body(app: &App) -> Rect {
    let (width, height) = app.size;
    rows(Rect { x: 0, y: 0, width, height })[1]
}

/// The last row that the help can begin with in a terminal of the app's size.
pub fn last_help_row(app: &App) -> usize {
    help::last_offset(app, body(app))
}

/// What can be clicked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hit {
    /// The name of a screen.
    Screen(Screen),
    /// The bar of a class.
    Class(usize),
    /// A picture of a test digit.
    Digit(usize),
    /// The paper of the drawing pad.
    Paper(Point),
}

/// What lies at a place of the terminal.
pub fn hit(app: &App, place: Position) -> Option<Hit> {
    let (width, height) = app.size;
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return None;
    }
    let [top, body, _] = rows(Rect { x: 0, y: 0, width, height });
    if top.contains(place) {
        let mut left = NAME.len() as u16;
        return TABS.iter().find_map(|(screen, name)| {
            let here = (left..left + name.len() as u16).contains(&place.x);
            left += name.len() as u16;
            here.then_some(Hit::Screen(*screen))
        });
    }
    match app.screen {
        Screen::Train => train::hit(app, body, place),
        Screen::Explore => explore::hit(app, body, place),
    }
}

fn header(app: &App, frame: &mut Frame, area: Rect) {
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
        Data::Ready(dataset) => (dataset.origin.name.clone(), dataset.origin.short_name.clone()),
        Data::Loading(_) => ("no digits yet".to_owned(), "no digits yet".to_owned()),
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

fn footer(app: &App, frame: &mut Frame, area: Rect) {
    let theme = &app.theme;
    let line = match (&app.overlay, &app.notice) {
        (Overlay::Jump(typed), _) => {
            let last = app.count().saturating_sub(1);
            Line::from(vec![
                Span::styled(format!(" go to digit: {typed}"), theme.text()),
                Span::styled(" ", theme.selected()),
                Span::styled(format!("  0 to {last}, or +10, -10; Enter goes"), theme.muted()),
            ])
        }
        (Overlay::ConfirmQuit, _) => {
            let quit = app.key(Action::Quit);
            let texts = [
                format!(
                    " Still training: {quit} quits (--resume goes on later), any other key stays"
                ),
                format!(" Still training: {quit} quits, others stay"),
            ];
            Line::styled(fitting(area.width, texts), theme.warning())
        }
        (Overlay::ConfirmTrain, _) => {
            let train = app.key(Action::TrainMore);
            let texts = [
                format!(
                    " A new network in place of the saved one? {train} trains, any other key keeps it"
                ),
                format!(" A new network? {train} trains, others don't"),
            ];
            Line::styled(fitting(area.width, texts), theme.warning())
        }
        (_, None) if app.broken.is_some() => {
            let text = format!(" {}", app.broken.as_deref().unwrap_or_default());
            Line::styled(text, theme.bad())
        }
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
    let bound = app.keymap.lines().iter();
    let here = bound
        .filter(|b| !b.binding.short.is_empty())
        .filter(|b| b.binding.screen.is_none_or(|s| s == app.screen))
        .map(|b| (b.short_label(), b.binding.short));
    let here: Vec<_> = match app.screen {
        Screen::Explore if app.explore.panel != Panel::Digit || app.explore.draws => {
            let own = explore::hints(app).iter();
            own.map(|&(action, text)| (app.keymap.short_label(action), text))
                .chain(here.skip_while(|(_, text)| *text != "help"))
                .collect()
        }
        _ => here.collect(),
    };
    let size = |label: &str, short: &str| label.chars().count() + short.chars().count() + 3;
    let (last, others) = here.split_at(here.len().saturating_sub(2));
    let (others, last) = (last, others);
    let mut room = width.saturating_sub(last.iter().map(|(l, s)| size(l, s)).sum());
    let mut spans = Vec::new();
    let fitting = others.iter().take_while(|(label, short)| {
        let needed = size(label, short);
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    });
    for (label, short) in fitting.chain(last) {
        spans.push(Span::styled(format!(" {label}"), theme.accent()));
        spans.push(Span::styled(format!(" {short} "), theme.muted()));
    }
    Line::from(spans)
}

/// The heatmap's share of the colour where it lies over the digit.
pub const OVERLAY_ALPHA: f32 = 0.6;

/// Style of the predicted class and of the true class; `None` for all others.
fn verdict(theme: &Theme, class: usize, predicted: usize, label: Option<usize>) -> Option<Style> {
    match (class == predicted, label) {
        (true, None) => Some(theme.accent()),
        (true, Some(label)) if label == class => Some(theme.good()),
        (true, Some(_)) => Some(theme.bad()),
        (false, Some(label)) if label == class => Some(theme.warning()),
        (false, _) => None,
    }
}

/// The ink of a test digit.
pub fn digit(dataset: &Dataset, index: usize) -> Grid {
    ink(dataset.test.image(index), dataset.shape())
}

/// The ink of a digit, from its pixels.
pub fn ink(pixels: &[u8], shape: Shape) -> Grid {
    let grey: Vec<u8> = pixels.iter().step_by(shape.channels).copied().collect();
    Grid::from_bytes(shape.width, shape.height, &grey)
}

/// A map's evidence for its class, 0 to 1.
pub fn heat(map: &Heatmap) -> Grid {
    Grid::new(map.width, map.height, map.values.clone())
}

/// A map's evidence for and against its class, -1 to 1.
pub fn signed(map: &Heatmap) -> Grid {
    let most = map.raw.iter().fold(0.0, |most: f32, value| most.max(value.abs()));
    let share = |value: &f32| if most > 0.0 { value / most } else { 0.0 };
    Grid::new(map.width, map.height, map.raw.iter().map(share).collect())
}

/// A map over ink: its evidence for the class or, where that is asked for, for and against it.
fn over(app: &App, ink: Grid, map: &Heatmap) -> Shows {
    match app.explore.signed {
        true => Shows::SignedOver(ink, signed(map)),
        false => Shows::Over(ink, heat(map)),
    }
}

/// What is being waited for, in the middle of an empty screen.
fn waiting(app: &App, frame: &mut Frame, area: Rect) {
    let text = match &app.data {
        Data::Loading(None) => "looking for the data".to_owned(),
        Data::Loading(Some(Progress::Reading(folder))) => {
            format!("reading {}", folder.display())
        }
        Data::Loading(Some(Progress::Downloading { set, file, done, total })) => {
            let mega = |bytes: &u64| *bytes as f64 / 1e6;
            format!("downloading {set}, {file}: {:.1} of {:.1} MB", mega(done), mega(total))
        }
        Data::Loading(Some(Progress::Drawing { done, total })) => {
            format!("drawing digits: {done} of {total}")
        }
        Data::Loading(Some(Progress::Decoding { done, total })) => {
            format!("decoding pictures: {done} of {total}")
        }
        Data::Ready(_) if app.broken.is_some() => "there is no answer any more".to_owned(),
        Data::Ready(_) => "the network looks at its first digits".to_owned(),
    };
    let middle = Rect { y: area.y + area.height / 2, height: 1.min(area.height), ..area };
    frame.render_widget(Line::styled(text, app.theme.muted()).centered(), middle);
}

fn fits(text: &str, width: u16) -> bool {
    text.chars().count() <= usize::from(width)
}

/// The longest text that fits into so many cells, else the last one.
fn fitting<const N: usize>(width: u16, texts: [String; N]) -> String {
    let place = texts.iter().position(|text| fits(text, width)).unwrap_or(N - 1);
    texts.into_iter().nth(place).unwrap_or_default()
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
