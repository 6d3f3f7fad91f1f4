//! Fully connected layers, forward and backward: `[n, in] * [in, out] + [out] -> [n, out]`.

use core::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::dropout::{self, Dropout};
use super::parallel::{for_each, sum};
use super::product::{Left, Product, Right, Start};
use super::simd::{Level, add_columns, load, vectors};
use super::sparse::{Rows, Term, WORD, add_rows, collect, ones};
use super::workspace::Workspace;

/// The shape of a fully connected layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linear {
    /// Inputs.
    pub input: usize,
    /// Outputs.
    pub output: usize,
}

/// What is done with a layer's sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing: logits.
    None,
    /// ReLU, then dropout where it is given.
    Relu(Option<Dropout>),
}

/// What is known of a layer's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    Any,
    /// It comes out of a ReLU, and perhaps a dropout, whose way back stops the gradient of every
    /// element that is 0. Those gradients are then not needed, and become 0.
    Rectified,
}

/// Inputs that one task sums over.
const DEPTH: usize = 512;
/// Images that are worth laying out as columns.
const FILLS_LANES: usize = 8;
/// Images that share one pass over the weights in the input's gradient.
const GROUP: usize = 32;
/// Inputs whose gradients are transposed at a time.
const BLOCK: usize = 52;

impl Linear {
    /// Elements of the weight.
    pub const fn weight_len(&self) -> usize {
        self.input * self.output
    }

    /// `out = activation(x * weight + bias)`.
    ///
    /// # Panics
    /// If a length does not fit the shape.
    #[expect(clippy::too_many_arguments, reason = "a layer, its parameters and its buffers")]
    pub fn forward(
        &self,
        level: Level,
        x: &[f32],
        weight: &[f32],
        bias: &[f32],
        activation: Activation,
        out: &mut [f32],
        workspace: &mut Workspace,
    ) {
        let images = self.images(x, out);
        assert_eq!(weight.len(), self.weight_len(), "weight");
        // The inputs are split among tasks, because each weight is then read by one of them only.
        let parts = workspace.take(self.input.div_ceil(DEPTH) * out.len());
        let tasks = parts.par_chunks_mut(out.len().max(1)).enumerate();
        for_each(images * self.weight_len(), tasks, |(task, part)| {
            let first = task * DEPTH;
            let depth = DEPTH.min(self.input - first);
            level.dispatch(Forward {
                layer: self,
                x: x.chunks_exact(self.input).map(|x| &x[first..first + depth]),
                weight: &weight[first * self.output..][..depth * self.output],
                start: if task == 0 { Start::Bias(bias) } else { Start::Zero },
                out: part,
            });
        });
        sum(level, parts, out.len(), out, 0);
        if let Activation::Relu(drop) = activation {
            out.iter_mut().for_each(|x| *x = x.max(0.0));
            if let Some(drop) = drop {
                dropout::apply(level, drop, 0, self.output, out);
            }
        }
    }

    /// The gradient by the sums from that by the output `y`: the way back through the activation.
    /// Not needed for [`Activation::None`].
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn activation_gradient(
        level: Level,
        activation: Activation,
        y: &[f32],
        gradient: &[f32],
        out: &mut [f32],
    ) {
        assert!(y.len() == gradient.len() && out.len() == gradient.len(), "equal lengths");
        match activation {
            Activation::None => out.copy_from_slice(gradient),
            Activation::Relu(drop) => level.dispatch(
                #[inline(always)]
                || pass_positive(y, gradient, drop.map_or(1.0, |_| dropout::SCALE), out),
            ),
        }
    }

    /// The gradient by the input `x`, from that by the sums.
    ///
    /// # Panics
    /// If a length does not fit the shape.
    #[expect(clippy::too_many_arguments, reason = "a layer, its parameters and its buffers")]
    pub fn input_gradient(
        &self,
        level: Level,
        input: Input,
        x: &[f32],
        weight: &[f32],
        gradient: &[f32],
        out: &mut [f32],
        workspace: &mut Workspace,
    ) {
        let images = self.images(x, gradient);
        assert_eq!(out.len(), x.len(), "input gradient");
        assert_eq!(weight.len(), self.weight_len(), "weight");
        // Tasks split the inputs, because each weight is then read by one of them only.
        let mut tasks: Vec<Vec<&mut [f32]>> = Vec::new();
        tasks.resize_with(self.input.div_ceil(DEPTH), || Vec::with_capacity(images));
        for out in out.chunks_exact_mut(self.input) {
            tasks.iter_mut().zip(out.chunks_mut(DEPTH)).for_each(|(task, out)| task.push(out));
        }
        let tasks = tasks.into_par_iter().zip(weight.par_chunks(DEPTH * self.output)).enumerate();
        if input == Input::Any && images >= FILLS_LANES {
            let columns = workspace.take(gradient.len());
            self.turn(gradient, columns);
            for_each(images * self.weight_len(), tasks, |(_, (mut out, weight))| {
                self.dense_input_gradient(level, weight, columns, &mut out);
            });
        } else {
            for_each(images * self.weight_len(), tasks, |(task, (out, weight))| {
                let (layer, first) = (self, task * DEPTH);
                level.dispatch(Dots { layer, input, x, weight, gradient, first, out });
            });
        }
    }

