//! Keys, answers and signals from outside, as messages.

use std::io;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Instant;

use crossterm::event::Event as Input;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use super::message::Message;
use super::probe::{self, LateAnswers, Question};
use super::run::GRACE;
use super::terminal::restore;
use super::theme::Theme;

/// Asks the terminal what is open about it, before anything else reads from it.
pub fn ask(theme: Theme, question: Question) -> Option<(Theme, probe::Answer)> {
    if !question.depth && !question.background {
        return None;
    }
    let answer = probe::ask().ok()?;
    Some((question.refine(theme, &answer), answer))
}

/// Starts the one thread that reads from the terminal; `ask` is its first work.
pub fn read_input(
    sender: SyncSender<Message>,
    ask: impl FnOnce() -> Option<(Theme, probe::Answer)> + Send + 'static,
) {
    thread::spawn(move || {
        let mut late = None;
        if let Some((theme, answer)) = ask() {
            let keys = probe::keys(&answer.typed).map(|key| Message::Input(Input::Key(key)));
            for message in std::iter::once(Message::Theme(theme)).chain(keys) {
                let _ = sender.send(message);
            }
            late = (!answer.complete).then(LateAnswers::expected);
        }
        while let Ok(event) = crossterm::event::read() {
            if late.as_mut().is_some_and(|late| late.contain(&event, Instant::now())) {
                continue;
            }
            if sender.send(Message::Input(event)).is_err() {
                return;
            }
        }
    });
}

/// Turns signals into messages, and ends the program by itself where nobody reacts: the terminal
/// may be gone, and with it the loop.
pub fn watch_signals(sender: SyncSender<Message>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let _ = sender.try_send(Message::Signal(signal));
            if ![SIGTSTP, SIGCONT].contains(&signal) {
                thread::spawn(move || {
                    thread::sleep(GRACE);
                    restore();
                    std::process::exit(128 + signal);
                });
            }
        }
    });
    Ok(())
}
