//! The training loop: steps, commands, reports and files, on whatever thread calls it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use super::session::{Session, StepSums};
use super::{BatchReport, Command, EpochReport, Event, Observer};
use crate::data::Dataset;
use crate::model::checkpoint::{self, Metadata};
use crate::model::evaluate::evaluate;

/// What to train on and where to leave the result.
pub struct Plan {
    /// The digits.
    pub dataset: Arc<Dataset>,
    /// The model file, written after each epoch; `None` keeps nothing.
    pub save_to: Option<PathBuf>,
}

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
    let mut config = session.config();
    observer.event(Event::Started { images, config });
    publish(&session, images, observer);
    let mut epoch = 0;
    let mut last = None;
    loop {
        while epoch < config.epochs {
            let progress = Progress { epoch: epoch + 1, batches: session.batches(images) };
            match train_epoch(&mut session, plan, progress, &mut config.epochs, commands, observer)
            {
                Some(report) => {
                    epoch += 1;
                    observer.event(Event::Epoch(report.clone()));
                    save(&session, plan, &report, observer);
                    last = Some(report);
                }
                None => {
                    observer.event(Event::Done { complete: false, last });
                    return;
                }
            }
        }
        observer.event(Event::Done { complete: true, last: last.clone() });
        loop {
            match commands.recv() {
                Ok(Command::OneMoreEpoch) => break config.epochs += 1,
                Ok(Command::Pause(_)) => {}
                Ok(Command::Stop) | Err(_) => return,
            }
        }
    }
}

struct Progress {
    epoch: usize,
    batches: usize,
}

/// One epoch with its evaluation; `None` when stopped.
fn train_epoch(
    session: &mut Session,
    plan: &Plan,
    progress: Progress,
    epochs: &mut usize,
    commands: &Receiver<Command>,
    observer: &mut dyn Observer,
) -> Option<EpochReport> {
    let digits = &plan.dataset.train;
    let Progress { epoch, batches } = progress;
    session.begin_epoch(epoch - 1, digits.len());
    let mut sums = StepSums::default();
    let mut clock = Stopwatch::start();
    let mut batch = 0;
    loop {
        if !obey(commands, epochs, &mut clock, observer) {
            return None;
        }
        let Some(step) = session.step(digits) else { break };
        batch += 1;
        sums.loss += step.loss;
        sums.correct += step.correct;
        sums.count += step.count;
        observer.event(Event::Batch(BatchReport {
            epoch,
            epochs: *epochs,
            batch,
            batches,
            loss: sums.loss / sums.count as f64,
            accuracy: sums.correct as f64 / sums.count as f64,
            batch_loss: step.loss / step.count as f64,
            batch_accuracy: step.correct as f64 / step.count as f64,
            images_per_second: clock.rate(sums.count),
        }));
        if observer.wants_snapshot() {
            publish(session, digits.len(), observer);
        }
    }
    let seconds = clock.seconds();
    publish(session, digits.len(), observer);
    let model = session.snapshot(digits.len())?.model;
    let mut idle = Stopwatch::start();
    let test = evaluate(&model, &plan.dataset.test, || obey(commands, epochs, &mut idle, observer));
    Some(EpochReport {
        epoch,
        epochs: *epochs,
        train_loss: sums.loss / sums.count.max(1) as f64,
        train_accuracy: sums.correct as f64 / sums.count.max(1) as f64,
        test: Arc::new(test?),
        seconds,
        images_per_second: sums.count as f64 / seconds.max(1e-9),
    })
}

/// Carries out what was asked since the last step; `false` when training should end.
fn obey(
    commands: &Receiver<Command>,
    epochs: &mut usize,
    clock: &mut Stopwatch,
    observer: &mut dyn Observer,
) -> bool {
    loop {
        match commands.try_recv() {
            Ok(Command::OneMoreEpoch) => *epochs += 1,
            Ok(Command::Stop) => return false,
            Ok(Command::Pause(false)) => {}
            // Without anybody to steer it, training goes on to the end.
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => return true,
            Ok(Command::Pause(true)) => {
                observer.event(Event::Paused(true));
                let paused = Instant::now();
                let go_on = loop {
                    match commands.recv() {
                        Ok(Command::OneMoreEpoch) => *epochs += 1,
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

fn save(session: &Session, plan: &Plan, report: &EpochReport, observer: &mut dyn Observer) {
    let Some(path) = &plan.save_to else { return };
    let Some(snapshot) = session.snapshot(plan.dataset.train.len()) else { return };
    let metadata = Metadata {
        dataset: plan.dataset.source.name().to_owned(),
        epochs: report.epoch,
        test_accuracy: Some(report.test.accuracy()),
        seed: Some(session.config().seed),
    };
    observer.event(match checkpoint::save(&snapshot.model, &metadata, path) {
        Ok(()) => Event::Saved { path: path.clone(), epoch: report.epoch },
        Err(error) => Event::NotSaved(error.to_string()),
    });
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
