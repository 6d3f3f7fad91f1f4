//! The convolutional network, split where Grad-CAM needs it: trunk -> activations, head -> logits.
//!
//! ```text
//! digit 28x28x1 -> conv 3x3 + ReLU -> 26x26x32 -> max-pool -> 13x13x32
//!               -> conv 3x3 + ReLU -> 11x11x64   (the target layer)   -> dropout
//!               -> fc 128 + ReLU -> dropout -> fc 10 = logits
//! ```

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};

use super::ops::{self, Dropout, Input};
use crate::data::{CLASSES, SIDE};
use crate::rng::Rng;

/// Channels after the first and the second convolution.
pub const CHANNELS: [usize; 2] = [32, 64];
/// Units of the hidden fully connected layer.
pub const HIDDEN: usize = 128;
/// Height and width of the target layer's activations.
pub const MAP_SIDE: usize = 11;
/// Inputs of the hidden layer: the flattened activations.
pub const FLAT: usize = MAP_SIDE * MAP_SIDE * CHANNELS[1];

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

/// The whole network: 1,011,466 parameters.
#[derive(Module, Debug)]
pub struct Cnn {
    /// 3x3, 1 -> 32 channels
    pub conv1: Conv,
    /// 3x3, 32 -> 64 channels: its ReLU is the target layer
    pub conv2: Conv,
    /// 7744 -> 128
    pub fc1: Linear,
    /// 128 -> 10
    pub fc2: Linear,
}

impl Cnn {
    /// A fresh network as Keras makes it: Glorot-uniform weights (Glorot and Bengio, 2010) and
    /// zero biases, drawn from `seed` alone.
    pub fn new(seed: u64, device: &Device) -> Self {
        let [c1, c2] = CHANNELS;
        let mut stream = 0;
        let mut glorot = |len: usize, fan_in: usize, fan_out: usize| {
            let mut rng = Rng::stream(seed, stream);
            stream += 1;
            let limit = (6.0 / (fan_in + fan_out) as f32).sqrt();
            (0..len).map(|_| (2.0 * rng.uniform() - 1.0) * limit).collect::<Vec<f32>>()
        };
        let [conv1, conv2] = [(1, c1), (c1, c2)].map(|(input, output)| {
            let (fan_in, fan_out) = (9 * input, 9 * output);
            (glorot(9 * input * output, fan_in, fan_out), vec![0.0; output])
        });
        let [fc1, fc2] = [(FLAT, HIDDEN), (HIDDEN, CLASSES)]
            .map(|(input, output)| (glorot(input * output, input, output), vec![0.0; output]));
        Self::assemble(conv1, conv2, fc1, fc2, device)
    }

    /// From each layer's weights, in `[kh, kw, in, out]` or `[in, out]` order, and biases.
    pub fn assemble(
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
        let (conv1, conv2) = (conv(conv1, 1, c1), conv(conv2, c1, c2));
        let mut linear =
            |(weight, bias): (Vec<f32>, Vec<f32>), input: usize, output: usize| Linear {
                weight: param(next(), weight, [input, output], device),
                bias: param(next(), bias, [output], device),
            };
        let (fc1, fc2) = (linear(fc1, FLAT, HIDDEN), linear(fc2, HIDDEN, CLASSES));
        Self { conv1, conv2, fc1, fc2 }
    }

    /// The target layer's activations, in inference: `[n, 28, 28, 1] -> [n, 11, 11, 64]`.
    pub fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        self.convolutions(images, None)
    }

    /// Logits from activations, in inference: `[n, 11, 11, 64] -> [n, 10]`.
    pub fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        self.classifier(activations, None)
    }

    /// Logits, in inference (no dropout): `[n, 28, 28, 1] -> [n, 10]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.head(self.trunk(images))
    }

    /// Logits, in training: the two dropouts take their masks from `seeds`.
    pub fn forward_training(&self, images: Tensor<4>, seeds: [u64; 2]) -> Tensor<2> {
        let [first, second] = seeds.map(|seed| Some(Dropout { seed }));
        self.classifier(self.convolutions(images, first), second)
    }

    /// The first convolution's activations, in inference: `[n, 28, 28, 1] -> [n, 26, 26, 32]`.
    pub(super) fn first(&self, images: Tensor<4>) -> Tensor<4> {
        ops::conv_relu(images, self.conv1.weight.val(), self.conv1.bias.val(), None)
    }

    /// The second's from the first's, in inference: `[n, 26, 26, 32] -> [n, 11, 11, 64]`.
    pub(super) fn second(&self, first: Tensor<4>) -> Tensor<4> {
        let pooled = ops::max_pool(first);
        ops::conv_relu(pooled, self.conv2.weight.val(), self.conv2.bias.val(), None)
    }

    /// The hidden units from the second's: `[n, 11, 11, 64] -> [n, 128]`.
    pub(super) fn hidden(&self, activations: Tensor<4>, drop: Option<Dropout>) -> Tensor<2> {
        // In training nobody asks for the gradient at activations that are zero; Grad-CAM does.
        let input = if drop.is_some() { Input::Rectified } else { Input::Any };
        let flat = activations.flatten(1, 3);
        ops::linear_relu(flat, self.fc1.weight.val(), self.fc1.bias.val(), input, drop)
    }

    /// Logits from the hidden units: `[n, 128] -> [n, 10]`.
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

/// Digits as the network's input `[n, 28, 28, 1]`, from pixels already scaled to 0..=1.
pub fn images(pixels: Vec<f32>, device: &Device) -> Tensor<4> {
    let n = pixels.len() / (SIDE * SIDE);
    Tensor::from_data(TensorData::new(pixels, [n, SIDE, SIDE, 1]), device)
}
