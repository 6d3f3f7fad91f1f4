//! The convolutional network, split where Grad-CAM needs it: trunk -> activations, head -> logits.
//!
//! ```text
//! digit 28x28x1 -> conv 3x3 + ReLU -> 26x26x32 -> max-pool -> 13x13x32
//!               -> conv 3x3 + ReLU -> 11x11x64   (the target layer)   -> dropout
//!               -> fc 128 + ReLU -> dropout -> fc 10 = logits
//! ```
//!
//! The input and the number of classes follow from the data; a [`Spec`] says them, and every other
//! size follows from it. Below, `h x w x c` is the input, `k` the number of classes, and `mh x mw`
//! the target layer's map.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};

use super::ops::{self, Dropout, Input};
use crate::data::{CLASSES, SIDES, Shape};
use crate::rng::Rng;

/// Channels after the first and the second convolution.
pub const CHANNELS: [usize; 2] = [32, 64];
/// Units of the hidden fully connected layer.
pub const HIDDEN: usize = 128;

/// What the network's sizes follow from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// One image.
    pub input: Shape,
    /// How many classes there are.
    pub classes: usize,
}

/// What the network cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Beyond {
    /// Pictures of this size.
    #[error(
        "pictures of {0} pixels; the network takes sides of {least} to {most}",
        least = SIDES.start(),
        most = SIDES.end()
    )]
    Size(Shape),
    /// So many values a pixel.
    #[error("{0} values a pixel; the network takes 1 or 3")]
    Channels(usize),
    /// So many classes.
    #[error(
        "{0} classes; the network takes {least} to {most}",
        least = CLASSES.start(),
        most = CLASSES.end()
    )]
    Classes(usize),
}

impl Spec {
    /// The network of the tutorial: digits of 28 x 28 pixels in ten classes.
    pub const DIGITS: Self =
        Self { input: Shape { height: 28, width: 28, channels: 1 }, classes: 10 };
    /// The largest network of all.
    pub const LARGEST: Self = Self {
        input: Shape { height: *SIDES.end(), width: *SIDES.end(), channels: 3 },
        classes: *CLASSES.end(),
    };

    /// For these pictures.
    ///
    /// # Errors
    /// With what of them the network cannot take.
    pub fn new(input: Shape, classes: usize) -> Result<Self, Beyond> {
        let Shape { height, width, channels } = input;
        if !(SIDES.contains(&height) && SIDES.contains(&width)) {
            return Err(Beyond::Size(input));
        }
        if channels != 1 && channels != 3 {
            return Err(Beyond::Channels(channels));
        }
        if !CLASSES.contains(&classes) {
            return Err(Beyond::Classes(classes));
        }
        Ok(Self { input, classes })
    }

    /// Height and width of the first convolution's activations.
    pub const fn first(self) -> [usize; 2] {
        [self.input.height - 2, self.input.width - 2]
    }

    /// Height and width of the target layer's activations.
    pub const fn map(self) -> [usize; 2] {
        let [height, width] = self.first();
        [height / 2 - 2, width / 2 - 2]
    }

    /// Inputs of the hidden layer: the flattened activations.
    pub const fn flat(self) -> usize {
        let [height, width] = self.map();
        height * width * CHANNELS[1]
    }

    /// How many weights there are.
    pub const fn parameters(self) -> usize {
        let [c1, c2] = CHANNELS;
        let convolutions = (9 * self.input.channels + 1) * c1 + (9 * c1 + 1) * c2;
        convolutions + (self.flat() + 1) * HIDDEN + (HIDDEN + 1) * self.classes
    }

    /// The largest number of 32-bit values that one image becomes on its way through the network:
    /// the first convolution's activations.
    pub const fn widest(self) -> usize {
        let [height, width] = self.first();
        height * width * CHANNELS[0]
    }
}

/// A convolution's parameters: weight `[kh, kw, in, out]`, bias `[out]`.
#[derive(Module, Debug)]
pub struct Conv {
    /// `[kernel height, kernel width, in channels, out channels]`
    pub weight: Param<Tensor<4>>,
    /// `[out channels]`
    pub bias: Param<Tensor<1>>,
}

/// A fully connected layer's parameters: weight `[in, out]`, bias `[out]`.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[in, out]`
    pub weight: Param<Tensor<2>>,
    /// `[out]`
    pub bias: Param<Tensor<1>>,
}

/// The whole network: 1,011,466 parameters for digits.
#[derive(Module, Debug)]
pub struct Cnn {
    /// 3x3, c -> 32 channels
    pub conv1: Conv,
    /// 3x3, 32 -> 64 channels: its ReLU is the target layer
    pub conv2: Conv,
    /// mh * mw * 64 -> 128
    pub fc1: Linear,
    /// 128 -> k
    pub fc2: Linear,
    #[module(skip)]
    pub(super) spec: Spec,
}

impl Cnn {
    /// A fresh network as Keras makes it: Glorot-uniform weights (Glorot and Bengio, 2010) and
    /// zero biases, drawn from `seed` alone.
    pub fn new(spec: Spec, seed: u64, device: &Device) -> Self {
        let [c1, c2] = CHANNELS;
        let mut stream = 0;
        let mut glorot = |len: usize, fan_in: usize, fan_out: usize| {
            let mut rng = Rng::stream(seed, stream);
            stream += 1;
            let limit = (6.0 / (fan_in + fan_out) as f32).sqrt();
            (0..len).map(|_| (2.0 * rng.uniform() - 1.0) * limit).collect::<Vec<f32>>()
        };
        let [conv1, conv2] = [(spec.input.channels, c1), (c1, c2)].map(|(input, output)| {
            let (fan_in, fan_out) = (9 * input, 9 * output);
            (glorot(9 * input * output, fan_in, fan_out), vec![0.0; output])
        });
        let [fc1, fc2] = [(spec.flat(), HIDDEN), (HIDDEN, spec.classes)]
            .map(|(input, output)| (glorot(input * output, input, output), vec![0.0; output]));
        Self::assemble(spec, conv1, conv2, fc1, fc2, device)
    }

