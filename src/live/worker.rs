//! A thread that keeps explaining what is in view, with the newest weights.
//!
//! Whoever looks says what is in view ([`Worker::watch`]); whoever trains brings weights
//! ([`Worker::publish`]). Only the newest of each counts: what is overtaken is never computed. All
//! answers go to one callback.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::answer::{Scoring, look, look_at_all, look_closer, score_on};
use super::history::History;
use super::watch::{Focus, Report, Study, Watch};
use crate::data::Dataset;
use crate::train::Snapshot;

/// The time between two refreshes of a live view: short while a training is young and every look
/// shows something new, longer later, because a far terminal pays for every picture.
const REFRESH: (Duration, Duration) = (Duration::from_millis(400), Duration::from_millis(1500));
/// The next refresh is due after the training's age divided by this.
const RESTLESS: u32 = 4;
/// How long something is in view before a patient study of it begins: longer than anybody who goes
/// from digit to digit stays.
const REST: Duration = Duration::from_millis(300);
/// Points that an epoch gets on the live test curve.
const PROBES_AN_EPOCH: f32 = 5.0;

/// A handle on the thread, which ends when the last handle is dropped.
#[derive(Clone)]
pub struct Worker {
    shared: Arc<Shared>,
    _alive: Arc<Alive>,
}

struct Shared {
    inbox: Mutex<Inbox>,
    changed: Condvar,
}

struct Inbox {
    weights: Option<Arc<Snapshot>>,
    /// The number of the training that the weights are of.
    training: u64,
    /// That has not been told yet.
    begun: bool,
    /// Weights of earlier stages of the training under way, and the newest.
    history: History,
    /// It has changed since it was last told of.
    stages_due: bool,
    watch: Watch,
    /// When what is in view came there.
    watched_since: Instant,
    focus_due: bool,
    study_due: bool,
    pinned_due: bool,
    /// The weights come from a training under way.
    live: bool,
    next_probe: f32,
    /// When the training under way brought its first weights.
    training_since: Option<Instant>,
    /// A score that is being made.
    scoring: Option<Scoring>,
    /// When the next weights are welcome; `None` while the last ones are being used.
    wants_at: Option<Instant>,
    closed: bool,
}

enum Job {
    Focus(Focus),
    Study(Focus, Study),
    Stages(Vec<(usize, f32)>),
    Pinned(Vec<usize>),
    Score(Scoring),
}

/// Closes the inbox when the last handle goes.
struct Alive(Arc<Shared>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    /// No invariant spans two fields, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Starts the thread. `report` is called from it.
    pub fn start(dataset: Arc<Dataset>, report: impl Fn(Report) + Send + 'static) -> Self {
        let shared = Arc::new(Shared { inbox: Mutex::new(Inbox::new()), changed: Condvar::new() });
        let inside = Arc::clone(&shared);
        thread::spawn(move || {
            let work = AssertUnwindSafe(|| work(&inside, &dataset, &report));
            if let Err(panic) = catch_unwind(work) {
                report(Report::Failed(crate::panic_message(panic.as_ref())));
            }
        });
        Self { _alive: Arc::new(Alive(Arc::clone(&shared))), shared }
    }

    /// Says what is in view now. What is new is explained at once with the weights at hand.
    pub fn watch(&self, watch: Watch) {
        let mut inbox = self.shared.lock();
        inbox.focus_due |= watch.focus.is_some() && watch.focus != inbox.watch.focus;
        inbox.study_due |= watch.study.is_some()
            && (&watch.study, &watch.focus) != (&inbox.watch.study, &inbox.watch.focus);
        inbox.pinned_due |= !watch.pinned.is_empty() && watch.pinned != inbox.watch.pinned;
        if watch != inbox.watch {
            inbox.watched_since = Instant::now();
        }
        inbox.watch = watch;
        self.shared.changed.notify_all();
    }

    /// Whether a training should publish its weights now: the last ones have been used up, and some
    /// time has passed.
    pub fn wants_weights(&self) -> bool {
        self.shared.lock().wants_at.is_some_and(|at| Instant::now() >= at)
    }

    /// Forgets the network at hand: a training with this number begins, which is told as
    /// [`Report::Begun`] before anything is said of its network. The number of the first one is 0,
    /// and nothing is told of that.
    pub fn begin(&self, training: u64) {
        let mut inbox = self.shared.lock();
        if training == inbox.training {
            return;
        }
        (inbox.training, inbox.begun) = (training, true);
        (inbox.weights, inbox.scoring, inbox.live) = (None, None, false);
        inbox.forget();
        inbox.wants_at = Some(Instant::now());
        self.shared.changed.notify_all();
    }

    /// Brings the weights of a training under way.
    pub fn publish(&self, snapshot: Snapshot) {
        let mut inbox = self.shared.lock();
        inbox.scoring = None;
        inbox.live = true;
        if snapshot.step == 0 {
            inbox.forget();
        }
        inbox.training_since.get_or_insert_with(Instant::now);
        let snapshot = Arc::new(snapshot);
        inbox.history.push(Arc::clone(&snapshot));
        inbox.stages_due = true;
        self.take(inbox, snapshot);
    }

    /// Brings weights from a file, to be scored on the whole test set as well.
    pub fn load(&self, snapshot: Snapshot) {
        let mut inbox = self.shared.lock();
        inbox.scoring = Some(Scoring::new(false));
        inbox.live = false;
        self.take(inbox, Arc::new(snapshot));
    }

    fn take(&self, mut inbox: MutexGuard<'_, Inbox>, snapshot: Arc<Snapshot>) {
        inbox.weights = Some(snapshot);
        inbox.wants_at = None;
        // What is asked of an earlier stage has its answer.
        let newest = inbox.watch.focus.as_ref().is_some_and(|focus| focus.step.is_none());
        inbox.focus_due |= newest;
        inbox.study_due |= newest && inbox.watch.study.is_some();
        inbox.pinned_due |= !inbox.watch.pinned.is_empty();
        self.shared.changed.notify_all();
    }
}

