//! Maps from a layer's activations and gradients, as pure functions.
//!
//! Formulas are those of pytorch-grad-cam, so that maps can be compared number by number. In all
//! of them A is the activation, g the gradient of the score, k a channel, and a map is cut at zero
//! and divided by its maximum afterwards.

use super::methods::Method;
use crate::rng::Rng;

/// The map before it is cut at zero, `[places]`, from activations and gradients
/// `[places, channels]`; `None` for the methods that have to run the network again.
pub(super) fn map(method: Method, a: &[f32], g: &[f32], channels: usize) -> Option<Vec<f32>> {
    Some(match method {
        Method::GradCam => grad_cam(a, g, channels),
        Method::Counterfactual => weighted(a, &channel_means(g, channels, |g| -g), channels),
        Method::HiResCam => place_sums(a, g, channels, |a, g| g * a),
        Method::LayerCam => place_sums(a, g, channels, |a, g| g.max(0.0) * a),
        Method::XGradCam => {
            let meets: Vec<f32> = g.iter().zip(a).map(|(g, a)| g * a).collect();
            let mut weights = channel_sums(&meets, channels);
            let sums = channel_sums(a, channels);
            weights.iter_mut().zip(sums).for_each(|(weight, sum)| *weight /= sum + 1e-7);
            weighted(a, &weights, channels)
        }
        Method::GradCamPlusPlus => {
            let sums = channel_sums(a, channels);
            let weigh = |(&g, sum): (&f32, &f32)| {
                let alpha = g * g / (2.0 * g * g + sum * g * g * g + 1e-6);
                // No gradient, no weight.
                if g == 0.0 { 0.0 } else { alpha * g.max(0.0) }
            };
            let weights: Vec<f32> = g.iter().zip(sums.iter().cycle()).map(weigh).collect();
            weighted(a, &channel_sums(&weights, channels), channels)
        }
        Method::EigenCam => principal(a, channels),
        Method::RandomCam => {
            let mut rng = Rng::new(pattern(a));
            let weights: Vec<f32> = (0..channels).map(|_| 2.0 * rng.uniform() - 1.0).collect();
            weighted(a, &weights, channels)
        }
        Method::ScoreCam | Method::AblationCam | Method::GuidedBackprop | Method::GuidedGradCam => {
            return None;
        }
    })
}

