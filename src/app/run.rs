//! The loop: takes messages, draws when something changed, carries out effects, owns the threads.
//!
//! ```text
//! input ─┐                          ┌─> trainer  (commands)
//! loader ├─> messages ─> update ─> effects ─> explainer (what is in view)
//! trainer│                          └─> files, suspend, quit
//! explainer, signals ─┘
//! ```

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use burn::tensor::Device;
use crossterm::event::Event as Input;
use ratatui::Terminal;
use ratatui::backend::Backend;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use super::message::{Effect, Message, SavePicture};
use super::probe::{self, LateAnswers, Question};
use super::settings::Settings;
use super::state::App;
use super::terminal::{TerminalGuard, restore};
use super::theme::Theme;
use super::update::update;
use super::views;
use crate::data::{self, Dataset, Request};
use crate::explain::{Report, Worker};
use crate::model::{Cnn, Metadata};
use crate::paint;
use crate::train::resume::Saved;
use crate::train::{self, Command, Config, Event, Observer, Plan, Session, Snapshot};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// The shortest time between two frames that answer keys: one of a screen with 60 Hz.
const KEY_FRAME: Duration = Duration::from_millis(16);
/// How long a key's frame waits for what the explainer says to it: one frame in place of two.
const ANSWER: Duration = Duration::from_millis(5);
/// The shortest time between two frames that only tell how training goes.
const PROGRESS_FRAME: Duration = Duration::from_millis(250);
/// How often time is told while something on screen depends on it.
const TICK: Duration = Duration::from_millis(500);
/// Messages in flight; training drops reports of single steps beyond it.
const QUEUE: usize = 1024;
/// How long the app may take to end after a signal.
const GRACE: Duration = Duration::from_secs(3);

/// What to start with.
#[expect(clippy::large_enum_variant, reason = "there is only ever one")]
pub enum Start {
    /// A training: one that was interrupted, or a new one.
    Train(Option<Saved>),
    /// A model to explore.
    Explore(Cnn, Metadata),
}

/// How to start.
pub struct Options {
    /// What to start with.
    pub start: Start,
    /// The recipe of trainings.
    pub config: Config,
    /// Where to compute.
    pub device: Device,
    /// Its name.
    pub device_name: &'static str,
    /// Which digits.
    pub request: Request,
    /// Where models are written.
    pub model_path: PathBuf,
    /// How it looks and listens.
    pub settings: Settings,
}

/// How it ended.
pub struct Outcome {
    /// The exit code.
    pub code: u8,
    /// What to say on the normal screen.
    pub summary: Vec<String>,
}

/// Runs the app on the real terminal.
///
/// # Errors
/// When the terminal fails, or with a sentence when there are no digits.
pub fn start(options: Options) -> io::Result<Result<Outcome, String>> {
    let settings = options.settings.clone();
    let guard = TerminalGuard::take(settings.mouse)?;
    let mut terminal = guard.terminal(settings.theme.ascii)?;
    let (sender, messages) = sync_channel(QUEUE);
    let (theme, question) = (settings.theme, settings.question);
    read_input(sender.clone(), move || ask(theme, question));
    watch_signals(sender.clone())?;
    let metadata = match &options.start {
        Start::Explore(_, metadata) => Some(metadata.clone()),
        Start::Train(_) => None,
    };
    let (config, path) = (options.config, options.model_path.clone());
    let mut app = App::new(settings, config, options.device_name, metadata, path);
    let size = terminal.size()?;
    app.size = (size.width, size.height);
    let engine = Engine::start(options, sender);
    let job = |job| match job {
        Job::Suspend => guard.suspend(),
        Job::Resume => guard.resume(),
    };
    let ended = run(&mut terminal, app, engine, &messages, job);
    drop(guard);
    ended
}

/// What the shell's job control does to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Give the terminal back, stop until continued, take it again.
    Suspend,
    /// Was continued: the terminal's modes are not to be trusted.
    Resume,
}

