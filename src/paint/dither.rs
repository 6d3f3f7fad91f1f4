//! Colours that are not there, mixed of those that are.
//!
//! Four pixels, two by two, stand for one colour together. What the first of four colours lacks,
//! the next ones make up for; the place of a pixel alone decides which of the four it takes, so a
//! picture that changes in one place changes only there.

use super::Rgb;

/// Which of the four colours, from dark to light, the pixels of a row and of the row below take.
const TURNS: [[usize; 2]; 2] = [[0, 2], [3, 1]];
/// A colour is not mixed where each channel of a single one is so close: even areas stay even.
const CLOSE: u8 = 6;

/// What the pixel at this column and row shows of `rgb`, where `closest` gives the closest of the
/// colours that there are, and what it looks like.
pub(super) fn dithered<T: Copy>(
    rgb: Rgb,
    (x, y): (usize, usize),
    closest: impl Fn(Rgb) -> (T, Rgb),
) -> T {
    let first = closest(rgb);
    if (0..3).all(|i| first.1[i].abs_diff(rgb[i]) <= CLOSE) {
        return first.0;
    }
    let wanted = rgb.map(i16::from);
    let mut lacking = [0; 3];
    let mut four = [first; 4];
    for taken in &mut four {
        *taken = closest(std::array::from_fn(|i| (wanted[i] + lacking[i]).clamp(0, 255) as u8));
        for i in 0..3 {
            lacking[i] += wanted[i] - i16::from(taken.1[i]);
        }
    }
    four.sort_by_key(|(_, [red, green, blue])| {
        299 * u32::from(*red) + 587 * u32::from(*green) + 114 * u32::from(*blue)
    });
    four[TURNS[y % 2][x % 2]].0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Black or white, whichever is closer.
    fn one_bit(rgb: Rgb) -> (char, Rgb) {
        if rgb[0] < 128 { ('b', [0; 3]) } else { ('w', [255; 3]) }
    }

    #[test]
    fn four_pixels_share_a_colour_as_worked_by_hand() {
        // Of 64 the first pixels are short by 64 and 128, and then one is white.
        for (grey, expected) in [(0, "bbbb"), (64, "bbwb"), (128, "bwwb"), (192, "bwww")] {
            let four = [(0, 0), (1, 0), (0, 1), (1, 1)];
            let found = four.map(|place| dithered([grey; 3], place, one_bit));
            assert_eq!(found.iter().collect::<String>(), expected, "{grey}");
            let further = four.map(|(x, y)| dithered([grey; 3], (x + 2, y + 4), one_bit));
            assert_eq!(further, found, "the pattern repeats");
        }
    }

    #[test]
    fn what_is_close_to_one_colour_is_that_colour() {
        for grey in [249, 255] {
            let all = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|at| dithered([grey; 3], at, one_bit));
            assert_eq!(all, ['w'; 4]);
        }
    }
}
