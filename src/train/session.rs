//! The state of a training run, advanced one step at a time: no threads, no clock, no I/O.

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

/// A network in training: weights, optimizer state and place in the data.
pub struct Session {
    /// Present between steps; the optimizer takes it by value, so that it can update in place.
    model: Option<Cnn>,
    optimizer: ModuleOptimizer,
    config: Config,
    device: Device,
    step: usize,
    order: Vec<u32>,
    /// How much of `order` has been taken.
    position: usize,
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
        Self {
            model: Some(Cnn::new(config.seed, &device)),
            optimizer: Nadam::default().init(),
            config,
            device,
            step: 0,
            order: Vec::new(),
            position: 0,
            next: None,
        }
    }

    /// Lays out epoch number `epoch` (from 0): every digit once, in an order of its own.
    pub fn begin_epoch(&mut self, epoch: usize, images: usize) {
        self.order.clear();
        self.order.extend(0..images as u32);
        Rng::stream(self.config.seed, SHUFFLE + epoch as u64).shuffle(&mut self.order);
        self.position = 0;
        self.next = None;
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
        let end = (self.position + self.config.batch_size).min(self.order.len());
        let indices = self.order[self.position..end].to_vec();
        self.position = end;
        indices
    }

    fn train(&mut self, batch: Batch) -> Option<StepSums> {
        let Batch { input, labels } = batch;
        let count = labels.len();
        let targets: Vec<i64> = labels.iter().map(|&l| i64::from(l)).collect();
        let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [count]), &self.device);
        let stream = |layer: u64| mix(self.config.seed ^ (DROPOUT + layer)) ^ self.step as u64;
        let model = self.model.take()?;
        let logits = model.forward_training(input, [stream(0), stream(1)]);
        let host: Vec<f32> = logits.clone().inner().into_data().iter::<f32>().collect();
        let gradients = ops::cross_entropy(logits, targets).backward();
        let gradients = GradientsParams::from_grads(gradients, &model);
        let rate = self.config.learning_rate;
        self.model = Some(self.optimizer.step(rate, model, gradients));
        self.step += 1;

        let mut sums = StepSums { count, ..StepSums::default() };
        for (row, &label) in rows(&host).iter().zip(&labels) {
            sums.loss += f64::from(cross_entropy(row, label));
            sums.correct += usize::from(argmax(row) == label);
        }
        Some(sums)
    }

    /// Steps in an epoch of `images` digits.
    pub fn batches(&self, images: usize) -> usize {
        images.div_ceil(self.config.batch_size)
    }

    /// The weights now. Cheap: tensors are reference-counted.
    pub fn snapshot(&self, images: usize) -> Option<Snapshot> {
        let epochs = self.step as f32 / self.batches(images).max(1) as f32;
        let model = self.model.as_ref()?.valid();
        Some(Snapshot { model, step: self.step, epochs })
    }

    /// The recipe.
    pub fn config(&self) -> Config {
        self.config
    }
}
