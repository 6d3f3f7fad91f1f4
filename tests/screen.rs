//! The app without a terminal: messages in, cells out.

#![cfg(feature = "app")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use gradcam::app::message::{Effect, Found, Message};
use gradcam::app::state::mistakes::Filter;
use gradcam::app::state::{App, Overlay, Panel, Phase, Screen};
use gradcam::app::theme::Theme;
use gradcam::app::update::update;
use gradcam::app::views;
use gradcam::data::digits::synthetic;
use gradcam::data::{Dataset, Progress};
use gradcam::explain::{Channel, Explanation, Heatmap, Query, Status, Step, Trust};
use gradcam::failure::Failure;
use gradcam::live::{Findings, Report, Study, Subject};
use gradcam::model::Metadata;
use gradcam::model::evaluate::Evaluation;
use gradcam::paint::ColorDepth;
use gradcam::rng::Rng;
use gradcam::train::{
    BatchReport, Begin, Command, Divergence, EpochReport, Event, Recipe, Sign, Standing,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

/// How the pen and other marks are drawn.
const MARKED: Modifier = Modifier::BOLD.union(Modifier::REVERSED);

fn app(depth: ColorDepth, model: Option<Metadata>) -> App {
    App::new(Theme::new(depth).into(), Recipe::default(), "flex", model, PathBuf::from("model"))
}

fn dataset() -> Arc<Dataset> {
    let mut dataset = synthetic::dataset([10, 60], 1, &|_, _| {});
    dataset.origin.stand_in = Some("the host was not found".to_owned());
    Arc::new(dataset)
}

/// With digits, and exploring a model from a file.
fn exploring(depth: ColorDepth) -> App {
    let mut app = app(depth, Some(Metadata::default()));
    update(&mut app, Message::Loaded(dataset()));
    app
}

fn press(app: &mut App, code: KeyCode) -> Vec<Effect> {
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    update(app, Message::Input(Input::Key(event)))
}

fn typed(app: &mut App, text: &str) -> Vec<Effect> {
    text.chars().flat_map(|c| press(app, KeyCode::Char(c))).collect()
}

fn drawn(app: &App, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| views::draw(app, frame)).unwrap();
    terminal.backend().buffer().clone()
}

fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let rows = buffer.content.chunks(width).map(|row| row.iter().map(|c| c.symbol()).collect());
    rows.collect::<Vec<String>>().join("\n")
}

fn explanation(predicted: usize, target: usize) -> Explanation {
    let mut logits = vec![0.0; 10];
    logits[predicted] = 4.0;
    let values: Vec<f32> = (0..121).map(|i| i as f32 / 120.0).collect();
    let raw = values.iter().map(|value| 2.5 * value).collect();
    let heatmap = Heatmap { height: 11, width: 11, values, raw, raw_max: 2.5, status: Status::Ok };
    Explanation { logits, predicted, target, query: Query::default(), heatmap }
}

fn batch(epoch: usize, batch: usize) -> Message {
    Message::Train(Event::Batch(BatchReport {
        epoch,
        epochs: 3,
        batch,
        batches: 100,
        loss: 2.0 / batch as f64,
        accuracy: 1.0 - 0.9 / batch as f64,
        batch_loss: 2.0 / batch as f64,
        batch_accuracy: 1.0 - 0.9 / batch as f64,
        images_per_second: 1000.0,
    }))
}

fn epoch(epoch: usize) -> Message {
    Message::Train(epoch_event(epoch))
}

fn epoch_event(epoch: usize) -> Event {
    let test = Evaluation { predictions: vec![0; 60], losses: vec![0.5; 60], correct: 30 };
    Event::Epoch(EpochReport {
        epoch,
        epochs: 3,
        train_loss: 0.2,
        train_accuracy: 0.9,
        test: Arc::new(test),
        seconds: 1.0,
        images_per_second: 1000.0,
    })
}

#[test]
fn digits_that_are_there_start_the_training_that_was_asked_for() {
    let mut app = app(ColorDepth::TrueColor, None);
    assert_eq!(app.screen, Screen::Train);
    assert!(text(&drawn(&app, 80, 24)).contains("looking for the data"));
    let progress =
        Progress::Downloading { set: "MNIST", file: "t10k", done: 1_500_000, total: 3_000_000 };
    update(&mut app, Message::Loading(progress));
    assert!(text(&drawn(&app, 80, 24)).contains("downloading MNIST, t10k: 1.5 of 3.0 MB"));
    let effects = update(&mut app, Message::Loaded(dataset()));
    assert!(effects.contains(&Effect::StartTraining(Begin::Anew)));
    let screen = text(&drawn(&app, 80, 24));
    assert!(screen.contains("not MNIST") && screen.contains("the host was not found"), "{screen}");
    let effects = update(&mut app, Message::LoadFailed(Failure::new("no digits")));
    assert_eq!(effects, [Effect::Fail(Failure::new("no digits"))]);
}

