//! Loss and accuracy over the epochs: training as a line, test as points.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType};

use crate::app::curve::Point;
use crate::app::state::App;

/// The curve of the cross-entropy.
pub fn loss(app: &App, frame: &mut Frame, area: Rect) {
    let values = |p: &Point| p.loss;
    // Ten classes at random are ln 10 = 2.3 nats: where every curve begins.
    let highest = app.training.train.points().iter().map(values).fold(0.0, f64::max).max(0.1);
    chart(app, frame, area, "loss", values, [0.0, highest.min(2.5)], &|y| format!("{y:.1}"));
}

/// The curve of the accuracy.
pub fn accuracy(app: &App, frame: &mut Frame, area: Rect) {
    let values = |p: &Point| p.accuracy;
    let lowest = app.training.train.trend(60).iter().map(values).fold(1.0, f64::min);
    let bottom = ((lowest * 10.0).floor() / 10.0).min(0.9);
    let percent = |y: f64| format!("{:.0} %", 100.0 * y);
    chart(app, frame, area, "accuracy", values, [bottom, 1.0], &percent);
}

/// The newest numbers, where there is no room for curves: loss and accuracy on test digits, or as
/// long as there are none, on training digits.
pub fn newest(app: &App) -> [Line<'static>; 2] {
    let training = &app.training;
    let steps = training.train.trend(60);
    let points = [steps.last(), training.test.last()];
    let line = |name: &'static str, value: fn(&Point) -> f64| {
        let [train, test] = points.map(|point| point.map(value));
        let (shown, style) = match test {
            Some(test) => (Some(test), app.theme.test()),
            None => (train, app.theme.train()),
        };
        let shown = shown.map_or("–".to_owned(), |value| precise(name, value));
        Line::from(vec![
            Span::styled(format!("{name} "), app.theme.accent()),
            Span::styled(shown, style),
        ])
    };
    [line("loss", |point| point.loss), line("accuracy", |point| point.accuracy)]
}

/// What a curve shows, with its newest numbers.
fn legend(app: &App, name: &str, train: Option<f64>, test: Option<f64>) -> Line<'static> {
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |value| precise(name, value));
    Line::from(vec![
        Span::styled(format!("{name} "), app.theme.accent()),
        Span::styled(format!("─ train {} ", number(train)), app.theme.train()),
        Span::styled(format!("• test {}", number(test)), app.theme.test()),
    ])
}

fn chart(
    app: &App,
    frame: &mut Frame,
    area: Rect,
    name: &'static str,
    value: impl Fn(&Point) -> f64,
    bounds: [f64; 2],
    number: &dyn Fn(f64) -> String,
) {
    let (theme, training) = (&app.theme, &app.training);
    let pair = |p: &Point| (p.epochs, value(p).clamp(bounds[0], bounds[1]));
    let steps: Vec<(f64, f64)> =
        training.train.trend(usize::from(area.width)).iter().map(pair).collect();
    let tests: Vec<(f64, f64)> = training.test.iter().map(pair).collect();
    let datasets = vec![
        Dataset::default()
            .marker(Marker::Braille)
            .graph_type(GraphType::Line)
            .style(theme.train())
            .data(&steps),
        Dataset::default()
            .marker(Marker::Dot)
            .graph_type(GraphType::Scatter)
            .style(theme.test())
            .data(&tests),
    ];
    let last = |points: &[(f64, f64)]| points.last().map(|p| p.1);
    let title = legend(app, name, last(&steps), last(&tests));
    // Whole epochs, as many as have been begun: the curve always fills its chart.
    let epochs = training.epochs_done().ceil().max(1.0);
    let middle = (bounds[0] + bounds[1]) / 2.0;
    let y_labels = match area.height {
        0..7 => vec![number(bounds[0]), number(bounds[1])],
        _ => vec![number(bounds[0]), number(middle), number(bounds[1])],
    };
    let x_labels = match area.height {
        0..9 => Vec::new(),
        _ => vec!["0".to_owned(), format!("epoch {epochs:.0}")],
    };
    let chart = Chart::new(datasets)
        .block(Block::new().title(title))
        .x_axis(Axis::default().style(theme.muted()).bounds([0.0, epochs]).labels(x_labels))
        .y_axis(Axis::default().style(theme.muted()).bounds(bounds).labels(y_labels));
    frame.render_widget(chart, area);
}

fn precise(name: &str, value: f64) -> String {
    if name == "accuracy" { format!("{:.1} %", 100.0 * value) } else { format!("{value:.3}") }
}
