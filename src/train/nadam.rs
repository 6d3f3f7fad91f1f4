//! Nadam: Adam with Nesterov momentum (Dozat, "Incorporating Nesterov Momentum into Adam", 2016),
//! with the momentum schedule and the defaults of Keras.
//!
//! With `u_t = b1 (1 - 0.5 * 0.96^t)` and `P_t = u_1 * ... * u_t`, each step does
//!
//! ```text
//! m <- b1 m + (1 - b1) g
//! v <- b2 v + (1 - b2) g^2
//! p <- p - lr * (u_{t+1} m / (1 - P_{t+1}) + (1 - u_t) g / (1 - P_t)) / (sqrt(v / (1 - b2^t)) + eps)
//! ```

use burn::optim::{LearningRate, ModuleOptimizer, Optimizer, RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor};

use crate::model::ops::{self, NadamStep};

/// The optimizer's constants; `Default` is Keras's.
#[derive(Debug, Clone, Copy)]
pub struct Nadam {
    /// Decay of the first moment.
    pub beta_1: f64,
    /// Decay of the second moment.
    pub beta_2: f64,
    /// Keeps the division finite.
    pub epsilon: f64,
}

impl Default for Nadam {
    fn default() -> Self {
        Self { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    }
}

/// What Nadam remembers of one parameter.
#[derive(Clone)]
pub struct NadamState<const D: usize> {
    /// Steps taken, t.
    pub time: usize,
    /// P_t, the product of the momentum schedule so far.
    pub product: f64,
    /// First moment, m.
    pub moment_1: Tensor<D>,
    /// Second moment, v.
    pub moment_2: Tensor<D>,
}

// By hand, because Burn's derive works inside Burn's own crates only.
impl<const D: usize> RecordState for NadamState<D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        out.push_scalar(prefix, "time", self.time.into());
        out.push_scalar(prefix, "product", self.product.into());
        out.push_tensor(prefix, "moment_1", self.moment_1.clone().into_data());
        out.push_tensor(prefix, "moment_2", self.moment_2.clone().into_data());
    }

    fn state_unflatten(prefix: &str, src: &mut StateSource, device: &Device) -> Option<Self> {
        let mut moment = |name: &str| {
            let data = src.take_tensor(prefix, name)?;
            let sound = data.shape().len() == D && data.iter::<f64>().all(f64::is_finite);
            sound.then(|| Tensor::from_data(data, device))
        };
        Some(Self {
            moment_1: moment("moment_1")?,
            moment_2: moment("moment_2")?,
            time: src.take_scalar(prefix, "time")?.try_into().ok()?,
            product: src.take_scalar(prefix, "product")?.try_into().ok()?,
        })
    }
}

impl Nadam {
    /// The optimizer for a whole module.
    pub fn init(self) -> ModuleOptimizer {
        ModuleOptimizer::from(self)
    }
}

impl Optimizer for Nadam {
    type State<const D: usize> = NadamState<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let state = state.unwrap_or_else(|| NadamState {
            time: 0,
            product: 1.0,
            moment_1: grad.zeros_like(),
            moment_2: grad.zeros_like(),
        });
        let time = state.time + 1;
        let betas = [self.beta_1, self.beta_2];
        let (step, product) = NadamStep::new(time, state.product, lr, betas, self.epsilon);
        let moments = [state.moment_1, state.moment_2];
        let (tensor, [moment_1, moment_2]) = ops::nadam(tensor, moments, grad, step);
        (tensor, Some(NadamState { time, product, moment_1, moment_2 }))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        NadamState {
            moment_1: state.moment_1.to_device(device),
            moment_2: state.moment_2.to_device(device),
            ..state
        }
    }
}
