//! What the user waits for: a training step, an evaluation, an explanation, a frame.
//!
//! Real digits where `GRADCAM_MNIST` points to them, else drawn ones; explanations of the model in
//! the file `GRADCAM_MODEL`, else of one trained on the spot. `pytorch_grad_cam.py` times the same
//! explanations by pytorch-grad-cam.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use gradcam::app::message::Message;
use gradcam::app::state::{App, Screen};
use gradcam::app::theme::Theme;
use gradcam::app::update::update;
use gradcam::app::views;
use gradcam::data::digits::{SHAPE, is_ink, synthetic};
use gradcam::data::{Dataset, idx_set};
use gradcam::explain::{Method, Query, explain, explain_classes, sanity, trust};
use gradcam::kernels::CacheAligned;
use gradcam::live::Report;
use gradcam::model::evaluate::{evaluate, scale};
use gradcam::model::{Cnn, DeviceKind, Layer, Metadata, Network, checkpoint, cnn};
use gradcam::paint::ColorDepth;
use gradcam::train::{Recipe, Session};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const DEVICES: [DeviceKind; 2] = [DeviceKind::Ndarray, DeviceKind::Flex];

#[global_allocator]
static ALLOCATOR: CacheAligned = CacheAligned;

fn main() {
    divan::main();
}

static DIGITS: LazyLock<Arc<Dataset>> = LazyLock::new(|| {
    let mut dataset = match std::env::var_os("GRADCAM_MNIST") {
        Some(folder) => idx_set::load(Path::new(&folder)).expect("MNIST"),
        None => synthetic::dataset([6400, 1000], 1, &|_, _| {}),
    };
    dataset.train.truncate(6400);
    dataset.test.truncate(1000);
    Arc::new(dataset)
});

/// A network that has learnt for one short epoch, so that its activations are as sparse as usual.
fn trained(kind: DeviceKind, batch_size: usize) -> Session {
    let mut session =
        Session::new(Recipe { batch_size, ..Recipe::default() }, &DIGITS, &kind.open()).unwrap();
    session.begin_epoch();
    while session.step(&DIGITS.train).is_some() {}
    session
}

/// The model in the file that `GRADCAM_MODEL` names, else one that has learnt for a short epoch.
static MODEL: LazyLock<[Cnn; 2]> = LazyLock::new(|| {
    DEVICES.map(|kind| match std::env::var_os("GRADCAM_MODEL") {
        Some(file) => checkpoint::load(Path::new(&file), &kind.open()).expect("a model").0,
        None => trained(kind, 32).model().expect("a model"),
    })
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
            session.begin_epoch();
        }
    });
}

/// The score of 1,000 digits; items are images.
#[divan::bench(args = DEVICES, sample_count = 20)]
fn evaluation(bencher: Bencher, device: DeviceKind) {
    let network = Network::from(model(device).clone());
    bencher
        .counter(ItemsCount::new(DIGITS.test.len()))
        .bench_local(|| black_box(evaluate(&network, &DIGITS.test, || true)));
}

/// One heatmap of one digit, forward pass included.
#[divan::bench(args = DEVICES, sample_count = 500)]
fn grad_cam(bencher: Bencher, device: DeviceKind) {
    let model = model(device);
    let device = model.device();
    let mut index = 0;
    bencher.bench_local(|| {
        index = (index + 1) % DIGITS.test.len();
        let image = cnn::images(scale(DIGITS.test.image(index)), SHAPE, &device);
        black_box(explain(model, image, &[None], Query::default()));
    });
}

/// Ten heatmaps of one digit, one a class.
#[divan::bench(args = DEVICES, sample_count = 500)]
fn grad_cam_of_ten_classes(bencher: Bencher, device: DeviceKind) {
    let model = model(device);
    let device = model.device();
    let classes: Vec<usize> = (0..10).collect();
    bencher.bench_local(|| {
        let image = cnn::images(scale(DIGITS.test.image(0)), SHAPE, &device);
        black_box(explain_classes(model, image, &classes, Query::default()));
    });
}

