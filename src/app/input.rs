//! Input, answers and signals from outside, as messages.

use std::io;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::Event as Input;
use crossterm::terminal::{disable_raw_mode, size};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use crate::app::mailbox::Sender;
use crate::app::message::Message;
use crate::app::term::decode::{Decoded, Decoder};
use crate::app::term::listener::Listener;
use crate::app::term::probe::{Answers, PATIENCE, Question};
use crate::app::term::terminal::restore;
use crate::app::theme::Theme;
use crate::app::trainer::Trainer;
use crate::signals;

/// How long the loop may take to hear that the program is to end. It takes longer only in front of
/// a terminal that takes no bytes.
const HEARS: Duration = Duration::from_secs(1);
/// How long what is done at the very end may take.
const LAST: Duration = Duration::from_millis(300);

/// What ends the program where the loop does not.
#[derive(Clone)]
pub struct End {
    /// To the loop.
    pub sender: Sender,
    /// What is to be kept.
    pub trainer: Trainer,
}

impl End {
    /// Asks the loop to end the program as this signal does, and ends it by itself where the loop
    /// does not.
    fn begin(&self, signal: i32) {
        self.sender.send(Message::Signal(signal));
        let trainer = self.trainer.clone();
        thread::spawn(move || {
            thread::sleep(HEARS);
            trainer.stop();
            thread::sleep(LAST);
            leave(signal);
        });
    }
}

/// The questions that the terminal has been asked.
pub struct Asked {
    listener: Listener,
    at: Instant,
}

impl Asked {
    /// Asks what is open, and listens from now on. When nothing more can be heard the line is lost,
    /// and the program ends as by SIGHUP.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn and_listen(question: Question, theme: Theme, end: End) -> io::Result<Self> {
        let mut decoder = Decoder::default();
        if question != Question::NONE {
            question.ask(&mut io::stdout())?;
            decoder.expect_answers();
        }
        let sender = end.sender.clone();
        let (mut answers, mut known) = (Answers::default(), theme);
        let heard = move |decoded| match decoded {
            Decoded::Event(event) => {
                sender.send(Message::Input(event));
            }
            Decoded::Answer(answer) => {
                answers.take(&answer);
                let refined = question.refine(theme, &answers);
                if std::mem::replace(&mut known, refined) != refined {
                    sender.send(Message::Theme(refined));
                }
            }
        };
        let listener = Listener::start(decoder, heard, move || end.begin(SIGHUP));
        Ok(Self { listener, at: Instant::now() })
    }

    /// Waits for answers that are still under way, so that they do not come to the shell.
    pub fn wait(&self) {
        self.listener.all_answered_by(self.at + PATIENCE);
    }
}

/// Turns signals into messages, and ends the program by itself where the loop does not.
///
/// # Errors
/// When they cannot be caught.
pub fn watch_signals(end: End) -> io::Result<()> {
    let mut caught = signals::ending();
    caught.extend([SIGCONT, SIGWINCH]);
    if !signals::is_ignored(SIGTSTP) {
        caught.push(SIGTSTP);
    }
    let mut signals = Signals::new(caught)?;
    thread::spawn(move || {
        for signal in signals.forever() {
            match signal {
                SIGWINCH => {
                    if let Ok((width, height)) = size() {
                        end.sender.send(Message::Input(Input::Resize(width, height)));
                    }
                }
                SIGTSTP | SIGCONT => {
                    end.sender.send(Message::Signal(signal));
                }
                _ => end.begin(signal),
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
