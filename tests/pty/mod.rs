//! Drives a program as a user at a terminal does: starts it in a pseudo-terminal, presses keys,
//! and looks at the screen.
//!
//! ```ignore
//! let terminal = Terminal::start(Program::new(env!("CARGO_BIN_EXE_gradcam")).size(100, 30));
//! terminal.wait_for_text("Train");
//! terminal.keys("Tab Right Right q");
//! assert_eq!(terminal.wait_exit(), Exit::Code(0));
//! terminal.assert_restored();
//! ```
//!
//! Nothing is timed: a wait ends as soon as what it waits for is there, and fails with the screen
//! when that does not come within `GRADCAM_TEST_TIMEOUT` seconds (60 by default), or when the
//! program has ended without it. A terminal that is dropped kills its program.

// Each integration test uses its own part of this.
#![allow(dead_code, unused_imports)]

mod emulator;
mod keys;
mod program;
mod screen;
mod state;

use std::fmt;
use std::io::{PipeWriter, Write, pipe};
use std::num::NonZeroU16;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::Pty;
use regex_lite::Regex;
use rustix::process::{Pid, kill_process, kill_process_group};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use tempfile::TempDir;

use emulator::Emulator;
pub use program::Program;
pub use rustix::process::Signal;
pub use screen::{Cell, Color, Screen};
pub use state::{Exit, Process};
use state::{Moment, Shared, read, watch_process};

/// So long without output is taken for quiet.
const QUIET: Duration = Duration::from_millis(150);
/// So long a key may be under way.
const AFTER_KEY: Duration = Duration::from_millis(30);

/// A program and the terminal it runs in.
pub struct Terminal {
    shared: Arc<Shared>,
    pid: Pid,
    /// None once hung up.
    line: Option<Line>,
    waiter: Option<JoinHandle<()>>,
    modes_before: Termios,
    home: PathBuf,
    /// Keeps the folder until the program has ended.
    _own_home: Option<TempDir>,
}

/// The terminal's end of the line to the program.
struct Line {
    pty: Arc<Pty>,
    reader: JoinHandle<()>,
    /// Closed to make the reader stop.
    stop_reader: PipeWriter,
}

impl Terminal {
    /// Starts a program in a new terminal.
    ///
    /// # Panics
    /// When there is no such program, or no pseudo-terminal.
    #[track_caller]
    #[expect(clippy::zombie_processes, reason = "`watch_process` waits for it")]
    pub fn start(program: Program) -> Self {
        // One at a time: for a moment another program could inherit this one's terminal, which
        // would then not hang up.
        static STARTING: Mutex<()> = Mutex::new(());
        let _starting = STARTING.lock();
        let own_home = program.home.is_none().then(|| TempDir::new().expect("a temporary folder"));
        let home = program.home.clone().or(own_home.as_ref().map(|home| home.path().into()));
        let home = home.unwrap_or_default();
        let (pty, pts) = pty_process::blocking::open().expect("a pseudo-terminal");
        let (cols, rows) = program.size;
        pty.resize(Size::new(rows, cols)).expect("a size of the terminal");
        let modes_before = tcgetattr(&pty).expect("the line settings");
        let child = program.command(&home).spawn(pts);
        let child = child.unwrap_or_else(|error| panic!("{}: {error}", program.path.display()));
        let pid = Pid::from_child(&child);

        let shared = Arc::new(Shared::new(Emulator::new(
            nonzero(program.size),
            program.background,
            program.kind,
        )));
        let pty = Arc::new(pty);
        let (reader_stopped, stop_reader) = pipe().expect("a pipe");
        let reader = thread::spawn({
            let (shared, pty) = (shared.clone(), pty.clone());
            move || read(&shared, &pty, program.answering, &reader_stopped.into())
        });
        let waiter = thread::spawn({
            let shared = shared.clone();
            move || watch_process(&shared, pid)
        });
        Self {
            shared,
            pid,
            line: Some(Line { pty, reader, stop_reader }),
            waiter: Some(waiter),
            modes_before,
            home,
            _own_home: own_home,
        }
    }