/// One digit by all seven methods of activations and gradients, each with its passes.
#[divan::bench(args = DEVICES, sample_count = 100)]
fn gradient_methods_together(bencher: Bencher, device: DeviceKind) {
    let methods = [
        Method::GradCam,
        Method::HiResCam,
        Method::GradCamPlusPlus,
        Method::LayerCam,
        Method::XGradCam,
        Method::EigenCam,
        Method::Counterfactual,
    ];
    maps(bencher, device, &methods);
}

/// One map of one digit, forward pass included.
#[divan::bench(args = PORTED, sample_count = 100)]
fn method_ndarray(bencher: Bencher, method: Method) {
    maps(bencher, DeviceKind::Ndarray, &[method]);
}

/// The same, composed of plain Burn.
#[divan::bench(args = PORTED, sample_count = 20)]
fn method_flex(bencher: Bencher, method: Method) {
    maps(bencher, DeviceKind::Flex, &[method]);
}

/// The methods that `pytorch_grad_cam.py` times too.
const PORTED: [Method; 9] = [
    Method::GradCam,
    Method::HiResCam,
    Method::GradCamPlusPlus,
    Method::LayerCam,
    Method::XGradCam,
    Method::EigenCam,
    Method::ScoreCam,
    Method::AblationCam,
    Method::GuidedBackprop,
];

fn maps(bencher: Bencher, device: DeviceKind, methods: &[Method]) {
    let model = model(device);
    let device = model.device();
    let mut index = 0;
    bencher.bench_local(|| {
        index = (index + 1) % DIGITS.test.len();
        for &method in methods {
            let image = cnn::images(scale(DIGITS.test.image(index)), SHAPE, &device);
            let query = Query { method, ..Query::default() };
            black_box(explain(model, image, &[None], query));
        }
    });
}

/// The trust figures of one digit's Grad-CAM.
#[divan::bench(args = DEVICES, sample_count = 100)]
fn trust_of_grad_cam(bencher: Bencher, device: DeviceKind) {
    let model = model(device);
    let device = model.device();
    let mut index = 0;
    bencher
        .with_inputs(|| {
            index = (index + 1) % DIGITS.test.len();
            let image = cnn::images(scale(DIGITS.test.image(index)), SHAPE, &device);
            (index, explain(model, image, &[None], Query::default()).remove(0))
        })
        .bench_local_refs(|(index, answer)| {
            let pixels = DIGITS.test.image(*index);
            let (model, image) = (model.at(Layer(1)), cnn::images(scale(pixels), SHAPE, &device));
            black_box(trust(&model, image, answer, is_ink(pixels)));
        });
}

/// The sanity check of one digit's Grad-CAM: five stages.
#[divan::bench(args = DEVICES, sample_count = 20)]
fn sanity_of_grad_cam(bencher: Bencher, device: DeviceKind) {
    let model = model(device);
    bencher.bench_local(|| {
        let image = cnn::images(scale(DIGITS.test.image(0)), SHAPE, &model.device());
        let randomised = model.randomised(1);
        let randomised = randomised.each_ref().map(|(name, cnn)| (name.clone(), cnn.at(Layer(1))));
        black_box(sanity(&model.at(Layer(1)), &randomised, image, 7, Query::default()));
    });
}

/// One frame of Explore, from the state to changed cells.
#[divan::bench(args = [(80, 24), (200, 60)], sample_count = 200)]
fn frame_of_explore(bencher: Bencher, (width, height): (u16, u16)) {
    let theme = Theme::new(ColorDepth::TrueColor);
    let metadata = Some(Metadata::default());
    let mut app =
        App::new(theme.into(), Recipe::default(), "ndarray", metadata, PathBuf::from("model"));
    update(&mut app, Message::Loaded(Arc::clone(&DIGITS)));
    app.screen = Screen::Explore;
    let model = model(DeviceKind::Ndarray);
    let image = cnn::images(scale(DIGITS.test.image(0)), SHAPE, &model.device());
    let explanation = explain(model, image, &[None], Query::default()).remove(0);
    let focus = app.focus();
    update(&mut app, Message::Report(Report::Focus { focus, explanation, epochs: 1.0 }));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen");
    bencher.bench_local(|| {
        terminal.draw(|frame| views::draw(&app, frame)).expect("a frame");
    });
}
