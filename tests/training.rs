//! Training on drawn digits: it learns, it repeats, and nobody who watches changes it.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use burn::module::Module;
use burn::tensor::Tensor;
use gradcam::data::{Dataset, Source, Split, synthetic};
use gradcam::explain::{Focus, Report, Score, Watch, Worker};
use gradcam::model::{Cnn, DeviceKind, Metadata, checkpoint};
use gradcam::train::{Command, Config, Event, Observer, Plan, Session, Snapshot, run};

fn drawn(train: usize, test: usize) -> Arc<Dataset> {
    Arc::new(Dataset {
        train: synthetic::draw_with(Split::Train, train, 1, &|_| {}),
        test: synthetic::draw_with(Split::Test, test, 1, &|_| {}),
        source: Source::Synthetic { reason: None },
    })
}

fn weights(model: &Cnn) -> Vec<u32> {
    struct Bits(Vec<u32>);
    impl burn::module::ModuleVisitor for Bits {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            self.0.extend(param.val().into_data().iter::<f32>().map(f32::to_bits));
        }
    }
    let mut bits = Bits(Vec::new());
    model.visit(&mut bits);
    bits.0
}

/// Keeps what it sees; asks for weights after every step if `worker` is there.
struct Witness {
    events: Vec<Event>,
    last: Option<Snapshot>,
    worker: Option<Worker>,
    commands: Option<(usize, Sender<Command>, Command)>,
}

impl Witness {
    fn new(worker: Option<Worker>) -> Self {
        Self { events: Vec::new(), last: None, worker, commands: None }
    }

    fn epochs(&self) -> Vec<&gradcam::train::EpochReport> {
        let epochs = self.events.iter().filter_map(|event| match event {
            Event::Epoch(report) => Some(report),
            _ => None,
        });
        epochs.collect()
    }
}

impl Observer for Witness {
    fn event(&mut self, event: Event) {
        if let (Event::Batch(report), Some((at, sender, command))) = (&event, &self.commands)
            && report.batch == *at
            && report.epoch == 1
        {
            sender.send(*command).unwrap();
        }
        self.events.push(event);
    }

    fn wants_snapshot(&mut self) -> bool {
        self.worker.is_some()
    }

    fn snapshot(&mut self, snapshot: Snapshot) {
        if let Some(worker) = &self.worker {
            worker.offer(snapshot.clone());
        }
        self.last = Some(snapshot);
    }
}

fn train(config: Config, dataset: &Arc<Dataset>, mut witness: Witness) -> (Witness, Cnn) {
    let session = Session::new(config, &DeviceKind::Flex.open());
    let plan = Plan { dataset: Arc::clone(dataset), save_to: None };
    let (sender, commands) = channel();
    match &mut witness.commands {
        Some((_, slot, _)) => *slot = sender,
        None => drop(sender),
    }
    run(session, &plan, &commands, &mut witness);
    let model = witness.last.take().unwrap().model;
    (witness, model)
}

#[test]
fn a_short_training_learns_and_its_seed_decides_everything() {
    let dataset = drawn(1536, 300);
    let config = Config { epochs: 1, ..Config::default() };
    let (witness, first) = train(config, &dataset, Witness::new(None));
    let epochs = witness.epochs();
    assert_eq!(epochs.len(), 1);
    assert!(epochs[0].test.accuracy() > 0.5, "{}", epochs[0].test.accuracy());
    assert!(epochs[0].train_loss < 2.0 && epochs[0].test.loss() < 1.6);
    assert_eq!(epochs[0].test.predictions.len(), 300);
    assert!(matches!(witness.events.last(), Some(Event::Done { complete: true, .. })));
    let (_, second) = train(config, &dataset, Witness::new(None));
    assert_eq!(weights(&first), weights(&second));
    let (_, other) = train(Config { seed: 2, ..config }, &dataset, Witness::new(None));
    assert_ne!(weights(&first), weights(&other));
}

