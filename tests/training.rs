//! Training on drawn digits: it learns, it repeats, and nobody who watches changes it.

#![cfg(feature = "app")]

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use burn::module::Module;
use burn::tensor::Tensor;
use gradcam::data::digits::{SHAPE, synthetic};
use gradcam::data::{Classes, Dataset, Noun, Origin, Split};
use gradcam::explain::Query;
use gradcam::live::{Focus, Report, Subject, Watch, Worker};
use gradcam::model::checkpoint::Contents;
use gradcam::model::{Cnn, DeviceKind, Layer, Metadata, Network, Spec, checkpoint};
use gradcam::rng::Rng;
use gradcam::train::{Command, Event, Observer, Plan, Recipe, Session, Snapshot, resume, run};

fn drawn(train: usize, test: usize) -> Arc<Dataset> {
    Arc::new(synthetic::dataset([train, test], 1, &|_, _| {}))
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
            && (report.epoch - 1) * report.batches + report.batch == *at
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
            worker.publish(snapshot.clone());
        }
        self.last = Some(snapshot);
    }
}

fn train(recipe: Recipe, dataset: &Arc<Dataset>, witness: Witness) -> (Witness, Cnn) {
    let session = Session::new(recipe, dataset, &DeviceKind::Flex.open()).unwrap();
    let plan = Plan { dataset: Arc::clone(dataset), save_to: None };
    go(session, &plan, witness)
}

fn go(session: Session, plan: &Plan, mut witness: Witness) -> (Witness, Cnn) {
    let (sender, commands) = channel();
    match &mut witness.commands {
        Some((_, slot, _)) => *slot = sender,
        None => drop(sender),
    }
    run(session, plan, &commands, &mut witness);
    let Network::Cnn(model) = witness.last.take().unwrap().network;
    (witness, model)
}

#[test]
fn a_short_training_learns_and_its_seed_decides_everything() {
    let dataset = drawn(1536, 300);
    let recipe = Recipe { epochs: 1, ..Recipe::default() };
    let (witness, first) = train(recipe, &dataset, Witness::new(None));
    let epochs = witness.epochs();
    assert_eq!(epochs.len(), 1);
    assert!(epochs[0].test.accuracy() > 0.5, "{}", epochs[0].test.accuracy());
    assert!(epochs[0].train_loss < 2.0 && epochs[0].test.loss() < 1.6);
    assert_eq!(epochs[0].test.predictions.len(), 300);
    assert!(matches!(witness.events.last(), Some(Event::Done { complete: true, .. })));
    let (_, second) = train(recipe, &dataset, Witness::new(None));
    assert_eq!(weights(&first), weights(&second));
    let (_, other) = train(Recipe { seed: 2, ..recipe }, &dataset, Witness::new(None));
    assert_ne!(weights(&first), weights(&other));
}

fn focus_on(index: usize) -> Focus {
    let (query, layer) = (Query::default(), Layer(1));
    Focus { subject: Subject::Test(index), target: None, query, layer, step: None }
}

#[test]
fn earlier_stages_of_a_training_can_be_asked_again() {
    let dataset = drawn(640, 100);
    let (reports, received) = channel();
    let worker = Worker::start(Arc::clone(&dataset), move |report| {
        let _ = reports.send(report);
    });
    let recipe = Recipe { epochs: 1, ..Recipe::default() };
    train(recipe, &dataset, Witness::new(Some(worker.clone())));
    let ask = |step| {
        let focus = Focus { step, ..focus_on(5) };
        worker.watch(Watch { focus: Some(focus.clone()), ..Watch::default() });
        received.iter().find_map(|report| match report {
            Report::Focus { focus: of, explanation, epochs } if of == focus => {
                Some((explanation.logits, epochs))
            }
            _ => None,
        })
    };
    let (first, at) = ask(Some(0)).unwrap();
    assert_eq!(at, 0.0);
    let (newest, at) = ask(None).unwrap();
    assert_eq!(at, 1.0);
    assert_ne!(first, newest);
    assert_eq!(ask(Some(1_000_000)).unwrap(), (newest, 1.0));
}

