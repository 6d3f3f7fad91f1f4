//! The training loop: steps, commands, reports and files, on whatever thread calls it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use super::divergence::{Divergence, LossWatch, Sign};
use super::events::{BatchReport, Command, EpochReport, Event, Observer};
use super::resume::{self, KeepError};
use super::session::{Place, Session};
use super::stopwatch::Stopwatch;
use crate::data::Dataset;
use crate::failure::Failure;
use crate::model::checkpoint::{self, Metadata};
use crate::model::evaluate::evaluate;

/// What to train on and where to leave the result.
pub struct Plan {
    /// The pictures.
    pub dataset: Arc<Dataset>,
    /// The model file, written after each epoch; the training itself is kept beside it, after each
    /// epoch, from time to time and when it stops. `None` keeps nothing.
    pub save_to: Option<PathBuf>,
}

/// Time between two writes of the training: what a crash loses at most.
const KEEP_EVERY: Duration = Duration::from_secs(30);

/// Trains until the planned epochs are done and nobody can ask for more, or until told to stop.
///
/// After the last epoch it reports [`Event::Done`] and waits for [`Command::OneMoreEpoch`]; it
/// returns when the sender of the commands is gone. A training that diverges ends with
/// [`Event::Diverged`], and what was on disk before stays there.
pub fn run(
    session: Session,
    plan: &Plan,
    commands: &Receiver<Command>,
    observer: &mut dyn Observer,
) {
    let losses = LossWatch::new(plan.dataset.classes.len());
    let mut run = Run { session, plan, commands, observer, losses, loss: 0.0 };
    let (images, recipe) = (plan.dataset.train.len(), run.session.recipe());
    run.tell(Event::Started { images, recipe });
    run.publish();
    let mut last = None;
    let broken = loop {
        if let Err(broken) = run.planned_epochs(&mut last) {
            break broken;
        }
        run.tell(Event::Done { complete: true, last: last.clone() });
        if !run.waits_for_more() {
            return;
        }
    };
    let broken = match broken {
        Broken::Stopped => run.keep().err().unwrap_or(Broken::Stopped),
        diverged => diverged,
    };
    run.tell(match broken {
        Broken::Stopped => Event::Done { complete: false, last },
        Broken::Diverged(divergence) => Event::Diverged(divergence),
    });
}

/// Why an epoch came to no end.
enum Broken {
    /// Somebody asked for it.
    Stopped,
    /// The training diverged.
    Diverged(Divergence),
}

/// A training under way.
struct Run<'a> {
    session: Session,
    plan: &'a Plan,
    commands: &'a Receiver<Command>,
    observer: &'a mut dyn Observer,
    losses: LossWatch,
    /// Mean cross-entropy of the newest step, in nats.
    loss: f64,
}

