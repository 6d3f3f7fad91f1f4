//! The real program in a real pseudo-terminal, driven by keys and signals, judged by its cells.

#![cfg(feature = "app")]

mod pty;

use std::path::Path;

use gradcam::model::{Cnn, DeviceKind, Metadata, Spec, checkpoint};
use pty::{Exit, Program, Screen, Signal, Terminal};

fn gradcam() -> Program {
    Program::new(env!("CARGO_BIN_EXE_gradcam"))
        .env("COLORTERM", "truecolor")
        .args(["--data", "synthetic", "--limit", "320", "--device", "flex"])
        .args(["--model", "model.safetensors"])
}

/// A program that finds an untrained model.
fn with_model(home: &Path) -> Program {
    let path = home.join("model.safetensors");
    let metadata = Metadata { dataset: "MNIST".to_owned(), epochs: 3, ..Metadata::default() };
    checkpoint::save(&Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open()), &metadata, &path)
        .unwrap();
    gradcam().arg("explore").home(home)
}

/// Where a picture's upper left corner is: below its title.
fn below(screen: &Screen, title: &str) -> (u16, u16) {
    let (x, y) = screen.find(title).unwrap_or_else(|| panic!("no {title} on {}", screen.text()));
    (x, y + 1)
}

fn digit(screen: &Screen) -> Vec<Vec<[u8; 3]>> {
    let (x, y) = below(screen, "input: a ");
    screen.pixels(x, y, 28, 14)
}

fn heatmap(screen: &Screen) -> Vec<Vec<[u8; 3]>> {
    let (x, y) = below(screen, "evidence for ");
    screen.pixels(x, y, 28, 14)
}

fn distinct(pixels: &[Vec<[u8; 3]>]) -> usize {
    let all: std::collections::BTreeSet<_> = pixels.iter().flatten().collect();
    all.len()
}

#[test]
fn train_a_little_explore_choose_a_class_save_and_quit() {
    let terminal = Terminal::start(gradcam().args(["train", "--epochs", "1"]));
    terminal.wait_for_text("epoch 1/1");
    // Ten pinned digits with coloured heat, not grey ink alone.
    terminal.wait_for_match(r"0 [=≠] \d");
    terminal.wait_for_text("done: test accuracy");
    terminal.keys("Tab");
    let screen = terminal.wait_for_text("evidence for");
    let ink = digit(&screen);
    assert!(ink.iter().flatten().all(|[r, g, b]| r == g && g == b), "the digit is grey");
    assert!(ink.iter().flatten().any(|p| p[0] > 200), "the digit has ink");
    let heat = heatmap(&screen);
    assert!(heat.iter().flatten().any(|[r, g, b]| r != g || g != b), "the heatmap is coloured");
    assert!(distinct(&heat) > 8, "the heatmap is upsampled smoothly: {}", distinct(&heat));

    terminal.keys("Right");
    let screen = terminal.wait_for_text("digit 1 of 53");
    assert_ne!(digit(&screen), ink);
    terminal.keys("Left");
    let screen = terminal.wait_for_match("digit 0 of 53.* explains");
    assert_eq!(digit(&screen), ink);

    let (predicted, other) = if screen.contains("evidence for 3") { (3, "8") } else { (0, "3") };
    terminal.keys(other);
    let screen = terminal.wait_for_text(&format!("evidence for {other}"));
    assert!(screen.contains(&format!("explains {other}")), "{}", screen.text());
    assert_ne!(heatmap(&screen), heat, "another class, another map ({predicted})");
    terminal.keys("Esc");
    terminal.wait_for_text("explains its prediction");

    terminal.keys("c");
    let screen = terminal.wait_for_text("colormap: viridis");
    // Viridis begins in dark violet where inferno begins in black.
    let [r, _, b] = *heatmap(&screen).iter().flatten().min_by_key(|p| p[1]).unwrap();
    assert!(b > 60 && r > 30, "cold is violet: {r} {b}");

    terminal.keys("s");
    let screen = terminal.wait_for_text("saved gradcam-0-class-");
    assert!(screen.contains(".png"));
    let picture = std::fs::read_dir(terminal.home()).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        (path.extension()? == "png").then_some(path)
    });
    let file = std::io::BufReader::new(std::fs::File::open(picture.unwrap()).unwrap());
    let reader = png::Decoder::new(file).read_info().unwrap();
    assert_eq!((reader.info().width, reader.info().height), (504 + 11 + 504, 504));

    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
    assert!(terminal.screen().contains("model saved to model.safetensors"));
    assert!(terminal.home().join("model.safetensors").is_file());
}

#[test]
fn a_model_opens_explore_at_once_and_every_way_to_move_works() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(with_model(home.path()));
    terminal.wait_for_text("digit 0 of 53");
    terminal.wait_for_text("t trains again");
    for (keys, place) in [
        ("l", "digit 1 of"),
        ("PageDown", "digit 11 of"),
        ("h", "digit 10 of"),
        ("PageUp", "digit 0 of"),
        ("G", "digit 52 of"),
        ("Right", "digit 52 of"),
        ("g", "digit 0 of"),
        ("End", "digit 52 of"),
        ("Home", "digit 0 of"),
        (": 4 2 Enter", "digit 42 of"),
    ] {
        terminal.keys(keys);
        terminal.wait_for_text(place);
    }
    terminal.keys(": 9 9 9 Enter");
    terminal.wait_for_text("there is no digit 999");
    // The untrained network is wrong more often than not.
    terminal.wait_for(|s| !s.contains("no digit 999"), "the notice goes by itself");
    terminal.keys("w");
    terminal.wait_for_text("wrong: takes the");
    terminal.keys("?");
    terminal.wait_for_text("next digit it gets wrong");
    terminal.keys("Esc");
    terminal.wait_for(|s| !s.contains("next digit it"), "help closes");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
}

