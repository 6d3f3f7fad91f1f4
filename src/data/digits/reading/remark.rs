//! Whether a picture holds a single digit at all.

use std::fmt;

use super::paper::Ink;
use super::parts::{Digit, Part};

/// Parts that a digit falls into at most.
const MOST_PARTS: usize = 6;
/// The paper's grain, of a full stroke's ink, from which the two are not told apart.
const GRAINY: f32 = 0.2;
/// The least length of a stroke in pixels.
const SHORTEST: usize = 3;

/// Why a picture may not hold a single digit; what the network says of it may mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// The paper is as uneven as the ink.
    NoPaper,
    /// So many shapes of a digit's size lie beside or below each other.
    Shapes(usize),
    /// So many pieces.
    Pieces(usize),
    /// It is wider than any digit.
    Wide,
    /// Most of the picture is ink.
    Full,
    /// A dot, or a blot without strokes.
    Blot,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPaper => f.write_str("the paper cannot be told from the ink"),
            Self::Shapes(count) => write!(f, "there are {count} shapes apart from each other"),
            Self::Pieces(count) => write!(f, "the ink lies in {count} pieces"),
            Self::Wide => f.write_str("the ink is much wider than it is high"),
            Self::Full => f.write_str("ink covers most of the picture"),
            Self::Blot => f.write_str("the ink is a blot without strokes"),
        }?;
        f.write_str("; this may be no single digit")
    }
}

/// What there is to say about it.
pub fn of(ink: &Ink, digit: &Digit) -> Option<Remark> {
    let parts = &digit.parts;
    let largest = parts.first()?;
    let shapes = shapes(parts);
    let inked: usize = parts.iter().map(|part| part.places.len()).sum();
    let [width, height] = digit.extent();
    let (long, short) = (width.max(height), width.min(height));
    if ink.grain > GRAINY * digit.full {
        Some(Remark::NoPaper)
    } else if 2 * inked > ink.plane.values.len() {
        Some(Remark::Full)
    } else if shapes > 1 {
        Some(Remark::Shapes(shapes))
    } else if parts.len() > MOST_PARTS {
        Some(Remark::Pieces(parts.len()))
    } else if width > 2 * height {
        Some(Remark::Wide)
    } else if largest.longest() < SHORTEST || (2 * short > long && 8 * inked > 7 * width * height) {
        Some(Remark::Blot)
    } else {
        None
    }
}

/// How many parts are as large as digits beside the largest one: at least half as high, with a
/// quarter of its ink, and neither above nor beside it in part only.
fn shapes(parts: &[Part]) -> usize {
    let Some((largest, rest)) = parts.split_first() else { return 0 };
    let apart = |part: &&Part| {
        let beside = part.left >= largest.right || largest.left >= part.right;
        let below = part.top >= largest.bottom || largest.top >= part.bottom;
        let large = 2 * part.height() >= largest.height() && 4.0 * part.mass >= largest.mass;
        large && (beside || below)
    };
    1 + rest.iter().filter(apart).count()
}
