//! Guided backpropagation, and Grad-CAM sharpened with it.
//!
//! Both draw crisp outlines and neither should be trusted: they hardly change when the network's
//! weights are replaced by random ones (Adebayo et al., "Sanity Checks for Saliency Maps", 2018,
//! arXiv 1810.03292). They are here to be seen failing, see [`sanity`](super::sanity).

use burn::tensor::Tensor;

use super::heatmap;
use super::heatmap::{Heatmap, Status};
use super::pass::{Pass, floats, repeated};
use super::pixels::pixels;
use super::resize::{Align, bilinear};
use super::split::SplitModel;

/// The guided gradient of the score by each pixel, summed over an image's colours, at the image's
/// size. What is above zero is shown: where more ink would raise the score.
pub(super) fn backprop(model: &impl SplitModel, images: Tensor<4>, pass: &Pass) -> Vec<Heatmap> {
    maps(model, images, pass, |_, gradient| gradient)
}

/// Guided Grad-CAM (Selvaraju et al., 2017): the guided gradient times the Grad-CAM map, 0..=1,
/// brought to the image's size with half-pixel centres.
pub(super) fn grad_cam(model: &impl SplitModel, images: Tensor<4>, pass: &Pass) -> Vec<Heatmap> {
    let axes = model.image_axes();
    let size = axes.map(|axis| images.dims()[axis]);
    maps(model, images, pass, |i, mut gradient| {
        let row = pass.row(i);
        let map = heatmap::grad_cam(row.a, row.g, pass.size);
        let map = bilinear(&map.values, [map.height, map.width], size, Align::Edges);
        gradient.iter_mut().zip(map).for_each(|(gradient, heat)| *gradient *= heat);
        gradient
    })
}

fn maps(
    model: &impl SplitModel,
    images: Tensor<4>,
    pass: &Pass,
    finish: impl Fn(usize, Vec<f32>) -> Vec<f32>,
) -> Vec<Heatmap> {
    let count = pass.rows().count();
    let images = if images.dims()[0] == count { images } else { repeated(images, count) };
    let (dims, axes) = (images.dims(), model.image_axes());
    let size = axes.map(|axis| dims[axis]);
    let Some(gradients) = model.guided_gradient(images, pass.slopes.clone()) else {
        return vec![Heatmap::blank(size, Status::Unsupported); count];
    };
    let pixels = pixels(dims, axes);
    let gradients = floats(gradients);
    let rows = pass.rows().zip(gradients.chunks_exact(pixels.len())).enumerate();
    rows.map(|(i, (row, gradient))| {
        let mut map = vec![0.0; size[0] * size[1]];
        pixels.iter().zip(gradient).for_each(|(&pixel, value)| map[pixel] += value);
        Heatmap::new(finish(i, map), size, row.if_blank())
    })
    .collect()
}
