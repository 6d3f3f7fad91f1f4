//! Folders of pictures that are not as they should be, files of unusual kinds, and names in any
//! script: what the program makes of them, and what it says.

#![cfg(unix)]

mod own_sets;
mod pty;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use image::{DynamicImage, ImageFormat};
use own_sets::{MODEL, Place, file, speckled, unhex};
use pty::{Exit, Program, Terminal};
use serde_json::Value;

const RED: [u8; 3] = [200, 60, 40];
const BLUE: [u8; 3] = [30, 80, 210];

#[test]
fn an_empty_class_and_a_few_broken_files_are_told_and_no_failure() {
    let place = Place::new();
    place.pictures("set/a", 40, RED);
    place.pictures("set/b", 40, BLUE);
    place.write("set/ghost/readme.txt", "pictures to come");
    let whole = file(speckled(12, 8, RED, 0), ImageFormat::Png);
    for (name, content) in [
        ("a/00.png", &whole[..whole.len() / 2]),
        ("a/01.png", b""),
        ("b/00.png", b"no picture at all"),
        ("b/01.png", &whole[8..]),
    ] {
        place.write(Path::new("set").join(name), content);
    }
    let said = place.train();
    for note in [
        "note: left out, as there is no picture to learn from: ghost\n",
        "note: 4 of 80 pictures left out, such as a/00.png: ",
        // By the hashes of their names.
        "note: a sixth is kept for testing, chosen by file names: 12 of 80 pictures\n",
    ] {
        assert!(said.err.contains(note), "{note:?} in {}", said.err);
    }
    assert!(said.out.contains("start: 64 8x12 pictures from set"), "{}", said.out);
    assert_eq!(place.metadata()["classes"], r#"["a","b"]"#);
    assert_eq!(place.json(&["evaluate"])[0]["images"], 12);
}

#[test]
fn a_folder_that_is_no_set_is_refused_with_a_sentence_and_leaves_nothing() {
    let place = Place::new();
    place.write("without/cat/cat.txt", "a cat");
    fs::create_dir_all(place.path().join("without/dog")).unwrap();
    fs::create_dir_all(place.path().join("empty")).unwrap();
    place.pictures("loose", 12, RED);
    place.pictures("one/cat", 12, RED);
    place.pictures("untrained/test/cat", 12, RED);
    place.pictures("back/cat", 12, RED);
    place.pictures("broken/cat", 12, RED);
    for i in 0..12 {
        place.write(format!("broken/dog/{i:02}.png"), "no picture");
    }
    let link = |to: &str, at: &str| symlink(to, place.path().join(at)).unwrap();
    link(".", "back/again");
    link("circle", "circle");
    link("..", "without/cat/up");
    let left = |place: &Place| place.listing(".").len();
    let before = left(&place);
    for (data, says) in [
        ("without", "without has neither pictures"),
        ("empty", "empty has neither pictures"),
        ("loose", "loose has 12 pictures and no folder of a class"),
        ("one", "one has pictures of one class alone, cat (12 pictures)"),
        ("untrained", "untrained has pictures in test and no folder train"),
        ("back", "back has pictures of one class alone, cat (12 pictures)"),
        ("broken", "3 of the 4 pictures to test with cannot be taken, such as dog/05.png"),
        ("circle", "there is no folder circle"),
        ("nowhere", "there is no folder nowhere"),
        ("one/cat/00.png", "one/cat/00.png"),
    ] {
        let sentence = place.refusal(["train", "--no-tui", "--data", data]);
        assert!(sentence.contains(says), "{data}: {sentence}");
    }
    assert_eq!(left(&place), before, "{:?}", place.listing("."));
}

#[test]
fn links_back_to_what_they_lie_in_are_left_out() {
    let place = Place::new();
    place.pictures("set/cat", 12, RED);
    place.pictures("set/dog", 12, BLUE);
    for (to, at) in [(".", "set/all"), ("..", "set/cat/up"), ("../../set", "set/dog/top")] {
        symlink(to, place.path().join(at)).unwrap();
    }
    let said = place.train();
    for link in ["all", "cat/up", "dog/top"] {
        let note = format!("note: {link} is left out: it leads back to ");
        assert!(said.err.contains(&note), "{note:?} in {}", said.err);
    }
    assert!(said.err.contains("4 of 24 pictures"), "{}", said.err);
}

/// A case of the pictures that Pillow has made and read.
fn case(name: &str) -> Value {
    let golden: Value = serde_json::from_str(include_str!("golden/pictures.json")).unwrap();
    let cases = golden["decode"].as_array().unwrap();
    cases.iter().find(|case| case["name"] == name).unwrap_or_else(|| panic!("{name}")).clone()
}

/// All black, 10,000 pixels wide and high.
fn huge() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 10_000, 10_000);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![0; 10_000 / 8 * 10_000]).unwrap();
    writer.finish().unwrap();
    file
}

