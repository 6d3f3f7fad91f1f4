//! The state of a training run, advanced one step at a time: no threads, no clock, no I/O.

use std::ops::Add;

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::events::Snapshot;
use super::nadam::Nadam;
use super::recipe::Recipe;
use crate::data::{Dataset, Images};
use crate::kernels::gather::gather;
use crate::kernels::loss::cross_entropy;
use crate::kernels::{Level, in_pool};
use crate::model::cnn::{self, Beyond, Cnn, Spec};
use crate::model::ops;
use crate::rng::{Rng, mix};

/// Random streams of one seed; the network's initial weights use the streams below 8.
const SHUFFLE: u64 = 1 << 32;
const DROPOUT: u64 = 2 << 32;

/// The sums of one step: divide by `count` for means.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StepSums {
    /// Cross-entropy, in nats.
    pub loss: f64,
    /// Images classified correctly.
    pub correct: usize,
    /// Images.
    pub count: usize,
}

impl Add for StepSums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            loss: self.loss + other.loss,
            correct: self.correct + other.correct,
            count: self.count + other.count,
        }
    }
}

/// How far a training has come.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Place {
    /// Completed epochs.
    pub epoch: usize,
    /// Steps of the epoch under way.
    pub batch: usize,
    /// All steps.
    pub step: usize,
    /// The sums of the epoch under way.
    pub sums: StepSums,
}

/// A network in training: weights, optimizer state and place in the data.
pub struct Session {
    /// Present between steps; the optimizer takes it by value, so that it can update in place.
    model: Option<Cnn>,
    optimizer: ModuleOptimizer,
    recipe: Recipe,
    device: Device,
    place: Place,
    /// Images in an epoch.
    images: usize,
    /// Those of the epoch under way.
    order: Vec<u32>,
    /// How many of them have been taken.
    taken: usize,
    /// The batch prepared while the last one was trained on.
    next: Option<Batch>,
}

/// What one step trains on.
struct Batch {
    /// `[n, h, w, c]`, 0..=1
    input: Tensor<4>,
    labels: Vec<usize>,
}

impl Batch {
    /// The images at these indices; `None` for no indices.
    fn gather(images: &Images, indices: Vec<u32>, device: &Device) -> Option<Self> {
        if indices.is_empty() {
            return None;
        }
        let shape = images.shape();
        let mut values = ops::buffer(indices.len() * shape.bytes());
        gather(Level::new(), images.pixels(), shape.bytes(), &indices, &mut values);
        let labels = indices.iter().map(|&i| images.label(i as usize)).collect();
        Some(Self { input: cnn::images(values, shape, device), labels })
    }
}

