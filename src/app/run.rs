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
use std::thread;
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
use crate::train::{self, Command, Config, Event, Observer, Plan, Session, Snapshot};

/// The shortest time between two frames; half of it after a key.
const FRAME: Duration = Duration::from_millis(33);
/// How often time is told while something on screen depends on it.
const TICK: Duration = Duration::from_millis(500);
/// Messages in flight; training drops reports of single steps beyond it.
const QUEUE: usize = 1024;
/// How long the app may take to end after a signal.
const GRACE: Duration = Duration::from_secs(3);

/// How to start.
pub struct Options {
    /// A model to explore; without one, training starts.
    pub model: Option<(Cnn, Metadata)>,
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
    let app = App::new(
        Theme::new(options.depth),
        options.config,
        options.device_name,
        options.model.as_ref().map(|(_, metadata)| metadata.clone()),
        options.model_path.clone(),
    );
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
    let mut dirty = true;
    let mut next_frame = started;
    loop {
        let now = Instant::now();
        if dirty && now >= next_frame {
            terminal.draw(|frame| views::draw(&app, frame))?;
            dirty = false;
            next_frame = now + FRAME;
        }
        let timeless = app.notice.is_none() && !app.training.under_way();
        let wait = match (dirty, timeless) {
            (true, _) => next_frame.saturating_duration_since(Instant::now()),
            (false, false) => TICK,
            (false, true) => Duration::from_secs(3600),
        };
        let first = match messages.recv_timeout(wait) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => Message::Tick(started.elapsed()),
            Err(RecvTimeoutError::Disconnected) => return Ok(Ok(engine.outcome(&app, 0))),
        };
        // Everything that has come together is one change: a burst of keys is one frame.
        app.now = started.elapsed();
        let mut effects = Vec::new();
        for message in std::iter::once(first).chain(messages.try_iter().take(QUEUE)) {
            match &message {
                Message::Input(crossterm::event::Event::Resize(..)) => terminal.autoresize()?,
                Message::Signal(SIGCONT) => {
                    redraw(terminal)?;
                    dirty = true;
                    continue;
                }
                Message::Input(_) => next_frame = next_frame.min(Instant::now() + FRAME / 4),
                _ => {}
            }
            dirty = true;
            effects.extend(update(&mut app, message));
        }
        for effect in effects {
            match effect {
                Effect::Quit(code) => return Ok(Ok(engine.outcome(&app, code))),
                Effect::Fail(reason) => return Ok(Err(reason)),
                Effect::Suspend => {
                    suspend()?;
                    redraw(terminal)?;
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
    worker: Option<Worker>,
    trainer: Option<Sender<Command>>,
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
        Self {
            sender,
            device: options.device,
            config: options.config,
            model_path: options.model_path,
            model: options.model.map(|(model, _)| model),
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
                    let _ = trainer.send(command);
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
        self.trainer = Some(commands);
        let mut watcher = Watcher { sender: self.sender.clone(), worker: self.worker(&dataset) };
        let (config, device) = (self.config, self.device.clone());
        let plan = Plan { dataset, save_to: Some(self.model_path.clone()) };
        thread::spawn(move || {
            let train = AssertUnwindSafe(|| {
                let session = Session::new(config, &device);
                train::run(session, &plan, &receiver, &mut watcher);
            });
            if let Err(panic) = catch_unwind(train) {
                watcher.event(Event::Failed(crate::panic_message(panic.as_ref())));
            }
        });
    }

    fn outcome(&self, app: &App, code: u8) -> Outcome {
        if let Some(trainer) = &self.trainer {
            let _ = trainer.send(Command::Stop);
        }
        let mut summary = Vec::new();
        if let (Some(report), Some(dataset)) = (&app.training.epoch, app.dataset()) {
            summary.push(format!(
                "trained {} of {} epochs; test accuracy {:.2} % on {}",
                report.epoch,
                app.training.config.epochs,
                100.0 * report.test.accuracy(),
                dataset.source.name()
            ));
        }
        if let Some(path) = &app.training.saved {
            summary.push(format!("model saved to {}", path.display()));
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
