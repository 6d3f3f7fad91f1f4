//! Train a convolutional network on handwritten digits in a terminal, and see what it looks at.
//!
//! The program is made of rooms, and data flows through them one way: [`data`] brings digits,
//! [`train`] fits a [`model`], [`explain`] asks what it looks at, [`live`] keeps asking while
//! somebody watches, [`paint`] makes colours of the answer, and [`app`] or [`plain`] shows it.
//!
//! As a library, [`explain`] is Grad-CAM for any Burn model in two parts:
//!
//! ```
//! use burn::tensor::{Device, Distribution, Tensor};
//! use gradcam::explain::{Query, SplitModel, explain};
//!
//! /// One convolution, its mean over all places, and a linear layer.
//! struct Tiny {
//!     kernels: Tensor<4>,
//!     classes: Tensor<2>,
//! }
//!
//! impl SplitModel for Tiny {
//!     fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
//!         use burn::tensor::{activation::relu, module::conv2d, ops::ConvOptions};
//!         let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
//!         relu(conv2d(images, self.kernels.clone(), None, options)).permute([0, 2, 3, 1])
//!     }
//!
//!     fn head(&self, activations: Tensor<4>) -> Tensor<2> {
//!         let [n, height, width, channels] = activations.dims();
//!         let means = activations.reshape([n, height * width, channels]).mean_dim(1);
//!         means.reshape([n, channels]).matmul(self.classes.clone())
//!     }
//! }
//!
//! let device = Device::flex();
//! let model = Tiny {
//!     kernels: Tensor::random([8, 3, 3, 3], Distribution::Default, &device),
//!     classes: Tensor::random([8, 5], Distribution::Default, &device),
//! };
//! let image = Tensor::random([1, 3, 16, 20], Distribution::Default, &device);
//! let answer = explain(&model, image, &[Some(2)], Query::default()).remove(0);
//! assert_eq!((answer.heatmap.height, answer.heatmap.width), (14, 18));
//! assert_eq!(answer.target, 2);
//! ```

pub mod app;
mod atomic;
mod captions;
pub mod cli;
pub mod config;
pub mod data;
pub mod doctor;
pub mod explain;
pub mod failure;
mod figures;
mod files;
pub mod kernels;
pub mod live;
mod logits;
pub mod manual;
pub mod model;
pub mod output;
pub mod paint;
pub mod places;
pub mod plain;
pub mod rng;
mod signals;
pub mod start;

mod text;
pub mod train;

/// The README's example is compiled with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What a panicking thread said.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("an internal error without a message").to_owned()
}

/// A line on standard error. Unlike `eprintln`, it does without where the terminal is gone, and
/// what others wrote into the line commands no terminal and makes no second line.
pub fn say(line: std::fmt::Arguments) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{}", text::printable(&line.to_string()));
}
