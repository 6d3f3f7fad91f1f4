//! Bytes from a terminal to keys, the mouse, pasted text and answers.
//!
//! The events are crossterm's. Its own reader stays out of use, for what it does with input that is
//! not well-behaved: it takes 1,024 bytes at a time and leaves the rest unread until the next key,
//! an answer or a paste whose end is lost swallows every key for good, Ctrl-C among them, and
//! answers that nobody waits for any more are typed as keys. Here input of any length is decoded at
//! once, nothing is held back for more than a moment, and a control character always counts.

use std::time::{Duration, Instant};

use crossterm::event::Event;

use crate::app::term::escape::{self, First};

/// How long the rest of what has begun may take: input is held back for no longer.
const MOMENT: Duration = Duration::from_secs(1);
/// How long an escape character may be the beginning of more, where more is likely.
const ESCAPE: Duration = Duration::from_millis(20);
/// How long after Ctrl-C a paste that goes on shows that it was part of the text.
const INTERRUPT: Duration = Duration::from_millis(100);
/// What is kept of a pasted text, in bytes: more than any prompt takes.
const PASTED: usize = 4096;
/// What begins and ends a pasted text.
const PASTE: [&[u8]; 2] = [b"\x1b[200~", b"\x1b[201~"];
/// Ctrl-C.
const ETX: u8 = 3;

/// What has come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// A key, something done with the mouse, or a pasted text.
    Event(Event),
    /// An answer to a question, as it came.
    Answer(Vec<u8>),
}

/// Takes bytes as they come, in pieces of any size.
#[derive(Default)]
pub struct Decoder {
    /// A sequence whose end has not come yet.
    held: Vec<u8>,
    /// A text that is being pasted.
    pasting: Option<Paste>,
    /// Until when the rest may come.
    deadline: Option<Instant>,
    /// The beginning of an answer whose end did not come in time.
    given_up: Vec<u8>,
    /// Whether answers are still to come.
    expecting: bool,
    /// When something came last.
    last: Option<Instant>,
}

/// What has come of a pasted text.
#[derive(Default)]
struct Paste {
    /// Its beginning.
    text: Vec<u8>,
    /// The last bytes, among which the end may be.
    tail: Vec<u8>,
}

impl Decoder {
    /// Questions were asked: answers count as such until the last one, the device attributes, is
    /// there.
    pub fn expect_answers(&mut self) {
        self.expecting = true;
    }

    /// Whether answers are still to come.
    pub fn is_expecting(&self) -> bool {
        self.expecting
    }

    /// When to give up, unless something comes before.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Takes in what has come now.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Decoded> {
        let mut decoded = self.give_up(now);
        let given_up = std::mem::take(&mut self.given_up);
        let rest = self.rest_of_answer(&given_up, bytes, &mut decoded);
        // A person presses Escape by itself. In the middle of other input it begins a sequence.
        let alone = rest == [0x1b] && self.last.is_none_or(|last| now > last + ESCAPE);
        self.held.extend_from_slice(rest);
        self.decode(&mut decoded);
        self.last = Some(now);
        self.deadline = match &self.pasting {
            Some(paste) if paste.tail.last() == Some(&ETX) => Some(now + INTERRUPT),
            Some(_) => Some(now + MOMENT),
            None if self.held.is_empty() => None,
            None if self.held == [0x1b] => {
                Some(if alone && !self.expecting { now } else { now + ESCAPE })
            }
            None if self.held.len() <= rest.len() => Some(now + MOMENT),
            // It began in an earlier piece.
            None => self.deadline.or(Some(now + MOMENT)),
        };
        decoded.extend(self.give_up(now));
        decoded
    }

    /// Waits no longer for the rest of what has begun, if it is time.
    pub fn give_up(&mut self, now: Instant) -> Vec<Decoded> {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return Vec::new();
        }
        self.deadline = None;
        if let Some(paste) = self.pasting.take() {
            let interrupted = paste.tail.last() == Some(&ETX);
            let pasted = paste.event();
            let interrupt = interrupted.then(|| Decoded::Event(escape::control(ETX)));
            return pasted.into_iter().chain(interrupt).collect();
        }
        let held = std::mem::take(&mut self.held);
        let key = escape::alone(&held).map(Decoded::Event);
        if self.expecting {
            self.given_up = held;
        }
        key.into_iter().collect()
    }

    /// What comes too late may be the rest of an answer, if it is in one piece: nobody types that.
    fn rest_of_answer<'a>(
        &mut self,
        begun: &[u8],
        bytes: &'a [u8],
        decoded: &mut Vec<Decoded>,
    ) -> &'a [u8] {
        if begun.is_empty() {
            return bytes;
        }
        let whole = [begun, bytes].concat();
        match escape::first(&whole, true) {
            First::Answer(length) if length >= begun.len() + 2 => {
                self.answered(&whole[..length], decoded);
                &bytes[length - begun.len()..]
            }
            _ => bytes,
        }
    }

    fn answered(&mut self, answer: &[u8], decoded: &mut Vec<Decoded>) {
        self.expecting &= !escape::is_last_answer(answer);
        decoded.push(Decoded::Answer(answer.to_vec()));
    }

    fn decode(&mut self, decoded: &mut Vec<Decoded>) {
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_slice();
        loop {
            if let Some(paste) = &mut self.pasting {
                match paste.take(rest) {
                    None => return,
                    Some(taken) => {
                        rest = &rest[taken..];
                        decoded.extend(self.pasting.take().and_then(Paste::event));
                    }
                }
            }
            if rest.is_empty() {
                return;
            }
            let taken = match escape::first(rest, self.expecting) {
                First::Unfinished => break,
                First::Nothing(length) => length,
                First::Event(event, length) => {
                    decoded.push(Decoded::Event(event));
                    length
                }
                First::Answer(length) => {
                    self.answered(&rest[..length], decoded);
                    length
                }
            };
            if &rest[..taken] == PASTE[0] {
                self.pasting = Some(Paste::default());
            }
            rest = &rest[taken..];
        }
        self.held = rest.to_vec();
    }
}

impl Paste {
    /// Takes bytes in; says how many of them were part of the paste, its end among them, once it
    /// has ended.
    fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = PASTE[1];
        let before = self.tail.len();
        self.tail.extend_from_slice(bytes);
        let found = self.tail.windows(end.len()).position(|window| window == end);
        let keep = found.unwrap_or(self.tail.len().saturating_sub(end.len() - 1));
        let room = PASTED.saturating_sub(self.text.len()).min(keep);
        self.text.extend_from_slice(&self.tail[..room]);
        if found.is_none() {
            self.tail.drain(..keep);
        } else {
            self.tail.clear();
        }
        found.map(|at| at + end.len() - before)
    }

    fn event(mut self) -> Option<Decoded> {
        self.text.extend(self.tail);
        let text = String::from_utf8_lossy(&self.text).into_owned();
        (!text.is_empty()).then_some(Decoded::Event(Event::Paste(text)))
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
