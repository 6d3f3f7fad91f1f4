//! The training loop: steps, commands, reports and files, on whatever thread calls it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use super::session::{Place, Session};
use super::{BatchReport, Command, EpochReport, Event, Observer, resume};
use crate::data::Dataset;
use crate::model::checkpoint::{self, Metadata};
use crate::model::evaluate::evaluate;

/// What to train on and where to leave the result.
pub struct Plan {
    /// The digits.
    pub dataset: Arc<Dataset>,
    /// The model file, written after each epoch; the training itself is kept beside it, after each
    /// epoch, from time to time and when it stops. `None` keeps nothing.
    pub save_to: Option<PathBuf>,
}

/// The longest training that a lost machine takes with it.
const KEEP_EVERY: Duration = Duration::from_secs(30);

/// Trains until the planned epochs are done and nobody can ask for more, or until told to stop.
///
/// After the last epoch it reports [`Event::Done`] and waits for [`Command::OneMoreEpoch`]; it
/// returns when the sender of the commands is gone.
pub fn run(
    mut session: Session,
    plan: &Plan,
    commands: &Receiver<Command>,
    observer: &mut dyn Observer,
) {
    let images = plan.dataset.train.len();
    observer.event(Event::Started { images, config: session.config() });
    publish(&session, images, observer);
    let mut last = None;
    loop {
        while session.place().epoch < session.config().epochs {
            match train_epoch(&mut session, plan, commands, observer) {
                Some(report) => {
                    session.end_epoch();
                    // On disk before anybody is told, who may take a long time over it.
                    let saved = save(&session, plan, &report);
                    let kept = keep(&session, plan);
                    observer.event(Event::Epoch(report.clone()));
                    // The failure to keep it comes last, so that it is not taken for mended.
                    for event in [saved, kept.and_then(Result::err)].into_iter().flatten() {
                        observer.event(event);
                    }
                    last = Some(report);
                }
                None => {
                    if let Some(kept) = keep(&session, plan) {
                        observer.event(kept.map_or_else(|failed| failed, Event::Kept));
                    }
                    observer.event(Event::Done { complete: false, last });
                    return;
                }
            }
        }
        observer.event(Event::Done { complete: true, last: last.clone() });
        loop {
            match commands.recv() {
                Ok(Command::OneMoreEpoch) => break session.plan_more(1),
                Ok(Command::Pause(_)) => {}
                Ok(Command::Stop) | Err(_) => return,
            }
        }
    }
}

/// One epoch, or the rest of it, with its evaluation; `None` when stopped.
fn train_epoch(
    session: &mut Session,
    plan: &Plan,
    commands: &Receiver<Command>,
    observer: &mut dyn Observer,
) -> Option<EpochReport> {
    let digits = &plan.dataset.train;
    let (epoch, batches) = (session.place().epoch + 1, session.batches(digits.len()));
    session.begin_epoch(digits.len());
    // What an earlier part of this epoch trained is in the sums, but not in this clock.
    let before = session.place().sums.count;
    let mut kept = Instant::now();
    let mut clock = Stopwatch::start();
    loop {
        if !obey(commands, session, &mut clock, observer) {
            return None;
        }
        let Some(step) = session.step(digits) else { break };
        let Place { batch, sums, .. } = session.place();
        observer.event(Event::Batch(BatchReport {
            epoch,
            epochs: session.config().epochs,
            batch,
            batches,
            loss: sums.loss / sums.count as f64,
            accuracy: sums.correct as f64 / sums.count as f64,
            batch_loss: step.loss / step.count as f64,
            batch_accuracy: step.correct as f64 / step.count as f64,
            images_per_second: clock.rate(sums.count - before),
        }));
        if observer.wants_snapshot() {
            publish(session, digits.len(), observer);
        }
        if kept.elapsed() >= KEEP_EVERY {
            if let Some(Err(failed)) = keep(session, plan) {
                observer.event(failed);
            }
            kept = Instant::now();
        }
    }
    let sums = session.place().sums;
    let seconds = clock.seconds();
    publish(session, digits.len(), observer);
    let model = session.snapshot(digits.len())?.model;
    let mut idle = Stopwatch::start();
    let test =
        evaluate(&model, &plan.dataset.test, || obey(commands, session, &mut idle, observer));
    Some(EpochReport {
        epoch,
        epochs: session.config().epochs,
        train_loss: sums.loss / sums.count.max(1) as f64,
        train_accuracy: sums.correct as f64 / sums.count.max(1) as f64,
        test: Arc::new(test?),
        seconds,
        images_per_second: (sums.count - before) as f64 / seconds.max(1e-9),
    })
}

