//! A convolution of an image that is mostly zero, as it comes out of a ReLU and a max-pooling.

use pulp::{Simd, WithSimd};

use super::Conv;
use crate::kernels::product::Start;
use crate::kernels::simd::{load, store, vectors};
use crate::kernels::sparse::{Lists, Rows, add_rows, collect, room};

/// One image of [`Conv::forward`], without dropout.
pub struct Sparse<'a> {
    /// The shape.
    pub conv: &'a Conv,
    /// `[height, width, in]`
    pub x: &'a [f32],
    /// `[kh, kw, in, out]`
    pub weight: &'a [f32],
    /// `[out]`
    pub bias: &'a [f32],
    /// `[height, width, out]`, after the ReLU.
    pub out: &'a mut [f32],
    /// Memory for the terms.
    pub lists: &'a mut Lists,
}

impl WithSimd for Sparse<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, s: S) {
        let Self { conv, x, weight, bias, out, lists } = self;
        let &Conv { size: [_, width], kernel: [_, kernel_width], input, output } = conv;
        // One pixel's terms after another's; a term's row counts from the left edge.
        let terms = room(&mut lists.by_pixel, x.len());
        let ends = room(&mut lists.ends, x.len() / input + 1);
        let mut end = 0;
        ends[0] = end;
        for (pixel, x) in x.chunks_exact(input).enumerate() {
            end += collect(x, pixel % width * input, &mut terms[end..]);
            ends[pixel + 1] = end;
        }
        // Row by row of the kernel, whose weights then stay at hand for the whole image.
        let [height, _] = conv.output_size();
        let out_row = conv.output_size()[1] * output;
        for (ky, data) in weight.chunks_exact(kernel_width * input * output).enumerate() {
            let start = if ky == 0 { Start::Bias(bias) } else { Start::Accumulate };
            for (y, out) in out.chunks_exact_mut(out_row).take(height).enumerate() {
                let ends = &ends[(y + ky) * width..];
                for (x, out) in out.chunks_exact_mut(output).enumerate() {
                    let terms = &terms[ends[x]..ends[x + kernel_width]];
                    let rows = Rows { data, stride: output, first: x * input };
                    add_rows(s, start, terms, rows, out);
                }
            }
        }
        vectors::<S>(
            out.len(),
            #[inline(always)]
            |range, whole| {
                let sum = load(s, &out[range.clone()], whole);
                store(s, &mut out[range], s.max_f32s(sum, s.splat_f32s(0.0)), whole);
            },
        );
    }
}
