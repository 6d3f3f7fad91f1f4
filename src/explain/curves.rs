//! Deletion and insertion curves: what becomes of a class's probability as pixels go and come.

use super::objective::Objective;
use super::pass::floats;
use super::pixels::Pixels;
use super::split::SplitModel;
use crate::rng::Rng;

/// Steps from the whole image to none of it.
const STEPS: usize = 28;
/// What a pixel becomes that is taken away, in every channel: neither black nor white. Of a digit,
/// black would be paper, and taking paper away would change nothing, though its being empty is
/// evidence too.
const GREY: f32 = 0.5;
/// Random orders whose mean stands for all of them, by their streams.
const RANDOM_ORDERS: [u64; 4] = [1, 2, 3, 4];
/// The stream that breaks ties.
const TIES: u64 = 0;

/// The probability of `target` as the hottest pixels are made grey, a 28th of them at a time, and
/// as the hottest pixels alone are shown on grey: 29 points each. `map` has a value a pixel.
///
/// Equal pixels, such as all those without heat, go in an order drawn once for all maps: row by row
/// would take one side of the image first.
pub(super) fn ranked(
    model: &impl SplitModel,
    image: &Pixels,
    map: &[f32],
    target: usize,
) -> (Vec<f32>, Vec<f32>) {
    let mut order = shuffled(image.count(), TIES);
    order.sort_by(|&i, &j| map[j].total_cmp(&map[i]));
    let (turns, grey) = (turns(image, &order), greys(image));
    let rows = [replaced(&image.values, &grey, &turns), replaced(&grey, &image.values, &turns)];
    let mut curve = probabilities(model, image, rows.concat(), target);
    let insertion = curve.split_off(STEPS + 1);
    (curve, insertion)
}

/// The same as pixels are made grey in random order: 29 points, each the mean of a few orders.
///
/// Backwards it is the curve of the insertion in the opposite orders.
pub(super) fn random(model: &impl SplitModel, image: &Pixels, target: usize) -> Vec<f32> {
    mean(&RANDOM_ORDERS.map(|n| in_order(n, model, image, target)))
}

/// The same while it is `wanted`, which is asked before each order; then `None`.
pub(super) fn random_while(
    wanted: &dyn Fn() -> bool,
    model: &impl SplitModel,
    image: &Pixels,
    target: usize,
) -> Option<Vec<f32>> {
    let each = |n| wanted().then(|| in_order(n, model, image, target));
    let curves: Option<Vec<_>> = RANDOM_ORDERS.into_iter().map(each).collect();
    curves.map(|curves| mean(&curves))
}

/// The same in one random order.
fn in_order(n: u64, model: &impl SplitModel, image: &Pixels, target: usize) -> Vec<f32> {
    let order = shuffled(image.count(), n);
    let rows = replaced(&image.values, &greys(image), &turns(image, &order));
    probabilities(model, image, rows, target)
}

fn mean(curves: &[Vec<f32>]) -> Vec<f32> {
    let at = |i: usize| curves.iter().map(|curve| curve[i]).sum::<f32>() / curves.len() as f32;
    (0..=STEPS).map(at).collect()
}

/// An image of which nothing is shown.
fn greys(image: &Pixels) -> Vec<f32> {
    vec![GREY; image.values.len()]
}

/// All pixels in an order of chance, always the same for the same stream.
fn shuffled(pixels: usize, stream: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pixels).collect();
    Rng::stream(0x7275_7374, stream).shuffle(&mut order);
    order
}

/// The elements of the pixels whose turn it is in each step, when pixels go in this order: 28 lists
/// of about the same length.
fn turns(image: &Pixels, order: &[usize]) -> Vec<Vec<usize>> {
    let mut steps = vec![0; order.len()];
    for (place, &pixel) in order.iter().enumerate() {
        steps[pixel] = place * STEPS / order.len();
    }
    let mut turns = vec![Vec::new(); STEPS];
    for (element, &pixel) in image.pixels.iter().enumerate() {
        turns[steps[pixel]].push(element);
    }
    turns
}

