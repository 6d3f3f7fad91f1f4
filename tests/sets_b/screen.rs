//! The app with these pictures: keys in, cells out.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use gradcam::app::message::Message;
use gradcam::app::state::App;
use gradcam::app::theme::Theme;
use gradcam::app::update::update;
use gradcam::app::views;
use gradcam::data::Dataset;
use gradcam::explain::{Explanation, Heatmap, Query, Status};
use gradcam::live::Report;
use gradcam::model::evaluate::Evaluation;
use gradcam::model::{Metadata, Spec};
use gradcam::paint::ColorDepth;
use gradcam::train::Recipe;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

/// Explores these pictures.
pub fn exploring(dataset: Arc<Dataset>, size: (u16, u16)) -> App {
    let theme = Theme::new(ColorDepth::TrueColor);
    let (recipe, path) = (Recipe::default(), PathBuf::from("model"));
    let mut app = App::new(theme.into(), recipe, "flex", Some(Metadata::default()), path);
    app.size = size;
    app.layers = Spec::new(dataset.shape(), dataset.classes.len()).unwrap().layers();
    update(&mut app, Message::Loaded(dataset));
    app
}

pub fn press(app: &mut App, code: KeyCode) {
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    update(app, Message::Input(Input::Key(event)));
}

pub fn drawn(app: &App) -> Buffer {
    let (width, height) = app.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| views::draw(app, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The rows between the header and the footer.
pub fn body(buffer: &Buffer) -> Vec<String> {
    let rows = rows(buffer);
    rows[1..rows.len() - 1].to_vec()
}

/// All rows. A wide character is followed by a space that is not shown; it is left out.
pub fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    let row = |cells: &[ratatui::buffer::Cell]| {
        let mut text = String::new();
        let mut hidden = false;
        for cell in cells {
            if !std::mem::take(&mut hidden) {
                text.push_str(cell.symbol());
                hidden = cell.symbol().chars().any(|c| c > '\u{2fff}');
            }
        }
        text
    };
    buffer.content.chunks(width).map(row).collect()
}

/// What is marked as chosen between the header and the footer.
pub fn marked(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let cells = buffer.content.len() - width;
    let chosen = |cell: &&ratatui::buffer::Cell| cell.modifier.contains(Modifier::REVERSED);
    buffer.content[width..cells].iter().filter(chosen).map(|cell| cell.symbol()).collect()
}

/// A score of all pictures, of which these are taken for these classes.
pub fn scored(app: &mut App, wrong: &[(usize, usize)]) {
    let labels = app.dataset().unwrap().test.labels().to_vec();
    let mut predictions = labels.clone();
    let mut losses = vec![0.01; labels.len()];
    for (i, &(place, predicted)) in wrong.iter().enumerate() {
        predictions[place] = predicted as u16;
        losses[place] = 5.0 + i as f32;
    }
    let correct = labels.len() - wrong.len();
    let score = Evaluation { predictions, losses, correct };
    update(app, Message::Report(Report::Scored(Arc::new(score))));
}

/// The pictures of these labels that are taken for these classes, each so often.
pub fn confused(app: &App, pairs: &[(usize, usize, usize)]) -> Vec<(usize, usize)> {
    let labels = app.dataset().unwrap().test.labels();
    let mut wrong: Vec<(usize, usize)> = Vec::new();
    for &(label, predicted, count) in pairs {
        let places = (0..labels.len()).filter(|&i| usize::from(labels[i]) == label);
        let free = places.filter(|i| wrong.iter().all(|(taken, _)| taken != i));
        let found: Vec<usize> = free.take(count).collect();
        assert_eq!(found.len(), count, "{label}");
        wrong.extend(found.into_iter().map(|place| (place, predicted)));
    }
    wrong
}

pub fn explanation(app: &App, predicted: usize, target: usize) -> Explanation {
    let mut logits = vec![0.0; app.classes()];
    logits[predicted] = 9.0;
    let [height, width, _] = app.layers.info(app.layer()).size;
    let count = height * width;
    let values: Vec<f32> = (0..count).map(|i| (i + 1) as f32 / count as f32).collect();
    let raw = values.iter().map(|value| 2.5 * value).collect();
    let heatmap = Heatmap { height, width, values, raw, raw_max: 2.5, status: Status::Ok };
    Explanation { logits, predicted, target, query: Query::default(), heatmap }
}