/// Carries out what was asked since the last step; `false` when training should end.
fn obey(
    commands: &Receiver<Command>,
    session: &mut Session,
    clock: &mut Stopwatch,
    observer: &mut dyn Observer,
) -> bool {
    loop {
        match commands.try_recv() {
            Ok(Command::OneMoreEpoch) => session.plan_more(1),
            Ok(Command::Stop) => return false,
            Ok(Command::Pause(false)) => {}
            // Without anybody to steer it, training goes on to the end.
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => return true,
            Ok(Command::Pause(true)) => {
                observer.event(Event::Paused(true));
                let paused = Instant::now();
                let go_on = loop {
                    match commands.recv() {
                        Ok(Command::OneMoreEpoch) => session.plan_more(1),
                        Ok(Command::Pause(true)) => {}
                        Ok(Command::Pause(false)) => break true,
                        Ok(Command::Stop) | Err(_) => break false,
                    }
                };
                clock.leave_out(paused.elapsed());
                observer.event(Event::Paused(false));
                if !go_on {
                    return false;
                }
            }
        }
    }
}

fn publish(session: &Session, images: usize, observer: &mut dyn Observer) {
    if let Some(snapshot) = session.snapshot(images) {
        observer.snapshot(snapshot);
    }
}

/// Writes the model, and says how that went.
fn save(session: &Session, plan: &Plan, report: &EpochReport) -> Option<Event> {
    let path = plan.save_to.as_ref()?;
    let snapshot = session.snapshot(plan.dataset.train.len())?;
    let metadata = Metadata {
        dataset: plan.dataset.source.name(),
        fingerprint: Some(plan.dataset.fingerprint()),
        epochs: report.epoch,
        test_accuracy: Some(report.test.accuracy()),
        seed: Some(session.config().seed),
    };
    Some(match checkpoint::save(&snapshot.model, &metadata, path) {
        Ok(()) => Event::Saved { path: path.clone(), epoch: report.epoch },
        Err(error) => Event::NotSaved(error.to_string()),
    })
}

/// Keeps the training itself, to go on with later, and says where, or that it could not.
fn keep(session: &Session, plan: &Plan) -> Option<Result<PathBuf, Event>> {
    let path = resume::path_beside(plan.save_to.as_ref()?);
    let saved = resume::save(session, &plan.dataset, &path);
    Some(saved.map(|()| path).map_err(|error| Event::NotSaved(error.to_string())))
}

/// Time spent training, and the recent speed.
struct Stopwatch {
    start: Instant,
    mark: (f64, usize),
    rate: f64,
}

impl Stopwatch {
    fn start() -> Self {
        Self { start: Instant::now(), mark: (0.0, 0), rate: 0.0 }
    }

    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    fn leave_out(&mut self, pause: Duration) {
        self.start += pause;
    }

    /// Images a second since about a second ago, given the images since the start.
    fn rate(&mut self, images: usize) -> f64 {
        let (then, before) = self.mark;
        let elapsed = self.seconds() - then;
        let recent = (images - before) as f64 / elapsed.max(1e-9);
        if elapsed > 1.0 || self.rate == 0.0 {
            self.rate = recent;
        }
        if elapsed > 1.0 {
            self.mark = (then + elapsed, images);
        }
        self.rate
    }
}
