//! Every number on screen is the same whatever the terminal shows, and comes from the data.
//!
//! One recorded run, with a cliff at its start and a divergence at its end, goes into the app at several
//! sizes and colour depths; the numbers in its titles and facts must be equal, digit for digit.

#![cfg(feature = "app")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use gradcam::app::message::Message;
use gradcam::app::state::{App, Panel, Screen};
use gradcam::app::theme::Theme;
use gradcam::app::update::update;
use gradcam::app::views;
use gradcam::data::digits::{SHAPE, is_ink, synthetic};
use gradcam::data::{Dataset, Images};
use gradcam::explain::heat_on;
use gradcam::explain::{Explanation, Heatmap, Query, Status, Trust};
use gradcam::live::{Findings, Report, Study};
use gradcam::model::Metadata;
use gradcam::model::evaluate::Evaluation;
use gradcam::paint::ColorDepth;
use gradcam::rng::Rng;
use gradcam::train::{BatchReport, EpochReport, Event, Recipe};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use regex_lite::Regex;

const SIZES: [(u16, u16); 6] = [(60, 18), (80, 24), (100, 30), (120, 40), (200, 60), (300, 80)];
const DEPTHS: [ColorDepth; 4] =
    [ColorDepth::TrueColor, ColorDepth::Indexed, ColorDepth::Ansi, ColorDepth::Mono];
/// Steps in an epoch of the recorded run.
const BATCHES: usize = 400;
/// Test digits, and those of a sample.
const ALL: usize = 600;
const SAMPLE: usize = 500;

static DATASET: LazyLock<Arc<Dataset>> =
    LazyLock::new(|| Arc::new(synthetic::dataset([10, ALL], 1, &|_, _| {})));

fn app(depth: ColorDepth, (width, height): (u16, u16)) -> App {
    let theme = Theme::new(depth);
    let mut app = App::new(theme.into(), Recipe::default(), "flex", None, PathBuf::from("model"));
    update(&mut app, Message::Input(Input::Resize(width, height)));
    update(&mut app, Message::Loaded(Arc::clone(&DATASET)));
    update(&mut app, Message::Train(Event::Started { images: 10, recipe: Recipe::default() }));
    app
}

fn press(app: &mut App, code: KeyCode) {
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    update(app, Message::Input(Input::Key(event)));
}

fn drawn(app: &App) -> Buffer {
    let (width, height) = app.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| views::draw(app, frame)).unwrap();
    terminal.backend().buffer().clone()
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    buffer.content.chunks(width).map(|row| row.iter().map(|c| c.symbol()).collect()).collect()
}

fn text(buffer: &Buffer) -> String {
    rows(buffer).join("\n")
}

/// A score of the first digits, so many of which are wrong.
fn score(digits: usize, wrong: usize, loss: f32) -> Evaluation {
    let labels = DATASET.test.labels();
    let predictions = (0..digits).map(|i| (labels[i] + u16::from(i < wrong)) % 10).collect();
    Evaluation { predictions, losses: vec![loss; digits], correct: digits - wrong }
}

/// What a step says: it learns within 60 steps, and flies apart at the end of the third epoch.
fn step(rng: &mut Rng, epoch: usize, batch: usize) -> Message {
    let steps = (epoch - 1) * BATCHES + batch;
    let left = (-(steps as f64) / 25.0).exp();
    let noise = f64::from(rng.uniform()) - 0.5;
    let diverged = epoch == 3 && batch > BATCHES - 10;
    let (loss, accuracy) = match diverged {
        true => (424.66 + noise, 0.1),
        false => (2.2 * left + 0.12 + 0.05 * noise, 0.96 - 0.86 * left + 0.04 * noise),
    };
    Message::Train(Event::Batch(BatchReport {
        epoch,
        epochs: 3,
        batch,
        batches: BATCHES,
        loss,
        accuracy,
        batch_loss: loss,
        batch_accuracy: accuracy,
        images_per_second: 1000.0,
    }))
}

fn sample(epochs: f32, wrong: usize) -> Message {
    let score = score(SAMPLE, wrong, 0.0625);
    Message::Report(Report::Probe { score, epochs })
}