#[test]
fn moving_asks_the_explainer_for_the_digit_and_stays_within_the_set() {
    let mut app = exploring(ColorDepth::TrueColor);
    for (key, index) in [
        (KeyCode::Right, 1),
        (KeyCode::PageDown, 11),
        (KeyCode::Char('h'), 10),
        (KeyCode::PageUp, 0),
        (KeyCode::Left, 0),
        (KeyCode::End, 59),
        (KeyCode::Right, 59),
        (KeyCode::Char('g'), 0),
    ] {
        let effects = press(&mut app, key);
        let [Effect::Watch(watch)] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(watch.focus.as_ref().unwrap().subject, Subject::Test(index), "{key:?}");
    }
    typed(&mut app, ":4");
    assert_eq!(app.overlay, Overlay::Jump("4".to_owned()));
    typed(&mut app, "2x");
    press(&mut app, KeyCode::Enter);
    assert_eq!((app.explore.index, &app.overlay), (42, &Overlay::None));
    typed(&mut app, ":777");
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.explore.index, 42);
    assert!(app.notice.as_ref().unwrap().text.contains("777"));
    typed(&mut app, "r");
    assert!(app.explore.index < 60);
}

#[test]
fn a_class_is_explained_until_esc_or_the_next_digit() {
    let mut app = exploring(ColorDepth::TrueColor);
    typed(&mut app, "7");
    assert_eq!(app.focus().target, Some(7));
    press(&mut app, KeyCode::Esc);
    assert_eq!(app.focus().target, None);
    typed(&mut app, "7l");
    assert_eq!(app.focus().target, None);
}

#[test]
fn the_next_wrong_digit_wraps_around_and_none_is_said() {
    let mut app = exploring(ColorDepth::TrueColor);
    typed(&mut app, "w");
    assert!(app.notice.as_ref().unwrap().text.contains("not scored yet"));
    let labels = app.dataset().unwrap().test.labels().to_vec();
    let mut predictions = labels.clone();
    for wrong in [5, 40] {
        predictions[wrong] = (labels[wrong] + 1) % 10;
    }
    let scored = |predictions| {
        let evaluation = Evaluation { predictions, losses: vec![0.0; 60], correct: 58 };
        Message::Report(Report::Scored(Arc::new(evaluation)))
    };
    update(&mut app, scored(predictions));
    let mut seen = Vec::new();
    for _ in 0..3 {
        typed(&mut app, "w");
        seen.push(app.explore.index);
    }
    assert_eq!(seen, [5, 40, 5]);
    update(&mut app, scored(labels));
    typed(&mut app, "w");
    assert!(app.notice.as_ref().unwrap().text.contains("every test digit right"));
}

#[test]
fn an_answer_to_an_old_question_is_not_shown_as_the_new_one() {
    let mut app = exploring(ColorDepth::TrueColor);
    let asked = app.focus();
    typed(&mut app, "l");
    let late = Report::Focus { focus: asked, explanation: explanation(3, 3), epochs: 1.0 };
    update(&mut app, Message::Report(late));
    assert!(app.answer().is_none());
    assert!(!text(&drawn(&app, 80, 24)).contains("evidence for 3"));
    let focus = app.focus();
    let answer = Report::Focus { focus, explanation: explanation(4, 4), epochs: 1.0 };
    update(&mut app, Message::Report(answer));
    let buffer = drawn(&app, 80, 24);
    assert!(text(&buffer).contains("evidence for 4"), "{}", text(&buffer));
    // The coldest and the hottest corner of the map, in inferno.
    assert!(matches!(buffer[(31, 2)].bg, Color::Rgb(r, g, b) if r < 20 && g < 20 && b < 40));
    assert!(matches!(buffer[(58, 15)].bg, Color::Rgb(r, g, _) if r > 230 && g > 200));
}

#[test]
fn quitting_asks_while_training_and_never_else() {
    let mut app = exploring(ColorDepth::TrueColor);
    assert_eq!(typed(&mut app, "q"), [Effect::Quit(0)]);
    update(&mut app, batch(1, 1));
    app.training.phase = Phase::Running;
    assert_eq!(typed(&mut app, "q"), []);
    assert!(text(&drawn(&app, 80, 24)).contains("Still training: q quits"));
    assert_eq!(typed(&mut app, "x"), []);
    assert_eq!(typed(&mut app, "qq"), [Effect::Quit(0)]);
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    let effects = update(&mut app, Message::Input(Input::Key(interrupt)));
    assert_eq!(effects, [Effect::Quit(130)]);
    assert_eq!(update(&mut app, Message::Signal(15)), [Effect::Quit(143)]);
}

