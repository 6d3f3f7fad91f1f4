//! One step of Nadam, in place.

use rayon::prelude::*;

use super::parallel::for_each;
use super::simd::Level;

/// Elements one task updates: large enough to outweigh its hand-over.
const TASK: usize = 64 * 1024;

/// The numbers of one step that are the same for every element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// b1 and 1 - b1, of the first moment.
    pub decay_1: [f32; 2],
    /// b2 and 1 - b2, of the second moment.
    pub decay_2: [f32; 2],
    /// What the first moment is multiplied by: `lr * u_{t+1} / (1 - P_{t+1})`.
    pub moment: f32,
    /// What the gradient is multiplied by: `lr * (1 - u_t) / (1 - P_t)`.
    pub gradient: f32,
    /// What the second moment is multiplied by: `1 / (1 - b2^t)`.
    pub variance: f32,
    /// Keeps the division finite.
    pub epsilon: f32,
}

impl Step {
    /// Step `time` (from 1) as Keras does it, with `u_t = b1 (1 - 0.5 * 0.96^t)`; `product` is
    /// P_{t-1}, the product of u so far (1 before the first step). Also gives P_t.
    ///
    /// Source: Dozat, "Incorporating Nesterov Momentum into Adam", 2016.
    pub fn new(
        time: usize,
        product: f64,
        learning_rate: f64,
        [beta_1, beta_2]: [f64; 2],
        epsilon: f64,
    ) -> (Self, f64) {
        let time = i32::try_from(time).unwrap_or(i32::MAX - 1);
        let schedule = |t: i32| beta_1 * (1.0 - 0.5 * 0.96f64.powi(t));
        let (now, next) = (schedule(time), schedule(time + 1));
        let product = product * now;
        let step = Self {
            decay_1: [beta_1 as f32, (1.0 - beta_1) as f32],
            decay_2: [beta_2 as f32, (1.0 - beta_2) as f32],
            moment: (learning_rate * next / (1.0 - product * next)) as f32,
            gradient: (learning_rate * (1.0 - now) / (1.0 - product)) as f32,
            variance: (1.0 / (1.0 - beta_2.powi(time))) as f32,
            epsilon: epsilon as f32,
        };
        (step, product)
    }

    /// Updates one tensor and its two moments:
    ///
    /// ```text
    /// m <- b1 m + (1 - b1) g
    /// v <- b2 v + (1 - b2) g^2
    /// p <- p - (moment m + gradient g) / (sqrt(variance v) + epsilon)
    /// ```
    ///
    /// # Panics
    /// If the four are not equally long.
    pub fn update(self, level: Level, p: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32]) {
        assert!(p.len() == g.len() && m.len() == g.len() && v.len() == g.len(), "equal lengths");
        let tasks = p.par_chunks_mut(TASK).zip(m.par_chunks_mut(TASK));
        let tasks = tasks.zip(v.par_chunks_mut(TASK)).zip(g.par_chunks(TASK));
        for_each(g.len() * 8, tasks, |(((p, m), v), g)| self.update_part(level, p, m, v, g));
    }

    fn update_part(self, level: Level, p: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32]) {
        let Self { decay_1: [b1, rest_1], decay_2: [b2, rest_2], .. } = self;
        level.dispatch(
            #[inline(always)]
            || {
                for (((p, m), v), &g) in p.iter_mut().zip(m).zip(v).zip(g) {
                    *m = b1 * *m + rest_1 * g;
                    *v = b2 * *v + rest_2 * (g * g);
                    let numerator = self.moment * *m + self.gradient * g;
                    *p -= numerator / ((self.variance * *v).sqrt() + self.epsilon);
                }
            },
        );
    }
}
