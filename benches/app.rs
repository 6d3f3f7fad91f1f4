//! What the user waits for: a training step, an evaluation, an explanation, a frame.
//!
//! Real digits where `GRADCAM_MNIST` points to them, else drawn ones.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use gradcam::app::message::Message;
use gradcam::app::state::{App, Screen};
use gradcam::app::theme::Theme;
use gradcam::app::update::update;
use gradcam::app::views;
use gradcam::data::{Dataset, Source, Split, mnist, synthetic};
use gradcam::explain::{Query, Report, explain, explain_classes};
use gradcam::model::evaluate::{evaluate, scale};
use gradcam::model::{Cnn, DeviceKind, Metadata, cnn};
use gradcam::paint::ColorDepth;
use gradcam::train::{Config, Session};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const DEVICES: [DeviceKind; 2] = [DeviceKind::Ndarray, DeviceKind::Flex];

fn main() {
    divan::main();
}

static DIGITS: LazyLock<Arc<Dataset>> = LazyLock::new(|| {
    let mut dataset = match std::env::var_os("GRADCAM_MNIST") {
        Some(folder) => mnist::load(Path::new(&folder)).expect("MNIST"),
        None => {
            let draw = |split, n| synthetic::draw_with(split, n, 1, &|_| {});
            let source = Source::Synthetic { reason: None };
            Dataset { train: draw(Split::Train, 6400), test: draw(Split::Test, 1000), source }
        }
    };
    dataset.train.truncate(6400);
    dataset.test.truncate(1000);
    Arc::new(dataset)
});

/// A network that has learnt for one short epoch, so that its activations are as sparse as usual.
fn trained(kind: DeviceKind, batch_size: usize) -> Session {
    let mut session = Session::new(Config { batch_size, ..Config::default() }, &kind.open());
    session.begin_epoch(DIGITS.train.len());
    while session.step(&DIGITS.train).is_some() {}
    session
}

static MODEL: LazyLock<[Cnn; 2]> = LazyLock::new(|| {
    DEVICES.map(|kind| trained(kind, 32).snapshot(DIGITS.train.len()).expect("a model").model)
});

fn model(kind: DeviceKind) -> &'static Cnn {
    &MODEL[DEVICES.iter().position(|k| *k == kind).expect("a device")]
}

/// A step of training with shuffling, gathering and metrics; items are images.
#[divan::bench(args = [32, 128], sample_count = 200)]
fn training_step_ndarray(bencher: Bencher, batch: usize) {
    step(bencher, DeviceKind::Ndarray, batch);
}

/// The same, composed of plain Burn.
#[divan::bench(args = [32, 128], sample_count = 20)]
fn training_step_flex(bencher: Bencher, batch: usize) {
    step(bencher, DeviceKind::Flex, batch);
}

fn step(bencher: Bencher, kind: DeviceKind, batch: usize) {
    let mut session = trained(kind, batch);
    bencher.counter(ItemsCount::new(batch)).bench_local(|| {
        if session.step(&DIGITS.train).is_none() {
            session.end_epoch();
            session.begin_epoch(DIGITS.train.len());
        }
    });
}

/// The score of 1,000 digits; items are images.
#[divan::bench(args = DEVICES.map(DeviceKind::name), sample_count = 20)]
fn evaluation(bencher: Bencher, device: &str) {
    let model = model(named(device));
    bencher
        .counter(ItemsCount::new(DIGITS.test.len()))
        .bench_local(|| black_box(evaluate(model, &DIGITS.test, || true)));
}

/// One heatmap of one digit, forward pass included.
#[divan::bench(args = DEVICES.map(DeviceKind::name), sample_count = 500)]
fn grad_cam(bencher: Bencher, device: &str) {
    let model = model(named(device));
    let device = model.device();
    let mut index = 0;
    bencher.bench_local(|| {
        index = (index + 1) % DIGITS.test.len();
        let image = cnn::images(scale(DIGITS.test.image(index)), &device);
        black_box(explain(model, image, &[None], Query::default()));
    });
}

/// Ten heatmaps of one digit, one a class.
#[divan::bench(args = DEVICES.map(DeviceKind::name), sample_count = 500)]
fn grad_cam_of_ten_classes(bencher: Bencher, device: &str) {
    let model = model(named(device));
    let device = model.device();
    let classes: Vec<usize> = (0..10).collect();
    bencher.bench_local(|| {
        let image = cnn::images(scale(DIGITS.test.image(0)), &device);
        black_box(explain_classes(model, image, &classes, Query::default()));
    });
}

fn named(name: &str) -> DeviceKind {
    DEVICES.into_iter().find(|kind| kind.name() == name).expect("a device")
}

/// One frame of Explore, from the state to changed cells.
#[divan::bench(args = [(80, 24), (200, 60)], sample_count = 200)]
fn frame_of_explore(bencher: Bencher, (width, height): (u16, u16)) {
    let theme = Theme::new(ColorDepth::TrueColor);
    let metadata = Some(Metadata::default());
    let mut app =
        App::new(theme.into(), Config::default(), "ndarray", metadata, PathBuf::from("model"));
    update(&mut app, Message::Loaded(Arc::clone(&DIGITS)));
    app.screen = Screen::Explore;
    let model = model(DeviceKind::Ndarray);
    let image = cnn::images(scale(DIGITS.test.image(0)), &model.device());
    let explanation = explain(model, image, &[None], Query::default()).remove(0);
    let focus = app.focus();
    update(&mut app, Message::Report(Report::Focus { focus, explanation, epochs: 1.0 }));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen");
    bencher.bench_local(|| {
        terminal.draw(|frame| views::draw(&app, frame)).expect("a frame");
    });
}
