//! `demo.tape` can be played: it is well-formed, and each thing it waits for comes.

#![cfg(feature = "app")]

mod pty;
#[path = "tape/mod.rs"]
mod tape;

use std::fs;
use std::path::Path;
use std::time::Duration;

use tape::{Command, Player, Scope, Setting, Tape};

/// The folder of the program under test.
fn programs() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_gradcam")).parent().unwrap()
}

fn tape(text: &str) -> Tape {
    format!("# player: 60x10\n{text}").parse().unwrap_or_else(|error| panic!("{error}"))
}

fn commands(text: &str) -> Vec<Command> {
    tape(text).steps.into_iter().map(|step| step.command).collect()
}

fn parse_error(text: &str) -> String {
    format!("# player: 60x10\n{text}").parse::<Tape>().expect_err(text).to_string()
}

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

#[test]
fn the_demo_can_be_played() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo.tape");
    let text = fs::read_to_string(&path).unwrap();
    let demo = text.parse().unwrap_or_else(|error| panic!("{}, {error}", path.display()));
    let played = Player::new(programs()).play(&demo);
    let terminal = played.unwrap_or_else(|error| panic!("{}, {error}", path.display())).terminal;
    terminal.type_text("echo it ended with $?\n");
    terminal.wait_for_text("it ended with 0");
    assert!(!terminal.alternate_screen());
}