#[test]
fn quitting_while_training_asks_once_and_pausing_holds() {
    let terminal = Terminal::start(gradcam().args(["train", "--epochs", "500"]));
    terminal.wait_for_text("epoch 1/500");
    terminal.keys("Space");
    terminal.wait_for_text("paused: Space goes on");
    terminal.keys("Space");
    terminal.wait_for(|s| !s.contains("paused"), "training goes on");
    terminal.keys("q");
    terminal.wait_for_text("Still training");
    terminal.keys("Esc");
    terminal.wait_for(|s| !s.contains("Still training"), "the question is gone");
    terminal.keys("q");
    terminal.wait_for_text("Still training");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
}

#[test]
fn m_makes_another_map_of_the_same_digit() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(with_model(home.path()));
    let screen = terminal.wait_for_text("evidence for");
    let (x, y) = below(&screen, "evidence for");
    let first = screen.pixels(x, y, 28, 14);
    terminal.keys("m");
    let screen = terminal.wait_for_text("HiResCAM: evidence for");
    assert_ne!(screen.pixels(x, y, 28, 14), first);
    terminal.keys("m m m m m m m m m m");
    let screen = terminal.wait_for_text("Random-CAM: no evidence");
    assert_ne!(screen.pixels(x, y, 28, 14), first);
    terminal.keys("m");
    let screen = terminal.wait_for(|s| !s.contains("Random-CAM:"), "the first method again");
    assert_eq!(screen.pixels(x, y, 28, 14), first);
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}

/// The epoch that the header tells.
fn epoch(screen: &Screen) -> u32 {
    let text = screen.text();
    let (_, rest) = text.split_once("epoch ").expect("an epoch");
    rest.split('/').next().and_then(|n| n.parse().ok()).expect("its number")
}

#[test]
fn a_training_that_was_quit_or_lost_its_line_goes_on_where_it_stood() {
    for (signal, code) in [(None, 0), (Some(Signal::HUP), 129)] {
        let home = tempfile::tempdir().unwrap();
        let program = || gradcam().home(home.path());
        let terminal = Terminal::start(program().args(["train", "--epochs", "500"]));
        terminal.wait_for_text("epoch 3/500");
        let before = epoch(&terminal.screen());
        match signal {
            Some(signal) => terminal.signal(signal),
            None => {
                terminal.keys("q");
                terminal.wait_for_text("Still training");
                terminal.keys("q");
            }
        }
        assert_eq!(terminal.wait_exit(), Exit::Code(code));
        // As a command that can be typed as it stands.
        let text = terminal.screen().text().replace('\n', "");
        assert!(text.contains("--limit 320 --device flex --resume` goes on"), "{text}");
        assert!(home.path().join("model.training.safetensors").is_file());

        let terminal = Terminal::start(program().arg("--resume"));
        let screen = terminal.wait_for_match(r"epoch \d+/500");
        assert!(epoch(&screen) >= before, "{}", screen.text());
        terminal.keys("C-c");
        assert_eq!(terminal.wait_exit(), Exit::Code(130));
    }
}

#[test]
fn a_terminal_too_small_says_what_it_needs_and_recovers() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(with_model(home.path()).size(20, 5));
    terminal.wait_for_text("too small");
    let text = terminal.screen().text();
    assert!(text.contains("20x5") && text.contains("40x12"), "{text}");
    terminal.resize(80, 24);
    terminal.wait_for_text("digit 0 of 53");
    terminal.resize(120, 40);
    // Twice as large: 56 columns for each picture.
    let moved = |s: &Screen| s.find("evidence for").is_some_and(|(x, _)| x > 56);
    let screen = terminal.wait_for(moved, "larger pictures");
    let (x, y) = below(&screen, "input: a ");
    assert!(screen.pixels(x, y, 56, 28).iter().flatten().any(|p| p[0] > 200));
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}

#[test]
fn without_colours_characters_carry_the_picture() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(with_model(home.path()).env("NO_COLOR", "1"));
    let screen = terminal.wait_for_text("digit 0 of 53");
    let (x, y) = below(&screen, "input: a ");
    let cells = (0..14).flat_map(|row| (0..28).map(move |col| (x + col, y + row)));
    let inked = cells.filter(|&(x, y)| "+*#%@".contains(screen.cell(x, y).symbol)).count();
    assert!(inked > 10, "{}", screen.text());
    // The tab in front is still told apart.
    let (x, y) = screen.find("Explore").unwrap();
    assert!(screen.cell(x, y).inverse);
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}

#[test]
fn a_folder_without_mnist_is_said_on_the_normal_screen() {
    let program = Program::new(env!("CARGO_BIN_EXE_gradcam")).args(["--data", "nowhere"]);
    let terminal = Terminal::start(program);
    assert_eq!(terminal.wait_exit(), Exit::Code(1));
    terminal.assert_restored();
    assert!(
        terminal.screen().contains("there is no folder nowhere"),
        "{}",
        terminal.screen().text()
    );
}
