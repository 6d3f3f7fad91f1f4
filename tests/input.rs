//! What comes from a terminal that is no key pressed by a person: pasted text, floods, and answers
//! that are late, cut, without end, or not in UTF-8.

#![cfg(feature = "app")]

mod pty;

use std::path::Path;
use std::thread;
use std::time::Duration;

use gradcam::app::term::probe::PATIENCE;
use gradcam::model::{Cnn, DeviceKind, Metadata, Spec, checkpoint};
use pty::{Exit, Program, Terminal};

const GRADCAM: &str = env!("CARGO_BIN_EXE_gradcam");

/// Where the program finds an untrained model.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("model.safetensors");
    checkpoint::save(
        &Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open()),
        &Metadata::default(),
        &path,
    )
    .unwrap();
    home
}

/// Opens that model.
fn explore(home: &Path) -> Program {
    Program::new(GRADCAM)
        .args(["--data", "synthetic", "--limit", "320", "--device", "flex"])
        .args(["--model", "model.safetensors", "explore"])
        .home(home)
}

/// A text as a terminal sends it that was asked to mark what is pasted.
fn paste(terminal: &Terminal, text: &str) {
    terminal.type_text(&format!("\x1b[200~{text}\x1b[201~"));
}

#[test]
fn pasted_text_goes_into_an_open_prompt_and_nowhere_else() {
    let home = home();
    let model = || std::fs::read(home.path().join("model.safetensors")).unwrap();
    let before = model();
    let terminal = Terminal::start(explore(home.path()));
    terminal.wait_for_text("digit 0 of 53");
    // Would train anew, quit, and go to other digits.
    paste(&terminal, "git commit\n");
    paste(&terminal, &"lq\nt\ny\x03".repeat(50_000));
    terminal.keys("Right");
    let screen = terminal.wait_for_text("digit 1 of 53");
    assert!(!screen.contains("A new network in place"), "{}", screen.text());
    // The prompt takes what can be typed there, and Enter is left to the user.
    terminal.keys(":");
    paste(&terminal, "digit 4");
    paste(&terminal, "2\n");
    terminal.keys("Right");
    let screen = terminal.wait_for_text("go to digit: 42");
    assert!(screen.contains("digit 1 of 53"), "{}", screen.text());
    terminal.keys("Enter");
    terminal.wait_for_text("digit 42 of 53");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
    assert_eq!(model(), before);
}

#[test]
fn a_paste_that_is_not_marked_trains_nothing_anew() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()));
    terminal.wait_for_text("digit 0 of 53");
    // All at once, as no person types: the question comes up, and is not answered.
    terminal.type_text("git commit\n");
    terminal.wait_for_text("A new network in place");
    terminal.keys("Esc");
    terminal.wait_for(|s| !s.contains("A new network in place"), "the question is gone");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    assert!(!home.path().join("model.training.safetensors").exists());
}

#[test]
fn however_much_comes_at_once_ctrl_c_behind_it_counts() {
    let home = home();
    let wheel = "\x1b[<65;10;10M";
    for flood in [wheel.repeat(100_000), "l".repeat(1 << 20)] {
        let terminal = Terminal::start(explore(home.path()).arg("--mouse"));
        terminal.wait_for_text("digit 0 of 53");
        terminal.type_text(&flood);
        terminal.wait_for_text("digit 52 of 53");
        terminal.keys("C-c");
        assert_eq!(terminal.wait_exit(), Exit::Code(130));
        terminal.assert_restored();
    }
}

#[test]
fn every_report_counts_though_each_is_written_by_itself() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()).arg("--mouse"));
    terminal.wait_for_text("digit 0 of 53");
    // To and fro, and then 30 digits on.
    for i in 0..1970 {
        let button = if i % 2 == 0 { 65 } else { 64 };
        terminal.type_text(&format!("\x1b[<{button};10;10M"));
    }
    for _ in 0..30 {
        terminal.type_text("\x1b[<65;10;10M");
    }
    terminal.wait_for_text("digit 30 of 53");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}

#[test]
fn a_burst_of_reports_is_few_frames() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()).arg("--mouse"));
    terminal.wait_for_text("evidence for");
    terminal.wait_stable();
    let taken = terminal.bytes_written();
    terminal.type_text(&"\x1b[<65;10;10M".repeat(50));
    terminal.wait_for_text("digit 50 of 53");
    terminal.wait_stable();
    let frames = terminal.output()[taken..].windows(8).filter(|w| w == b"\x1b[?2026h").count();
    assert!(frames < 10, "{frames}");
}

