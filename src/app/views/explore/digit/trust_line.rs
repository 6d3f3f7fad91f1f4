//! Whether the map can be trusted, in one line.

use ratatui::text::{Line, Span};

use crate::app::state::App;
use crate::explain::{Status, Trust};
use crate::figures::fixed;
use crate::live::Findings;

/// The line, unless the map is empty. Figures that are not known yet are dots: the words stay, and so
/// little is written for each picture.
pub fn trust_line(app: &App, width: u16) -> Option<Line<'static>> {
    // Of this very map, if there is anything on it.
    if app.answer().is_some_and(|answer| answer.heatmap.status != Status::Ok) {
        return None;
    }
    let known = match app.findings() {
        Some((asked, Findings::Trust(trust))) if *asked == app.focus() => Some(trust),
        _ => None,
    };
    let theme = &app.theme;
    let figure = |of: fn(&Trust) -> f32| known.map_or("....".to_owned(), |t| fixed(of(t), 2));
    let verdict = |good: fn(&Trust) -> bool| match known {
        Some(trust) if good(trust) => theme.good(),
        Some(_) => theme.bad(),
        None => theme.muted(),
    };
    let falls = verdict(|t| t.deletion_area < t.random_deletion_area);
    let rises = verdict(|t| t.insertion_area > t.random_insertion_area);
    let random = figure(|t| t.random_deletion_area);
    let beside = figure(|t| t.random_insertion_area);
    let line = |[before, of, between]: [&str; 3], after: String| {
        Line::from(vec![
            Span::styled(before.to_owned(), theme.muted()),
            Span::styled(figure(|t| t.deletion_area), falls),
            Span::styled(format!(" ({of}{random}), {between}"), theme.muted()),
            Span::styled(figure(|t| t.insertion_area), rises),
            Span::styled(format!(" ({beside}){after}"), theme.muted()),
        ])
    };
    let stability = format!(", stability {}", figure(|t| t.stability));
    let long = line(["trust: deletion ", "random ", "insertion "], stability);
    let short = line(["deletion ", "", "insertion "], String::new());
    Some(if long.width() <= usize::from(width) { long } else { short })
}
