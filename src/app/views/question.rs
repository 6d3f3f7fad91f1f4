//! Questions about a training that was interrupted, in a box over the screen.
//!
//! ```text
//! ┌ a training stands at 39 % of 3 epochs ┐
//! │  Enter  go on with it                 │
//! │  n      start anew                    │
//! │  Esc    look at the model             │
//! └───────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Padding, Paragraph, Wrap};

use crate::app::state::{App, Screen};
use crate::text;
use crate::train::Standing;

/// Columns of a key.
const KEY: usize = 6;
/// Columns of a box with sentences in it.
const SENTENCES: u16 = 66;
/// Columns of the frame and the space within it.
const FRAME: u16 = 4;

/// What is to become of the training.
pub fn unfinished(app: &App, standing: Standing, frame: &mut Frame, area: Rect) {
    let title = format!(" a training stands at {standing} ");
    let leave = match app.screen {
        Screen::Explore => "look at the model",
        Screen::Train => "leave it there",
    };
    let choices = [("Enter", "go on with it"), ("n", "start anew"), ("Esc", leave)];
    let lines: Vec<Line> = choices.map(|choice| line(app, choice)).into();
    let width = title.chars().count().max(KEY + 24) as u16 + 2;
    draw(app, &title, lines, width, frame, area);
}

/// Whether to train a new network in its place.
pub fn restart(app: &App, found: &Result<Standing, String>, frame: &mut Frame, area: Rect) {
    let (title, lost) = match found {
        Ok(standing) => {
            (" start anew? ", format!("The training that stands at {standing} would be lost."))
        }
        Err(reason) => (" train in its place? ", reason.clone()),
    };
    let choices = [("n", "start anew"), ("else", "keep it")];
    let mut lines = vec![Line::styled(lost, app.theme.warning())];
    lines.extend(choices.map(|choice| line(app, choice)));
    draw(app, title, lines, SENTENCES, frame, area);
}

fn line(app: &App, (key, does): (&str, &str)) -> Line<'static> {
    let key = Span::styled(format!("{key:<KEY$} "), app.theme.accent());
    Line::from(vec![key, Span::styled(does.to_owned(), app.theme.text())])
}

/// A box of so many columns, as high as its lines need, in the middle.
fn draw(app: &App, title: &str, lines: Vec<Line>, width: u16, frame: &mut Frame, area: Rect) {
    let width = width.min(area.width);
    let inside = usize::from(width.saturating_sub(FRAME)).max(1);
    let rows: usize = lines.iter().map(|line| text::lines(&line.to_string(), inside).len()).sum();
    let height = (rows as u16 + 2).min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    let block = Block::bordered()
        .border_style(app.theme.muted())
        .padding(Padding::horizontal(1))
        .title(title.to_owned());
    // The border is dim in some themes, and the title lies on it.
    let title_style = app.theme.accent().remove_modifier(Modifier::DIM);
    let text =
        Paragraph::new(lines).wrap(Wrap { trim: false }).block(block.title_style(title_style));
    frame.render_widget(Clear, place);
    frame.render_widget(text, place);
}
