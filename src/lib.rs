//! Train a convolutional network on handwritten digits in a terminal, and see what it looks at.
//!
//! The program is made of rooms, and data flows through them one way: [`data`] brings digits,
//! [`train`] fits a [`model`], [`explain`] asks what it looks at, [`live`] keeps asking while
//! somebody watches, [`paint`] makes colours of the answer, and [`app`] or [`plain`] shows it.
//!
//! As a library, [`explain`] is Grad-CAM for any Burn model in two parts. It is all that is left
//! without the default feature `app`, and needs little beside Burn:
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

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

pub mod explain;
pub mod logits;
pub mod rng;

#[cfg(feature = "app")]
pub mod app;
#[cfg(feature = "app")]
mod atomic;
#[cfg(feature = "app")]
mod captions;
#[cfg(feature = "app")]
pub mod cli;
#[cfg(feature = "app")]
pub mod config;
#[cfg(feature = "app")]
pub mod data;
#[cfg(feature = "app")]
pub mod doctor;
#[cfg(feature = "app")]
pub mod failure;
#[cfg(feature = "app")]
mod figures;
#[cfg(feature = "app")]
mod files;
#[cfg(feature = "app")]
pub mod kernels;
#[cfg(feature = "app")]
pub mod live;
#[cfg(feature = "app")]
pub mod manual;
#[cfg(feature = "app")]
pub mod model;
#[cfg(feature = "app")]
pub mod output;
#[cfg(feature = "app")]
pub mod paint;
#[cfg(feature = "app")]
pub mod places;
#[cfg(feature = "app")]
pub mod plain;
#[cfg(feature = "app")]
mod signals;
#[cfg(feature = "app")]
pub mod start;
#[cfg(feature = "app")]
mod text;
#[cfg(feature = "app")]
pub mod train;

/// The README's example is compiled with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What a panicking thread said.
#[cfg(feature = "app")]
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("an internal error without a message").to_owned()
}

/// A line on standard error. Unlike `eprintln`, it does without where the terminal is gone, and
/// what others wrote into the line commands no terminal and makes no second line.
#[cfg(feature = "app")]
pub fn say(line: std::fmt::Arguments) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{}", text::printable(&line.to_string()));
}
