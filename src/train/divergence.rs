//! When a training has diverged: its loss grows without bound, or its weights are no numbers.

use std::fmt;

use crate::figures;

/// A smoothed loss above so many times that of guessing is no noise any more.
const TIMES_GUESSING: f64 = 10.0;
/// The share of a new step in the smoothed loss: a time constant of about 32 steps.
const NEW: f64 = 1.0 / 32.0;

/// The end of a training that diverged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Divergence {
    /// Steps since the beginning of the training.
    pub step: usize,
    /// The step's cross-entropy in nats, which need not be finite.
    pub loss: f64,
    /// What shows it.
    pub sign: Sign,
}

/// What shows that a training has diverged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The loss of a step is not finite, or stays far above that of guessing.
    Loss,
    /// A weight, or what the optimizer remembers of one, is not finite or too large for any answer
    /// to be a number.
    Weights,
}

impl Divergence {
    /// In a few words, as in "diverged at step 412: loss 424.66".
    pub fn short(&self) -> String {
        format!("diverged at step {}: loss {}", self.step, figures::loss(self.loss))
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = match self.sign {
            Sign::Loss => "",
            Sign::Weights => ", and its weights are no usable numbers",
        };
        write!(f, "the training {}{cause}", self.short())
    }
}

/// Follows the loss of a training, step by step.
#[derive(Debug, Clone)]
pub struct LossWatch {
    most: f64,
    smoothed: Option<f64>,
}

impl LossWatch {
    /// For a network of so many classes; guessing has a loss of their number's logarithm.
    pub fn new(classes: usize) -> Self {
        Self { most: TIMES_GUESSING * (classes.max(2) as f64).ln(), smoothed: None }
    }

    /// Whether a training whose next step has this mean cross-entropy has diverged.
    pub fn has_diverged(&mut self, loss: f64) -> bool {
        let smoothed = self.smoothed.map_or(loss, |before| before + NEW * (loss - before));
        self.smoothed = Some(smoothed);
        // A comparison that a NaN fails, too.
        !(loss.is_finite() && smoothed <= self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The step at which a training with these losses has diverged, from 0.
    fn diverges(losses: impl IntoIterator<Item = f64>) -> Option<usize> {
        let mut watch = LossWatch::new(10);
        losses.into_iter().position(|loss| watch.has_diverged(loss))
    }

    #[test]
    fn a_loss_that_is_no_number_is_the_end_at_once() {
        assert_eq!(diverges([2.3, 1.0, f64::NAN]), Some(2));
        assert_eq!(diverges([2.3, f64::INFINITY]), Some(1));
    }

    #[test]
    fn a_loss_of_any_size_is_a_short_number() {
        let said = |loss| Divergence { step: 7, loss, sign: Sign::Loss }.short();
        assert_eq!(said(424.664), "diverged at step 7: loss 424.66");
        assert_eq!(said(3.4e38), "diverged at step 7: loss 3.40e38");
        assert_eq!(said(f64::INFINITY), "diverged at step 7: loss inf");
        assert_eq!(said(f64::NAN), "diverged at step 7: loss NaN");
    }

    #[test]
    fn a_loss_that_stays_high_is_the_end_and_a_bad_batch_is_not() {
        assert_eq!(diverges((0..1000).map(|step| if step == 500 { 300.0 } else { 2.3 })), None);
        // The smoothed loss passes 23.03 on its way from 2.3 to 100.
        let step = diverges((0..1000).map(|step| if step < 100 { 2.3 } else { 100.0 }));
        assert_eq!(step, Some(107));
        assert_eq!(diverges([23.0; 1000]), None);
        assert_eq!(diverges([23.1; 1000]), Some(0));
    }
}