impl Inbox {
    fn new() -> Self {
        Self {
            weights: None,
            training: 0,
            begun: false,
            history: History::default(),
            stages_due: false,
            watch: Watch::default(),
            watched_since: Instant::now(),
            focus_due: false,
            study_due: false,
            pinned_due: false,
            live: false,
            next_probe: 0.0,
            training_since: None,
            scoring: None,
            wants_at: Some(Instant::now()),
            closed: false,
        }
    }

    /// A new training has its own stages and begins its own curve.
    fn forget(&mut self) {
        self.next_probe = 0.0;
        self.training_since = None;
        self.history = History::default();
        self.stages_due = false;
    }

    /// The most urgent piece of work: first what the user has just asked for.
    fn take_job(&mut self) -> Option<(Job, Arc<Snapshot>)> {
        let weights = Arc::clone(self.weights.as_ref()?);
        if let Some(focus) = &self.watch.focus
            && std::mem::take(&mut self.focus_due)
        {
            return Some((Job::Focus(focus.clone()), self.at(focus, weights)));
        }
        if std::mem::take(&mut self.stages_due) {
            return Some((Job::Stages(self.history.stages()), weights));
        }
        if let (Some(focus), Some(study)) = (&self.watch.focus, &self.watch.study)
            && self.rest() == Some(Duration::ZERO)
        {
            self.study_due = false;
            return Some((Job::Study(focus.clone(), study.clone()), self.at(focus, weights)));
        }
        if std::mem::take(&mut self.pinned_due) && !self.watch.pinned.is_empty() {
            return Some((Job::Pinned(self.watch.pinned.clone()), weights));
        }
        if self.live && weights.epochs >= self.next_probe {
            self.next_probe = weights.epochs + 1.0 / PROBES_AN_EPOCH;
            self.scoring = Some(Scoring::new(true));
        }
        self.scoring.take().map(|scoring| (Job::Score(scoring), weights))
    }

    /// How long the study that is due has still to wait; `None` if none is, as where what it was to
    /// be of has gone out of view.
    fn rest(&self) -> Option<Duration> {
        let due = self.study_due && self.weights.is_some() && self.watch.study.is_some();
        let rest = if self.watch.patient { REST } else { Duration::ZERO };
        due.then(|| rest.saturating_sub(self.watched_since.elapsed()))
    }

    /// The weights that are asked about.
    fn at(&self, focus: &Focus, newest: Arc<Snapshot>) -> Arc<Snapshot> {
        focus.step.and_then(|step| self.history.nearest(step)).unwrap_or(newest)
    }
}

