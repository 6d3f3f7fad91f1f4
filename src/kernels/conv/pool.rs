//! 2x2 max-pooling behind a ReLU.

use pulp::{Simd, WithSimd};

use crate::kernels::simd::{load, store, vectors};

/// The winner of a pooled element none of whose four candidates is positive.
const NONE: f32 = 4.0;

/// Per lane, the running maximum and the index it came from. It starts at 0, so that the ReLU is
/// included: a candidate that is not positive never wins.
#[derive(Clone, Copy)]
pub struct Best<S: Simd> {
    /// The value.
    pub value: S::f32s,
    /// The place.
    pub place: S::f32s,
}

impl<S: Simd> Best<S> {
    /// Before the first candidate.
    #[inline(always)]
    pub fn none(s: S) -> Self {
        Self { value: s.splat_f32s(0.0), place: s.splat_f32s(NONE) }
    }

    /// Takes the candidate at this place where it is better.
    #[inline(always)]
    pub fn offer(&mut self, s: S, place: f32, candidate: S::f32s) {
        let better = s.greater_than_f32s(candidate, self.value);
        self.value = s.select_f32s(better, candidate, self.value);
        self.place = s.select_f32s(better, s.splat_f32s(place), self.place);
    }
}

/// ReLU and 2x2 max-pooling of two rows of pixels.
pub struct Pool<'a> {
    /// Channels of a pixel.
    pub channels: usize,
    /// Two rows, one after the other.
    pub rows: &'a [f32],
    /// One row of pooled pixels.
    pub out: &'a mut [f32],
    /// Which of its four candidates each element is, row-major.
    pub winners: &'a mut [f32],
}

impl WithSimd for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        let (upper, lower) = self.rows.split_at(self.rows.len() / 2);
        let pair = 2 * self.channels;
        let pairs = upper.chunks_exact(pair).zip(lower.chunks_exact(pair));
        let out = self.out.chunks_exact_mut(self.channels);
        let out = out.zip(self.winners.chunks_exact_mut(self.channels));
        for ((upper, lower), (out, winners)) in pairs.zip(out) {
            let (a, b) = upper.split_at(self.channels);
            let (c, d) = lower.split_at(self.channels);
            vectors::<S>(
                self.channels,
                #[inline(always)]
                |range, whole| {
                    let mut best = Best::none(s);
                    for (place, pixel) in [(0.0, a), (1.0, b), (2.0, c), (3.0, d)] {
                        best.offer(s, place, load(s, &pixel[range.clone()], whole));
                    }
                    store(s, &mut out[range.clone()], best.value, whole);
                    store(s, &mut winners[range], best.place, whole);
                },
            );
        }
    }
}
