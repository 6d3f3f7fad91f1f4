//! The command line without a screen: its output for programs, and what it says to bad input.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use gradcam::data::{self, Choice, Request, Split, synthetic};
use gradcam::explain::{METHODS, Method};
use gradcam::model::{Cnn, DeviceKind, Metadata, checkpoint};
use gradcam::paint::{self, Raster};
use gradcam::train::{Config, Session, resume};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// An untrained model where the program looks for it.
    fn with_model() -> Self {
        let place = Self::new();
        let model = Cnn::new(1, &DeviceKind::Flex.open());
        let path = place.path().join("model.safetensors");
        checkpoint::save(&model, &Metadata::default(), &path).unwrap();
        place
    }

    /// A training on [`SYNTHETIC`] that was interrupted before its first step.
    fn with_training(config: Config) -> Self {
        let place = Self::new();
        let cache = place.path().join("cache");
        let (choice, environment, limit) = (Choice::Synthetic, None, Some(192));
        let request = Request { choice, environment, cache, seed: config.seed, limit };
        let digits = data::load(&request, &|_| {}).unwrap();
        let path = resume::path_beside(&place.path().join("model.safetensors"));
        resume::save(&Session::new(config, &DeviceKind::Flex.open()), &digits, &path).unwrap();
        place
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_gradcam"))
            .args(["--device", "flex", "--model", "model.safetensors"])
            .args(arguments)
            .current_dir(self.path())
            .env("HOME", self.path())
            .env_remove("GRADCAM_MNIST")
            .env_remove("XDG_CACHE_HOME")
            .output()
            .unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What it says when it fails with this code, before it has printed anything.
    fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
        failure(code, &output)
    }
}

/// What was said to a failure with this code.
fn failure(code: i32, output: &Output) -> String {
    let message = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    message
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const SYNTHETIC: [&str; 4] = ["--data", "synthetic", "--limit", "192"];

#[test]
fn training_prints_one_object_a_line_and_leaves_a_model() {
    let place = Place::new();
    let mut arguments = vec!["train", "--json", "--epochs", "2"];
    arguments.extend(SYNTHETIC);
    let lines = place.json(&arguments);
    let events: Vec<&str> = lines.iter().map(|l| l["event"].as_str().unwrap()).collect();
    assert_eq!(events.first(), Some(&"start"));
    assert_eq!(events.last(), Some(&"done"));
    for event in ["progress", "epoch", "saved"] {
        assert!(events.contains(&event), "{events:?}");
    }
    for line in lines.iter().filter(|l| l["event"] == "epoch" || l["event"] == "done") {
        for key in [
            "train_loss",
            "train_accuracy",
            "test_loss",
            "test_accuracy",
            "seconds",
            "images_per_second",
        ] {
            assert!(line[key].is_f64(), "{key} in {line}");
        }
        assert_eq!(line["dataset"], "synthetic digits");
    }
    let done = lines.last().unwrap();

    let score = place.json(&["evaluate", "--json", "--data", "synthetic", "--limit", "192"]);
    assert_eq!(score[0]["images"], 32);
    let (now, then) = (score[0]["test_loss"].as_f64(), done["test_loss"].as_f64());
    assert!((now.unwrap() - then.unwrap()).abs() < 1e-5, "{score:?} {done}");
}

#[test]
fn a_training_goes_on_with_its_own_seed_and_no_other() {
    let config = Config { epochs: 1, seed: 7, ..Config::default() };
    let place = Place::with_training(config);
    let [resume, train] = [vec!["--resume"], vec!["train", "--epochs", "1", "--seed", "7"]]
        .map(|first| [&first[..], &["--json"], &SYNTHETIC].concat());
    let message = place.refused(1, &[&resume[..], &["--seed", "8"]].concat());
    assert!(message.contains("has the seed 7 and not 8; leave out --seed"), "{message}");
    let resumed = place.json(&resume);
    assert_eq!((&resumed[0]["seed"], &resumed[0]["epochs"]), (&7.into(), &1.into()));
    // The same digits, from the same first weights.
    let whole = Place::new().json(&train);
    let [resumed, whole] = [resumed, whole].map(|lines| lines.last().unwrap().clone());
    for figure in ["train_loss", "test_loss", "test_accuracy"] {
        assert_eq!(resumed[figure], whole[figure], "{figure}");
    }
}

#[test]
fn a_training_that_is_done_says_so_and_can_be_made_longer() {
    let place = Place::new();
    let train = [&["train", "--epochs", "1", "--json"], &SYNTHETIC[..]].concat();
    place.json(&train);
    let resume = [&["--resume", "--json"], &SYNTHETIC[..]].concat();
    let lines = place.json(&resume);
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["start", "done"]);
    let report = doctor(&place);
    assert!(report["training"].contains("has done 1 of 1 epoch;"), "{report:?}");
    let longer = place.json(&[&resume[..], &["--epochs", "2"]].concat());
    let done = longer.last().unwrap();
    assert_eq!((&done["event"], &done["epochs"]), (&"done".into(), &2.into()));
}

