//! Agreement of two maps, and the area under a curve.

/// Pearson's correlation coefficient, -1..=1; 0 where one of the two is the same everywhere.
pub(super) fn pearson(a: &[f32], b: &[f32]) -> f32 {
    let mean = |values: &[f32]| {
        values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len().max(1) as f64
    };
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (f64::from(a) - mean_a, f64::from(b) - mean_b);
        both += a * b;
        square_a += a * a;
        square_b += b * b;
    }
    let scale = (square_a * square_b).sqrt();
    if scale > 0.0 { (both / scale).clamp(-1.0, 1.0) as f32 } else { 0.0 }
}

/// Spearman's rank correlation, -1..=1: Pearson's of the ranks.
pub(super) fn spearman(a: &[f32], b: &[f32]) -> f32 {
    pearson(&ranks(a), &ranks(b))
}

/// The place of each value in ascending order; equal values share the mean of their places.
fn ranks(values: &[f32]) -> Vec<f32> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for equals in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let mean = first as f32 + (equals.len() - 1) as f32 / 2.0;
        equals.iter().for_each(|&i| ranks[i] = mean);
        first += equals.len();
    }
    ranks
}

/// The area under evenly spaced points over 0..=1, by the trapezoid rule.
pub(super) fn area(curve: &[f32]) -> f32 {
    let sum: f32 = curve.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).sum();
    sum / (curve.len().max(2) - 1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations_equal_cases_worked_by_hand() {
        assert_eq!(pearson(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), 1.0);
        assert_eq!(pearson(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0);
        // (-1, 0, 1) and (-1, 1, 0): 1 / 2.
        assert!((pearson(&[0.0, 1.0, 2.0], &[1.0, 3.0, 2.0]) - 0.5).abs() < 1e-6);
        // Only the order counts for ranks.
        assert_eq!(spearman(&[0.1, 0.2, 5.0], &[1.0, 100.0, 101.0]), 1.0);
        for other in [[1.0, 2.0], [3.0, 3.0]] {
            assert_eq!(pearson(&[7.0, 7.0], &other), 0.0);
            assert_eq!(spearman(&[7.0, 7.0], &other), 0.0);
        }
        assert_eq!(pearson(&[], &[]), 0.0);
    }

    #[test]
    fn equal_values_share_the_mean_of_their_ranks() {
        assert_eq!(ranks(&[5.0, 0.0, 5.0, 9.0, 5.0]), [2.0, 0.0, 2.0, 4.0, 2.0]);
        assert_eq!(ranks(&[0.0, -0.0, 1.0]), [0.5, 0.5, 2.0]);
    }

    #[test]
    fn areas_are_those_of_trapezoids() {
        assert_eq!(area(&[1.0, 1.0, 1.0]), 1.0);
        assert_eq!(area(&[0.0, 1.0]), 0.5);
        assert_eq!(area(&[1.0, 0.0, 0.0]), 0.25);
    }
}