impl Run<'_> {
    fn tell(&mut self, event: Event) {
        self.observer.event(event);
    }

    fn publish(&mut self) {
        if let Some(snapshot) = self.session.snapshot() {
            self.observer.snapshot(snapshot);
        }
    }

    /// All epochs that are planned and not done; `last` is the report of the newest one.
    fn planned_epochs(&mut self, last: &mut Option<EpochReport>) -> Result<(), Broken> {
        while self.session.place().epoch < self.session.recipe().epochs {
            let report = self.epoch()?;
            self.session.end_epoch();
            // Write first: the observer may block for a long time. What would not be read again
            // replaces neither file.
            let kept = self.encoded()?;
            let saved = self.save(&report);
            let kept = self.store(kept);
            self.tell(Event::Epoch(report.clone()));
            saved.into_iter().chain(kept).for_each(|event| self.tell(event));
            *last = Some(report);
        }
        Ok(())
    }

    /// One epoch, or the rest of it, with its evaluation.
    fn epoch(&mut self) -> Result<EpochReport, Broken> {
        let plan = self.plan;
        let digits = &plan.dataset.train;
        let (epoch, batches) = (self.session.place().epoch + 1, self.session.batches());
        self.session.begin_epoch();
        // What an earlier part of this epoch trained is in the sums, but not in this clock.
        let before = self.session.place().sums.count;
        let mut kept = Instant::now();
        let mut clock = Stopwatch::default();
        loop {
            self.obey()?;
            let Some(step) = clock.time(|| self.session.step(digits)) else { break };
            let Place { batch, sums, .. } = self.session.place();
            self.loss = step.loss / step.count as f64;
            let epochs = self.session.recipe().epochs;
            self.tell(Event::Batch(BatchReport {
                epoch,
                epochs,
                batch,
                batches,
                loss: sums.loss / sums.count as f64,
                accuracy: sums.correct as f64 / sums.count as f64,
                batch_loss: self.loss,
                batch_accuracy: step.correct as f64 / step.count as f64,
                images_per_second: clock.rate(sums.count - before),
            }));
            if self.losses.has_diverged(self.loss) {
                return Err(self.diverged(Sign::Loss));
            }
            if self.observer.wants_snapshot() {
                self.publish();
            }
            if kept.elapsed() >= KEEP_EVERY {
                self.keep()?;
                kept = Instant::now();
            }
        }
        let sums = self.session.place().sums;
        self.publish();
        let model = self.session.model().ok_or(Broken::Stopped)?;
        if !checkpoint::is_usable(&model) {
            return Err(self.diverged(Sign::Weights));
        }
        let mut stopped = Ok(());
        let test = evaluate(&model.into(), &plan.dataset.test, || {
            stopped = self.obey();
            stopped.is_ok()
        });
        stopped?;
        let seconds = clock.seconds();
        Ok(EpochReport {
            epoch,
            epochs: self.session.recipe().epochs,
            train_loss: sums.loss / sums.count.max(1) as f64,
            train_accuracy: sums.correct as f64 / sums.count.max(1) as f64,
            test: Arc::new(test.unwrap_or_default()),
            seconds,
            images_per_second: (sums.count - before) as f64 / seconds.max(1e-9),
        })
    }

    /// Carries out what was asked since the last step.
    fn obey(&mut self) -> Result<(), Broken> {
        loop {
            match self.commands.try_recv() {
                Ok(Command::OneMoreEpoch) => self.session.plan_more(1),
                Ok(Command::Stop) => return Err(Broken::Stopped),
                Ok(Command::Pause(false)) => {}
                // Without anybody to steer it, training goes on to the end.
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Ok(()),
                Ok(Command::Pause(true)) => {
                    self.tell(Event::Paused(true));
                    let resumed = self.pause();
                    self.tell(Event::Paused(false));
                    resumed?;
                }
            }
        }
    }

    /// Waits until told to resume.
    fn pause(&mut self) -> Result<(), Broken> {
        loop {
            match self.commands.recv() {
                Ok(Command::OneMoreEpoch) => self.session.plan_more(1),
                Ok(Command::Pause(true)) => {}
                Ok(Command::Pause(false)) => return Ok(()),
                Ok(Command::Stop) | Err(_) => return Err(Broken::Stopped),
            }
        }
    }

    /// Waits after the last planned epoch; `false` when nobody will ask for another one.
    fn waits_for_more(&mut self) -> bool {
        loop {
            match self.commands.recv() {
                Ok(Command::OneMoreEpoch) => {
                    self.session.plan_more(1);
                    return true;
                }
                Ok(Command::Pause(_)) => {}
                Ok(Command::Stop) | Err(_) => return false,
            }
        }
    }

    /// Writes the training itself, to go on with later, and tells how that went.
    fn keep(&mut self) -> Result<(), Broken> {
        let kept = self.encoded()?;
        if let Some(event) = self.store(kept) {
            self.tell(event);
        }
        Ok(())
    }

    /// The training as it is written, or why it cannot be; `None` where nothing is to be kept.
    fn encoded(&self) -> Result<Option<Result<Vec<u8>, Failure>>, Broken> {
        if self.plan.save_to.is_none() {
            return Ok(None);
        }
        match resume::encode(&self.session, &self.plan.dataset) {
            Ok(bytes) => Ok(Some(Ok(bytes))),
            Err(KeepError::Unusable) => Err(self.diverged(Sign::Weights)),
            Err(error) => Ok(Some(Err(Failure::new(error)))),
        }
    }

    /// Writes it, and says how that went.
    fn store(&self, training: Option<Result<Vec<u8>, Failure>>) -> Option<Event> {
        let path = resume::path_beside(self.plan.save_to.as_ref()?);
        let written =
            training?.and_then(|bytes| checkpoint::store(&bytes, &path).map_err(Failure::new));
        Some(written.map_or_else(Event::NotKept, |()| Event::Kept(path)))
    }

    /// Writes the model, and says how that went.
    fn save(&self, report: &EpochReport) -> Option<Event> {
        let path = self.plan.save_to.as_ref()?;
        let model = self.session.model()?;
        let metadata = Metadata {
            dataset: self.plan.dataset.origin.name.clone(),
            fingerprint: Some(self.plan.dataset.fingerprint()),
            epochs: report.epoch,
            test_accuracy: Some(report.test.accuracy()),
            seed: Some(self.session.recipe().seed),
            classes: Some(self.plan.dataset.classes.clone()),
            noun: self.plan.dataset.origin.noun,
        };
        Some(match checkpoint::save(&model, &metadata, path) {
            Ok(()) => Event::Saved { path: path.clone(), epoch: report.epoch },
            Err(error) => Event::NotSaved(Failure::new(error)),
        })
    }

    fn diverged(&self, sign: Sign) -> Broken {
        Broken::Diverged(Divergence { step: self.session.place().step, loss: self.loss, sign })
    }
}