/// An image with none, one, two, ... steps of its elements replaced: 29 images.
fn replaced(image: &[f32], with: &[f32], turns: &[Vec<usize>]) -> Vec<f32> {
    let mut image = image.to_vec();
    let mut images = image.clone();
    for turn in turns {
        turn.iter().for_each(|&element| image[element] = with[element]);
        images.extend_from_slice(&image);
    }
    images
}

/// The probability of `target` for each image; 0 where the network gives no number.
fn probabilities(
    model: &impl SplitModel,
    image: &Pixels,
    rows: Vec<f32>,
    target: usize,
) -> Vec<f32> {
    let logits = model.forward(image.batch(rows));
    let [_, classes] = logits.dims();
    let probability = |row: &[f32]| {
        let p = Objective::Probability.value(row, target);
        if p.is_finite() { p } else { 0.0 }
    };
    floats(logits).chunks_exact(classes).map(probability).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use burn::tensor::{Device, Tensor, TensorData};

    use super::*;

    /// Its logits are the sums of the image's two channels, which come first.
    struct Sums;

    impl SplitModel for Sums {
        fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
            images.permute([0, 2, 3, 1])
        }

        fn head(&self, activations: Tensor<4>) -> Tensor<2> {
            activations.sum_dim(1).sum_dim(2).flatten(1, 3)
        }

        fn image_axes(&self) -> [usize; 2] {
            [2, 3]
        }
    }

    /// Five rows of seven pixels, which 28 does not divide.
    fn picture() -> Pixels {
        let values: Vec<f32> = (0..70).map(|i| (i * 7 % 11) as f32 / 10.0).collect();
        let image = TensorData::new(values, [1, 2, 5, 7]);
        Pixels::new(&Sums, Tensor::from_data(image, &Device::flex()))
    }

    #[test]
    fn curves_lead_from_the_image_to_grey_and_back() {
        let image = picture();
        let map: Vec<f32> = (0..35).map(|i| (i % 5) as f32).collect();
        let (deletion, insertion) = ranked(&Sums, &image, &map, 1);
        let random = random(&Sums, &image, 1);
        for curve in [&deletion, &insertion, &random] {
            assert_eq!(curve.len(), STEPS + 1);
        }
        let ends = [image.values.clone(), greys(&image)].concat();
        let ends = probabilities(&Sums, &image, ends, 1);
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
    fn random_curves_are_given_up_when_they_are_not_wanted_any_more() {
        let image = picture();
        let whole = random_while(&|| true, &Sums, &image, 1);
        assert_eq!(whole, Some(random(&Sums, &image, 1)));
        let asked = Cell::new(0);
        let twice = || asked.replace(asked.get() + 1) < 2;
        assert_eq!(random_while(&twice, &Sums, &image, 1), None);
        assert_eq!(asked.get(), 3, "nothing more is done after the first no");
    }

    #[test]
    fn pixels_go_in_their_order_in_all_channels_and_equals_in_no_pattern() {
        let image = picture();
        let order = shuffled(35, TIES);
        let white = vec![1.0; 70];
        let images = replaced(&white, &greys(&image), &turns(&image, &order));
        assert_eq!(images.len(), (STEPS + 1) * 70);
        for (step, image) in images.chunks_exact(70).enumerate() {
            let mut gone: Vec<usize> = (0..35).filter(|&pixel| image[pixel] == GREY).collect();
            let mut first = order[..(step * 35).div_ceil(STEPS)].to_vec();
            gone.sort_unstable();
            first.sort_unstable();
            assert_eq!(gone, first, "{step}");
            assert_eq!(image[..35], image[35..], "{step}");
        }
        assert_ne!(order, shuffled(35, 1));
        let first = &shuffled(784, TIES)[..28];
        assert!(first.iter().any(|&i| i > 392) && first.iter().any(|&i| i < 392));
    }
}
