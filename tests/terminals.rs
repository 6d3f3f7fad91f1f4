//! The real program in terminals of all kinds: what they answer, what they cannot do, what
//! happens to them.

#![cfg(feature = "app")]

mod pty;

use std::io;
use std::path::Path;

use gradcam::app::term::terminal::TerminalGuard;
use gradcam::model::{Cnn, DeviceKind, Metadata, Spec, checkpoint};
use pty::{Color, Exit, Program, Screen, Signal, Terminal};
use ratatui::widgets::Paragraph;

/// Where the program finds an untrained model and its configuration.
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

/// Opens that model, with no hint of the terminal's colours but `TERM=xterm-256color`.
fn explore(home: &Path) -> Program {
    Program::new(env!("CARGO_BIN_EXE_gradcam"))
        .env_remove("COLORTERM")
        .args(["--data", "synthetic", "--limit", "320", "--device", "flex"])
        .args(["--model", "model.safetensors", "explore"])
        .home(home)
}

fn train() -> Program {
    Program::new(env!("CARGO_BIN_EXE_gradcam"))
        .args(["--data", "synthetic", "--limit", "320", "--device", "flex"])
        .args(["--model", "model.safetensors", "train", "--epochs", "500"])
}

/// The colours of all cells, text and background.
fn colors(screen: &Screen) -> Vec<Color> {
    let (width, height) = screen.size();
    let cells = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    cells.flat_map(|(x, y)| [screen.cell(x, y).fg, screen.cell(x, y).bg]).collect()
}

fn has_rgb(screen: &Screen) -> bool {
    colors(screen).iter().any(|color| matches!(color, Color::Rgb(..)))
}

/// The map of the digit in view is there.
fn explained(terminal: &Terminal) -> Screen {
    terminal.wait_for_text("evidence for");
    terminal.wait_for_match(r"\d+\.\d %")
}

#[test]
fn a_terminal_that_keeps_24_bit_colours_gets_them() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()).answering(true));
    terminal.wait_for_text("evidence for");
    terminal.wait_for(has_rgb, "24-bit colours");
    // What was typed while the terminal was being asked is not lost, nor taken for an answer.
    terminal.keys("Right");
    terminal.wait_for_text("digit 1 of 53");
}

#[test]
fn a_silent_terminal_gets_256_colours_and_its_late_answer_is_no_key() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()));
    let screen = explained(&terminal);
    assert!(!has_rgb(&screen));
    assert!(colors(&screen).iter().any(|color| matches!(color, Color::Idx(16..=231))));
    // Keys pressed meanwhile count once the patience with the terminal is at an end.
    terminal.keys("Right");
    terminal.wait_for_text("digit 1 of 53");
    terminal.keys("?");
    terminal.wait_for_text("256 colours");
    terminal.keys("Esc");
    // Would explain the classes 0, 1, 2 and 3, jump to a random digit and more.
    terminal.type_text("\x1bP1$r48:2:1:2:3m\x1b\\");
    terminal.type_text("\x1b[?62;22c");
    // It is still of use.
    terminal.wait_for(has_rgb, "24-bit colours");
    terminal.keys("Right");
    let screen = terminal.wait_for_match("digit 2 of 53.* explains");
    assert!(screen.contains("explains its prediction"), "{}", screen.text());
}

#[test]
fn on_a_light_background_text_is_darker() {
    let home = home();
    let color_of_keys = |program: Program| {
        let terminal = Terminal::start(program.arg("--color").arg("truecolor").answering(true));
        terminal.wait_for_text("evidence for");
        let screen = terminal.wait_stable();
        let (x, y) = screen.find("gradcam").unwrap();
        match screen.cell(x, y).fg {
            Color::Rgb(r, g, b) => u32::from(r) + u32::from(g) + u32::from(b),
            other => panic!("{other:?}"),
        }
    };
    let dark = color_of_keys(explore(home.path()));
    let light = color_of_keys(explore(home.path()).background("fafa/fafa/f5f5"));
    let told = color_of_keys(explore(home.path()).args(["--background", "light"]));
    assert!(light < dark * 4 / 5, "{light} {dark}");
    assert_eq!(light, told);
}

#[test]
fn ascii_is_all_there_is_on_either_screen() {
    let home = home();
    for program in [explore(home.path()), train()] {
        let terminal = Terminal::start(program.arg("--ascii").env("COLORTERM", "truecolor"));
        terminal.wait_for_match(r"evidence for|epoch \d+/500");
        let screen = terminal.wait_for(has_rgb, "pictures");
        assert!(screen.text().is_ascii(), "{}", screen.text());
        terminal.keys("?");
        let screen = terminal.wait_for_text("quit at once");
        assert!(screen.text().is_ascii(), "{}", screen.text());
        terminal.keys("C-c");
        assert_eq!(terminal.wait_exit(), Exit::Code(130));
    }
}