#[test]
fn space_pauses_and_t_adds_an_epoch_or_asks_before_a_new_network() {
    let mut app = exploring(ColorDepth::TrueColor);
    let asks = |app: &mut App| {
        assert_eq!(typed(app, "t"), [Effect::LookOnDisk]);
        let found = Found { model: true, training: None, taken: None };
        assert_eq!(update(app, Message::Found(found)), []);
        assert_eq!(app.overlay, Overlay::ConfirmTrain);
    };
    asks(&mut app);
    assert_eq!(typed(&mut app, "n"), []);
    asks(&mut app);
    assert!(typed(&mut app, "t").contains(&Effect::StartTraining(Begin::Anew)));
    update(&mut app, Message::Train(Event::Started { images: 10, recipe: Recipe::default() }));
    assert_eq!(typed(&mut app, " "), [Effect::Train(Command::Pause(true))]);
    update(&mut app, Message::Train(Event::Paused(true)));
    assert_eq!(typed(&mut app, " "), [Effect::Train(Command::Pause(false))]);
    update(&mut app, Message::Train(Event::Done { complete: true, last: None }));
    assert_eq!(app.training.phase, Phase::Done);
    assert_eq!(typed(&mut app, "t"), [Effect::Train(Command::OneMoreEpoch)]);
    assert_eq!((&app.training.phase, app.training.recipe.epochs), (&Phase::Running, 4));
}

#[test]
fn below_the_digit_stands_whether_its_map_can_be_trusted() {
    let mut app = exploring(ColorDepth::TrueColor);
    let report = |app: &App| {
        let (focus, explanation) = (app.focus(), explanation(4, 4));
        Message::Report(Report::Focus { focus, explanation, epochs: 1.0 })
    };
    let message = report(&app);
    update(&mut app, message);
    assert!(app.watch().patient, "it can wait");
    study(&mut app);
    let line = "trust: deletion 0.25 (random 0.50), insertion 0.75 (0.50), stability 0.88";
    let screen = drawn(&app, 80, 24);
    assert!(text(&screen).contains(line), "{}", text(&screen));
    let row = text(&screen).lines().position(|row| row.contains("trust: ")).unwrap() as u16;
    let figure = &screen[(1 + "trust: deletion ".len() as u16, row)];
    assert_eq!(
        (figure.symbol(), figure.fg),
        ("0", Theme::new(ColorDepth::TrueColor).good().fg.unwrap())
    );
    assert!(text(&drawn(&app, 50, 30)).contains("deletion 0.25 (0.50), insertion 0.75 (0.50)"));
    // It is not said of another map.
    typed(&mut app, "3");
    let message = report(&app);
    update(&mut app, message);
    let unknown = "trust: deletion .... (random ....), insertion .... (....), stability ....";
    assert!(text(&drawn(&app, 80, 24)).contains(unknown), "{}", text(&drawn(&app, 80, 24)));
    study(&mut app);
    assert!(text(&drawn(&app, 80, 24)).contains(line));
    // There is nothing to trust on an empty one.
    let mut empty = explanation(4, 4);
    empty.heatmap.status = Status::NoPositiveEvidence;
    let report = Report::Focus { focus: app.focus(), explanation: empty, epochs: 1.0 };
    update(&mut app, Message::Report(report));
    assert!(!text(&drawn(&app, 80, 24)).contains("trust:"));
    typed(&mut app, "v");
    assert!(!app.watch().patient);
    assert!(text(&drawn(&app, 80, 24)).contains("lies on ink"), "it was known already");
}

#[test]
fn a_notice_goes_by_itself() {
    let mut app = exploring(ColorDepth::TrueColor);
    typed(&mut app, "c");
    assert!(text(&drawn(&app, 80, 24)).contains("colormap: viridis"));
    update(&mut app, Message::Tick(Duration::from_secs(60)));
    assert!(app.notice.is_none());
}

#[test]
fn pinned_digits_show_their_heat_and_their_verdict() {
    let mut app = app(ColorDepth::TrueColor, None);
    update(&mut app, Message::Loaded(dataset()));
    update(&mut app, Message::Train(Event::Started { images: 10, recipe: Recipe::default() }));
    (1..50).for_each(|i| drop(update(&mut app, batch(1, i))));
    let explanations = app.training.pinned.iter().map(|_| explanation(0, 0)).collect();
    update(&mut app, Message::Report(Report::Pinned { explanations, epochs: 0.5 }));
    let buffer = drawn(&app, 80, 24);
    let screen = text(&buffer);
    assert!(screen.contains("0 = 0") && screen.contains("1 ≠ 0"), "{screen}");
    assert!(screen.contains("epoch 1/3") && screen.contains("1,000 images/s"), "{screen}");
    let coloured = buffer.content.iter().filter(|cell| match cell.bg {
        Color::Rgb(r, g, b) => r != g || g != b,
        _ => false,
    });
    assert!(coloured.count() > 200);
}

