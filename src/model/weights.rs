//! The network's tensors in a safetensors file: which there are, and how they are found and read.

use std::collections::HashMap;

use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::cnn::{CHANNELS, HIDDEN, Spec};
use crate::data::Shape;

/// The architecture's name in a file's metadata.
pub(super) const ARCHITECTURE: &str = "gradcam-cnn-v1";

/// The largest weight. The largest network adds up at most 28 x 289 x 53825 x 129 products of four
/// of them: with this one no 32-bit sum overflows, and every picture's answer is a number.
const LARGEST: f32 = 1e6;

/// Whether a weight is a number, and of a size with which every answer is one.
pub(super) fn is_usable(weight: f32) -> bool {
    weight.abs() <= LARGEST
}

/// One parameter in the file: its name and PyTorch shape.
pub(super) struct Entry {
    pub name: &'static str,
    pub shape: Vec<usize>,
}

/// The name of an optimizer's state in a file.
pub(super) const OPTIMIZER: &str = "optimizer";

/// The parameters of a network in their order.
pub(super) fn entries(spec: Spec) -> [Entry; 8] {
    let [c1, c2] = CHANNELS;
    let entry = |name, shape: &[usize]| Entry { name, shape: shape.to_vec() };
    [
        entry("conv1.weight", &[c1, spec.input.channels, 3, 3]),
        entry("conv1.bias", &[c1]),
        entry("conv2.weight", &[c2, c1, 3, 3]),
        entry("conv2.bias", &[c2]),
        entry("fc1.weight", &[HIDDEN, spec.flat()]),
        entry("fc1.bias", &[HIDDEN]),
        entry("fc2.weight", &[spec.classes, HIDDEN]),
        entry("fc2.bias", &[spec.classes]),
    ]
}

/// What PyTorch's wrappers put before each name: DataParallel and DistributedDataParallel,
/// torch.compile, and a module that holds the network as its `model`.
const PREFIXES: [&str; 3] = ["module.", "_orig_mod.", "model."];

/// The largest header that is read, with metadata: a thousand classes of long names fit.
pub(super) const LARGEST_HEADER: u64 = 4 << 20;

/// The largest file that is read: per weight 8 bytes (64-bit floats) and 16 of optimizer state (two
/// such moments), and the header.
pub(super) const LARGEST_FILE: u64 = 24 * Spec::LARGEST.parameters() as u64 + LARGEST_HEADER;

/// Why bytes are not the network.
pub(super) enum Problem {
    /// They are no complete safetensors file.
    Format(String),
    /// They are of another network.
    Shape(String),
}

/// What a file holds.
pub(super) struct Weights {
    /// One for each of [`entries`], in PyTorch's layout.
    pub tensors: Vec<Vec<f32>>,
    /// The file's metadata.
    pub text: HashMap<String, String>,
    /// The optimizer's state.
    pub optimizer: Option<Vec<u8>>,
    /// What the tensors' sizes follow from.
    pub spec: Spec,
}

/// Reads a safetensors file.
pub(super) fn from_bytes(bytes: &[u8]) -> Result<Weights, Problem> {
    let format = |e: safetensors::SafeTensorError| Problem::Format(e.to_string());
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(format)?;
    let file = SafeTensors::deserialize(bytes).map_err(format)?;
    let text = header.metadata().clone().unwrap_or_default();
    if let Some(other) = text.get("architecture").filter(|name| *name != ARCHITECTURE) {
        return Err(Problem::Shape(format!("its architecture is {other} and not {ARCHITECTURE}")));
    }
    let spec = spec(&file, &text).map_err(Problem::Shape)?;
    let tensors = entries(spec);
    let tensors = tensors.iter().map(|entry| tensor(&file, entry).map_err(Problem::Shape));
    let tensors = tensors.collect::<Result<_, _>>()?;
    let optimizer = file.tensor(OPTIMIZER).ok().map(|state| state.data().to_vec());
    Ok(Weights { tensors, text, optimizer, spec })
}

/// What the file's metadata says of its network's input, and its tensors of the rest. A file that
/// says nothing is taken as one of square images with an even side.
fn spec(file: &SafeTensors, text: &HashMap<String, String>) -> Result<Spec, String> {
    let [conv1, .., fc1, _, fc2, _] = entries(Spec::DIGITS);
    // The size along the axis that differs between networks.
    let size = |Entry { name, mut shape }: Entry, axis: usize| {
        let found = find(file, name)?.shape().to_vec();
        let usual = shape.clone();
        shape[axis] = found.get(axis).copied().unwrap_or(shape[axis]);
        match found == shape {
            true => Ok(shape[axis]),
            false => Err(format!("{name} is {found:?} and should be {usual:?}")),
        }
    };
    let said = |key| match text.get(key) {
        Some(text) => text.parse().map(Some).map_err(|_| format!("its {key} is \"{text}\"")),
        None => Ok(None),
    };
    let (channels, flat, classes) = (size(conv1, 1)?, size(fc1, 1)?, size(fc2, 0)?);
    let side = 2 * ((flat / CHANNELS[1]).isqrt() + 3);
    let input = Shape {
        height: said("height")?.unwrap_or(side),
        width: said("width")?.unwrap_or(side),
        channels: said("channels")?.unwrap_or(channels),
    };
    Spec::new(input, classes).map_err(|problem| format!("it is for {problem}"))
}