fn whole(epoch: usize, wrong: usize) -> Message {
    Message::Train(Event::Epoch(EpochReport {
        epoch,
        epochs: 3,
        train_loss: 0.2,
        train_accuracy: 0.9,
        test: Arc::new(score(ALL, wrong, 0.125)),
        seconds: 1.0,
        images_per_second: 1000.0,
    }))
}

/// A map that is easy to get wrong: little of it, off the ink, between two pixels of the layer.
fn explanation() -> Explanation {
    let mut rng = Rng::new(9);
    let raw: Vec<f32> = (0..121).map(|_| 0.0031 * (1.4 * rng.uniform() - 0.4)).collect();
    let raw_max = raw.iter().fold(0.0, |most: f32, value| most.max(*value));
    let values = raw.iter().map(|value| value.max(0.0) / raw_max).collect();
    let heatmap = Heatmap { height: 11, width: 11, values, raw, raw_max, status: Status::Ok };
    let mut logits = vec![0.0; 10];
    logits[3] = 5.0;
    Explanation { logits, predicted: 3, target: 3, query: Query::default(), heatmap }
}

fn trust(answer: &Explanation) -> Trust {
    Trust {
        deletion: vec![0.25; 29],
        insertion: vec![0.75; 29],
        random_deletion: vec![0.5; 29],
        random_insertion: vec![0.5; 29],
        deletion_area: 0.213,
        insertion_area: 0.847,
        random_deletion_area: 0.442,
        random_insertion_area: 0.442,
        on_ink: heat_on(&answer.heatmap, [28, 28], is_ink(DATASET.test.image(0))),
        stability: -0.001,
    }
}

/// The answers to what this screen asks.
fn answered(app: &mut App) {
    let (focus, explanation) = (app.focus(), explanation());
    let trust = trust(&explanation);
    let asked = focus.clone();
    update(app, Message::Report(Report::Focus { focus, explanation, epochs: 1.0 }));
    let (focus, study, findings) = (asked, Study::Trust, Findings::Trust(trust));
    update(app, Message::Report(Report::Study { focus, study, findings }));
}

/// Numbers on screen, by what they are of.
type Told = BTreeMap<&'static str, String>;

/// What a pattern's first group has found on this screen.
fn find(app: &App, pattern: &str) -> String {
    let screen = text(&drawn(app));
    let found = Regex::new(pattern).unwrap().captures(&screen);
    let found = found.unwrap_or_else(|| panic!("{pattern} is not in\n{screen}"));
    found.iter().skip(1).flatten().last().unwrap().as_str().to_owned()
}

fn curves(app: &App) -> Told {
    BTreeMap::from([
        ("train loss", find(app, r"loss +(?:─ )?train ([\d.]+)")),
        ("test loss", find(app, r"loss .*?test ([\d.]+)")),
        ("train accuracy", find(app, r"acc(?:uracy)? +(?:─ )?train ([\d.]+) %")),
        ("test accuracy", find(app, r"acc.*?test ([\d.]+) %")),
    ])
}

fn counts_and_facts(app: &mut App) -> Told {
    let mut told = Told::new();
    app.screen = Screen::Explore;
    answered(app);
    told.insert("on ink", find(app, r"(\d+) % of (?:the heat|it)"));
    if app.size.0 >= 80 {
        told.insert("peak", find(app, r"peak ([\d.e-]+) logits"));
    }
    let line = r"deletion ([\d.]+) \((?:random )?([\d.]+)\), insertion";
    if app.size.1 > 18 {
        told.insert("random order", find(app, line));
        told.insert("insertion", find(app, r"insertion (-?[\d.]+)"));
    }
    press(app, KeyCode::Char('v'));
    answered(app);
    told.insert("on ink, panel", find(app, r"(\d+) % of the heat lies on ink"));
    told.insert("stability", find(app, r"(-?[\d.]+) correlation when shifted"));
    press(app, KeyCode::Char('x'));
    assert_eq!(app.explore.panel, Panel::Confusion);
    told.insert("wrong", find(app, r"(\d+ of [\w ]+?) wrong"));
    press(app, KeyCode::Char('e'));
    told.insert("listed", find(app, r"wrong: (\d+ of [\w ]+)"));
    press(app, KeyCode::Esc);
    (app.screen, app.explore.index) = (Screen::Train, 0);
    told
}

