//! What works behind the screen: the loader, the trainer and the explainer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use burn::tensor::Device;

use super::message::{Effect, Message, SavePicture};
use super::run::{GRACE, Options, Outcome, QUEUE, Start};
use super::state::App;
use super::update::update;
use crate::data::{self, Dataset};
use crate::explain::Worker;
use crate::model::Cnn;
use crate::paint;
use crate::train::resume::Saved;
use crate::train::{self, Command, Config, Event, Observer, Plan, Session, Snapshot};

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

    /// Does what an update asks for.
    pub fn carry_out(&mut self, effect: Effect, app: &App) {
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
    pub fn end(self, mut app: App, messages: &Receiver<Message>, code: u8) -> Outcome {
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