/// The loop itself, on any backend and any source of messages.
pub fn run<B: Backend>(
    terminal: &mut Terminal<B>,
    mut app: App,
    mut engine: Engine,
    messages: &Receiver<Message>,
    job: impl Fn(Job) -> io::Result<()>,
) -> io::Result<Result<Outcome, String>>
where
    io::Error: From<B::Error>,
{
    let started = Instant::now();
    let mut drawn = started;
    // When keys were answered last, and whether one waits for it.
    let (mut answered, mut waiting) = (started, false);
    // When the next frame is to be drawn; nothing has changed since the last one if it is not.
    let mut due = Some(started);
    loop {
        let now = Instant::now();
        if due.is_some_and(|due| now >= due) {
            terminal.draw(|frame| views::draw(&app, frame))?;
            (drawn, due) = (now, None);
            if std::mem::take(&mut waiting) {
                answered = now;
            }
        }
        let timeless = app.notice.is_none() && !app.training.under_way() && !app.explore.playing;
        let wait = match due {
            Some(due) => due.saturating_duration_since(Instant::now()),
            None if timeless => Duration::from_secs(3600),
            None => TICK,
        };
        let first = match messages.recv_timeout(wait) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => Message::Tick(started.elapsed()),
            Err(RecvTimeoutError::Disconnected) => return Ok(Ok(engine.end(app, messages, 0))),
        };
        // Everything that has come together is one change: a burst of keys is one frame.
        app.now = started.elapsed();
        let mut effects = Vec::new();
        for message in std::iter::once(first).chain(messages.try_iter().take(QUEUE)) {
            let soon = match &message {
                Message::Input(Input::Resize(..)) => {
                    terminal.autoresize()?;
                    drawn + FRAME
                }
                Message::Input(_) => {
                    waiting = true;
                    (answered + KEY_FRAME).max(Instant::now() + ANSWER)
                }
                Message::Report(Report::Focus { .. }) if waiting => answered + KEY_FRAME,
                Message::Report(Report::Focus { .. }) => drawn + KEY_FRAME,
                Message::Signal(SIGCONT) => {
                    // A line that drops continues its jobs, too, in front of a terminal that is
                    // gone; SIGHUP is on its way then.
                    let _ = job(Job::Resume).and_then(|()| redraw(terminal));
                    due = Some(drawn);
                    continue;
                }
                Message::Train(Event::Batch(_)) | Message::Tick(_) => drawn + PROGRESS_FRAME,
                _ => drawn + FRAME,
            };
            due = Some(due.map_or(soon, |due| due.min(soon)));
            effects.extend(update(&mut app, message));
        }
        for effect in effects {
            match effect {
                Effect::Quit(code) => return Ok(Ok(engine.end(app, messages, code))),
                Effect::Fail(reason) => return Ok(Err(reason)),
                Effect::Suspend => {
                    job(Job::Suspend)?;
                    redraw(terminal)?;
                    due = Some(drawn);
                }
                other => engine.carry_out(other, &app),
            }
        }
    }
}

/// Makes the next frame a full one. Resizing clears without asking the terminal where its cursor
/// is, a question whose answer the input thread would swallow.
fn redraw<B: Backend>(terminal: &mut Terminal<B>) -> io::Result<()>
where
    io::Error: From<B::Error>,
{
    let size = terminal.size()?;
    Ok(terminal.resize(size.into())?)
}

/// The threads behind the screen.
pub struct Engine {
    sender: SyncSender<Message>,
    device: Device,
    config: Config,
    model_path: PathBuf,
    /// Brought to the explainer when the digits are there.
    model: Option<Cnn>,
    /// Taken up when the digits are there.
    saved: Option<Saved>,
    worker: Option<Worker>,
    trainer: Option<Trainer>,
}

/// The training thread.
struct Trainer {
    commands: Sender<Command>,
    thread: JoinHandle<()>,
}

impl Engine {
    /// Starts loading the digits.
    pub fn start(options: Options, sender: SyncSender<Message>) -> Self {
        let (loader, request) = (sender.clone(), options.request);
        thread::spawn(move || {
            let report = |progress| drop(loader.try_send(Message::Loading(progress)));
            let load = AssertUnwindSafe(|| data::load(&request, &report));
            let message = match catch_unwind(load) {
                Ok(Ok(dataset)) => Message::Loaded(Arc::new(dataset)),
                Ok(Err(error)) => Message::LoadFailed(error.to_string()),
                Err(panic) => Message::LoadFailed(crate::panic_message(panic.as_ref())),
            };
            let _ = loader.send(message);
        });
        let (model, saved) = match options.start {
            Start::Explore(model, _) => (Some(model), None),
            Start::Train(saved) => (None, saved),
        };
        Self {
            sender,
            device: options.device,
            config: options.config,
            model_path: options.model_path,
            model,
            saved,
            worker: None,
            trainer: None,
        }
    }

    fn carry_out(&mut self, effect: Effect, app: &App) {
        let Some(dataset) = app.dataset() else { return };
        match effect {
            Effect::StartTraining => self.start_training(Arc::clone(dataset)),
            Effect::Train(command) => {
                if let Some(trainer) = &self.trainer {
                    let _ = trainer.commands.send(command);
                }
            }
            Effect::Watch(watch) => self.worker(dataset).watch(watch),
            Effect::SavePicture(picture) => {
                let sender = self.sender.clone();
                thread::spawn(move || {
                    let _ = sender.send(Message::PictureSaved(save(&picture)));
                });
            }
            Effect::Suspend | Effect::Quit(_) | Effect::Fail(_) => {}
        }
    }