/// All that is told at four moments of the recorded run.
fn told(depth: ColorDepth, size: (u16, u16)) -> Vec<Told> {
    let (mut app, mut rng) = (app(depth, size), Rng::new(4));
    let mut told = Vec::new();
    for epoch in 1..=3 {
        for batch in 1..=BATCHES {
            let message = step(&mut rng, epoch, batch);
            update(&mut app, message);
            if batch == 100 {
                update(&mut app, sample((epoch - 1) as f32 + 0.25, 60 / epoch));
                told.push(curves(&app));
                told.push(counts_and_facts(&mut app));
            }
        }
        update(&mut app, whole(epoch, 30 / epoch));
        told.push(curves(&app));
        told.push(counts_and_facts(&mut app));
    }
    told
}

#[test]
fn the_numbers_of_a_run_are_equal_at_every_size_and_colour_depth() {
    let reference = told(ColorDepth::TrueColor, (200, 60));
    for depth in DEPTHS {
        for size in SIZES {
            for (moment, (found, expected)) in told(depth, size).iter().zip(&reference).enumerate()
            {
                for (what, number) in found {
                    assert_eq!(number, &expected[what], "{what}, {depth:?} {size:?} at {moment}");
                }
            }
        }
    }
    // And they are the run's own.
    let last = &reference[reference.len() - 2];
    let mean: f64 = last["train loss"].parse().unwrap();
    assert!((200.0..230.0).contains(&mean), "ten of the last twenty steps are at 424.66: {mean}");
    assert_eq!((&last["test loss"][..], &last["test accuracy"][..]), ("0.125", "98.3"));
    let counts = &reference[reference.len() - 1];
    assert_eq!(counts["wrong"], "10 of 600 test digits");
    assert_eq!((&counts["peak"][..], &counts["stability"][..]), ("0.0031", "0.00"));
    assert_eq!(counts["on ink"], counts["on ink, panel"]);
    let sampled = &reference[1];
    assert_eq!(sampled["wrong"], "60 of the first 500 test digits");
    // Within the second epoch, with a newer sample at hand, it is still those of the first.
    assert_eq!(reference[5]["wrong"], "30 of 600 test digits");
}

#[test]
fn a_negative_zero_and_a_count_without_its_noun_are_nowhere() {
    for size in SIZES {
        let mut app = app(ColorDepth::TrueColor, size);
        update(&mut app, whole(1, 1));
        let mut screens = vec![text(&drawn(&app))];
        app.screen = Screen::Explore;
        answered(&mut app);
        for key in ['v', 'x', 'e'] {
            press(&mut app, KeyCode::Char(key));
            answered(&mut app);
            screens.push(text(&drawn(&app)));
        }
        let wrong = Regex::new(r"-0\.?0* |-0\.?0*%|\b1 (epochs|digits|steps|stages)\b").unwrap();
        for screen in screens {
            assert!(!wrong.is_match(&screen), "{screen}");
        }
    }
}

/// The columns in which a chart's line is at least so high, as a share of the chart's own.
fn accuracy_cliff(app: &App) -> f64 {
    let screen = drawn(app);
    let rows = rows(&screen);
    let title = rows.iter().position(|row| row.contains("accuracy")).unwrap();
    let bottom =
        (title..rows.len()).find(|&y| rows[y].contains("epoch 3") && rows[y].contains('0'));
    let bottom = bottom.unwrap() as u16 - 1;
    let left = app.size.0 / 2;
    let axis = (left..app.size.0).find(|&x| screen[(x, bottom)].symbol() == "└").unwrap();
    // The first column with a dot in the upper eighth of the chart.
    let top = title as u16 + 1;
    let high = top..top + (bottom - top).div_ceil(8);
    let inked = |x: u16| {
        high.clone().any(|y| {
            let symbol = screen[(x, y)].symbol().chars().next().unwrap();
            ('\u{2801}'..='\u{28ff}').contains(&symbol)
        })
    };
    let first = (axis + 1..app.size.0).find(|&x| inked(x)).unwrap();
    f64::from(first - axis - 1) / f64::from(app.size.0 - 1 - axis)
}

