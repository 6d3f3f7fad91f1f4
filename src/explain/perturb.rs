//! Methods without gradients: they change something, run the network again, and see what the score
//! does.

use burn::tensor::{Device, Tensor, TensorData};

use super::formulas::weighted;
use super::heatmap::Heatmap;
use super::pass::{Pass, Row, floats};
use super::pixels::pixels;
use super::resize::{Align, bilinear};
use super::split::SplitModel;
use crate::logits::probabilities;

/// Most rows in one forward pass, which bounds the memory of networks with many channels.
const AT_ONCE: usize = 64;

/// Score-CAM (Wang et al., CVPR Workshops 2020, arXiv 1910.01279): `sum_k w_k A_k`, with `w` the
/// softmax over the channels of the score of the image, darkened where the channel is.
///
/// As in pytorch-grad-cam a channel is brought to the image's size with its corners on the image's
/// corners, and to 0..=1 as `(x - min) / (max - min + 1e-8)`; the image is multiplied with that as
/// it is given. A channel that is the same everywhere makes it black, so that all of them share one
/// pass.
pub(super) fn score_cam(model: &impl SplitModel, images: Tensor<4>, pass: &Pass) -> Vec<Heatmap> {
    let device = images.device();
    let dims = images.dims();
    let [n, shape @ ..] = dims;
    let axes = model.image_axes();
    let size = axes.map(|axis| dims[axis]);
    let pixels = pixels(dims, axes);
    let images = floats(images);
    let len = pixels.len();
    // What the network says to each channel's image; of a channel without one, to black.
    let answers = |image: usize| -> (Vec<Option<usize>>, Vec<f32>) {
        let image_values = &images[image * len..][..len];
        let a = pass.row(image).a;
        let (mut batch, mut place) = (Vec::new(), Vec::new());
        let mut count = 0;
        for channel in 0..pass.size[2] {
            let mask = mask(a, pass.size, channel, size);
            place.push(mask.is_some().then_some(count));
            if let Some(mask) = mask {
                batch.extend(pixels.iter().zip(image_values).map(|(&at, value)| mask[at] * value));
                count += 1;
            }
        }
        batch.resize(batch.len() + len, 0.0);
        (place, forward(|rows| model.forward(rows), &batch, shape, &device))
    };
    let answers: Vec<_> = (0..n).map(answers).collect();
    let map = |row: Row, image: usize| {
        let (place, logits) = &answers[image];
        let black = logits.len() / pass.classes - 1;
        let scores: Vec<f32> = place
            .iter()
            .map(|place| {
                let at = place.unwrap_or(black) * pass.classes;
                pass.objective.value(&logits[at..at + pass.classes], row.target)
            })
            .collect();
        probabilities(&scores)
    };
    heatmaps(pass, n, map)
}

/// Ablation-CAM (Desai and Ramaswamy, WACV 2020): `sum_k w_k A_k`, with `w_k` what the score loses
/// when channel k is zero.
///
/// The paper and pytorch-grad-cam divide `w_k` by the score. That cancels when the map is divided
/// by its maximum, except that it turns the whole map round where the score is negative; so it is
/// left out, and the map is evidence for the class, always, in units of the score.
pub(super) fn ablation_cam(model: &impl SplitModel, images: usize, pass: &Pass) -> Vec<Heatmap> {
    let device = pass.slopes.device();
    let channels = pass.size[2];
    // What the network says with all channels, and without each that has something to lose: in one
    // batch they are rounded alike, and most of that cancels in the differences.
    let answers = |image: usize| {
        let a = pass.row(image).a;
        let live = |k: &usize| a.iter().skip(*k).step_by(channels).any(|&a| a != 0.0);
        let live: Vec<usize> = (0..channels).filter(live).collect();
        let mut batch = a.repeat(live.len() + 1);
        for (&k, row) in live.iter().zip(batch.chunks_exact_mut(a.len()).skip(1)) {
            row.iter_mut().skip(k).step_by(channels).for_each(|a| *a = 0.0);
        }
        let logits = forward(|rows| model.head(rows), &batch, pass.size, &device);
        (live, logits)
    };
    let answers: Vec<_> = (0..images).map(answers).collect();
    let map = |row: Row, image: usize| {
        let (live, logits) = &answers[image];
        let scores = logits.chunks_exact(pass.classes);
        let mut scores = scores.map(|logits| pass.objective.value(logits, row.target));
        let whole = scores.next().unwrap_or(0.0);
        let mut weights = vec![0.0; channels];
        live.iter().zip(scores).for_each(|(&k, score)| weights[k] = whole - score);
        weights
    };
    heatmaps(pass, images, map)
}

/// The map of each row from its channels' weights; a row's image is its own or the only one.
fn heatmaps(pass: &Pass, images: usize, weights: impl Fn(Row, usize) -> Vec<f32>) -> Vec<Heatmap> {
    let [height, width, channels] = pass.size;
    let heatmap = |(i, row): (usize, Row)| {
        let blank = row.if_blank();
        if row.target >= pass.classes {
            return Heatmap::blank([height, width], blank);
        }
        let weights = weights(row, if images == 1 { 0 } else { i });
        Heatmap::new(weighted(row.a, &weights, channels), [height, width], blank)
    };
    pass.rows().enumerate().map(heatmap).collect()
}

/// A channel at the image's size as a mask of 0..=1; `None` if it is the same everywhere.
fn mask(
    a: &[f32],
    [height, width, channels]: [usize; 3],
    channel: usize,
    size: [usize; 2],
) -> Option<Vec<f32>> {
    let values: Vec<f32> = a.iter().copied().skip(channel).step_by(channels).collect();
    if values.iter().all(|value| *value == values[0]) {
        return None;
    }
    let mut mask = bilinear(&values, [height, width], size, Align::Centres);
    let (low, high) = mask
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    mask.iter_mut().for_each(|value| *value = (*value - low) / (high - low + 1e-8));
    Some(mask)
}

/// The logits of rows of the shape `shape`.
fn forward(
    run: impl Fn(Tensor<4>) -> Tensor<2>,
    rows: &[f32],
    shape @ [a, b, c]: [usize; 3],
    device: &Device,
) -> Vec<f32> {
    let len: usize = shape.iter().product();
    let batches = rows.chunks(AT_ONCE * len);
    batches
        .flat_map(|batch| {
            let data = TensorData::new(batch.to_vec(), [batch.len() / len, a, b, c]);
            floats(run(Tensor::from_data(data, device)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_reaches_from_0_to_1_and_a_channel_without_a_shape_has_none() {
        // Two channels of 1x2: (2, 4), and 7 everywhere.
        let a = [2.0, 7.0, 4.0, 7.0];
        assert_eq!(mask(&a, [1, 2, 2], 0, [1, 3]), Some(vec![0.0, 0.5, 1.0]));
        assert_eq!(mask(&a, [1, 2, 2], 1, [1, 3]), None);
    }
}
