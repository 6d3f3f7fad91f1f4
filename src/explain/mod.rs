//! Explaining a network's answer: where in the picture is the evidence for a class?
//!
//! Any Burn model that can be split at a convolution layer can be explained: implement
//! [`SplitModel`] and call [`explain`]. The maths itself ([`grad_cam`]) is a pure function of the
//! layer's activations and the gradients of a score with respect to them.

mod grad_cam;
mod methods;
mod worker;

use burn::tensor::activation::softmax;
use burn::tensor::{Tensor, TensorData};
use clap::ValueEnum;

pub use grad_cam::{Heatmap, Status, grad_cam, heatmap};
pub use methods::{METHODS, Method};
pub use worker::{Focus, Report, Watch, Worker};

use crate::model::Cnn;

/// A network in two parts: the trunk ends at the layer to look at, the head does the rest.
///
/// Both must be deterministic: no dropout, and batch normalisation with its running statistics.
/// Burn switches both to training behaviour for autodiff tensors, which is what the head is
/// given, so a head with such layers has to apply them in their inference form itself.
pub trait SplitModel {
    /// The target layer's activations, after its ReLU: `[n, ...] -> [n, height, width, channels]`.
    fn trunk(&self, images: Tensor<4>) -> Tensor<4>;

    /// Logits from activations: `[n, height, width, channels] -> [n, classes]`.
    fn head(&self, activations: Tensor<4>) -> Tensor<2>;
}

impl SplitModel for Cnn {
    fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        Cnn::trunk(self, images)
    }

    fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        Cnn::head(self, activations)
    }
}

/// Which number's gradient is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Score {
    /// The class's logit, as in the Grad-CAM paper
    #[default]
    Logit,
    /// The class's probability; its gradient fades to zero as the network becomes certain
    Probability,
}

impl Score {
    /// The name used on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logit => "logit",
            Self::Probability => "probability",
        }
    }
}

/// What is asked about a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Query {
    /// Which number's gradient is taken.
    pub score: Score,
    /// How activations and gradients make a map.
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
    /// What a picture of it says about itself, in PNG's terms.
    pub fn captions(&self, index: usize, label: u8) -> [(&'static str, String); 3] {
        let Self { predicted, target, query, .. } = self;
        [
            ("Title", format!("{} of digit {index} for class {target}", query.method.title())),
            ("Description", format!("label {label}, predicted {predicted}, layer conv2")),
            ("Software", concat!("gradcam ", env!("CARGO_PKG_VERSION")).to_owned()),
        ]
    }
}

/// Grad-CAM of each image for its target class; `None` takes the class the network predicts.
///
/// One forward and one backward pass of the head for the whole batch: the images' scores are
/// summed, and in inference no image's score depends on another image. The model is only read.
///
/// `images` is `[n, ...]` on a device without autodiff, with one target an image. A target that is
/// no class of the model explains nothing: its gradient, and so its map, is zero.
pub fn explain(
    model: &impl SplitModel,
    images: Tensor<4>,
    targets: &[Option<usize>],
    query: Query,
) -> Vec<Explanation> {
    explain_activations(model, model.trunk(images), targets, query)
}

/// Grad-CAM of one image for each of these classes: one pass of the trunk, and one forward and one
/// backward pass of the head for all classes at once.
///
/// `image` is `[1, ...]`; see [`explain`].
pub fn explain_classes(
    model: &impl SplitModel,
    image: Tensor<4>,
    classes: &[usize],
    query: Query,
) -> Vec<Explanation> {
    let targets: Vec<_> = classes.iter().map(|&class| Some(class)).collect();
    let activations = model.trunk(image);
    let (device, [_, height, width, channels]) = (activations.device(), activations.dims());
    // Repeated here, because some devices repeat a tensor element by element.
    let repeated = floats(activations).repeat(classes.len());
    let repeated = TensorData::new(repeated, [classes.len(), height, width, channels]);
    explain_activations(model, Tensor::from_data(repeated, &device), &targets, query)
}

fn explain_activations(
    model: &impl SplitModel,
    activations: Tensor<4>,
    targets: &[Option<usize>],
    query: Query,
) -> Vec<Explanation> {
    let [_, height, width, channels] = activations.dims();
    let device = activations.device();
    // A leaf of its own: the backward pass stops here and never touches the trunk.
    let leaf = activations.clone().autodiff().require_grad();
    let logits = model.head(leaf.clone());
    let [_, classes] = logits.dims();
    let rows = floats(logits.clone().inner());

    let predicted: Vec<usize> = rows.chunks_exact(classes).map(argmax).collect();
    let chosen = |i: usize| targets.get(i).copied().flatten().unwrap_or(predicted[i]);
    let mut one_hot = vec![0.0; rows.len()];
    for i in 0..predicted.len() {
        if chosen(i) < classes {
            one_hot[i * classes + chosen(i)] = 1.0;
        }
    }
    let one_hot = Tensor::from_data(TensorData::new(one_hot, [predicted.len(), classes]), &device);
    let scores = match query.score {
        Score::Logit => logits,
        Score::Probability => softmax(logits, 1),
    };
    let mut gradients = (scores * one_hot.autodiff()).sum().backward();
    let gradient = leaf.grad_remove(&mut gradients).unwrap_or_else(|| activations.zeros_like());
    // Nobody else holds the two after this, so that they are read without a copy.
    drop((leaf, gradients));
    let (a, g) = (floats(activations), floats(gradient));
    let size = height * width * channels;
    a.chunks_exact(size)
        .zip(g.chunks_exact(size))
        .zip(rows.chunks_exact(classes))
        .enumerate()
        .map(|(i, ((a, g), logits))| Explanation {
            logits: logits.to_vec(),
            predicted: predicted[i],
            target: chosen(i),
            query,
            heatmap: heatmap(query.method, a, g, [height, width, channels]),
        })
        .collect()
}

/// The elements in row-major order.
fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec().unwrap_or_default()
}

fn argmax(row: &[f32]) -> usize {
    let mut best = 0;
    for (class, logit) in row.iter().enumerate() {
        if *logit > row[best] {
            best = class;
        }
    }
    best
}
