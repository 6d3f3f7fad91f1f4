//! The network without what it has learnt, for the sanity check.

use super::cnn::Cnn;

/// The layers in the order in which [`Cnn::randomised`] sets them back: from the logits down.
pub const RANDOMISED: [&str; 4] = ["fc2", "fc1", "conv2", "conv1"];

impl Cnn {
    /// The network with its last layer random, its last two, three, and all four; each by the name
    /// of the layer that is set back in addition.
    ///
    /// Fresh weights, as [`Cnn::new`] makes them, follow from `seed` alone. See
    /// [`sanity`](crate::explain::sanity()).
    pub fn randomised(&self, seed: u64) -> [(String, Self); 4] {
        // Not the weights that a training with this seed began with: those hardly differ from the
        // trained ones.
        let fresh = Self::new(self.spec(), !seed, &self.device());
        let fc2 = Self { fc2: fresh.fc2.clone(), ..self.clone() };
        let fc1 = Self { fc1: fresh.fc1.clone(), ..fc2.clone() };
        let conv2 = Self { conv2: fresh.conv2.clone(), ..fc1.clone() };
        let [a, b, c, d] = RANDOMISED.map(str::to_owned);
        [(a, fc2), (b, fc1), (c, conv2), (d, fresh)]
    }
}
