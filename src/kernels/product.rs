//! The one loop under every layer: a sum of outer products kept in registers.
//!
//! Convolutions and fully connected layers, forward and backward, all compute
//!
//! ```text
//! C[o, r, c] = start + sum over s, k of A[o, s, r, k] * B[s, k, c]
//! ```
//!
//! and differ only in the strides of A, which may overlap: a convolution reads its input in place,
//! without an im2col copy. B and C are contiguous along c, which fills the vector lanes.

use core::array::from_fn;

use pulp::{Simd, WithSimd};

use super::simd::Level;

/// What the sums start from.
#[derive(Debug, Clone, Copy)]
pub enum Start<'a> {
    /// Zero.
    Zero,
    /// The values that C holds already.
    Accumulate,
    /// One value a column, `[cols]`.
    Bias(&'a [f32]),
}

/// The left factor: `data[o * outer + s * segment + r * row + k]`.
#[derive(Debug, Clone, Copy)]
pub struct Left<'a> {
    /// The elements.
    pub data: &'a [f32],
    /// Stride of o.
    pub outer: usize,
    /// Stride of s.
    pub segment: usize,
    /// Stride of r.
    pub row: usize,
}

/// The right factor: `data[s * segment + k * step + c]`.
#[derive(Debug, Clone, Copy)]
pub struct Right<'a> {
    /// The elements.
    pub data: &'a [f32],
    /// Stride of s.
    pub segment: usize,
    /// Stride of k.
    pub step: usize,
}

/// A product to compute; see the formula at the top of this file.
#[derive(Debug, Clone, Copy)]
pub struct Product<'a> {
    /// Range of o.
    pub outer: usize,
    /// Range of r.
    pub rows: usize,
    /// Range of c.
    pub cols: usize,
    /// Range of s.
    pub segments: usize,
    /// Range of k.
    pub depth: usize,
    /// A.
    pub left: Left<'a>,
    /// B.
    pub right: Right<'a>,
    /// What the sums start from.
    pub start: Start<'a>,
    /// Whether negative results become zero.
    pub relu: bool,
}

impl Product<'_> {
    /// Computes the product into `c[o * outer + r * row + col]`.
    ///
    /// # Panics
    /// If a stride leads out of a slice.
    pub fn run(&self, level: Level, c: &mut [f32], outer: usize, row: usize) {
        level.dispatch(Run { product: self, c, outer, row });
    }
}

struct Run<'a> {
    product: &'a Product<'a>,
    c: &'a mut [f32],
    outer: usize,
    row: usize,
}

impl WithSimd for Run<'_> {
    type Output = ();

    /// Chooses the block of C that lives in registers: `vectors` of columns by at most `ROWS`.
    /// It must leave room for one row of B and one element of A.
    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        match S::F32_LANES {
            16 => self.blocks::<S, 13, 2>(s),
            8 => self.blocks::<S, 6, 2>(s),
            4 => self.blocks::<S, 6, 4>(s),
            _ => self.blocks::<S, 2, 4>(s),
        }
    }
}

