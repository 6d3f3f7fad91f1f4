//! Valid convolution with stride 1, its bias and ReLU, and 2x2 max-pooling or dropout behind them;
//! forward and backward.
//!
//! Activations are `[n, height, width, channels]`, weights `[kh, kw, in, out]`.

use core::array::from_fn;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::dropout::{self, Dropout};
use super::parallel::{for_each, images_per_task, sum};
use super::product::{Left, Product, Right, Start};
use super::simd::{Level, add_columns, load, store, vectors};
use super::sparse::{Rows, Term, add_rows, collect};
use super::workspace::Workspace;

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

/// The winner of a pooled element none of whose four candidates is positive.
const NONE: f32 = 4.0;

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
            self.rows(x, weight, bias, self.output_size()[0], true).run(
                level,
                out,
                self.output_size()[1] * self.output,
                self.output,
            );
            if let Some(drop) = drop {
                dropout::apply(level, drop, image, self.output_len(), out);
            }
        });
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
        let scratch = workspace.take(images.div_ceil(step) * 2 * row);
        let tasks = x.par_chunks(step * self.input_len());
        let tasks = tasks.zip(out.par_chunks_mut(step * self.pooled_len()));
        let tasks = tasks.zip(winners.par_chunks_mut(step * self.pooled_len()));
        let tasks = tasks.zip(scratch.par_chunks_mut(2 * row));
        for_each(images * self.work(), tasks, |(((x, out), winners), scratch)| {
            let out = out.chunks_exact_mut(self.pooled_len());
            let winners = winners.chunks_exact_mut(self.pooled_len());
            for ((x, out), winners) in x.chunks_exact(self.input_len()).zip(out).zip(winners) {
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
            level.dispatch(Backward {
                conv: self,
                x,
                gate,
                gradient,
                first: task * step,
                turned,
                out: Gradients { weight, bias, input },
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
            left: Left { data: x, outer: row, segment: row, row: self.input, step: 1 },
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

/// ReLU and 2x2 max-pooling of two rows of pixels.
struct Pool<'a> {
    channels: usize,
    rows: &'a [f32],
    out: &'a mut [f32],
    winners: &'a mut [f32],
}

impl WithSimd for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        let (upper, lower) = self.rows.split_at(self.rows.len() / 2);
        let pair = 2 * self.channels;
        let pairs = upper.chunks_exact(pair).zip(lower.chunks_exact(pair));
        let out = self.out.chunks_exact_mut(self.channels);
        let out = out.zip(self.winners.chunks_exact_mut(self.channels));
        for ((upper, lower), (out, winners)) in pairs.zip(out) {
            let (a, b) = upper.split_at(self.channels);
            let (c, d) = lower.split_at(self.channels);
            vectors::<S>(
                self.channels,
                #[inline(always)]
                |range, whole| {
                    let (mut best, mut place) = (s.splat_f32s(0.0), s.splat_f32s(NONE));
                    for (at, pixel) in [(0.0, a), (1.0, b), (2.0, c), (3.0, d)] {
                        let candidate = load(s, &pixel[range.clone()], whole);
                        let better = s.greater_than_f32s(candidate, best);
                        best = s.select_f32s(better, candidate, best);
                        place = s.select_f32s(better, s.splat_f32s(at), place);
                    }
                    store(s, &mut out[range.clone()], best, whole);
                    store(s, &mut winners[range], place, whole);
                },
            );
        }
    }
}

/// The gradient by the sums of one image, through the gate.
#[derive(Clone, Copy)]
struct Opened<'a> {
    conv: &'a Conv,
    gate: Gate<'a>,
    gradient: &'a [f32],
    /// Where the image begins in the gate and in the gradient.
    first: usize,
}

impl Opened<'_> {
    /// Its row `y`, `[width, out]`.
    #[inline(always)]
    fn write_row<S: Simd>(&self, s: S, y: usize, row: &mut [f32]) {
        let zero = s.splat_f32s(0.0);
        match self.gate {
            Gate::Relu(out) | Gate::Dropout(out) => {
                let scale = if matches!(self.gate, Gate::Relu(_)) { 1.0 } else { dropout::SCALE };
                let first = self.first + y * row.len();
                let out = &out[first..][..row.len()];
                let gradient = &self.gradient[first..][..row.len()];
                vectors::<S>(
                    row.len(),
                    #[inline(always)]
                    |range, whole| {
                        let open = load(s, &out[range.clone()], whole);
                        let open = s.greater_than_f32s(open, zero);
                        let gradient = load(s, &gradient[range.clone()], whole);
                        let gradient = s.mul_f32s(gradient, s.splat_f32s(scale));
                        store(s, &mut row[range], s.select_f32s(open, gradient, zero), whole);
                    },
                );
            }
            Gate::Pool(winners) => {
                let ([height, width], channels) = (self.conv.pooled_size(), self.conv.output);
                // What lies beyond the pooled area gets no gradient.
                if y / 2 >= height {
                    return row.fill(0.0);
                }
                let first = self.first + y / 2 * width * channels;
                let gradient = self.gradient[first..].chunks_exact(channels);
                let pooled = gradient.zip(winners[first..].chunks_exact(channels));
                let place = (y % 2 * 2) as f32;
                let mut pixels = row.chunks_exact_mut(2 * channels);
                for (pixels, (gradient, winners)) in (&mut pixels).zip(pooled) {
                    let (left, right) = pixels.split_at_mut(channels);
                    vectors::<S>(
                        channels,
                        #[inline(always)]
                        |range, whole| {
                            let gradient = load(s, &gradient[range.clone()], whole);
                            let winner = load(s, &winners[range.clone()], whole);
                            for (place, out) in [(place, &mut *left), (place + 1.0, &mut *right)] {
                                let won = s.equal_f32s(winner, s.splat_f32s(place));
                                let out = &mut out[range.clone()];
                                store(s, out, s.select_f32s(won, gradient, zero), whole);
                            }
                        },
                    );
                }
                pixels.into_remainder().fill(0.0);
            }
        }
    }
}

