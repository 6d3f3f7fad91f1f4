//! The command line without a screen: its output for programs, and what it says to bad input.

#![cfg(feature = "app")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use gradcam::data::digits::synthetic;
use gradcam::data::{self, Choice, Request, Split, Wanted};
use gradcam::explain::{Method, VariantArray};
use gradcam::model::{Cnn, DeviceKind, Metadata, Spec, checkpoint};
use gradcam::paint::{self, Raster};
use gradcam::train::{Lock, Recipe, Session, resume};
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
        let model = Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open());
        let path = place.path().join("model.safetensors");
        checkpoint::save(&model, &Metadata::default(), &path).unwrap();
        place
    }

    /// A training on [`SYNTHETIC`] that was interrupted before its first step.
    fn with_training(recipe: Recipe) -> Self {
        let place = Self::new();
        let cache = place.path().join("cache");
        let (choice, environment, limit) = (Choice::Synthetic, None, Some(192));
        let request = Request {
            choice,
            wanted: Wanted::default(),
            environment,
            cache,
            seed: recipe.seed,
            limit,
        };
        let digits = data::load(&request, &|_| {}).unwrap();
        let path = resume::path_beside(&place.path().join("model.safetensors"));
        resume::save(
            &Session::new(recipe, &digits, &DeviceKind::Flex.open()).unwrap(),
            &digits,
            &path,
        )
        .unwrap();
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
    let recipe = Recipe { epochs: 1, seed: 7, ..Recipe::default() };
    let place = Place::with_training(recipe);
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
    let place = Place::with_training(Recipe { epochs: 2, ..Recipe::default() });
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
    for key in ["index", "split", "label", "label_name"] {
        assert!(same.as_object_mut().unwrap().remove(key).is_some(), "{key}");
    }
    assert_eq!(seen.as_object_mut().unwrap().remove("image"), Some("two.png".into()));
    assert_eq!(seen, same);
    let text = place.run(&["explain", "--image", "two.png", "--output", "map.png"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.starts_with("two.png: predicted "), "{text}");
    assert!(place.path().join("map.png").exists());

    let message = place.refused(1, &["explain", "--image", "model.safetensors"]);
    assert!(message.contains("model.safetensors is no picture in PNG, JPEG"), "{message}");
    let message = place.refused(1, &["explain", "--image", "none.png"]);
    assert!(message.contains("cannot read the picture none.png"), "{message}");
    place.refused(2, &["explain", "--image", "two.png", "--index", "3"]);
}

/// A digit as a picture file, not of this program's making.
fn write_digit(place: &Place, name: &str) -> Vec<u8> {
    let digits = synthetic::draw_with(Split::Test, 3, 1, &|_| {});
    let pixels = digits.image(2).iter().map(|&ink| [ink; 3]).collect();
    paint::write(&Raster { width: 28, height: 28, pixels }, &[], &place.path().join(name)).unwrap();
    std::fs::read(place.path().join(name)).unwrap()
}

#[cfg(unix)]
#[test]
fn a_saved_picture_replaces_nothing_that_the_user_has() {
    let place = Place::with_training(Recipe { epochs: 1, ..Recipe::default() });
    let path = |name: &str| place.path().join(name);
    let model = Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open());
    checkpoint::save(&model, &Metadata::default(), &path("model.safetensors")).unwrap();
    write_digit(&place, "mine.png");
    std::fs::write(path("letter.txt"), "dear reader").unwrap();
    for (name, of) in [("picture-link", "mine.png"), ("model-link", "model.safetensors")] {
        std::os::unix::fs::symlink(of, path(name)).unwrap();
    }
    std::fs::hard_link(path("mine.png"), path("twin.png")).unwrap();
    std::fs::hard_link(path("model.training.safetensors"), path("twin")).unwrap();
    std::os::unix::fs::symlink("letter.txt", path("letter-link")).unwrap();
    let files = ["mine.png", "model.safetensors", "model.training.safetensors", "letter.txt"];
    let read = || files.map(|name| std::fs::read(path(name)).unwrap());
    let before = read();
    for (output, says) in [
        ("mine.png", "would replace the picture that is explained"),
        ("./mine.png", "would replace the picture that is explained"),
        ("picture-link", "would replace the picture that is explained"),
        ("twin.png", "would replace the picture that is explained"),
        ("model.safetensors", "would replace the model"),
        ("model-link", "would replace the model"),
        ("model.training.safetensors", "would replace the training"),
        ("twin", "would replace the training"),
        ("letter.txt", "letter.txt is there already and is no picture that gradcam has saved"),
        ("letter-link", "letter-link is there already"),
        ("no/such/folder.png", "cannot write the picture no/such/folder.png"),
    ] {
        let message = place.refused(1, &["explain", "--image", "mine.png", "--output", output]);
        assert!(message.contains(says), "{output}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    assert_eq!(read(), before);
    for (link, name) in [("twin.png", 0), ("twin", 2)] {
        assert_eq!(std::fs::read(path(link)).unwrap(), before[name]);
    }
    assert!(path("picture-link").is_symlink() && path("letter-link").is_symlink());

    // The place of a training that is not there yet is no picture's, either.
    std::fs::remove_file(path("model.training.safetensors")).unwrap();
    let training = ["explain", "--image", "mine.png", "--output", "model.training.safetensors"];
    let message = place.refused(1, &training);
    assert!(message.contains("would replace the training"), "{message}");
}

#[test]
fn a_picture_that_was_saved_before_is_replaced_unless_it_is_explained() {
    let place = Place::with_model();
    write_digit(&place, "mine.png");
    let save = |view| {
        let explain = ["explain", "--image", "mine.png", "--output", "cam.png", "--view", view];
        assert!(place.run(&explain).status.success());
        std::fs::read(place.path().join("cam.png")).unwrap()
    };
    assert_ne!(save("overlay"), save("side-by-side"));
    let message = place.refused(1, &["explain", "--image", "cam.png", "--output", "cam.png"]);
    assert!(message.contains("would replace the picture that is explained"), "{message}");
}

#[test]
fn a_dash_is_standard_input_and_standard_output() {
    let place = Place::with_model();
    let bytes = write_digit(&place, "mine.png");
    let run = |arguments: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gradcam"))
            .args(["--device", "flex", "--model", "model.safetensors", "explain"])
            .args(arguments)
            .current_dir(place.path())
            .env("HOME", place.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program may refuse its flags before it reads.
        let _ = child.stdin.take().unwrap().write_all(&bytes);
        child.wait_with_output().unwrap()
    };
    let explained = run(&["--image", "-", "--output", "-"]);
    assert!(explained.status.success(), "{}", stderr(&explained));
    assert!(
        explained.stdout.starts_with(b"\x89PNG") && explained.stdout.ends_with(b"IEND\xaeB`\x82")
    );
    let said = stderr(&explained);
    assert!(said.contains("standard input: predicted ") && !said.contains("saved"), "{said}");
    assert!(place.run(&["explain", "--image", "mine.png", "--output", "cam.png"]).status.success());
    let mut file = png::Decoder::new(std::io::Cursor::new(explained.stdout)).read_info().unwrap();
    let mut pixels = vec![0; file.output_buffer_size().unwrap()];
    file.next_frame(&mut pixels).unwrap();
    let saved = std::fs::File::open(place.path().join("cam.png")).unwrap();
    let mut saved = png::Decoder::new(std::io::BufReader::new(saved)).read_info().unwrap();
    let mut same = vec![0; saved.output_buffer_size().unwrap()];
    saved.next_frame(&mut same).unwrap();
    assert!(pixels == same, "a file and standard output get the same picture");

    let json = run(&["--image", "-", "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["image"], "-");
    assert!(json.get("remark").is_none(), "{json}");
    let message = failure(2, &run(&["--image", "-", "--output", "-", "--json"]));
    assert!(message.contains("--output - writes the picture to standard output"), "{message}");
    assert!(!place.path().join("-").exists());
}

#[test]
fn a_picture_of_two_digits_is_explained_with_a_remark() {
    let place = Place::with_model();
    let digits = synthetic::draw_with(Split::Test, 3, 1, &|_| {});
    let pixel = |i: usize| [digits.image(2)[i / 56 * 28 + i % 28]; 3];
    let two = Raster { width: 56, height: 28, pixels: (0..56 * 28).map(pixel).collect() };
    paint::write(&two, &[], &place.path().join("two.png")).unwrap();
    let explained = place.run(&["explain", "--image", "two.png"]);
    assert!(explained.status.success());
    let note = "note: two.png: there are 2 shapes apart from each other";
    assert!(stderr(&explained).contains(note), "{}", stderr(&explained));
    let line = place.json(&["explain", "--image", "two.png", "--json"]).remove(0);
    assert!(line["remark"].as_str().unwrap().starts_with("there are 2 shapes"), "{line}");
}

#[test]
fn every_method_and_layer_has_a_name_and_a_map() {
    let place = Place::with_model();
    let layers = [("conv1", 26), ("conv2", 11)];
    let methods: Vec<&str> = Method::VARIANTS.iter().map(|method| method.into()).collect();
    for (&method, (layer, side)) in methods.iter().zip(layers.iter().cycle()) {
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
    let message = place.refused(1, &["explain", "--layer", "fc1"]);
    assert!(message.contains("conv1") && message.contains("conv2"), "{message}");
    let message = place.refused(2, &["explain", "--method", "cam"]);
    for method in methods {
        assert!(message.contains(method), "{method} in {message}");
    }
}

#[test]
fn the_table_has_a_line_a_method_and_figures_in_range() {
    let place = Place::with_model();
    let mut arguments = vec!["table", "--json", "--digits", "3"];
    arguments.extend(SYNTHETIC);
    let lines = place.json(&arguments);
    assert_eq!(lines.len(), Method::VARIANTS.len());
    for (line, method) in lines.iter().zip(Method::VARIANTS) {
        assert_eq!((&line["method"], &line["digits"]), (&method.to_string().into(), &3.into()));
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
    for &method in Method::VARIANTS {
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
    assert_eq!(score[0]["dataset"], "28x28 pictures from digits");
    labels[1234] = 200;
    write_mnist(&place, &labels);
    let message = place.refused(1, &["evaluate", "--data", "digits"]);
    assert!(message.contains("digits/t10k-labels-idx1-ubyte has the label 200"), "{message}");
    assert!(message.contains("entry 1234; only 3 of the 201 labels up to it occur"), "{message}");
}

#[test]
fn bad_input_gets_one_sentence_and_its_code() {
    let place = Place::with_model();
    let before = std::fs::read(place.path().join("model.safetensors")).unwrap();

    let message = place.refused(1, &["evaluate", "--data", "nowhere"]);
    assert!(message.contains("there is no folder nowhere"), "{message}");
    let mut no_class = vec!["explain", "--target", "11"];
    no_class.extend(SYNTHETIC);
    let message = place.refused(1, &no_class);
    assert!(message.contains("no class \"11\"; give a number from 0 to 9"), "{message}");
    let mut out_of_range = vec!["explain", "--index", "999999"];
    out_of_range.extend(SYNTHETIC);
    let message = place.refused(1, &out_of_range);
    assert!(message.contains("there is no digit 999999: the test set has 32"), "{message}");
    let message = place.refused(2, &["explain", "--index", "0..2", "--output", "a.png"]);
    assert!(message.contains("one picture"), "{message}");
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

#[test]
fn an_interrupted_training_is_replaced_only_where_that_is_said() {
    let place = Place::with_training(Recipe { epochs: 3, ..Recipe::default() });
    let kept = place.path().join("model.training.safetensors");
    let before = std::fs::read(&kept).unwrap();
    let epoch = [&["--epochs", "1", "--json"], &SYNTHETIC[..]].concat();
    // `gradcam` alone would train, too: there is no model.
    for command in [&epoch[..], &[&["train"], &epoch[..]].concat()] {
        let message = place.refused(1, command);
        assert!(message.contains("a training stands at 0 % of 3 epochs"), "{message}");
        assert!(message.contains("--resume` goes on with it"), "{message}");
        assert!(message.contains("train --restart` replaces it"), "{message}");
        assert_eq!(std::fs::read(&kept).unwrap(), before);
    }
    place.refused(2, &["train", "--resume", "--restart"]);
    let restart = [&["train", "--restart"], &epoch[..]].concat();
    assert_eq!(place.json(&restart)[0]["epochs"], 1);
    assert_ne!(std::fs::read(&kept).unwrap(), before);
    // A training that is done is no obstacle.
    place.json(&[&["train"], &epoch[..]].concat());
    // What cannot be read might be somebody's work.
    std::fs::write(&kept, "garbage").unwrap();
    let message = place.refused(1, &[&["train"], &epoch[..]].concat());
    assert!(message.contains("not a complete safetensors file"), "{message}");
    assert!(message.contains("--restart` replaces it"), "{message}");
    assert_eq!(std::fs::read(&kept).unwrap(), b"garbage");
    place.json(&restart);
}

#[test]
fn a_model_beside_an_interrupted_training_is_scored_and_the_training_is_named() {
    let place = Place::with_training(Recipe { epochs: 1, ..Recipe::default() });
    let path = place.path().join("model.safetensors");
    checkpoint::save(
        &Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open()),
        &Metadata::default(),
        &path,
    )
    .unwrap();
    let output = place.run(&[&["--no-tui"], &SYNTHETIC[..]].concat());
    assert!(output.status.success());
    let said = stderr(&output);
    assert!(said.contains("a training stands at 0 % of 1 epoch;"), "{said}");
}

#[test]
fn a_training_that_diverges_fails_with_its_step_and_keeps_the_model() {
    let place = Place::with_model();
    let path = place.path().join("model.safetensors");
    let before = std::fs::read(&path).unwrap();
    let train = ["train", "--epochs", "500", "--learning-rate", "1"];
    let output = place.run(&[&train[..], &["--json"], &SYNTHETIC].concat());
    let message = failure(1, &output);
    assert!(message.contains("diverged at step "), "{message}");
    assert!(message.contains("smaller --learning-rate"), "{message}");
    let text = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "diverged");
    let loss = last["loss"].as_f64();
    assert!(last["step"].as_u64() > Some(0) && loss.is_none_or(|loss| loss > 23.0), "{last}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(!text.contains("\"stopped\""), "{text}");
}

#[test]
fn a_second_program_on_one_model_is_told_and_does_not_train() {
    let place = Place::new();
    let path = place.path().join("model.safetensors");
    let lock = Lock::take(&path).unwrap();
    let train = [&["train", "--epochs", "1", "--json"], &SYNTHETIC[..]].concat();
    for command in [train.clone(), [&["--epochs", "1", "--json"], &SYNTHETIC[..]].concat()] {
        let message = place.refused(1, &command);
        let process = format!("another gradcam (process {}) is training", std::process::id());
        assert!(message.contains(&process) && message.contains("--model"), "{message}");
        assert!(!path.exists());
    }
    drop(lock);
    place.json(&train);
    assert!(path.exists() && !place.path().join("model.safetensors.lock").exists());
}

/// Runs a training under a shell's conditions.
fn in_shell(place: &Place, script: &str) -> Output {
    let train = format!(
        "{} --device flex --model model.safetensors {} train --no-tui",
        env!("CARGO_BIN_EXE_gradcam"),
        SYNTHETIC.join(" ")
    );
    Command::new("bash")
        .args(["-c", &script.replace("TRAIN", &train)])
        .current_dir(place.path())
        .env("HOME", place.path())
        .env_remove("GRADCAM_MNIST")
        .output()
        .unwrap()
}

#[test]
fn a_training_whose_lines_nobody_reads_stops_and_is_kept() {
    let place = Place::new();
    let output = in_shell(&place, "TRAIN --epochs 100000 | head -1; echo ${PIPESTATUS[0]}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.starts_with("start: ") && text.ends_with("\n141\n"), "{text}");
    let said = stderr(&output);
    assert!(said.contains("nobody reads the output any more"), "{said}");
    assert!(said.contains("--resume` goes on"), "{said}");
    let kept = resume::path_beside(&place.path().join("model.safetensors"));
    let saved = resume::load(&kept, &DeviceKind::Flex.open()).unwrap();
    assert_eq!(saved.standing().planned, 100_000);
}

#[test]
fn a_disk_without_room_fails_the_training_and_keeps_the_last_good_model() {
    let place = Place::with_model();
    let path = place.path().join("model.safetensors");
    let before = std::fs::read(&path).unwrap();
    // No file may become larger than 64 blocks, as on a disk that is full.
    let output = in_shell(&place, "trap '' XFSZ; ulimit -f 64; TRAIN --json --epochs 2");
    let message = failure(1, &output);
    assert!(message.contains("cannot save the model to model.safetensors"), "{message}");
    assert!(message.contains("model.training.safetensors"), "{message}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let names: Vec<_> = place.path().read_dir().unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with(".gradcam-")), "{names:?}");
}