/// What `gradcam doctor` says about each thing.
fn doctor(place: &Place) -> BTreeMap<String, String> {
    let lines = place.json(&["doctor", "--json"]);
    assert_eq!(lines.len(), 1);
    serde_json::from_value(lines[0].clone()).unwrap()
}

#[test]
fn the_doctor_looks_at_everything() {
    let place = Place::with_training(Config { epochs: 2, ..Config::default() });
    let report = doctor(&place);
    for name in ["gradcam", "terminal", "colour", "settings", "locale", "digits", "compute"] {
        assert!(!report[name].is_empty(), "{name} in {report:?}");
    }
    assert!(report["model"].contains("is not there yet; `gradcam train`"), "{report:?}");
    let training = &report["training"];
    assert!(training.contains("interrupted after 0 of 2 epochs"), "{training}");
    let resume = "`gradcam --model model.safetensors --device flex --resume` goes on";
    assert!(training.contains(resume), "{training}");
    let text = String::from_utf8(place.run(&["doctor"]).stdout).unwrap();
    assert_eq!(text.lines().count(), report.len(), "{text}");
    assert!(text.starts_with(&format!("gradcam   {}\n", env!("CARGO_PKG_VERSION"))), "{text}");

    std::fs::write(place.path().join("model.training.safetensors"), "garbage").unwrap();
    std::fs::write(place.path().join("model.safetensors"), "garbage").unwrap();
    let report = doctor(&place);
    for name in ["model", "training"] {
        assert!(report[name].contains("not a complete safetensors file"), "{report:?}");
    }
}

#[test]
fn how_to_train_is_said_where_something_is_trained() {
    let place = Place::with_model();
    let before = std::fs::read(place.path().join("model.safetensors")).unwrap();
    for (flags, command) in [
        (&["--epochs", "7"][..], "train"),
        (&["--resume"], "train"),
        (&["--batch-size", "8"], "explore"),
        (&["--learning-rate", "0.5"], "evaluate"),
    ] {
        let message = place.refused(2, &[flags, &[command]].concat());
        let after = format!("gradcam train {}", flags.join(" "));
        assert!(message.contains(&after), "{message}");
    }
    let message = place.refused(1, &["--epochs", "9", "--batch-size", "8"]);
    let anew = "`gradcam train --epochs 9 --batch-size 8` trains a new one";
    assert!(message.contains("a model at model.safetensors already"), "{message}");
    assert!(message.contains(anew), "{message}");
    assert_eq!(std::fs::read(place.path().join("model.safetensors")).unwrap(), before);
    let none = Place::new();
    let lines = none.json(&[&["--epochs", "1", "--json"], &SYNTHETIC[..]].concat());
    assert_eq!(lines[0]["epochs"], 1);
}

