//! Plays a tape in a shell.

use std::ffi::OsString;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use regex_lite::Regex;

use super::{Command, Scope, Setting, Tape, TapeError};
use crate::pty::{Program, Screen, Terminal, timeout};

/// So long the keys before a `Wait` or a `Screenshot` may take to show: one that follows at once
/// would still see what was there before them.
const SETTLED: Duration = Duration::from_secs(1);

/// Plays tapes.
pub struct Player {
    path: Vec<PathBuf>,
    pace: f64,
}

/// What is left after a tape has been played.
pub struct Performance {
    /// The shell and what it shows.
    pub terminal: Terminal,
    /// The screen at each `Screenshot`, with the name of its file.
    pub screenshots: Vec<(String, Screen)>,
}

/// As VHS has them where a tape does not set them.
struct Settings {
    typing: Duration,
    wait_limit: Duration,
    wait_pattern: String,
}

impl Player {
    /// With the programs of this folder first on the path. It takes no pauses: `Sleep` and the
    /// time for keys are for those who watch.
    pub fn new(programs: impl Into<PathBuf>) -> Self {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = [programs.into()].into_iter().chain(std::env::split_paths(&inherited));
        Self { path: path.collect(), pace: 0.0 }
    }

    /// Takes so much of the pauses that the tape says: 1 is all of them, 0 none.
    #[must_use]
    pub fn pace(self, pace: f64) -> Self {
        Self { pace, ..self }
    }

    /// Plays a tape in a new bash, from its first prompt on.
    ///
    /// # Errors
    /// When a program that it requires is missing, when a `Wait` does not come true, and for a
    /// shell other than bash. A `Wait` gets the time that the tests have, if that is more than the
    /// tape gives: the tape was made for a fast build on an idle machine.
    pub fn play(&self, tape: &Tape) -> Result<Performance, TapeError> {
        let terminal = self.shell(tape);
        terminal.wait_for_match(r"(?m)^>$");
        let mut settings = Settings {
            typing: Duration::from_millis(50),
            wait_limit: Duration::from_secs(15),
            wait_pattern: ">$".into(),
        };
        let mut performance = Performance { terminal, screenshots: Vec::new() };
        let mut hidden = false;
        for step in &tape.steps {
            match &step.command {
                Command::Hide => hidden = true,
                Command::Show => hidden = false,
                _ if hidden => {}
                command => {
                    let done = self.perform(command, &mut settings, &mut performance);
                    done.map_err(|message| TapeError { line: step.line, message })?;
                }
            }
        }
        Ok(performance)
    }

    fn shell(&self, tape: &Tape) -> Terminal {
        let path = std::env::join_paths(&self.path).unwrap_or_else(|_| OsString::new());
        let (cols, rows) = tape.size;
        let shell = Program::new("bash").args(["--noprofile", "--norc", "+o", "history"]);
        let shell = shell.size(cols, rows).env("PATH", path).env("PS1", "> ");
        let variables = tape.steps.iter().filter_map(|step| match &step.command {
            Command::Env(name, value) => Some((name, value)),
            _ => None,
        });
        Terminal::start(variables.fold(shell, |shell, (name, value)| shell.env(name, value)))
    }

    fn perform(
        &self,
        command: &Command,
        settings: &mut Settings,
        Performance { terminal, screenshots }: &mut Performance,
    ) -> Result<(), String> {
        match command {
            Command::Output(_) | Command::Env(..) | Command::Hide | Command::Show => {}
            Command::Set(Setting::Look(..)) => {}
            Command::Set(Setting::Shell(shell)) if shell == "bash" => {}
            Command::Set(Setting::Shell(shell)) => return Err(format!("{shell} is not bash")),
            Command::Set(Setting::TypingSpeed(time)) => settings.typing = *time,
            Command::Set(Setting::WaitTimeout(time)) => settings.wait_limit = *time,
            Command::Set(Setting::WaitPattern(pattern)) => settings.wait_pattern = pattern.clone(),
            Command::Require(program) => {
                if !self.path.iter().any(|folder| folder.join(program).is_file()) {
                    return Err(format!("{program} is not on the path"));
                }
            }
            Command::Type(text, time) => {
                for letter in text.chars() {
                    terminal.type_text(letter.encode_utf8(&mut [0; 4]));
                    self.pause(time.unwrap_or(settings.typing));
                }
            }
            Command::Key { name, count, pace } => {
                for _ in 0..*count {
                    terminal.keys(name);
                    self.pause(pace.unwrap_or(settings.typing));
                }
            }
            Command::Ctrl(letter) => terminal.keys(&format!("C-{letter}")),
            Command::Sleep(time) => self.pause(*time),
            Command::Wait { scope, limit, pattern } => {
                let pattern = pattern.as_ref().unwrap_or(&settings.wait_pattern);
                let regex = Regex::new(pattern).map_err(|error| error.to_string())?;
                let found = |screen: &Screen| match scope {
                    Scope::Line => regex.is_match(&screen.cursor_row()),
                    Scope::Screen => screen.matches(&regex),
                };
                terminal.settle(SETTLED);
                let limit = limit.unwrap_or(settings.wait_limit).max(timeout());
                let waited = terminal.try_wait_for(limit, found, &format!("/{pattern}/"));
                waited.map_err(|failure| failure.to_string())?;
            }
            Command::Screenshot(file) => {
                terminal.settle(SETTLED);
                screenshots.push((file.clone(), terminal.screen()));
            }
        }
        Ok(())
    }

    fn pause(&self, time: Duration) {
        if self.pace > 0.0 {
            thread::sleep(time.mul_f64(self.pace));
        }
    }
}
