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
use signal_hook::consts::SIGTSTP;

use crate::app::term::compact::CompactBackend;
use crate::signals;

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

    /// What ratatui draws to.
    pub fn terminal(&self) -> io::Result<Terminal<Backend>> {
        Terminal::new(CompactBackend::new(FrameWriter::new(io::stdout())))
    }

    /// Gives the terminal back, stops the whole job until it is continued, and takes the terminal
    /// again. The next frame must be drawn in full. Does nothing, and says `false`, where there is
    /// no shell that could continue the job: the line would hang.
    pub fn suspend(&self) -> io::Result<bool> {
        // A shell with job control gives each job a group of its own; a program that is all that
        // its line runs, or that such a program has started, is in the group of the session.
        let alone = rustix::process::getsid(None)? == rustix::process::getpgrp();
        if alone || signals::is_ignored(SIGTSTP) {
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

    /// Sets the terminal's modes again after a stop that it was not given back for, or after another
    /// program has written to it: a shell changes some of them.
    pub fn resume(&self) -> io::Result<()> {
        disable_raw_mode()?;
        enable_raw_mode()?;
        execute!(io::stdout(), Hide, Print(modes(self.mouse)))
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
/// Pasted text comes marked as such, and is not taken for keys.
const PASTE_ON: &str = "\x1b[?2004h";
const PASTE_OFF: &str = "\x1b[?2004l";
/// Ends what a write that was cut off may have left open.
const UPDATE_OFF: &str = "\x1b[?2026l";
/// Where there is no alternate screen nothing else takes the last frame away.
const CLEAR: &str = "\x1b[2J\x1b[H";

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, Hide, Print(modes(mouse)))
}

fn modes(mouse: bool) -> String {
    [PASTE_ON, if mouse { MOUSE_ON } else { "" }].concat()
}

/// Gives the terminal back, once. Whether it is still there does not matter.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let off = Print([UPDATE_OFF, MOUSE_OFF, PASTE_OFF].concat());
        let _ = execute!(io::stdout(), off, ResetColor, Print(CLEAR), LeaveAlternateScreen, Show);
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
