//! One image in memory, whatever its layout.

use burn::tensor::{Device, Tensor, TensorData};

use super::pass::floats;
use super::split::SplitModel;

/// An image taken out of its tensor, to be changed and shown to the network again.
pub(super) struct Pixels {
    /// Its elements, in the tensor's order.
    pub values: Vec<f32>,
    /// The pixel, row-major, that each of them belongs to.
    pub pixels: Vec<usize>,
    /// Height and width.
    pub size: [usize; 2],
    /// Elements from one pixel to the one below it, and to the one on its right.
    strides: [usize; 2],
    shape: [usize; 3],
    device: Device,
}

impl Pixels {
    /// The only image of a batch of one.
    #[track_caller]
    pub fn new(model: &impl SplitModel, image: Tensor<4>) -> Self {
        assert_one(&image);
        let (dims, axes) = (image.dims(), model.image_axes());
        let [_, shape @ ..] = dims;
        Self {
            pixels: pixels(dims, axes),
            size: axes.map(|axis| dims[axis]),
            strides: axes.map(|axis| stride(dims, axis)),
            shape,
            device: image.device(),
            values: floats(image),
        }
    }

    /// How many pixels it has.
    pub fn count(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Images of its shape, one after another, on its device.
    pub fn batch(&self, values: Vec<f32>) -> Tensor<4> {
        let [a, b, c] = self.shape;
        let n = values.len() / self.values.len();
        Tensor::from_data(TensorData::new(values, [n, a, b, c]), &self.device)
    }

    /// The image moved down and to the right, zeros behind it.
    pub fn shifted(&self, by: (i32, i32)) -> Vec<f32> {
        let step =
            by.0 as isize * self.strides[0] as isize + by.1 as isize * self.strides[1] as isize;
        let element = |(i, &pixel): (usize, &usize)| {
            let inside = source(pixel, self.size, by).is_some();
            if inside { self.values[i.wrapping_add_signed(-step)] } else { 0.0 }
        };
        self.pixels.iter().enumerate().map(element).collect()
    }
}

/// The pixel from which a shift brings what is then at `pixel`, if it is in the picture.
pub(super) fn source(
    pixel: usize,
    [height, width]: [usize; 2],
    (down, right): (i32, i32),
) -> Option<usize> {
    let inside = |place: usize, by: i32, end: usize| {
        let from = place.checked_add_signed(-by as isize)?;
        (from < end).then_some(from)
    };
    Some(inside(pixel / width, down, height)? * width + inside(pixel % width, right, width)?)
}

/// Panics at a batch that is not of one image.
#[track_caller]
pub(super) fn assert_one(image: &Tensor<4>) {
    let [n, ..] = image.dims();
    assert_eq!(n, 1, "one image is asked about, `[1, ...]`, not a batch");
}

/// The pixel, row-major, that each element of one image belongs to.
pub(super) fn pixels(dims: [usize; 4], [height, width]: [usize; 2]) -> Vec<usize> {
    let place = |element: usize, axis: usize| element / stride(dims, axis) % dims[axis];
    let elements = 0..dims[1..].iter().product();
    elements.map(|i| place(i, height) * dims[width] + place(i, width)).collect()
}

/// Elements from one place of an axis to the next.
fn stride(dims: [usize; 4], axis: usize) -> usize {
    dims[axis + 1..].iter().product()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_their_pixel_in_both_layouts() {
        // Two rows, one column, two channels.
        assert_eq!(pixels([1, 2, 1, 2], [1, 2]), [0, 0, 1, 1]);
        assert_eq!(pixels([1, 2, 2, 1], [2, 3]), [0, 1, 0, 1]);
    }

    /// Only a layout.
    struct Layout([usize; 2]);

    impl SplitModel for Layout {
        fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
            images
        }

        fn head(&self, activations: Tensor<4>) -> Tensor<2> {
            activations.flatten(1, 3)
        }

        fn image_axes(&self) -> [usize; 2] {
            self.0
        }
    }

    #[test]
    fn a_shift_moves_all_channels_and_loses_what_leaves_the_picture() {
        // Two rows of three pixels in two channels: the second has ten more.
        let first = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let right = [0.0, 1.0, 2.0, 0.0, 4.0, 5.0];
        let up = [4.0, 5.0, 6.0, 0.0, 0.0, 0.0];
        let more = |value: &f32| if *value > 0.0 { value + 10.0 } else { 0.0 };
        let last = |values: &[f32]| values.iter().flat_map(|v| [*v, more(v)]).collect::<Vec<_>>();
        let ahead = |values: &[f32]| [values.to_vec(), values.iter().map(more).collect()].concat();
        let device = Device::flex();
        let check = |dims: [usize; 4], axes, lay: &dyn Fn(&[f32]) -> Vec<f32>| {
            let image = Tensor::from_data(TensorData::new(lay(&first), dims), &device);
            let picture = Pixels::new(&Layout(axes), image);
            assert_eq!((picture.size, picture.count()), ([2, 3], 6));
            assert_eq!(picture.shifted((0, 1)), lay(&right));
            assert_eq!(picture.shifted((-1, 0)), lay(&up));
            assert_eq!(picture.batch(lay(&first).repeat(3)).dims(), [3, dims[1], dims[2], dims[3]]);
        };
        check([1, 2, 3, 2], [1, 2], &last);
        check([1, 2, 2, 3], [2, 3], &ahead);
    }
}