#[test]
fn the_configuration_sets_keys_colours_and_map_and_a_mistake_is_said() {
    let home = home();
    let folder = home.path().join(".config/gradcam");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |text: &str| std::fs::write(folder.join("config.toml"), text).unwrap();
    write("color = \"16\"\ncolormap = \"viridis\"\n[keys]\nnext = [\"n\", \"right\"]\n");
    let terminal = Terminal::start(explore(home.path()));
    explained(&terminal);
    terminal.keys("n");
    let screen = terminal.wait_for_text("digit 1 of 53");
    let named = |color: &Color| matches!(color, Color::Default | Color::Idx(0..=15));
    assert!(colors(&screen).iter().all(named));
    terminal.keys("l");
    terminal.keys("?");
    let screen = terminal.wait_for_text("quit at once");
    assert!(screen.contains("n →"), "{}", screen.text());
    terminal.keys("q q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));

    write("color = \"16\"\n\ncolours = 3\n");
    let terminal = Terminal::start(explore(home.path()));
    assert_eq!(terminal.wait_exit(), Exit::Code(1));
    let text = terminal.screen().text().replace('\n', "");
    assert!(text.contains("config.toml, line 3: ") && text.contains("colours"), "{text}");
    assert!(!terminal.entered_alternate_screen());
}

#[test]
fn the_mouse_clicks_and_scrolls_where_it_is_wanted_and_is_left_alone_elsewhere() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()).arg("--mouse"));
    let screen = explained(&terminal);
    let click = |(x, y): (u16, u16)| {
        terminal.type_text(&format!("\x1b[<0;{0};{1}M\x1b[<0;{0};{1}m", x + 1, y + 1));
    };
    terminal.keys("Right");
    terminal.wait_for_text("digit 1 of 53");
    terminal.type_text("\x1b[<65;5;5M\x1b[<65;5;5M\x1b[<64;5;5M");
    terminal.wait_for_text("digit 2 of 53");
    let (x, y) = screen.find("    9 ").unwrap();
    click((x + 4, y));
    terminal.wait_for_text("explains 9");
    click(screen.find("Train").unwrap());
    terminal.wait_for(|s| !s.contains("explains 9"), "the other screen");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
    assert!(contains(&terminal.output(), b"\x1b[?1002h"));

    let terminal = Terminal::start(explore(home.path()));
    explained(&terminal);
    assert!(!contains(&terminal.output(), b"\x1b[?1002h"));
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn help_scrolls_where_it_does_not_fit() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()).size(40, 12));
    terminal.wait_for_text("evidence for");
    terminal.keys("?");
    let screen = terminal.wait_for_text("the other screen");
    assert!(!screen.contains("quit at once"));
    for _ in 0..40 {
        terminal.keys("Down");
    }
    terminal.wait_for_text("draw the screen anew");
    terminal.keys("Up");
    terminal.wait_for(|s| !s.contains("draw the screen anew"), "a row up at once");
    terminal.keys("x");
    terminal.wait_for(|s| !s.contains("quit at once"), "help closes");
}

#[test]
fn trap_one_without_colours_bold_and_reverse_stay() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()).env("NO_COLOR", "1"));
    let screen = terminal.wait_for_text("digit 0 of 53");
    let (x, y) = screen.find("Explore").unwrap();
    assert!(screen.cell(x, y).inverse && screen.cell(x, y).bold);
    let (x, y) = screen.find("gradcam").unwrap();
    assert!(screen.cell(x, y).bold);
    assert!(colors(&screen).iter().all(|color| *color == Color::Default));
}

#[test]
fn trap_two_the_terminal_is_not_asked_for_its_cursor_once_frames_are_drawn() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()));
    terminal.wait_for_text("digit 0 of 53");
    terminal.resize(100, 30);
    terminal.keys("Right");
    terminal.wait_for_text("digit 1 of 53");
    terminal.signal(Signal::STOP);
    terminal.wait_stopped();
    terminal.signal(Signal::CONT);
    terminal.keys("Right");
    terminal.wait_for_text("digit 2 of 53");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    let output = terminal.output();
    let first_frame = output.windows(8).position(|window| window == b"\x1b[?2026h").unwrap();
    assert!(!contains(&output[first_frame..], b"\x1b[6n"));
}

/// Set where this very program is to play the app in which a thread panics.
const PANICKING: &str = "GRADCAM_TEST_PANICKING_THREAD";

