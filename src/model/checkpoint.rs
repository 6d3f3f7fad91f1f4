//! Models on disk: safetensors in PyTorch's layout and names, so that either side reads the other.
//!
//! In memory the network is channels-last (`[kh, kw, in, out]`, `[in, out]`, flattened as height,
//! width, channel); in the file it is what `torch.nn` expects (`[out, in, kh, kw]`, `[out, in]`,
//! flattened as channel, height, width). The conversion happens here and nowhere else.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

use super::cnn::{CHANNELS, Cnn, Conv, HIDDEN, Spec};
use super::network::Network;
use super::weights::{self, ARCHITECTURE, OPTIMIZER, Problem, Weights, entries};
use crate::data::{Classes, Noun, Shape};
use crate::{atomic, files};

/// What a saved model says about itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata {
    /// What it was trained on, e.g. "MNIST".
    pub dataset: String,
    /// What tells those pictures from any others: [`crate::data::Dataset::fingerprint`].
    pub fingerprint: Option<String>,
    /// Completed epochs.
    pub epochs: usize,
    /// Share of the test set classified correctly, 0..=1.
    pub test_accuracy: Option<f64>,
    /// The seed of weights, shuffling and dropout.
    pub seed: Option<u64>,
    /// The names of its classes; older models have none.
    pub classes: Option<Classes>,
    /// What it looks at.
    pub noun: Noun,
}

impl Metadata {
    /// The names of the network's classes; their numbers where it does not know better.
    pub fn classes(&self, network: &Network) -> Classes {
        self.classes.clone().unwrap_or_else(|| Classes::numbered(network.classes()))
    }
}

/// Why a model could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file could not be opened or read.
    #[error("cannot read the model {path}: {source}")]
    Read {
        /// The model file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could not be written; an older one in its place is untouched.
    #[error("cannot save the model to {path}: {source}; choose another place with --model")]
    Write {
        /// The model file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The weights are not written, because no reader would take them.
    #[error(
        "the weights are not finite, or beyond a million, and were not saved to {0}; train with a \
         smaller --learning-rate"
    )]
    Unusable(PathBuf),
    /// The bytes are no complete safetensors file.
    #[error(
        "{path} is not a complete safetensors file ({reason}); train a new model or name another with --model"
    )]
    Format {
        /// The model file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is of another kind.
    #[error("{path} is {kind} and no safetensors file; {advice}")]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
    /// The file is larger than any model or training.
    #[error(
        "{path} has {size} MB, and a model or training of gradcam at most {most} MB; name another \
         with --model"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in millions of bytes.
        size: u64,
        /// The largest size.
        most: u64,
    },
    /// A sound file that holds some other network.
    #[error("{path} holds another network: {reason}; name a model saved by gradcam with --model")]
    Shape {
        /// The model file.
        path: PathBuf,
        /// Which tensor differs, and how.
        reason: String,
    },
}

/// Writes the model so that a reader, even after a crash, sees either the old file or the new one.
/// Missing folders are made.
pub fn save(model: &Cnn, metadata: &Metadata, path: &Path) -> Result<(), CheckpointError> {
    write(model, describe(metadata), None, path)
}

/// As [`save`], with this text as the file's metadata, and perhaps with the state of an optimizer.
pub fn write(
    model: &Cnn,
    text: HashMap<String, String>,
    optimizer: Option<&[u8]>,
    path: &Path,
) -> Result<(), CheckpointError> {
    let bytes = encode(model, text, optimizer).map_err(|error| match error {
        EncodeError::Unusable => CheckpointError::Unusable(path.to_owned()),
        EncodeError::Format(reason) => {
            CheckpointError::Write { path: path.to_owned(), source: io::Error::other(reason) }
        }
    })?;
    store(&bytes, path)
}

/// Why a network cannot become a file.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// No reader would take its weights: see [`is_usable`].
    #[error("the weights are not finite, or beyond a million")]
    Unusable,
    /// The file format refuses it.
    #[error("{0}")]
    Format(String),
}