    /// Groups of images as columns, `[out, group]`, one after another.
    fn turn(&self, gradient: &[f32], columns: &mut [f32]) {
        let groups = gradient.chunks(GROUP * self.output);
        for (gradient, columns) in groups.zip(columns.chunks_mut(GROUP * self.output)) {
            let group = gradient.len() / self.output;
            for (image, gradient) in gradient.chunks_exact(self.output).enumerate() {
                let column = columns.iter_mut().skip(image).step_by(group);
                column.zip(gradient).for_each(|(column, &gradient)| *column = gradient);
            }
        }
    }

    /// The gradients by the inputs that `weight` covers. Images fill the vector lanes, so that the
    /// weights are used as they lie.
    fn dense_input_gradient(
        &self,
        level: Level,
        weight: &[f32],
        columns: &[f32],
        out: &mut [&mut [f32]],
    ) {
        let inputs = weight.len() / self.output;
        let mut block = [0.0; BLOCK * GROUP];
        let groups = columns.chunks(GROUP * self.output).zip(out.chunks_mut(GROUP));
        for (gradient, out) in groups {
            let group = out.len();
            for first in (0..inputs).step_by(BLOCK) {
                let rows = BLOCK.min(inputs - first);
                let product = Product {
                    outer: 1,
                    rows,
                    cols: group,
                    segments: 1,
                    depth: self.output,
                    left: Left {
                        data: &weight[first * self.output..],
                        outer: 0,
                        segment: 0,
                        row: self.output,
                    },
                    right: Right { data: gradient, segment: 0, step: group },
                    start: Start::Zero,
                    relu: false,
                };
                product.run(level, &mut block, 0, group);
                for (image, out) in out.iter_mut().enumerate() {
                    let column = block.iter().skip(image).step_by(group);
                    out[first..first + rows].iter_mut().zip(column).for_each(|(out, &x)| *out = x);
                }
            }
        }
    }

    /// The gradients by weight and bias, from that by the sums.
    ///
    /// # Panics
    /// If a length does not fit the shape.
    pub fn weight_gradient(
        &self,
        level: Level,
        x: &[f32],
        gradient: &[f32],
        weight_out: &mut [f32],
        bias_out: &mut [f32],
    ) {
        let images = self.images(x, gradient);
        assert_eq!(weight_out.len(), self.weight_len(), "weight");
        assert_eq!(bias_out.len(), self.output, "one bias an output");
        bias_out.fill(0.0);
        level.dispatch(BiasGradient { gradient, out: bias_out });
        let tasks = weight_out.par_chunks_mut(DEPTH * self.output).enumerate();
        for_each(images * self.weight_len(), tasks, |(task, out)| {
            level.dispatch(WeightGradient { layer: self, x, first: task * DEPTH, gradient, out });
        });
    }

    fn images(&self, x: &[f32], y: &[f32]) -> usize {
        assert!(x.len().is_multiple_of(self.input), "whole images");
        let images = x.len() / self.input;
        assert_eq!(y.len(), images * self.output, "one row of outputs an image");
        images
    }
}

/// One task of [`Linear::forward`]: the part of the sums that some of the inputs make.
struct Forward<'a, X> {
    layer: &'a Linear,
    /// These inputs, image by image.
    x: X,
    /// Their weights.
    weight: &'a [f32],
    start: Start<'a>,
    out: &'a mut [f32],
}