/// A number that follows from which activations are positive: other images draw other weights, the
/// same image the same ones, however its activations are rounded.
fn pattern(a: &[f32]) -> u64 {
    // FNV-1a, a bit at a time.
    let mix = |hash: u64, &a: &f32| (hash ^ u64::from(a > 0.0)).wrapping_mul(0x0100_0000_01b3);
    a.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// `sum over k of mean(g_k) A_k`
pub(super) fn grad_cam(a: &[f32], g: &[f32], channels: usize) -> Vec<f32> {
    weighted(a, &channel_means(g, channels, |g| g), channels)
}

/// Sums over all places.
pub(super) fn channel_sums(values: &[f32], channels: usize) -> Vec<f32> {
    let mut sums = vec![0.0; channels];
    for place in values.chunks_exact(channels) {
        sums.iter_mut().zip(place).for_each(|(sum, value)| *sum += value);
    }
    sums
}

/// Means over all places of `f` of each value.
pub(super) fn channel_means(values: &[f32], channels: usize, f: impl Fn(f32) -> f32) -> Vec<f32> {
    let places = (values.len() / channels) as f32;
    channel_sums(values, channels).into_iter().map(|sum| f(sum / places)).collect()
}

/// `sum over k of w_k A_k`
pub(super) fn weighted(a: &[f32], weights: &[f32], channels: usize) -> Vec<f32> {
    let place = |place: &[f32]| place.iter().zip(weights).map(|(a, w)| a * w).sum();
    a.chunks_exact(channels).map(place).collect()
}

/// `sum over k of f(A_k, g_k)`
fn place_sums(a: &[f32], g: &[f32], channels: usize, f: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let places = a.chunks_exact(channels).zip(g.chunks_exact(channels));
    places.map(|(a, g)| a.iter().zip(g).map(|(&a, &g)| f(a, g)).sum()).collect()
}

/// The activations along their first principal component, each channel centred. Its sign is
/// arbitrary; the one whose largest magnitude is positive is taken.
fn principal(a: &[f32], channels: usize) -> Vec<f32> {
    let means = channel_means(a, channels, |mean| mean);
    let centred: Vec<f64> =
        a.iter().zip(means.iter().cycle()).map(|(a, mean)| f64::from(a - mean)).collect();
    let project = |axis: &[f64]| -> Vec<f64> {
        let place = |place: &[f64]| place.iter().zip(axis).map(|(a, b)| a * b).sum();
        centred.chunks_exact(channels).map(place).collect()
    };
    // Power iteration on the covariance, which has no more rows than there are channels. It ends
    // when the axis stands still; where two components are equally strong, neither is wrong.
    const TURNS: usize = 2000;
    let mut axis: Vec<f64> = (0..channels).map(|k| 1.0 + k as f64 / channels as f64).collect();
    for _ in 0..TURNS {
        let mut next = vec![0.0; channels];
        for (place, along) in centred.chunks_exact(channels).zip(project(&axis)) {
            next.iter_mut().zip(place).for_each(|(next, a)| *next += a * along);
        }
        let norm = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        if norm == 0.0 {
            break;
        }
        next.iter_mut().for_each(|x| *x /= norm);
        let moved: f64 = next.iter().zip(&axis).map(|(a, b)| (a - b).abs()).sum();
        axis = next;
        if moved < 1e-10 {
            break;
        }
    }
    let map: Vec<f32> = project(&axis).into_iter().map(|v| v as f32).collect();
    let (low, high) = map.iter().fold((0.0f32, 0.0f32), |(l, h), &v| (l.min(v), h.max(v)));
    let sign = if -low > high { -1.0 } else { 1.0 };
    map.into_iter().map(|v| sign * v).collect()
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;

    fn map(method: Method, a: &[f32], g: &[f32]) -> Vec<f32> {
        super::map(method, a, g, 2).expect("a formula")
    }

    /// Two places, two channels.
    const A: [f32; 4] = [3.0, 1.0, 2.0, 4.0];
    const G: [f32; 4] = [2.0, -1.0, 0.0, -3.0];

    #[test]
    fn equal_cases_worked_by_hand() {
        // Channel means of g: (1, -2).
        assert_eq!(map(Method::GradCam, &A, &G), [1.0, -6.0]);
        assert_eq!(map(Method::Counterfactual, &A, &G), [-1.0, 6.0]);
        assert_eq!(map(Method::HiResCam, &A, &G), [5.0, -12.0]);
        assert_eq!(map(Method::LayerCam, &A, &G), [6.0, 0.0]);
        // Weights 6 / 5 and -13 / 5.
        let xgrad = map(Method::XGradCam, &A, &G);
        assert!((xgrad[0] - 1.0).abs() < 1e-5 && (xgrad[1] + 8.0).abs() < 1e-5, "{xgrad:?}");
        // Only the first gradient is positive: alpha 4 / (8 + 5 * 8), weight 2 / 12.
        let plus = map(Method::GradCamPlusPlus, &A, &G);
        assert!((plus[0] - 0.5).abs() < 1e-5 && (plus[1] - 1.0 / 3.0).abs() < 1e-5, "{plus:?}");
        // Centred: (0.5, -1.5) and its opposite, on one line of length sqrt(2.5).
        let eigen = map(Method::EigenCam, &A, &G);
        assert!((eigen[0].abs() - 2.5f32.sqrt()).abs() < 1e-5, "{eigen:?}");
        assert!((eigen[0] + eigen[1]).abs() < 1e-6, "{eigen:?}");
    }

    #[test]
    fn a_head_of_means_makes_three_methods_one() {
        // Where the gradient of a channel is the same everywhere, as behind a global mean.
        let mut rng = Rng::new(3);
        let a: Vec<f32> = (0..60).map(|_| rng.uniform()).collect();
        let weights: Vec<f32> = (0..5).map(|_| rng.uniform() - 0.5).collect();
        let g = weights.repeat(12);
        let cam = weighted(&a, &weights, 5);
        for method in [Method::GradCam, Method::HiResCam, Method::XGradCam] {
            for (found, expected) in
                super::map(method, &a, &g, 5).expect("a formula").iter().zip(&cam)
            {
                assert!((found - expected).abs() < 1e-5, "{method:?}: {found} {expected}");
            }
        }
    }

    #[test]
    fn nothing_in_gives_nothing_out_and_never_nan() {
        for &method in Method::VARIANTS {
            let map = super::map(method, &[0.0; 6], &[0.0; 6], 2).unwrap_or_default();
            assert!(map.iter().all(|&v| v == 0.0), "{method:?}: {map:?}");
        }
    }
}
