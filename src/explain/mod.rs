//! Explaining a network's answer: where in the picture is the evidence for a class?
//!
//! Any Burn model that can be split at a convolution layer can be explained, on any device:
//! implement [`SplitModel`] and call [`explain`]. The maths itself ([`grad_cam`], [`heatmap`]) are
//! pure functions of the layer's activations and the gradients of a score with respect to them.
//! Whether a map can be relied on is asked with [`trust`](trust()), [`sanity`](sanity()) and
//! [`channels`](channels()), of any such model as well; [`compare`] asks it of all methods.
//!
//! A colour network with batch normalisation on both sides of the split, in Burn's layout
//! `[n, channels, height, width]`:
//!
//! ```
//! use burn::module::Module;
//! use burn::nn::conv::{Conv2d, Conv2dConfig};
//! use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig};
//! use burn::tensor::activation::relu;
//! use burn::tensor::{Device, Distribution, Tensor};
//! use gradcam::explain::{Method, Query, SplitModel, Status, VariantArray};
//! use gradcam::explain::{channels, explain, explain_classes, sanity, trust};
//!
//! #[derive(Module, Debug)]
//! struct Colours {
//!     conv: Conv2d,
//!     norm: BatchNorm,
//!     norm_of_means: BatchNorm,
//!     linear: Linear,
//! }
//!
//! impl SplitModel for Colours {
//!     // [n, 3, h, w] to [n, h - 2, w - 2, 6]: channels go last.
//!     fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
//!         let features = self.norm.forward(self.conv.forward(images));
//!         relu(features).permute([0, 2, 3, 1])
//!     }
//!
//!     // [n, h - 2, w - 2, 6] to [n, 4].
//!     fn head(&self, activations: Tensor<4>) -> Tensor<2> {
//!         // Gradients flow through what is on an autodiff device; frozen, it does not train there:
//!         // batch normalisation keeps its running statistics, and dropout drops nothing.
//!         let this = match activations.is_autodiff() {
//!             true => self.clone().freeze().train(),
//!             false => self.clone().valid(),
//!         };
//!         let [n, height, width, channels] = activations.dims();
//!         let means = activations.reshape([n, height * width, channels]).mean_dim(1);
//!         this.linear.forward(this.norm_of_means.forward(means.reshape([n, channels])))
//!     }
//!
//!     fn image_axes(&self) -> [usize; 2] {
//!         [2, 3]
//!     }
//! }
//!
//! let device = Device::flex(); // or any other
//! let model = Colours {
//!     conv: Conv2dConfig::new([3, 6], [3, 3]).init(&device),
//!     norm: BatchNormConfig::new(6).init(&device),
//!     norm_of_means: BatchNormConfig::new(6).init(&device),
//!     linear: LinearConfig::new(6, 4).init(&device),
//! };
//! // A model in training is explained by its `valid()`, which is not trained by that.
//! let image = Tensor::random([1, 3, 12, 16], Distribution::Default, &device);
//!
//! for &method in Method::VARIANTS {
//!     let query = Query { method, ..Query::default() };
//!     let answer = explain(&model, image.clone(), &[None], query).remove(0);
//!     let map = &answer.heatmap;
//!     match map.status {
//!         Status::Ok => println!("{}: {} logits at most", method.title(), map.raw_max),
//!         status => println!("{}: nothing, {}", method.title(), status.reason()),
//!     }
//!     # if !matches!(map.status, Status::Unsupported) {
//!     #     assert_eq!((map.height, map.width, answer.logits.len()), (10, 14, 4));
//!     # }
//! }
//!
//! // One map a class, on one scale: divide `raw` by the largest `raw_max`.
//! let all = explain_classes(&model, image.clone(), &[0, 1, 2, 3], Query::default());
//! assert_eq!(all.len(), 4);
//!
//! // Does the score fall as the hottest pixels go, faster than in random order? Of pixels, row by
//! // row, it can be said which belong to the object: here nobody knows.
//! let trust = trust(&model, image.clone(), &all[2], |_| false);
//! println!("{} against {}", trust.deletion_area, trust.random_deletion_area);
//!
//! // Does the map change with the weights? It should: then the correlation is near 0.
//! let linear = LinearConfig::new(6, 4).init(&device);
//! let randomised = [("linear".to_owned(), Colours { linear, ..model.clone() })];
//! let stages = sanity(&model, &randomised, image.clone(), 2, Query::default());
//! println!("{} random: {}", stages[1].name, stages[1].correlation);
//!
//! // What do the channels say, and what becomes of the answer without the weightiest?
//! let (_, seen) = channels(&model, image.clone(), Some(2), &[]);
//! let (without, _) = channels(&model, image, Some(2), &[seen[0].index]);
//! println!("{:?} without channel {}", without.logits, seen[0].index);
//! # assert!(all.iter().all(|answer| answer.logits.len() == 4));
//! # assert_eq!((trust.deletion.len(), stages.len(), seen.len()), (29, 2, 6));
//! # let zeros = model.norm_of_means.running_mean.value().into_data();
//! # assert!(zeros.iter::<f32>().all(|mean| mean == 0.0), "explaining has trained the model");
//! ```

mod ask;
mod channels;
mod comparison;
mod curves;
mod difference;
mod formulas;
mod guided;
mod heatmap;
mod methods;
mod objective;
mod pass;
mod perturb;
mod pixels;
pub(crate) mod resize;
mod sanity;
mod split;
mod statistics;
mod trust;

pub use ask::{Explanation, Query, explain, explain_classes};
pub use channels::{Channel, channels};
pub use comparison::{Figures, compare};
pub use difference::{Difference, difference};
pub use heatmap::{Heatmap, Status, grad_cam, heatmap};
pub use methods::Method;
pub use objective::Objective;
pub use sanity::{Step, sanity};
pub use split::SplitModel;
pub use trust::{Trust, heat_on, trust, trust_while};

/// Enums whose variants can be gone through.
pub use strum::VariantArray;
