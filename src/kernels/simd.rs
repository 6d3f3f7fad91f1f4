//! Which vector instructions the kernels use: found at run time, or forced by a test.

use core::ops::Range;

use pulp::Simd;

/// A set of vector instructions that this processor has: AVX-512 (`V4`), AVX2 (`V3`), NEON or
/// none. [`Level::new`] finds the best.
pub use pulp::Arch as Level;

/// What people call these instructions.
pub fn name(level: Level) -> &'static str {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::V4(_) => "AVX-512",
        #[cfg(target_arch = "x86_64")]
        Level::V3(_) => "AVX2",
        #[cfg(target_arch = "aarch64")]
        Level::Neon(_) => "NEON",
        _ => "no vector instructions",
    }
}

/// Every level this processor can run, the plainest first.
pub fn levels() -> Vec<Level> {
    let mut levels = vec![Level::Scalar];
    #[cfg(target_arch = "x86_64")]
    {
        levels.extend(pulp::x86::V3::try_new().map(Level::V3));
        levels.extend(pulp::x86::V4::try_new().map(Level::V4));
    }
    #[cfg(target_arch = "aarch64")]
    levels.extend(pulp::aarch64::Neon::try_new().map(Level::Neon));
    levels
}

/// Calls `body` for each vector's worth of `0..len`, and tells it whether the vector is whole; only
/// the last one may not be.
#[inline(always)]
pub(super) fn vectors<S: Simd>(len: usize, mut body: impl FnMut(Range<usize>, bool)) {
    let mut at = 0;
    while at + S::F32_LANES <= len {
        body(at..at + S::F32_LANES, true);
        at += S::F32_LANES;
    }
    if at < len {
        body(at..len, false);
    }
}

/// A vector, filled up with zeros if it is not whole.
#[inline(always)]
pub(super) fn load<S: Simd>(s: S, values: &[f32], whole: bool) -> S::f32s {
    if whole { S::as_simd_f32s(values).0[0] } else { s.partial_load_f32s(values) }
}

/// A vector's lanes, or the first of them if it is not whole.
#[inline(always)]
pub(super) fn store<S: Simd>(s: S, values: &mut [f32], vector: S::f32s, whole: bool) {
    if whole {
        S::as_mut_simd_f32s(values).0[0] = vector;
    } else {
        s.partial_store_f32s(values, vector);
    }
}

/// Adds each row of `values` to `out`.
#[inline(always)]
pub(super) fn add_columns<S: Simd>(s: S, values: &[f32], out: &mut [f32]) {
    vectors::<S>(
        out.len(),
        #[inline(always)]
        |range, whole| {
            let mut sum = load(s, &out[range.clone()], whole);
            for row in values.chunks_exact(out.len()) {
                sum = s.add_f32s(sum, load(s, &row[range.clone()], whole));
            }
            store(s, &mut out[range], sum, whole);
        },
    );
}
