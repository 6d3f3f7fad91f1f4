//! What is known of a program and its terminal, and the two threads that keep it up to date.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use pty_process::blocking::Pty;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::emulator::Emulator;
use super::screen::Screen;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By the signal of this number.
    Signal(i32),
}

/// What a program is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// It runs.
    Running,
    /// It is stopped and waits to be continued.
    Stopped,
    /// It has ended.
    Exited(Exit),
}

/// The state of a terminal, for all threads that deal with it.
pub struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// What is known of a program and its terminal.
pub struct State {
    /// The terminal.
    pub emulator: Emulator,
    /// The program.
    pub process: Process,
    /// Whether all output has been read: the program and all that inherited its terminal are
    /// gone, or the terminal is hung up.
    pub drained: bool,
    /// Whether the terminal takes no bytes.
    pub held: bool,
    /// Counts changes.
    pub version: u64,
}

/// A [`State`] at one moment, with what the terminal shows.
pub struct Moment {
    /// What it shows.
    pub screen: Screen,
    /// See [`State::process`].
    pub process: Process,
    /// See [`State::drained`].
    pub drained: bool,
    /// See [`State::version`].
    pub version: u64,
}

impl Shared {
    /// Of a program that has just been started.
    pub fn new(emulator: Emulator) -> Self {
        let process = Process::Running;
        let state = State { emulator, process, drained: false, held: false, version: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The state as it is now, which stays so while the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and tells all who wait.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state);
        state.version += 1;
        self.changed.notify_all();
        result
    }

    /// A copy of the state as it is now.
    pub fn moment(&self) -> Moment {
        let State { emulator, process, drained, version, .. } = &*self.lock();
        let screen = emulator.screen().clone();
        Moment { screen, process: *process, drained: *drained, version: *version }
    }

    /// Waits while the terminal takes no bytes.
    fn wait_while_held(&self) {
        let held = |state: &mut State| state.held;
        drop(self.changed.wait_while(self.lock(), held).unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until something has changed after `version`; false when nothing did by `deadline`.
    pub fn wait_change(&self, version: u64, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let same = |state: &mut State| state.version == version;
        let waited = self.changed.wait_timeout_while(self.lock(), left, same);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// Takes in what the program writes until nobody can write any more, or until told to stop.
pub fn read(shared: &Shared, mut pty: &Pty, answering: bool, stop: &OwnedFd) {
    let mut buffer = [0; 1 << 16];
    loop {
        let mut ready = [PollFd::new(pty, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
        match poll(&mut ready, None) {
            Err(rustix::io::Errno::INTR) => continue,
            Ok(_) if ready[1].revents().is_empty() => shared.wait_while_held(),
            _ => break,
        }
        // Linux reports the end as an I/O error.
        let Ok(count @ 1..) = pty.read(&mut buffer) else { break };
        let replies = shared.change(|state| state.emulator.feed(&buffer[..count]));
        if answering && pty.write_all(&replies).is_err() {
            break;
        }
    }
    shared.change(|state| state.drained = true);
}

/// Notes what becomes of the program, until it has ended.
pub fn watch_process(shared: &Shared, pid: Pid) {
    let all = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::CONTINUED;
    loop {
        let process = match waitid(WaitId::Pid(pid), all) {
            Err(rustix::io::Errno::INTR) | Ok(None) => continue,
            Err(error) => panic!("the program cannot be watched: {error}"),
            Ok(Some(status)) => match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => Process::Exited(Exit::Code(code)),
                (_, Some(signal)) => Process::Exited(Exit::Signal(signal)),
                _ if status.stopped() => Process::Stopped,
                _ => Process::Running,
            },
        };
        shared.change(|state| state.process = process);
        if let Process::Exited(_) = process {
            return;
        }
    }
}
