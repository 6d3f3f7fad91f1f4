//! Heatmaps: what a method makes of a layer's activations and gradients, or why there is nothing.

use strum::IntoStaticStr;

use super::formulas;
use super::methods::Method;

/// Why a map looks as it does. It has its name in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// There is positive evidence.
    Ok,
    /// Every place speaks against the class, or for nothing.
    NoPositiveEvidence,
    /// The gradient is zero everywhere: the score no longer depends on the layer.
    Saturated,
    /// Every activation is zero: the layer is silent for this image.
    DeadLayer,
    /// Some number is infinite or none at all, as when a training has gone astray.
    NotFinite,
    /// The network does not offer what the method needs.
    Unsupported,
}

impl Status {
    /// One clause for a reader; empty where there is nothing to explain.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Ok => "",
            Self::NoPositiveEvidence => "no place speaks for this class",
            Self::Saturated => "the score is saturated: its gradient is zero",
            Self::DeadLayer => "the layer is silent for this digit",
            Self::NotFinite => "the network's numbers are out of range",
            Self::Unsupported => "this network does not offer what the method needs",
        }
    }
}

/// Evidence for a class at each place of the target layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Heatmap {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Row-major, divided by the largest value: 0..=1. All zero unless the status is ok.
    pub values: Vec<f32>,
    /// Row-major, before it was cut at zero and divided, in units of the score; it is `values` times
    /// `raw_max` where the method allows no negative values. All finite, or all zero.
    pub raw: Vec<f32>,
    /// The largest value before the division, in units of the score.
    pub raw_max: f32,
    /// Whether there is evidence, and if not, why.
    pub status: Status,
}

/// Grad-CAM (Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via
/// Gradient-based Localization", ICCV 2017, arXiv 1610.02391): `ReLU(sum_k a_k A_k)` with `a_k` the
/// mean of channel k's gradients, divided by its maximum. See [`heatmap`].
pub fn grad_cam(activations: &[f32], gradients: &[f32], shape: [usize; 3]) -> Heatmap {
    check(activations, gradients, shape);
    let [height, width, channels] = shape;
    let raw = formulas::grad_cam(activations, gradients, channels);
    Heatmap::new(raw, [height, width], Status::of_blank(activations, gradients))
}

/// The map of a method, cut at zero and divided by its maximum.
///
/// `activations` and `gradients` are `[height, width, channels]`, row-major. The result is never
/// NaN: a map without positive evidence is all zeros, with the reason in its status. `None` for
/// the methods that have to run the network again (Score-CAM, Ablation-CAM and the guided ones);
/// [`explain`](super::explain) has them all.
///
/// # Panics
/// If the lengths do not fit the shape, or there are no channels.
pub fn heatmap(
    method: Method,
    activations: &[f32],
    gradients: &[f32],
    shape: [usize; 3],
) -> Option<Heatmap> {
    check(activations, gradients, shape);
    let [height, width, channels] = shape;
    let raw = formulas::map(method, activations, gradients, channels)?;
    Some(Heatmap::new(raw, [height, width], Status::of_blank(activations, gradients)))
}

fn check(activations: &[f32], gradients: &[f32], [height, width, channels]: [usize; 3]) {
    assert!(channels > 0, "there are channels");
    assert_eq!(activations.len(), height * width * channels, "activations do not fit the shape");
    assert_eq!(gradients.len(), activations.len(), "gradients do not fit the activations");
}

impl Status {
    /// Why a map of these is blank, should it be.
    pub(super) fn of_blank(activations: &[f32], gradients: &[f32]) -> Self {
        if activations.iter().all(|&a| a == 0.0) {
            Self::DeadLayer
        } else if gradients.iter().all(|&g| g == 0.0) {
            Self::Saturated
        } else {
            Self::NoPositiveEvidence
        }
    }
}

impl Heatmap {
    /// From the map before it is cut, row-major; `if_blank` is the status of a map that has
    /// nothing above zero.
    pub(super) fn new(mut raw: Vec<f32>, [height, width]: [usize; 2], if_blank: Status) -> Self {
        let finite = raw.iter().all(|value| value.is_finite());
        if !finite {
            raw.fill(0.0);
        }
        let raw_max = raw.iter().copied().fold(0.0, f32::max);
        let status = match (finite, raw_max > 0.0) {
            (false, _) => Status::NotFinite,
            (true, true) => Status::Ok,
            (true, false) => if_blank,
        };
        // Dividing, not multiplying by 1/max, which overflows for the tiniest maxima.
        let scaled = |&value: &f32| if value > 0.0 { value / raw_max } else { 0.0 };
        let values = raw.iter().map(scaled).collect();
        Self { height, width, values, raw, raw_max, status }
    }

    /// A map of zeros.
    pub(super) fn blank([height, width]: [usize; 2], status: Status) -> Self {
        Self::new(vec![0.0; height * width], [height, width], status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_a_case_worked_by_hand() {
        // Two channels on a 1x2 layer. Channel means of the gradient: (1, -2).
        let activations = [3.0, 1.0, 2.0, 4.0];
        let gradients = [2.0, -1.0, 0.0, -3.0];
        // Place 0: 3*1 - 1*2 = 1. Place 1: 2*1 - 4*2 = -6, cut to 0.
        let map = grad_cam(&activations, &gradients, [1, 2, 2]);
        assert_eq!(map.values, [1.0, 0.0]);
        assert_eq!(map.raw, [1.0, -6.0]);
        assert_eq!(map.raw_max, 1.0);
        assert_eq!(map.status, Status::Ok);
    }

    #[test]
    fn a_map_without_evidence_is_zero_and_says_why() {
        let against = grad_cam(&[1.0, 2.0], &[-1.0, -1.0], [2, 1, 1]);
        assert_eq!(against.status, Status::NoPositiveEvidence);
        let saturated = grad_cam(&[1.0, 2.0], &[0.0, 0.0], [2, 1, 1]);
        assert_eq!(saturated.status, Status::Saturated);
        let dead = grad_cam(&[0.0, 0.0], &[1.0, 1.0], [2, 1, 1]);
        assert_eq!(dead.status, Status::DeadLayer);
        for map in [against, saturated, dead] {
            assert_eq!((map.values, map.raw_max), (vec![0.0, 0.0], 0.0));
            assert!(map.raw.iter().all(|&v| v <= 0.0));
        }
    }

    #[test]
    fn the_scale_of_the_score_cancels_and_tiny_maps_survive() {
        let a: Vec<f32> = (0..18).map(|i| (i * 7 % 5) as f32).collect();
        let g: Vec<f32> = (0..18).map(|i| (i * 11 % 7) as f32 - 2.5).collect();
        let map = grad_cam(&a, &g, [3, 3, 2]);
        assert_eq!(map.status, Status::Ok);
        for scale in [1024.0, 1.0 / 1024.0, 2f32.powi(-100)] {
            let scaled: Vec<f32> = g.iter().map(|v| v * scale).collect();
            let other = grad_cam(&a, &scaled, [3, 3, 2]);
            for (x, y) in map.values.iter().zip(&other.values) {
                assert!((x - y).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn numbers_out_of_range_never_become_nan() {
        let infinite = grad_cam(&[f32::MAX, 1.0], &[f32::MAX, f32::MAX], [2, 1, 1]);
        let nan = grad_cam(&[1.0, 1.0], &[f32::NAN, 1.0], [2, 1, 1]);
        for map in [infinite, nan] {
            assert_eq!((&map.values, &map.raw), (&vec![0.0; 2], &vec![0.0; 2]));
            assert_eq!((map.raw_max, map.status), (0.0, Status::NotFinite));
        }
    }
}
