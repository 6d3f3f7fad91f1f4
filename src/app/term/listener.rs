//! Listens to the terminal: one thread waits for bytes and for nothing else, so that no burst of
//! them is left unread, and a second one for the time when what has begun is given up.
//!
//! There is no `poll` and no `select`: macOS has no `poll` on terminals. A thread that reads hears
//! the same everywhere, and that the line is lost, too.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::termios::tcgetattr;

use crate::app::term::decode::{Decoded, Decoder};

/// How much is read at once, in bytes. Terminals of Linux hold 4,095.
const PIECE: usize = 1 << 16;
/// How long to leave a terminal alone that says there is nothing, and is still there.
const REST: Duration = Duration::from_millis(10);

/// What listens, and goes on listening when this is dropped: a thread that reads cannot be told to
/// stop.
pub struct Listener(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    decoder: Decoder,
    heard: Box<dyn FnMut(Decoded) + Send>,
}

impl Listener {
    /// Listens from now on, on standard input if that is a terminal, else on the terminal of the
    /// session. `heard` is told of all that comes, one after the other, and must not wait; `lost`,
    /// that nothing will come any more.
    pub fn start(
        decoder: Decoder,
        heard: impl FnMut(Decoded) + Send + 'static,
        lost: impl FnOnce() + Send + 'static,
    ) -> Self {
        let state = Mutex::new(State { decoder, heard: Box::new(heard) });
        let shared = Arc::new(Shared { state, changed: Condvar::new() });
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let _ = catch_unwind(AssertUnwindSafe(|| shared.read()));
                lost();
            }
        });
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || catch_unwind(AssertUnwindSafe(|| shared.watch_the_clock()))
        });
        Self(shared)
    }

    /// Waits until the terminal has answered all questions; `false` if it has not by then.
    pub fn all_answered_by(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let open = |state: &mut State| state.decoder.is_expecting();
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), left, open);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads until the terminal is gone.
    fn read(&self) -> io::Result<()> {
        let stdin = io::stdin();
        let session;
        let terminal = if stdin.is_terminal() {
            stdin.as_fd()
        } else {
            session = File::open("/dev/tty")?;
            session.as_fd()
        };
        let mut piece = vec![0; PIECE];
        loop {
            match rustix::io::read(terminal, &mut piece) {
                Ok(0) => still_there(terminal)?,
                Ok(count) => self.feed(&piece[..count]),
                Err(Errno::INTR) => {}
                // Somebody who shares the terminal has left it so.
                Err(Errno::AGAIN) => {
                    fcntl_setfl(terminal, fcntl_getfl(terminal)? - OFlags::NONBLOCK)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn feed(&self, bytes: &[u8]) {
        let mut state = self.lock();
        let decoded = state.decoder.feed(bytes, Instant::now());
        decoded.into_iter().for_each(|decoded| (state.heard)(decoded));
        self.changed.notify_all();
    }

    fn watch_the_clock(&self) {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            state = match state.decoder.deadline() {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) if now < deadline => {
                    let waited = self.changed.wait_timeout(state, deadline - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => {
                    let given_up = state.decoder.give_up(now);
                    given_up.into_iter().for_each(|decoded| (state.heard)(decoded));
                    state
                }
            };
        }
    }
}

/// A terminal that is gone has no bytes for ever, and one whose line is edited by the system for a
/// moment, as after `fg`, has none when somebody presses Ctrl-D.
fn still_there(terminal: BorrowedFd) -> io::Result<()> {
    tcgetattr(terminal)?;
    thread::sleep(REST);
    Ok(())
}
