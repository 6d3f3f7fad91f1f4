//! A batch of images from a set of bytes.

use super::simd::Level;

/// Writes the images `indices` of `pixels` (`per_image` bytes each) to `out`, as `byte / 255`.
///
/// # Panics
/// If an index lies outside of `pixels`, or `out` is not `indices.len() * per_image` long.
pub fn gather(level: Level, pixels: &[u8], per_image: usize, indices: &[u32], out: &mut [f32]) {
    assert_eq!(out.len(), indices.len() * per_image, "one image an index");
    for (&index, out) in indices.iter().zip(out.chunks_exact_mut(per_image.max(1))) {
        let image = &pixels[index as usize * per_image..][..per_image];
        level.dispatch(
            #[inline(always)]
            || out.iter_mut().zip(image).for_each(|(out, &byte)| *out = f32::from(byte) / 255.0),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::levels;

    #[test]
    fn picks_images_in_the_given_order_and_scales_them() {
        let pixels: Vec<u8> = (0..=255).cycle().take(7 * 37).collect();
        for level in levels() {
            let mut out = vec![f32::NAN; 3 * 37];
            gather(level, &pixels, 37, &[6, 0, 6], &mut out);
            for (slot, index) in [6, 0, 6].into_iter().enumerate() {
                for e in 0..37 {
                    let expected = f32::from(pixels[index * 37 + e]) / 255.0;
                    assert_eq!(out[slot * 37 + e], expected, "{level:?}");
                }
            }
        }
    }
}
