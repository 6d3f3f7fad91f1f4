//! Dropout whose mask depends only on a seed, the image and the element: the same on every device
//! and for any number of threads.

use crate::rng::Rng;

/// A dropout of half of the elements, drawn from `seed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropout {
    /// Selects the mask; a new one for each layer and each training step.
    pub seed: u64,
}

/// The mask for `images * per_image` elements: 0 where dropped, 2 where kept, so that the expected
/// activation stays the same ("inverted" dropout, Srivastava et al., JMLR 15, 2014).
pub fn mask(drop: Dropout, images: usize, per_image: usize) -> Vec<f32> {
    let mut mask = Vec::with_capacity(images * per_image);
    for image in 0..images {
        let mut rng = Rng::stream(drop.seed, image as u64);
        for start in (0..per_image).step_by(64) {
            let bits = rng.next_u64();
            let run = (per_image - start).min(64);
            mask.extend((0..run).map(|bit| ((bits >> bit & 1) * 2) as f32));
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_half_and_repeats_with_its_seed() {
        let a = mask(Dropout { seed: 5 }, 32, 7744);
        assert_eq!(a, mask(Dropout { seed: 5 }, 32, 7744));
        assert_ne!(a, mask(Dropout { seed: 6 }, 32, 7744));
        let kept = a.iter().filter(|&&m| m == 2.0).count() as f32 / a.len() as f32;
        assert!((kept - 0.5).abs() < 0.005, "{kept}");
        assert!(a.iter().all(|&m| m == 0.0 || m == 2.0));
    }

    #[test]
    fn an_image_keeps_its_mask_whatever_stands_beside_it() {
        let many = mask(Dropout { seed: 5 }, 4, 100);
        let few = mask(Dropout { seed: 5 }, 2, 100);
        assert_eq!(many[..200], few[..]);
        assert_ne!(many[..100], many[100..200]);
    }
}
