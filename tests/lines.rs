//! The real program on lines that are cut, stuck, or shared with a shell: the terminal is given
//! back, and what was trained is kept.

#![cfg(feature = "app")]

mod pty;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use gradcam::model::{Cnn, DeviceKind, Metadata, Spec, checkpoint};
use gradcam::rng::Rng;
use gradcam::train::resume;
use pty::{Exit, Program, Signal, Terminal};

const GRADCAM: &str = env!("CARGO_BIN_EXE_gradcam");
const SMALL: [&str; 4] = ["--data", "synthetic", "--limit", "320"];
const KEPT: &str = "model.training.safetensors";

/// Opens an untrained model.
fn explore(home: &Path) -> Program {
    let path = home.join("model.safetensors");
    checkpoint::save(
        &Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open()),
        &Metadata::default(),
        &path,
    )
    .unwrap();
    Program::new(GRADCAM).args(SMALL).args(["--model", "model.safetensors", "explore"]).home(home)
}

fn train() -> Program {
    let train = ["--model", "model.safetensors", "train", "--epochs", "500"];
    Program::new(GRADCAM).args(SMALL).args(train)
}

/// Steps of the training that was kept.
fn kept_steps(home: &Path) -> usize {
    let saved = resume::load(&home.join(KEPT), &DeviceKind::Flex.open()).unwrap();
    saved.place().step
}

/// Waits for what nobody tells of.
#[track_caller]
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + pty::timeout();
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

/// Files that are not yet in their place, or that a kill left out of it.
fn half_written(home: &Path) -> usize {
    let names = home.read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with(".gradcam-")).count()
}

#[test]
fn every_signal_that_ends_it_leaves_a_whole_terminal() {
    let signals = [
        Signal::HUP,
        Signal::INT,
        Signal::QUIT,
        Signal::TERM,
        Signal::USR1,
        Signal::USR2,
        Signal::ALARM,
        Signal::VTALARM,
        Signal::PROF,
        Signal::XCPU,
        Signal::XFSZ,
        Signal::ABORT,
    ];
    for signal in signals {
        let code = 128 + signal.as_raw();
        let terminal = Terminal::start(train().arg("--mouse"));
        terminal.wait_for_text("epoch 1/500");
        terminal.signal(signal);
        assert_eq!(terminal.wait_exit(), Exit::Code(code), "{signal:?}");
        terminal.assert_restored();
        assert!(terminal.screen().contains("goes on"));
        assert!(kept_steps(terminal.home()) > 0);
        // A frame that was cut off would leave its update open.
        let output = terminal.output();
        let closed = b"\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?2004l";
        assert!(output.windows(closed.len()).any(|window| window == closed));
    }
}

/// This program, started to ignore SIGHUP, SIGINT and SIGALRM, as by `nohup` or as a job of a script.
fn ignoring(program: Program) -> Program {
    program.below(r#"trap '' HUP INT ALRM; exec "$0" "$@""#)
}

#[test]
fn signals_that_were_ignored_at_the_start_stay_so_in_the_app() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(ignoring(explore(home.path())));
    terminal.wait_for_text("digit 0 of 53");
    for signal in [Signal::HUP, Signal::INT, Signal::ALARM] {
        terminal.signal(signal);
    }
    terminal.keys("Right");
    terminal.wait_for_text("digit 1 of 53");
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(130));
    terminal.assert_restored();

    // A line that is lost is another thing than its signal.
    let mut terminal = Terminal::start(ignoring(explore(home.path())));
    terminal.wait_for_text("digit 0 of 53");
    terminal.hang_up();
    assert_eq!(terminal.wait_exit(), Exit::Code(129));
}

#[test]
fn signals_that_were_ignored_at_the_start_stay_so_in_plain_lines() {
    let program = ignoring(train().arg("--no-tui"));
    let terminal = Terminal::start(program.size(80, 100));
    terminal.wait_for_text("epoch 1/500");
    for signal in [Signal::HUP, Signal::INT, Signal::ALARM] {
        terminal.signal(signal);
    }
    terminal.wait_for_text("epoch 5/500");
    terminal.signal(Signal::USR1);
    assert_eq!(terminal.wait_exit(), Exit::Code(138));
    assert!(kept_steps(terminal.home()) > 0);
}

#[test]
fn ctrl_c_ends_it_at_once() {
    let terminal = Terminal::start(train());
    terminal.wait_for_text("epoch 1/500");
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(130));
    terminal.assert_restored();
}

#[test]
fn trap_three_a_lost_terminal_ends_it_idle_or_at_work() {
    let home = tempfile::tempdir().unwrap();
    for (program, shown) in [(explore(home.path()), "digit 0 of 53"), (train(), "epoch 1/500")] {
        let mut terminal = Terminal::start(program);
        terminal.wait_for_text(shown);
        terminal.hang_up();
        assert_eq!(terminal.wait_exit(), Exit::Code(129));
    }
}

#[test]
fn trap_three_a_lost_terminal_ends_it_though_no_signal_tells() {
    let home = tempfile::tempdir().unwrap();
    let programs =
        [(explore(home.path()), "digit 0 of 53"), (train().home(home.path()), "epoch 2/500")];
    for (program, shown) in programs {
        let code = home.path().join("code");
        let _ = std::fs::remove_file(&code);
        let mut terminal = Terminal::start(program.in_another_session());
        terminal.wait_for_text(shown);
        terminal.hang_up();
        let read = || std::fs::read_to_string(&code).unwrap_or_default();
        wait_until("the end", || read().ends_with('\n'));
        assert_eq!(read(), "129\n");
    }
    assert!(kept_steps(home.path()) > 0);
}

