//! The training thread: started, steered and, however the program ends, stopped so that it keeps
//! what it has done.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::app::mailbox::Sender;
use crate::app::message::Message;
use crate::failure::Failure;
use crate::live::Worker;
use crate::train::{self, Command, Event, Lock, Observer, Plan, Session, Snapshot};

/// How long a training may take to end its step and keep itself.
const GRACE: Duration = Duration::from_secs(3);

/// The training under way, if there is one, for all who may have to end it.
#[derive(Clone, Default)]
pub struct Trainer(Arc<Mutex<Option<Running>>>);

struct Running {
    commands: mpsc::Sender<Command>,
    /// Closed by the thread's end.
    ended: Receiver<()>,
}

impl Trainer {
    /// Starts the thread in place of one that has ended. It holds the lock as long as it trains.
    pub fn start(
        &self,
        session: impl FnOnce(&Plan) -> Result<(Session, Lock), Failure> + Send + 'static,
        plan: Plan,
        sender: Sender,
        worker: Worker,
    ) {
        let (commands, receiver) = channel();
        let (end, ended) = channel();
        let mut watcher = Watcher { sender, worker };
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let previous = current.replace(Running { commands, ended });
        drop(current);
        thread::spawn(move || {
            let _end = end;
            // One that has told of its end may still hold the model's lock.
            if let Some(Running { commands, ended }) = previous {
                let _ = commands.send(Command::Stop);
                let _ = ended.recv_timeout(GRACE);
            }
            let train = AssertUnwindSafe(|| match session(&plan) {
                Ok((session, _lock)) => train::run(session, &plan, &receiver, &mut watcher),
                Err(reason) => watcher.event(Event::Failed(reason)),
            });
            if let Err(panic) = catch_unwind(train) {
                watcher.event(Event::Failed(Failure::of_panic(panic.as_ref())));
            }
        });
    }

    /// Asks it for something.
    pub fn tell(&self, command: Command) {
        if let Some(running) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = running.commands.send(command);
        }
    }

    /// Lets it end its step and keep itself, and waits for that; whoever else calls this waits,
    /// too.
    pub fn stop(&self) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Running { commands, ended }) = running.take() {
            let _ = commands.send(Command::Stop);
            let _ = ended.recv_timeout(GRACE);
        }
    }
}

/// Passes what training says to the app and its weights to the explainer.
struct Watcher {
    sender: Sender,
    worker: Worker,
}

impl Observer for Watcher {
    fn event(&mut self, event: Event) {
        // The report of a step can be spared, no other.
        match event {
            Event::Batch(_) => self.sender.offer(Message::Train(event)),
            _ => drop(self.sender.send(Message::Train(event))),
        }
    }

    fn wants_snapshot(&mut self) -> bool {
        // While the terminal takes no bytes nobody sees what would be explained.
        self.sender.has_room() && self.worker.wants_weights()
    }

    fn snapshot(&mut self, snapshot: Snapshot) {
        self.worker.publish(snapshot);
    }
}
