//! The number that is explained.

use strum::{Display, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use crate::logits::probabilities;

/// Which number's gradient is taken. Its name is the same on the command line and in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[derive(Display, EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Objective {
    /// The class's logit, as in the Grad-CAM paper
    #[default]
    Logit,
    /// The class's probability; its gradient fades to zero as the network becomes certain
    Probability,
}

impl Objective {
    /// The score of a class; 0 for a target that is no class.
    pub(super) fn value(self, logits: &[f32], target: usize) -> f32 {
        match self {
            Self::Logit => logits.get(target).copied().unwrap_or(0.0),
            Self::Probability => probabilities(logits).get(target).copied().unwrap_or(0.0),
        }
    }

    /// Its gradient by the logits; zeros for a target that is no class.
    pub(super) fn slopes(self, logits: &[f32], target: usize) -> Vec<f32> {
        let one = |class: usize| if class == target { 1.0 } else { 0.0 };
        match self {
            Self::Logit => (0..logits.len()).map(one).collect(),
            Self::Probability => {
                let p = probabilities(logits);
                let own = p.get(target).copied().unwrap_or(0.0);
                p.iter().enumerate().map(|(class, p)| own * (one(class) - p)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slopes_are_the_values_finite_differences() {
        let logits = [0.3, -1.2, 2.0];
        for objective in [Objective::Logit, Objective::Probability] {
            for target in 0..4 {
                let slopes = objective.slopes(&logits, target);
                for class in 0..3 {
                    let moved = |step: f32| {
                        let mut logits = logits;
                        logits[class] += step;
                        objective.value(&logits, target)
                    };
                    let slope = (moved(0.01) - moved(-0.01)) / 0.02;
                    assert!((slope - slopes[class]).abs() < 1e-3, "{objective:?} {target} {class}");
                }
            }
        }
    }
}
