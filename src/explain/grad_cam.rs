//! Heatmaps: what a method makes of a layer's activations and gradients, or why there is nothing.

use serde::Serialize;

use super::methods::Method;

/// Why a map looks as it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There is positive evidence.
    Ok,
    /// Every place speaks against the class, or for nothing.
    NoPositiveEvidence,
    /// The gradient is zero everywhere: the score no longer depends on the layer.
    Saturated,
    /// Every activation is zero: the layer is silent for this image.
    DeadLayer,
}

impl Status {
    /// One clause for a reader; empty where there is nothing to explain.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Ok => "",
            Self::NoPositiveEvidence => "no place speaks for this class",
            Self::Saturated => "the score is saturated: its gradient is zero",
            Self::DeadLayer => "the layer is silent for this digit",
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
    /// The largest value before the division, in units of the score.
    pub raw_max: f32,
    /// Whether there is evidence, and if not, why.
    pub status: Status,
}

/// Grad-CAM (Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via
/// Gradient-based Localization", ICCV 2017, arXiv 1610.02391): `ReLU(sum_k a_k A_k)` with `a_k` the
/// mean of channel k's gradients, divided by its maximum. See [`heatmap`].
pub fn grad_cam(activations: &[f32], gradients: &[f32], shape: [usize; 3]) -> Heatmap {
    heatmap(Method::GradCam, activations, gradients, shape)
}

/// The map of a method, cut at zero and divided by its maximum.
///
/// `activations` and `gradients` are `[height, width, channels]`, row-major. The result is never
/// NaN: a map without positive evidence is all zeros, with the reason in its status.
///
/// # Panics
/// If the lengths do not fit the shape, or there are no channels.
pub fn heatmap(
    method: Method,
    activations: &[f32],
    gradients: &[f32],
    [height, width, channels]: [usize; 3],
) -> Heatmap {
    assert!(channels > 0, "there are channels");
    assert_eq!(activations.len(), height * width * channels, "activations do not fit the shape");
    assert_eq!(gradients.len(), activations.len(), "gradients do not fit the activations");
    let map = method.map(activations, gradients, channels).into_iter().map(|v| v.max(0.0));
    let status = |max: f32| {
        if max > 0.0 {
            Status::Ok
        } else if activations.iter().all(|&a| a == 0.0) {
            Status::DeadLayer
        } else if gradients.iter().all(|&g| g == 0.0) {
            Status::Saturated
        } else {
            Status::NoPositiveEvidence
        }
    };
    normalise(map.collect(), [height, width], status)
}

/// Divides by the maximum; a map whose maximum is not positive and finite becomes all zeros.
fn normalise(
    mut values: Vec<f32>,
    [height, width]: [usize; 2],
    status: impl Fn(f32) -> Status,
) -> Heatmap {
    let max = values.iter().copied().fold(0.0, f32::max);
    let usable = max > 0.0 && max.is_finite();
    let raw_max = if usable { max } else { 0.0 };
    for value in &mut values {
        // Dividing, not multiplying by 1/max, which overflows for the tiniest maxima.
        *value = if usable { *value / max } else { 0.0 };
    }
    Heatmap { height, width, values, raw_max, status: status(raw_max) }
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
        let map = grad_cam(&[f32::MAX, 1.0], &[f32::MAX, f32::MAX], [2, 1, 1]);
        assert!(map.values.iter().all(|v| v.is_finite()));
        let map = grad_cam(&[1.0, 1.0], &[f32::NAN, 1.0], [2, 1, 1]);
        assert!(map.values.iter().all(|v| v.is_finite()));
    }
}
