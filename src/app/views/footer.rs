//! The last row: what is asked, what has happened, or which keys there are.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::prompt;
use super::words::fitting;
use crate::app::keymap::Action;
use crate::app::state::{App, Overlay, Tone};
use crate::text::clipped;

/// Draws it.
pub fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let theme = &app.theme;
    let line = match (&app.overlay, &app.notice) {
        (Overlay::Jump(typed), _) => prompt::number(app, typed),
        (Overlay::Find(find), _) => prompt::name(app, find, area.width),
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
            let style = match notice.tone {
                Tone::Plain => theme.good(),
                Tone::Warning => theme.warning(),
                Tone::Bad => theme.bad(),
            };
            let text = format!(" {}", notice.text);
            Line::styled(clipped(&text, area.width.into()).into_owned(), style)
        }
        _ => hints(app, usize::from(area.width)),
    };
    frame.render_widget(Clear, area);
    frame.render_widget(line, area);
}

/// The keys that there are here, as many as fit, help and quit always.
fn hints(app: &App, width: usize) -> Line<'static> {
    let (theme, context, noun) = (&app.theme, app.context(), app.noun());
    let told = app.keymap.lines().iter().filter(|bound| bound.binding.concerns(noun));
    let mut here: Vec<(u8, String, String)> = told
        .filter_map(|bound| {
            let (place, words) = bound.binding.words(context, noun)?;
            Some((place, bound.short_label(), words))
        })
        .collect();
    here.sort_by_key(|(place, ..)| *place);
    let size = |(_, label, words): &(u8, String, String)| {
        label.chars().count() + words.chars().count() + 3
    };
    let (others, last) = here.split_at(here.len().saturating_sub(2));
    let mut room = width.saturating_sub(last.iter().map(size).sum());
    let fitting = others.iter().take_while(|hint| {
        let fits = size(hint) <= room;
        room = room.saturating_sub(size(hint));
        fits
    });
    let mut spans = Vec::new();
    for (_, label, words) in fitting.chain(last) {
        spans.push(Span::styled(format!(" {label}"), theme.accent()));
        spans.push(Span::styled(format!(" {words} "), theme.muted()));
    }
    Line::from(spans)
}
