//! The app without a terminal: messages in, cells out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind,
};
use gradcam::app::message::{Effect, Message};
use gradcam::app::state::{App, Overlay, Phase, Screen};
use gradcam::app::theme::Theme;
use gradcam::app::update::update;
use gradcam::app::views;
use gradcam::data::{Dataset, Progress, Source, Split, synthetic};
use gradcam::explain::{Explanation, Heatmap, Query, Report, Status};
use gradcam::model::Metadata;
use gradcam::model::evaluate::Evaluation;
use gradcam::paint::ColorDepth;
use gradcam::rng::Rng;
use gradcam::train::{BatchReport, Command, Config, EpochReport, Event};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

fn app(depth: ColorDepth, model: Option<Metadata>) -> App {
    App::new(Theme::new(depth).into(), Config::default(), "flex", model, PathBuf::from("model"))
}

fn dataset() -> Arc<Dataset> {
    let draw = |split, n| synthetic::draw_with(split, n, 1, &|_| {});
    let source = Source::Synthetic { reason: Some("the host was not found".to_owned()) };
    Arc::new(Dataset { train: draw(Split::Train, 10), test: draw(Split::Test, 60), source })
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
    let test = Evaluation { predictions: vec![0; 60], losses: vec![0.5; 60], correct: 30 };
    Message::Train(Event::Epoch(EpochReport {
        epoch,
        epochs: 3,
        train_loss: 0.2,
        train_accuracy: 0.9,
        test: Arc::new(test),
        seconds: 1.0,
        images_per_second: 1000.0,
    }))
}

#[test]
fn digits_that_are_there_start_the_training_that_was_asked_for() {
    let mut app = app(ColorDepth::TrueColor, None);
    assert_eq!(app.screen, Screen::Train);
    assert!(text(&drawn(&app, 80, 24)).contains("looking for MNIST"));
    let progress = Progress::Downloading { file: "t10k", done: 1_500_000, total: 3_000_000 };
    update(&mut app, Message::Loading(progress));
    assert!(text(&drawn(&app, 80, 24)).contains("downloading t10k: 1.5 of 3.0 MB"));
    let effects = update(&mut app, Message::Loaded(dataset()));
    assert!(effects.contains(&Effect::StartTraining));
    let screen = text(&drawn(&app, 80, 24));
    assert!(screen.contains("Not MNIST") && screen.contains("the host was not found"), "{screen}");
    let effects = update(&mut app, Message::LoadFailed("no digits".to_owned()));
    assert_eq!(effects, [Effect::Fail("no digits".to_owned())]);
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
        assert_eq!(watch.focus.unwrap().index, index, "{key:?}");
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
    assert_eq!(typed(&mut app, "t"), []);
    assert_eq!(app.overlay, Overlay::ConfirmTrain);
    assert_eq!(typed(&mut app, "n"), []);
    assert!(typed(&mut app, "tt").contains(&Effect::StartTraining));
    update(&mut app, Message::Train(Event::Started { images: 10, config: Config::default() }));
    assert_eq!(typed(&mut app, " "), [Effect::Train(Command::Pause(true))]);
    update(&mut app, Message::Train(Event::Paused(true)));
    assert_eq!(typed(&mut app, " "), [Effect::Train(Command::Pause(false))]);
    update(&mut app, Message::Train(Event::Done { complete: true, last: None }));
    assert_eq!(app.training.phase, Phase::Done);
    assert_eq!(typed(&mut app, "t"), [Effect::Train(Command::OneMoreEpoch)]);
    assert_eq!((&app.training.phase, app.training.config.epochs), (&Phase::Running, 4));
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
    update(&mut app, Message::Train(Event::Started { images: 10, config: Config::default() }));
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
                    let event = Event::Started { images: 10, config: Config::default() };
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
                        kind: MouseEventKind::ScrollDown,
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
                13 => Message::Report(Report::Focus {
                    focus: app.focus(),
                    explanation: explanation(rng.below(10), rng.below(10)),
                    epochs: 0.5,
                }),
                14 => Message::Train(match rng.below(4) {
                    0 => Event::Paused(rng.below(2) == 0),
                    1 => Event::NotSaved("the disk is full".to_owned()),
                    2 => Event::Done { complete: true, last: None },
                    _ => Event::Failed("a panic".to_owned()),
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