#[test]
fn an_answer_that_is_cut_by_the_deadline_is_no_key() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()).env_remove("COLORTERM"));
    terminal.wait_for_text("evidence for");
    terminal.type_text("\x1bP1$r0;48:2");
    thread::sleep(PATIENCE + Duration::from_millis(100));
    // Would explain classes, change the method and open panels.
    terminal.type_text(":1:2:3m\x1b\\\x1b]11;rgb:fafa/fa");
    thread::sleep(PATIENCE + Duration::from_millis(100));
    terminal.type_text("fa/fafa\x1b\\\x1b[?62;22c");
    terminal.keys("Right");
    let screen = terminal.wait_for_match("digit 1 of 53.* explains");
    assert!(screen.contains("explains its prediction"), "{}", screen.text());
    assert!(!screen.contains("CAM: evidence"), "{}", screen.text());
    terminal.keys("?");
    terminal.wait_for_text("24-bit");
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(130));
}

#[test]
fn keys_and_answers_come_from_the_terminal_though_standard_input_is_something_else() {
    let home = home();
    let program = explore(home.path()).env_remove("COLORTERM").answering(true);
    let terminal = Terminal::start(program.below(r#"exec "$0" "$@" </dev/null"#));
    terminal.wait_for_text("digit 0 of 53");
    terminal.keys("? Esc Right");
    terminal.wait_for_text("digit 1 of 53");
    terminal.keys("?");
    terminal.wait_for_text("24-bit");
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(130));
    terminal.assert_restored();
}

#[test]
fn an_answer_without_end_keeps_no_key() {
    let home = home();
    for begun in
        ["\x1bP1$r0;48:2", "\x1bP1+r524742=38", "\x1b]11;rgb:1e1e/1e", "\x1b[?62;2", "\x1b[1;"]
    {
        let terminal = Terminal::start(explore(home.path()).env_remove("COLORTERM"));
        terminal.wait_for_text("digit 0 of 53");
        terminal.type_text(begun);
        terminal.keys("Right");
        terminal.wait_for_text("digit 1 of 53");
        terminal.type_text(begun);
        terminal.keys("C-c");
        assert_eq!(terminal.wait_exit(), Exit::Code(130), "{begun:?}");
        terminal.assert_restored();
    }
}

#[test]
fn the_doctor_leaves_no_answer_to_the_shell() {
    let script = r#""$0" doctor; stty -icanon -echo min 0 time 0; head -c 99 | od -c; echo ready"#;
    let program = Program::new("sh").args(["-c", script, GRADCAM]).env_remove("COLORTERM");
    let terminal = Terminal::start(program);
    terminal.wait_for(|_| terminal.output().ends_with(b"\x1b[c"), "the questions");
    thread::sleep(PATIENCE + Duration::from_millis(100));
    terminal.type_text("\x1bP1$r0;48:2:1:2:3m\x1b\\\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\\x1b[1;2R");
    terminal.type_text("\x1b[?62;22c");
    terminal.wait_for_text("ready");
    let text = terminal.screen().text();
    assert!(text.contains("the terminal does not answer"), "{text}");
    assert!(!text.contains("033"), "{text}");
    assert!(text.contains("0000000\nready"), "{text}");
}

#[test]
fn a_terminal_that_takes_no_utf8_gets_ascii() {
    let home = home();
    for (program, ascii) in [
        (explore(home.path()).in_latin1().answering(true), true),
        (explore(home.path()).answering(true), false),
        (explore(home.path()).env("LANG", "de_DE.ISO-8859-1"), true),
        (explore(home.path()).env("LC_ALL", "ru_RU.KOI8-R"), true),
        (explore(home.path()).env("LANG", "C"), false),
        (explore(home.path()).env_remove("LANG"), false),
    ] {
        let terminal = Terminal::start(program);
        terminal.wait_for(|s| s.contains("digit 0 of 53") && s.text().is_ascii() == ascii, "all");
        terminal.keys("?");
        terminal.wait_for(|s| s.contains("quit at once") && s.text().is_ascii() == ascii, "help");
        terminal.keys("x q");
        assert_eq!(terminal.wait_exit(), Exit::Code(0));
        terminal.assert_restored();
        // The question leaves nothing on the shell's screen.
        assert!(terminal.screen().text().trim().is_empty(), "{}", terminal.screen().text());
    }
}

#[test]
fn the_doctor_says_which_characters_and_why() {
    let doctor = || Program::new(GRADCAM).arg("doctor").size(160, 30);
    for (program, said) in [
        (
            doctor().answering(true),
            "half blocks, because the terminal's cursor shows that it takes",
        ),
        (
            doctor().in_latin1().answering(true),
            "ASCII characters only, because the terminal's cursor",
        ),
        (doctor().arg("--ascii"), "ASCII characters only, because --ascii says so"),
        (
            doctor().env("LANG", "ja_JP.eucJP"),
            "ASCII characters only, because LANG=ja_JP.eucJP names another character set",
        ),
        (doctor(), "half blocks, because nothing says"),
    ] {
        let terminal = Terminal::start(program);
        assert_eq!(terminal.wait_exit(), Exit::Code(0));
        let text = terminal.screen().text();
        assert!(text.contains(said), "{text}");
        assert!(text.starts_with("gradcam"), "{text}");
        terminal.assert_restored();
    }
}