#[test]
fn any_size_and_any_key_at_any_moment_draws() {
    let mut random = Rng::new(1);
    let keys: Vec<KeyCode> = "hlgGrwcost?q:0123456789 \n"
        .chars()
        .map(KeyCode::Char)
        .chain([KeyCode::Left, KeyCode::End, KeyCode::Tab, KeyCode::Esc, KeyCode::Enter])
        .chain([KeyCode::Backspace, KeyCode::PageDown, KeyCode::PageUp, KeyCode::F(1)])
        .collect();
    for depth in [ColorDepth::TrueColor, ColorDepth::Indexed, ColorDepth::Ansi, ColorDepth::Mono] {
        let mut app = app(depth, None);
        for step in 0..600 {
            match random.below(12) {
                0 if step > 20 => drop(update(&mut app, Message::Loaded(dataset()))),
                1 => drop(update(&mut app, batch(1 + random.below(3), 1 + random.below(100)))),
                2 => drop(update(&mut app, epoch(1 + random.below(3)))),
                3 => {
                    let (focus, explanation) = (app.focus(), explanation(1, random.below(10)));
                    let report = Report::Focus { focus, explanation, epochs: 1.0 };
                    update(&mut app, Message::Report(report));
                }
                4 => {
                    let event = Event::Started { images: 10, recipe: Recipe::default() };
                    update(&mut app, Message::Train(event));
                }
                5 => {
                    let done = Event::Done { complete: true, last: None };
                    update(&mut app, Message::Train(done));
                }
                _ => drop(press(&mut app, keys[random.below(keys.len())])),
            }
            let (width, height) = match random.below(4) {
                0 => (1 + random.below(60), 1 + random.below(20)),
                _ => (1 + random.below(300), 1 + random.below(100)),
            };
            drawn(&app, width as u16, height as u16);
        }
    }
}

/// What a study of the digit in view could find.
fn findings(study: &Study) -> Findings {
    let maps = |n: usize| (0..n).map(|i| explanation(3, i.min(9))).collect();
    match study {
        Study::Classes => Findings::Classes(maps(10)),
        Study::Methods => Findings::Methods(maps(12)),
        Study::Channels(_) => {
            let channel = |index| Channel {
                index,
                weight: 0.5,
                contribution: 1.0 - index as f32,
                activations: vec![0.5; 121],
                peak: 0.5,
            };
            Findings::Channels(explanation(3, 3), (0..64).map(channel).collect())
        }
        Study::Trust => Findings::Trust(Trust {
            deletion: vec![0.25; 29],
            insertion: vec![0.75; 29],
            random_deletion: vec![0.5; 29],
            random_insertion: vec![0.5; 29],
            deletion_area: 0.25,
            insertion_area: 0.75,
            random_deletion_area: 0.5,
            random_insertion_area: 0.5,
            on_ink: 0.625,
            stability: 0.875,
        }),
        Study::Sanity => {
            let names = ["trained", "fc2", "fc1", "conv2", "conv1"];
            let stage = |name: &str| Step {
                name: name.to_owned(),
                heatmap: explanation(3, 3).heatmap,
                correlation: 0.5,
            };
            Findings::Sanity(names.map(stage).into())
        }
    }
}

/// Tells the app what its own question finds.
fn study(app: &mut App) {
    if let Some(study) = app.study() {
        let (focus, findings) = (app.focus(), findings(&study));
        update(app, Message::Report(Report::Study { focus, study, findings }));
    }
}

/// Three wrong digits, one of them unsure.
fn with_mistakes(app: &mut App) {
    let labels = app.dataset().unwrap().test.labels().to_vec();
    let mut predictions = labels.clone();
    let mut losses = vec![0.01; 60];
    for (place, loss) in [(5, 2.0), (40, 4.0), (41, 1.0)] {
        predictions[place] = (labels[place] + 1) % 10;
        losses[place] = loss;
    }
    let scored = Evaluation { predictions, losses, correct: 57 };
    update(app, Message::Report(Report::Scored(Arc::new(scored))));
}

#[test]
fn every_panel_is_opened_and_closed_by_one_key_and_complete_in_a_small_terminal() {
    let mut app = exploring(ColorDepth::TrueColor);
    with_mistakes(&mut app);
    for (key, panel, texts) in [
        ('a', Panel::Classes, &["every class", "9 2 % 2.50", "one scale"][..]),
        ('d', Panel::Versus, &["rather than", "red speaks for", "logits at most"]),
        ('M', Panel::Methods, &["twelve methods", "Grad-CAM", "have to beat"]),
        ('f', Panel::Features, &["channels that matter", "0 +1.00", "0 of 64 are off"]),
        ('v', Panel::Trust, &["can Grad-CAM be trusted?", "area 0.25  random 0.50", "62 % of"]),
        ('z', Panel::Sanity, &["trained", "conv1 random: 0.50", "fall towards 0"]),
        ('e', Panel::Mistakes, &["wrong: 3 of 60 test digits", "taken for", "4.00"]),
        ('x', Panel::Confusion, &["3 of 60 test digits wrong", "of class 0 right"]),
    ] {
        let open = key.to_string();
        for close in [&open, "\u{1b}"] {
            typed(&mut app, &open);
            assert_eq!(app.explore.panel, panel);
            study(&mut app);
            let screen = text(&drawn(&app, 80, 24));
            for part in texts {
                assert!(screen.contains(part), "{key} misses {part:?} on {screen}");
            }
            assert!(screen.contains(&format!("{key} back")), "{screen}");
            match close {
                "\u{1b}" => drop(press(&mut app, KeyCode::Esc)),
                key => drop(typed(&mut app, key)),
            }
            assert_eq!(app.explore.panel, Panel::Digit);
        }
    }
}