#[test]
fn the_cliff_stays_where_it_was_while_the_run_goes_on() {
    let (mut app, mut rng) = (app(ColorDepth::TrueColor, (200, 60)), Rng::new(4));
    for epoch in 1..=3 {
        for batch in 1..=BATCHES - 20 {
            let message = step(&mut rng, epoch, batch);
            update(&mut app, message);
        }
    }
    // 88 % is passed 60 steps after the start, of 1200.
    let place = accuracy_cliff(&app);
    assert!((0.02..0.12).contains(&place), "{place}\n{}", text(&drawn(&app)));
}

#[test]
fn what_has_left_the_axis_is_marked_at_the_edge_and_told_as_it_is() {
    for depth in DEPTHS {
        let mut app = app(depth, (120, 40));
        let mut rng = Rng::new(4);
        for batch in 1..=40 {
            let message = step(&mut rng, 1, batch);
            update(&mut app, message);
        }
        assert!(!text(&drawn(&app)).contains('▲'));
        for loss in [424.66, f64::INFINITY, f64::NAN] {
            for batch in 41..=60 {
                let Message::Train(Event::Batch(report)) = step(&mut rng, 1, batch) else {
                    panic!()
                };
                let report = BatchReport { batch_loss: loss, ..report };
                update(&mut app, Message::Train(Event::Batch(report)));
            }
            let screen = drawn(&app);
            assert!(text(&screen).contains('▲'), "{}", text(&screen));
            let name = if loss == 424.66 { "424.66".to_owned() } else { loss.to_string() };
            assert!(text(&screen).contains(&format!("train {name}")), "{}", text(&screen));
        }
    }
    // An untrained network, of which nothing but one test is known.
    let mut app = app(ColorDepth::TrueColor, (120, 40));
    update(&mut app, sample(0.0, 432));
    let screen = text(&drawn(&app));
    assert!(screen.contains("test 13.6 % (on 500)"), "{screen}");
    assert!(!screen.contains('▼') && screen.contains('∘'), "{screen}");
}

#[test]
fn a_sample_of_the_test_digits_is_told_apart_from_all_of_them() {
    for ascii in [false, true] {
        let mut app = app(ColorDepth::TrueColor, (120, 40));
        app.theme.ascii = ascii;
        let [sampled, full] = if ascii { ['o', 'O'] } else { ['∘', '●'] };
        let mut rng = Rng::new(4);
        for batch in 1..=BATCHES {
            let message = step(&mut rng, 1, batch);
            update(&mut app, message);
        }
        update(&mut app, sample(0.5, 10));
        let screen = text(&drawn(&app));
        assert!(screen.contains(&format!("{sampled} test 98.0 % (on 500)")), "{screen}");
        update(&mut app, whole(1, 12));
        // One that was made before, and comes late.
        update(&mut app, sample(0.9, 0));
        let buffer = drawn(&app);
        let screen = text(&buffer);
        assert!(screen.contains(&format!("{full} test 98.0 % (on 600)")), "{screen}");
        assert!(screen.contains(&format!("{full} all 600 test digits, {sampled} the first 500")));
        // In the chart, below its title: full points stand out, samples stand back.
        let style = |symbol: char| {
            let cells = buffer.content.iter().enumerate();
            let mut of_chart = cells.filter(|(i, cell)| {
                (2..12).contains(&(i / 120)) && cell.symbol().starts_with(symbol)
            });
            of_chart.next().map(|(_, cell)| cell.modifier)
        };
        assert_eq!(style(full), Some(Modifier::BOLD), "{screen}");
        assert_eq!(style(sampled), Some(Modifier::DIM), "{screen}");
    }
}

/// Whether a colour says "for" (red) or "against" (blue), if either.
fn says(color: Color) -> Option<&'static str> {
    let of = |[r, _, b]: [i32; 3]| match r - b {
        20.. => Some("for"),
        ..=-20 => Some("against"),
        _ => None,
    };
    match color {
        Color::Rgb(r, g, b) => of([r, g, b].map(i32::from)),
        Color::Indexed(index @ 16..232) => {
            let index = i32::from(index) - 16;
            of([index / 36, index / 6 % 6, index % 6].map(|part| 50 * part))
        }
        Color::Red => Some("for"),
        Color::Blue => Some("against"),
        _ => None,
    }
}