/// The content of a file that [`read`] takes, with this text as its metadata, and perhaps with the
/// state of an optimizer.
///
/// # Errors
/// If nobody could read it again.
pub fn encode(
    model: &Cnn,
    text: HashMap<String, String>,
    optimizer: Option<&[u8]>,
) -> Result<Vec<u8>, EncodeError> {
    if !is_usable(model) {
        return Err(EncodeError::Unusable);
    }
    to_bytes(model, text, optimizer).map_err(EncodeError::Format)
}

/// Writes a file in one piece, as [`save`] does.
///
/// # Errors
/// If it cannot be written; an older file is untouched.
pub fn store(bytes: &[u8], path: &Path) -> Result<(), CheckpointError> {
    let failed = |source| CheckpointError::Write { path: path.to_owned(), source };
    fs::create_dir_all(atomic::folder(path)).map_err(failed)?;
    atomic::write(path, bytes).map_err(failed)
}

/// Whether a file of these weights could be read again: each is finite, and small enough that every
/// answer of the network is a number.
pub fn is_usable(model: &Cnn) -> bool {
    /// Visits every parameter.
    struct Check(bool);
    impl ModuleVisitor for Check {
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            self.0 &= parameter.val().into_data().iter::<f32>().all(weights::is_usable);
        }
    }
    let mut check = Check(true);
    model.visit(&mut check);
    check.0
}

/// Whether [`save`] can write to `path`. Like it, this makes missing folders; a file that is there
/// stays untouched.
pub fn check_writable(path: &Path) -> Result<(), CheckpointError> {
    let failed = |source| CheckpointError::Write { path: path.to_owned(), source };
    fs::create_dir_all(atomic::folder(path)).map_err(failed)?;
    atomic::check(path).map_err(failed)
}

/// Reads a model written by [`save`] or by PyTorch (`safetensors.torch.save_file` of a state dict
/// with the same names and shapes, in floats of 16, 32 or 64 bits; names may have the prefixes that
/// PyTorch's wrappers add).
pub fn load(path: &Path, device: &Device) -> Result<(Cnn, Metadata), CheckpointError> {
    let Contents { model, text, .. } = read(path, device)?;
    Ok((model, metadata(&text)))
}

/// What a file's text says about its model.
pub(crate) fn metadata(text: &HashMap<String, String>) -> Metadata {
    Metadata {
        dataset: text.get("dataset").cloned().unwrap_or_else(|| "unknown data".to_owned()),
        fingerprint: text.get("fingerprint").cloned(),
        epochs: text.get("epochs").and_then(|v| v.parse().ok()).unwrap_or(0),
        test_accuracy: text.get("test_accuracy").and_then(|v| v.parse().ok()),
        seed: text.get("seed").and_then(|v| v.parse().ok()),
        // Older models are for digits, whatever they were trained on.
        noun: match text.get("noun").map(String::as_str) {
            Some("picture") => Noun::Picture,
            _ => Noun::Digit,
        },
        classes: text.get("classes").and_then(|text| serde_json::from_str(text).ok()),
    }
}

/// What [`write()`] put into a file.
pub struct Contents {
    /// The network.
    pub model: Cnn,
    /// The file's metadata.
    pub text: HashMap<String, String>,
    /// The optimizer's state.
    pub optimizer: Option<Vec<u8>>,
}

