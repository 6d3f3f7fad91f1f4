//! Which pixels of a digit are ink.

/// Ink that counts as such, as a share of white.
const INK: f32 = 0.2;

/// Whether a pixel of a digit is ink: brighter than a fifth of white. For [`trust`](super::trust())
/// and [`compare`](super::compare).
pub fn ink(pixels: &[u8]) -> impl Fn(usize) -> bool {
    |pixel| f32::from(pixels[pixel]) > INK * 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_brighter_than_a_fifth_of_white() {
        assert_eq!([0, 1, 2].map(ink(&[52, 51, 0])), [true, false, false]);
    }
}