#[test]
fn explaining_prints_everything_about_each_digit() {
    let place = Place::with_model();
    let mut arguments = vec!["explain", "--json", "--index", "0..3", "--target", "4"];
    arguments.extend(SYNTHETIC);
    let lines = place.json(&arguments);
    assert_eq!(lines.len(), 3);
    for (i, line) in lines.iter().enumerate() {
        assert_eq!(line["index"], i);
        assert_eq!(line["target"], 4);
        assert_eq!((&line["score"], &line["layer"]), (&"logit".into(), &"conv2".into()));
        assert_eq!(line["method"], "grad-cam");
        assert_eq!(line["logits"].as_array().unwrap().len(), 10);
        let p = line["probabilities"].as_array().unwrap();
        let sum: f64 = p.iter().map(|v| v.as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-5);
        let map = &line["heatmap"];
        assert_eq!((&map["height"], &map["width"]), (&11.into(), &11.into()));
        let values = map["values"].as_array().unwrap();
        assert_eq!(values.len(), 121);
        let highest = values.iter().map(|v| v.as_f64().unwrap()).fold(0.0, f64::max);
        let ok = line["status"] == "ok";
        assert_eq!(highest, if ok { 1.0 } else { 0.0 });
        assert_eq!(line["raw_max"].as_f64().unwrap() > 0.0, ok);
    }
    let text = place.run(&["explain", "--index", "2", "--data", "synthetic", "--limit", "192"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.starts_with("digit 2: label "), "{text}");
}

#[test]
fn a_picture_of_ones_own_is_explained_as_a_digit_is() {
    let place = Place::with_model();
    let digits = synthetic::draw_with(Split::Test, 3, 1, &|_| {});
    let path = place.path().join("two.png");
    let pixels = digits.image(2).iter().map(|&ink| [ink; 3]).collect();
    paint::write(&Raster { width: 28, height: 28, pixels }, &[], &path).unwrap();
    let options = ["explain", "--json", "--target", "4", "--method", "hirescam"];
    let mut seen = place.json(&[&options[..], &["--image", "two.png"]].concat()).remove(0);
    let index = [&options[..], &["--index", "2"], &SYNTHETIC].concat();
    let mut same = place.json(&index).remove(0);
    for key in ["index", "split", "label"] {
        assert!(same.as_object_mut().unwrap().remove(key).is_some(), "{key}");
    }
    assert_eq!(seen.as_object_mut().unwrap().remove("image"), Some("two.png".into()));
    assert_eq!(seen, same);
    let text = place.run(&["explain", "--image", "two.png", "--output", "map.png"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.starts_with("two.png: predicted "), "{text}");
    assert!(place.path().join("map.png").exists());

    let message = place.refused(1, &["explain", "--image", "model.safetensors"]);
    assert!(message.contains("model.safetensors is no PNG picture"), "{message}");
    let message = place.refused(1, &["explain", "--image", "none.png"]);
    assert!(message.contains("cannot read the picture none.png"), "{message}");
    place.refused(2, &["explain", "--image", "two.png", "--index", "3"]);
}

#[test]
fn every_method_and_layer_has_a_name_and_a_map() {
    let place = Place::with_model();
    let layers = [("conv1", 26), ("conv2", 11)];
    for (method, (layer, side)) in METHODS.map(Method::name).into_iter().zip(layers.iter().cycle())
    {
        let mut arguments = vec!["explain", "--json", "--method", method, "--layer", layer];
        arguments.extend(SYNTHETIC);
        let line = place.json(&arguments).remove(0);
        assert_eq!((&line["method"], &line["layer"]), (&method.into(), &(*layer).into()));
        // Guided gradients are those of the pixels, at every layer.
        let side = if method.starts_with("guided") { 28 } else { *side };
        let map = &line["heatmap"];
        assert_eq!((&map["height"], &map["width"]), (&side.into(), &side.into()), "{method}");
        assert_eq!(map["values"].as_array().unwrap().len(), side * side, "{method}");
    }
    let message = place.refused(2, &["explain", "--layer", "fc1"]);
    assert!(message.contains("conv1") && message.contains("conv2"), "{message}");
    let message = place.refused(2, &["explain", "--method", "cam"]);
    for method in METHODS.map(Method::name) {
        assert!(message.contains(method), "{method} in {message}");
    }
}

#[test]
fn the_table_has_a_line_a_method_and_figures_in_range() {
    let place = Place::with_model();
    let mut arguments = vec!["table", "--json", "--digits", "3"];
    arguments.extend(SYNTHETIC);
    let lines = place.json(&arguments);
    assert_eq!(lines.len(), METHODS.len());
    for (line, method) in lines.iter().zip(METHODS) {
        assert_eq!((&line["method"], &line["digits"]), (&method.name().into(), &3.into()));
        for share in ["deletion_area", "insertion_area", "random_order_area", "on_ink", "empty"] {
            let share = line[share].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&share), "{line}");
        }
        let correlations = line["randomised_correlations"].as_array().unwrap();
        assert_eq!(correlations.len(), line["randomised_layers"].as_array().unwrap().len());
        for correlation in correlations.iter().chain([&line["stability"]]) {
            assert!((-1.0..=1.0).contains(&correlation.as_f64().unwrap()), "{line}");
        }
    }
    arguments.retain(|argument| *argument != "--json");
    let text = String::from_utf8(place.run(&arguments).stdout).unwrap();
    assert!(text.starts_with("mean of 3 test digits of synthetic digits"), "{text}");
    for method in METHODS {
        let title = format!("{:<17}", method.title());
        assert_eq!(text.lines().filter(|line| line.starts_with(&title)).count(), 2, "{text}");
    }
    place.refused(2, &["table", "--digits", "0"]);
}

