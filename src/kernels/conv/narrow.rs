//! A convolution of so few inputs that its weights stay in registers, with 2x2 max-pooling.

use core::array::from_fn;

use pulp::{Simd, WithSimd};

use super::Conv;
use super::pool::Best;
use crate::kernels::simd::{load, store};

/// Rows of the weight: all of a 3x3 kernel on one channel.
pub const TAPS: usize = 9;

/// One image of [`Conv::forward_pool`] by a weight of [`TAPS`] rows.
pub struct NarrowPool<'a> {
    /// The shape.
    pub conv: &'a Conv,
    /// `[height, width, in]`
    pub x: &'a [f32],
    /// `[TAPS, out]`
    pub weight: &'a [f32],
    /// `[out]`
    pub bias: &'a [f32],
    /// How far from an output pixel's first input the input of each row of the weight is.
    pub taps: [usize; TAPS],
    /// `[height / 2, width / 2, out]`
    pub out: &'a mut [f32],
    /// Which of its four candidates each element is.
    pub winners: &'a mut [f32],
}

impl WithSimd for NarrowPool<'_> {
    type Output = ();

    /// Strips of channels. Of 32 registers 18 hold weights and 8 the sums of four pixels; where
    /// there are 16, half as many do.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, s: S) {
        let (channels, lanes) = (self.conv.output, S::F32_LANES);
        let mut at = 0;
        while at < channels {
            at += match (channels - at) / lanes {
                2.. if lanes == 16 => self.strip::<S, 2>(s, at, true),
                1.. => self.strip::<S, 1>(s, at, true),
                0 => self.strip::<S, 1>(s, at, false),
            };
        }
    }
}

impl NarrowPool<'_> {
    /// `V` vectors of channels from `at` on, or one that is not whole; says how many channels.
    #[inline(always)]
    fn strip<S: Simd, const V: usize>(&mut self, s: S, at: usize, whole: bool) -> usize {
        let Self { conv, x: image, weight, bias, taps, .. } = *self;
        let (channels, lanes) = (conv.output, S::F32_LANES);
        let width = (V * lanes).min(channels - at);
        let vector = |values: &[f32], v: usize| {
            let from = at + v * lanes;
            load(s, &values[from..at + width.min((v + 1) * lanes)], whole)
        };
        let weight: [[S::f32s; V]; TAPS] = from_fn(
            #[inline(always)]
            |tap| from_fn(|v| vector(&weight[tap * channels..], v)),
        );
        let bias: [S::f32s; V] = from_fn(
            #[inline(always)]
            |v| vector(bias, v),
        );
        let ([_, columns], row) = (conv.pooled_size(), conv.size[1] * conv.input);
        let span = taps[TAPS - 1] + 1;
        let pixels = self.out.chunks_exact_mut(channels);
        let pixels = pixels.zip(self.winners.chunks_exact_mut(channels)).enumerate();
        for (pixel, (out, winners)) in pixels {
            let corner = 2 * (pixel / columns * row + pixel % columns * conv.input);
            let mut best: [Best<S>; V] = from_fn(|_| Best::none(s));
            for (place, offset) in [0, conv.input, row, row + conv.input].into_iter().enumerate() {
                let x = &image[corner + offset..][..span];
                let mut sums = bias;
                for (weight, tap) in weight.iter().zip(taps) {
                    let x = s.splat_f32s(x[tap]);
                    for v in 0..V {
                        sums[v] = s.mul_add_e_f32s(x, weight[v], sums[v]);
                    }
                }
                for v in 0..V {
                    best[v].offer(s, place as f32, sums[v]);
                }
            }
            for (v, best) in best.into_iter().enumerate() {
                let range = at + v * lanes..at + width.min((v + 1) * lanes);
                store(s, &mut out[range.clone()], best.value, whole);
                store(s, &mut winners[range], best.place, whole);
            }
        }
        width
    }
}