fn work(shared: &Shared, dataset: &Dataset, report: &impl Fn(Report)) {
    loop {
        let mut inbox = shared.lock();
        let (job, snapshot) = loop {
            if inbox.closed {
                return;
            }
            if std::mem::take(&mut inbox.begun) {
                let training = inbox.training;
                drop(inbox);
                report(Report::Begun(training));
                inbox = shared.lock();
                continue;
            }
            if let Some(job) = inbox.take_job() {
                break job;
            }
            if inbox.wants_at.is_none() {
                let now = Instant::now();
                let age = inbox.training_since.map_or(Duration::ZERO, |since| now - since);
                inbox.wants_at = Some(now + (age / RESTLESS).clamp(REFRESH.0, REFRESH.1));
            }
            inbox = match inbox.rest() {
                Some(rest) => {
                    let woken = shared.changed.wait_timeout(inbox, rest);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => shared.changed.wait(inbox).unwrap_or_else(PoisonError::into_inner),
            };
        };
        drop(inbox);
        match job {
            Job::Focus(focus) => report(look(&snapshot, dataset, focus)),
            Job::Study(focus, study) => {
                // Whoever has moved on meanwhile does not wait for it.
                let wanted = || {
                    let inbox = shared.lock();
                    !inbox.focus_due && !inbox.closed
                };
                if let Some(findings) = look_closer(&snapshot, dataset, &focus, &study, &wanted) {
                    report(Report::Study { focus, study, findings });
                }
            }
            Job::Stages(stages) => report(Report::Stages(stages)),
            Job::Pinned(indices) => report(look_at_all(&snapshot, &dataset.test, &indices)),
            Job::Score(scoring) => match score_on(&snapshot, &dataset.test, scoring) {
                Ok(result) => report(result),
                Err(unfinished) => {
                    let mut inbox = shared.lock();
                    let same = inbox.weights.as_ref().is_some_and(|w| Arc::ptr_eq(w, &snapshot));
                    if same {
                        inbox.scoring = Some(unfinished);
                    }
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits::synthetic;
    use crate::explain::Query;
    use crate::live::watch::Subject;
    use crate::model::{Cnn, DeviceKind, Layer, Network, Spec};

    #[test]
    fn a_patient_study_lets_everything_else_go_first_until_the_view_is_at_rest() {
        let network = Network::from(Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open()));
        let (query, layer) = (Query::default(), Layer(1));
        let focus = Focus { subject: Subject::Test(0), target: None, query, layer, step: None };
        let mut inbox = Inbox::new();
        inbox.weights = Some(Arc::new(Snapshot { network, step: 1, epochs: 0.1 }));
        let (focus, study) = (Some(focus), Some(Study::Trust));
        inbox.watch = Watch { focus, study, patient: true, pinned: vec![1] };
        inbox.scoring = Some(Scoring::new(false));
        (inbox.focus_due, inbox.study_due, inbox.pinned_due) = (true, true, true);
        let now = Instant::now();
        inbox.watched_since = now + Duration::from_secs(3600);
        let jobs = std::iter::from_fn(|| inbox.take_job()).map(|(job, _)| match job {
            Job::Focus(_) => "focus",
            Job::Study(..) => "study",
            Job::Stages(_) => "stages",
            Job::Pinned(_) => "pinned",
            Job::Score(_) => "score",
        });
        assert_eq!(jobs.collect::<Vec<_>>(), ["focus", "pinned", "score"]);
        inbox.watched_since = now - REST;
        assert_eq!(inbox.rest(), Some(Duration::ZERO));
        assert!(matches!(inbox.take_job(), Some((Job::Study(_, Study::Trust), _))));
        // Where the study is all that is looked at, it waits for nothing.
        (inbox.watch.patient, inbox.study_due, inbox.pinned_due) = (false, true, true);
        inbox.watched_since = now + Duration::from_secs(3600);
        assert!(matches!(inbox.take_job(), Some((Job::Study(..), _))));
        // One that is due when its digit goes out of view keeps nobody awake.
        inbox.study_due = true;
        inbox.watch = Watch::default();
        assert!(inbox.take_job().is_none());
        assert_eq!(inbox.rest(), None);
    }

    #[test]
    fn what_is_said_after_a_training_began_is_of_its_network() {
        let dataset = Arc::new(synthetic::dataset([2, 30], 1, &|_, _| {}));
        let (sender, reports) = std::sync::mpsc::channel();
        let worker = Worker::start(dataset, move |report| drop(sender.send(report)));
        let network = |seed, step: usize| {
            let network = Cnn::new(Spec::DIGITS, seed, &DeviceKind::Flex.open()).into();
            Snapshot { network, step, epochs: step as f32 }
        };
        let (query, layer) = (Query::default(), Layer(1));
        let focus = Focus { subject: Subject::Test(0), target: None, query, layer, step: None };
        worker.watch(Watch { focus: Some(focus), ..Watch::default() });
        worker.load(network(1, 7));
        while !matches!(reports.recv().unwrap(), Report::Scored(_)) {}
        // The same number again is the same training.
        worker.begin(0);
        worker.begin(1);
        assert!(worker.wants_weights(), "nothing of the network before is asked any more");
        worker.publish(network(2, 0));
        let mut begun = false;
        loop {
            match reports.recv().unwrap() {
                Report::Begun(number) => {
                    assert_eq!(number, 1);
                    begun = true;
                }
                Report::Focus { epochs, .. } => assert!((epochs == 0.0) == begun),
                Report::Probe { epochs, .. } => {
                    assert_eq!((begun, epochs), (true, 0.0));
                    break;
                }
                _ => {}
            }
        }
    }
}
