//! Ink on 28 x 28 pixels, placed as MNIST's is.

use super::{PIXELS, SIDE};

/// A place on the paper in pixels: to the right, and down.
pub type Point = [f32; 2];

/// The box that a digit fits into, ink included, in pixels.
pub(super) const BOX: f32 = 20.0;
/// Where the centre of the ink goes.
pub(super) const CENTRE: f32 = 14.0;

/// Scales and centres the lines so that they fit a square of this side.
pub(super) fn fit(lines: &mut [Vec<Point>], side: f32) {
    let mut low = [f32::INFINITY; 2];
    let mut high = [f32::NEG_INFINITY; 2];
    for point in lines.iter().flatten() {
        for k in 0..2 {
            low[k] = low[k].min(point[k]);
            high[k] = high[k].max(point[k]);
        }
    }
    let extent = (high[0] - low[0]).max(high[1] - low[1]).max(1e-6);
    let scale = side / extent;
    for point in lines.iter_mut().flatten() {
        for k in 0..2 {
            point[k] = (point[k] - (low[k] + high[k]) / 2.0) * scale + CENTRE;
        }
    }
}

/// Raises each pixel to how much of it the segment's pen covers, with an edge of this softness.
pub(super) fn draw_segment(canvas: &mut [f32; PIXELS], a: Point, b: Point, radius: f32, edge: f32) {
    let reach = radius + edge;
    let range = |k: usize| {
        let low = (a[k].min(b[k]) - reach).floor().clamp(0.0, SIDE as f32) as usize;
        let high = (a[k].max(b[k]) + reach).ceil().clamp(0.0, SIDE as f32) as usize;
        low..high
    };
    let along = [b[0] - a[0], b[1] - a[1]];
    let length = (along[0] * along[0] + along[1] * along[1]).max(1e-9);
    for y in range(1) {
        for x in range(0) {
            let from = [x as f32 + 0.5 - a[0], y as f32 + 0.5 - a[1]];
            let t = ((from[0] * along[0] + from[1] * along[1]) / length).clamp(0.0, 1.0);
            let off = [from[0] - t * along[0], from[1] - t * along[1]];
            let distance = (off[0] * off[0] + off[1] * off[1]).sqrt();
            let cover = ((radius - distance) / edge + 0.5).clamp(0.0, 1.0);
            let pixel = &mut canvas[y * SIDE + x];
            *pixel = pixel.max(cover);
        }
    }
}

/// The centre of the ink.
pub(super) fn centre(canvas: &[f32; PIXELS]) -> Point {
    let (mut mass, mut sums) = (0.0, [0.0; 2]);
    for (i, &ink) in canvas.iter().enumerate() {
        mass += ink;
        sums[0] += ink * ((i % SIDE) as f32 + 0.5);
        sums[1] += ink * ((i / SIDE) as f32 + 0.5);
    }
    sums.map(|sum| sum / mass.max(1e-6))
}

/// A pixel of so much ink, 0 to 1 and beyond.
pub(super) fn byte(ink: f32) -> u8 {
    (ink.min(1.0) * 255.0 + 0.5) as u8
}

/// Ink that counts as such, as a share of white.
const INK: f32 = 0.2;

/// Whether a pixel of a digit is ink: brighter than a fifth of white.
pub fn is_ink(pixels: &[u8]) -> impl Fn(usize) -> bool {
    |pixel| f32::from(pixels[pixel]) > INK * 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_brighter_than_a_fifth_of_white() {
        assert_eq!([0, 1, 2].map(is_ink(&[52, 51, 0])), [true, false, false]);
    }
}
