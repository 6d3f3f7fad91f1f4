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
use ratatui::Terminal;
use ratatui::backend::Backend;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::message::{Effect, Message, SavePicture};
use super::state::App;
use super::terminal::{TerminalGuard, restore};
use super::theme::Theme;
use super::update::update;
use super::views;
use crate::data::{self, Dataset, Request};
use crate::explain::Worker;
use crate::model::{Cnn, Metadata};
use crate::paint::{self, ColorDepth};
use crate::train::resume::Saved;
use crate::train::{self, Command, Config, Event, Observer, Plan, Session, Snapshot};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
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
    /// Only so many of them.
    pub limit: Option<usize>,
    /// Where models are written.
    pub model_path: PathBuf,
    /// Colours of the terminal.
    pub depth: ColorDepth,
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
    let guard = TerminalGuard::take()?;
    let mut terminal = guard.terminal()?;
    let (sender, messages) = sync_channel(QUEUE);
    read_input(sender.clone());
    watch_signals(sender.clone())?;
    let metadata = match &options.start {
        Start::Explore(_, metadata) => Some(metadata.clone()),
        Start::Train(_) => None,
    };
    let (theme, path) = (Theme::new(options.depth), options.model_path.clone());
    let app = App::new(theme, options.config, options.device_name, metadata, path);
    let engine = Engine::start(options, sender);
    let ended = run(&mut terminal, app, engine, &messages, || guard.suspend());
    drop(guard);
    ended
}

/// The loop itself, on any backend and any source of messages.
pub fn run<B: Backend>(
    terminal: &mut Terminal<B>,
    mut app: App,
    mut engine: Engine,
    messages: &Receiver<Message>,
    suspend: impl Fn() -> io::Result<()>,
) -> io::Result<Result<Outcome, String>>
where
    io::Error: From<B::Error>,
{
    let started = Instant::now();
    let mut drawn = started;
    // When the next frame is to be drawn; nothing has changed since the last one if it is not.
    let mut due = Some(started);
    loop {
        let now = Instant::now();
        if due.is_some_and(|due| now >= due) {
            terminal.draw(|frame| views::draw(&app, frame))?;
            (drawn, due) = (now, None);
        }
        let timeless = app.notice.is_none() && !app.training.under_way();
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
                Message::Input(crossterm::event::Event::Resize(..)) => {
                    terminal.autoresize()?;
                    drawn + FRAME
                }
                Message::Input(_) => (drawn + FRAME).max(Instant::now() + ANSWER),
                Message::Signal(SIGCONT) => {
                    redraw(terminal)?;
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
                    suspend()?;
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
        let (loader, request, limit) = (sender.clone(), options.request, options.limit);
        thread::spawn(move || {
            let report = |progress| drop(loader.try_send(Message::Loading(progress)));
            let load = AssertUnwindSafe(|| data::load(&request, &report));
            let message = match catch_unwind(load) {
                Ok(Ok(mut dataset)) => {
                    if let Some(n) = limit {
                        dataset.limit(n);
                    }
                    Message::Loaded(Arc::new(dataset))
                }
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

fn read_input(sender: SyncSender<Message>) {
    thread::spawn(move || {
        while let Ok(event) = crossterm::event::read() {
            if sender.send(Message::Input(event)).is_err() {
                return;
            }
        }
    });
}

/// Turns signals into messages, and ends the program by itself where nobody reacts: the terminal
/// may be gone, and with it the loop.
fn watch_signals(sender: SyncSender<Message>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGCONT])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let _ = sender.try_send(Message::Signal(signal));
            if signal != SIGCONT {
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
