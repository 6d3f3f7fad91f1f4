//! Sums of few rows: products whose left factor is mostly zero.
//!
//! Behind a ReLU and a dropout, nine tenths of a trained layer's activations are zero, and so is
//! the gradient that comes back through them. Leaving the zeros out saves most of the work of the
//! layers around them, and changes nothing but the order in which sums are rounded.

use core::array::from_fn;
use std::cell::Cell;

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

/// Memory for the terms of one image, which a thread uses again and again.
#[derive(Debug, Default)]
pub struct Lists {
    /// One pixel's terms after another's.
    pub by_pixel: Vec<Term>,
    /// One channel's terms after another's.
    pub by_channel: Vec<Term>,
    /// Where they end, or how many there are.
    pub ends: Vec<usize>,
    /// The same of the channels.
    pub counts: Vec<usize>,
    /// Values that the terms are made of.
    pub values: Vec<f32>,
}

/// Calls `work` with this thread's lists, whose contents are unspecified.
pub fn with_lists<R>(work: impl FnOnce(&mut Lists) -> R) -> R {
    thread_local! {
        static LISTS: Cell<Lists> = Cell::default();
    }
    let mut lists = LISTS.take();
    let result = work(&mut lists);
    LISTS.set(lists);
    result
}

/// The first `len` elements; their values are unspecified.
pub fn room<T: Clone + Default>(values: &mut Vec<T>, len: usize) -> &mut [T] {
    if values.len() < len {
        values.resize(len, T::default());
    }
    &mut values[..len]
}

/// How many values, or rows of them, one bit mask covers.
pub const WORD: usize = u32::BITS as usize;

/// The places of the ones.
#[inline(always)]
pub fn ones(mut word: u32) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let place = word.trailing_zeros() as usize;
        word &= word.wrapping_sub(1);
        (place < WORD).then_some(place)
    })
}

/// Puts a term for each value that is not zero at the front of `terms`, which must be as long as
/// `values`, and counts them. A term's row is its value's place, counted from `first`.
#[inline(always)]
pub fn collect(values: &[f32], first: usize, terms: &mut [Term]) -> usize {
    let terms = &mut terms[..values.len()];
    let (words, rest) = values.as_chunks::<WORD>();
    let mut count = 0;
    let mut add = |present: u32, values: &[f32], first: usize| {
        for place in ones(present) {
            terms[count] = Term { value: values[place], row: (first + place) as u32 };
            count += 1;
        }
    };
    for (word, values) in words.iter().enumerate() {
        add(present(values), values, first + word * WORD);
    }
    add(present(rest), rest, first + words.len() * WORD);
    count
}

/// Bit mask of the non-zero values, of which there are at most [`WORD`]. A full chunk of them
/// compiles to one vector compare.
#[inline(always)]
fn present(values: &[f32]) -> u32 {
    let bit = |(place, &value): (usize, &f32)| u32::from(value != 0.0) << place;
    values.iter().enumerate().map(bit).fold(0, |word, bit| word | bit)
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
                4.. => sum.pairs::<S, 4>(s, out),
                2.. => sum.pairs::<S, 2>(s, out),
                1 => sum.pairs::<S, 1>(s, out),
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
        let out = S::as_mut_simd_f32s(&mut out[self.at..][..V * S::F32_LANES]).0;
        let mut sums = self.start::<S, V>(s, out);
        for term in self.terms {
            self.add(s, term, &mut sums);
        }
        out[..V].copy_from_slice(&sums);
        V
    }

    /// `V` whole vectors, so few that one term would wait for the sums of the one before it.
    #[inline(always)]
    fn pairs<S: Simd, const V: usize>(&self, s: S, out: &mut [f32]) -> usize {
        let out = S::as_mut_simd_f32s(&mut out[self.at..][..V * S::F32_LANES]).0;
        let mut sums = self.start::<S, V>(s, out);
        let mut others = [s.splat_f32s(0.0); V];
        let mut pairs = self.terms.chunks_exact(2);
        for pair in &mut pairs {
            self.add(s, &pair[0], &mut sums);
            self.add(s, &pair[1], &mut others);
        }
        for term in pairs.remainder() {
            self.add(s, term, &mut sums);
        }
        for v in 0..V {
            out[v] = s.add_f32s(sums[v], others[v]);
        }
        V
    }

    /// What the sums start from, where `out` is what is there already.
    #[inline(always)]
    fn start<S: Simd, const V: usize>(&self, s: S, out: &[S::f32s]) -> [S::f32s; V] {
        match self.start {
            Start::Zero => [s.splat_f32s(0.0); V],
            Start::Accumulate => from_fn(
                #[inline(always)]
                |v| out[v],
            ),
            Start::Bias(bias) => {
                let bias = S::as_simd_f32s(&bias[self.at..][..V * S::F32_LANES]).0;
                from_fn(
                    #[inline(always)]
                    |v| bias[v],
                )
            }
        }
    }

    #[inline(always)]
    fn add<S: Simd, const V: usize>(&self, s: S, term: &Term, sums: &mut [S::f32s; V]) {
        let row = S::as_simd_f32s(&self.row(term)[..V * S::F32_LANES]).0;
        let value = s.splat_f32s(term.value);
        for v in 0..V {
            sums[v] = s.mul_add_e_f32s(value, row[v], sums[v]);
        }
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