#[test]
fn a_terminal_that_takes_no_bytes_holds_up_neither_training_nor_the_end() {
    let home = tempfile::tempdir().unwrap();
    let program = train().args(["--batch-size", "2"]).home(home.path());
    let terminal = Terminal::start(program);
    terminal.wait_for_text("epoch 1/500");
    terminal.hold(true);
    // Far more steps than the way to the terminal has room for.
    let model = home.path().join("model.safetensors");
    let epochs = || {
        let loaded = checkpoint::load(&model, &DeviceKind::Flex.open());
        loaded.map_or(0, |(_, metadata)| metadata.epochs)
    };
    wait_until("a trained epoch", || epochs() > 0);
    let before = epochs();
    wait_until("more of them", || epochs() > before + 9);
    terminal.signal(Signal::TERM);
    // It has ended as soon as it is ready to: its last bytes are still under way.
    wait_until("the end", || matches!(terminal.process(), pty::Process::Exited(_)));
    terminal.hold(false);
    assert_eq!(terminal.wait_exit(), Exit::Code(143));
    let steps = kept_steps(home.path());
    assert!(steps >= 160 * (before + 9), "{steps} steps");
}

#[test]
fn a_stop_gives_the_terminal_back_and_going_on_takes_it_again() {
    let home = tempfile::tempdir().unwrap();
    let programs =
        [(explore(home.path()), "digit 0 of 53"), (train().arg("--mouse"), "epoch 1/500")];
    for (program, shown) in programs {
        let terminal = Terminal::start(program.below_a_shell());
        terminal.wait_for_text(shown);
        terminal.keys("C-z");
        terminal.wait_for_text("stopped");
        assert!(!terminal.alternate_screen());
        terminal.assert_given_back();
        terminal.keys("Enter");
        terminal.wait_for_match(r"digit 0 of 53|epoch \d+/500");
        assert!(terminal.alternate_screen());
        terminal.keys("?");
        terminal.wait_for_text("suspend; fg goes on");
        terminal.keys("C-c");
        assert_eq!(terminal.wait_exit(), Exit::Code(130));
        terminal.assert_restored();
    }
}

#[test]
fn where_no_shell_could_continue_it_it_does_not_stop() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(explore(home.path()));
    terminal.wait_for_text("digit 0 of 53");
    for stop in [Some(Signal::TSTP), None] {
        match stop {
            Some(signal) => terminal.signal(signal),
            None => terminal.keys("C-z"),
        }
        terminal.wait_for_text("no shell waits behind this");
        terminal.wait_for(|s| !s.contains("no shell waits"), "the notice goes by itself");
    }
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
}

#[test]
fn a_line_lost_while_it_is_stopped_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(train().home(home.path()).below_a_shell());
    terminal.wait_for_text("epoch 2/500");
    let before = kept_steps(home.path());
    terminal.wait_for_text("epoch 3/500");
    terminal.keys("C-z");
    terminal.wait_for_text("stopped");
    // The shell goes with its line; the system then continues what it had stopped.
    terminal.hang_up();
    wait_until("a training that is kept", || kept_steps(home.path()) > before);
}

#[test]
fn a_stop_without_warning_is_survived_though_the_shell_changed_the_modes() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(explore(home.path()));
    terminal.wait_for_text("digit 0 of 53");
    terminal.signal(Signal::STOP);
    terminal.wait_stopped();
    // As a shell does that takes over: lines are edited and echoed again, at a cursor.
    terminal.reset_modes();
    terminal.write_over("\x1b[?2004l\x1b[?25h");
    terminal.signal(Signal::CONT);
    terminal.wait_stable();
    terminal.keys("Right");
    terminal.wait_for_text("digit 1 of 53");
    assert_eq!(terminal.cursor_and_paste(), (false, true));
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
}

#[test]
fn whenever_it_is_killed_the_last_files_are_whole() {
    let mut rng = Rng::new(11);
    let device = DeviceKind::Flex.open();
    let home = tempfile::tempdir().unwrap();
    let (model, kept) = (home.path().join("model.safetensors"), home.path().join(KEPT));
    let mut trained = 0;
    for _ in 0..12 {
        let before = half_written(home.path());
        let mut program = Command::new(GRADCAM)
            .args(SMALL)
            .args(["train", "--restart", "--no-tui", "--json", "--epochs", "500", "--model"])
            .arg(&model)
            .env("HOME", home.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // While files are written: each begins as one beside its place.
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let ends = lines.by_ref().map_while(Result::ok).filter(|line| line.contains("\"saved\""));
        assert!(ends.take(1 + rng.below(3)).count() > 0);
        wait_until("the next file", || half_written(home.path()) > before);
        for _ in 0..rng.below(400_000) {
            std::hint::spin_loop();
        }
        program.kill().unwrap();
        program.wait().unwrap();
        let (_, metadata) = checkpoint::load(&model, &device).unwrap();
        let saved = resume::load(&kept, &device).unwrap();
        assert!(metadata.epochs > 0 && saved.place().step > 0);
        trained += metadata.epochs;
    }
    assert!(trained >= 12);
}