/// Adds to the gradient of a narrow weight `[kh * kw * in, out]` what one row of the output's
/// gradient brings. The input of weight row i at the row's first pixel is `x[taps[i]]`.
#[inline(always)]
fn add_narrow<S: Simd>(
    s: S,
    conv: &Conv,
    x: &[f32],
    mut taps: &[usize],
    gradient: &[f32],
    mut weight: &mut [f32],
) {
    while !taps.is_empty() {
        // As many accumulators as registers allow.
        let count = match taps.len() {
            9.. => add_taps::<S, 9>(s, conv, x, taps, gradient, weight),
            3.. => add_taps::<S, 3>(s, conv, x, taps, gradient, weight),
            _ => add_taps::<S, 1>(s, conv, x, taps, gradient, weight),
        };
        taps = &taps[count..];
        weight = &mut weight[count * conv.output..];
    }
}

/// The first `T` rows of the weight.
#[inline(always)]
fn add_taps<S: Simd, const T: usize>(
    s: S,
    conv: &Conv,
    x: &[f32],
    taps: &[usize],
    gradient: &[f32],
    weight: &mut [f32],
) -> usize {
    let &Conv { input, output, .. } = conv;
    let length = gradient.len() / output * input;
    let x: [&[f32]; T] = from_fn(
        #[inline(always)]
        |tap| &x[taps[tap]..][..length + 1 - input],
    );
    vectors::<S>(
        output,
        #[inline(always)]
        |channels, whole| {
            let mut sums: [S::f32s; T] = from_fn(
                #[inline(always)]
                |tap| load(s, &weight[tap * output..][channels.clone()], whole),
            );
            for (pixel, gradient) in gradient.chunks_exact(output).enumerate() {
                let gradient = load(s, &gradient[channels.clone()], whole);
                for tap in 0..T {
                    let x = s.splat_f32s(x[tap][pixel * input]);
                    sums[tap] = s.mul_add_e_f32s(x, gradient, sums[tap]);
                }
            }
            for (tap, sum) in sums.into_iter().enumerate() {
                store(s, &mut weight[tap * output..][channels.clone()], sum, whole);
            }
        },
    );
    T
}