    /// The home of the program and the folder it was started in.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// What the terminal shows now; within a synchronised update, what it showed before.
    pub fn screen(&self) -> Screen {
        self.shared.moment().screen
    }

    /// What the program is doing now.
    pub fn process(&self) -> Process {
        self.shared.moment().process
    }

    /// Whether the alternate screen is shown.
    pub fn alternate_screen(&self) -> bool {
        self.shared.lock().emulator.alternate_screen()
    }

    /// Whether a cursor is shown, and whether pasted text is to be marked.
    pub fn cursor_and_paste(&self) -> (bool, bool) {
        self.shared.lock().emulator.cursor_and_paste()
    }

    /// Whether the alternate screen was ever shown.
    pub fn entered_alternate_screen(&self) -> bool {
        self.shared.lock().emulator.entered_alternate
    }

    /// How many bytes the program has written.
    pub fn bytes_written(&self) -> usize {
        self.shared.lock().emulator.output.len()
    }

    /// All bytes the program has written.
    pub fn output(&self) -> Vec<u8> {
        self.shared.lock().emulator.output.clone()
    }

    /// Waits until `condition` holds for the screen, and returns that screen.
    ///
    /// # Panics
    /// When it does not come about; `what` says in the message what was waited for.
    #[track_caller]
    pub fn wait_for(&self, condition: impl FnMut(&Screen) -> bool, what: &str) -> Screen {
        self.try_wait_for(timeout(), condition, what).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// As [`Self::wait_for`], with a time limit and the failure as a value.
    ///
    /// # Errors
    /// With all there is to say about it.
    pub fn try_wait_for(
        &self,
        limit: Duration,
        mut condition: impl FnMut(&Screen) -> bool,
        what: &str,
    ) -> Result<Screen, Failure> {
        let shown = |moment: &Moment| condition(&moment.screen).then(|| moment.screen.clone());
        self.wait(limit, what, shown)
    }

    /// Waits for a text within a row of the screen.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) -> Screen {
        self.wait_for(|screen| screen.contains(text), &format!("{text:?}"))
    }

    /// Waits for the screen to match a regular expression, see [`Screen::matches`].
    ///
    /// # Panics
    /// When it does not, and when the expression is none.
    #[track_caller]
    pub fn wait_for_match(&self, regex: &str) -> Screen {
        let regex = Regex::new(regex).expect("a regular expression");
        self.wait_for(|screen| screen.matches(&regex), &format!("/{regex}/"))
    }

    /// Waits until there was no output for 150 ms, and returns the screen. Quiet is no proof that
    /// a program has done what it was asked to: prefer a condition where there is one.
    ///
    /// # Panics
    /// When the program does not become quiet.
    #[track_caller]
    pub fn wait_stable(&self) -> Screen {
        if !self.quiet_by(Instant::now() + timeout()) {
            panic!("{}", self.failure("a quiet terminal"));
        }
        self.screen()
    }

    /// Gives the program some time to take the keys in and to show what they do: returns when it
    /// has read them and is quiet, at the latest after `limit`. For what comes after keys whose
    /// effect is not known.
    pub fn settle(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        let _ = self.read_by(deadline) && self.quiet_by(deadline);
    }

