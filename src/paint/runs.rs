//! Longer runs of one colour in a picture: what a far terminal pays for.

use super::{Raster, Rgb};

/// The picture in colours of which each channel strays by at most `tolerance`, so that a terminal
/// is told fewer of them: a cell takes up the two colours of the cell before it where it can.
///
/// Two rows are one row of cells, as half blocks show them.
pub(super) fn longer_runs(raster: &Raster, tolerance: u8) -> Raster {
    let mut found = raster.clone();
    let width = raster.width;
    for upper in (0..raster.height).step_by(2) {
        // Below an odd last row lies nothing; it is drawn like the pixel above.
        let lower = (upper + 1).min(raster.height - 1);
        let mut pen = [[0; 3]; 2];
        for x in 0..width {
            let top = closest(&pen, raster.at(x, upper), tolerance);
            let bottom = closest(&[pen[0], pen[1], top], raster.at(x, lower), tolerance);
            pen = match top == bottom {
                // A cell of one colour leaves one of the others as it was.
                true => [top, if top == pen[0] { pen[1] } else { pen[0] }],
                false => [top, bottom],
            };
            found.pixels[upper * width + x] = top;
            found.pixels[lower * width + x] = bottom;
        }
    }
    found
}

/// The closest of some colours, or `rgb` itself if a channel of it is further away than
/// `tolerance`.
fn closest(colours: &[Rgb], rgb: Rgb, tolerance: u8) -> Rgb {
    let far = |other: Rgb| (0..3).map(|i| other[i].abs_diff(rgb[i])).max();
    let closest = colours.iter().copied().min_by_key(|other| far(*other));
    closest.filter(|other| far(*other) <= Some(tolerance)).unwrap_or(rgb)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn row(greys: &[u8]) -> Raster {
        Raster { width: greys.len(), height: 1, pixels: greys.iter().map(|v| [*v; 3]).collect() }
    }

    #[test]
    fn a_colour_goes_on_until_it_is_too_far_away() {
        let found = longer_runs(&row(&[100, 103, 108, 109, 104, 200, 101]), 8);
        // 109 is too far from 100, which is still there for 104, and after 200 for 101.
        assert_eq!(found, row(&[100, 100, 100, 109, 100, 200, 100]));
        let found = longer_runs(&row(&[100, 103]), 0);
        assert_eq!(found, row(&[100, 103]));
    }

    #[test]
    fn every_channel_counts() {
        let pixels = vec![[100, 100, 100], [100, 100, 120], [120, 100, 100], [104, 96, 100]];
        let raster = Raster { width: 4, height: 1, pixels: pixels.clone() };
        let found = longer_runs(&raster, 8);
        assert_eq!(found.pixels, pixels);
    }

    #[test]
    fn both_pixels_of_a_cell_take_one_colour_where_they_are_alike() {
        let pixels = vec![[50, 60, 70], [90, 90, 90], [52, 58, 70], [200, 0, 0]];
        let found = longer_runs(&Raster { width: 2, height: 2, pixels }, 8);
        assert_eq!(found.pixels, [[50, 60, 70], [90, 90, 90], [50, 60, 70], [200, 0, 0]]);
    }

    #[test]
    fn no_channel_strays_further_than_it_may_at_any_size() {
        let mut rng = Rng::new(3);
        for (width, height) in [(0, 0), (1, 1), (1, 5), (7, 1), (16, 9), (24, 32)] {
            let mut channel = || (60.0 * rng.uniform()) as u8;
            let pixels = (0..width * height).map(|_| [channel(), channel(), channel()]).collect();
            let raster = Raster { width, height, pixels };
            let found = longer_runs(&raster, 8);
            assert_eq!((found.width, found.height), (width, height));
            for (before, after) in raster.pixels.iter().zip(&found.pixels) {
                assert!((0..3).all(|i| before[i].abs_diff(after[i]) <= 8), "{before:?} {after:?}");
            }
        }
    }
}