#[test]
fn watching_a_training_leaves_its_weights_bit_for_bit_and_shows_change() {
    let dataset = drawn(640, 100);
    let config = Config { epochs: 1, ..Config::default() };
    let (_, alone) = train(config, &dataset, Witness::new(None));

    let (reports, received) = channel();
    let worker = Worker::start(Arc::clone(&dataset), move |report| {
        let _ = reports.send(report);
    });
    let focus = Focus { split: Split::Test, index: 5, target: None, score: Score::Logit };
    worker.watch(Watch { focus: Some(focus), pinned: vec![0, 1, 2] });
    let (_, watched) = train(config, &dataset, Witness::new(Some(worker.clone())));
    assert_eq!(weights(&alone), weights(&watched));

    drop(worker);
    let maps: Vec<Vec<f32>> = received
        .into_iter()
        .filter_map(|report| match report {
            Report::Pinned { explanations, .. } => Some(explanations[0].heatmap.values.clone()),
            _ => None,
        })
        .collect();
    assert!(maps.len() >= 2, "{} maps", maps.len());
    let (before, after) = (&maps[0], &maps[maps.len() - 1]);
    let moved: f32 = before.iter().zip(after).map(|(a, b)| (a - b).abs()).sum();
    assert!(moved / before.len() as f32 > 0.02, "the maps hardly changed: {moved}");
}

#[test]
fn a_stop_ends_after_the_step_in_hand_and_one_more_epoch_is_one_more() {
    let dataset = drawn(320, 50);
    let config = Config { epochs: 2, ..Config::default() };
    let (sender, _) = channel();
    let mut witness = Witness::new(None);
    witness.commands = Some((3, sender.clone(), Command::Stop));
    let (witness, _) = train(config, &dataset, witness);
    let steps = witness.events.iter().filter(|e| matches!(e, Event::Batch(_))).count();
    assert_eq!(steps, 3);
    assert!(matches!(witness.events.last(), Some(Event::Done { complete: false, last: None })));

    struct OneMore(Witness, Option<Sender<Command>>);
    impl Observer for OneMore {
        fn event(&mut self, event: Event) {
            if matches!(event, Event::Done { .. })
                && let Some(sender) = self.1.take()
            {
                sender.send(Command::OneMoreEpoch).unwrap();
            }
            self.0.event(event);
        }
    }
    let (sender, commands) = channel();
    let mut observer = OneMore(Witness::new(None), Some(sender));
    let session = Session::new(Config { epochs: 1, ..Config::default() }, &DeviceKind::Flex.open());
    run(session, &Plan { dataset, save_to: None }, &commands, &mut observer);
    assert_eq!(observer.0.epochs().len(), 2);
}

#[test]
fn a_saved_model_comes_back_bit_for_bit_and_a_failed_save_keeps_the_old_one() {
    let device = DeviceKind::Flex.open();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/model.safetensors");
    let model = Cnn::new(3, &device);
    let metadata = Metadata {
        dataset: "MNIST".to_owned(),
        epochs: 4,
        test_accuracy: Some(0.9875),
        seed: Some(3),
    };
    checkpoint::save(&model, &metadata, &path).unwrap();
    let (loaded, read) = checkpoint::load(&path, &device).unwrap();
    assert_eq!(read, metadata);
    assert_eq!(weights(&loaded), weights(&model));
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    // A folder in the way of the file.
    let blocked = folder.path().join("deep");
    let error = checkpoint::save(&model, &metadata, &blocked).unwrap_err().to_string();
    assert!(error.contains("deep") && error.contains("--model"), "{error}");
    assert!(checkpoint::load(&path, &device).is_ok());
}

#[test]
fn models_that_are_none_are_refused_with_a_sentence() {
    let device = DeviceKind::Flex.open();
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good");
    checkpoint::save(&Cnn::new(1, &device), &Metadata::default(), &good).unwrap();
    let bytes = std::fs::read(&good).unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = checkpoint::load(&path, &device).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        error
    };
    assert!(refused("empty", &[]).contains("not a complete safetensors file"));
    assert!(refused("garbage", &[0xAB; 4096]).contains("not a complete safetensors file"));
    let half = refused("half", &bytes[..bytes.len() / 2]);
    assert!(half.contains("not a complete safetensors file"), "{half}");
    let values = [0u8; 4 * 9];
    let view = safetensors::tensor::TensorView::new(
        safetensors::tensor::Dtype::F32,
        vec![1, 1, 3, 3],
        &values,
    );
    let other = safetensors::serialize([("conv1.weight", view.unwrap())], None).unwrap();
    let error = refused("other", &other);
    assert!(error.contains("conv1.weight is [1, 1, 3, 3]"), "{error}");
}
