//! Softmax cross-entropy on logits.

/// A batch's score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Mean cross-entropy, in nats.
    pub loss: f64,
    /// Images whose largest logit is the label's; the first one wins a tie.
    pub correct: usize,
}

/// The score of `logits` `[n, classes]` against the n `labels`, and, where wanted, the gradient of
/// the mean loss by the logits: `(softmax - one_hot) / n`.
///
/// # Panics
/// If a label is not below `classes`, or a length does not fit.
pub fn cross_entropy(
    classes: usize,
    logits: &[f32],
    labels: impl ExactSizeIterator<Item = usize>,
    mut gradient: Option<&mut [f32]>,
) -> Score {
    assert_eq!(logits.len(), labels.len() * classes, "one row of logits a label");
    let count = labels.len().max(1) as f64;
    let mut score = Score { loss: 0.0, correct: 0 };
    for (image, (logits, label)) in logits.chunks_exact(classes).zip(labels).enumerate() {
        // The largest logit is subtracted, so that exp() cannot overflow.
        let (best, max) =
            logits.iter().enumerate().fold((0, f32::NEG_INFINITY), |best, (i, &x)| {
                if x > best.1 { (i, x) } else { best }
            });
        let sum: f32 = logits.iter().map(|x| (x - max).exp()).sum();
        score.loss += f64::from(sum.ln() - (logits[label] - max)) / count;
        score.correct += usize::from(best == label);
        if let Some(gradient) = &mut gradient {
            let gradient = &mut gradient[image * classes..][..classes];
            for (class, (gradient, x)) in gradient.iter_mut().zip(logits).enumerate() {
                let target = if class == label { 1.0 } else { 0.0 };
                *gradient = ((x - max).exp() / sum - target) / count as f32;
            }
        }
    }
    score
}