    /// Waits for the program to end and for all its output.
    ///
    /// # Panics
    /// When it goes on, or when a program that it left behind keeps the terminal.
    #[track_caller]
    pub fn wait_exit(&self) -> Exit {
        let ended = |moment: &Moment| match moment.process {
            Process::Exited(exit) if moment.drained => Some(exit),
            _ => None,
        };
        self.wait(timeout(), "the end", ended).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Waits for the program to be stopped, as by Ctrl-Z, and for what it wrote before;
    /// [`Signal::CONT`] continues it.
    ///
    /// # Panics
    /// When it runs on or ends.
    #[track_caller]
    pub fn wait_stopped(&self) {
        let stopped = |moment: &Moment| (moment.process == Process::Stopped).then_some(());
        self.wait(timeout(), "a stop", stopped).unwrap_or_else(|failure| panic!("{failure}"));
        self.quiet_by(Instant::now() + timeout());
    }

    /// Presses keys, by names with blanks between them: `"Tab Right 3 Enter C-c"`; see
    /// [`keys::bytes`] for all names.
    ///
    /// As no program can tell Escape and a key from that key with Alt but by time, the next key
    /// after Escape waits until the program has read it.
    ///
    /// # Panics
    /// For an unknown name, and after [`Self::hang_up`].
    #[track_caller]
    pub fn keys(&self, names: &str) {
        for name in names.split_whitespace() {
            let application = self.shared.lock().emulator.application_cursor();
            let Some(bytes) = keys::bytes(name, application) else {
                panic!("there is no key {name:?} in {names:?}");
            };
            self.write(&bytes);
            if bytes == b"\x1b" {
                assert!(self.read_by(Instant::now() + timeout()), "{}", self.failure("a reader"));
            }
        }
    }

    /// Types a text; a line feed in it is the Enter key.
    ///
    /// # Panics
    /// After [`Self::hang_up`].
    #[track_caller]
    pub fn type_text(&self, text: &str) {
        self.write(text.replace('\n', "\r").as_bytes());
    }

    /// Changes the size of the terminal, which the program is told by SIGWINCH.
    ///
    /// # Panics
    /// For a size of zero, and after [`Self::hang_up`].
    #[track_caller]
    pub fn resize(&self, cols: u16, rows: u16) {
        let pty = self.pty();
        // Both under the lock: output for the new size is only taken in at the new size.
        let resized = self.shared.change(|state| {
            state.emulator.resize(nonzero((cols, rows)));
            pty.resize(Size::new(rows, cols))
        });
        resized.expect("a size of the terminal");
    }

    /// Sends a signal to the program.
    ///
    /// # Panics
    /// When it has ended.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        if let Process::Exited(_) = self.process() {
            panic!("{}", self.failure(&format!("a running program to send {signal:?}")));
        }
        kill_process(self.pid, signal).expect("a signal to the program");
    }

    /// Shows a text that another program has written to this terminal, at the cursor.
    pub fn write_over(&self, text: &str) {
        self.shared.change(|state| state.emulator.feed(text.as_bytes()));
    }

    /// Takes no more bytes, as after Ctrl-S or behind a line that is stuck, or takes them again.
    pub fn hold(&self, held: bool) {
        self.shared.change(|state| state.held = held);
    }

    /// Hangs up, as a lost connection does: the program gets SIGHUP, and no more input. What it
    /// writes from now on is lost.
    pub fn hang_up(&mut self) {
        if let Some(Line { pty, reader, stop_reader }) = self.line.take() {
            drop(stop_reader);
            self.hold(false);
            let _ = reader.join();
            drop(pty);
        }
    }

    /// Checks that the program left the terminal as it found it: on the normal screen, with a
    /// cursor, without colours, with all reports off and with the same line settings (termios).
    ///
    /// # Panics
    /// With all that is not, while the program still runs, and after [`Self::hang_up`].
    #[track_caller]
    pub fn assert_restored(&self) {
        self.wait_exit();
        self.assert_given_back();
    }

    /// As [`Self::assert_restored`], of a program that need not have ended.
    ///
    /// # Panics
    /// With all that is not as it was.
    #[track_caller]
    pub fn assert_given_back(&self) {
        let disorder = self.shared.lock().emulator.disorder();
        if !disorder.is_empty() {
            panic!(
                "{}",
                self.failure(&format!("a restored terminal, but {}", disorder.join(", ")))
            );
        }
        let modes_after = tcgetattr(self.pty()).expect("the line settings");
        let [after, before] = [&modes_after, &self.modes_before].map(|modes| format!("{modes:#?}"));
        assert_eq!(after, before, "the line settings are not as they were");
    }

    /// Sets the line settings to what they were in front of the program, as a shell does when a
    /// job has stopped.
    ///
    /// # Panics
    /// After [`Self::hang_up`].
    #[track_caller]
    pub fn reset_modes(&self) {
        let set = tcsetattr(self.pty(), OptionalActions::Now, &self.modes_before);
        set.expect("the line settings");
    }

    /// Looks at each new moment until there is what it looks for.
    fn wait<T>(
        &self,
        limit: Duration,
        what: &str,
        mut look: impl FnMut(&Moment) -> Option<T>,
    ) -> Result<T, Failure> {
        let deadline = Instant::now() + limit;
        loop {
            let moment = self.shared.moment();
            if let Some(found) = look(&moment) {
                return Ok(found);
            }
            let over = moment.drained && matches!(moment.process, Process::Exited(_));
            if over || !self.shared.wait_change(moment.version, deadline) {
                return Err(self.failure(what));
            }
        }
    }

    fn failure(&self, what: &str) -> Failure {
        let Moment { screen, process, drained, .. } = self.shared.moment();
        let held = !drained && matches!(process, Process::Exited(_));
        Failure { what: what.to_owned(), process, held, screen: Box::new(screen) }
    }

    #[track_caller]
    fn pty(&self) -> &Pty {
        let Some(line) = &self.line else { panic!("this terminal is hung up") };
        &line.pty
    }

    #[track_caller]
    fn write(&self, bytes: &[u8]) {
        if let Err(error) = self.pty().write_all(bytes) {
            panic!("{}: {error}", self.failure("a program to write to"));
        }
    }

    /// Waits until the program has read what was written; false when it did not. The queue is
    /// asked for again and again, as nobody tells when it becomes empty, and not at once, as it
    /// takes the kernel a moment to put a key there.
    fn read_by(&self, deadline: Instant) -> bool {
        let queue = input_queue(self.pty());
        loop {
            thread::sleep(AFTER_KEY);
            match rustix::io::ioctl_fionread(&queue) {
                Ok(1..) if Instant::now() < deadline => {}
                Ok(1..) => return false,
                Ok(0) | Err(_) => return true,
            }
        }
    }

    /// Waits until there was no output for a while; false when there always was some.
    fn quiet_by(&self, deadline: Instant) -> bool {
        while Instant::now() < deadline {
            let moment = self.shared.moment();
            if moment.drained || !self.shared.wait_change(moment.version, Instant::now() + QUIET) {
                return true;
            }
        }
        false
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(line) = &self.line
            && let Ok(foreground) = tcgetpgrp(&*line.pty)
        {
            let _ = kill_process_group(foreground, Signal::KILL);
        }
        if !matches!(self.process(), Process::Exited(_)) {
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
        self.hang_up();
        if let Some(waiter) = self.waiter.take() {
            let _ = waiter.join();
        }
    }
}

