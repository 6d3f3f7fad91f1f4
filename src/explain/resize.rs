//! Numbers at another size, with linear interpolation.

/// Which points of two grids lie on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// The edges of the outermost pixels: OpenCV's `INTER_LINEAR`, `align_corners=False`.
    Edges,
    /// The centres of the outermost pixels: `align_corners=True`, as `UpsamplingBilinear2d` does.
    Centres,
}

/// `values`, row-major of size `from` (height, width), at size `to`. An even area stays exactly even.
///
/// # Panics
/// If there are no values and `to` asks for some.
pub fn bilinear(values: &[f32], from: [usize; 2], to: [usize; 2], align: Align) -> Vec<f32> {
    let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
    let [rows, columns] = [0, 1].map(|axis| taps(from[axis], to[axis], align));
    let mut resized = Vec::with_capacity(to[0] * to[1]);
    for (top, bottom, down) in rows {
        let row = |y: usize| &values[y * from[1]..][..from[1]];
        let (top, bottom) = (row(top), row(bottom));
        resized.extend(columns.iter().map(|&(left, right, along)| {
            mix(mix(top[left], top[right], along), mix(bottom[left], bottom[right], along), down)
        }));
    }
    resized
}

/// For each target place the two source places it lies between, and how far it is from the first.
fn taps(from: usize, to: usize, align: Align) -> Vec<(usize, usize, f32)> {
    let last = from.saturating_sub(1);
    let place = |i: usize| match align {
        Align::Edges => (i as f32 + 0.5) * from as f32 / to as f32 - 0.5,
        Align::Centres if to > 1 => i as f32 * last as f32 / (to - 1) as f32,
        Align::Centres => 0.0,
    };
    (0..to)
        .map(|i| {
            let place = place(i).clamp(0.0, last as f32);
            let first = place as usize;
            (first, (first + 1).min(last), place - first as f32)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_conventions_equal_tables_worked_by_hand() {
        let edges = bilinear(&[0.0, 1.0], [1, 2], [1, 4], Align::Edges);
        assert_eq!(edges, [0.0, 0.25, 0.75, 1.0]);
        let centres = bilinear(&[0.0, 3.0], [2, 1], [4, 1], Align::Centres);
        assert_eq!(centres, [0.0, 1.0, 2.0, 3.0]);
        // Height and width are not confused, and both directions work at once.
        let square = bilinear(&[0.0, 2.0, 4.0, 6.0], [2, 2], [3, 2], Align::Centres);
        assert_eq!(square, [0.0, 2.0, 2.0, 4.0, 4.0, 6.0]);
    }

    #[test]
    fn equal_sizes_and_even_areas_stay_as_they_are() {
        let values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
        for align in [Align::Edges, Align::Centres] {
            assert_eq!(bilinear(&values, [2, 3], [2, 3], align), values);
            assert_eq!(bilinear(&[0.7; 121], [11, 11], [28, 28], align), [0.7; 784]);
            assert_eq!(bilinear(&[5.0], [1, 1], [3, 1], align), [5.0; 3]);
        }
    }
}