#[test]
fn a_picture_has_the_size_and_the_colours_asked_for() {
    let place = Place::with_model();
    let mut arguments = vec!["explain", "--output", "cam.png", "--size", "120"];
    arguments.extend(["--view", "side-by-side", "--colormap", "jet"]);
    arguments.extend(SYNTHETIC);
    let output = place.run(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let file = std::fs::File::open(place.path().join("cam.png")).unwrap();
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut bytes).unwrap();
    let width = reader.info().width as usize;
    assert_eq!((width, reader.info().height), (120 + 3 + 120, 120));
    let pixel = |x: usize, y: usize| -> &[u8] { &bytes[3 * (y * width + x)..][..3] };
    assert!((0..120).all(|y| (0..120).all(|x| pixel(x, y)[0] == pixel(x, y)[2])), "grey ink");
    let hottest = (0..120).flat_map(|y| (123..width).map(move |x| (x, y)));
    let hottest = hottest.map(|(x, y)| pixel(x, y)[0]).max();
    assert!(hottest > Some(120), "jet is red where it is hot: {hottest:?}");
}

/// A sound file of a network with other kernels.
fn another_network() -> Vec<u8> {
    let values = [0; 4 * 8 * 25];
    let view = TensorView::new(Dtype::F32, vec![8, 1, 5, 5], &values).unwrap();
    safetensors::serialize([("conv1.weight", view)], None).unwrap()
}

/// MNIST's four files in the folder `digits`, all black, with these as the test labels.
fn write_mnist(place: &Place, test_labels: &[u8]) {
    let folder = place.path().join("digits");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, magic: u32, sizes: &[u32], body: &[u8]| {
        let words = [magic].into_iter().chain(sizes.iter().copied());
        let header: Vec<u8> = words.flat_map(u32::to_be_bytes).collect();
        std::fs::write(folder.join(name), [&header, body].concat()).unwrap();
    };
    for (set, count) in [("train", 60_000), ("t10k", 10_000)] {
        let black = vec![0; 784 * count];
        let sizes = [count as u32, 28, 28];
        write(&format!("{set}-images-idx3-ubyte"), 0x0803, &sizes, &black);
        write(&format!("{set}-labels-idx1-ubyte"), 0x0801, &sizes[..1], &black[..count]);
    }
    let count = test_labels.len() as u32;
    write("t10k-labels-idx1-ubyte", 0x0801, &[count], test_labels);
}

#[test]
fn a_label_that_is_no_digit_is_refused_with_its_place() {
    let place = Place::with_model();
    let mut labels = vec![3; 10_000];
    write_mnist(&place, &labels);
    let score = place.json(&["evaluate", "--json", "--data", "digits", "--limit", "60"]);
    assert_eq!(score[0]["dataset"], "MNIST");
    labels[1234] = 200;
    write_mnist(&place, &labels);
    let message = place.refused(1, &["evaluate", "--data", "digits"]);
    assert!(message.contains("digits/t10k-labels-idx1-ubyte has the label 200"), "{message}");
    assert!(message.contains("entry 1234; labels are 0 to 9; download it again"), "{message}");
}

