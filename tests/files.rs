//! Files and words of others: data and models of every kind, names that are no UTF-8, and text that
//! would command a terminal.

#![cfg(all(feature = "app", unix))]

mod pty;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gradcam::model::{Cnn, DeviceKind, Metadata, Spec, checkpoint};
use gradcam::train::resume;
use pty::{Program, Terminal};
use serde_json::Value;

/// A title for the window, a colour, a second line, a C1 control and a turn of direction.
const HOSTILE: &str = "\u{1b}]0;title\u{7}\u{1b}[31mred\nsecond line\u{9b}1m\u{202e}abc";

/// A name that no text can hold, and that would colour a terminal.
const BYTES: &[u8] = b"a\xff\x1b[31m\xfe'";

fn place() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn save_model(path: &Path, dataset: &str) {
    let metadata = Metadata { dataset: dataset.to_owned(), epochs: 3, ..Metadata::default() };
    checkpoint::save(&Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open()), &metadata, path)
        .unwrap();
}

/// Runs the program on a CPU device in this folder.
fn run<A: AsRef<OsStr>>(place: &Path, arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gradcam"))
        .args(["--device", "flex"])
        .args(arguments)
        .current_dir(place)
        .env("HOME", place)
        .env_remove("GRADCAM_MNIST")
        .env_remove("XDG_CACHE_HOME")
        .output()
        .unwrap()
}

/// What it said, on both streams.
fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(text).expect("what is said is text")
}

#[track_caller]
fn assert_commands_nothing(text: &str) {
    let obeyed = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(obeyed), None, "{text:?}");
}

/// A set of so many pictures with ink in a corner that depends on the label.
fn write_set(folder: &Path, train: usize, test: usize) {
    fs::create_dir_all(folder).unwrap();
    let write = |name: &str, sizes: &[usize], body: Vec<u8>| {
        let mut bytes = vec![0, 0, 8, sizes.len() as u8];
        sizes.iter().for_each(|&size| bytes.extend((size as u32).to_be_bytes()));
        bytes.extend(body);
        fs::write(folder.join(name), bytes).unwrap();
    };
    for (set, count) in [("train", train), ("t10k", test)] {
        let labels: Vec<u8> = (0..count).map(|i| (i % 10) as u8).collect();
        let ink = |label: u8| {
            (0..784).map(move |i| if i % 28 < 2 * usize::from(label) { 200 } else { 0 })
        };
        let pixels = labels.iter().flat_map(|&label| ink(label)).collect();
        write(&format!("{set}-images-idx3-ubyte"), &[count, 28, 28], pixels);
        write(&format!("{set}-labels-idx1-ubyte"), &[count], labels);
    }
}

