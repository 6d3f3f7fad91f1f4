//! The way back through a convolution and what stands behind it.

use core::array::from_fn;

use pulp::{Simd, WithSimd};

use super::{Conv, Gate, Gradients};
use crate::kernels::dropout;
use crate::kernels::product::Start;
use crate::kernels::simd::{add_columns, load, store, vectors};
use crate::kernels::sparse::{Lists, Rows, Term, add_rows, collect, room};

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
pub struct Backward<'a> {
    /// The shape.
    pub conv: &'a Conv,
    /// The input.
    pub x: &'a [f32],
    /// Where a gradient passes.
    pub gate: Gate<'a>,
    /// That by the output.
    pub gradient: &'a [f32],
    /// The place of the first image of `x` in `gradient`.
    pub first: usize,
    /// The weight as `[kh, out, kw * in]`; unspecified if no input gradient is wanted.
    pub turned: &'a [f32],
    /// The sums over these images; that of the weight as `[kh, out, kw * in]` unless it is narrow.
    pub out: Gradients<'a>,
    /// Memory for the terms.
    pub lists: &'a mut Lists,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        let Self { conv, gate, gradient, turned, out, lists, .. } = self;
        let Gradients { weight, bias, input } = out;
        weight.fill(0.0);
        bias.fill(0.0);
        let mut inputs = input.map(|input| input.chunks_exact_mut(conv.input_len()));
        let Lists { by_pixel, by_channel, ends, counts, values } = lists;
        let len = conv.output_len();
        let opened = room(values, len);
        let taps = conv.taps();
        let mut terms = (!conv.is_narrow() || inputs.is_some()).then(|| Terms {
            by_pixel: room(by_pixel, len),
            ends: room(ends, len / conv.output),
            by_channel: room(by_channel, len),
            counts: room(counts, conv.output),
        });
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
            if let Some(terms) = &mut terms {
                terms.fill(conv, opened);
                if !conv.is_narrow() {
                    terms.add_weight_gradient(s, conv, x, weight);
                }
                if let Some(input) = input {
                    terms.input_gradient(s, conv, turned, input);
                }
            }
        }
    }
}

/// What is not zero in the gradient of one image: its terms by pixel, and by channel.
struct Terms<'a> {
    /// One pixel's terms after another's, with the channel as the row.
    by_pixel: &'a mut [Term],
    /// Where each pixel's end.
    ends: &'a mut [usize],
    /// Room for all pixels for each channel, with the place in the input image as the row.
    by_channel: &'a mut [Term],
    /// How many each channel has.
    counts: &'a mut [usize],
}

impl Terms<'_> {
    #[inline(always)]
    fn fill(&mut self, conv: &Conv, gradient: &[f32]) {
        let width = conv.output_size()[1];
        let room = self.ends.len();
        self.counts.fill(0);
        let mut end = 0;
        for (pixel, gradient) in gradient.chunks_exact(conv.output).enumerate() {
            let terms = &mut self.by_pixel[end..];
            let count = collect(gradient, 0, terms);
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
        let lists = self.by_channel.chunks_exact(self.ends.len()).zip(self.counts.iter());
        let lists = lists.map(|(terms, &count)| &terms[..count]);
        for (ky, weight) in weight.chunks_exact_mut(conv.output * row).enumerate() {
            let data = &x[ky * conv.size[1] * conv.input..];
            let rows = Rows { data, stride: conv.input, first: 0 };
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
            let rows = Rows { data, stride: row, first: 0 };
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
