//! Two maps compared.

use super::heatmap::Heatmap;

/// One map less another: where the first has more evidence it is positive.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Row-major, divided by the largest magnitude: -1..=1. All zero where the maps are equal.
    pub values: Vec<f32>,
    /// The largest magnitude before the division, in units of the score.
    pub raw_max: f32,
}

/// `a.raw - b.raw`, divided by its largest magnitude; `None` if the two have different sizes.
///
/// Of two classes of one digit it shows what speaks for the one rather than for the other. The
/// uncut maps are compared, so that evidence against the one counts as evidence for the other.
pub fn difference(a: &Heatmap, b: &Heatmap) -> Option<Difference> {
    if (a.height, a.width) != (b.height, b.width) {
        return None;
    }
    let raw: Vec<f32> = a.raw.iter().zip(&b.raw).map(|(a, b)| a - b).collect();
    let raw_max = raw.iter().fold(0.0, |max: f32, value| max.max(value.abs()));
    // Two finite numbers may be too far apart for a third.
    let usable = raw_max > 0.0 && raw_max.is_finite();
    let values = raw.iter().map(|value| if usable { value / raw_max } else { 0.0 }).collect();
    let raw_max = if usable { raw_max } else { 0.0 };
    Some(Difference { height: a.height, width: a.width, values, raw_max })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Status;

    fn map(raw: &[f32]) -> Heatmap {
        Heatmap::new(raw.to_vec(), [1, raw.len()], Status::NoPositiveEvidence)
    }

    #[test]
    fn evidence_against_the_one_counts_for_the_other() {
        let difference = difference(&map(&[3.0, -1.0, 0.0]), &map(&[1.0, 3.0, 0.0])).unwrap();
        assert_eq!(difference.values, [0.5, -1.0, 0.0]);
        assert_eq!((difference.raw_max, difference.height, difference.width), (4.0, 1, 3));
    }

    #[test]
    fn equal_or_unusable_maps_differ_by_zero_and_sizes_must_fit() {
        let one = map(&[1.0, 2.0]);
        let equal = difference(&one, &one).unwrap();
        assert_eq!((equal.values, equal.raw_max), (vec![0.0, 0.0], 0.0));
        let far = difference(&map(&[f32::MAX, 0.0]), &map(&[f32::MIN, 0.0])).unwrap();
        assert_eq!((far.values, far.raw_max), (vec![0.0, 0.0], 0.0));
        assert_eq!(difference(&one, &map(&[1.0])), None);
    }
}
