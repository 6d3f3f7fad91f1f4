//! Changing the number of pixels, for numbers and for colours.
//!
//! Pixel `i` of `n` covers `i/n` to `(i+1)/n` of the picture, so its centre lies at source coordinate
//! `(i + 0.5) * source / n - 0.5`. Sizes are (width, height), and of nothing there is black.

use crate::explain::resize::{self, Align};

/// `values`, row-major of size `from`, as a picture looks best at size `to`: sharp at whole
/// factors, smooth in between, averaged when it shrinks.
pub(super) fn fitted(values: &[f32], from: (usize, usize), to: (usize, usize)) -> Vec<f32> {
    if to.0 < from.0 || to.1 < from.1 {
        averaged(values, from, to)
    } else if to.0.is_multiple_of(from.0) && to.1.is_multiple_of(from.1) {
        nearest(values, from, to)
    } else {
        bilinear(values, from, to)
    }
}

/// `pixels`, row-major of size `from`, at size `to`: sharp, as each pixel is the one that its centre
/// lies in.
pub(super) fn nearest<T: Copy + Default>(
    pixels: &[T],
    from: (usize, usize),
    to: (usize, usize),
) -> Vec<T> {
    if pixels.is_empty() {
        return vec![T::default(); to.0 * to.1];
    }
    let columns: Vec<usize> = (0..to.0).map(|x| pick(x, to.0, from.0)).collect();
    let rows = (0..to.1).map(|y| &pixels[pick(y, to.1, from.1) * from.0..][..from.0]);
    rows.flat_map(|row| columns.iter().map(|&x| row[x])).collect()
}

/// The source pixel in which the centre of target pixel `i` lies.
fn pick(i: usize, target: usize, source: usize) -> usize {
    (2 * i + 1) * source / (2 * target)
}

/// `values`, row-major of size `from`, at size `to`: smooth. The edges go on beyond the outermost
/// centres, as in OpenCV's `INTER_LINEAR`.
pub(super) fn bilinear(values: &[f32], from: (usize, usize), to: (usize, usize)) -> Vec<f32> {
    if values.is_empty() {
        return vec![0.0; to.0 * to.1];
    }
    resize::bilinear(values, [from.1, from.0], [to.1, to.0], Align::Edges)
}

/// `values`, row-major of size `from`, at size `to`: each the mean of what it covers.
fn averaged(values: &[f32], from: (usize, usize), to: (usize, usize)) -> Vec<f32> {
    let (columns, rows) = (coverage(to.0, from.0), coverage(to.1, from.1));
    let mut resampled = Vec::with_capacity(to.0 * to.1);
    for row in &rows {
        resampled.extend(columns.iter().map(|column| {
            let across = |y: usize| -> f32 {
                column.iter().map(|(x, share)| share * values[y * from.0 + x]).sum()
            };
            row.iter().map(|&(y, share)| share * across(y)).sum::<f32>()
        }));
    }
    resampled
}

/// For each target pixel, the source pixels it covers and their shares of it.
fn coverage(target: usize, source: usize) -> Vec<Vec<(usize, f32)>> {
    let scale = source as f32 / target as f32;
    (0..target)
        .map(|i| {
            let (from, to) = (i as f32 * scale, (i + 1) as f32 * scale);
            let last = (to.ceil() as usize).min(source);
            let share = |j: usize| (to.min((j + 1) as f32) - from.max(j as f32)) / scale;
            (from as usize..last).map(|j| (j, share(j))).collect()
        })
        .collect()
}
