//! Lines into 28 x 28 pixels, placed as MNIST's are.

use super::{Random, Vec2};
use crate::data::{PIXELS, SIDE};

/// The box that a digit fits into, ink included, in pixels.
const BOX: f32 = 20.0;
/// Where the centre of the ink goes.
const CENTRE: f32 = 14.0;

/// Draws the lines as MNIST was made: scaled into a box of 20 x 20 pixels with the pen's width,
/// then moved by whole pixels so that the centre of the ink is in the middle.
pub(super) fn render(lines: &mut [Vec<Vec2>], random: &mut Random, image: &mut [u8]) {
    let thickness = 2.3 * libm::expf(0.4 * random.normal());
    let thickness = thickness.clamp(1.1, 5.2);
    fit(lines, BOX - thickness);
    let edge = random.between(0.9, 1.5);
    let gain = random.between(1.0, 1.25);
    let mut canvas = [0.0f32; PIXELS];
    for line in lines.iter() {
        let taper = 0.1 * random.normal();
        let count = line.len().max(2) as f32;
        for (i, pair) in line.windows(2).enumerate() {
            let along = 2.0 * i as f32 / count - 1.0;
            let radius = thickness / 2.0 * (1.0 + taper * along).clamp(0.8, 1.2);
            draw_segment(&mut canvas, pair[0], pair[1], radius, edge);
        }
    }
    let (dx, dy) = shift(&canvas, random);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (from_x, from_y) = (x as i32 - dx, y as i32 - dy);
            let inside = 0..SIDE as i32;
            let ink = if inside.contains(&from_x) && inside.contains(&from_y) {
                canvas[from_y as usize * SIDE + from_x as usize]
            } else {
                0.0
            };
            image[y * SIDE + x] = ((ink * gain).min(1.0) * 255.0 + 0.5) as u8;
        }
    }
}

/// Scales and centres the lines so that they fit a square of this side.
fn fit(lines: &mut [Vec<Vec2>], side: f32) {
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
fn draw_segment(canvas: &mut [f32; PIXELS], a: Vec2, b: Vec2, radius: f32, edge: f32) {
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

/// Whole pixels that bring the centre of the ink to the middle, and now and then one more.
fn shift(canvas: &[f32; PIXELS], random: &mut Random) -> (i32, i32) {
    let (mut mass, mut x_sum, mut y_sum) = (0.0, 0.0, 0.0);
    for (i, &ink) in canvas.iter().enumerate() {
        mass += ink;
        x_sum += ink * ((i % SIDE) as f32 + 0.5);
        y_sum += ink * ((i / SIDE) as f32 + 0.5);
    }
    let mut offset = |sum: f32| {
        let nudge = if random.between(0.0, 1.0) < 0.3 { random.between(-1.5, 1.5) } else { 0.0 };
        (CENTRE - sum / mass.max(1e-6)).round() as i32 + nudge as i32
    };
    (offset(x_sum), offset(y_sum))
}
