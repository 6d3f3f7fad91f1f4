//! Pictures of the user's own, from files to a heatmap: folders and IDX sets of any size, and the
//! program itself.

#[path = "own_sets/mod.rs"]
mod own_sets;

use std::io::Write;
use std::path::Path;
use std::process::Command;

use image::ImageFormat;
use own_sets::{MODEL, Place, file, idx, speckled};
use serde_json::{Value, json};

const RED: [u8; 3] = [200, 60, 40];
const BLUE: [u8; 3] = [30, 80, 210];

/// Two classes of 12 pictures, with no more order than that.
fn cats_and_dogs() -> Place {
    let place = Place::new();
    place.pictures("set/cat", 12, RED);
    place.pictures("set/dog", 12, BLUE);
    place
}

fn texts<'a>(lines: &'a [Value], key: &str) -> Vec<&'a str> {
    lines.iter().map(|line| line[key].as_str().unwrap()).collect()
}

#[test]
fn a_folder_of_two_classes_is_learnt_scored_and_explained() {
    let place = cats_and_dogs();
    let before = place.listing("set");
    let lines = place.json(&["train", "--no-tui", "--epochs", "1"]);
    assert_eq!(texts(&lines, "event").last(), Some(&"done"));
    assert_eq!(lines.last().unwrap()["dataset"], "8x12 pictures from set");

    // int.from_bytes(hashlib.sha256(b"cat/02.png").digest()[:8], "big") % 6 == 0, and so on.
    let kept = ["cat/02.png", "dog/05.png", "dog/07.png", "dog/11.png"];
    let score = place.json(&["evaluate"]);
    assert_eq!(score[0]["images"], kept.len());
    let lines = place.json(&["explain", "--index", "0..4"]);
    assert_eq!(texts(&lines, "file"), kept);
    let mut right = 0;
    for (line, label) in lines.iter().zip([0, 1, 1, 1]) {
        assert_eq!((&line["label"], &line["on_ink"]), (&json!(label), &Value::Null));
        assert_eq!(line["target"], line["predicted"]);
        for key in ["label", "predicted", "target"] {
            let name = ["cat", "dog"][line[key].as_u64().unwrap() as usize];
            assert_eq!(line[format!("{key}_name")], name, "{line}");
        }
        right += usize::from(line["predicted"] == label);
    }
    assert_eq!(score[0]["test_accuracy"], right as f64 / 4.0);

    assert!(place.well(&["table", "--pictures", "2"]).out.contains("mean of 2 test pictures"));
    let said = place.well(&["explore", "--no-tui"]);
    assert!(said.err.contains("1 epoch on 8x12 pictures from set"), "{}", said.err);
    assert!(said.out.contains("on 4 8x12 pictures from set"), "{}", said.out);
    let resumed = place.json(&["--resume", "--epochs", "3"]);
    assert_eq!(resumed.last().unwrap()["epochs"], 3);
    assert_eq!(place.listing("set"), before, "nothing is written beside the pictures");
}

#[test]
fn a_class_is_explained_by_number_or_by_name_and_a_photo_has_a_coloured_map() {
    let place = cats_and_dogs();
    place.write("photo.jpg", file(speckled(100, 60, RED, 1), ImageFormat::Jpeg));
    place.train();
    let explained = |target: &str| place.json(&["explain", "--target", target]).remove(0);
    assert_eq!(explained("1"), explained("dog"));
    assert_eq!(explained("dog")["target"], 1);
    let absent = place.refusal(["--data", "set", "explain", "--target", "bird"]);
    assert!(absent.contains("no class \"bird\"") && absent.contains("\"cat\""), "{absent}");

    // Where the one class has no evidence, the other has: the weights of both are never all zero.
    let photo = ["explain", "--image", "photo.jpg", "--method", "layercam"];
    let has_heat = |target: &&str| {
        place.json(&[&photo[..], &["--target", target]].concat())[0]["raw_max"] != 0.0
    };
    let target = ["cat", "dog"].into_iter().find(has_heat).expect("evidence for a class");
    let save = |file: &str, view: &str| {
        let rest = ["--target", target, "--size", "160", "--output", file, "--view", view];
        place.well(&[&photo[..], &rest].concat());
        place.picture(file)
    };
    // The shape of what the network sees, 12 x 8, at the height that is asked for.
    let overlay = save("cam.png", "overlay");
    assert_eq!(overlay.dimensions(), (240, 160));
    let heat = save("heat.png", "heatmap");
    let is_coloured = |[r, g, b]: [u8; 3]| r.abs_diff(g).max(g.abs_diff(b)) > 40;
    assert!(heat.pixels().any(|pixel| is_coloured(pixel.0)), "inferno is no grey");
    assert_ne!(overlay, heat);
}

