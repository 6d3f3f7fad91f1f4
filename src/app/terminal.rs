//! The terminal, taken and always given back.

use std::io::{self, Stdout, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::style::{Print, ResetColor, force_color_output};
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
pub struct FrameWriter<W = Stdout> {
    frame: Vec<u8>,
    out: W,
}

impl<W: Write> FrameWriter<W> {
    /// In front of this.
    pub fn new(out: W) -> Self {
        Self { frame: Vec::with_capacity(1 << 16), out }
    }
}

impl<W: Write> Write for FrameWriter<W> {
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
pub struct TerminalGuard {
    mouse: bool,
}

impl TerminalGuard {
    /// Takes the terminal, and its mouse where that is wanted, and makes a panic of this thread
    /// give it back before its message.
    ///
    /// Panics of other threads stay silent: they reach the app as messages.
    pub fn take(mouse: bool) -> io::Result<Self> {
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
        // The guard is there first: what fails half way is given back, too.
        let guard = Self { mouse };
        enter(mouse)?;
        Ok(guard)
    }

    /// What ratatui draws to, with ASCII characters only or with all.
    pub fn terminal(&self, ascii: bool) -> io::Result<Terminal<Backend>> {
        Terminal::new(CompactBackend::new(FrameWriter::new(io::stdout()), !ascii))
    }

    /// Gives the terminal back, stops the whole job until it is continued, and takes the terminal
    /// again. The next frame must be drawn in full. Does nothing, and says `false`, where there is
    /// no shell that could continue the job: the line would hang.
    pub fn suspend(&self) -> io::Result<bool> {
        // A shell with job control gives each job a group of its own; a program that is all that
        // its line runs, or that such a program has started, is in the group of the session.
        if rustix::process::getsid(None)? == rustix::process::getpgrp() {
            return Ok(false);
        }
        restore();
        // The group, as a shell would: whoever started us with others stops with them. SIGSTOP
        // and not SIGTSTP, which an orphaned group would drop.
        let group = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
        let taken = match enter(self.mouse) {
            // The line was lost meanwhile; SIGHUP ends the app.
            Err(error) if error.raw_os_error() == Some(EIO) => Ok(()),
            other => other,
        };
        group.map_err(io::Error::from).and(taken).map(|()| true)
    }

    /// Makes the terminal raw again after a stop that it was not given back for: the shell has
    /// changed its modes.
    pub fn resume(&self) -> io::Result<()> {
        disable_raw_mode()?;
        enable_raw_mode()
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        restore();
    }
}

/// Reports of clicks, drags and the wheel, in numbers that reach any column; none of movements
/// without a button, with which crossterm's own command would flood a slow line.
const MOUSE_ON: &str = "\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l";

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mouse = if mouse { MOUSE_ON } else { "" };
    execute!(io::stdout(), EnterAlternateScreen, Hide, Print(mouse))
}

/// Gives the terminal back, once. Whether it is still there does not matter.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let off = Print(MOUSE_OFF);
        let _ = execute!(io::stdout(), off, ResetColor, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what each call of `write` brought.
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn trap_five_a_frame_is_one_synchronised_write_and_no_frame_is_none() {
        let mut writer = FrameWriter::new(Writes::default());
        writer.flush().unwrap();
        for part in ["one", "\n", "two"] {
            writer.write_all(part.as_bytes()).unwrap();
        }
        writer.flush().unwrap();
        writer.flush().unwrap();
        assert_eq!(writer.out.0, [b"\x1b[?2026hone\ntwo\x1b[?2026l"]);
    }
}
