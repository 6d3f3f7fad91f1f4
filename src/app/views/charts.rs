//! Loss and accuracy over the epochs: training as a line, test as points.
//!
//! ```text
//!  loss  ─ train 0.180  ● test 0.094 (on 10,000)
//!  2.3│⡇
//!     │⠘⠢⢄⣀ ∘
//!  0.0│    ⠉⠉⠉⠉⠉⠉●⠉⠉⠉⠉
//! ```
//!
//! Numbers and axes come from the data alone, whatever the size of the chart. What lies beyond an
//! axis is a triangle at its edge.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType};

use super::words::fits;
use crate::app::state::App;
use crate::app::state::curve::{Point, Range, Stretch, Tested, WINDOW};
use crate::app::theme::Theme;
use crate::data::Noun;
use crate::figures::{self, counted, percent, thousands};

/// A test of all digits, and of a sample of them.
const WHOLE: char = '●';
const SAMPLE: char = '∘';
/// Where the curve has left the chart.
const ABOVE: char = '▲';
const BELOW: char = '▼';

/// What one chart shows.
struct Quantity {
    name: &'static str,
    short: &'static str,
    of_stretch: fn(&Stretch) -> Range,
    of_point: fn(&Point) -> f64,
    /// As it is told.
    number: fn(f64) -> String,
    /// The numbers beside the axis.
    labels: fn(&[f64]) -> Vec<String>,
}

const LOSS: Quantity = Quantity {
    name: "loss",
    short: "loss",
    of_stretch: |stretch| stretch.loss,
    of_point: |point| point.loss,
    number: figures::loss,
    labels: |values| figures::labels(values, 1),
};

const ACCURACY: Quantity = Quantity {
    name: "accuracy",
    short: "acc",
    of_stretch: |stretch| stretch.accuracy,
    of_point: |point| point.accuracy,
    number: |value| percent(value, 1),
    labels: |values| {
        let percents: Vec<f64> = values.iter().map(|value| 100.0 * value).collect();
        figures::labels(&percents, 0).into_iter().map(|label| format!("{label} %")).collect()
    },
};

/// The curve of the cross-entropy.
pub fn loss(app: &App, frame: &mut Frame, area: Rect) {
    let highest = seen(app, &LOSS).fold(0.0, f64::max);
    chart(app, frame, area, &LOSS, [0.0, highest.clamp(0.1, ceiling(app.classes()))]);
}

/// The end of the axis of the loss. So many classes at random are their number's logarithm in nats,
/// where every curve begins: 2.3 for ten. The axis ends at the next half that leaves some room.
fn ceiling(classes: usize) -> f64 {
    let random = (classes.max(2) as f64).ln();
    (2.0 * (random + 0.1)).ceil() / 2.0
}

/// What the pictures are called.
fn noun(app: &App) -> Noun {
    app.dataset().map_or(Noun::default(), |dataset| dataset.origin.noun)
}

/// The curve of the accuracy.
pub fn accuracy(app: &App, frame: &mut Frame, area: Rect) {
    let lowest = seen(app, &ACCURACY).fold(1.0, f64::min);
    let bottom = ((lowest * 10.0).floor() / 10.0).clamp(0.0, 0.9);
    chart(app, frame, area, &ACCURACY, [bottom, 1.0]);
}

/// Every number of both curves that is one.
fn seen<'a>(app: &'a App, quantity: &'a Quantity) -> impl Iterator<Item = f64> + 'a {
    let ranges = app.training.train.stretches().map(quantity.of_stretch);
    let tests = app.training.test.iter().map(|test| (quantity.of_point)(&test.point));
    ranges.flat_map(|range| [range.low, range.high]).chain(tests).filter(|v| v.is_finite())
}

/// The newest numbers, where there is no room for curves: loss and accuracy on test digits, or as
/// long as there are none, on training digits.
pub fn newest(app: &App) -> [Line<'static>; 2] {
    let training = &app.training;
    let (whose, point, style) = match training.test.last() {
        Some(test) if test.whole => (format!("{WHOLE} test"), Some(test.point), app.theme.test()),
        Some(test) => (format!("{SAMPLE} test"), Some(test.point), app.theme.test()),
        None => ("train".to_owned(), training.train.newest(), app.theme.train()),
    };
    [&LOSS, &ACCURACY].map(|quantity| {
        let number = number(quantity, point.as_ref());
        Line::from(vec![
            Span::styled(format!("{whose} {} ", quantity.short), app.theme.accent()),
            Span::styled(number, style),
        ])
    })
}