#[test]
fn trap_four_a_panic_of_another_thread_leaves_the_terminal_to_the_app() {
    if let Ok(which) = std::env::var(PANICKING) {
        return panic_in(&which).unwrap();
    }
    let program = || {
        let name = "trap_four_a_panic_of_another_thread_leaves_the_terminal_to_the_app";
        let this = std::env::current_exe().unwrap();
        Program::new(this).args(["--exact", name, "--nocapture"]).env("RUST_BACKTRACE", "0")
    };
    let terminal = Terminal::start(program().env(PANICKING, "another thread"));
    let screen = terminal.wait_for_text("it goes on");
    assert!(terminal.alternate_screen());
    assert!(!screen.contains("panicked"), "{}", screen.text());
    terminal.keys("x");
    terminal.wait_exit();
    terminal.assert_restored();

    let terminal = Terminal::start(program().env(PANICKING, "the drawing thread"));
    terminal.wait_exit();
    terminal.assert_restored();
    assert!(terminal.entered_alternate_screen());
    assert!(terminal.screen().contains("a mishap"), "{}", terminal.screen().text());
}

fn panic_in(which: &str) -> io::Result<()> {
    let guard = TerminalGuard::take(false)?;
    let mut terminal = guard.terminal()?;
    let mut say = |text: &'static str| {
        terminal.draw(|frame| frame.render_widget(Paragraph::new(text), frame.area())).map(drop)
    };
    say("it starts")?;
    if which == "the drawing thread" {
        panic!("a mishap");
    }
    assert!(std::thread::spawn(|| panic!("a mishap")).join().is_err());
    say("it goes on")?;
    crossterm::event::read()?;
    drop(guard);
    Ok(())
}

/// What was written, one synchronised update after another.
fn updates(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut updates = Vec::new();
    while !bytes.is_empty() {
        assert!(bytes.starts_with(b"\x1b[?2026h"), "{}", bytes.escape_ascii());
        let end = b"\x1b[?2026l";
        let at = bytes.windows(end.len()).position(|w| w == end).expect("the end of the update");
        let (update, rest) = bytes.split_at(at + end.len());
        updates.push(update);
        bytes = rest;
    }
    updates
}

#[test]
fn trap_five_every_frame_is_one_synchronised_update() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()));
    terminal.wait_for_text("evidence for");
    let start = terminal.wait_stable().text();
    let taken = terminal.bytes_written();
    terminal.keys("Right");
    terminal.wait_for(|s| s.text() != start, "the next digit");
    terminal.wait_stable();
    let count = updates(&terminal.output()[taken..]).len();
    assert!((1..=3).contains(&count), "{count} frames");

    // A new size does not show an empty screen first.
    let taken = terminal.bytes_written();
    terminal.resize(100, 30);
    terminal.wait_for(|s| s.find("? help").is_some_and(|(_, y)| y == 29), "a larger screen");
    terminal.wait_stable();
    let output = terminal.output();
    let clears = |update: &&&[u8]| contains(update, b"\x1b[2J");
    let updates = updates(&output[taken..]);
    let mut cleared = updates.iter().filter(clears).peekable();
    assert!(cleared.peek().is_some());
    assert!(cleared.all(|update| contains(update, b"Explore")));
}

#[test]
fn where_there_is_no_alternate_screen_nothing_old_stays_and_the_prompt_comes_on_a_clean_line() {
    let home = home();
    let below_text = |program: Program| {
        program.below(r#"seq -s' ' 1 700; "$0" "$@"; echo "ended with $?"; read -r _; exit 7"#)
    };
    let terminal = Terminal::start(below_text(explore(home.path())).without_alternate_screen());
    terminal.wait_for_text("evidence for");
    let here = terminal.wait_stable();
    let other = Terminal::start(explore(home.path()));
    other.wait_for_text("evidence for");
    let there = other.wait_stable();
    assert_eq!(here.text(), there.text());
    assert!(!terminal.alternate_screen());

    terminal.keys("q");
    let screen = terminal.wait_for_text("ended with 0");
    assert_eq!(screen.text().trim(), "ended with 0");
    terminal.assert_given_back();
    // Nothing was shown half: the old text goes with the first frame.
    let output = terminal.output();
    let start = output.windows(8).position(|window| window == b"\x1b[?2026h").unwrap();
    assert!(output[start..].starts_with(b"\x1b[?2026h\x1b[2J"));
}

#[test]
fn ctrl_l_draws_the_screen_anew_over_what_others_wrote_there() {
    let home = home();
    let terminal = Terminal::start(explore(home.path()));
    explained(&terminal);
    let before = terminal.wait_stable().text();
    terminal.write_over("\x1b[5;5Hbroadcast message from root");
    terminal.wait_for_text("broadcast message from root");
    terminal.keys("C-l");
    terminal.wait_for(|s| !s.contains("broadcast"), "a new screen");
    assert_eq!(terminal.wait_stable().text(), before);
    terminal.keys("? C-l");
    terminal.wait_for_text("draw the screen anew");
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(130));
}
