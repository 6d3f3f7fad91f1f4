//! Keys, answers and signals from outside, as messages.

use std::io::{self, IsTerminal};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::Event as Input;
use crossterm::terminal::disable_raw_mode;
use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::raise;

use super::mailbox::Sender;
use super::message::Message;
use super::probe::{self, LateAnswers, Question};
use super::terminal::restore;
use super::theme::Theme;
use super::trainer::Trainer;

/// How long the loop may take to hear that the program is to end. It takes longer only in front of
/// a terminal that takes no bytes.
const HEARS: Duration = Duration::from_secs(1);
/// How long what is done at the very end may take.
const LAST: Duration = Duration::from_millis(300);

/// Asks the terminal what is open about it, before anything else reads from it.
pub fn ask(theme: Theme, question: Question) -> Option<(Theme, probe::Answer)> {
    // Keys come from the terminal even where standard input is something else; answers would not.
    if !(question.depth || question.background) || !io::stdin().is_terminal() {
        return None;
    }
    let answer = probe::ask().ok()?;
    Some((question.refine(theme, &answer), answer))
}

/// Starts the one thread that reads from the terminal; `ask` is its first work. When nothing more
/// can be read, the line is lost.
pub fn read_input(
    sender: Sender,
    ask: impl FnOnce() -> Option<(Theme, probe::Answer)> + Send + 'static,
) {
    thread::spawn(move || {
        let _ = catch_unwind(AssertUnwindSafe(|| read(&sender, ask)));
        let _ = raise(SIGHUP);
    });
    // That thread does not end with the terminal, but asks again and again for what is not there.
    if io::stdin().is_terminal() {
        thread::spawn(|| {
            wait_for_the_end();
            raise(SIGHUP)
        });
    }
}

/// Waits until the line is lost.
fn wait_for_the_end() {
    let stdin = io::stdin();
    // Nothing is waited for but the end, which is always told.
    let mut line = [PollFd::new(&stdin, PollFlags::empty())];
    // Signals interrupt.
    while poll(&mut line, None).is_err() {}
}

fn read(sender: &Sender, ask: impl FnOnce() -> Option<(Theme, probe::Answer)>) {
    let mut late = None;
    if let Some((theme, answer)) = ask() {
        sender.send(Message::Theme(theme));
        for key in probe::keys(&answer.typed) {
            sender.send(Message::Input(Input::Key(key)));
        }
        late = (!answer.complete).then(LateAnswers::expected);
    }
    while let Ok(event) = crossterm::event::read() {
        if late.as_mut().is_some_and(|late| late.contain(&event, Instant::now())) {
            continue;
        }
        if !sender.send(Message::Input(event)) {
            return;
        }
    }
}

/// Turns signals into messages, and ends the program by itself where the loop does not.
pub fn watch_signals(sender: Sender, trainer: Trainer) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            sender.send(Message::Signal(signal));
            if ![SIGTSTP, SIGCONT].contains(&signal) {
                let trainer = trainer.clone();
                thread::spawn(move || {
                    thread::sleep(HEARS);
                    trainer.stop();
                    thread::sleep(LAST);
                    leave(signal);
                });
            }
        }
    });
    Ok(())
}

/// Ends the program. Giving the terminal back waits for it to take bytes, so not for ever.
fn leave(signal: i32) -> ! {
    let (done, restored) = channel::<()>();
    thread::spawn(move || {
        restore();
        drop(done);
    });
    let _ = restored.recv_timeout(LAST);
    let _ = disable_raw_mode();
    std::process::exit(128 + signal)
}
