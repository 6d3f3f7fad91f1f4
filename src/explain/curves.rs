//! Deletion and insertion curves: what becomes of a class's probability as pixels go and come.

use crate::data::PIXELS;
use crate::model::Cnn;
use crate::model::cnn::images;
use crate::model::evaluate::scale;
use crate::rng::Rng;

use super::pass::floats;
use super::score::Score;

/// Steps from the whole digit to none of it.
const STEPS: usize = 28;
/// Pixels a step.
const STEP: usize = PIXELS / STEPS;
/// What a pixel becomes that is taken away: neither ink nor paper. Black would be paper, and taking
/// paper away would change nothing, though its being empty is evidence too.
const GREY: f32 = 0.5;
/// Random orders whose mean stands for all of them.
const RANDOM_ORDERS: u64 = 4;
/// The stream that breaks ties; the ones after it are the random orders.
const TIES: u64 = 0;
/// A digit of which nothing is shown.
const GREYS: [f32; PIXELS] = [GREY; PIXELS];

/// The probability of `target` as the hottest pixels are made grey, 28 at a time, and as the
/// hottest pixels alone are shown on grey: 29 points each. `map` is `[784]`.
///
/// Equal pixels, such as all those without heat, go in an order drawn once for all maps: row by row
/// would take one side of the digit first.
pub(super) fn ranked(
    model: &Cnn,
    pixels: &[u8],
    map: &[f32],
    target: usize,
) -> (Vec<f32>, Vec<f32>) {
    let mut order = shuffled(TIES);
    order.sort_by(|&i, &j| map[j].total_cmp(&map[i]));
    let white = scale(pixels);
    let rows = [replaced(&white, &GREYS, &order), replaced(&GREYS, &white, &order)].concat();
    let mut curve = probabilities(model, rows, target);
    let insertion = curve.split_off(STEPS + 1);
    (curve, insertion)
}

/// The same as pixels are made grey in random order: 29 points, each the mean of a few orders.
///
/// Backwards it is the curve of the insertion in the opposite orders.
pub(crate) fn random(model: &Cnn, pixels: &[u8], target: usize) -> Vec<f32> {
    let white = scale(pixels);
    let orders = (1..=RANDOM_ORDERS).map(|n| replaced(&white, &GREYS, &shuffled(TIES + n)));
    let curves = probabilities(model, orders.flatten().collect(), target);
    let mut mean = vec![0.0; STEPS + 1];
    for curve in curves.chunks_exact(STEPS + 1) {
        mean.iter_mut().zip(curve).for_each(|(mean, p)| *mean += p / RANDOM_ORDERS as f32);
    }
    mean
}

/// All pixels in an order of chance, always the same for the same stream.
fn shuffled(stream: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..PIXELS).collect();
    Rng::stream(0x7275_7374, stream).shuffle(&mut order);
    order
}

/// A digit with none, one, two, ... steps of its pixels replaced in this order: 29 digits.
fn replaced(digit: &[f32], with: &[f32], order: &[usize]) -> Vec<f32> {
    let mut digit = digit.to_vec();
    let mut digits = digit.clone();
    for step in order.chunks_exact(STEP) {
        step.iter().for_each(|&pixel| digit[pixel] = with[pixel]);
        digits.extend_from_slice(&digit);
    }
    digits
}

/// The probability of `target` for each digit; 0 where the network gives no number.
fn probabilities(model: &Cnn, digits: Vec<f32>, target: usize) -> Vec<f32> {
    let logits = model.forward(images(digits, &model.device()));
    let [_, classes] = logits.dims();
    let probability = |row: &[f32]| {
        let p = Score::Probability.value(row, target);
        if p.is_finite() { p } else { 0.0 }
    };
    floats(logits).chunks_exact(classes).map(probability).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeviceKind;

    #[test]
    fn curves_lead_from_the_digit_to_grey_and_back() {
        let model = Cnn::new(1, &DeviceKind::Flex.open());
        let pixels: Vec<u8> = (0..PIXELS).map(|i| (i * 7 % 256) as u8).collect();
        let map: Vec<f32> = (0..PIXELS).map(|i| (i % 5) as f32).collect();
        let (deletion, insertion) = ranked(&model, &pixels, &map, 3);
        let random = random(&model, &pixels, 3);
        for curve in [&deletion, &insertion, &random] {
            assert_eq!(curve.len(), STEPS + 1);
        }
        let ends = probabilities(&model, [scale(&pixels), GREYS.to_vec()].concat(), 3);
        for (found, expected) in [
            (deletion[0], ends[0]),
            (insertion[STEPS], ends[0]),
            (random[0], ends[0]),
            (deletion[STEPS], ends[1]),
            (insertion[0], ends[1]),
            (random[STEPS], ends[1]),
        ] {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn the_hottest_pixels_go_first_and_equals_in_no_pattern() {
        let order = shuffled(TIES);
        let digits = replaced(&[1.0; PIXELS], &GREYS, &order);
        let grey = |step: usize| {
            let digit = &digits[step * PIXELS..][..PIXELS];
            (0..PIXELS).filter(|&i| digit[i] == GREY).collect::<Vec<_>>()
        };
        assert_eq!((grey(0).len(), grey(1).len(), grey(STEPS).len()), (0, STEP, PIXELS));
        let mut first = order[..STEP].to_vec();
        first.sort_unstable();
        assert_eq!(grey(1), first);
        assert!(first.iter().any(|&i| i > PIXELS / 2) && first.iter().any(|&i| i < PIXELS / 2));
        assert_ne!(order, shuffled(1));
    }
}