/// The data are beyond the network.
#[derive(Debug, thiserror::Error)]
#[error("the data have {0}; name other data with --data, or another --input-size")]
pub struct Unlearnable(#[source] Beyond);

/// The network that learns these pictures.
///
/// # Errors
/// If there is none.
pub fn spec(dataset: &Dataset) -> Result<Spec, Unlearnable> {
    Spec::new(dataset.shape(), dataset.classes.len()).map_err(Unlearnable)
}

impl Session {
    /// A fresh network for these pictures on `device` (without autodiff), in front of its first step.
    ///
    /// # Errors
    /// If the network cannot learn them.
    pub fn new(recipe: Recipe, dataset: &Dataset, device: &Device) -> Result<Self, Unlearnable> {
        let spec = spec(dataset)?;
        let device = device.clone().autodiff();
        let model = Cnn::new(spec, recipe.seed, &device);
        let (images, optimizer) = (dataset.train.len(), Nadam::default().init());
        Ok(Self::at(Place::default(), recipe, images, model, optimizer, device))
    }

    /// A training that goes on from a place where another one with the same recipe stood.
    pub(super) fn at(
        place: Place,
        recipe: Recipe,
        images: usize,
        model: Cnn,
        optimizer: ModuleOptimizer,
        device: Device,
    ) -> Self {
        let (order, taken, next) = (Vec::new(), 0, None);
        Self { model: Some(model), optimizer, recipe, device, place, images, order, taken, next }
    }

    /// Lays out the epoch to come, or the one under way: every image once, in an order of its own.
    pub fn begin_epoch(&mut self) {
        let epoch = self.place.epoch as u64;
        self.order.clear();
        self.order.extend(0..self.images as u32);
        Rng::stream(self.recipe.seed, SHUFFLE + epoch).shuffle(&mut self.order);
        self.taken = (self.place.batch * self.recipe.batch_size).min(self.images);
        self.next = None;
    }

    /// Counts the epoch under way as completed.
    pub fn end_epoch(&mut self) {
        self.place =
            Place { epoch: self.place.epoch + 1, step: self.place.step, ..Place::default() };
    }

    /// Trains on the epoch's next batch; `None` when the epoch is over. Prepares the batch after it
    /// at the same time.
    pub fn step(&mut self, images: &Images) -> Option<StepSums> {
        in_pool(|| {
            let batch = match self.next.take() {
                Some(batch) => batch,
                None => Batch::gather(images, self.take_indices(), &self.device)?,
            };
            let (indices, device) = (self.take_indices(), self.device.clone());
            let train = || self.train(batch);
            let (sums, next) = rayon::join(train, || Batch::gather(images, indices, &device));
            self.next = next;
            sums
        })
    }

    /// The images of the next batch; none at the end of the epoch.
    fn take_indices(&mut self) -> Vec<u32> {
        let end = (self.taken + self.recipe.batch_size).min(self.order.len());
        let indices = self.order[self.taken..end].to_vec();
        self.taken = end;
        indices
    }

    fn train(&mut self, batch: Batch) -> Option<StepSums> {
        let Batch { input, labels } = batch;
        let count = labels.len();
        let targets: Vec<i64> = labels.iter().map(|&label| label as i64).collect();
        let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [count]), &self.device);
        let stream =
            |layer: u64| mix(self.recipe.seed ^ (DROPOUT + layer)) ^ self.place.step as u64;
        let model = self.model.take()?;
        let logits = model.forward_training(input, [stream(0), stream(1)]);
        let host: Vec<f32> = logits.clone().inner().into_data().iter::<f32>().collect();
        let gradients = ops::cross_entropy(logits, targets).backward();
        let gradients = GradientsParams::from_grads(gradients, &model);
        let rate = self.recipe.learning_rate;
        self.model = Some(self.optimizer.step(rate, model, gradients));
        let tally = cross_entropy(host.len() / count, &host, labels.into_iter(), None);
        let sums = StepSums { loss: tally.loss, correct: tally.correct, count };
        let Place { epoch, batch, step, sums: before } = self.place;
        self.place = Place { epoch, batch: batch + 1, step: step + 1, sums: before + sums };
        Some(sums)
    }

    /// Plans so many epochs more.
    pub fn plan_more(&mut self, epochs: usize) {
        self.recipe.epochs += epochs;
    }

    /// Steps in an epoch.
    pub fn batches(&self) -> usize {
        self.images.div_ceil(self.recipe.batch_size)
    }

    /// The weights now. Cheap: tensors are reference-counted.
    pub fn snapshot(&self) -> Option<Snapshot> {
        let epochs = self.place.step as f32 / self.batches().max(1) as f32;
        let network = self.model.as_ref()?.valid().into();
        Some(Snapshot { network, step: self.place.step, epochs })
    }

    /// The network as it is now, in inference.
    pub fn model(&self) -> Option<Cnn> {
        self.model.as_ref().map(Module::valid)
    }

    /// How far it has come.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The network and the optimizer, between steps.
    pub(super) fn parts(&self) -> (Option<&Cnn>, &ModuleOptimizer) {
        (self.model.as_ref(), &self.optimizer)
    }

    /// The recipe.
    pub fn recipe(&self) -> Recipe {
        self.recipe
    }
}
