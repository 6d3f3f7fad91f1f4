//! The terminal, taken and always given back.

use std::io::{self, Stdout, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::style::{ResetColor, force_color_output};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;

use super::compact::CompactBackend;

/// What writing to a terminal that has gone fails with.
const EIO: i32 = rustix::io::Errno::IO.raw_os_error();

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Collects a frame and writes it in one piece, marked as one synchronised update, so that no half
/// frame is ever seen, also through a slow line.
pub struct FrameWriter {
    frame: Vec<u8>,
    out: Stdout,
}

impl Write for FrameWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.frame.is_empty() {
            self.frame.extend_from_slice(b"\x1b[?2026h");
        }
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        self.frame.extend_from_slice(b"\x1b[?2026l");
        let written = self.out.write_all(&self.frame).and_then(|()| self.out.flush());
        self.frame.clear();
        // A terminal that is gone needs no frames; SIGHUP, which says so, ends the app.
        match written {
            Err(error) if error.raw_os_error() == Some(EIO) => Ok(()),
            other => other,
        }
    }
}

/// The backend of the real terminal.
pub type Backend = CompactBackend<FrameWriter>;

/// Holds the terminal in raw mode on its alternate screen; gives it back when dropped.
pub struct TerminalGuard(());

impl TerminalGuard {
    /// Takes the terminal, and makes a panic of this thread give it back before its message.
    ///
    /// Panics of other threads stay silent: they reach the app as messages.
    pub fn take() -> io::Result<Self> {
        let drawing_thread = thread::current().id();
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == drawing_thread {
                restore();
                report(info);
            } else if !TAKEN.load(Ordering::SeqCst) {
                report(info);
            }
        }));
        // Colours are resolved here for each depth; crossterm's own reading of NO_COLOR would
        // also take away bold and reverse.
        force_color_output(true);
        enter()?;
        Ok(Self(()))
    }

    /// What ratatui draws to.
    pub fn terminal(&self) -> io::Result<Terminal<Backend>> {
        let writer = FrameWriter { frame: Vec::with_capacity(1 << 16), out: io::stdout() };
        Terminal::new(CompactBackend::new(writer))
    }

    /// Gives the terminal back, stops the whole job until it is continued, and takes the terminal
    /// again. The next frame must be drawn in full.
    pub fn suspend(&self) -> io::Result<()> {
        restore();
        // The group, as a shell would: whoever started us with others stops with them. SIGSTOP
        // and not SIGTSTP, which an orphaned group would drop.
        let group = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
        let taken = enter();
        group.map_err(io::Error::from).and(taken)
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        restore();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, Hide)
}

/// Gives the terminal back, once. Whether it is still there does not matter.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), ResetColor, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}