#[test]
fn wherever_red_and_blue_are_spoken_of_the_map_is_signed() {
    for depth in [ColorDepth::TrueColor, ColorDepth::Indexed, ColorDepth::Ansi] {
        for size in [(40, 12), (60, 18), (80, 24), (120, 40), (200, 60)] {
            for overlay in [false, true] {
                let mut app = app(depth, size);
                app.screen = Screen::Explore;
                (app.explore.signed, app.explore.overlay) = (true, overlay);
                answered(&mut app);
                let screen = drawn(&app);
                assert!(text(&screen).contains("blue against"), "{}", text(&screen));
                // Not the row of the legend.
                let legend = rows(&screen).iter().position(|row| row.contains("on ink")).unwrap();
                let width = usize::from(size.0);
                let cells = screen.content.iter().enumerate();
                let map = cells.filter(|(i, cell)| {
                    i / width != legend && i / width > 1 && " ▀░▒▓".contains(cell.symbol())
                });
                let colours = map.flat_map(|(_, cell)| [cell.fg, cell.bg]);
                let said: Vec<_> = colours.filter_map(says).collect();
                for sign in ["for", "against"] {
                    let count = said.iter().filter(|said| **said == sign).count();
                    assert!(count > 8, "{sign} {count} {depth:?} {size:?} {overlay}");
                }
            }
        }
    }
}

#[test]
fn the_readme_shows_a_screen_as_it_is() {
    let recorded: serde_json::Value =
        serde_json::from_str(include_str!("golden/explore.json")).unwrap();
    let number = |name: &str| recorded[name].as_f64().unwrap();
    let numbers = |name: &str| -> Vec<f32> {
        let values = recorded[name].as_array().unwrap().iter();
        values.map(|value| value.as_f64().unwrap() as f32).collect()
    };
    let count = |name: &str| number(name) as usize;
    // The recorded digit, and 9,999 that nobody looks at.
    let mut pixels = vec![0; 10_000 * 784];
    for (pixel, value) in pixels.iter_mut().zip(numbers("pixels")) {
        *pixel = value as u8;
    }
    let mut labels = vec![0; 10_000];
    labels[0] = count("label") as u16;
    let test = Images::new(SHAPE, pixels, labels);
    let dataset = Dataset { test, ..synthetic::dataset([1, 1], 1, &|_, _| {}) };
    let model = Metadata {
        dataset: "MNIST".to_owned(),
        epochs: count("epochs"),
        test_accuracy: Some(number("test_accuracy") as _),
        ..Metadata::default()
    };
    let theme = Theme::new(ColorDepth::Mono);
    let (recipe, path) = (Recipe::default(), PathBuf::from("model"));
    let mut app = App::new(theme.into(), recipe, "ndarray", Some(model), path);
    let ink_of_it = dataset.test.image(0).to_vec();
    update(&mut app, Message::Loaded(Arc::new(dataset)));
    let values = numbers("values");
    let raw_max = number("raw_max") as f32;
    let heatmap = Heatmap {
        height: count("height"),
        width: count("width"),
        raw: values.iter().map(|value| value * raw_max).collect(),
        values,
        raw_max,
        status: Status::Ok,
    };
    let (predicted, target) = (count("predicted"), count("predicted"));
    let logits = numbers("logits");
    let explanation = Explanation { logits, predicted, target, query: Query::default(), heatmap };
    let trust = Trust {
        deletion_area: number("deletion") as f32,
        insertion_area: number("insertion") as f32,
        random_deletion_area: number("random") as f32,
        random_insertion_area: number("random") as f32,
        stability: number("stability") as f32,
        on_ink: heat_on(&explanation.heatmap, [28, 28], is_ink(&ink_of_it)),
        ..trust(&explanation)
    };
    let (focus, asked) = (app.focus(), app.focus());
    update(&mut app, Message::Report(Report::Focus { focus, explanation, epochs: 0.0 }));
    let (focus, study, findings) = (asked, Study::Trust, Findings::Trust(trust));
    update(&mut app, Message::Report(Report::Study { focus, study, findings }));
    // Below the header, which tells of the machine, and above the keys.
    let screen = rows(&drawn(&app));
    let screen: Vec<_> = screen[1..20].iter().map(|row| row.trim_end()).collect();
    let readme = include_str!("../README.md");
    let shown = readme.split("```").nth(1).and_then(|block| block.strip_prefix("text\n")).unwrap();
    assert_eq!(shown.trim_end().lines().collect::<Vec<_>>(), screen, "{}", screen.join("\n"));
}
