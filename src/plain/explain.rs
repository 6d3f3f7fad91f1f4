//! `gradcam explain`: pictures explained, a line each, and a picture if one is asked for.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::error::PlainError;
use crate::captions::captions;
use crate::cli::{Explain, View};
use crate::data::digits::is_ink;
use crate::data::digits::reading::{Reading, Remark};
use crate::data::import;
use crate::data::{Classes, Dataset, Noun, Shape};
use crate::explain::{Explanation, Query, explain, heat_on};
use crate::figures::percent;
use crate::model::evaluate::{at_once, input};
use crate::model::{Layer, Network};
use crate::output::Output;
use crate::paint::{self, Colormap, Composition, Grid, Image, Look, Raster};
use crate::say;
use crate::text::{json_line, printable};

/// The memory, in bytes, that the activations of pictures explained in one pass may take.
const AT_ONCE: usize = 5_000_000;

/// Explains pictures without a screen: a line each, and a picture if one is asked for.
pub struct Explainer<'a> {
    /// The network.
    pub network: &'a Network,
    /// The layer that is looked at.
    pub layer: Layer,
    /// Which pictures, and how.
    pub request: &'a Explain,
    /// Where the picture of one map goes.
    pub output: Option<Output>,
    /// Colours of heat.
    pub colormap: Colormap,
    /// Whether a line is a JSON object.
    pub json: bool,
}

/// A picture that is explained.
struct Subject<'a> {
    /// Its bytes, in the shape of the network's input.
    bytes: &'a [u8],
    name: Named<'a>,
    /// What the classes are called.
    classes: &'a Classes,
    noun: Noun,
    /// Why it may not be what it should be.
    remark: Option<Remark>,
}

/// What a picture is known by.
#[derive(Clone, Copy)]
enum Named<'a> {
    /// Its place in its set, its label, and perhaps a file of its own.
    Place(usize, usize, Option<&'a Path>),
    /// A file that is in no set.
    File(&'a Path),
}

impl Subject<'_> {
    fn label(&self) -> Option<usize> {
        match self.name {
            Named::Place(_, label, _) => Some(label),
            Named::File(_) => None,
        }
    }
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Named::Place(index, ..) => write!(f, "{} {index}", self.noun.one()),
            Named::File(path) => f.write_str(&import::shown(path)),
        }
    }
}