impl Run<'_> {
    /// All of C: strips of columns, in each the outer range, in each blocks of rows of equal size.
    #[inline(always)]
    fn blocks<S: Simd, const ROWS: usize, const V: usize>(mut self, s: S) {
        let (rows, cols) = (self.product.rows, self.product.cols);
        let blocks = rows.div_ceil(ROWS);
        if blocks == 0 {
            return;
        }
        let (size, larger) = (rows / blocks, rows % blocks);
        let lanes = S::F32_LANES;
        let mut col = 0;
        while col < cols {
            let left = cols - col;
            let width = if left >= V * lanes { V * lanes } else { left.min(lanes) };
            for o in 0..self.product.outer {
                let mut row = 0;
                for block in 0..blocks {
                    let rows = size + usize::from(block < larger);
                    let at = Corner { o, row, col, width };
                    if width == V * lanes {
                        self.rows::<S, false, ROWS, V>(s, rows, at);
                    } else if width == lanes {
                        self.rows::<S, false, ROWS, 1>(s, rows, at);
                    } else {
                        self.rows::<S, true, ROWS, 1>(s, rows, at);
                    }
                    row += rows;
                }
            }
            col += width;
        }
    }

    /// One block, with its number of rows made a constant.
    #[inline(always)]
    fn rows<S: Simd, const PART: bool, const ROWS: usize, const V: usize>(
        &mut self,
        s: S,
        rows: usize,
        at: Corner,
    ) {
        macro_rules! with_constant {
            ($($n:literal)*) => {
                // The minimum tells the compiler which arms can never be taken.
                match rows.min(ROWS) {
                    $($n => self.block::<S, PART, $n, V>(s, at),)*
                    _ => {}
                }
            };
        }
        with_constant!(1 2 3 4 5 6 7 8 9 10 11 12 13);
    }

    #[inline(always)]
    fn block<S: Simd, const PART: bool, const R: usize, const V: usize>(
        &mut self,
        s: S,
        at: Corner,
    ) {
        let &Product { segments, depth, left, right, start, relu, .. } = self.product;
        let Corner { col, width, .. } = at;
        let zero = s.splat_f32s(0.0);
        let first = at.o * self.outer + at.row * self.row + col;
        let mut sums: [[S::f32s; V]; R] = match start {
            Start::Zero => [[zero; V]; R],
            Start::Bias(bias) => [load::<S, PART, V>(s, &bias[col..][..width]); R],
            Start::Accumulate => from_fn(
                #[inline(always)]
                |r| load::<S, PART, V>(s, &self.c[first + r * self.row..][..width]),
            ),
        };
        for segment in 0..segments {
            let b = &right.data[segment * right.segment..];
            let a = &left.data[at.o * left.outer + segment * left.segment + at.row * left.row..];
            // Slices of one known length: no bounds checks inside the loop.
            let a: [&[f32]; R] = from_fn(
                #[inline(always)]
                |r| &a[r * left.row..][..depth],
            );
            for k in 0..depth {
                let b = load::<S, PART, V>(s, &b[k * right.step + col..][..width]);
                let a = from_fn(
                    #[inline(always)]
                    |r| a[r][k],
                );
                add_outer_product(s, &mut sums, a, b);
            }
        }
        for (r, sums) in sums.into_iter().enumerate() {
            let row = &mut self.c[first + r * self.row..][..width];
            for (v, sum) in sums.into_iter().enumerate() {
                let sum = if relu { s.max_f32s(sum, zero) } else { sum };
                if PART {
                    s.partial_store_f32s(row, sum);
                } else {
                    S::as_mut_simd_f32s(&mut row[..V * S::F32_LANES]).0[v] = sum;
                }
            }
        }
    }
}

/// Where a block of C begins, and its columns.
#[derive(Clone, Copy)]
struct Corner {
    o: usize,
    row: usize,
    col: usize,
    width: usize,
}

#[inline(always)]
fn add_outer_product<S: Simd, const R: usize, const V: usize>(
    s: S,
    sums: &mut [[S::f32s; V]; R],
    a: [f32; R],
    b: [S::f32s; V],
) {
    for r in 0..R {
        let a = s.splat_f32s(a[r]);
        for v in 0..V {
            sums[r][v] = s.mul_add_e_f32s(a, b[v], sums[r][v]);
        }
    }
}

/// `V` whole vectors, or less than one.
#[inline(always)]
fn load<S: Simd, const PART: bool, const V: usize>(s: S, values: &[f32]) -> [S::f32s; V] {
    if PART {
        [s.partial_load_f32s(values); V]
    } else {
        let (vectors, _) = S::as_simd_f32s(&values[..V * S::F32_LANES]);
        from_fn(
            #[inline(always)]
            |v| vectors[v],
        )
    }
}