/// Reads a file of [`write()`]. Kind and size are looked at first: no more than the largest of
/// trainings is ever read.
pub fn read(path: &Path, device: &Device) -> Result<Contents, CheckpointError> {
    let failed = |source| CheckpointError::Read { path: path.to_owned(), source };
    let (mut file, length) = files::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.by_ref().take(files::HEAD as u64).read_to_end(&mut bytes).map_err(failed)?;
    if length > weights::LARGEST_FILE {
        let [size, most] = [length, weights::LARGEST_FILE].map(|bytes| bytes / 1_000_000);
        let too_large = || CheckpointError::TooLarge { path: path.to_owned(), size, most };
        return Err(of_another_kind(path, &bytes).unwrap_or_else(too_large));
    }
    let rest = weights::LARGEST_FILE - bytes.len() as u64;
    file.take(rest).read_to_end(&mut bytes).map_err(failed)?;
    let Weights { tensors, text, optimizer, spec } =
        weights::from_bytes(&bytes).map_err(|problem| match problem {
            Problem::Format(reason) => of_another_kind(path, &bytes)
                .unwrap_or_else(|| CheckpointError::Format { path: path.to_owned(), reason }),
            Problem::Shape(reason) => CheckpointError::Shape { path: path.to_owned(), reason },
        })?;
    Ok(Contents { model: assemble(spec, tensors, device), text, optimizer })
}

/// The metadata of a file of [`write()`], read without its tensors: some kilobytes of megabytes.
///
/// # Errors
/// If there is no ordinary file, or its beginning is not that of a safetensors file.
pub fn text(path: &Path) -> Result<HashMap<String, String>, CheckpointError> {
    let failed = |source| CheckpointError::Read { path: path.to_owned(), source };
    let (mut file, _) = files::open(path).map_err(failed)?;
    // The header, in JSON, has its length in bytes in front of it.
    let mut length = [0; 8];
    let mut header = Vec::new();
    file.read_exact(&mut length).map_err(failed)?;
    let length = u64::from_le_bytes(length).min(weights::LARGEST_HEADER);
    file.take(length).read_to_end(&mut header).map_err(failed)?;
    /// The one entry of the header that is no tensor.
    #[derive(Deserialize)]
    struct Header {
        #[serde(default, rename = "__metadata__")]
        text: HashMap<String, String>,
    }
    serde_json::from_slice(&header).map(|Header { text }| text).map_err(|error| {
        CheckpointError::Format { path: path.to_owned(), reason: error.to_string() }
    })
}

/// What a file is that is not read as safetensors, where that is plain from how it begins.
fn of_another_kind(path: &Path, bytes: &[u8]) -> Option<CheckpointError> {
    // The length of a safetensors header, in front of its brace, may look like anything.
    if bytes.get(8) == Some(&b'{') {
        return None;
    }
    let kind = files::kind(&bytes[..bytes.len().min(files::HEAD)])?;
    let advice = match kind {
        _ if kind.starts_with("a PyTorch file") => {
            "convert it in Python: safetensors.torch.save_file(torch.load(\"IN.pt\", \
             map_location=\"cpu\"), \"OUT.safetensors\"), where IN.pt holds a state_dict"
        }
        "a Git LFS pointer" | "an HTML page" => "download the file itself",
        _ if kind.ends_with("archive") || kind == "a gzip file" => "unpack it",
        _ => "export the model as safetensors, or name another with --model",
    };
    Some(CheckpointError::Kind { path: path.to_owned(), kind, advice })
}

