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
//! use gradcam::explain::{METHODS, Query, SplitModel, Status, explain, explain_classes};
//! use gradcam::explain::{channels, sanity, trust};
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
//! for method in METHODS {
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
//! let randomised = [("linear", Colours { linear, ..model.clone() })];
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

mod channels;
mod comparison;
mod curves;
mod difference;
mod formulas;
mod guided;
mod heatmap;
mod ink;
mod methods;
mod pass;
mod perturb;
mod picture;
pub(crate) mod resize;
mod sanity;
mod score;
mod split;
mod statistics;
mod trust;

use burn::tensor::{Tensor, TensorData};

pub use channels::{Channel, channels};
pub use comparison::{Figures, compare};
pub use difference::{Difference, difference};
pub use heatmap::{Heatmap, Status, grad_cam, heatmap};
pub use ink::ink;
pub use methods::{METHODS, Method};
pub use sanity::{Stage, sanity};
pub use score::Score;
pub use split::SplitModel;
pub use trust::{Trust, heat_on, trust, trust_while};

use pass::{Pass, Row, floats};
use picture::assert_one;

/// What is asked about a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Query {
    /// Which number's gradient is taken.
    pub score: Score,
    /// How a map is made.
    pub method: Method,
}

/// A network's answer for one image, and the evidence for one class.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// One logit a class.
    pub logits: Vec<f32>,
    /// The class of the highest logit.
    pub predicted: usize,
    /// The class that is explained.
    pub target: usize,
    /// What was asked about it.
    pub query: Query,
    /// Where its evidence is.
    pub heatmap: Heatmap,
}

impl Explanation {
    /// One probability a class: the softmax of the logits.
    pub fn probabilities(&self) -> Vec<f32> {
        score::softmax(&self.logits)
    }

    /// What a picture of it says about itself, in PNG's terms: what it is a map of, and its label,
    /// if it has one.
    pub fn captions(
        &self,
        what: &str,
        label: Option<usize>,
        layer: &str,
    ) -> [(&'static str, String); 3] {
        let Self { predicted, target, query, .. } = self;
        let label = label.map_or(String::new(), |label| format!("label {label}, "));
        [
            ("Title", format!("{} of {what} for class {target}", query.method.title())),
            ("Description", format!("{label}predicted {predicted}, layer {layer}")),
            ("Software", concat!("gradcam ", env!("CARGO_PKG_VERSION")).to_owned()),
        ]
    }
}

/// The map of each image for its target class; `None` takes the class the network predicts.
///
/// One forward and one backward pass of the head for the whole batch: the images' scores are
/// summed, and in inference no image's score depends on another image. Score-CAM and Ablation-CAM
/// add a forward pass for each channel, the guided methods a backward pass of the whole network.
/// The model is only read.
///
/// `images` is `[n, ...]` on a device without autodiff, with one target an image. A target that is
/// no class of the model explains nothing: its map is zero.
pub fn explain(
    model: &impl SplitModel,
    images: Tensor<4>,
    targets: &[Option<usize>],
    query: Query,
) -> Vec<Explanation> {
    let activations = model.trunk(images.clone());
    explanations(model, images, activations, targets, query)
}

/// The map of one image for each of these classes: one pass of the trunk, and one forward and one
/// backward pass of the head for all classes at once.
///
/// `image` is `[1, ...]`; see [`explain`].
///
/// # Panics
/// If there is not exactly one image.
pub fn explain_classes(
    model: &impl SplitModel,
    image: Tensor<4>,
    classes: &[usize],
    query: Query,
) -> Vec<Explanation> {
    assert_one(&image);
    let targets: Vec<_> = classes.iter().map(|&class| Some(class)).collect();
    let activations = repeated(model.trunk(image.clone()), classes.len());
    explanations(model, image, activations, &targets, query)
}

/// One image a row of activations, or one image for all of them.
fn explanations(
    model: &impl SplitModel,
    images: Tensor<4>,
    activations: Tensor<4>,
    targets: &[Option<usize>],
    query: Query,
) -> Vec<Explanation> {
    let pass = Pass::run(model, activations, targets, query.score);
    let heatmaps: Vec<Heatmap> = match query.method {
        Method::ScoreCam => perturb::score_cam(model, images, &pass),
        Method::AblationCam => perturb::ablation_cam(model, images.dims()[0], &pass),
        Method::GuidedBackprop => guided::backprop(model, images, &pass),
        Method::GuidedGradCam => guided::grad_cam(model, images, &pass),
        // The others all have a formula.
        method => {
            let [height, width, channels] = pass.size;
            let map = |row: Row| {
                let raw = formulas::map(method, row.a, row.g, channels)?;
                Some(Heatmap::new(raw, [height, width], row.if_blank()))
            };
            pass.rows().filter_map(map).collect()
        }
    };
    let rows = pass.rows().zip(heatmaps);
    rows.map(|(row, heatmap)| Explanation {
        logits: row.logits.to_vec(),
        predicted: row.predicted,
        target: row.target,
        query,
        heatmap,
    })
    .collect()
}

/// A batch of one, `times` times. Some devices would repeat a tensor element by element.
fn repeated(one: Tensor<4>, times: usize) -> Tensor<4> {
    let (device, [_, a, b, c]) = (one.device(), one.dims());
    Tensor::from_data(TensorData::new(floats(one).repeat(times), [times, a, b, c]), &device)
}
