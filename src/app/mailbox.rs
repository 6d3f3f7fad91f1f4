//! The way of messages to the loop. Nobody who sends ever waits: a terminal that takes no bytes
//! holds up the loop, and must hold up neither training nor the signals that end it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::app::message::Message;

/// Queue length from which [`Sender::offer`] drops messages.
const ROOM: usize = 1024;

/// Where messages come from.
#[derive(Clone)]
pub struct Sender {
    sender: mpsc::Sender<Message>,
    waiting: Arc<AtomicUsize>,
}

/// Where they arrive, in order.
pub struct Mailbox {
    receiver: Receiver<Message>,
    waiting: Arc<AtomicUsize>,
}

/// A mailbox, and the way to it.
pub fn mailbox() -> (Sender, Mailbox) {
    let (sender, receiver) = mpsc::channel();
    let waiting = Arc::default();
    (Sender { sender, waiting: Arc::clone(&waiting) }, Mailbox { receiver, waiting })
}

impl Sender {
    /// Sends it; `false` when nobody will ever read it.
    pub fn send(&self, message: Message) -> bool {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.sender.send(message).is_ok()
    }

    /// Sends what can be spared: drops it while nobody keeps up with reading.
    pub fn offer(&self, message: Message) {
        if self.has_room() {
            self.send(message);
        }
    }

    /// Whether messages are read as fast as they come.
    pub fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < ROOM
    }
}

impl Mailbox {
    /// The next message.
    ///
    /// # Errors
    /// When none comes in time, or no sender is left.
    pub fn receive(&self, wait: Duration) -> Result<Message, RecvTimeoutError> {
        self.receiver.recv_timeout(wait).inspect(|_| self.taken())
    }

    /// The messages that are there already, as many as may wait.
    pub fn drain(&self) -> impl Iterator<Item = Message> {
        self.receiver.try_iter().take(ROOM).inspect(|_| self.taken())
    }

    fn taken(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_spared_is_dropped_when_nobody_reads_and_nothing_else_is() {
        let (sender, mailbox) = mailbox();
        for _ in 0..2 * ROOM {
            sender.offer(Message::Signal(1));
        }
        assert!(!sender.has_room());
        assert!(sender.send(Message::Signal(2)));
        assert_eq!(mailbox.drain().count(), ROOM);
        assert!(matches!(mailbox.receive(Duration::ZERO), Ok(Message::Signal(2))));
        assert!(sender.has_room());
        drop(mailbox);
        assert!(!sender.send(Message::Signal(3)));
    }
}
