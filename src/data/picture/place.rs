//! A digit's ink, brought to where MNIST has its digits.

use super::parts::Digit;
use crate::data::{PIXELS, SIDE, ink};

/// Where MNIST's digits have the centre of their ink, within half a pixel.
const CENTRE: f32 = 14.5;

/// Scales the ink into a box of 20 x 20 pixels and moves its centre to the middle.
pub fn placed(digit: &Digit) -> [u8; PIXELS] {
    let [columns, rows] = digit.bounds();
    let longest = columns.len().max(rows.len()) as f32;
    // What has MNIST's size already stays as sharp as it is.
    let same = (longest - ink::BOX).abs() <= 1.0;
    let scale = if same { 1.0 } else { longest / ink::BOX };
    let middle = [columns, rows].map(|range| {
        let middle = (range.start + range.end) as f32 / 2.0;
        if same { middle.floor() } else { middle }
    });
    let mut canvas = [0.0; PIXELS];
    for (i, pixel) in canvas.iter_mut().enumerate() {
        let from = |at: usize, middle: f32| (at as f32 - SIDE as f32 / 2.0) * scale + middle;
        let (x, y) = (from(i % SIDE, middle[0]), from(i / SIDE, middle[1]));
        *pixel = match scale >= 1.0 {
            true => digit.plane.mean(x..x + scale, y..y + scale),
            false => digit.plane.between(x + scale / 2.0, y + scale / 2.0),
        };
    }
    let most = canvas.iter().copied().fold(1e-6, f32::max);
    let by = ink::centre(&canvas).map(|at| (CENTRE - at).round() as isize);
    let mut pixels = [0; PIXELS];
    for (i, pixel) in pixels.iter_mut().enumerate() {
        let from = |at: usize, by: isize| at.checked_add_signed(-by).filter(|&at| at < SIDE);
        if let Some((x, y)) = from(i % SIDE, by[0]).zip(from(i / SIDE, by[1])) {
            *pixel = ink::byte(canvas[SIDE * y + x] / most);
        }
    }
    pixels
}

/// Whether the digit is where MNIST has its own: in a box of 20 pixels, on nothing but paper, its
/// ink's centre within a pixel of where it would be moved.
pub fn is_placed(pixels: &[u8; PIXELS]) -> bool {
    let inked = || (0..PIXELS).filter(|&i| pixels[i] > 0);
    let extent = |at: fn(usize) -> usize| {
        let (low, high) = (inked().map(at).min(), inked().map(at).max());
        low.zip(high).map_or(0, |(low, high)| high - low + 1)
    };
    let longest = extent(|i| i % SIDE).max(extent(|i| i / SIDE));
    let centre = ink::centre(&pixels.map(f32::from));
    (19..=20).contains(&longest) && centre.iter().all(|at| (at - CENTRE).abs() <= 1.0)
}
