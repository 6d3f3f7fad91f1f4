//! The state of a training run, advanced one step at a time: no threads, no clock, no I/O.

use std::ops::Add;

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::{Config, Nadam, Snapshot};
use crate::data::{Digits, PIXELS};
use crate::kernels::gather::gather;
use crate::kernels::{Level, in_pool};
use crate::model::cnn::{self, Cnn};
use crate::model::evaluate::{argmax, cross_entropy, rows};
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
    /// Digits classified correctly.
    pub correct: usize,
    /// Digits.
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
    config: Config,
    device: Device,
    place: Place,
    /// The digits of the epoch under way.
    order: Vec<u32>,
    /// How many of them have been taken.
    taken: usize,
    /// The batch prepared while the last one was trained on.
    next: Option<Batch>,
}

/// What one step trains on.
struct Batch {
    /// `[n, 28, 28, 1]`
    input: Tensor<4>,
    labels: Vec<u8>,
}

impl Batch {
    /// The digits at these indices; `None` for no indices.
    fn gather(digits: &Digits, indices: Vec<u32>, device: &Device) -> Option<Self> {
        if indices.is_empty() {
            return None;
        }
        let mut pixels = ops::buffer(indices.len() * PIXELS);
        gather(Level::new(), digits.pixels(), PIXELS, &indices, &mut pixels);
        let labels = indices.iter().map(|&i| digits.label(i as usize)).collect();
        Some(Self { input: cnn::images(pixels, device), labels })
    }
}

impl Session {
    /// A fresh network on `device` (without autodiff), in front of its first step.
    pub fn new(config: Config, device: &Device) -> Self {
        let device = device.clone().autodiff();
        let model = Cnn::new(config.seed, &device);
        Self::at(Place::default(), config, model, Nadam::default().init(), device)
    }

    /// A training that goes on from a place where another one with the same recipe stood.
    pub(super) fn at(
        place: Place,
        config: Config,
        model: Cnn,
        optimizer: ModuleOptimizer,
        device: Device,
    ) -> Self {
        let (order, taken, next) = (Vec::new(), 0, None);
        Self { model: Some(model), optimizer, config, device, place, order, taken, next }
    }

    /// Lays out the epoch to come, or the one under way: every digit once, in an order of its own.
    pub fn begin_epoch(&mut self, images: usize) {
        let epoch = self.place.epoch as u64;
        self.order.clear();
        self.order.extend(0..images as u32);
        Rng::stream(self.config.seed, SHUFFLE + epoch).shuffle(&mut self.order);
        self.taken = (self.place.batch * self.config.batch_size).min(images);
        self.next = None;
    }

    /// Counts the epoch under way as completed.
    pub fn end_epoch(&mut self) {
        self.place =
            Place { epoch: self.place.epoch + 1, step: self.place.step, ..Place::default() };
    }

    /// Trains on the epoch's next batch; `None` when the epoch is over. Prepares the batch after it
    /// at the same time.
    pub fn step(&mut self, digits: &Digits) -> Option<StepSums> {
        in_pool(|| {
            let batch = match self.next.take() {
                Some(batch) => batch,
                None => Batch::gather(digits, self.take_indices(), &self.device)?,
            };
            let (indices, device) = (self.take_indices(), self.device.clone());
            let train = || self.train(batch);
            let (sums, next) = rayon::join(train, || Batch::gather(digits, indices, &device));
            self.next = next;
            sums
        })
    }

    /// The digits of the next batch; none at the end of the epoch.
    fn take_indices(&mut self) -> Vec<u32> {
        let end = (self.taken + self.config.batch_size).min(self.order.len());
        let indices = self.order[self.taken..end].to_vec();
        self.taken = end;
        indices
    }

    fn train(&mut self, batch: Batch) -> Option<StepSums> {
        let Batch { input, labels } = batch;
        let count = labels.len();
        let targets: Vec<i64> = labels.iter().map(|&l| i64::from(l)).collect();
        let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [count]), &self.device);
        let stream =
            |layer: u64| mix(self.config.seed ^ (DROPOUT + layer)) ^ self.place.step as u64;
        let model = self.model.take()?;
        let logits = model.forward_training(input, [stream(0), stream(1)]);
        let host: Vec<f32> = logits.clone().inner().into_data().iter::<f32>().collect();
        let gradients = ops::cross_entropy(logits, targets).backward();
        let gradients = GradientsParams::from_grads(gradients, &model);
        let rate = self.config.learning_rate;
        self.model = Some(self.optimizer.step(rate, model, gradients));
        let mut sums = StepSums { count, ..StepSums::default() };
        for (row, &label) in rows(&host).iter().zip(&labels) {
            sums.loss += f64::from(cross_entropy(row, label));
            sums.correct += usize::from(argmax(row) == label);
        }
        let Place { epoch, batch, step, sums: before } = self.place;
        self.place = Place { epoch, batch: batch + 1, step: step + 1, sums: before + sums };
        Some(sums)
    }

    /// Plans so many epochs more.
    pub fn plan_more(&mut self, epochs: usize) {
        self.config.epochs += epochs;
    }

    /// Steps in an epoch of `images` digits.
    pub fn batches(&self, images: usize) -> usize {
        images.div_ceil(self.config.batch_size)
    }

    /// The weights now. Cheap: tensors are reference-counted.
    pub fn snapshot(&self, images: usize) -> Option<Snapshot> {
        let epochs = self.place.step as f32 / self.batches(images).max(1) as f32;
        let model = self.model.as_ref()?.valid();
        Some(Snapshot { model, step: self.place.step, epochs })
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
    pub fn config(&self) -> Config {
        self.config
    }
}
