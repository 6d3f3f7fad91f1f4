//! Softmax cross-entropy on logits.

use crate::logits::Softmax;

/// How a batch did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    /// The sum of the images' cross-entropies, in nats.
    pub loss: f64,
    /// Images whose largest logit is the label's; the first one wins a tie.
    pub correct: usize,
}

/// The tally of `logits` `[n, classes]` against the n `labels`, and, where wanted, the gradient of
/// the mean loss by the logits: `(softmax - one_hot) / n`.
///
/// # Panics
/// If a label is not below `classes`, or a length does not fit.
pub fn cross_entropy(
    classes: usize,
    logits: &[f32],
    labels: impl ExactSizeIterator<Item = usize>,
    mut gradient: Option<&mut [f32]>,
) -> Tally {
    assert_eq!(logits.len(), labels.len() * classes, "one row of logits a label");
    let count = labels.len().max(1) as f32;
    let mut tally = Tally { loss: 0.0, correct: 0 };
    for (image, (logits, label)) in logits.chunks_exact(classes).zip(labels).enumerate() {
        let softmax = Softmax::of(logits);
        tally.loss += f64::from(softmax.cross_entropy(label));
        tally.correct += usize::from(softmax.best == label);
        if let Some(gradient) = &mut gradient {
            let gradient = &mut gradient[image * classes..][..classes];
            let probabilities = softmax.probabilities().enumerate();
            for (gradient, (class, probability)) in gradient.iter_mut().zip(probabilities) {
                let target = if class == label { 1.0 } else { 0.0 };
                *gradient = (probability - target) / count;
            }
        }
    }
    tally
}
