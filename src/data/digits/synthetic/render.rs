//! Lines into 28 x 28 pixels, placed as MNIST's are.

use super::{Random, Vec2};
use crate::data::digits::{PIXELS, SIDE, ink};

/// Draws the lines as MNIST was made: scaled into a box of 20 x 20 pixels with the pen's width,
/// then moved by whole pixels so that the centre of the ink is in the middle.
pub(super) fn render(lines: &mut [Vec<Vec2>], random: &mut Random, image: &mut [u8]) {
    let thickness = 2.3 * libm::expf(0.4 * random.normal());
    let thickness = thickness.clamp(1.1, 5.2);
    ink::fit(lines, ink::BOX - thickness);
    let edge = random.between(0.9, 1.5);
    let gain = random.between(1.0, 1.25);
    let mut canvas = [0.0f32; PIXELS];
    for line in lines.iter() {
        let taper = 0.1 * random.normal();
        let count = line.len().max(2) as f32;
        for (i, pair) in line.windows(2).enumerate() {
            let along = 2.0 * i as f32 / count - 1.0;
            let radius = thickness / 2.0 * (1.0 + taper * along).clamp(0.8, 1.2);
            ink::draw_segment(&mut canvas, pair[0], pair[1], radius, edge);
        }
    }
    let (dx, dy) = shift(&canvas, random);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (from_x, from_y) = (x as i32 - dx, y as i32 - dy);
            let inside = 0..SIDE as i32;
            let covered = if inside.contains(&from_x) && inside.contains(&from_y) {
                canvas[from_y as usize * SIDE + from_x as usize]
            } else {
                0.0
            };
            image[y * SIDE + x] = ink::byte(covered * gain);
        }
    }
}

/// Whole pixels that bring the centre of the ink to the middle, and now and then one more.
fn shift(canvas: &[f32; PIXELS], random: &mut Random) -> (i32, i32) {
    let centre = ink::centre(canvas);
    let mut offset = |at: f32| {
        let nudge = if random.between(0.0, 1.0) < 0.3 { random.between(-1.5, 1.5) } else { 0.0 };
        (ink::CENTRE - at).round() as i32 + nudge as i32
    };
    (offset(centre[0]), offset(centre[1]))
}