/// What the curves are made of, in one line.
pub fn note(app: &App, width: u16) -> Line<'static> {
    let (all, noun) = (thousands(app.count() as u64), noun(app));
    let whole = |long: &str| format!("{WHOLE} {long}{all} test {}", noun.of(app.count()));
    let sample = app.training.test.iter().find(|test| !test.whole);
    let sample = |long: &str| {
        sample.map_or(String::new(), |test| {
            format!(", {SAMPLE} {long}{}", thousands(test.digits as u64))
        })
    };
    let newest = app.training.test.last().map_or(String::new(), |test| {
        let marker = if test.whole { WHOLE } else { SAMPLE };
        format!("; test: {marker} {}", counted(test.digits, noun.one()))
    });
    let texts = [
        format!(
            "train: with dropout on, the mean of the last {WINDOW} steps, so it trails test;  {}{}",
            whole("all "),
            sample("the first ")
        ),
        format!("train: dropout on, mean of {WINDOW} steps;  {}{}", whole(""), sample("first ")),
        format!("train: dropout, mean of {WINDOW} steps{newest}"),
    ];
    let text = texts.into_iter().find(|text| fits(text, width)).unwrap_or_default();
    Line::styled(text, app.theme.muted())
}

fn number(quantity: &Quantity, point: Option<&Point>) -> String {
    point.map_or("–".to_owned(), |point| (quantity.number)((quantity.of_point)(point)))
}

/// What a curve shows, with its newest numbers: as many words as there is room for, but both
/// numbers always.
fn legend(app: &App, quantity: &Quantity, width: u16) -> Line<'static> {
    let theme = &app.theme;
    let tested = app.training.test.last();
    let train = number(quantity, app.training.train.newest().as_ref());
    let test = number(quantity, tested.map(|test| &test.point));
    let marker = if tested.is_some_and(|test| !test.whole) { SAMPLE } else { WHOLE };
    let count = tested.map_or(String::new(), |test| thousands(test.digits as u64));
    let [on, on_all] = match tested {
        None => ["", ""].map(str::to_owned),
        Some(test) if test.whole => [format!(" (on {count})"), " on all".to_owned()],
        Some(_) => [format!(" (on {count})"), format!(" on {count}")],
    };
    let line = |name: &str, train: String, test: String| {
        Line::from(vec![
            Span::styled(format!("{name} "), theme.accent()),
            Span::styled(format!("{train} "), theme.train()),
            Span::styled(test, theme.test()),
        ])
    };
    let Quantity { name, short, .. } = *quantity;
    let forms = [
        line(name, format!("─ train {train} "), format!("{marker} test {test}{on}")),
        line(name, format!("─ train {train}"), format!("{marker} test {test}{on}")),
        line(name, format!("train {train}"), format!("{marker} test {test}{on_all}")),
        line(short, format!("train {train}"), format!("{marker} test {test}{on_all}")),
        line(short, format!("train {train}"), format!("{marker} test {test}")),
        line(short, format!("train {train}"), format!("test {test}")),
        line(short, train, format!("{marker} {test}")),
    ];
    let last = forms.len() - 1;
    let place = forms.iter().position(|form| form.width() <= usize::from(width)).unwrap_or(last);
    forms.into_iter().nth(place).unwrap_or_default()
}

/// Places in a chart: epochs and a number.
type Places = Vec<(f64, f64)>;

/// What of a curve lies within the axis, in unbroken pieces, and at which edge the rest is marked.
#[derive(Debug, Default, PartialEq)]
struct Drawn {
    lines: Vec<Places>,
    above: Places,
    below: Places,
}

impl Drawn {
    /// The line leaves the chart where it leaves the axis; it does not run along the edge.
    fn curve<'a>(
        stretches: impl Iterator<Item = &'a Stretch>,
        range: fn(&Stretch) -> Range,
        bounds: [f64; 2],
    ) -> Self {
        let mut drawn = Self { lines: vec![Vec::new()], ..Self::default() };
        for stretch in stretches {
            let Range { low, high } = range(stretch);
            for value in if low == high { vec![low] } else { vec![low, high] } {
                drawn.mark(stretch.epochs, value, bounds);
                match (value.is_finite(), drawn.lines.last_mut()) {
                    (true, Some(line)) => line.push((stretch.epochs, value)),
                    _ => drawn.lines.push(Vec::new()),
                }
            }
        }
        drawn
    }

    fn mark(&mut self, epochs: f64, value: f64, bounds: [f64; 2]) {
        if value < bounds[0] {
            self.below.push((epochs, bounds[0]));
        } else if value > bounds[1] || value.is_nan() {
            self.above.push((epochs, bounds[1]));
        }
    }
}

