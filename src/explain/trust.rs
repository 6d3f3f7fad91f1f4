//! Can a map be trusted? Figures for the map of one digit.

use super::curves;
use super::resize::{Align, bilinear};
use super::statistics::{area, pearson};
use super::{Explanation, Heatmap, Query, explain};
use crate::data::SIDE;
use crate::model::cnn::{Cnn, images};
use crate::model::evaluate::scale;
use crate::model::layer::{At, Layer};

/// Ink that counts as such, as a share of white.
const INK: f32 = 0.2;
/// Rows and columns by which the digit is shifted.
const SHIFTS: [(i32, i32); 4] = [(0, 1), (0, -1), (1, 0), (-1, 0)];

/// How a map does where it can be put to the test.
///
/// A curve has 29 points, the probability of the explained class at 0, 28, 56, ... 784 pixels; its
/// area is by the trapezoid rule over 0..=1. A pixel that is not shown is grey, half way between
/// paper and ink: were it black, like paper, only ink could be taken away. Curves show the network
/// digits unlike any it has learnt, and only the order of the pixels counts in them, so that none
/// of these figures should be read without the one for a random order beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trust {
    /// The hottest pixels taken away first (Petsiuk et al., "RISE", 2018, arXiv 1806.07421): a good
    /// map's falls early.
    pub deletion: Vec<f32>,
    /// Only the hottest pixels shown, the rest grey: a good map's rises early.
    pub insertion: Vec<f32>,
    /// As `deletion`, in random order: the mean of a few.
    pub random_deletion: Vec<f32>,
    /// As `insertion`, in random order: the mean of a few.
    pub random_insertion: Vec<f32>,
    /// Under `deletion`, 0..=1: less is better.
    pub deletion_area: f32,
    /// Under `insertion`, 0..=1: more is better.
    pub insertion_area: f32,
    /// Under `random_deletion`.
    pub random_deletion_area: f32,
    /// Under `random_insertion`.
    pub random_insertion_area: f32,
    /// The share of the heat on pixels brighter than a fifth of white, 0..=1; 0 for an empty map.
    pub on_ink: f32,
    /// Pearson's correlation of the map with the maps of the digit shifted by one pixel left, right,
    /// up and down, each shifted back, where they overlap: the mean of the four, -1..=1. It is
    /// 0 for an empty map.
    pub stability: f32,
}

/// Puts the map of one digit to the test.
///
/// `pixels` are the digit's 784, and `explanation` is what [`explain`] said of it at `layer`, asked
/// `query`. Maps are taken to the pixels with half-pixel centres. Everything is deterministic, and
/// the model is only read.
pub fn trust(
    model: &Cnn,
    pixels: &[u8],
    layer: Layer,
    query: Query,
    explanation: &Explanation,
) -> Trust {
    let random = curves::random(model, pixels, explanation.target);
    trust_beside(&random, model.at(layer), pixels, query, explanation)
}

/// The same, given [`curves::random`] of the digit and the class, which no map changes.
pub(crate) fn trust_beside(
    random_deletion: &[f32],
    model: At,
    pixels: &[u8],
    query: Query,
    explanation: &Explanation,
) -> Trust {
    let (map, target) = (to_pixels(&explanation.heatmap), explanation.target);
    let (deletion, insertion) = curves::ranked(model.model, pixels, &map, target);
    let random_deletion = random_deletion.to_vec();
    // A random order backwards is a random order, and what it inserts is what the other leaves.
    let random_insertion: Vec<f32> = random_deletion.iter().rev().copied().collect();
    Trust {
        deletion_area: area(&deletion),
        insertion_area: area(&insertion),
        random_deletion_area: area(&random_deletion),
        random_insertion_area: area(&random_insertion),
        deletion,
        insertion,
        random_deletion,
        random_insertion,
        on_ink: on_ink(pixels, &map),
        stability: stability(&model, pixels, query, target, &map),
    }
}

/// The map at the digit's size.
fn to_pixels(map: &Heatmap) -> Vec<f32> {
    bilinear(&map.values, [map.height, map.width], [SIDE, SIDE], Align::Edges)
}

fn on_ink(pixels: &[u8], map: &[f32]) -> f32 {
    let all: f32 = map.iter().sum();
    let inked = pixels.iter().zip(map).filter(|(pixel, _)| f32::from(**pixel) > INK * 255.0);
    let on: f32 = inked.map(|(_, heat)| heat).sum();
    if all > 0.0 { on / all } else { 0.0 }
}

fn stability(model: &At, pixels: &[u8], query: Query, target: usize, map: &[f32]) -> f32 {
    let shifted: Vec<u8> = SHIFTS.iter().flat_map(|&by| shift(pixels, by)).collect();
    let shifted = images(scale(&shifted), &model.model.device());
    let answers = explain(model, shifted, &[Some(target); SHIFTS.len()], query);
    let agreement = |(answer, by): (&Explanation, (i32, i32))| {
        let moved = to_pixels(&answer.heatmap);
        let pairs = (0..map.len()).filter_map(|i| source(i, by).map(|from| (map[from], moved[i])));
        let (still, moved): (Vec<f32>, Vec<f32>) = pairs.unzip();
        pearson(&still, &moved)
    };
    answers.iter().zip(SHIFTS).map(agreement).sum::<f32>() / SHIFTS.len() as f32
}

/// The picture moved down and to the right, black behind it.
fn shift(pixels: &[u8], by: (i32, i32)) -> Vec<u8> {
    let place = |i: usize| source(i, by).map_or(0, |from| pixels[from]);
    (0..SIDE * SIDE).map(place).collect()
}

/// The place from which a shift brings what is then at place `i`, if it is in the picture.
fn source(i: usize, (down, right): (i32, i32)) -> Option<usize> {
    let inside = |place: usize, by: i32| {
        let from = place.checked_add_signed(-by as isize)?;
        (from < SIDE).then_some(from)
    };
    Some(inside(i / SIDE, down)? * SIDE + inside(i % SIDE, right)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_moves_the_picture_and_loses_what_leaves_it() {
        let mut pixels = vec![0; SIDE * SIDE];
        pixels[3 * SIDE + 5] = 9;
        pixels[SIDE - 1] = 7;
        let right = shift(&pixels, (0, 1));
        assert_eq!((right[3 * SIDE + 6], right.iter().filter(|&&p| p > 0).count()), (9, 1));
        let up = shift(&pixels, (-1, 0));
        assert_eq!((up[2 * SIDE + 5], up.iter().filter(|&&p| p > 0).count()), (9, 1));
        assert_eq!(shift(&shift(&pixels, (1, 0)), (-1, 0)), pixels);
    }

    #[test]
    fn heat_is_on_ink_or_beside_it() {
        let mut pixels = vec![0; SIDE * SIDE];
        pixels[..2].copy_from_slice(&[52, 51]);
        let mut map = vec![0.0; SIDE * SIDE];
        assert_eq!(on_ink(&pixels, &map), 0.0);
        map[..2].copy_from_slice(&[0.75, 0.25]);
        assert_eq!(on_ink(&pixels, &map), 0.75);
    }
}
