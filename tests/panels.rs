//! The panels of the Explore screen in the real program.

#![cfg(feature = "app")]

mod pty;

use std::path::Path;

use gradcam::model::{Cnn, DeviceKind, Metadata, Spec, checkpoint};
use pty::{Exit, Program, Screen, Terminal};

fn gradcam(home: &Path) -> Program {
    Program::new(env!("CARGO_BIN_EXE_gradcam"))
        .args(["--data", "synthetic", "--limit", "320", "--device", "flex"])
        .args(["--color", "truecolor", "--model", "model.safetensors"])
        .home(home)
}

/// Explores an untrained network, which gets most digits wrong.
fn exploring(home: &Path) -> Terminal {
    let path = home.join("model.safetensors");
    checkpoint::save(
        &Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open()),
        &Metadata::default(),
        &path,
    )
    .unwrap();
    let terminal = Terminal::start(gradcam(home).arg("explore"));
    terminal.wait_for_text("digit 0 of 53");
    // Keys that come before the terminal has answered are taken later.
    terminal.keys("Right Left");
    terminal.wait_for_text("evidence for");
    terminal
}

/// Pixels that are neither grey nor dark.
fn coloured(screen: &Screen) -> usize {
    let cells = (2..18).flat_map(|y| (0..80).map(move |x| (x, y)));
    let pixels = cells.filter_map(|(x, y)| screen.cell_pixels(x, y)).flatten();
    pixels.filter(|p| p.iter().max() > Some(&80) && (p[0] != p[1] || p[1] != p[2])).count()
}

#[test]
fn every_panel_opens_shows_maps_and_closes() {
    let home = tempfile::tempdir().unwrap();
    let terminal = exploring(home.path());
    terminal.keys("?");
    let help = terminal.wait_for_text("quit at once");
    for key in ["m", "L", "+", "[", "]", "p", "e", "x"] {
        assert!(help.contains(&format!(" {key} ")), "{key} is not in {}", help.text());
    }
    for (key, shown) in [
        ("a", "every class"),
        ("d", "rather than"),
        ("M", "twelve methods"),
        ("f", "of 64 are off"),
        ("v", "lies on ink"),
        ("z", "conv1 random: "),
    ] {
        let line = format!(" {key} ");
        assert!(help.contains(&line), "{key} is not in {}", help.text());
        terminal.keys("Esc");
        terminal.wait_for_text("digit 0 of 53");
        terminal.keys(key);
        let screen = terminal.wait_for_text(shown);
        assert!(coloured(&screen) > 60, "{key}: {} on {}", coloured(&screen), screen.text());
        terminal.keys(key);
        terminal.wait_for_text("digit 0 of 53");
    }
    for (key, shown) in [("e", "taken for"), ("x", "what is taken for what")] {
        for back in [key, "Esc"] {
            terminal.keys(key);
            terminal.wait_for_text(shown);
            terminal.keys(back);
            terminal.wait_for_match(r"digit \d+ of 53");
        }
    }
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
}

#[test]
fn the_stages_go_by_while_the_training_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(gradcam(home.path()).args(["train", "--epochs", "500"]));
    terminal.wait_for_text("epoch 2/500");
    terminal.keys("Tab");
    terminal.wait_for_text("[ goes back");
    terminal.keys("[ [ [ p");
    terminal.wait_for_text("playing");
    // They go by one after another, each long enough to be seen, and end at the newest.
    let mut seen = std::collections::BTreeSet::new();
    terminal.wait_for(
        |screen| {
            let text = screen.text();
            let stage = text.split_once("stage ").and_then(|(_, rest)| rest.split_once(' '));
            seen.extend(stage.map(|(number, _)| number.to_owned()));
            text.contains("[ goes back")
        },
        "the newest weights",
    );
    assert!(seen.len() >= 2, "{seen:?}");
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(130));
}

#[test]
fn mistakes_are_listed_explained_and_found_again_in_the_matrix() {
    let home = tempfile::tempdir().unwrap();
    let terminal = exploring(home.path());
    terminal.keys("e");
    terminal.wait_for_text("wrong: ");
    let screen = terminal.wait_for_text("(red) or ");
    let first = screen.row(3);
    assert!(first.contains("digit") || first.chars().any(|c| c.is_ascii_digit()));
    terminal.keys("Right");
    terminal.wait_for_text("right, but unsure");
    terminal.keys("Left x");
    terminal.wait_for_text("what is taken for what");
    terminal.keys("Down");
    terminal.wait_for_text("of class 1 taken for a 0");
    terminal.keys("Right");
    terminal.wait_for_text("of class 1 right");
    terminal.keys("Enter");
    terminal.wait_for_text("1s, right: ");
    terminal.keys("Enter");
    terminal.wait_for_text("of 53");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}