/// One parameter's values.
fn tensor(file: &SafeTensors, Entry { name, shape }: &Entry) -> Result<Vec<f32>, String> {
    let tensor = find(file, name)?;
    if tensor.shape() != shape {
        let found = tensor.shape();
        return Err(format!("{name} is {found:?} and should be {shape:?}"));
    }
    let values = floats(&tensor).ok_or_else(|| {
        let found = tensor.dtype();
        format!("{name} is {found:?} and should be F32, F64, F16 or BF16")
    })?;
    match values.iter().all(|v| is_usable(*v)) {
        true => Ok(values),
        false => Err(format!("{name} has values that are no numbers, or beyond a million")),
    }
}

/// The tensor of this name, perhaps behind prefixes.
fn find<'a>(file: &SafeTensors<'a>, name: &str) -> Result<TensorView<'a>, String> {
    if let Ok(tensor) = file.tensor(name) {
        return Ok(tensor);
    }
    let mut found = file.names().into_iter().filter(|it| without_prefixes(it) == name);
    let Some(first) = found.next() else { return Err(format!("it has no tensor {name}")) };
    if let Some(second) = found.next() {
        return Err(format!("{first} and {second} could both be its {name}"));
    }
    file.tensor(first).map_err(|error| error.to_string())
}

fn without_prefixes(mut name: &str) -> &str {
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        name = rest;
    }
    name
}

/// The values as 32-bit floats; `None` where they are of a type that is not converted.
fn floats(tensor: &TensorView) -> Option<Vec<f32>> {
    fn each<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Option<Vec<f32>> {
        Some(bytes.as_chunks().0.iter().map(|bytes| value(*bytes)).collect())
    }
    let bytes = tensor.data();
    match tensor.dtype() {
        Dtype::F32 => each(bytes, f32::from_le_bytes),
        Dtype::F64 => each(bytes, |bytes| f64::from_le_bytes(bytes) as f32),
        Dtype::F16 => each(bytes, |bytes| f16::from_le_bytes(bytes).to_f32()),
        Dtype::BF16 => each(bytes, |bytes| bf16::from_le_bytes(bytes).to_f32()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with these types of floats and this before every name; weights that all types hold.
    fn file(dtype: Dtype, prefix: &str) -> Vec<u8> {
        let value = |i: usize| (i % 16) as f32 / 8.0 - 1.0;
        let tensors: Vec<_> = entries(Spec::DIGITS)
            .iter()
            .map(|Entry { name, shape }| {
                let values = (0..shape.iter().product()).map(value);
                let bytes: Vec<u8> = match dtype {
                    Dtype::F64 => values.flat_map(|v| f64::from(v).to_le_bytes()).collect(),
                    Dtype::F16 => values.flat_map(|v| f16::from_f32(v).to_le_bytes()).collect(),
                    Dtype::BF16 => values.flat_map(|v| bf16::from_f32(v).to_le_bytes()).collect(),
                    Dtype::I32 => values.flat_map(|v| (v as i32).to_le_bytes()).collect(),
                    _ => values.flat_map(f32::to_le_bytes).collect(),
                };
                (format!("{prefix}{name}"), shape.to_vec(), bytes)
            })
            .collect();
        let views = tensors.iter().map(|(name, shape, bytes)| {
            (name.clone(), TensorView::new(dtype, shape.clone(), bytes).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<Vec<f32>>, String> {
        from_bytes(bytes).map(|weights| weights.tensors).map_err(|problem| match problem {
            Problem::Format(reason) | Problem::Shape(reason) => reason,
        })
    }

    #[test]
    fn floats_of_every_width_are_read_alike() {
        let expected = read(&file(Dtype::F32, "")).unwrap();
        assert_eq!(expected[0][..3], [-1.0, -0.875, -0.75]);
        for dtype in [Dtype::F64, Dtype::F16, Dtype::BF16] {
            assert_eq!(read(&file(dtype, "")).unwrap(), expected, "{dtype:?}");
            assert!((file(dtype, "").len() as u64) < LARGEST_FILE);
        }
        let reason = read(&file(Dtype::I32, "")).unwrap_err();
        assert_eq!(reason, "conv1.weight is I32 and should be F32, F64, F16 or BF16");
    }

    #[test]
    fn names_are_found_behind_the_prefixes_of_wrappers() {
        let expected = read(&file(Dtype::F32, "")).unwrap();
        for prefix in ["module.", "_orig_mod.", "model.", "module._orig_mod.", "model.module."] {
            assert_eq!(read(&file(Dtype::F32, prefix)).unwrap(), expected, "{prefix}");
        }
        let reason = read(&file(Dtype::F32, "other.")).unwrap_err();
        assert_eq!(reason, "it has no tensor conv1.weight");
    }

    #[test]
    fn a_name_that_could_be_two_tensors_is_no_name() {
        let bytes = [0; 4];
        let view = || TensorView::new(Dtype::F32, vec![1], &bytes).unwrap();
        let names = ["model.conv1.weight", "module.conv1.weight"];
        let file = safetensors::serialize(names.map(|name| (name, view())), None).unwrap();
        let reason = read(&file).unwrap_err();
        assert!(names.iter().all(|name| reason.contains(name)), "{reason}");
    }

    #[test]
    fn values_beyond_what_the_network_can_add_up_are_refused() {
        let whole = file(Dtype::F64, "");
        for value in [f64::NAN, f64::INFINITY, 1e300, -1e7] {
            let mut bytes = whole.clone();
            let last = bytes.len() - 8;
            bytes[last..].copy_from_slice(&value.to_le_bytes());
            assert!(read(&bytes).unwrap_err().contains("no numbers"), "{value}");
        }
    }
}