/// A wait in vain.
#[derive(Debug)]
pub struct Failure {
    what: String,
    process: Process,
    held: bool,
    screen: Box<Screen>,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let Self { what, process, held, screen } = self;
        write!(out, "waited for {what}; the program: {process:?}")?;
        if *held {
            write!(out, ", but something it started still holds the terminal")?;
        }
        write!(out, "; the screen:\n{screen:?}")
    }
}

/// How long to wait at most.
pub fn timeout() -> Duration {
    let seconds = std::env::var("GRADCAM_TEST_TIMEOUT").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(60))
}

/// The program's end of the line, where its input waits.
fn input_queue(pty: &Pty) -> std::fs::File {
    let name = rustix::pty::ptsname(pty, Vec::new()).expect("the name of the terminal");
    let not_ours = rustix::fs::OFlags::NOCTTY.bits().cast_signed();
    let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
    let opened = std::fs::OpenOptions::new().read(true).custom_flags(not_ours).open(path);
    opened.expect("the terminal by its name")
}

#[track_caller]
fn nonzero((cols, rows): (u16, u16)) -> (NonZeroU16, NonZeroU16) {
    let size = NonZeroU16::new(cols).zip(NonZeroU16::new(rows));
    size.unwrap_or_else(|| panic!("no terminal has {cols} x {rows} cells"))
}
