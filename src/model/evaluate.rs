//! Scoring a network on labelled digits.

use std::ops::Range;

use burn::tensor::Device;

use super::cnn::{self, Cnn};
use super::ops;
use crate::data::{CLASSES, Digits, PIXELS};
use crate::kernels::gather::gather;
use crate::kernels::{Level, in_pool};

/// Digits scored at once.
const CHUNK: usize = 250;

/// How a network does on a range of digits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// The class of the highest logit, for each digit.
    pub predictions: Vec<u8>,
    /// Cross-entropy in nats, for each digit.
    pub losses: Vec<f32>,
    /// How many predictions equal the label.
    pub correct: usize,
}

impl Evaluation {
    /// Mean cross-entropy in nats; 0 for no digits.
    pub fn loss(&self) -> f64 {
        let sum: f64 = self.losses.iter().map(|&l| f64::from(l)).sum();
        sum / self.losses.len().max(1) as f64
    }

    /// Appends the scores of the digits that follow.
    pub fn extend(&mut self, next: Self) {
        self.predictions.extend(next.predictions);
        self.losses.extend(next.losses);
        self.correct += next.correct;
    }

    /// Share of the digits classified correctly, 0..=1; 0 for no digits.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.losses.len().max(1) as f64
    }
}

/// Scores all digits, asking `go_on` before each chunk of 250; `None` when it said no.
pub fn evaluate(
    model: &Cnn,
    digits: &Digits,
    mut go_on: impl FnMut() -> bool,
) -> Option<Evaluation> {
    let mut all = Evaluation::default();
    for start in (0..digits.len()).step_by(CHUNK) {
        if !go_on() {
            return None;
        }
        let range = start..(start + CHUNK).min(digits.len());
        let part = in_pool(|| evaluate_range(model, digits, range));
        all.extend(part);
    }
    Some(all)
}

/// Scores one range of digits in one pass.
pub fn evaluate_range(model: &Cnn, digits: &Digits, range: Range<usize>) -> Evaluation {
    let logits = logits(model, digits, range.clone(), &model.device());
    let mut result = Evaluation::default();
    for (row, index) in logits.iter().zip(range) {
        let label = digits.label(index);
        let predicted = argmax(row);
        result.predictions.push(predicted);
        result.losses.push(cross_entropy(row, label));
        result.correct += usize::from(predicted == label);
    }
    result
}

/// The logits of a range of digits.
fn logits(
    model: &Cnn,
    digits: &Digits,
    range: Range<usize>,
    device: &Device,
) -> Vec<[f32; CLASSES]> {
    let pixels = &digits.pixels()[range.start * PIXELS..range.end * PIXELS];
    let input = cnn::images(scale(pixels), device);
    rows(&model.forward(input).into_data().iter::<f32>().collect::<Vec<f32>>())
}

/// Pixels from 0..=255 to the network's 0..=1.
pub fn scale(pixels: &[u8]) -> Vec<f32> {
    let mut scaled = ops::buffer(pixels.len());
    gather(Level::new(), pixels, pixels.len(), &[0], &mut scaled);
    scaled
}

/// A `[n, 10]` matrix in row-major order as rows.
pub fn rows(values: &[f32]) -> Vec<[f32; CLASSES]> {
    values.as_chunks::<CLASSES>().0.to_vec()
}

/// The index of the largest value; the first one of equals.
pub fn argmax(logits: &[f32; CLASSES]) -> u8 {
    let mut best = 0;
    for (class, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = class;
        }
    }
    best as u8
}

/// `-ln softmax(logits)[label]`, computed so that large logits cannot overflow.
pub fn cross_entropy(logits: &[f32; CLASSES], label: u8) -> f32 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|l| (l - max).exp()).sum();
    max + sum.ln() - logits[usize::from(label)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_is_the_negative_logarithm_and_survives_large_logits() {
        let logits = [1.0, -2.0, 0.5, 3.0, 0.0, -1.0, 2.0, 0.25, -0.5, 1.5];
        let sum: f32 = logits.iter().map(|l: &f32| l.exp()).sum();
        for label in 0..10 {
            let expected = -(logits[usize::from(label)].exp() / sum).ln();
            assert!((cross_entropy(&logits, label) - expected).abs() < 1e-5);
        }
        let huge = [1000.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(cross_entropy(&huge, 0), 0.0);
        assert_eq!(cross_entropy(&huge, 1), 1000.0);
        assert_eq!(argmax(&huge), 0);
    }
}
