//! Can a map be trusted? Figures for the map of one image.

use burn::tensor::Tensor;

use super::ask::{Explanation, explain};
use super::curves;
use super::heatmap::Heatmap;
use super::pixels::{Pixels, source};
use super::resize::{Align, bilinear};
use super::split::SplitModel;
use super::statistics::{area, pearson};

/// Rows and columns by which the image is shifted.
const SHIFTS: [(i32, i32); 4] = [(0, 1), (0, -1), (1, 0), (-1, 0)];

/// How a map does where it can be put to the test.
///
/// A curve has 29 points, the probability of the explained class when none of the pixels have had
/// their turn, a 28th of them, two 28ths, ... all of them; its area is by the trapezoid rule over
/// 0..=1. A pixel that is not shown is grey, 0.5 in every channel: were it black, like a digit's
/// paper, only ink could be taken away. Curves show the network images unlike any it has learnt,
/// and only the order of the pixels counts in them, so that none of these figures should be read
/// without the one for a random order beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trust {
    /// The hottest pixels taken away first (Petsiuk et al., "RISE", 2018, arXiv 1806.07421): a good
    /// map's falls early.
    pub deletion: Vec<f32>,
    /// Only the hottest pixels shown, the rest grey: a good map's rises early.
    pub insertion: Vec<f32>,
    /// As `deletion`, in random order: the mean of a few.
    pub random_deletion: Vec<f32>,
    /// As `insertion`, in random order: `random_deletion` backwards.
    pub random_insertion: Vec<f32>,
    /// Under `deletion`, 0..=1: less is better.
    pub deletion_area: f32,
    /// Under `insertion`, 0..=1: more is better.
    pub insertion_area: f32,
    /// Under `random_deletion`.
    pub random_deletion_area: f32,
    /// Under `random_insertion`: the same, but for rounding.
    pub random_insertion_area: f32,
    /// The share of the heat on the pixels that were said to be ink, 0..=1: [`heat_on`] of the map at
    /// the image's size.
    pub on_ink: f32,
    /// Pearson's correlation of the map with the maps of the image shifted by one pixel left, right,
    /// up and down, each shifted back, where they overlap: the mean of the four, -1..=1. It is
    /// 0 for an empty map.
    pub stability: f32,
}

/// Puts the map of one image to the test.
///
/// `image` is `[1, ...]` on a device without autodiff, black 0 and white 1, and `explanation` is
/// what [`explain`] said of it. `ink` says of each pixel, row-major, whether it belongs to what is
/// to be recognised, and only [`Trust::on_ink`] depends on it: the ink of a digit, or what somebody
/// has outlined in a photograph, or `|_| false` where nobody knows.
///
/// The network sees 29 changed images at once, four times, then 58, then 4. Maps are taken to the image's size
/// with half-pixel centres, and a shift brings in black. Everything is deterministic, and the model
/// is only read.
///
/// # Panics
/// If there is not exactly one image.
pub fn trust(
    model: &impl SplitModel,
    image: Tensor<4>,
    explanation: &Explanation,
    ink: impl Fn(usize) -> bool,
) -> Trust {
    let image = Pixels::new(model, image);
    let random = curves::random(model, &image, explanation.target);
    trust_beside(&random, model, &image, explanation, ink)
}

/// The same while it is `wanted`, which is asked before each piece of the work; then `None`.
pub fn trust_while(
    wanted: &dyn Fn() -> bool,
    model: &impl SplitModel,
    image: Tensor<4>,
    explanation: &Explanation,
    ink: impl Fn(usize) -> bool,
) -> Option<Trust> {
    let image = Pixels::new(model, image);
    let random = curves::random_while(wanted, model, &image, explanation.target)?;
    wanted().then(|| trust_beside(&random, model, &image, explanation, ink))
}

/// The same, given [`curves::random`] of the image and the class, which no map changes.
pub(super) fn trust_beside(
    random_deletion: &[f32],
    model: &impl SplitModel,
    image: &Pixels,
    explanation: &Explanation,
    ink: impl Fn(usize) -> bool,
) -> Trust {
    let map = to_pixels(&explanation.heatmap, image);
    let (deletion, insertion) = curves::ranked(model, image, &map, explanation.target);
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
        on_ink: share_on(&map, ink),
        stability: stability(model, image, explanation, &map),
    }
}

/// The share of a map's heat on these pixels, 0..=1: the proportion of the energy-based pointing game
/// (Wang et al., "Score-CAM", 2020, arXiv 1910.01279). It is 0 for an empty map.
///
/// The map is taken to the image's size (height, width) with half-pixel centres; pixels are counted
/// row by row there.
pub fn heat_on(map: &Heatmap, size: [usize; 2], pixels: impl Fn(usize) -> bool) -> f32 {
    share_on(&to_size(map, size), pixels)
}

/// The map at the image's size.
fn to_pixels(map: &Heatmap, image: &Pixels) -> Vec<f32> {
    to_size(map, image.size)
}

fn to_size(map: &Heatmap, size: [usize; 2]) -> Vec<f32> {
    bilinear(&map.values, [map.height, map.width], size, Align::Edges)
}

/// The share of the heat on these pixels.
fn share_on(map: &[f32], pixels: impl Fn(usize) -> bool) -> f32 {
    let all: f32 = map.iter().sum();
    let on: f32 = map.iter().enumerate().filter(|(i, _)| pixels(*i)).map(|(_, heat)| heat).sum();
    if all > 0.0 { on / all } else { 0.0 }
}

fn stability(
    model: &impl SplitModel,
    image: &Pixels,
    explanation: &Explanation,
    map: &[f32],
) -> f32 {
    let Explanation { target, query, .. } = *explanation;
    let shifted = SHIFTS.iter().flat_map(|&by| image.shifted(by)).collect();
    let answers = explain(model, image.batch(shifted), &[Some(target); SHIFTS.len()], query);
    let agreement = |(answer, by): (&Explanation, (i32, i32))| {
        let moved = to_pixels(&answer.heatmap, image);
        let back = |i| source(i, image.size, by).map(|from| (map[from], moved[i]));
        let (still, moved): (Vec<f32>, Vec<f32>) = (0..map.len()).filter_map(back).unzip();
        pearson(&still, &moved)
    };
    answers.iter().zip(SHIFTS).map(agreement).sum::<f32>() / SHIFTS.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_is_on_ink_or_beside_it() {
        let ink = |pixel| pixel == 0;
        assert_eq!(share_on(&[0.0; 3], ink), 0.0);
        assert_eq!(share_on(&[0.75, 0.25, 0.0], ink), 0.75);
    }
}
