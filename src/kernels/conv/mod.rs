//! Valid convolution with stride 1, its bias and ReLU, and 2x2 max-pooling or dropout behind them;
//! forward and backward.
//!
//! Activations are `[n, height, width, channels]`, weights `[kh, kw, in, out]`.

mod backward;
mod narrow;
mod pool;
mod sparse;

use rayon::prelude::*;

use super::dropout::{self, Dropout};
use super::parallel::{for_each, images_per_task, sum};
use super::product::{Left, Product, Right, Start};
use super::simd::Level;
use super::sparse::with_lists;
use super::workspace::Workspace;
use backward::Backward;
use narrow::NarrowPool;
use pool::Pool;
use sparse::Sparse;

/// The shape of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv {
    /// Input height and width.
    pub size: [usize; 2],
    /// Kernel height and width, at most the input's.
    pub kernel: [usize; 2],
    /// Channels in.
    pub input: usize,
    /// Channels out.
    pub output: usize,
}

/// What stood between the convolution's sums and the gradient that comes back.
#[derive(Debug, Clone, Copy)]
pub enum Gate<'a> {
    /// ReLU: the output of [`Conv::forward`]. Where it is 0 no gradient passes.
    Relu(&'a [f32]),
    /// ReLU and dropout: the same, and what passes is multiplied by [`dropout::SCALE`].
    Dropout(&'a [f32]),
    /// ReLU and pooling: the winners from [`Conv::forward_pool`].
    Pool(&'a [f32]),
}

/// The gradients by a convolution's parameters and, where wanted, by its input.
#[derive(Debug)]
pub struct Gradients<'a> {
    /// `[kh, kw, in, out]`
    pub weight: &'a mut [f32],
    /// `[out]`
    pub bias: &'a mut [f32],
    /// `[n, height, width, in]`
    pub input: Option<&'a mut [f32]>,
}

impl Conv {
    /// Output height and width.
    pub const fn output_size(&self) -> [usize; 2] {
        [self.size[0] + 1 - self.kernel[0], self.size[1] + 1 - self.kernel[1]]
    }

    /// Height and width after 2x2 max-pooling; an odd last row or column is dropped.
    pub const fn pooled_size(&self) -> [usize; 2] {
        let [height, width] = self.output_size();
        [height / 2, width / 2]
    }

    /// Elements of one input image.
    pub const fn input_len(&self) -> usize {
        self.size[0] * self.size[1] * self.input
    }

    /// Elements of one output image.
    pub const fn output_len(&self) -> usize {
        let [height, width] = self.output_size();
        height * width * self.output
    }

    /// Elements of one pooled output image.
    pub const fn pooled_len(&self) -> usize {
        let [height, width] = self.pooled_size();
        height * width * self.output
    }

    /// Elements of the weight.
    pub const fn weight_len(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.input * self.output
    }

    /// Multiply-adds for one image.
    const fn work(&self) -> usize {
        self.output_len() * self.kernel[0] * self.kernel[1] * self.input
    }

    /// `out = dropout(relu(conv(x, weight) + bias))`, dropout where it is given.
    ///
    /// # Panics
    /// If a length does not fit the shape.
    pub fn forward(
        &self,
        level: Level,
        x: &[f32],
        weight: &[f32],
        bias: &[f32],
        drop: Option<Dropout>,
        out: &mut [f32],
    ) {
        let images = self.images(x);
        self.check(weight, out.len(), images * self.output_len());
        let tasks = x.par_chunks(self.input_len()).zip(out.par_chunks_mut(self.output_len()));
        for_each(images * self.work(), tasks.enumerate(), |(image, (x, out))| {
            if !self.sums_of_few(level, x, weight, bias, out) {
                self.rows(x, weight, bias, self.output_size()[0], true).run(
                    level,
                    out,
                    self.output_size()[1] * self.output,
                    self.output,
                );
            }
            if let Some(drop) = drop {
                dropout::apply(level, drop, image, self.output_len(), out);
            }
        });
    }

    /// One image of [`Conv::forward`] without its zeros; `false` where there are so few of them
    /// that leaving them out would cost more than it saves.
    fn sums_of_few(
        &self,
        level: Level,
        x: &[f32],
        weight: &[f32],
        bias: &[f32],
        out: &mut [f32],
    ) -> bool {
        let some = x.iter().map(|&x| usize::from(x != 0.0)).sum::<usize>();
        let few = 2 * some < x.len() && !self.is_narrow();
        if few {
            with_lists(|lists| level.dispatch(Sparse { conv: self, x, weight, bias, out, lists }));
        }
        few
    }

    /// `out = max_pool(relu(conv(x, weight) + bias))` over 2x2 elements, and which of the four won
    /// (row-major; the first one wins a tie), for [`Gate::Pool`].
    ///
    /// # Panics
    /// If a length does not fit the shape, or the output is smaller than 2x2.
    #[expect(clippy::too_many_arguments, reason = "two outputs")]
    pub fn forward_pool(
        &self,
        level: Level,
        x: &[f32],
        weight: &[f32],
        bias: &[f32],
        out: &mut [f32],
        winners: &mut [f32],
        workspace: &mut Workspace,
    ) {
        let images = self.images(x);
        self.check(weight, out.len(), images * self.pooled_len());
        assert_eq!(winners.len(), out.len(), "one winner an element");
        let ([_, width], [_, pooled_width]) = (self.output_size(), self.pooled_size());
        let (row, pooled_row) = (width * self.output, pooled_width * self.output);
        let step = images_per_task(images);
        let taps = self.taps();
        let scratch = workspace.take(images.div_ceil(step) * 2 * row);
        let tasks = x.par_chunks(step * self.input_len());
        let tasks = tasks.zip(out.par_chunks_mut(step * self.pooled_len()));
        let tasks = tasks.zip(winners.par_chunks_mut(step * self.pooled_len()));
        let tasks = tasks.zip(scratch.par_chunks_mut(2 * row));
        for_each(images * self.work(), tasks, |(((x, out), winners), scratch)| {
            let out = out.chunks_exact_mut(self.pooled_len());
            let winners = winners.chunks_exact_mut(self.pooled_len());
            for ((x, out), winners) in x.chunks_exact(self.input_len()).zip(out).zip(winners) {
                if let Ok(taps) = taps[..].try_into() {
                    let conv = self;
                    level.dispatch(NarrowPool { conv, x, weight, bias, taps, out, winners });
                    continue;
                }
                let out = out.chunks_exact_mut(pooled_row);
                let winners = winners.chunks_exact_mut(pooled_row);
                for (y, (out, winners)) in out.zip(winners).enumerate() {
                    let x = &x[2 * y * self.size[1] * self.input..];
                    self.rows(x, weight, bias, 2, false).run(level, scratch, row, self.output);
                    level.dispatch(Pool { channels: self.output, rows: scratch, out, winners });
                }
            }
        });
    }

    /// The gradients by weight, bias and, where wanted, input, from the gradient by the output
    /// (what [`Gate`] describes).
    ///
    /// # Panics
    /// If a length does not fit the shape.
    #[expect(clippy::too_many_arguments, reason = "a layer, its parameters and its buffers")]
    pub fn backward(
        &self,
        level: Level,
        x: &[f32],
        weight: &[f32],
        gate: Gate,
        gradient: &[f32],
        out: Gradients,
        workspace: &mut Workspace,
    ) {
        let images = self.images(x);
        self.check(weight, self.gated_len(gate) * images, gradient.len());
        assert_eq!(out.weight.len(), self.weight_len(), "weight gradient");
        assert_eq!(out.bias.len(), self.output, "one bias a channel");
        let step = images_per_task(images);
        let tasks = images.div_ceil(step);
        // Each task: its sums of the weight's and the bias's gradient.
        let stride = self.weight_len() + self.output;
        let scratch = workspace.take(2 * self.weight_len() + tasks * stride);
        let (turned, scratch) = scratch.split_at_mut(self.weight_len());
        let (sums, parts) = scratch.split_at_mut(self.weight_len());
        let mut inputs = out.input.map(|input| {
            assert_eq!(input.len(), x.len(), "input gradient");
            self.turn(weight, turned);
            input.chunks_mut(step * self.input_len())
        });
        let inputs: Vec<_> = (0..tasks).map(|_| inputs.as_mut().and_then(Iterator::next)).collect();
        let turned = &*turned;
        let work = x.par_chunks(step * self.input_len()).zip(parts.par_chunks_mut(stride));
        let work = work.zip(inputs).enumerate();
        for_each(images * self.work(), work, |(task, ((x, part), input))| {
            let (weight, bias) = part.split_at_mut(self.weight_len());
            let (first, out) = (task * step, Gradients { weight, bias, input });
            with_lists(|lists| {
                level.dispatch(Backward {
                    conv: self,
                    x,
                    gate,
                    gradient,
                    first,
                    turned,
                    out,
                    lists,
                });
            });
        });
        if self.is_narrow() {
            sum(level, parts, stride, out.weight, 0);
        } else {
            sum(level, parts, stride, sums, 0);
            self.turn_back(sums, out.weight);
        }
        sum(level, parts, stride, out.bias, self.weight_len());
    }

    /// Whether a row of the kernel is too short to fill vectors with.
    const fn is_narrow(&self) -> bool {
        self.kernel[1] * self.input < 16
    }

    /// How far from an output pixel's first input the input of each row of the weight is.
    fn taps(&self) -> Vec<usize> {
        let (row, width) = (self.kernel[1] * self.input, self.size[1] * self.input);
        (0..self.kernel[0]).flat_map(|y| (0..row).map(move |k| y * width + k)).collect()
    }

    /// `[kh, kw * in, out] -> [kh, out, kw * in]`
    fn turn(&self, weight: &[f32], turned: &mut [f32]) {
        let row = self.kernel[1] * self.input;
        let rows = weight.chunks_exact(row * self.output);
        for (weight, turned) in rows.zip(turned.chunks_exact_mut(row * self.output)) {
            transpose(weight, self.output, turned);
        }
    }

    /// `[kh, out, kw * in] -> [kh, kw * in, out]`
    fn turn_back(&self, turned: &[f32], weight: &mut [f32]) {
        let row = self.kernel[1] * self.input;
        let rows = turned.chunks_exact(row * self.output);
        for (turned, weight) in rows.zip(weight.chunks_exact_mut(row * self.output)) {
            transpose(turned, row, weight);
        }
    }

    /// The first `rows` rows of the output for the image that begins at `x`.
    fn rows<'a>(
        &self,
        x: &'a [f32],
        weight: &'a [f32],
        bias: &'a [f32],
        rows: usize,
        relu: bool,
    ) -> Product<'a> {
        let row = self.size[1] * self.input;
        let depth = self.kernel[1] * self.input;
        Product {
            outer: rows,
            rows: self.output_size()[1],
            cols: self.output,
            segments: self.kernel[0],
            depth,
            left: Left { data: x, outer: row, segment: row, row: self.input },
            right: Right { data: weight, segment: depth * self.output, step: self.output },
            start: Start::Bias(bias),
            relu,
        }
    }

    const fn gated_len(&self, gate: Gate) -> usize {
        match gate {
            Gate::Relu(_) | Gate::Dropout(_) => self.output_len(),
            Gate::Pool(_) => self.pooled_len(),
        }
    }

    fn images(&self, x: &[f32]) -> usize {
        assert!(x.len().is_multiple_of(self.input_len()), "whole images");
        x.len() / self.input_len()
    }

    fn check(&self, weight: &[f32], outputs: usize, expected: usize) {
        assert_eq!(weight.len(), self.weight_len(), "weight");
        assert_eq!(outputs, expected, "output");
    }
}

/// `[rows, columns] -> [columns, rows]`
fn transpose(values: &[f32], columns: usize, out: &mut [f32]) {
    let rows = values.len() / columns;
    for (column, out) in out.chunks_exact_mut(rows).enumerate() {
        let column = values.iter().skip(column).step_by(columns);
        out.iter_mut().zip(column).for_each(|(out, &value)| *out = value);
    }
}