impl Explainer<'_> {
    /// Explains the pictures that the request names.
    pub fn pictures(&self, dataset: &Dataset) -> Result<(), PlainError> {
        let Explain { split, index, .. } = self.request;
        let (images, noun) = (dataset.split(*split), dataset.origin.noun);
        let range = index.0.clone();
        if range.end > images.len() {
            return Err(PlainError::NoSuchPicture {
                noun: noun.one(),
                index: range.end - 1,
                split: *split,
                count: images.len(),
            });
        }
        let target = self.target(&dataset.classes)?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        let (chunk, size) = (at_once(self.network, AT_ONCE), images.shape().bytes());
        for start in range.clone().step_by(chunk) {
            let end = (start + chunk).min(range.end);
            let answers = self.ask(&images.pixels()[start * size..end * size], target);
            for (index, answer) in (start..end).zip(&answers) {
                let name = Named::Place(index, images.label(index), images.file(index));
                let (bytes, classes) = (images.image(index), &dataset.classes);
                self.tell(&Subject { bytes, name, classes, noun, remark: None }, answer, &mut out)?;
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Explains the digit that was read from a file.
    pub fn drawn(
        &self,
        path: &Path,
        reading: &Reading,
        classes: &Classes,
    ) -> Result<(), PlainError> {
        let Reading { pixels, remark } = reading;
        if let Some(remark) = remark {
            say(format_args!("note: {}: {remark}", import::shown(path)));
        }
        let (name, noun) = (Named::File(path), Noun::Digit);
        self.one(&Subject { bytes: pixels, name, classes, noun, remark: *remark })
    }

    /// Explains the picture that was read from a file.
    pub fn picture(&self, path: &Path, bytes: &[u8], classes: &Classes) -> Result<(), PlainError> {
        let (name, noun) = (Named::File(path), Noun::Picture);
        self.one(&Subject { bytes, name, classes, noun, remark: None })
    }

    fn one(&self, subject: &Subject) -> Result<(), PlainError> {
        let target = self.target(subject.classes)?;
        let mut out = io::stdout().lock();
        let answers = self.ask(subject.bytes, target);
        answers.iter().try_for_each(|answer| self.tell(subject, answer, &mut out))
    }

    /// The class that is asked for, by its name or number; `None` for the predicted one.
    ///
    /// # Errors
    /// If there is no such class.
    pub fn target(&self, classes: &Classes) -> Result<Option<usize>, PlainError> {
        let Some(word) = &self.request.target else { return Ok(None) };
        let found = classes.find(word);
        found.map(Some).ok_or_else(|| PlainError::NoSuchClass {
            word: word.clone(),
            last: classes.len().saturating_sub(1),
            first: classes.name(0).to_owned(),
        })
    }

    /// One answer for each picture of so many bytes.
    fn ask(&self, bytes: &[u8], target: Option<usize>) -> Vec<Explanation> {
        let Explain { score: objective, method, .. } = *self.request;
        let shape = self.network.input();
        let targets = vec![target; bytes.len() / shape.bytes()];
        let images = input(bytes, shape, &self.network.device());
        explain(&self.network.at(self.layer), images, &targets, Query { objective, method })
    }

    fn tell(
        &self,
        subject: &Subject,
        answer: &Explanation,
        out: &mut impl Write,
    ) -> Result<(), PlainError> {
        match (self.json, &self.output) {
            (true, _) => {
                writeln!(out, "{}", json_line(&self.object(subject, answer)))?;
            }
            // The picture goes to standard output, and text between its bytes would break it.
            (false, Some(Output::Standard)) => say(format_args!("{}", sentence(subject, answer))),
            (false, _) => writeln!(out, "{}", printable(&sentence(subject, answer)))?,
        }
        if let Some(output) = &self.output {
            let raster =
                raster(subject.bytes, self.network.input(), self.request, self.colormap, answer);
            let (layers, what) = (self.network.layers(), subject.to_string());
            let layer = layers.name(self.layer);
            let texts = captions(answer, subject.classes, &what, subject.label(), layer);
            match output {
                Output::File(path) => {
                    paint::write(&raster, &texts, path)?;
                    say(format_args!("saved {}", path.display()));
                }
                Output::Standard => {
                    out.write_all(&paint::encode(&raster, &texts).map_err(io::Error::other)?)?;
                }
            }
        }
        Ok(())
    }

    fn object(&self, subject: &Subject, answer: &Explanation) -> Value {
        let Explanation { predicted, target, query, heatmap: map, .. } = answer;
        let name = |class: usize| subject.classes.name(class);
        let layers = self.network.layers();
        let inked = subject.noun == Noun::Digit;
        let size = self.network.input().size();
        let mut object = json!({
            "predicted": predicted,
            "predicted_name": name(*predicted),
            "target": target,
            "target_name": name(*target),
            "score": query.objective.to_string(),
            "method": query.method.to_string(),
            "layer": layers.name(self.layer),
            "logits": answer.logits,
            "probabilities": answer.probabilities(),
            "heatmap": { "height": map.height, "width": map.width, "values": map.values },
            "raw_max": map.raw_max,
            "on_ink": inked.then(|| heat_on(map, size, is_ink(subject.bytes))),
            "status": <&str>::from(map.status),
        });
        match subject.name {
            Named::Place(index, label, file) => {
                object["index"] = json!(index);
                object["split"] = json!(self.request.split.to_string());
                object["label"] = json!(label);
                object["label_name"] = json!(name(label));
                if let Some(file) = file {
                    object["file"] = json!(file.to_string_lossy());
                }
            }
            Named::File(path) => object["image"] = json!(path.to_string_lossy()),
        }
        if let Some(remark) = subject.remark {
            object["remark"] = json!(remark.to_string());
        }
        object
    }
}

fn sentence(subject: &Subject, answer: &Explanation) -> String {
    let Explanation { predicted, target, .. } = *answer;
    let name = |class: usize| subject.classes.name(class);
    let probability = answer.probabilities().get(predicted).copied().unwrap_or(0.0);
    let map = &answer.heatmap;
    let heat = Grid::new(map.width, map.height, map.values.clone());
    let place = match heat.peak() {
        Some((x, y)) => {
            let middle = |v: usize, of: usize| percent((v as f32 + 0.5) / of as f32, 0);
            format!(
                "{} peaks {} from the left, {} from the top",
                answer.query.method.describe(name(target)),
                middle(x, map.width),
                middle(y, map.height)
            )
        }
        None => format!("no evidence for {}: {}", name(target), map.status.reason()),
    };
    let sure = percent(probability, 1);
    let file = match subject.name {
        Named::Place(_, _, Some(file)) => format!(" ({})", file.display()),
        _ => String::new(),
    };
    let seen = match subject.label() {
        Some(label) => {
            let verdict = if predicted == label { "right" } else { "wrong" };
            let (label, predicted) = (name(label), name(predicted));
            format!("label {label}, predicted {predicted} ({sure}, {verdict})")
        }
        None => format!("predicted {} ({sure})", name(predicted)),
    };
    format!("{subject}{file}: {seen}; {place}")
}

fn raster(
    pixels: &[u8],
    shape: Shape,
    request: &Explain,
    colormap: Colormap,
    answer: &Explanation,
) -> Raster {
    let (size, alpha) = (request.size, request.alpha);
    let image = &Image::from_bytes(shape.size(), shape.channels, pixels);
    let heat = &answer.heatmap;
    let map = &Grid::new(heat.width, heat.height, heat.values.clone());
    let composed = |look| Composition { image, map, look, colormap, alpha };
    match request.view {
        View::Overlay => composed(Look::Overlay).map(size),
        View::Heatmap => composed(Look::Heat).map(size),
        View::SideBySide => composed(Look::Heat).side_by_side(size),
    }
}