/// The ink that the explainer is asked about.
fn ink_asked(app: &App) -> Vec<u8> {
    match app.watch().focus.unwrap().subject {
        Subject::Drawing(ink) => ink.to_vec(),
        Subject::Test(index) => panic!("digit {index} is asked about"),
    }
}

#[test]
fn a_drawing_is_looked_at_in_every_way_that_a_digit_is() {
    let mut app = exploring(ColorDepth::TrueColor);
    typed(&mut app, "3lD");
    assert_eq!(ink_asked(&app), [0; 784]);
    let report = |app: &App, class| {
        let (focus, explanation) = (app.focus(), explanation(class, class));
        Message::Report(Report::Focus { focus, explanation, epochs: 1.0 })
    };
    let message = report(&app, 7);
    update(&mut app, message);
    let screen = text(&drawn(&app, 80, 24));
    for part in ["your drawing", "evidence for 7", "draw a digit: Space puts", "D back"] {
        assert!(screen.contains(part), "{part} is not on {screen}");
    }
    // A seven: right and down, with the pen lifted on the way to its bar.
    for keys in [" llllllllljjjjjjjjjjjjj", " kkkkkkhhh", " llllll"] {
        typed(&mut app, keys);
    }
    let ink = ink_asked(&app);
    let at = |x: usize, y: usize| ink[28 * y + x];
    assert_eq!([at(9, 6), at(18, 6), at(18, 12), at(18, 19)], [255; 4]);
    assert_eq!([at(15, 13), at(21, 13)], [255; 2]);
    assert_eq!([at(12, 12), at(12, 19), at(9, 10)], [0; 3]);
    // The last answer stays until there is a new one, and the pen is seen on the paper.
    let before = drawn(&app, 80, 24);
    assert!(text(&before).contains("looks like a 7, "), "{}", text(&before));
    let pen = &before[(1 + 21, 2 + 13 / 2)];
    assert_eq!((pen.symbol(), pen.modifier), ("x", MARKED));
    let message = report(&app, 4);
    update(&mut app, message);
    assert!(text(&drawn(&app, 80, 24)).contains("looks like a 4, "));
    // A stroke goes, and the rest is brought to the middle, as MNIST's digits are.
    press(&mut app, KeyCode::Backspace);
    assert!(!app.explore.pad.is_down());
    let without = ink_asked(&app);
    assert_eq!((without[28 * 13 + 15], without[28 * 12 + 18]), (0, 255));
    press(&mut app, KeyCode::Enter);
    assert_ne!(ink_asked(&app), without);

    for (key, panel) in [
        ('a', Panel::Classes),
        ('d', Panel::Versus),
        ('M', Panel::Methods),
        ('f', Panel::Features),
        ('v', Panel::Trust),
        ('z', Panel::Sanity),
    ] {
        typed(&mut app, &key.to_string());
        study(&mut app);
        assert_eq!(app.explore.panel, panel);
        let screen = text(&drawn(&app, 120, 40));
        assert!(screen.contains("your drawing, conv2"), "{key}: {screen}");
        typed(&mut app, "D");
        assert_eq!((app.explore.panel, app.explore.draws), (Panel::Digit, true));
    }
    let message = report(&app, 4);
    update(&mut app, message);
    let [Effect::SavePicture(picture)] = &typed(&mut app, "s")[..] else { panic!() };
    assert_eq!(picture.stem, "gradcam-drawing-class-4");
    assert_eq!(picture.texts[0].1, "Grad-CAM of a drawing for class 4");

    // Put away, and taken again as it was.
    let ink = ink_asked(&app);
    for away in [KeyCode::Esc, KeyCode::Char('D')] {
        press(&mut app, away);
        assert_eq!(app.watch().focus.unwrap().subject, Subject::Test(1));
        assert!(!text(&drawn(&app, 80, 24)).contains("drawing"));
        typed(&mut app, "D");
        assert_eq!(ink_asked(&app), ink);
    }
    typed(&mut app, "r");
    assert!(matches!(app.watch().focus.unwrap().subject, Subject::Test(_)));
    typed(&mut app, "De");
    assert!(!app.explore.draws, "the list of mistakes has digits of its own");
}