#[test]
fn the_model_says_what_it_is_for_and_refuses_anything_else() {
    let place = cats_and_dogs();
    place.train();
    let metadata = place.metadata();
    for (key, value) in [
        ("classes", r#"["cat","dog"]"#),
        ("height", "8"),
        ("width", "12"),
        ("channels", "3"),
        ("mean", "[0.0,0.0,0.0]"),
        ("std", "[1.0,1.0,1.0]"),
        ("noun", "picture"),
        ("dataset", "8x12 pictures from set"),
        ("epochs", "1"),
    ] {
        assert_eq!(metadata[key], value, "{key}");
    }

    place.pictures("others/cat", 12, RED);
    place.pictures("others/wolf", 12, BLUE);
    let knows = "the model knows 8x12 colour pictures in 2 classes (cat, dog), and the data are";
    for (command, data, are) in [
        ("evaluate", "others", "8x12 colour pictures in 2 classes (cat, wolf)"),
        ("explain", "others", "8x12 colour pictures in 2 classes (cat, wolf)"),
        ("table", "synthetic", "28x28 grey pictures in 10 classes (0, 1, 2, …)"),
    ] {
        let sentence = place.refusal([command, "--data", data, "--limit", "60"]);
        assert!(sentence.starts_with(&format!("{knows} {are};")), "{sentence}");
    }
    let sentence = place.refusal(["evaluate", "--data", "set", "--input-size", "24x32"]);
    assert!(sentence.starts_with(&format!("{knows} 24x32 colour pictures in 2")), "{sentence}");
    let resume = ["--resume", "--epochs", "2", "--data"];
    let sentence = place.refusal(resume.iter().chain(&["others"]));
    assert!(sentence.contains("the interrupted training was on"), "{sentence}");
    assert!(!sentence.contains("digit"), "{sentence}");
}

#[test]
fn pictures_are_brought_to_the_size_that_is_asked_for() {
    let place = cats_and_dogs();
    place.well(&["train", "--no-tui", "--epochs", "1", "--input-size", "24x32"]);
    let metadata = place.metadata();
    assert_eq!((&*metadata["height"], &*metadata["width"]), ("24", "32"));
    // The model's size is taken where none is asked for.
    assert_eq!(place.json(&["evaluate"])[0]["dataset"], "24x32 pictures from set");
    place.well(&["explain", "--output", "cam.png", "--size", "64"]);
    assert_eq!(place.picture("cam.png").dimensions(), (85, 64));
}

#[test]
fn many_classes_end_well_from_idx_files_and_from_a_folder() {
    let place = Place::new();
    for (set, count) in [("train", 94), ("t10k", 47)] {
        let labels: Vec<u8> = (0..count).map(|i| (i % 47) as u8).collect();
        let ink =
            |&label: &u8| (0..784).map(move |i| if i / 16 == i32::from(label) { 250 } else { 5 });
        let pixels: Vec<u8> = labels.iter().flat_map(ink).collect();
        let [images, labels] = [idx(8, &[count, 28, 28], &pixels), idx(8, &[count], &labels)];
        place.write(format!("set/{set}-images-idx3-ubyte"), images);
        place.write(format!("set/{set}-labels-idx1-ubyte"), labels);
    }
    place.train();
    assert_eq!(place.json(&["evaluate"])[0]["images"], 47);
    let line = place.json(&["explain", "--index", "46"]).remove(0);
    assert_eq!((&line["label"], &line["label_name"]), (&json!(46), &json!("46")));
    assert_eq!(line["probabilities"].as_array().unwrap().len(), 47);

    let place = Place::new();
    for class in 0..100 {
        let colour = [class * 2, 200 - class, class / 2];
        place.pictures(format!("set/train/class {class:02}"), 2, colour);
        place.pictures(format!("set/test/class {class:02}"), 1, colour);
    }
    place.train();
    assert_eq!(place.json(&["evaluate"])[0]["images"], 100);
    let line = place.json(&["explain", "--index", "73", "--target", "class 05"]).remove(0);
    let names = ["label_name", "target_name", "file"].map(|key| line[key].as_str().unwrap());
    assert_eq!(names, ["class 73", "class 05", "test/class 73/00.png"]);
    assert_eq!(line["logits"].as_array().unwrap().len(), 100);
}

/// An F in the upper left: no two of its four corners, and no two of its sides, are alike.
fn upright(x: usize, y: usize) -> u8 {
    match (x, y) {
        (3..=5, 2..=24) => 200,
        (3..=18, 2..=4) => 255,
        (3..=13, 11..=13) => 150,
        _ => 0,
    }
}

/// Each of the first test picture's pixels as the program draws them.
fn drawn(place: &Place) -> Vec<u8> {
    let size = ["--size", "28", "--alpha", "0"];
    place.well(&[&["explain", "--output", "seen.png"], &size[..]].concat());
    let picture = place.picture("seen.png");
    assert_eq!(picture.dimensions(), (28, 28));
    picture.pixels().map(|pixel| pixel.0[0]).collect()
}

fn expected() -> Vec<u8> {
    (0..28).flat_map(|y| (0..28).map(move |x| upright(x, y))).collect()
}

#[test]
fn letters_of_emnist_stand_upright_and_have_their_names() {
    let place = Place::new();
    // Columns come first in these files, and the labels are 1 to 26.
    let picture: Vec<u8> = (0..28).flat_map(|x| (0..28).map(move |y| upright(x, y))).collect();
    for (set, count) in [("train", 52), ("test", 26)] {
        let labels: Vec<u8> = (0..count).map(|i| 1 + (i % 26) as u8).collect();
        let path = |what: &str| format!("set/emnist-letters-{set}-{what}-ubyte");
        place.write(path("images-idx3"), idx(8, &[count, 28, 28], &picture.repeat(count)));
        place.write(path("labels-idx1"), idx(8, &[count], &labels));
    }
    place.train();
    assert_eq!(drawn(&place), expected());
    let lines = place.json(&["explain", "--index", "0..26"]);
    let names = texts(&lines, "label_name").concat();
    assert_eq!(names, "abcdefghijklmnopqrstuvwxyz");
    assert_eq!((&lines[0]["label"], &lines[25]["label"]), (&json!(0), &json!(25)));
    assert_eq!(lines[0]["on_ink"], Value::Null, "a letter is no digit");
}

#[test]
fn digits_of_qmnist_stand_upright_and_their_class_is_the_first_of_eight_labels() {
    let place = Place::new();
    let picture = expected();
    for (set, count) in [("train", 20), ("test", 10)] {
        // The class, then what is known of the writer, which counts on beyond any class.
        let labels: Vec<u8> = (0..count)
            .flat_map(|i| [(i as u32 + 7) % 10, 1, 3099, 60_000, 5, 6, 70_000, 8])
            .flat_map(u32::to_be_bytes)
            .collect();
        let path = |what: &str| format!("set/qmnist-{set}-{what}");
        place.write(path("images-idx3-ubyte"), idx(8, &[count, 28, 28], &picture.repeat(count)));
        place.write(path("labels-idx2-int"), idx(12, &[count, 8], &labels));
    }
    place.train();
    assert_eq!(drawn(&place), picture);
    let lines = place.json(&["explain", "--index", "0..10"]);
    assert_eq!(texts(&lines, "label_name"), ["7", "8", "9", "0", "1", "2", "3", "4", "5", "6"]);
    assert!(lines[0]["on_ink"].is_f64(), "{}", lines[0]);
}

/// On the device that is fastest on a CPU, as it is 2,000 pictures.
#[test]
fn real_photos_are_learnt() {
    let Some(folder) = std::env::var_os("GRADCAM_IMAGES").filter(|value| !value.is_empty()) else {
        let name = "real_photos_are_learnt";
        let why = "set GRADCAM_IMAGES to a folder that has cifar10/ to run it";
        // Past the test harness, which keeps what a passing test prints to itself.
        writeln!(std::io::stderr(), "\nSKIPPED {name}: {why}").unwrap();
        assert!(std::env::var_os("CI").is_none(), "GRADCAM_IMAGES is not set, and CI is");
        return;
    };
    let place = Place::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradcam"));
    command.args(["train", "--json", "--epochs", "1", "--limit", "2000", "--batch-size", "16"]);
    command.args(["--model", MODEL, "--data"]).arg(Path::new(&folder).join("cifar10"));
    let said = place.said(&mut command);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let done: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    // Chance is 0.1 with these ten classes, and five standard deviations of it are 0.08.
    let accuracy = done["test_accuracy"].as_f64().unwrap();
    assert!(accuracy > 0.25, "{done}");
}
