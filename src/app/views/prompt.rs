//! What is typed: a picture's number, or a part of a class's name with the classes that have it.
//!
//! ```text
//! ┌ 3 of 1,000 classes ──────┐
//! │ cat               12.5 % │
//! │ caterpillar        0.0 % │
//! │ wildcat            0.0 % │
//! └──────────────────────────┘
//!  class: cat_   ↑↓ choose, Enter takes it, Esc
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};
use unicode_width::UnicodeWidthStr;

use super::words::fitting;
use crate::app::state::find::{found, mistakes};
use crate::app::state::{App, Find};
use crate::figures::{counted, percent, thousands};
use crate::text::{left_aligned, right_aligned};

/// Classes that are listed at most.
const ROWS: usize = 12;
/// Cells of a name in the list at least, which leave room for the list's title, and at most.
const NAME: std::ops::RangeInclusive<usize> = 16..=40;
/// Cells of what is said of a class, and of the spaces around both.
const SAID: usize = 15;
const SPACES: usize = 3;

/// The line in which a picture's number is typed.
pub fn number(app: &App, typed: &str) -> Line<'static> {
    let (one, last) = (app.noun().one(), app.count().saturating_sub(1));
    Line::from(vec![
        Span::styled(format!(" go to {one}: {typed}"), app.theme.text()),
        Span::styled(" ", app.theme.selected()),
        Span::styled(format!("  0 to {last}, or +10, -10; Enter goes"), app.theme.muted()),
    ])
}

/// The line in which a part of a name is typed. Where it is too long, its end is in view.
pub fn name(app: &App, find: &Find, width: u16) -> Line<'static> {
    let help = [
        "  ↑↓ choose, Enter takes it, Esc".to_owned(),
        "  Enter takes it".to_owned(),
        String::new(),
    ];
    let before = " class: ";
    let room = usize::from(width).saturating_sub(before.width() + 1);
    let mut typed = &find.typed[..];
    while typed.width() > room {
        typed = &typed[typed.chars().next().map_or(0, char::len_utf8)..];
    }
    let spare = (room - typed.width()) as u16;
    Line::from(vec![
        Span::styled(format!("{before}{typed}"), app.theme.text()),
        Span::styled(" ", app.theme.selected()),
        Span::styled(fitting(spare, help), app.theme.muted()),
    ])
}

/// The classes that fit what is typed, above the line, with the chosen one always in view.
pub fn classes(app: &App, find: &Find, frame: &mut Frame, area: Rect) {
    let Some(dataset) = app.dataset() else { return };
    let (theme, classes) = (&app.theme, &dataset.classes);
    let found = found(app, find);
    let said = said(app);

    let longest = classes.names().iter().map(|name| name.width()).max().unwrap_or(0);
    let inside = usize::from(area.width.saturating_sub(2));
    let name = longest.clamp(*NAME.start(), *NAME.end()).min(inside.saturating_sub(SAID + SPACES));
    let room = usize::from(area.height.saturating_sub(2));
    let rows = found.len().clamp(1, ROWS).min(room);
    let (width, height) = ((name + SAID + SPACES + 2) as u16, rows as u16 + 2);
    let place = Rect { y: area.bottom().saturating_sub(height), width, height, ..area };
    let place = place.intersection(area);

    let first = find.chosen.saturating_sub(rows / 2).min(found.len().saturating_sub(rows));
    let [matching, all] = [found.len(), classes.len()].map(|count| thousands(count as u64));
    let title = match found.is_empty() {
        true => " no class has that in its name ".to_owned(),
        false => format!(" {matching} of {all} classes "),
    };
    let block =
        Block::bordered().border_style(theme.muted()).title(Line::styled(title, theme.text()));
    let inner = block.inner(place);
    frame.render_widget(Clear, place);
    frame.render_widget(block, place);
    for (y, (i, &class)) in found.iter().enumerate().skip(first).take(rows).enumerate() {
        let text = left_aligned(classes.name(class), name);
        let text = format!(" {text} {} ", right_aligned(&said(class), SAID));
        let style = if i == find.chosen { theme.selected() } else { theme.text() };
        let line = Rect { y: inner.y + y as u16, height: 1, ..inner };
        frame.render_widget(Line::styled(text, style), line.intersection(inner));
    }
}

/// What is said of a class: how often it is mistaken where mistakes are looked at, else how likely it
/// is, if that is known.
fn said(app: &App) -> impl Fn(usize) -> String {
    let counts = mistakes(app);
    let last = app.explore.answer.as_ref().filter(|(focus, _)| app.is_about_it(focus));
    let probabilities = last.map(|(_, answer)| answer.probabilities());
    move |class| match (&counts, &probabilities) {
        (Some(counts), _) => {
            let count = counts.get(class).copied().unwrap_or(0);
            counted(count, "mistake")
        }
        (None, Some(probabilities)) => {
            probabilities.get(class).map_or(String::new(), |&p| percent(p, 1))
        }
        (None, None) => String::new(),
    }
}