fn chart(app: &App, frame: &mut Frame, area: Rect, quantity: &Quantity, bounds: [f64; 2]) {
    let (theme, training) = (&app.theme, &app.training);
    let curve = Drawn::curve(training.train.stretches(), quantity.of_stretch, bounds);
    let mut tests = Drawn::default();
    let mut points: [Places; 2] = Default::default();
    for Tested { point, whole, .. } in &training.test {
        let value = (quantity.of_point)(point);
        tests.mark(point.epochs, value, bounds);
        // Where it is not within the axis it is not drawn.
        points[usize::from(*whole)].push((point.epochs, value));
    }
    let [samples, wholes] = &points;
    let scatter = |style: Style, marker: char, data| {
        let marker = Marker::Custom(marker);
        Dataset::default().marker(marker).graph_type(GraphType::Scatter).style(style).data(data)
    };
    let line = |data| {
        let line = Dataset::default().marker(Marker::Braille).graph_type(GraphType::Line);
        line.style(theme.train()).data(data)
    };
    // What comes last lies on top.
    let mut datasets: Vec<Dataset> = curve.lines.iter().map(|places| line(places)).collect();
    datasets.extend([
        scatter(theme.train(), ABOVE, &curve.above),
        scatter(theme.train(), BELOW, &curve.below),
        scatter(theme.test(), ABOVE, &tests.above),
        scatter(theme.test(), BELOW, &tests.below),
        scatter(theme.test(), SAMPLE, samples),
        scatter(theme.test(), WHOLE, wholes),
    ]);
    // Whole epochs, as many as have been begun: the curve always fills its chart.
    let epochs = training.epochs_done().ceil().max(1.0);
    let middle = (bounds[0] + bounds[1]) / 2.0;
    let y_labels = match area.height {
        0..7 => (quantity.labels)(&bounds),
        _ => (quantity.labels)(&[bounds[0], middle, bounds[1]]),
    };
    let x_labels = match area.height {
        0..9 => Vec::new(),
        _ => vec!["0".to_owned(), format!("epoch {epochs:.0}")],
    };
    let chart = Chart::new(datasets)
        .block(Block::new().title(legend(app, quantity, area.width)))
        .x_axis(Axis::default().style(theme.muted()).bounds([0.0, epochs]).labels(x_labels))
        .y_axis(Axis::default().style(theme.muted()).bounds(bounds).labels(y_labels));
    frame.render_widget(chart, area);
    emphasise(theme, frame, area);
}

/// Points of all digits stand out, samples stand back: a chart knows only colours.
fn emphasise(theme: &Theme, frame: &mut Frame, area: Rect) {
    let below_title = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    for place in below_title.intersection(frame.area()).positions() {
        let cell = &mut frame.buffer_mut()[place];
        let style = match cell.symbol().chars().next() {
            Some(WHOLE) => theme.test().add_modifier(Modifier::BOLD),
            Some(SAMPLE) => theme.test().add_modifier(Modifier::DIM),
            // No colour of the line below shows through.
            _ => continue,
        };
        cell.set_style(style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::curve::Curve;

    #[test]
    fn the_axis_of_the_loss_ends_a_little_above_what_guessing_costs() {
        for (classes, end) in
            [(2, 1.0), (10, 2.5), (20, 3.5), (21, 3.5), (47, 4.0), (100, 5.0), (1000, 7.5)]
        {
            assert_eq!(ceiling(classes), end, "{classes}");
        }
    }

    #[test]
    fn what_lies_beyond_the_axis_is_marked_at_its_edge_and_the_line_breaks_off_there() {
        let mut curve = Curve::default();
        let losses = [1.0, 424.66, f64::NAN, f64::INFINITY, 0.5];
        for (i, loss) in losses.into_iter().enumerate() {
            // So far apart that each is a mean of its own.
            curve.push(100 * i, Point { epochs: i as f64, loss, accuracy: 0.5 });
        }
        let drawn = Drawn::curve(curve.stretches(), |stretch| stretch.loss, [0.0, 2.5]);
        assert_eq!(drawn.above, [(1.0, 2.5), (2.0, 2.5), (3.0, 2.5)]);
        assert!(drawn.below.is_empty());
        let lines: Vec<_> = drawn.lines.into_iter().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, [vec![(0.0, 1.0), (1.0, 424.66)], vec![(4.0, 0.5)]]);
        assert!(curve.stretches().all(|stretch| stretch.loss.high > 0.0));
    }
}
