//! What works behind the screen: the loader, the trainer and the explainer.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use burn::tensor::Device;

use crate::app::images::OVERLAY_ALPHA;
use crate::app::mailbox::Sender;
use crate::app::message::{Effect, Found, Message, SavePicture};
use crate::app::options::{Options, Start};
use crate::app::state::App;
use crate::app::trainer::Trainer;
use crate::data::{self, Dataset};
use crate::failure::Failure;
use crate::live::Worker;
use crate::model::{Network, checkpoint, fit};
use crate::paint::{self, Composition};
use crate::train::{Begin, Lock, Plan, Recipe, Session, Snapshot, resume};
use crate::{atomic, train};

/// The most rows that a saved picture has.
const SAVED_HEIGHT: usize = 512;

/// The threads behind the screen. When it goes, for whatever reason, the training is kept.
pub struct Engine {
    sender: Sender,
    device: Device,
    recipe: Recipe,
    model_path: PathBuf,
    /// Brought to the explainer when the pictures are there.
    network: Option<Network>,
    worker: Option<Worker>,
    trainer: Trainer,
}

impl Engine {
    /// Starts loading the pictures.
    pub fn start(options: Options, sender: Sender) -> Self {
        let (network, names) = match options.start {
            Start::Explore { network, metadata, .. } => (Some(network), metadata.classes),
            Start::Train { .. } => (None, None),
        };
        let (loader, request, known) = (sender.clone(), options.request, network.clone());
        thread::spawn(move || {
            let report = |progress| loader.offer(Message::Loading(progress));
            let load = AssertUnwindSafe(|| {
                let dataset = data::load(&request, &report).map_err(Failure::new)?;
                match &known {
                    Some(network) => {
                        fit::check(network, names.as_ref(), &dataset).map_err(Failure::new)?;
                    }
                    None => drop(train::spec(&dataset).map_err(Failure::new)?),
                }
                Ok::<_, Failure>(dataset)
            });
            loader.send(match catch_unwind(load) {
                Ok(Ok(dataset)) => Message::Loaded(Arc::new(dataset)),
                Ok(Err(error)) => Message::LoadFailed(error),
                Err(panic) => Message::LoadFailed(Failure::of_panic(panic.as_ref())),
            });
        });
        Self {
            sender,
            device: options.device,
            recipe: options.recipe,
            model_path: options.model_path,
            network,
            worker: None,
            trainer: Trainer::default(),
        }
    }

    /// The training thread, for whoever may have to end the program.
    pub fn trainer(&self) -> Trainer {
        self.trainer.clone()
    }

    /// Does what an update asks for.
    pub fn carry_out(&mut self, effect: Effect, app: &App) {
        if effect == Effect::LookOnDisk {
            let (sender, path, device) =
                (self.sender.clone(), self.model_path.clone(), self.device.clone());
            thread::spawn(move || sender.send(Message::Found(look_on_disk(&path, &device))));
            return;
        }
        let Some(dataset) = app.dataset() else { return };
        match effect {
            Effect::StartTraining(begin) => {
                self.worker(dataset).begin(app.training_number);
                self.start_training(begin, Arc::clone(dataset));
            }
            Effect::Train(command) => self.trainer.tell(command),
            Effect::Watch(watch) => self.worker(dataset).watch(watch),
            Effect::SavePicture(picture) => {
                let sender = self.sender.clone();
                thread::spawn(move || sender.send(Message::PictureSaved(save(&picture))));
            }
            Effect::LookOnDisk | Effect::Suspend | Effect::Redraw => {}
            Effect::Quit(_) | Effect::Fail(_) => {}
        }
    }

    /// The explainer, started when it is first needed.
    fn worker(&mut self, dataset: &Arc<Dataset>) -> Worker {
        let sender = self.sender.clone();
        let worker = self.worker.get_or_insert_with(|| {
            Worker::start(Arc::clone(dataset), move |report| {
                sender.send(Message::Report(report));
            })
        });
        if let Some(network) = self.network.take() {
            worker.load(Snapshot { network, step: 0, epochs: 0.0 });
        }
        worker.clone()
    }

    fn start_training(&mut self, begin: Begin, dataset: Arc<Dataset>) {
        let worker = self.worker(&dataset);
        let (recipe, device) = (self.recipe, self.device.clone());
        let path = self.model_path.clone();
        let session = move |plan: &Plan| {
            checkpoint::check_writable(&path).map_err(Failure::new)?;
            // Taken before the training is read, so that what is read is the newest there is.
            let lock = Lock::take(&path).map_err(Failure::new)?;
            let session = match begin {
                Begin::Anew => {
                    Session::new(recipe, &plan.dataset, &device).map_err(Failure::new)?
                }
                Begin::Resume { epochs } => resume::load(&resume::path_beside(&path), &device)
                    .and_then(|saved| {
                        let epochs = epochs.unwrap_or(saved.recipe().epochs);
                        saved.resume(epochs, &plan.dataset)
                    })
                    .map_err(Failure::new)?,
            };
            Ok((session, lock))
        };
        let plan = Plan { dataset, save_to: Some(self.model_path.clone()) };
        self.trainer.start(session, plan, self.sender.clone(), worker);
    }
}

/// What a new training of this model would replace, and whether another program trains it.
fn look_on_disk(model: &Path, device: &Device) -> Found {
    let training = resume::path_beside(model);
    let there = |path: &Path| path.symlink_metadata().is_ok();
    Found {
        model: there(model),
        training: there(&training).then(|| {
            let saved = resume::load(&training, device);
            saved.map(|saved| saved.standing()).map_err(|error| error.to_string())
        }),
        taken: match Lock::take(model) {
            // Our own training may be about to give the lock back.
            Err(train::LockError::Taken { process, .. }) if process == Some(std::process::id()) => {
                None
            }
            Err(error @ train::LockError::Taken { .. }) => Some(error.to_string()),
            _ => None,
        },
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.trainer.stop();
    }
}

/// Writes a picture under the first name that is not taken.
fn save(picture: &SavePicture) -> Result<PathBuf, String> {
    let name = |n: u32| match n {
        1 => format!("{}.png", picture.stem),
        n => format!("{}-{n}.png", picture.stem),
    };
    let &SavePicture { ref image, ref map, look, colormap, ref texts, .. } = picture;
    let composition = Composition { image, map, look, colormap, alpha: OVERLAY_ALPHA };
    // Every pixel of the picture becomes a square.
    let rows = image.size().1.max(1);
    let raster = composition.side_by_side((SAVED_HEIGHT / rows).max(1) * rows);
    let bytes = paint::encode(&raster, texts).map_err(|e| e.to_string())?;
    for path in (1..1000).map(name).map(PathBuf::from) {
        match atomic::write_new(&path, &bytes) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("cannot write {}: {error}", path.display())),
        }
    }
    Err("too many files of this name; remove some".to_owned())
}