#[test]
fn watching_a_training_leaves_its_weights_bit_for_bit_and_shows_change() {
    let dataset = drawn(640, 100);
    let recipe = Recipe { epochs: 1, ..Recipe::default() };
    let (_, alone) = train(recipe, &dataset, Witness::new(None));

    let (reports, received) = channel();
    let worker = Worker::start(Arc::clone(&dataset), move |report| {
        let _ = reports.send(report);
    });
    let focus = focus_on(5);
    worker.watch(Watch { focus: Some(focus), pinned: vec![0, 1, 2], ..Watch::default() });
    let (_, watched) = train(recipe, &dataset, Witness::new(Some(worker.clone())));
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
fn a_training_waits_for_no_explanation() {
    let dataset = drawn(320, 50);
    let (release, stuck) = channel::<()>();
    let (reports, received) = channel();
    // An explainer whose first answer takes as long as the training, if that does not wait for it.
    let worker = Worker::start(Arc::clone(&dataset), move |_| {
        let _ = reports.send(stuck.recv_timeout(Duration::from_secs(60)));
    });
    worker.watch(Watch { focus: Some(focus_on(5)), pinned: vec![0, 1, 2], ..Watch::default() });
    let recipe = Recipe { epochs: 1, ..Recipe::default() };
    let (witness, _) = train(recipe, &dataset, Witness::new(Some(worker)));
    assert_eq!(witness.epochs().len(), 1);
    assert!(received.try_recv().is_err(), "the training ended after an answer");
    drop(release);
    assert_eq!(received.recv(), Ok(Err(RecvTimeoutError::Disconnected)));
}

#[test]
fn a_stop_ends_after_the_step_in_hand_and_one_more_epoch_is_one_more() {
    let dataset = drawn(320, 50);
    let recipe = Recipe { epochs: 2, ..Recipe::default() };
    let (sender, _) = channel();
    let mut witness = Witness::new(None);
    witness.commands = Some((3, sender.clone(), Command::Stop));
    let (witness, _) = train(recipe, &dataset, witness);
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
    let device = DeviceKind::Flex.open();
    let start =
        || Session::new(Recipe { epochs: 1, ..Recipe::default() }, &dataset, &device).unwrap();
    let (sender, commands) = channel();
    let mut observer = OneMore(Witness::new(None), Some(sender));
    let plan = Plan { dataset: Arc::clone(&dataset), save_to: None };
    run(start(), &plan, &commands, &mut observer);
    assert_eq!(observer.0.epochs().len(), 2);

    // Stopped within it, it is still to be done.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let (sender, commands) = channel();
    let mut witness = Witness::new(None);
    witness.commands = Some((13, sender.clone(), Command::Stop));
    let plan = Plan { dataset: Arc::clone(&dataset), save_to: Some(path.clone()) };
    run(start(), &plan, &commands, &mut OneMore(witness, Some(sender)));
    let saved = resume::load(&resume::path_beside(&path), &device).unwrap();
    assert_eq!((saved.place().epoch, saved.recipe().epochs), (1, 2));
}

#[test]
fn a_saved_model_comes_back_bit_for_bit_and_a_failed_save_keeps_the_old_one() {
    let device = DeviceKind::Flex.open();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/model.safetensors");
    let model = Cnn::new(Spec::DIGITS, 3, &device);
    let metadata = Metadata {
        dataset: "MNIST".to_owned(),
        fingerprint: Some("0123abcd".to_owned()),
        epochs: 4,
        test_accuracy: Some(0.9875),
        seed: Some(3),
        classes: Some(Classes::new(["none", "of these"])),
        noun: Noun::Picture,
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
    checkpoint::save(&Cnn::new(Spec::DIGITS, 1, &device), &Metadata::default(), &good).unwrap();
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
    // The last value of the last tensor: finite, but no digit's answer would be.
    let huge = [&bytes[..bytes.len() - 4], &1e30f32.to_le_bytes()].concat();
    let error = refused("huge", &huge);
    assert!(error.contains("beyond a million"), "{error}");
    let text = [("architecture".to_owned(), "a-transformer".to_owned())].into();
    let transformer = folder.path().join("transformer");
    checkpoint::write(&Cnn::new(Spec::DIGITS, 1, &device), text, None, &transformer).unwrap();
    let error = checkpoint::load(&transformer, &device).unwrap_err().to_string();
    assert!(error.contains("its architecture is a-transformer"), "{error}");
    let other = safetensors::serialize([("conv1.weight", view.unwrap())], None).unwrap();
    let error = refused("other", &other);
    assert!(error.contains("conv1.weight is [1, 1, 3, 3]"), "{error}");
}

#[test]
fn files_of_other_kinds_are_called_what_they_are() {
    let device = DeviceKind::Flex.open();
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, says) in [
        ("a.pt", &b"PK\x03\x04\0\0\x08\x08\0\0archive/data.pkl"[..], "a PyTorch file"),
        ("old.pth", b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "a PyTorch file"),
        ("a.zip", b"PK\x03\x04\x14\0\0\0\x08\0pictures/1.png", "a zip archive"),
        ("a.h5", b"\x89HDF\r\n\x1a\n\0\0\0\0", "an HDF5 file"),
        ("a.onnx", b"\x08\x08\x12\x07pytorch\x1a", "an ONNX file"),
        ("a.gguf", b"GGUF\x03\0\0\0", "a GGUF file"),
        ("a.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "a gzip file"),
        ("a.html", b"<!doctype html><title>404", "an HTML page"),
        ("pointer", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = checkpoint::load(&path, &device).unwrap_err().to_string();
        let says = format!("{} is {says}", path.display());
        assert!(error.starts_with(&says) && error.contains("no safetensors file; "), "{error}");
        assert_eq!(error.contains("safetensors.torch.save_file"), name.contains(".pt"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_ordinary_file_or_far_too_large_is_refused_unread() {
    let device = DeviceKind::Flex.open();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", path("zero")).unwrap();
    for name in ["large", "large.pt"] {
        std::fs::write(path(name), b"\x80\x02ABCDEFGHI".repeat(usize::from(name != "large")))
            .unwrap();
        let file = std::fs::File::options().write(true).open(path(name)).unwrap();
        // Without blocks on the disk.
        file.set_len(3_000_000_000).unwrap();
    }
    for (name, says) in [
        ("pipe", "a pipe, a socket or a device"),
        ("zero", "a pipe, a socket or a device"),
        (".", "it is a folder"),
        ("large", "has 3000 MB, and a model or training of gradcam at most 173 MB"),
        ("large.pt", "is a PyTorch file"),
    ] {
        let error = checkpoint::load(&path(name), &device).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        let error = resume::load(&path(name), &device).err().unwrap().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_training_interrupted_anywhere_ends_at_the_same_weights() {
    let dataset = drawn(160, 20);
    let recipe = Recipe { epochs: 3, batch_size: 16, ..Recipe::default() };
    let device = DeviceKind::Ndarray.open();
    let folder = tempfile::tempdir().unwrap();
    let plan = |name: &str| {
        let save_to = Some(folder.path().join(name));
        Plan { dataset: Arc::clone(&dataset), save_to }
    };
    let (_, whole) =
        go(Session::new(recipe, &dataset, &device).unwrap(), &plan("whole"), Witness::new(None));

    let mut steps: Vec<usize> = (1..=30).collect();
    Rng::new(7).shuffle(&mut steps);
    for step in steps.into_iter().take(20) {
        let plan = plan(&format!("{step}.safetensors"));
        let mut witness = Witness::new(None);
        witness.commands = Some((step, channel().0, Command::Stop));
        let (witness, _) = go(Session::new(recipe, &dataset, &device).unwrap(), &plan, witness);
        let kept = folder.path().join(format!("{step}.training.safetensors"));
        assert!(witness.events.contains(&Event::Kept(kept.clone())), "step {step}");

        let saved = resume::load(&kept, &device).unwrap();
        assert_eq!(saved.recipe(), recipe);
        let session = saved.resume(recipe.epochs, &dataset).unwrap();
        let (witness, resumed) = go(session, &plan, Witness::new(None));
        assert_eq!(weights(&resumed), weights(&whole), "interrupted after step {step}");
        let last = witness.epochs().last().map(|report| report.epoch);
        assert_eq!(last, Some(3), "step {step}");
    }
}

#[test]
fn one_more_epoch_that_was_asked_for_is_kept_with_the_training() {
    let dataset = drawn(64, 20);
    let device = DeviceKind::Ndarray.open();
    let folder = tempfile::tempdir().unwrap();
    let save_to = Some(folder.path().join("more.safetensors"));
    let plan = Plan { dataset: Arc::clone(&dataset), save_to };
    let recipe = Recipe { epochs: 1, batch_size: 16, ..Recipe::default() };
    let (sender, commands) = channel();
    sender.send(Command::OneMoreEpoch).unwrap();
    let mut witness = Witness::new(None);
    witness.commands = Some((6, sender, Command::Stop));
    run(Session::new(recipe, &dataset, &device).unwrap(), &plan, &commands, &mut witness);

    let kept = folder.path().join("more.training.safetensors");
    let saved = resume::load(&kept, &device).unwrap();
    assert_eq!((saved.recipe().epochs, saved.place().step), (2, 6));
    // Six of eight steps, which the file says without being read whole.
    assert_eq!(saved.standing().to_string(), "75 % of 2 epochs");
    assert_eq!(resume::standing(&kept).unwrap(), saved.standing());
    let half = folder.path().join("half");
    std::fs::write(&half, &std::fs::read(&kept).unwrap()[..100]).unwrap();
    assert!(
        resume::standing(&half).is_err() && resume::standing(&folder.path().join("no")).is_err()
    );
    // As a model it tells what it has learnt, not what was planned.
    let (_, metadata) = checkpoint::load(&kept, &device).unwrap();
    assert_eq!((metadata.epochs, &metadata.dataset[..]), (1, "synthetic digits"));
}

#[test]
fn no_two_models_share_a_training() {
    let beside = |name: &str| resume::path_beside(Path::new(name));
    assert_eq!(beside("a/model.safetensors"), Path::new("a/model.training.safetensors"));
    let names = ["run.1", "run.2", "run", "run.safetensors.1"];
    let all: std::collections::BTreeSet<_> = names.map(beside).into_iter().collect();
    assert_eq!(all.len(), names.len(), "{all:?}");
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = |bytes| Path::new(std::ffi::OsStr::from_bytes(bytes));
        let kept = resume::path_beside(name(b"a\xff.safetensors"));
        assert_eq!(kept, name(b"a\xff.training.safetensors"));
    }
}

#[test]
fn a_training_that_cannot_go_on_says_why() {
    let dataset = drawn(64, 20);
    let device = DeviceKind::Ndarray.open();
    let folder = tempfile::tempdir().unwrap();
    let nothing = resume::load(&folder.path().join("nothing"), &device).err().unwrap();
    assert!(nothing.to_string().contains("no interrupted training"), "{nothing}");

    let model = folder.path().join("model");
    checkpoint::save(&Cnn::new(Spec::DIGITS, 1, &device), &Metadata::default(), &model).unwrap();
    let error = resume::load(&model, &device).err().unwrap().to_string();
    assert!(error.contains("no training") && error.contains("optimizer"), "{error}");

    let kept = folder.path().join("kept");
    resume::save(&Session::new(Recipe::default(), &dataset, &device).unwrap(), &dataset, &kept)
        .unwrap();
    let bytes = std::fs::read(&kept).unwrap();
    std::fs::write(folder.path().join("half"), &bytes[..bytes.len() - 9]).unwrap();
    assert!(resume::load(&folder.path().join("half"), &device).is_err());

    let good = Recipe::default();
    for (recipe, reason) in [
        (Recipe { learning_rate: f64::NAN, ..good }, "its learning_rate is NaN"),
        (Recipe { learning_rate: -0.1, ..good }, "its learning_rate is -0.1"),
        (Recipe { batch_size: usize::MAX, ..good }, "its batch_size is 18446744073709551615"),
        (Recipe { batch_size: 0, ..good }, "its batch_size is 0"),
        (Recipe { epochs: 0, ..good }, "its planned_epochs is 0"),
    ] {
        let path = folder.path().join("absurd");
        resume::save(&Session::new(recipe, &dataset, &device).unwrap(), &dataset, &path).unwrap();
        let error = resume::load(&path, &device).err().unwrap().to_string();
        assert!(error.contains(reason) && error.contains("gradcam train"), "{error}");
    }

    let other = drawn(32, 20);
    let error = resume::load(&kept, &device).unwrap().resume(3, &other).err().unwrap().to_string();
    assert!(error.contains("64 synthetic") && error.contains("32 synthetic"), "{error}");
}

/// The file's bytes.
fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn a_training_that_diverges_ends_so_and_replaces_nothing() {
    let dataset = drawn(640, 50);
    let device = DeviceKind::Flex.open();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let kept = resume::path_beside(&path);
    let plan = Plan { dataset: Arc::clone(&dataset), save_to: Some(path.clone()) };
    let good = Recipe { epochs: 1, batch_size: 64, ..Recipe::default() };
    go(Session::new(good, &dataset, &device).unwrap(), &plan, Witness::new(None));
    let before = (bytes(&path), bytes(&kept));
    for (seed, learning_rate) in [(1, 1.0), (2, 1.0), (3, 1.0), (4, 0.5), (5, 0.5)] {
        let recipe = Recipe { seed, learning_rate, epochs: 500, ..Recipe::default() };
        let (witness, _) =
            go(Session::new(recipe, &dataset, &device).unwrap(), &plan, Witness::new(None));
        let Some(Event::Diverged(divergence)) = witness.events.last() else {
            panic!("{:?}", witness.events.last());
        };
        let steps = witness.events.iter().filter(|event| matches!(event, Event::Batch(_))).count();
        assert_eq!(divergence.step, steps);
        assert!(divergence.loss > 23.0 || divergence.loss.is_nan(), "{divergence}");
        assert!((bytes(&path), bytes(&kept)) == before, "seed {seed}");
    }
}

/// A network whose last weight is this.
fn with_last_weight(value: f32) -> Cnn {
    let device = DeviceKind::Flex.open();
    let model = Cnn::new(Spec::DIGITS, 1, &device);
    let mut fc2: Vec<f32> = model.fc2.bias.val().into_data().iter::<f32>().collect();
    fc2[9] = value;
    let bias = Tensor::from_data(burn::tensor::TensorData::new(fc2, [10]), &device);
    let mut model = model;
    model.fc2.bias = burn::module::Param::from_tensor(bias);
    model
}

#[test]
fn weights_that_no_reader_would_take_are_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    checkpoint::save(&with_last_weight(1e6), &Metadata::default(), &path).unwrap();
    assert!(checkpoint::load(&path, &DeviceKind::Flex.open()).is_ok());
    let before = bytes(&path);
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.1e6, -1.1e6] {
        let error = checkpoint::save(&with_last_weight(value), &Metadata::default(), &path);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("not finite, or beyond a million"), "{value}: {error}");
        assert_eq!(bytes(&path), before);
    }
}

/// A training of a few steps that was kept, and its file.
fn kept(dataset: &Arc<Dataset>, folder: &Path) -> std::path::PathBuf {
    let device = DeviceKind::Ndarray.open();
    let plan = Plan { dataset: Arc::clone(dataset), save_to: Some(folder.join("model")) };
    let (sender, commands) = channel();
    let mut witness = Witness::new(None);
    witness.commands = Some((2, sender, Command::Stop));
    let recipe = Recipe { epochs: 1, batch_size: 16, ..Recipe::default() };
    run(Session::new(recipe, dataset, &device).unwrap(), &plan, &commands, &mut witness);
    folder.join("model.training.safetensors")
}

#[test]
fn a_training_goes_on_with_its_own_pictures_only() {
    let (dataset, device) = (drawn(64, 20), DeviceKind::Ndarray.open());
    let folder = tempfile::tempdir().unwrap();
    let path = kept(&dataset, folder.path());
    let go_on = |dataset: &Dataset| {
        let resumed = resume::load(&path, &device).unwrap().resume(1, dataset);
        resumed.err().map(|error| error.to_string())
    };
    assert_eq!(go_on(&dataset), None);
    // Of the same name and size, in the training set or in the test set.
    let other = |split, count| synthetic::draw_with(split, count, 2, &|_| {});
    let same = || (*dataset).clone();
    for other in [
        Dataset { train: other(Split::Train, 64), ..same() },
        Dataset { test: other(Split::Test, 20), ..same() },
    ] {
        let error = go_on(&other).expect("other digits were taken");
        assert!(error.contains("other 64 synthetic digits of seed 1"), "{error}");
    }
    // The same pictures may have moved.
    let origin = Origin::folder(SHAPE, "elsewhere".as_ref());
    assert_eq!(go_on(&Dataset { origin, ..same() }), None);
    let origin = Origin::known("Fashion-MNIST", Noun::Picture, "elsewhere".as_ref());
    let error = go_on(&Dataset { origin, ..(*drawn(32, 20)).clone() }).unwrap();
    assert!(error.contains("was on 64 synthetic digits of seed 1"), "{error}");
    assert!(error.contains("these are 32 pictures of Fashion-MNIST"), "{error}");
}

#[test]
fn a_training_without_a_fingerprint_goes_on_by_the_name_of_its_digits() {
    let (dataset, device) = (drawn(64, 20), DeviceKind::Ndarray.open());
    let folder = tempfile::tempdir().unwrap();
    let path = kept(&dataset, folder.path());
    let Contents { model, mut text, optimizer } = checkpoint::read(&path, &device).unwrap();
    assert_eq!(text.remove("fingerprint"), Some(dataset.fingerprint()));
    checkpoint::write(&model, text, optimizer.as_deref(), &path).unwrap();
    let saved = || resume::load(&path, &device).unwrap();
    assert!(saved().resume(1, &dataset).is_ok());
    assert!(saved().resume(1, &drawn(63, 20)).is_err());
}

#[test]
fn an_optimizer_state_that_is_no_number_or_not_whole_is_refused() {
    let (dataset, device) = (drawn(64, 20), DeviceKind::Ndarray.open());
    let folder = tempfile::tempdir().unwrap();
    let path = kept(&dataset, folder.path());
    let Contents { model, text, optimizer } = checkpoint::read(&path, &device).unwrap();
    let state = optimizer.unwrap();
    let end = state.len() - 4;
    let with = |last: f32| [&state[..end], &last.to_le_bytes()].concat();
    for (state, sound) in [
        (with(0.5), true),
        (with(f32::NAN), false),
        (with(f32::INFINITY), false),
        (state[..state.len() / 2].to_vec(), false),
    ] {
        checkpoint::write(&model, text.clone(), Some(&state), &path).unwrap();
        match resume::load(&path, &device) {
            Ok(_) => assert!(sound, "it was taken"),
            Err(error) => {
                assert!(!sound && error.to_string().contains("holds no training"), "{error}");
            }
        }
    }
}
