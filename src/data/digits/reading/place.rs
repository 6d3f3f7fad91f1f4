//! A digit's ink, brought to where MNIST has its digits.

use std::ops::RangeInclusive;

use super::parts::Digit;
use crate::data::digits::{PIXELS, SIDE, ink};

/// Where MNIST's digits have the centre of their ink, within half a pixel.
const CENTRE: f32 = 14.5;

/// The longer side of the box around all ink: 20 pixels, or a little more where an edge is soft.
const BOXES: RangeInclusive<usize> = 19..=22;

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

/// Whether the digit is where MNIST has its own, and the program the digits that it draws: in a box of
/// about 20 pixels, on nothing but paper, its ink's centre within a pixel of the middle.
pub fn is_placed(pixels: &[u8; PIXELS]) -> bool {
    let inked = || (0..PIXELS).filter(|&i| pixels[i] > 0);
    let extent = |at: fn(usize) -> usize| {
        let (low, high) = (inked().map(at).min(), inked().map(at).max());
        low.zip(high).map_or(0, |(low, high)| high - low + 1)
    };
    let longest = extent(|i| i % SIDE).max(extent(|i| i / SIDE));
    let middle = (CENTRE + ink::CENTRE) / 2.0;
    let centre = ink::centre(&pixels.map(f32::from));
    BOXES.contains(&longest) && centre.iter().all(|at| (at - middle).abs() < 0.9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> [u8; PIXELS] {
        std::array::from_fn(|i| {
            if columns.contains(&(i % SIDE)) && rows.contains(&(i / SIDE)) { 255 } else { 0 }
        })
    }

    #[test]
    fn mnists_place_is_a_box_of_20_pixels_around_the_inks_centre() {
        assert!(is_placed(&bar(13..16, 4..24)));
        assert!(is_placed(&bar(12..16, 5..25)));
        assert!(!is_placed(&bar(16..19, 4..24)), "off centre");
        assert!(!is_placed(&bar(13..16, 8..21)), "small");
        assert!(!is_placed(&bar(13..16, 2..26)), "large");
        assert!(!is_placed(&[0; PIXELS]));
    }
}
