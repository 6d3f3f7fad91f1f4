//! Scoring a network on labelled images.

use std::ops::Range;

use burn::tensor::{Device, Tensor};

use super::network::Network;
use super::{cnn, ops};
use crate::data::{Images, Shape};
use crate::kernels::gather::gather;
use crate::kernels::{Level, in_pool};
use crate::logits::Softmax;

/// The memory, in bytes, that the activations of images scored at once may take.
const AT_ONCE: usize = 22_000_000;

/// How a network does on a range of images.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// The class of the highest logit, for each image.
    pub predictions: Vec<u16>,
    /// Cross-entropy in nats, for each image.
    pub losses: Vec<f32>,
    /// How many predictions equal the label.
    pub correct: usize,
}

impl Evaluation {
    /// Mean cross-entropy in nats; 0 for no images.
    pub fn loss(&self) -> f64 {
        let sum: f64 = self.losses.iter().map(|&l| f64::from(l)).sum();
        sum / self.losses.len().max(1) as f64
    }

    /// Appends the scores of the images that follow.
    pub fn extend(&mut self, next: Self) {
        self.predictions.extend(next.predictions);
        self.losses.extend(next.losses);
        self.correct += next.correct;
    }

    /// Share of the images classified correctly, 0..=1; 0 for no images.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.losses.len().max(1) as f64
    }
}

/// How many images may go through the network at once so that the activations of its widest layer
/// take no more than so many bytes; at least one.
pub fn at_once(network: &Network, bytes: usize) -> usize {
    (bytes / (size_of::<f32>() * network.widest())).max(1)
}

/// Scores all images, asking `keep_going` before each piece of the work; `None` when it said no.
pub fn evaluate(
    network: &Network,
    images: &Images,
    mut keep_going: impl FnMut() -> bool,
) -> Option<Evaluation> {
    let mut all = Evaluation::default();
    let chunk = at_once(network, AT_ONCE);
    for start in (0..images.len()).step_by(chunk) {
        if !keep_going() {
            return None;
        }
        let range = start..(start + chunk).min(images.len());
        let part = in_pool(|| evaluate_range(network, images, range));
        all.extend(part);
    }
    Some(all)
}

/// Scores one range of images in one pass.
pub fn evaluate_range(network: &Network, images: &Images, range: Range<usize>) -> Evaluation {
    let bytes = images.shape().bytes();
    let pixels = &images.pixels()[range.start * bytes..range.end * bytes];
    let logits = network.forward(input(pixels, images.shape(), &network.device()));
    let logits: Vec<f32> = logits.into_data().iter::<f32>().collect();
    let mut result = Evaluation::default();
    for (row, index) in logits.chunks_exact(network.classes()).zip(range) {
        let (softmax, label) = (Softmax::of(row), images.label(index));
        result.predictions.push(softmax.best as u16);
        result.losses.push(softmax.cross_entropy(label));
        result.correct += usize::from(softmax.best == label);
    }
    result
}

/// Bytes of images of this shape, 0..=255, as the network's input: `[n, h, w, c]`, 0..=1.
pub fn input(bytes: &[u8], shape: Shape, device: &Device) -> Tensor<4> {
    cnn::images(scale(bytes), shape, device)
}

/// Bytes from 0..=255 to the network's 0..=1.
pub fn scale(bytes: &[u8]) -> Vec<f32> {
    let mut scaled = ops::buffer(bytes.len());
    gather(Level::new(), bytes, bytes.len(), &[0], &mut scaled);
    scaled
}