/// One task of [`Conv::backward`]: some images.
struct Backward<'a> {
    conv: &'a Conv,
    x: &'a [f32],
    gate: Gate<'a>,
    gradient: &'a [f32],
    /// The place of the first image of `x` in `gradient`.
    first: usize,
    /// The weight as `[kh, out, kw * in]`; unspecified if no input gradient is wanted.
    turned: &'a [f32],
    /// The sums over these images; that of the weight as `[kh, out, kw * in]` unless it is narrow.
    out: Gradients<'a>,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        let Self { conv, gate, gradient, turned, out, .. } = self;
        let Gradients { weight, bias, input } = out;
        weight.fill(0.0);
        bias.fill(0.0);
        let mut inputs = input.map(|input| input.chunks_exact_mut(conv.input_len()));
        let mut opened = vec![0.0; conv.output_len()];
        let taps = conv.taps();
        let mut lists = (!conv.is_narrow() || inputs.is_some()).then(|| Lists::new(conv));
        for (image, x) in self.x.chunks_exact(conv.input_len()).enumerate() {
            let input = inputs.as_mut().and_then(Iterator::next);
            let first = (self.first + image) * conv.gated_len(gate);
            let gradient = Opened { conv, gate, gradient, first };
            let rows = opened.chunks_exact_mut(conv.output_size()[1] * conv.output);
            for (y, row) in rows.enumerate() {
                gradient.write_row(s, y, row);
                add_columns(s, row, bias);
                if conv.is_narrow() {
                    let x = &x[y * conv.size[1] * conv.input..];
                    add_narrow(s, conv, x, &taps, row, weight);
                }
            }
            if let Some(lists) = &mut lists {
                lists.fill(conv, &opened);
                if !conv.is_narrow() {
                    lists.add_weight_gradient(s, conv, x, weight);
                }
                if let Some(input) = input {
                    lists.input_gradient(s, conv, turned, input);
                }
            }
        }
    }
}

/// What is not zero in the gradient of one image: its terms by pixel, and by channel.
struct Lists {
    /// One pixel's terms after another's, with the channel as the row.
    by_pixel: Vec<Term>,
    /// Where each pixel's end.
    ends: Vec<usize>,
    /// Room for all pixels for each channel, with the place in the input image as the row.
    by_channel: Vec<Term>,
    /// How many each channel has.
    counts: Vec<usize>,
}

impl Lists {
    fn new(conv: &Conv) -> Self {
        let len = conv.output_len();
        Self {
            by_pixel: vec![Term::default(); len],
            ends: vec![0; len / conv.output],
            by_channel: vec![Term::default(); len],
            counts: vec![0; conv.output],
        }
    }

    #[inline(always)]
    fn fill(&mut self, conv: &Conv, gradient: &[f32]) {
        let width = conv.output_size()[1];
        let room = self.ends.len();
        self.counts.fill(0);
        let mut end = 0;
        for (pixel, gradient) in gradient.chunks_exact(conv.output).enumerate() {
            let terms = &mut self.by_pixel[end..];
            let count = collect(gradient, terms);
            let place = (pixel / width * conv.size[1] + pixel % width) as u32;
            for &Term { value, row } in &terms[..count] {
                let channel = row as usize;
                let count = &mut self.counts[channel];
                self.by_channel[channel * room + *count] = Term { value, row: place };
                *count += 1;
            }
            end += count;
            self.ends[pixel] = end;
        }
    }

    /// Adds to `weight` `[kh, out, kw * in]`.
    #[inline(always)]
    fn add_weight_gradient<S: Simd>(&self, s: S, conv: &Conv, x: &[f32], weight: &mut [f32]) {
        let row = conv.kernel[1] * conv.input;
        let lists = self.by_channel.chunks_exact(self.ends.len()).zip(&self.counts);
        let lists = lists.map(|(terms, &count)| &terms[..count]);
        for (ky, weight) in weight.chunks_exact_mut(conv.output * row).enumerate() {
            let data = &x[ky * conv.size[1] * conv.input..];
            let rows = Rows { data, stride: conv.input };
            for (terms, weight) in lists.clone().zip(weight.chunks_exact_mut(row)) {
                add_rows(s, Start::Accumulate, terms, rows, weight);
            }
        }
    }

    #[inline(always)]
    fn input_gradient<S: Simd>(&self, s: S, conv: &Conv, turned: &[f32], input: &mut [f32]) {
        let row = conv.kernel[1] * conv.input;
        let [height, width] = conv.output_size();
        input.fill(0.0);
        for (ky, data) in turned.chunks_exact(conv.output * row).enumerate() {
            let rows = Rows { data, stride: row };
            let mut first = 0;
            let mut ends = self.ends.iter();
            for y in 0..height {
                let input = &mut input[(y + ky) * conv.size[1] * conv.input..];
                for (x, &end) in (0..width).zip(&mut ends) {
                    let input = &mut input[x * conv.input..][..row];
                    add_rows(s, Start::Accumulate, &self.by_pixel[first..end], rows, input);
                    first = end;
                }
            }
        }
    }
}