impl<'a, X: Iterator<Item = &'a [f32]>> WithSimd for Forward<'a, X> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        let width = self.layer.output;
        let mut terms = [Term::default(); DEPTH];
        let rows = Rows { data: self.weight, stride: width, first: 0 };
        for (x, out) in self.x.zip(self.out.chunks_exact_mut(width)) {
            let count = collect(x, 0, &mut terms);
            add_rows(s, self.start, &terms[..count], rows, out);
        }
    }
}

/// One task of [`Linear::weight_gradient`]: the rows of the inputs from `first` on.
struct WeightGradient<'a> {
    layer: &'a Linear,
    x: &'a [f32],
    first: usize,
    gradient: &'a [f32],
    out: &'a mut [f32],
}

/// The sums of the columns of `gradient`.
struct BiasGradient<'a> {
    gradient: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for BiasGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        add_columns(s, self.gradient, self.out);
    }
}

/// `out = y > 0 ? gradient * scale : 0`: the way back through a ReLU and what it was scaled with.
#[inline(always)]
fn pass_positive(y: &[f32], gradient: &[f32], scale: f32, out: &mut [f32]) {
    for ((out, &gradient), &y) in out.iter_mut().zip(gradient).zip(y) {
        *out = if y > 0.0 { gradient * scale } else { 0.0 };
    }
}

/// Inputs looked at together.
const COLUMNS: usize = 64;

impl WithSimd for WeightGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        let Linear { input, output } = *self.layer;
        let mut terms = [Term::default(); WORD];
        for (block, out) in self.out.chunks_mut(COLUMNS * output).enumerate() {
            let first = self.first + block * COLUMNS;
            let groups = self.x.chunks(WORD * input).zip(self.gradient.chunks(WORD * output));
            for (group, (x, gradient)) in groups.enumerate() {
                let present = present(x, input, first..first + out.len() / output);
                let rows = Rows { data: gradient, stride: output, first: 0 };
                let start = if group == 0 { Start::Zero } else { Start::Accumulate };
                for (column, out) in out.chunks_exact_mut(output).enumerate() {
                    let mut count = 0;
                    for image in ones(present[column]) {
                        let value = x[image * input + first + column];
                        terms[count] = Term { value, row: image as u32 };
                        count += 1;
                    }
                    add_rows(s, start, &terms[..count], rows, out);
                }
            }
        }
    }
}

/// One task of [`Linear::input_gradient`], dot product by dot product: the inputs from `first` on.
struct Dots<'a> {
    layer: &'a Linear,
    input: Input,
    x: &'a [f32],
    /// The rows of these inputs.
    weight: &'a [f32],
    gradient: &'a [f32],
    first: usize,
    /// These inputs' gradients, image by image.
    out: Vec<&'a mut [f32]>,
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, s: S) {
        let Linear { input, output } = *self.layer;
        self.out.iter_mut().for_each(|out| out.fill(0.0));
        for (block, weight) in self.weight.chunks(COLUMNS * output).enumerate() {
            let place = block * COLUMNS;
            let first = self.first + place;
            let groups = self.x.chunks(WORD * input).zip(self.gradient.chunks(WORD * output));
            for ((x, gradient), out) in groups.zip(self.out.chunks_mut(WORD)) {
                let wanted = match self.input {
                    Input::Any => [u32::MAX >> (WORD - out.len()); COLUMNS],
                    Input::Rectified => present(x, input, first..first + weight.len() / output),
                };
                for (column, weight) in weight.chunks_exact(output).enumerate() {
                    for image in ones(wanted[column]) {
                        let gradient = &gradient[image * output..][..output];
                        out[image][place + column] = dot(s, weight, gradient);
                    }
                }
            }
        }
    }
}

/// For each of these columns of at most [`WORD`] images: which images have something in it.
#[inline(always)]
fn present(x: &[f32], input: usize, columns: Range<usize>) -> [u32; COLUMNS] {
    let mut present = [0; COLUMNS];
    for (image, x) in x.chunks_exact(input).enumerate() {
        for (present, &x) in present.iter_mut().zip(&x[columns.clone()]) {
            *present |= u32::from(x != 0.0) << image;
        }
    }
    present
}

#[inline(always)]
fn dot<S: Simd>(s: S, a: &[f32], b: &[f32]) -> f32 {
    let mut sum = s.splat_f32s(0.0);
    vectors::<S>(
        a.len(),
        #[inline(always)]
        |range, whole| {
            let (a, b) = (load(s, &a[range.clone()], whole), load(s, &b[range], whole));
            sum = s.mul_add_e_f32s(a, b, sum);
        },
    );
    s.reduce_sum_f32s(sum)
}
