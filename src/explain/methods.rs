//! Grad-CAM and its relatives: each makes one map of a layer's activations and gradients.
//!
//! Formulas are those of pytorch-grad-cam, so that maps can be compared number by number. In all
//! of them A is the activation, g the gradient of the score, k a channel, and a map is cut at zero
//! and divided by its maximum afterwards.

use clap::ValueEnum;

use crate::rng::Rng;

/// How a map is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, ValueEnum)]
pub enum Method {
    /// Mean gradient of each channel times its activations (Selvaraju et al., 2017)
    #[default]
    GradCam,
    /// Gradient times activation, place by place (Draelos and Carin, 2020)
    #[value(name = "hirescam")]
    HiResCam,
    /// Weights from higher derivatives of the score's exponential (Chattopadhay et al., 2018)
    #[value(name = "grad-cam++")]
    GradCamPlusPlus,
    /// Positive gradient times activation, place by place (Jiang et al., 2021)
    #[value(name = "layercam")]
    LayerCam,
    /// Gradients weighted with the share of the activation they meet (Fu et al., 2020)
    #[value(name = "xgrad-cam")]
    XGradCam,
    /// The activations' first principal component; knows no class (Muhammad and Yeasin, 2020)
    EigenCam,
    /// What speaks against the class: Grad-CAM of the negative gradient (Selvaraju et al., 2017)
    Counterfactual,
    /// Random weights: what any method has to beat
    RandomCam,
}

/// In the order in which they are cycled.
pub const METHODS: [Method; 8] = [
    Method::GradCam,
    Method::HiResCam,
    Method::GradCamPlusPlus,
    Method::LayerCam,
    Method::XGradCam,
    Method::EigenCam,
    Method::Counterfactual,
    Method::RandomCam,
];

impl Method {
    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::GradCam => "grad-cam",
            Self::HiResCam => "hirescam",
            Self::GradCamPlusPlus => "grad-cam++",
            Self::LayerCam => "layercam",
            Self::XGradCam => "xgrad-cam",
            Self::EigenCam => "eigen-cam",
            Self::Counterfactual => "counterfactual",
            Self::RandomCam => "random-cam",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::GradCam => "Grad-CAM",
            Self::HiResCam => "HiResCAM",
            Self::GradCamPlusPlus => "Grad-CAM++",
            Self::LayerCam => "LayerCAM",
            Self::XGradCam => "XGrad-CAM",
            Self::EigenCam => "EigenCAM",
            Self::Counterfactual => "counterfactual",
            Self::RandomCam => "Random-CAM",
        }
    }

    /// What the map shows about a class, as a title.
    pub fn describe(self, target: usize) -> String {
        match self {
            Self::GradCam => format!("evidence for {target}"),
            Self::Counterfactual => format!("evidence against {target}"),
            Self::EigenCam => format!("{}: of no class", self.title()),
            Self::RandomCam => format!("{}: no evidence", self.title()),
            _ => format!("{}: evidence for {target}", self.title()),
        }
    }

    /// The unit of a map's values when the score is a logit; empty where they have none.
    pub fn unit(self) -> &'static str {
        match self {
            Self::GradCam | Self::HiResCam | Self::LayerCam | Self::Counterfactual => " logits",
            _ => "",
        }
    }

    /// The method after this one.
    pub fn next(self) -> Self {
        let place = METHODS.iter().position(|&method| method == self).unwrap_or(0);
        METHODS[(place + 1) % METHODS.len()]
    }

    /// The map before it is cut at zero, `[places]`, from activations and gradients
    /// `[places, channels]`.
    pub(super) fn map(self, a: &[f32], g: &[f32], channels: usize) -> Vec<f32> {
        match self {
            Self::GradCam => weighted(a, &channel_means(g, channels, |g| g), channels),
            Self::Counterfactual => weighted(a, &channel_means(g, channels, |g| -g), channels),
            Self::HiResCam => place_sums(a, g, channels, |a, g| g * a),
            Self::LayerCam => place_sums(a, g, channels, |a, g| g.max(0.0) * a),
            Self::XGradCam => {
                let meets: Vec<f32> = g.iter().zip(a).map(|(g, a)| g * a).collect();
                let mut weights = channel_sums(&meets, channels);
                let sums = channel_sums(a, channels);
                weights.iter_mut().zip(sums).for_each(|(weight, sum)| *weight /= sum + 1e-7);
                weighted(a, &weights, channels)
            }
            Self::GradCamPlusPlus => {
                let sums = channel_sums(a, channels);
                let weigh = |(&g, sum): (&f32, &f32)| {
                    let alpha = g * g / (2.0 * g * g + sum * g * g * g + 1e-6);
                    // No gradient, no weight.
                    if g == 0.0 { 0.0 } else { alpha * g.max(0.0) }
                };
                let weights: Vec<f32> = g.iter().zip(sums.iter().cycle()).map(weigh).collect();
                weighted(a, &channel_sums(&weights, channels), channels)
            }
            Self::EigenCam => principal(a, channels),
            Self::RandomCam => {
                let mut rng = Rng::new(0);
                let weights: Vec<f32> = (0..channels).map(|_| 2.0 * rng.uniform() - 1.0).collect();
                weighted(a, &weights, channels)
            }
        }
    }
}