    /// The explainer, started when it is first needed.
    fn worker(&mut self, dataset: &Arc<Dataset>) -> Worker {
        let sender = self.sender.clone();
        let worker = self.worker.get_or_insert_with(|| {
            Worker::start(Arc::clone(dataset), move |report| {
                let _ = sender.send(Message::Report(report));
            })
        });
        if let Some(model) = self.model.take() {
            worker.load(Snapshot { model, step: 0, epochs: 0.0 });
        }
        worker.clone()
    }

    fn start_training(&mut self, dataset: Arc<Dataset>) {
        let (commands, receiver) = channel();
        let mut watcher = Watcher { sender: self.sender.clone(), worker: self.worker(&dataset) };
        let (config, device, saved) = (self.config, self.device.clone(), self.saved.take());
        let plan = Plan { dataset, save_to: Some(self.model_path.clone()) };
        let thread = thread::spawn(move || {
            let train = AssertUnwindSafe(|| {
                let session = match saved {
                    Some(saved) => saved.go_on(config.epochs, &plan.dataset),
                    None => Ok(Session::new(config, &device)),
                };
                match session {
                    Ok(session) => train::run(session, &plan, &receiver, &mut watcher),
                    Err(error) => watcher.event(Event::Failed(error.to_string())),
                }
            });
            if let Err(panic) = catch_unwind(train) {
                watcher.event(Event::Failed(crate::panic_message(panic.as_ref())));
            }
        });
        self.trainer = Some(Trainer { commands, thread });
    }

    /// Lets the training end its step and keep itself, and sums up.
    fn end(self, mut app: App, messages: &Receiver<Message>, code: u8) -> Outcome {
        if let Some(Trainer { commands, thread }) = self.trainer {
            let _ = commands.send(Command::Stop);
            drop(commands);
            // What it still says is heard, so that it never waits for a full queue.
            let deadline = Instant::now() + GRACE;
            while !thread.is_finished() && Instant::now() < deadline {
                if let Ok(message) = messages.recv_timeout(Duration::from_millis(5)) {
                    update(&mut app, message);
                }
            }
            for message in messages.try_iter().take(QUEUE) {
                update(&mut app, message);
            }
        }
        let mut summary = Vec::new();
        if let (Some(report), Some(dataset)) = (&app.training.epoch, app.dataset()) {
            summary.push(format!(
                "trained {} of {} epochs at {:.0} images/s; test accuracy {:.2} % on {}",
                report.epoch,
                app.training.config.epochs,
                report.images_per_second,
                100.0 * report.test.accuracy(),
                dataset.source.name()
            ));
        }
        if let Some(path) = &app.training.saved {
            summary.push(format!("model saved to {}", path.display()));
        }
        if app.training.kept {
            let done = 100.0 * app.training.epochs_done() / app.training.config.epochs as f64;
            summary.push(format!("stopped after {done:.0} %; `gradcam --resume` goes on"));
        }
        Outcome { code, summary }
    }
}

/// Passes what training says to the app and its weights to the explainer.
struct Watcher {
    sender: SyncSender<Message>,
    worker: Worker,
}

impl Observer for Watcher {
    fn event(&mut self, event: Event) {
        // Training never waits for the screen: the report of a step may be lost, no other.
        let _ = match event {
            Event::Batch(_) => self.sender.try_send(Message::Train(event)).map_err(drop),
            _ => self.sender.send(Message::Train(event)).map_err(drop),
        };
    }

    fn wants_snapshot(&mut self) -> bool {
        self.worker.hungry()
    }

    fn snapshot(&mut self, snapshot: Snapshot) {
        self.worker.offer(snapshot);
    }
}

/// Writes a picture under the first name that is not taken.
fn save(picture: &SavePicture) -> Result<PathBuf, String> {
    let name = |n: u32| match n {
        1 => format!("{}.png", picture.stem),
        n => format!("{}-{n}.png", picture.stem),
    };
    let free = (1..1000).map(name).find(|name| !Path::new(name).exists());
    let path = PathBuf::from(free.ok_or("too many pictures of this digit; remove some")?);
    paint::write(&picture.raster, &picture.texts, &path).map_err(|error| error.to_string())?;
    Ok(path)
}

/// Asks the terminal what is open about it, before anything else reads from it.
fn ask(theme: Theme, question: Question) -> Option<(Theme, probe::Answer)> {
    if !question.depth && !question.background {
        return None;
    }
    let answer = probe::ask().ok()?;
    Some((question.refine(theme, &answer), answer))
}

/// Starts the one thread that reads from the terminal; `ask` is its first work.
fn read_input(
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
fn watch_signals(sender: SyncSender<Message>) -> io::Result<()> {
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