    /// From each layer's weights, in `[kh, kw, in, out]` or `[in, out]` order, and biases.
    pub fn assemble(
        spec: Spec,
        conv1: (Vec<f32>, Vec<f32>),
        conv2: (Vec<f32>, Vec<f32>),
        fc1: (Vec<f32>, Vec<f32>),
        fc2: (Vec<f32>, Vec<f32>),
        device: &Device,
    ) -> Self {
        let [c1, c2] = CHANNELS;
        // Every network numbers its parameters alike, so that an optimizer's saved state fits it.
        let mut id = 0;
        let mut next = || {
            id += 1;
            ParamId::from(id)
        };
        let mut conv = |(weight, bias): (Vec<f32>, Vec<f32>), input: usize, output: usize| Conv {
            weight: param(next(), weight, [3, 3, input, output], device),
            bias: param(next(), bias, [output], device),
        };
        let (conv1, conv2) = (conv(conv1, spec.input.channels, c1), conv(conv2, c1, c2));
        let mut linear =
            |(weight, bias): (Vec<f32>, Vec<f32>), input: usize, output: usize| Linear {
                weight: param(next(), weight, [input, output], device),
                bias: param(next(), bias, [output], device),
            };
        let (fc1, fc2) = (linear(fc1, spec.flat(), HIDDEN), linear(fc2, HIDDEN, spec.classes));
        Self { conv1, conv2, fc1, fc2, spec }
    }

    /// What its sizes follow from.
    pub fn spec(&self) -> Spec {
        self.spec
    }

    /// The target layer's activations, in inference: `[n, h, w, c] -> [n, mh, mw, 64]`.
    pub fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        self.convolutions(images, None)
    }

    /// Logits from activations, in inference: `[n, mh, mw, 64] -> [n, k]`.
    pub fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        self.classifier(activations, None)
    }

    /// Logits, in inference (no dropout): `[n, h, w, c] -> [n, k]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.head(self.trunk(images))
    }

    /// Logits, in training: the two dropouts take their masks from `seeds`.
    pub fn forward_training(&self, images: Tensor<4>, seeds: [u64; 2]) -> Tensor<2> {
        let [first, second] = seeds.map(|seed| Some(Dropout { seed }));
        self.classifier(self.convolutions(images, first), second)
    }

    /// The first convolution's activations, in inference: `[n, h, w, c] -> [n, h - 2, w - 2, 32]`.
    pub(super) fn first(&self, images: Tensor<4>) -> Tensor<4> {
        ops::conv_relu(images, self.conv1.weight.val(), self.conv1.bias.val(), None)
    }

    /// The second's from the first's, in inference: `[n, h - 2, w - 2, 32] -> [n, mh, mw, 64]`.
    pub(super) fn second(&self, first: Tensor<4>) -> Tensor<4> {
        let pooled = ops::max_pool(first);
        ops::conv_relu(pooled, self.conv2.weight.val(), self.conv2.bias.val(), None)
    }

    /// The hidden units from the second's: `[n, mh, mw, 64] -> [n, 128]`.
    pub(super) fn hidden(&self, activations: Tensor<4>, drop: Option<Dropout>) -> Tensor<2> {
        // In training nobody asks for the gradient at activations that are zero; Grad-CAM does.
        let input = if drop.is_some() { Input::Rectified } else { Input::Any };
        let flat = activations.flatten(1, 3);
        ops::linear_relu(flat, self.fc1.weight.val(), self.fc1.bias.val(), input, drop)
    }

    /// Logits from the hidden units: `[n, 128] -> [n, k]`.
    pub(super) fn logits(&self, hidden: Tensor<2>) -> Tensor<2> {
        ops::linear(hidden, self.fc2.weight.val(), self.fc2.bias.val(), Input::Rectified)
    }

    fn convolutions(&self, images: Tensor<4>, drop: Option<Dropout>) -> Tensor<4> {
        let pooled = ops::conv_relu_pool(images, self.conv1.weight.val(), self.conv1.bias.val());
        ops::conv_relu(pooled, self.conv2.weight.val(), self.conv2.bias.val(), drop)
    }

    fn classifier(&self, activations: Tensor<4>, drop: Option<Dropout>) -> Tensor<2> {
        self.logits(self.hidden(activations, drop))
    }

    /// The device that holds the weights.
    pub fn device(&self) -> Device {
        self.conv1.weight.device()
    }
}

fn param<const D: usize>(
    id: ParamId,
    values: Vec<f32>,
    shape: [usize; D],
    device: &Device,
) -> Param<Tensor<D>> {
    let mut param = Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device));
    param.id = id;
    param
}

/// Images as the network's input `[n, h, w, c]`, from bytes scaled to 0..=1 already.
pub fn images(values: Vec<f32>, shape: Shape, device: &Device) -> Tensor<4> {
    let Shape { height, width, channels } = shape;
    let n = values.len() / shape.bytes();
    Tensor::from_data(TensorData::new(values, [n, height, width, channels]), device)
}
