//! What a training is told at its beginning.

/// The recipe of a training run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// Passes over the training set.
    pub epochs: usize,
    /// Digits a step.
    pub batch_size: usize,
    /// Nadam's step size.
    pub learning_rate: f64,
    /// Decides the first weights, the order of the digits and the dropout masks.
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { epochs: 3, batch_size: 32, learning_rate: 1e-3, seed: 1 }
    }
}

/// How a training begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begin {
    /// With a new network.
    #[default]
    Anew,
    /// Where the one stands that is kept beside the model; `epochs` are planned in place of its own,
    /// if they are said.
    Resume {
        /// Epochs in all.
        epochs: Option<usize>,
    },
}
