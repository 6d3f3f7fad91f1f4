//! Sums of few rows: products whose left factor is mostly zero.
//!
//! Behind a ReLU and a dropout, nine tenths of a trained layer's activations are zero, and so is
//! the gradient that comes back through them. Leaving the zeros out saves most of the work of the
//! layers around them, and changes nothing but the order in which sums are rounded.

use core::array::from_fn;

use pulp::Simd;

use super::product::Start;

/// A row, and what it is multiplied by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Term {
    /// The factor.
    pub value: f32,
    /// Which row.
    pub row: u32,
}

/// Rows that begin `stride` apart; they may overlap.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The elements.
    pub data: &'a [f32],
    /// From one row to the next.
    pub stride: usize,
    /// The number of the one at the front.
    pub first: usize,
}

/// Puts a term for each value that is not zero at the front of `terms`, which must be as long as
/// `values`, and counts them. A term's row is its value's place, counted from `first`.
#[inline(always)]
pub fn collect(values: &[f32], first: usize, terms: &mut [Term]) -> usize {
    let terms = &mut terms[..values.len()];
    let mut count = 0;
    // Without a branch: where the zeros are cannot be predicted.
    for (row, &value) in (first as u32..).zip(values) {
        terms[count] = Term { value, row };
        count += usize::from(value != 0.0);
    }
    count
}

/// `out = start + sum of value * row` over the terms.
#[inline(always)]
pub fn add_rows<S: Simd>(s: S, start: Start, terms: &[Term], rows: Rows, out: &mut [f32]) {
    let mut at = 0;
    while at < out.len() {
        let sum = Sum { start, terms, rows, at };
        // As many vectors as registers allow, and as many as are left.
        at += S::F32_LANES
            * match (out.len() - at) / S::F32_LANES {
                16 => sum.vectors::<S, 8>(s, out),
                12.. => sum.vectors::<S, 12>(s, out),
                8.. => sum.vectors::<S, 8>(s, out),
                6.. => sum.vectors::<S, 6>(s, out),
                4.. => sum.vectors::<S, 4>(s, out),
                2.. => sum.vectors::<S, 2>(s, out),
                1 => sum.vectors::<S, 1>(s, out),
                0 => sum.part(s, out),
            };
    }
}

/// The columns of a sum from `at` on.
struct Sum<'a> {
    start: Start<'a>,
    terms: &'a [Term],
    rows: Rows<'a>,
    at: usize,
}

impl Sum<'_> {
    #[inline(always)]
    fn row(&self, term: &Term) -> &[f32] {
        let row = term.row as usize - self.rows.first;
        &self.rows.data[row * self.rows.stride + self.at..]
    }

    /// `V` whole vectors.
    #[inline(always)]
    fn vectors<S: Simd, const V: usize>(&self, s: S, out: &mut [f32]) -> usize {
        let width = V * S::F32_LANES;
        let out = S::as_mut_simd_f32s(&mut out[self.at..][..width]).0;
        let mut sums: [S::f32s; V] = match self.start {
            Start::Zero => [s.splat_f32s(0.0); V],
            Start::Accumulate => from_fn(
                #[inline(always)]
                |v| out[v],
            ),
            Start::Bias(bias) => {
                let bias = S::as_simd_f32s(&bias[self.at..][..width]).0;
                from_fn(
                    #[inline(always)]
                    |v| bias[v],
                )
            }
        };
        for term in self.terms {
            let row = S::as_simd_f32s(&self.row(term)[..width]).0;
            let value = s.splat_f32s(term.value);
            for v in 0..V {
                sums[v] = s.mul_add_e_f32s(value, row[v], sums[v]);
            }
        }
        out[..V].copy_from_slice(&sums);
        V
    }

    /// Less than one vector: the last columns.
    #[inline(always)]
    fn part<S: Simd>(&self, s: S, out: &mut [f32]) -> usize {
        let out = &mut out[self.at..];
        let mut sum = match self.start {
            Start::Zero => s.splat_f32s(0.0),
            Start::Accumulate => s.partial_load_f32s(out),
            Start::Bias(bias) => s.partial_load_f32s(&bias[self.at..][..out.len()]),
        };
        for term in self.terms {
            let row = &self.row(term)[..out.len()];
            let value = s.splat_f32s(term.value);
            sum = s.mul_add_e_f32s(value, s.partial_load_f32s(row), sum);
        }
        s.partial_store_f32s(out, sum);
        1
    }
}
