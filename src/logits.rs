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

/// The classes by their probability, the likeliest first; equal ones stay in their order.
pub fn ranked(logits: &[f32]) -> Vec<usize> {
    let mut classes: Vec<usize> = (0..logits.len()).collect();
    classes.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
    classes
}

/// The first so many of ranked classes, in their order, with these always among them.
pub fn leading(ranked: &[usize], count: usize, always: &[usize]) -> Vec<usize> {
    let mut chosen = ranked.to_vec();
    chosen.sort_by_key(|class| !always.contains(class));
    chosen.truncate(count);
    ranked.iter().copied().filter(|class| chosen.contains(class)).collect()
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

    #[test]
    fn the_likeliest_lead_and_those_asked_for_are_always_there() {
        let ranked = ranked(&[0.5, 2.0, -1.0, 2.0, 9.0]);
        assert_eq!(ranked, [4, 1, 3, 0, 2]);
        assert_eq!(leading(&ranked, 3, &[]), [4, 1, 3]);
        assert_eq!(leading(&ranked, 3, &[1, 4]), [4, 1, 3]);
        assert_eq!(leading(&ranked, 3, &[2]), [4, 1, 2]);
        assert_eq!(leading(&ranked, 3, &[2, 0, 7]), [4, 0, 2]);
        assert_eq!(leading(&ranked, 9, &[2]), ranked);
        assert!(leading(&ranked, 0, &[2]).is_empty());
    }
}