#[test]
fn files_of_unusual_kinds_are_learnt_beside_each_other_and_one_too_large_is_left_out() {
    let place = Place::new();
    let cases = [
        ("00.jpg", "jpeg in cmyk"),
        ("01.png", "png of 16 bits, colour"),
        ("02.gif", "gif, animated"),
        ("03.tif", "tiff in cmyk"),
    ];
    for (name, of) in cases {
        let bytes = unhex(case(of)["file"].as_str().unwrap());
        place.write(Path::new("set/train/odd").join(name), bytes);
    }
    place.write("set/train/odd/04.png", huge());
    place.write("huge.png", huge());
    place.pictures("set/train/plain", 4, BLUE);
    place.pictures("set/test/plain", 1, BLUE);
    place.pictures("set/test/odd", 1, RED);
    let said = place.well(&["train", "--no-tui", "--epochs", "1", "--input-size", "10x12"]);
    let note =
        "note: 1 of 11 pictures left out, such as train/odd/04.png: it has 10000 x 10000 pixels";
    assert!(said.err.contains(note), "{}", said.err);

    let lines = place.json(&["explain", "--split", "train", "--index", "0..8"]);
    let files: Vec<_> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    for (index, (name, of)) in cases.into_iter().enumerate() {
        // The classes take turns.
        assert_eq!(files[2 * index], format!("train/odd/{name}"));
        let case = case(of);
        if case["size"] != serde_json::json!([10, 12]) {
            continue;
        }
        let index = (2 * index).to_string();
        let alone = ["--size", "100", "--alpha", "0", "--output", "seen.png"];
        place.well(&[&["explain", "--split", "train", "--index", &index], &alone[..]].concat());
        let (large, pillow) = (place.picture("seen.png"), unhex(case["pixels"].as_str().unwrap()));
        assert_eq!(large.dimensions(), (120, 100));
        let seen = (0..100).step_by(10).flat_map(|y| (0..120).step_by(10).map(move |x| [x, y]));
        let seen = seen.flat_map(|[x, y]| large.get_pixel(x + 5, y + 5).0);
        let within = case["within"].as_u64().unwrap() as u8;
        assert!(seen.zip(&pillow).all(|(a, b)| a.abs_diff(*b) <= within), "{of}");
    }
    let sentence = place.refusal(["explain", "--image", "huge.png"]);
    assert!(sentence.starts_with("huge.png has 10000 x 10000 pixels; give"), "{sentence}");
}

#[test]
fn classes_may_have_any_name_and_are_shown_and_found_by_it() {
    let place = Place::new();
    let longest = "x".repeat(255);
    // Other systems take no name that is no Unicode.
    let no_text = if cfg!(target_os = "linux") { b"caf\xe9" } else { &b"cafe"[..] };
    for (class, colour) in
        [(no_text, RED), (longest.as_bytes(), BLUE), ("三毛猫".as_bytes(), [90; 3])]
    {
        for (set, count) in [("train", 4), ("test", 2)] {
            let folder = Path::new("set").join(set).join(OsStr::from_bytes(class));
            place.pictures(folder, count, colour);
        }
    }
    place.train();
    let named = |line: &Value| line["label_name"].as_str().unwrap().to_owned();
    let lines = place.json(&["explain", "--index", "0..3", "--target", "三毛猫"]);
    let names: Vec<_> = lines.iter().map(named).collect();
    let first = String::from_utf8_lossy(no_text);
    assert_eq!(names, [&*first, &longest, "三毛猫"]);
    assert_eq!(lines[0]["target"], 2);

    let program = Program::new(env!("CARGO_BIN_EXE_gradcam"))
        .args(["--device", "flex", "--model", MODEL, "--data", "set", "explore"])
        .size(100, 30)
        .home(place.path());
    let terminal = Terminal::start(program);
    terminal.wait_for_text("picture 0 of 6");
    terminal.wait_for_text("x…");
    // What the terminal of these tests shows of a byte that is no text.
    terminal.wait_for_text(&first.replace('\u{fffd}', "□"));
    terminal.keys("Right Right");
    // The file's end is always in view, and more of it where there is room.
    terminal.wait_for_match("picture 2 of 6 .*三毛猫.* …?[^ ]*/00.png");
    terminal.wait_for_text("input: 三毛猫");
    terminal.keys("/");
    terminal.wait_for_text("3 classes");
    terminal.type_text("xx");
    terminal.wait_for_text("1 of 3 classes");
    terminal.keys("Enter");
    terminal.wait_for_match("evidence for x+…?");
    terminal.keys("/");
    terminal.wait_for_text("3 classes");
    terminal.type_text("猫");
    terminal.wait_for_text("1 of 3 classes");
    terminal.keys("Enter");
    terminal.wait_for_text("evidence for 三毛猫");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
}

#[test]
fn pictures_that_may_only_be_read_are_learnt_and_stay_as_they_are() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.pictures("set/cat", 12, RED);
    place.pictures("set/dog", 12, BLUE);
    let grey = DynamicImage::from(speckled(300, 200, RED, 9)).into_luma8();
    place.write("set/dog/large.webp", file(grey, ImageFormat::WebP));
    let mode = |mode| {
        for folder in ["set", "set/cat", "set/dog"] {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(place.path().join(folder), permissions).unwrap();
        }
    };
    mode(0o555);
    let before = place.listing("set");
    place.train();
    place.well(&["evaluate"]);
    place.well(&["explain", "--output", "cam.png"]);
    assert_eq!(place.listing("set"), before);
    mode(0o755);
}
