//! The line above a panel.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::phrase::{self, Phrase};
use crate::app::state::App;
use crate::app::update::stages;
use crate::data::{Dataset, Noun};
use crate::figures::thousands;
use crate::live::{Focus, Subject};

/// Which picture was asked about, and what is shown of it.
pub fn title(
    app: &App,
    dataset: &Dataset,
    asked: &Focus,
    what: &str,
    frame: &mut Frame,
    area: Rect,
) {
    let layer = app.layers.name(asked.layer);
    let [long, short] = match asked.subject {
        Subject::Test(index) => {
            let (place, noun) = (thousands(index as u64), dataset.origin.noun);
            let label = called(noun, dataset.classes.name(dataset.test.label(index)));
            let with = |place: String| Phrase::from(format!("{place}, ")).and(label.clone());
            [with(format!("{} {place}", noun.one())), with(place)]
        }
        Subject::Drawing(_) => ["your drawing", "drawing"].map(Phrase::from),
    };
    let texts = [
        Phrase::from(" ").and(long).words(format!(", {layer}: {what}")),
        Phrase::from(" ").and(short).words(format!(": {what}")),
        format!(" {what}").into(),
    ];
    let mut line = Line::styled(phrase::fitting(area.width, &texts), app.theme.accent());
    if let Some(stage) = stage(app) {
        line.push_span(Span::styled(format!("  {stage}"), app.theme.muted()));
    }
    frame.render_widget(line, Rect { height: 1, ..area }.intersection(area));
}

/// A class as one says what something is: a digit is "a 7", other names stand for themselves.
pub fn called(noun: Noun, name: &str) -> Phrase {
    match noun {
        Noun::Digit => Phrase::from("a ").name(name),
        Noun::Picture => Phrase::of(name),
    }
}

/// Which stage of training is looked at, if it is not the newest.
pub fn stage(app: &App) -> Option<String> {
    app.explore.step?;
    let stages = &app.explore.stages;
    let place = stages::place(app);
    let (_, epochs) = stages.get(place)?;
    Some(format!("stage {} of {}: after {epochs:.2} epochs", place + 1, stages.len()))
}
