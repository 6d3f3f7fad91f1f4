//! Changing the number of pixels, for numbers and for colours.
//!
//! Pixel `i` of `n` covers `i/n` to `(i+1)/n` of the picture, so its centre lies at source coordinate
//! `(i + 0.5) * source / n - 0.5`.

/// The source pixel in which the centre of target pixel `i` lies.
fn pick(i: usize, target: usize, source: usize) -> usize {
    (2 * i + 1) * source / (2 * target)
}

/// The two source pixels around the centre of target pixel `i`, and the second one's weight.
/// Beyond the outermost centres the edge goes on.
fn taps(i: usize, target: usize, source: usize) -> (usize, usize, f32) {
    let centre = (i as f32 + 0.5) * source as f32 / target as f32 - 0.5;
    let centre = centre.clamp(0.0, (source - 1) as f32);
    let first = centre as usize;
    (first, (first + 1).min(source - 1), centre - first as f32)
}

/// `pixels`, row-major of size `from` (width, height), at size `to`: sharp.
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

/// `pixels`, row-major of size `from` (width, height), at size `to`: smooth, each of the `N`
/// channels by itself. The same numbers as OpenCV's `INTER_LINEAR` and PyTorch's
/// `interpolate(mode="bilinear", align_corners=False)`, up to rounding.
pub(super) fn bilinear<const N: usize>(
    pixels: &[[f32; N]],
    from: (usize, usize),
    to: (usize, usize),
) -> Vec<[f32; N]> {
    if pixels.is_empty() {
        return vec![[0.0; N]; to.0 * to.1];
    }
    // `a + (b - a) * share` keeps an even area exactly even.
    let mix = |a: [f32; N], b: [f32; N], share: f32| -> [f32; N] {
        std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
    };
    let columns: Vec<_> = (0..to.0).map(|x| taps(x, to.0, from.0)).collect();
    let mut resampled = Vec::with_capacity(to.0 * to.1);
    for y in 0..to.1 {
        let (top, bottom, down) = taps(y, to.1, from.1);
        let (top, bottom) = (&pixels[top * from.0..], &pixels[bottom * from.0..]);
        resampled.extend(columns.iter().map(|&(left, right, along)| {
            let across = |row: &[[f32; N]]| mix(row[left], row[right], along);
            mix(across(top), across(bottom), down)
        }));
    }
    resampled
}

/// `pixels`, row-major of size `from` (width, height), at size `to`: each the mean of what it
/// covers.
pub(super) fn averaged(pixels: &[f32], from: (usize, usize), to: (usize, usize)) -> Vec<f32> {
    let (columns, rows) = (coverage(to.0, from.0), coverage(to.1, from.1));
    let mut resampled = Vec::with_capacity(to.0 * to.1);
    for row in &rows {
        resampled.extend(columns.iter().map(|column| {
            let across = |y: usize| -> f32 {
                column.iter().map(|(x, share)| share * pixels[y * from.0 + x]).sum()
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