/// Sums over all places.
fn channel_sums(values: &[f32], channels: usize) -> Vec<f32> {
    let mut sums = vec![0.0; channels];
    for place in values.chunks_exact(channels) {
        sums.iter_mut().zip(place).for_each(|(sum, value)| *sum += value);
    }
    sums
}

/// Means over all places of `f` of each value.
fn channel_means(values: &[f32], channels: usize, f: impl Fn(f32) -> f32) -> Vec<f32> {
    let places = (values.len() / channels) as f32;
    channel_sums(values, channels).into_iter().map(|sum| f(sum / places)).collect()
}

/// `sum over k of w_k A_k`
fn weighted(a: &[f32], weights: &[f32], channels: usize) -> Vec<f32> {
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
    use super::*;

    /// Two places, two channels.
    const A: [f32; 4] = [3.0, 1.0, 2.0, 4.0];
    const G: [f32; 4] = [2.0, -1.0, 0.0, -3.0];

    #[test]
    fn equal_cases_worked_by_hand() {
        // Channel means of g: (1, -2).
        assert_eq!(Method::GradCam.map(&A, &G, 2), [1.0, -6.0]);
        assert_eq!(Method::Counterfactual.map(&A, &G, 2), [-1.0, 6.0]);
        assert_eq!(Method::HiResCam.map(&A, &G, 2), [5.0, -12.0]);
        assert_eq!(Method::LayerCam.map(&A, &G, 2), [6.0, 0.0]);
        // Weights 6 / 5 and -13 / 5.
        let xgrad = Method::XGradCam.map(&A, &G, 2);
        assert!((xgrad[0] - 1.0).abs() < 1e-5 && (xgrad[1] + 8.0).abs() < 1e-5, "{xgrad:?}");
        // Only the first gradient is positive: alpha 4 / (8 + 5 * 8), weight 2 / 12.
        let plus = Method::GradCamPlusPlus.map(&A, &G, 2);
        assert!((plus[0] - 0.5).abs() < 1e-5 && (plus[1] - 1.0 / 3.0).abs() < 1e-5, "{plus:?}");
        // Centred: (0.5, -1.5) and its opposite, on one line of length sqrt(2.5).
        let eigen = Method::EigenCam.map(&A, &G, 2);
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
            for (found, expected) in method.map(&a, &g, 5).iter().zip(&cam) {
                assert!((found - expected).abs() < 1e-5, "{method:?}: {found} {expected}");
            }
        }
    }

    #[test]
    fn every_method_comes_round_and_has_a_name_of_its_own() {
        let mut seen = Vec::new();
        let mut method = Method::default();
        for _ in METHODS {
            assert!(!seen.contains(&method.name()));
            seen.push(method.name());
            assert_eq!(<Method as ValueEnum>::from_str(method.name(), false), Ok(method));
            method = method.next();
        }
        assert_eq!(method, Method::default());
    }

    #[test]
    fn nothing_in_gives_nothing_out_and_never_nan() {
        for method in METHODS {
            let map = method.map(&[0.0; 6], &[0.0; 6], 2);
            assert!(map.iter().all(|&v| v == 0.0), "{method:?}: {map:?}");
        }
    }
}