#[test]
fn the_mouse_draws_where_it_is_dragged() {
    let mut app = exploring(ColorDepth::TrueColor);
    app.size = (120, 40);
    typed(&mut app, "D");
    let screen = drawn(&app, 120, 40);
    // The pen stands at the pixel 9, 6 of a paper with a row of cells for each of its own.
    let pen = screen.content.iter().position(|cell| cell.symbol() == "+").unwrap();
    let (x, y) = (pen as u16 % 120, pen as u16 / 120);
    let event = |kind, column, row| {
        Message::Input(Input::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }))
    };
    update(&mut app, event(MouseEventKind::Down(MouseButton::Left), x, y));
    update(&mut app, event(MouseEventKind::Drag(MouseButton::Left), x, y + 8));
    // Beyond the paper there is nothing to draw on, and without a button there is no pen.
    update(&mut app, event(MouseEventKind::Drag(MouseButton::Left), x, 39));
    update(&mut app, event(MouseEventKind::Up(MouseButton::Left), x, 39));
    update(&mut app, event(MouseEventKind::Drag(MouseButton::Left), x + 10, y + 8));
    let ink = ink_asked(&app);
    let column = |x: usize| (0..28).filter(|y| ink[28 * y + x] > 200).collect::<Vec<_>>();
    assert_eq!(column(9), (6..=14).collect::<Vec<_>>());
    assert!(column(14).is_empty());
    let index = app.explore.index;
    update(&mut app, event(MouseEventKind::ScrollDown, x, y));
    assert_eq!((app.explore.draws, app.explore.index), (true, index), "the wheel leaves the pad");
}

#[test]
fn a_click_lifts_only_the_pen_that_a_click_has_put_down() {
    let mut app = exploring(ColorDepth::TrueColor);
    app.size = (120, 40);
    typed(&mut app, "D ");
    assert!(app.explore.pad.is_down());
    let event = |kind, column, row| {
        let modifiers = KeyModifiers::NONE;
        Message::Input(Input::Mouse(MouseEvent { kind, column, row, modifiers }))
    };
    let (down, up) =
        (MouseEventKind::Down(MouseButton::Left), MouseEventKind::Up(MouseButton::Left));
    let drag = MouseEventKind::Drag(MouseButton::Left);
    // Beside the paper, and dragged onto it: the button has not put a pen down.
    update(&mut app, event(down, 119, 30));
    let ink = ink_asked(&app);
    update(&mut app, event(drag, 20, 10));
    update(&mut app, event(up, 20, 10));
    assert_eq!(ink_asked(&app), ink);
    assert!(app.explore.pad.is_down(), "a key has put it down");
    // On the paper it draws, and then it is the key's again.
    update(&mut app, event(down, 30, 10));
    update(&mut app, event(up, 30, 10));
    assert_ne!(ink_asked(&app), ink);
    assert!(app.explore.pad.is_down());
    typed(&mut app, " ");
    assert!(!app.explore.pad.is_down());
    update(&mut app, event(down, 30, 10));
    assert!(app.explore.pad.is_down());
    update(&mut app, event(up, 30, 10));
    assert!(!app.explore.pad.is_down());
}

#[test]
fn the_list_of_mistakes_is_walked_filtered_and_opened() {
    let mut app = exploring(ColorDepth::TrueColor);
    with_mistakes(&mut app);
    typed(&mut app, "e");
    assert_eq!(app.explore.index, 40, "the worst comes first");
    press(&mut app, KeyCode::Down);
    assert_eq!(app.explore.index, 5);
    typed(&mut app, "j");
    press(&mut app, KeyCode::Down);
    assert_eq!(app.explore.index, 41, "and the list ends");
    press(&mut app, KeyCode::Right);
    assert_eq!(app.explore.mistakes.filter, Filter::Unsure);
    assert!(text(&drawn(&app, 80, 24)).contains("there is none"));
    press(&mut app, KeyCode::Left);
    press(&mut app, KeyCode::Enter);
    assert_eq!((app.explore.panel, app.explore.index), (Panel::Digit, 40));

    // A new score leaves the list on its digit, or goes to the one that took its place.
    typed(&mut app, "e");
    press(&mut app, KeyCode::Down);
    assert_eq!(app.explore.index, 5);
    with_mistakes(&mut app);
    assert_eq!((app.explore.index, app.explore.mistakes.line), (5, 1));
    let labels = app.dataset().unwrap().test.labels().to_vec();
    let mut predictions = labels.clone();
    predictions[41] = (labels[41] + 1) % 10;
    let scored = Evaluation { predictions, losses: vec![0.5; 60], correct: 59 };
    update(&mut app, Message::Report(Report::Scored(Arc::new(scored))));
    assert_eq!((app.explore.index, app.explore.mistakes.line), (41, 0));
    with_mistakes(&mut app);
    typed(&mut app, "e");

    // The cell of digit 40 in the matrix leads to its list.
    let label = app.dataset().unwrap().test.label(40);
    typed(&mut app, "x");
    (0..label).for_each(|_| drop(press(&mut app, KeyCode::Down)));
    (0..(label + 1) % 10).for_each(|_| drop(press(&mut app, KeyCode::Right)));
    assert_eq!(app.explore.cell, (label, (label + 1) % 10));
    press(&mut app, KeyCode::Enter);
    assert_eq!((app.explore.panel, app.explore.index), (Panel::Mistakes, 40));
}

