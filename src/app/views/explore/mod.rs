//! The Explore screen: one panel at a time, on the digit in view or on all digits.

mod confusion;
mod digit;
mod features;
mod maps;
mod mistakes;
mod trust;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{Hit, fitting, waiting};
use crate::app::keymap::Action;
use crate::app::state::{App, Panel};
use crate::app::update::stages;
use crate::data::Dataset;
use crate::figures::thousands;
use crate::live::{Focus, Subject};

pub use features::{columns as feature_columns, place as feature_place};

/// Draws the screen.
pub fn draw(app: &App, frame: &mut Frame, area: Rect) {
    let Some(dataset) = app.dataset() else {
        waiting(app, frame, area);
        return;
    };
    match app.explore.panel {
        Panel::Digit => digit::draw(app, dataset, frame, area),
        Panel::Classes => maps::classes(app, dataset, frame, area),
        Panel::Versus => maps::versus(app, dataset, frame, area),
        Panel::Methods => maps::methods(app, dataset, frame, area),
        Panel::Sanity => maps::sanity(app, dataset, frame, area),
        Panel::Features => features::draw(app, dataset, frame, area),
        Panel::Trust => trust::draw(app, dataset, frame, area),
        Panel::Mistakes => mistakes::draw(app, dataset, frame, area),
        Panel::Confusion => confusion::draw(app, frame, area),
    }
}

/// What lies at a place of the screen.
pub fn hit(app: &App, area: Rect, place: Position) -> Option<Hit> {
    match app.explore.panel {
        Panel::Digit => digit::hit(app, area, place),
        _ => None,
    }
}

/// Why the heatmap cannot be laid over the digit, or taken off it, as things are.
pub fn overlay_refused(app: &App) -> Option<&'static str> {
    match (app.explore.panel, digit::pictures(app)) {
        (Panel::Digit, 1) => Some("one picture fits here: the map lies over the digit already"),
        (Panel::Digit, 2) => None,
        (Panel::Digit, _) => Some("all three are here: the digit, its map, and both"),
        _ => Some("only the digit's own screen has an overlay to switch"),
    }
}

/// The keys that a panel lives by, for the footer.
pub fn hints(app: &App) -> &'static [(Action, &'static str)] {
    use Action::{
        Classes, Confusion, Down, Draw, ExplainClass, Features, Methods, Mistakes, Next, NextLayer,
        NextMethod, Open, Pause, Sanity, Signed, Trust, Undo, Versus,
    };
    match app.explore.panel {
        Panel::Digit => &[
            (Next, "move"),
            (Pause, "pen down, up"),
            (Undo, "undo"),
            (Open, "centre"),
            (Draw, "back"),
        ],
        Panel::Classes => &[
            (Next, "next"),
            (NextMethod, "method"),
            (NextLayer, "layer"),
            (Signed, "signed"),
            (Classes, "back"),
        ],
        Panel::Versus => {
            &[(Next, "next"), (ExplainClass, "class"), (NextLayer, "layer"), (Versus, "back")]
        }
        Panel::Methods => {
            &[(Next, "next"), (ExplainClass, "class"), (NextLayer, "layer"), (Methods, "back")]
        }
        Panel::Features => &[
            (Next, "choose"),
            (Open, "off"),
            (NextLayer, "layer"),
            (ExplainClass, "class"),
            (Features, "back"),
        ],
        Panel::Trust => {
            &[(Next, "next"), (NextMethod, "method"), (NextLayer, "layer"), (Trust, "back")]
        }
        Panel::Sanity => {
            &[(Next, "next"), (NextMethod, "method"), (NextLayer, "layer"), (Sanity, "back")]
        }
        Panel::Mistakes => &[
            (Down, "next"),
            (Next, "filter"),
            (Open, "look"),
            (Confusion, "matrix"),
            (Mistakes, "back"),
        ],
        Panel::Confusion => {
            &[(Next, "choose"), (Open, "its digits"), (Mistakes, "errors"), (Confusion, "back")]
        }
    }
}

/// The first line of a panel: which digit was asked about, and what is shown of it.
fn title(app: &App, dataset: &Dataset, asked: &Focus, what: &str, frame: &mut Frame, area: Rect) {
    let layer = app.layers.name(asked.layer);
    let [long, short] = match asked.subject {
        Subject::Test(index) => {
            let (digit, label) = (thousands(index as u64), dataset.test.label(index));
            [format!("digit {digit}, a {label}"), format!("{digit}, a {label}")]
        }
        Subject::Drawing(_) => ["your drawing", "drawing"].map(str::to_owned),
    };
    let texts =
        [format!(" {long}, {layer}: {what}"), format!(" {short}: {what}"), format!(" {what}")];
    let text = fitting(area.width, texts);
    let mut line = Line::styled(text, app.theme.accent());
    if let Some(stage) = stage(app) {
        line.push_span(Span::styled(format!("  {stage}"), app.theme.muted()));
    }
    frame.render_widget(line, Rect { height: 1, ..area }.intersection(area));
}

/// Which stage of training is looked at, if it is not the newest.
fn stage(app: &App) -> Option<String> {
    app.explore.step?;
    let stages = &app.explore.stages;
    let place = stages::place(app);
    let (_, epochs) = stages.get(place)?;
    Some(format!("stage {} of {}: after {epochs:.2} epochs", place + 1, stages.len()))
}