#[test]
fn a_channel_goes_off_and_the_other_layer_has_fewer() {
    let home = tempfile::tempdir().unwrap();
    let terminal = exploring(home.path());
    terminal.keys("f");
    terminal.wait_for_text("0 of 64 are off");
    terminal.keys("Right Enter");
    terminal.wait_for_text("1 of 64 are off");
    terminal.keys("L");
    terminal.wait_for_text("0 of 32 are off");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}

#[test]
fn a_digit_is_drawn_and_explained_stroke_by_stroke() {
    let home = tempfile::tempdir().unwrap();
    let terminal = exploring(home.path());
    terminal.keys("D");
    let empty = terminal.wait_for_text("draw a digit: Space puts the pen down");
    let ink = |screen: &Screen| {
        let cells = (2..16).flat_map(|y| (0..28).map(move |x| (x, y)));
        let pixels = cells.filter_map(|(x, y)| screen.cell_pixels(x, y)).flatten();
        pixels.filter(|pixel| pixel.iter().all(|part| *part > 200)).count()
    };
    assert_eq!(ink(&empty), 0);
    terminal.keys("Space Right Right Right Right Right Right Right Right");
    let bar = terminal.wait_for(|screen| ink(screen) >= 8, "a line of ink");
    assert!(coloured(&terminal.wait_for_text("looks like a ")) > 4, "{}", bar.text());
    terminal.keys("a");
    terminal.wait_for_text("your drawing, conv2: every class");
    terminal.keys("Esc");
    terminal.wait_for_text("looks like a ");
    terminal.keys("Backspace");
    terminal.wait_for(|screen| ink(screen) == 0, "an empty sheet");
    terminal.keys("Esc");
    terminal.wait_for_text("digit 0 of 53");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}

#[test]
fn the_stages_of_a_training_are_gone_through() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(gradcam(home.path()).args(["train", "--epochs", "2"]));
    terminal.wait_for_text("done: test accuracy");
    terminal.keys("Tab");
    terminal.wait_for_text("[ goes back");
    terminal.keys("[");
    terminal.wait_for_match(r"stage \d+ of \d+: after [12]\.\d\d epochs");
    terminal.keys("p");
    terminal.wait_for_text("playing");
    terminal.wait_for_text("[ goes back");
    // Back to the very first weights.
    for _ in 0..25 {
        terminal.keys("[");
    }
    terminal.wait_for_match(r"stage 1 of \d+: after 0\.00 epochs");
    terminal.keys("Esc");
    terminal.wait_for_text("[ goes back");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}

/// What each cell looks like: its two pixels, or its character.
fn looks(screen: &Screen) -> Vec<String> {
    let (width, height) = screen.size();
    let look = |x, y| match screen.cell_pixels(x, y) {
        Some(pixels) => format!("{x} {y} {pixels:?}"),
        None if screen.cell(x, y).symbol == ' ' => format!("{x} {y} {:?}", screen.cell(x, y).bg),
        None => format!("{x} {y} {:?}", screen.cell(x, y)),
    };
    (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| look(x, y)).collect()
}

#[test]
fn what_was_drawn_change_by_change_equals_a_full_frame() {
    let home = tempfile::tempdir().unwrap();
    drop(exploring(home.path()));
    for (depth, size) in [("256", (200, 60)), ("truecolor", (80, 24))] {
        let program = Program::new(env!("CARGO_BIN_EXE_gradcam"))
            .args(["--data", "synthetic", "--limit", "320", "--device", "flex"])
            .args(["--color", depth, "--model", "model.safetensors", "explore"])
            .home(home.path())
            .size(size.0, size.1);
        let terminal = Terminal::start(program);
        terminal.wait_for_text("digit 0 of 53");
        terminal.keys("Right Left");
        terminal.wait_for_text("evidence for");
        for (keys, shown) in [
            ("a", "every class"),
            ("d", "rather than"),
            ("M", "twelve methods"),
            ("v", "lies on ink"),
            ("z", "conv1 random: "),
            ("f", "of 64 are off"),
            ("e", "(red) or "),
            ("x", "what is taken for what"),
            ("Esc", "stability 0."),
        ] {
            terminal.keys(keys);
            terminal.wait_for_text(shown);
            let before = looks(&terminal.wait_stable());
            let taken = terminal.bytes_written();
            terminal.signal(pty::Signal::STOP);
            terminal.wait_stopped();
            terminal.signal(pty::Signal::CONT);
            let cleared = || terminal.output()[taken..].windows(4).any(|w| w == b"\x1b[2J");
            terminal.wait_for(|_| cleared(), "a full frame");
            let after = looks(&terminal.wait_stable());
            let wrong: Vec<_> = before.iter().zip(&after).filter(|(a, b)| a != b).take(5).collect();
            assert!(wrong.is_empty(), "{depth} {keys}: {wrong:#?}");
        }
    }
}