#[test]
fn a_channel_is_switched_off_and_on_and_the_explainer_is_told() {
    let mut app = exploring(ColorDepth::TrueColor);
    typed(&mut app, "f");
    study(&mut app);
    press(&mut app, KeyCode::Right);
    let effects = press(&mut app, KeyCode::Enter);
    let [Effect::Watch(watch)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(watch.study, Some(Study::Channels(vec![1])));
    study(&mut app);
    let screen = text(&drawn(&app, 80, 24));
    assert!(screen.contains("1 off") && screen.contains("1 of 64 are off"), "{screen}");
    press(&mut app, KeyCode::Down);
    assert!(app.explore.channel.is_some_and(|channel| channel > 1), "a row further down");
    press(&mut app, KeyCode::Up);
    press(&mut app, KeyCode::Enter);
    assert!(app.explore.off.is_empty());
}

#[test]
fn the_time_line_goes_back_plays_on_and_ends_at_the_newest_weights() {
    let mut app = exploring(ColorDepth::TrueColor);
    typed(&mut app, "[");
    assert!(app.notice.as_ref().unwrap().text.contains("no training was watched"));
    let stages = vec![(0, 0.0), (10, 0.5), (20, 1.0)];
    update(&mut app, Message::Report(Report::Stages(stages)));
    typed(&mut app, "[[");
    assert_eq!(app.focus().step, Some(10));
    let (focus, explanation) = (app.focus(), explanation(4, 4));
    update(&mut app, Message::Report(Report::Focus { focus, explanation, epochs: 0.5 }));
    let screen = text(&drawn(&app, 80, 24));
    assert!(screen.contains("·█· stage 2 of 3: after 0.50 epochs"), "{screen}");
    typed(&mut app, "]]");
    assert_eq!(app.focus().step, None);
    typed(&mut app, "p");
    let mut seen = vec![app.focus().step];
    while app.explore.playing {
        update(&mut app, Message::Tick(Duration::from_millis(500)));
        seen.push(app.focus().step);
    }
    assert_eq!(seen, [Some(0), Some(10), Some(20), None]);
    typed(&mut app, "[p");
    assert!(app.explore.playing);
    typed(&mut app, "p");
    assert!(!app.explore.playing);
    press(&mut app, KeyCode::Esc);
    assert_eq!(app.focus().step, None);
}

#[test]
fn the_question_about_an_interrupted_training_is_read_at_every_size() {
    for (width, height) in [(40, 12), (80, 24), (200, 60)] {
        let mut app = exploring(ColorDepth::TrueColor);
        app.size = (width, height);
        let standing = Standing { done: 1.17, planned: 3 };
        app.overlay = Overlay::Unfinished(standing);
        let asks = text(&drawn(&app, width, height));
        for part in ["a training stands at 39 % of 3 epochs", "Enter", "go on", "anew", "look at"] {
            assert!(asks.contains(part), "{part} in {asks}");
        }
        typed(&mut app, "n");
        let asks = text(&drawn(&app, width, height));
        assert!(asks.contains("39 % of") && asks.contains("would be lost"), "{asks}");
        // The answers stay in view below a reason of any length.
        let path = "/a/path/that/is/far/longer/than/the/box/is/wide/model.training.safetensors";
        let reason = format!("{path} is not a complete safetensors file (it ends too early)");
        app.overlay = Overlay::ConfirmRestart(Err(reason));
        let asks = text(&drawn(&app, width, height));
        for part in ["early)", "start anew", "keep it"] {
            assert!(asks.contains(part), "{part} in {asks}");
        }
    }
}

#[test]
fn a_training_that_diverged_is_red() {
    let mut app = exploring(ColorDepth::TrueColor);
    update(&mut app, batch(1, 12));
    let divergence = Divergence { step: 12, loss: 424.66, sign: Sign::Loss };
    update(&mut app, Message::Train(Event::Diverged(divergence)));
    update(&mut app, Message::Tick(Duration::from_secs(60)));
    press(&mut app, KeyCode::Tab);
    for (width, height) in [(40, 12), (80, 24), (200, 60)] {
        let buffer = drawn(&app, width, height);
        let said = "diverged at step 12: loss 424.66";
        let shown = text(&buffer);
        let row = shown.lines().position(|line| line.contains(said));
        let row = row.unwrap_or_else(|| panic!("{shown}"));
        let column = shown.lines().nth(row).and_then(|line| line.find(said)).unwrap_or(0);
        let cell = &buffer[(column as u16, row as u16)];
        let red = Theme::new(ColorDepth::TrueColor).bad().fg.unwrap();
        assert_eq!(cell.fg, red);
        // The header says so on every screen.
        assert_eq!(buffer[(width - 3, 0)].fg, red);
    }
}

#[test]
fn evidence_against_a_class_is_blue() {
    let mut app = exploring(ColorDepth::TrueColor);
    let (focus, mut answer) = (app.focus(), explanation(4, 4));
    answer.heatmap.raw = (0..121).map(|i| i as f32 - 60.0).collect();
    update(&mut app, Message::Report(Report::Focus { focus, explanation: answer, epochs: 1.0 }));
    typed(&mut app, "+");
    let buffer = drawn(&app, 80, 24);
    assert!(matches!(buffer[(31, 2)].bg, Color::Rgb(r, _, b) if b > 200 && r < 100));
    assert!(matches!(buffer[(57, 15)].bg, Color::Rgb(r, _, b) if r > 200 && b < 100));
}

/// Keys, sizes, focus, paste, mouse, and what training and the explainer say, in any order.
#[test]
fn ten_thousand_random_events_leave_a_screen_that_equals_a_fresh_one() {
    let dataset = dataset();
    for (seed, model) in [(1, None), (2, Some(Metadata::default()))] {
        let mut rng = Rng::new(seed);
        let mut app = app(ColorDepth::TrueColor, model);
        update(&mut app, Message::Loaded(Arc::clone(&dataset)));
        let (mut width, mut height) = (80, 24);
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut step = 0;
        for event in 0..10_000 {
            let message = match rng.below(16) {
                0..=7 => Message::Input(Input::Key(random_key(&mut rng))),
                8 => {
                    (width, height) = (1 + rng.below(300) as u16, 1 + rng.below(100) as u16);
                    terminal.backend_mut().resize(width, height);
                    Message::Input(Input::Resize(width, height))
                }
                9 => Message::Input(match rng.below(4) {
                    0 => Input::FocusGained,
                    1 => Input::FocusLost,
                    2 => Input::Paste("q:5\n\u{1b}".to_owned()),
                    _ => Input::Mouse(MouseEvent {
                        kind: [
                            MouseEventKind::ScrollDown,
                            MouseEventKind::ScrollUp,
                            MouseEventKind::Down(MouseButton::Left),
                            MouseEventKind::Drag(MouseButton::Left),
                        ][rng.below(4)],
                        column: rng.below(300) as u16,
                        row: rng.below(100) as u16,
                        modifiers: KeyModifiers::NONE,
                    }),
                }),
                10 | 11 => {
                    step += 1;
                    batch(1 + step / 100, 1 + step % 100)
                }
                12 => Message::Report(Report::Pinned {
                    explanations: (0..10).map(|class| explanation(class, class)).collect(),
                    epochs: step as f32 / 100.0,
                }),
                13 if rng.below(2) == 0 && app.study().is_some() => {
                    let (focus, study) = (app.focus(), app.study().unwrap());
                    let findings = findings(&study);
                    Message::Report(Report::Study { focus, study, findings })
                }
                13 => Message::Report(Report::Focus {
                    focus: app.focus(),
                    explanation: explanation(rng.below(10), rng.below(10)),
                    epochs: 0.5,
                }),
                14 => Message::Train(match rng.below(4) {
                    0 => Event::Paused(rng.below(2) == 0),
                    1 => Event::NotSaved(Failure::new("the disk is full")),
                    2 if step % 2 == 0 => {
                        let stages = (0..step % 20).map(|i| (i, i as f32)).collect();
                        update(&mut app, Message::Report(Report::Stages(stages)));
                        epoch_event(1)
                    }
                    2 => Event::Done { complete: true, last: None },
                    _ if step % 2 == 0 => {
                        let found = random_found(&mut rng);
                        update(&mut app, Message::Found(found));
                        Event::Diverged(Divergence { step, loss: f64::NAN, sign: Sign::Weights })
                    }
                    _ => Event::Failed(Failure::new("a panic")),
                }),
                _ => Message::Tick(Duration::from_millis(event * 20)),
            };
            update(&mut app, message);
            // Drawing each time would only make this slow; drawing now and then skips states, too.
            if rng.below(8) == 0 {
                terminal.draw(|frame| views::draw(&app, frame)).unwrap();
            }
        }
        terminal.draw(|frame| views::draw(&app, frame)).unwrap();
        assert_eq!(terminal.backend().buffer(), &drawn(&app, width, height), "seed {seed}");
    }
}

fn random_found(rng: &mut Rng) -> Found {
    let training = match rng.below(3) {
        0 => None,
        1 => Some(Ok(Standing { done: rng.below(5) as f64, planned: rng.below(5) })),
        _ => Some(Err("it is broken".repeat(rng.below(20)))),
    };
    let taken = (rng.below(8) == 0).then(|| "another gradcam".to_owned());
    Found { model: rng.below(2) == 0, training, taken }
}

fn random_key(rng: &mut Rng) -> KeyEvent {
    const CODES: [KeyCode; 14] = [
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::F(5),
        KeyCode::Null,
    ];
    let code = match rng.below(3) {
        0 => CODES[rng.below(CODES.len())],
        _ => KeyCode::Char(char::from(b' ' + rng.below(95) as u8)),
    };
    let modifiers = [KeyModifiers::NONE, KeyModifiers::SHIFT, KeyModifiers::ALT][rng.below(3)];
    KeyEvent::new(code, modifiers)
}