#[test]
fn pictures_in_files_of_mnists_names_are_never_called_mnist() {
    let place = place();
    write_set(&place.path().join("shapes"), 70, 20);
    let name = "28x28 pictures from shapes";
    let data = ["--data", "shapes", "--model", "m.safetensors"];
    let run = |arguments: &[&str]| said(&run(place.path(), data.iter().chain(arguments)));
    let text = run(&["train", "--no-tui", "--epochs", "1"]);
    assert!(text.contains(&format!("start: 70 {name}, epochs 1")), "{text}");
    assert!(text.contains(&format!("data: {name}")), "{text}");
    assert!(text.contains(&format!("({name}), ")), "beside the accuracy: {text}");
    for (command, says) in [
        (&["evaluate"][..], format!("on 20 {name}")),
        (&["table", "--digits", "2"], format!("2 test pictures ({name})")),
        (&["doctor"], format!("1 epoch on {name}")),
        (&["explore", "--no-tui"], format!("1 epoch on {name}")),
        (&["evaluate", "--json"], format!(r#""dataset":"{name}""#)),
        (&["train", "--json"], format!(r#""dataset":"{name}""#)),
    ] {
        let text = run(command);
        assert!(text.contains(&says) && !text.contains("MNIST,"), "{command:?}: {text}");
    }
}

#[test]
fn one_picture_of_each_set_is_enough() {
    let place = place();
    write_set(&place.path().join("few"), 1, 1);
    let data = ["--data", "few", "--model", "m.safetensors"];
    let run = |arguments: &[&str]| run(place.path(), data.iter().chain(arguments));
    for arguments in
        [&["train", "--no-tui", "--epochs", "2"][..], &["evaluate"], &["explain"], &["table"]]
    {
        let output = run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    }
    let terminal = Terminal::start(
        Program::new(env!("CARGO_BIN_EXE_gradcam"))
            .args(["--device", "flex", "--data", "few", "--model", "m.safetensors"])
            .home(place.path()),
    );
    terminal.wait_for_text("picture 0 of 1");
    terminal.wait_for_text("28x28 pictures from few");
    for keys in ["Right", "n", "w", "x", "Tab"] {
        terminal.keys(keys);
        terminal.wait_stable();
    }
    terminal.keys("q");
    terminal.wait_exit();
    terminal.assert_restored();
}

#[test]
fn a_model_or_data_from_standard_input_is_refused_with_a_sentence() {
    for (flag, says) in [("--model", "a model is not read from"), ("--data", "data are not read")] {
        let output = run(place().path(), ["evaluate", flag, "-"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(says), "{}", said(&output));
    }
    // A file of that name can be named.
    let output = run(place().path(), ["evaluate", "--model", "./-"]);
    assert!(said(&output).contains("no model at ./-"), "{}", said(&output));
}

#[test]
fn names_that_are_no_utf8_work_and_come_back_in_the_command_that_resumes() {
    let place = place();
    let path = |ending: &str| {
        let mut name = OsString::from(OsStr::from_bytes(BYTES));
        name.push(ending);
        name
    };
    let (model, data, picture) = (path(".safetensors"), path(".data"), path(".png"));
    write_set(&place.path().join(&data), 40, 10);
    let common = [OsStr::new("--model"), &model, OsStr::new("--data"), &data];
    let run = |arguments: &[&OsStr]| {
        let output = run(place.path(), common.iter().chain(arguments));
        assert!(output.status.success(), "{}", said(&output));
        let text = said(&output);
        assert_commands_nothing(&text);
        text
    };
    run(&["train", "--no-tui", "--epochs", "1"].map(OsStr::new));
    assert!(place.path().join(&model).is_file());
    run(&["evaluate".as_ref()]);
    run(&["explain".as_ref(), "--output".as_ref(), &picture]);
    let picture = fs::read(place.path().join(&picture)).unwrap();
    let reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    for text in &reader.info().uncompressed_latin1_text {
        assert_commands_nothing(&text.text);
    }
    let kept = resume::path_beside(&place.path().join(&model));
    assert!(kept.is_file(), "beside the model, with its very name");

    // The shell makes the same bytes of it.
    let text = run(&["doctor".as_ref()]);
    let start = text.find("`gradcam --model $'").expect("a command that trains on") + 1;
    let (command, _) = text[start..].split_once(" --resume").unwrap();
    let script = format!("gradcam() {{ printf '%s\\n' \"$@\"; }}; {command}");
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    let words: Vec<&[u8]> = output.stdout.split(|&byte| byte == b'\n').collect();
    assert_eq!((words[1], words[3]), (model.as_bytes(), data.as_bytes()), "{command}");
}

#[test]
fn text_of_others_commands_no_terminal() {
    let place = place();
    let (model, folder) = ("red\u{1b}[31m\u{9b}1m.safetensors", "pictures\u{1b}]0;title\u{7}\n");
    save_model(&place.path().join(model), HOSTILE);
    write_set(&place.path().join(folder), 20, 10);
    let hostile = format!("x{HOSTILE}");
    let transformer = place.path().join("transformer");
    let text = [("architecture".to_owned(), HOSTILE.to_owned())].into();
    checkpoint::write(
        &Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open()),
        text,
        None,
        &transformer,
    )
    .unwrap();
    let flag = format!("--bogus{HOSTILE}");
    let commands: [(&[&str], Option<usize>); 14] = [
        (&["doctor"], None),
        (&["explore", "--no-tui"], Some(3)),
        (&["evaluate"], Some(2)),
        (&["evaluate", "--json"], Some(2)),
        (&["explain"], Some(2)),
        (&["table", "--digits", "1"], None),
        (&["evaluate", "--model", &hostile], Some(1)),
        (&["evaluate", "--data", &hostile], Some(1)),
        (&["evaluate", "--model", "transformer"], Some(1)),
        (&["explain", "--image", &hostile], Some(1)),
        (&["explain", "--output", &hostile], None),
        (&["evaluate", &flag], None),
        (&["evaluate", "--colormap", &hostile], None),
        (&[&hostile], None),
    ];
    for (arguments, lines) in commands {
        let mut words = vec![];
        for (flag, value) in [("--model", model), ("--data", folder)] {
            if !arguments.contains(&flag) {
                words.extend([flag, value]);
            }
        }
        let text = said(&run(place.path(), words.iter().chain(arguments)));
        assert_commands_nothing(&text);
        assert!(lines.is_none_or(|lines| text.lines().count() == lines), "{text}");
    }
    // A program reads the very name.
    let output = run(place.path(), ["evaluate", "--json", "--model", model, "--data", folder]);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["dataset"], format!("28x28 pictures from {folder}"));
}

#[test]
fn the_app_shows_text_of_others_and_obeys_none() {
    let place = place();
    let model = PathBuf::from("red\u{1b}[31m.safetensors");
    save_model(&place.path().join(&model), HOSTILE);
    let data = "pictures\u{1b}]0;title\u{7}";
    write_set(&place.path().join(data), 20, 10);
    let program = Program::new(env!("CARGO_BIN_EXE_gradcam"))
        .args(["--device", "flex", "--data", data, "--model"])
        .arg(&model)
        .size(120, 30)
        .home(place.path());
    let terminal = Terminal::start(program);
    terminal.wait_for_text("picture 0 of 10");
    terminal.wait_for_match("model: 3 epochs on .*red.*second line");
    terminal.keys("s");
    terminal.wait_for_text("saved ");
    terminal.keys("t");
    terminal.wait_for_text("A new network");
    terminal.keys("y");
    terminal.wait_for_text("done: test accuracy");
    terminal.keys("q");
    terminal.wait_exit();
    let screen = terminal.screen();
    assert!(screen.contains(r"model saved to red\u{1b}[31m.safetensors"), "{}", screen.text());
    assert!(screen.contains(r"28x28 pictures from pictures\u{1b}]0;title"), "{}", screen.text());
    let output = terminal.output();
    let written = String::from_utf8_lossy(&output);
    for raw in ["\u{1b}]0;", "\u{1b}[31mred", "\u{9b}", "\u{202e}", "red\u{1b}[31m"] {
        assert!(!written.contains(raw), "{raw:?} was written");
    }
}