#[test]
fn bad_input_gets_one_sentence_and_its_code() {
    let place = Place::with_model();
    let before = std::fs::read(place.path().join("model.safetensors")).unwrap();

    let message = place.refused(1, &["evaluate", "--data", "nowhere"]);
    assert!(message.contains("there is no folder nowhere"), "{message}");
    let message = place.refused(2, &["explain", "--target", "11"]);
    assert!(message.contains("--target") && message.contains("0..=9"), "{message}");
    let mut out_of_range = vec!["explain", "--index", "999999"];
    out_of_range.extend(SYNTHETIC);
    let message = place.refused(1, &out_of_range);
    assert!(message.contains("there is no digit 999999: the test set has 32"), "{message}");
    let message = place.refused(2, &["explain", "--index", "0..2", "--output", "a.png"]);
    assert!(message.contains("one digit"), "{message}");
    for bad in [["--epochs", "0"], ["--batch-size", "none"], ["--learning-rate", "-1"]] {
        place.refused(2, &["train", bad[0], bad[1]]);
    }
    place.refused(2, &["explain", "--colormap", "rainbows"]);
    place.refused(2, &["frobnicate"]);
    assert_eq!(std::fs::read(place.path().join("model.safetensors")).unwrap(), before);

    let huge = [&before[..before.len() - 4], &1e30f32.to_le_bytes()].concat();
    for (bytes, reason) in [
        (another_network(), "conv1.weight is [8, 1, 5, 5] and should be [32, 1, 3, 3]"),
        (huge, "has values that are no numbers, or beyond a million"),
    ] {
        std::fs::write(place.path().join("model.safetensors"), bytes).unwrap();
        for command in ["evaluate", "explain", "table"] {
            let message = place.refused(1, &[command]);
            assert!(message.contains("model.safetensors holds another network"), "{message}");
            assert!(message.contains(reason), "{message}");
        }
    }
    std::fs::write(place.path().join("model.safetensors"), &before[..before.len() / 2]).unwrap();
    let message = place.refused(1, &["evaluate"]);
    assert!(message.contains("not a complete safetensors file"), "{message}");
    std::fs::write(place.path().join("model.safetensors"), b"garbage").unwrap();
    let message = place.refused(1, &["explain"]);
    assert!(message.contains("model.safetensors is not a complete"), "{message}");

    let empty = Place::new();
    let message = empty.refused(1, &["evaluate"]);
    assert!(message.contains("gradcam train"), "{message}");
    std::fs::write(empty.path().join("file"), b"").unwrap();
    let unwritable = ["train", "--no-tui", "--model", "file/model", "--data", "synthetic"];
    let message = empty.refused(1, &unwritable);
    assert!(message.contains("cannot save the model to file/model"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_model_or_a_picture_is_refused_and_a_link_is_written_through() {
    let place = Place::with_model();
    let path = |name: &str| place.path().join(name);
    assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    let mut train = vec!["train", "--json", "--epochs", "1", "--model", "pipe"];
    train.extend(SYNTHETIC);
    let message = place.refused(1, &train);
    assert!(message.contains("cannot save the model to pipe: it is a device, a pipe"), "{message}");
    let mut explain = vec!["explain", "--json", "--output", "pipe"];
    explain.extend(SYNTHETIC);
    let message = failure(1, &place.run(&explain));
    assert!(message.contains("cannot write the picture pipe: it is a device"), "{message}");

    std::os::unix::fs::symlink("there.safetensors", path("link")).unwrap();
    train[5] = "link";
    place.json(&train);
    assert!(path("link").is_symlink());
    let (_, metadata) =
        checkpoint::load(&path("there.safetensors"), &DeviceKind::Flex.open()).unwrap();
    assert_eq!(metadata.epochs, 1);
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let place = Place::with_model();
    let explain = format!(
        "explain --index 0..30 --json --device flex --model model.safetensors {}",
        SYNTHETIC.join(" ")
    );
    for arguments in [&explain[..], "completions bash", "man", "doctor"] {
        let script = format!(
            "(trap '' PIPE; {} {arguments}; echo $? >&2) | head -c 1",
            env!("CARGO_BIN_EXE_gradcam")
        );
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(place.path())
            .env("HOME", place.path())
            .output()
            .unwrap();
        assert_eq!(output.stdout.len(), 1);
        let said = stderr(&output);
        assert!(!said.contains("panicked") && !said.contains("gradcam: "), "{said}");
        assert!(said.ends_with("0\n"), "{said}");
    }
}

#[test]
fn help_and_completions_name_every_command() {
    let place = Place::new();
    let help = String::from_utf8(place.run(&["--help"]).stdout).unwrap();
    for word in [
        "train",
        "explore",
        "evaluate",
        "explain",
        "table",
        "doctor",
        "completions",
        "man",
        "--data",
        "GRADCAM_MNIST",
        "Examples",
    ] {
        assert!(help.contains(word), "{word} in {help}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = place.run(&["completions", shell]);
        assert!(String::from_utf8(script.stdout).unwrap().contains("evaluate"));
    }
    let man = String::from_utf8(place.run(&["man"]).stdout).unwrap();
    assert!(man.starts_with(".ie") && man.contains("gradcam"));
}
