//! What one row of logits says: the class, its probability, and the loss.

/// The softmax of one row of logits: `exp(x) / sum exp(x)`, where the largest logit is subtracted
/// first, so that no exponential overflows.
#[derive(Debug, Clone, Copy)]
pub struct Softmax<'a> {
    logits: &'a [f32],
    /// The class of the largest logit; the first one of equals.
    pub best: usize,
    max: f32,
    sum: f32,
}

impl<'a> Softmax<'a> {
    /// Of these logits.
    pub fn of(logits: &'a [f32]) -> Self {
        let larger = |best: (usize, f32), (class, &logit): (usize, &f32)| {
            if logit > best.1 { (class, logit) } else { best }
        };
        let (best, max) = logits.iter().enumerate().fold((0, f32::NEG_INFINITY), larger);
        let sum = logits.iter().map(|logit| (logit - max).exp()).sum();
        Self { logits, best, max, sum }
    }

    /// The probability of each class.
    pub fn probabilities(self) -> impl ExactSizeIterator<Item = f32> + use<'a> {
        self.logits.iter().map(move |logit| (logit - self.max).exp() / self.sum)
    }

    /// The cross-entropy against a label, in nats: `-ln softmax(logits)[label]`.
    ///
    /// # Panics
    /// If the label is no class.
    pub fn cross_entropy(self, label: usize) -> f32 {
        self.sum.ln() - (self.logits[label] - self.max)
    }
}

/// One probability a class.
pub fn probabilities(logits: &[f32]) -> Vec<f32> {
    Softmax::of(logits).probabilities().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_is_the_negative_logarithm_and_survives_large_logits() {
        let logits = [1.0, -2.0, 0.5, 3.0, 0.0, -1.0, 2.0, 0.25, -0.5, 1.5];
        let sum: f32 = logits.iter().map(|l: &f32| l.exp()).sum();
        let probabilities = probabilities(&logits);
        for label in 0..10 {
            let probability = logits[label].exp() / sum;
            assert!((Softmax::of(&logits).cross_entropy(label) + probability.ln()).abs() < 1e-5);
            assert!((probabilities[label] - probability).abs() < 1e-6);
        }
        let huge = [1000.0, 0.0, 0.0];
        let softmax = Softmax::of(&huge);
        assert_eq!([0, 1].map(|label| softmax.cross_entropy(label)), [0.0, 1000.0]);
        assert_eq!(softmax.best, 0);
    }

    #[test]
    fn the_first_of_equal_logits_is_the_best() {
        assert_eq!(Softmax::of(&[1.0, 2.0, 2.0]).best, 1);
        assert_eq!(Softmax::of(&[f32::NAN, f32::NAN]).best, 0);
        assert!(probabilities(&[]).is_empty());
    }
}