fn to_bytes(
    model: &Cnn,
    text: HashMap<String, String>,
    optimizer: Option<&[u8]>,
) -> Result<Vec<u8>, String> {
    let spec = model.spec();
    let conv =
        |conv: &Conv| [values(conv.weight.val().permute([3, 2, 0, 1])), values(conv.bias.val())];
    let [conv1_w, conv1_b] = conv(&model.conv1);
    let [conv2_w, conv2_b] = conv(&model.conv2);
    // [h * w * c, out] -> [out, c * h * w]
    let [height, width] = spec.map();
    let fc1 = model.fc1.weight.val();
    let fc1 = fc1.reshape([height, width, CHANNELS[1], HIDDEN]).permute([3, 2, 0, 1]);
    let tensors = [
        conv1_w,
        conv1_b,
        conv2_w,
        conv2_b,
        values(fc1),
        values(model.fc1.bias.val()),
        values(model.fc2.weight.val().transpose()),
        values(model.fc2.bias.val()),
    ];
    let views = entries(spec).into_iter().zip(&tensors).map(|(entry, bytes)| {
        let view = TensorView::new(Dtype::F32, entry.shape, bytes);
        view.map(|view| (entry.name, view))
    });
    let state = optimizer.map(|bytes| {
        TensorView::new(Dtype::U8, vec![bytes.len()], bytes).map(|view| (OPTIMIZER, view))
    });
    let views: Vec<_> = views.chain(state).collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    let text = text.into_iter().chain(input(spec.input)).collect();
    safetensors::serialize(views, Some(text)).map_err(|e| e.to_string())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<u8> {
    tensor.into_data().iter::<f32>().flat_map(f32::to_le_bytes).collect()
}

fn describe(metadata: &Metadata) -> HashMap<String, String> {
    let mut map = HashMap::from([
        ("architecture".to_owned(), ARCHITECTURE.to_owned()),
        ("dataset".to_owned(), metadata.dataset.clone()),
        ("epochs".to_owned(), metadata.epochs.to_string()),
        ("noun".to_owned(), metadata.noun.one().to_owned()),
        ("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        // Hugging Face's loaders ask for it.
        ("format".to_owned(), "pt".to_owned()),
    ]);
    if let Some(accuracy) = metadata.test_accuracy {
        map.insert("test_accuracy".to_owned(), accuracy.to_string());
    }
    if let Some(fingerprint) = &metadata.fingerprint {
        map.insert("fingerprint".to_owned(), fingerprint.clone());
    }
    if let Some(classes) = &metadata.classes {
        map.insert("classes".to_owned(), names(classes));
    }
    if let Some(seed) = metadata.seed {
        map.insert("seed".to_owned(), seed.to_string());
    }
    map
}

/// The names of classes as they are written into a file: a JSON array.
pub(crate) fn names(classes: &Classes) -> String {
    serde_json::Value::from(classes.names()).to_string()
}

/// What a file says of its network's input: the image's size, and how its bytes become the network's
/// numbers, in the terms of torchvision: divided by 255, less the mean, divided by the deviation.
fn input(Shape { height, width, channels }: Shape) -> impl Iterator<Item = (String, String)> {
    let every = |value: f64| serde_json::Value::from(vec![value; channels]).to_string();
    let said = [
        ("height", height.to_string()),
        ("width", width.to_string()),
        ("channels", channels.to_string()),
        ("mean", every(0.0)),
        ("std", every(1.0)),
    ];
    said.into_iter().map(|(key, value)| (key.to_owned(), value))
}

/// The network from the eight tensors in PyTorch's layout, in the order of [`entries`].
pub(crate) fn assemble(spec: Spec, tensors: Vec<Vec<f32>>, device: &Device) -> Cnn {
    let mut tensors = tensors.into_iter();
    let mut next = || tensors.next().unwrap_or_default();
    let [c1, c2] = CHANNELS;
    let mut layer = |shape: [usize; 4]| (reorder(&next(), shape, [2, 3, 1, 0]), next());
    let [height, width] = spec.map();
    let (conv1, conv2) = (layer([c1, spec.input.channels, 3, 3]), layer([c2, c1, 3, 3]));
    let fc1 = layer([HIDDEN, c2, height, width]);
    let fc2 = layer([spec.classes, HIDDEN, 1, 1]);
    Cnn::assemble(spec, conv1, conv2, fc1, fc2, device)
}

/// Row-major `values` of `shape`, with the axes in the given order.
fn reorder(values: &[f32], shape: [usize; 4], axes: [usize; 4]) -> Vec<f32> {
    let mut strides = [1; 4];
    for i in (0..3).rev() {
        strides[i] = strides[i + 1] * shape[i + 1];
    }
    let dims = axes.map(|a| shape[a]);
    let steps = axes.map(|a| strides[a]);
    let mut out = Vec::with_capacity(values.len());
    for a in 0..dims[0] {
        for b in 0..dims[1] {
            for c in 0..dims[2] {
                let row = a * steps[0] + b * steps[1] + c * steps[2];
                out.extend((0..dims[3]).map(|d| values[row + d * steps[3]]));
            }
        }
    }
    out
}