#[test]
fn typing_and_keys() {
    let key = |name, count, pace| Command::Key { name, count, pace };
    assert_eq!(
        commands(
            r#"
            Type "say 'hi' # there"   # a comment
            Type@1.5s `"both" 'quotes'`
            Type 'two' "texts"
            Type word Enter
            Tab 3
            Escape@100ms 2
            Down Up Left Right PageUp PageDown Space Backspace
            Ctrl+c
            Sleep 500ms Sleep 2 Sleep .5s Sleep 1m
            "#
        ),
        [
            Command::Type("say 'hi' # there".into(), None),
            Command::Type(r#""both" 'quotes'"#.into(), Some(ms(1500))),
            Command::Type("two texts".into(), None),
            Command::Type("word".into(), None),
            key("Enter", 1, None),
            key("Tab", 3, None),
            key("Esc", 2, Some(ms(100))),
            key("Down", 1, None),
            key("Up", 1, None),
            key("Left", 1, None),
            key("Right", 1, None),
            key("PageUp", 1, None),
            key("PageDown", 1, None),
            key("Space", 1, None),
            key("Backspace", 1, None),
            Command::Ctrl('c'),
            Command::Sleep(ms(500)),
            Command::Sleep(ms(2000)),
            Command::Sleep(ms(500)),
            Command::Sleep(ms(60_000)),
        ]
    );
}

#[test]
fn settings_and_waits() {
    let look = |name: &str, value: &str| Command::Set(Setting::Look(name.into(), value.into()));
    let wait = |scope, limit, pattern: Option<&str>| {
        let pattern = pattern.map(Into::into);
        Command::Wait { scope, limit, pattern }
    };
    assert_eq!(
        commands(
            r#"
            Output docs/demo-1.gif
            Require gradcam
            Set Shell "bash"
            Set FontSize 22
            Set Padding 10px
            Set LoopOffset 20%
            Set Theme "Catppuccin Mocha"
            Set TypingSpeed 40ms
            Set WaitTimeout 1m
            Set WaitPattern /\$ $/
            Env NAME "some value"
            Hide
            Show
            Set TypingSpeed .1
            Wait
            Wait /ready/
            Wait+Line@2s
            Wait+Screen@500ms /epoch \d+ of "1"/
            Screenshot docs/demo.png
            "#
        ),
        [
            Command::Output("docs/demo-1.gif".into()),
            Command::Require("gradcam".into()),
            Command::Set(Setting::Shell("bash".into())),
            look("FontSize", "22"),
            look("Padding", "10"),
            look("LoopOffset", "20"),
            look("Theme", "Catppuccin Mocha"),
            Command::Set(Setting::TypingSpeed(ms(40))),
            Command::Set(Setting::WaitTimeout(ms(60_000))),
            Command::Set(Setting::WaitPattern(r"\$ $".into())),
            Command::Env("NAME".into(), "some value".into()),
            Command::Hide,
            Command::Show,
            Command::Set(Setting::TypingSpeed(ms(100))),
            wait(Scope::Line, None, None),
            wait(Scope::Line, None, Some("ready")),
            wait(Scope::Line, Some(ms(2000)), None),
            wait(Scope::Screen, Some(ms(500)), Some(r#"epoch \d+ of "1""#)),
            Command::Screenshot("docs/demo.png".into()),
        ]
    );
}

#[test]
fn steps_know_their_lines_and_the_tape_its_size() {
    let tape: Tape = "Sleep 1\n\n  # player: 100x30\nEnter Tab".parse().unwrap();
    assert_eq!(tape.size, (100, 30));
    assert_eq!(tape.steps.iter().map(|step| step.line).collect::<Vec<_>>(), [1, 4, 4]);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, message) in [
        ("Enter\nHome", "line 3: the player does not know Home"),
        ("Source other.tape", "line 2: the player does not know Source"),
        ("\"text\"", "line 2: \"text\" where a command should be"),
        ("Enter Enter 2 3", "line 2: 3 where a command should be"),
        ("Tab 1.5", "line 2: 1.5 is no number of times"),
        ("Type", "line 2: a text is missing"),
        ("Type \"open", "line 2: a closing \" is missing"),
        ("Wait /open", "line 2: a closing / is missing"),
        ("Sleep soon", "line 2: a time like 500ms or 2s is missing"),
        ("Sleep 1.2.3", "line 2: 1.2.3 is no time"),
        ("Type@ \"x\"", "line 2: a time like 500ms or 2s is missing"),
        ("Ctrl+Shift+c", "line 2: the player knows Ctrl with one letter only, like Ctrl+c"),
        ("Wait+Page /x/", "line 2: Wait+ takes Line or Screen"),
        ("Set Speed 3", "line 2: there is no setting Speed"),
        ("Set FontSize", "line 2: FontSize takes a value"),
        ("Set WaitPattern x", "line 2: WaitPattern takes a regular expression between slashes"),
        ("Enter\nSet FontSize 3", "line 3: VHS ignores a setting after the first action"),
        ("Screenshot x.gif", "line 2: a Screenshot needs a file name that ends in .png"),
        ("Env NAME", "line 2: a value is missing"),
        ("# player: 0x10", "line 2: \"0x10\" is no size like 100x30"),
    ] {
        assert_eq!(parse_error(text), message);
    }
    assert!(parse_error("Wait /(/").starts_with("line 2: /(/ is no regular expression: "));
    let no_size = "Enter".parse::<Tape>().unwrap_err();
    assert_eq!(no_size.to_string(), "line 1: there is no comment `# player: COLUMNSxROWS`");
}

#[test]
fn a_tape_is_played_in_a_shell_without_its_hidden_lines() {
    let tape = tape(
        r#"
        Require gradcam
        Set Shell bash
        Hide
        Env GREETING "hello there"
        Type "echo hidden" Enter
        Show
        Type "printf '%s\n' $GREETING; tput cols; tput lines" Enter
        Wait+Screen /hello\nthere\n60\n10\n>/
        Wait
        Screenshot first.png
        Type "wrong" Backspace 5 Type "echo r" Left Type "o" Right Type "w" Enter
        Wait+Screen@1ms /(?m)^orw$/
        Type "nonsense" Ctrl+u Type "type -p gradcam" Enter
        Wait
        "#,
    );
    let played = Player::new(programs()).play(&tape).unwrap_or_else(|error| panic!("{error}"));
    let [(name, screen)] = &played.screenshots[..] else { panic!("one screenshot") };
    assert_eq!(name, "first.png");
    assert!(screen.contains("hello") && !screen.contains("orw"), "{screen:?}");
    let end = played.terminal.wait_for_text(env!("CARGO_BIN_EXE_gradcam"));
    assert!(!end.contains("hidden"), "{end:?}");
}

#[test]
fn a_play_that_fails_tells_the_line_and_the_screen() {
    let fails = |text| match Player::new(programs()).play(&tape(text)) {
        Ok(_) => panic!("played: {text}"),
        Err(error) => error.to_string(),
    };
    let error = fails("Type 'echo last words; exit 3' Enter\nSleep 60m\nWait+Screen /never/");
    assert!(
        error.starts_with("line 4: waited for /never/; the program: Exited(Code(3))"),
        "{error}"
    );
    assert!(error.contains("│last words "), "{error}");
    assert_eq!(fails("Require no-such-program"), "line 2: no-such-program is not on the path");
    assert_eq!(fails("Set Shell fish"), "line 2: fish is not bash");
}
