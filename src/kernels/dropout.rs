//! Dropout of one half, whose mask depends only on a seed, the image and the element: the same on
//! every device, for any number of threads and in any company of images.

use super::simd::Level;
use crate::rng::Rng;

/// A dropout of half of the elements, drawn from `seed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropout {
    /// Selects the mask; a new one for each layer and each training step.
    pub seed: u64,
}

/// What kept elements are multiplied by, so that the expected activation stays the same
/// ("inverted" dropout, Srivastava et al., JMLR 15, 2014).
pub const SCALE: f32 = 2.0;

/// The mask for `images * per_image` elements: 0 where dropped, [`SCALE`] where kept.
///
/// Element e of an image takes bit `e % 64` of word `e / 64` of the stream `(seed, image)`.
pub fn mask(drop: Dropout, images: usize, per_image: usize) -> Vec<f32> {
    let mut mask = vec![1.0; images * per_image];
    apply(Level::new(), drop, 0, per_image, &mut mask);
    mask
}

/// Multiplies `values` by the mask of the images from `first` on, `per_image` elements each.
pub fn apply(level: Level, drop: Dropout, first: usize, per_image: usize, values: &mut [f32]) {
    for (image, values) in values.chunks_mut(per_image.max(1)).enumerate() {
        let mut rng = Rng::stream(drop.seed, (first + image) as u64);
        level.dispatch(
            #[inline(always)]
            || {
                for word in values.chunks_mut(64) {
                    let bits = rng.next_u64();
                    // Halves, because 32-bit lanes shift and select without widening.
                    for (half, values) in word.chunks_mut(32).enumerate() {
                        let bits = (bits >> (32 * half)) as u32;
                        for (bit, value) in values.iter_mut().enumerate() {
                            let kept = bits >> bit & 1 == 1;
                            *value = if kept { *value * SCALE } else { 0.0 };
                        }
                    }
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::levels;

    #[test]
    fn keeps_half_and_repeats_with_its_seed() {
        let a = mask(Dropout { seed: 5 }, 32, 7744);
        assert_eq!(a, mask(Dropout { seed: 5 }, 32, 7744));
        assert_ne!(a, mask(Dropout { seed: 6 }, 32, 7744));
        let kept = a.iter().filter(|&&m| m == SCALE).count() as f32 / a.len() as f32;
        assert!((kept - 0.5).abs() < 0.005, "{kept}");
        assert!(a.iter().all(|&m| m == 0.0 || m == SCALE));
    }

    #[test]
    fn an_image_keeps_its_mask_whatever_stands_beside_it() {
        let many = mask(Dropout { seed: 5 }, 4, 100);
        let few = mask(Dropout { seed: 5 }, 2, 100);
        assert_eq!(many[..200], few[..]);
        assert_ne!(many[..100], many[100..200]);
        let mut third = vec![1.0; 100];
        apply(Level::new(), Dropout { seed: 5 }, 2, 100, &mut third);
        assert_eq!(many[200..300], third[..]);
    }

    #[test]
    fn every_level_takes_one_bit_an_element_from_the_image_stream() {
        let (images, per_image) = (3, 203);
        for level in levels() {
            let mut values = vec![1.0; images * per_image];
            apply(level, Dropout { seed: 9 }, 0, per_image, &mut values);
            for (image, values) in values.chunks(per_image).enumerate() {
                let mut rng = Rng::stream(9, image as u64);
                let words: Vec<u64> = (0..per_image.div_ceil(64)).map(|_| rng.next_u64()).collect();
                for (e, &value) in values.iter().enumerate() {
                    let bit = words[e / 64] >> (e % 64) & 1;
                    assert_eq!(value, (2 * bit) as f32, "{level:?}, image {image}, element {e}");
                }
            }
        }
    }
}
