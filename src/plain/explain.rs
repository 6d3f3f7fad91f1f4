//! `gradcam explain`: digits explained, a line each, and a picture if one is asked for.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::error::PlainError;
use crate::cli::{Explain, View};
use crate::data::{Dataset, PIXELS, Reading, Remark, SIDE, picture};
use crate::explain::{self, Explanation, Query, heat_on};
use crate::figures::percent;
use crate::model::cnn::{self, Cnn};
use crate::model::evaluate::scale;
use crate::output::Output;
use crate::paint::{self, Colormap, Composition, Grid, Image, Look, Raster};
use crate::say;
use crate::text::{json_line, printable};

/// Digits explained in one pass.
const EXPLAIN_AT_ONCE: usize = 50;

/// Explains digits without a screen: a line each, and a picture if one is asked for.
pub struct Explainer<'a> {
    /// The network.
    pub model: &'a Cnn,
    /// Which digits, and how.
    pub request: &'a Explain,
    /// Where the picture of one digit goes.
    pub output: Option<Output>,
    /// Colours of heat.
    pub colormap: Colormap,
    /// Whether a line is a JSON object.
    pub json: bool,
}

/// A digit that is told of.
#[derive(Clone, Copy)]
enum Named<'a> {
    /// The one at this place of its set, and its label.
    Digit(usize, u8),
    /// One in a file.
    File(&'a Path),
}

impl Named<'_> {
    fn label(self) -> Option<usize> {
        match self {
            Self::Digit(_, label) => Some(label.into()),
            Self::File(_) => None,
        }
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit(index, _) => write!(f, "digit {index}"),
            Self::File(path) => f.write_str(&picture::shown(path)),
        }
    }
}

impl Explainer<'_> {
    /// Explains the digits that the request names.
    pub fn digits(&self, dataset: &Dataset) -> Result<(), PlainError> {
        let request = self.request;
        let digits = dataset.split(request.split);
        let range = request.index.0.clone();
        if range.end > digits.len() {
            return Err(PlainError::NoSuchDigit {
                index: range.end - 1,
                split: request.split.name(),
                count: digits.len(),
            });
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        for start in range.clone().step_by(EXPLAIN_AT_ONCE) {
            let end = (start + EXPLAIN_AT_ONCE).min(range.end);
            let answers = self.ask(&digits.pixels()[start * PIXELS..end * PIXELS]);
            for (index, answer) in (start..end).zip(&answers) {
                let named = Named::Digit(index, digits.label(index));
                self.tell(named, digits.image(index), None, answer, &mut out)?;
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Explains what was read from a file.
    pub fn picture(&self, path: &Path, reading: &Reading) -> Result<(), PlainError> {
        let Reading { pixels, remark } = reading;
        let named = Named::File(path);
        if let Some(remark) = remark {
            say(format_args!("note: {named}: {remark}"));
        }
        let mut out = io::stdout().lock();
        let answers = self.ask(pixels);
        answers.iter().try_for_each(|it| self.tell(named, pixels, *remark, it, &mut out))
    }

    /// One answer for each digit of so many pixels.
    fn ask(&self, pixels: &[u8]) -> Vec<Explanation> {
        let Explain { target, score, method, layer, .. } = *self.request;
        let targets = vec![target.map(usize::from); pixels.len() / PIXELS];
        let images = cnn::images(scale(pixels), &self.model.device());
        explain::explain(&self.model.at(layer), images, &targets, Query { score, method })
    }

    fn tell(
        &self,
        named: Named,
        pixels: &[u8],
        remark: Option<Remark>,
        answer: &Explanation,
        out: &mut impl Write,
    ) -> Result<(), PlainError> {
        match (self.json, &self.output) {
            (true, _) => {
                let mut object = object(named, pixels, self.request, answer);
                if let Some(remark) = remark {
                    object["remark"] = json!(remark.to_string());
                }
                writeln!(out, "{}", json_line(&object))?;
            }
            // The picture goes to standard output, and text between its bytes would break it.
            (false, Some(Output::Standard)) => say(format_args!("{}", sentence(named, answer))),
            (false, _) => writeln!(out, "{}", printable(&sentence(named, answer)))?,
        }
        if let Some(output) = &self.output {
            let raster = raster(pixels, self.request, self.colormap, answer);
            let layer = self.request.layer.name();
            let texts = answer.captions(&named.to_string(), named.label(), layer);
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
}

fn object(named: Named, pixels: &[u8], request: &Explain, answer: &Explanation) -> Value {
    let map = &answer.heatmap;
    let mut object = json!({
        "predicted": answer.predicted,
        "target": answer.target,
        "score": answer.query.score.name(),
        "method": answer.query.method.name(),
        "layer": request.layer.name(),
        "logits": answer.logits,
        "probabilities": answer.probabilities(),
        "heatmap": { "height": map.height, "width": map.width, "values": map.values },
        "raw_max": map.raw_max,
        "on_ink": heat_on(map, [SIDE; 2], explain::ink(pixels)),
        "status": map.status,
    });
    match named {
        Named::Digit(index, label) => {
            object["index"] = json!(index);
            object["split"] = json!(request.split.name());
            object["label"] = json!(label);
        }
        Named::File(path) => object["image"] = json!(path.to_string_lossy()),
    }
    object
}

fn sentence(named: Named, answer: &Explanation) -> String {
    let Explanation { predicted, target, .. } = *answer;
    let probability = answer.probabilities().get(predicted).copied().unwrap_or(0.0);
    let map = &answer.heatmap;
    let heat = Grid::new(map.width, map.height, map.values.clone());
    let place = match heat.peak() {
        Some((x, y)) => {
            let middle = |v: usize, of: usize| percent((v as f32 + 0.5) / of as f32, 0);
            format!(
                "{} peaks {} from the left, {} from the top",
                answer.query.method.describe(target),
                middle(x, map.width),
                middle(y, map.height)
            )
        }
        None => format!("no evidence for {target}: {}", map.status.reason()),
    };
    let sure = percent(probability, 1);
    let seen = match named.label() {
        Some(label) => {
            let verdict = if predicted == label { "right" } else { "wrong" };
            format!("label {label}, predicted {predicted} ({sure}, {verdict})")
        }
        None => format!("predicted {predicted} ({sure})"),
    };
    format!("{named}: {seen}; {place}")
}

fn raster(pixels: &[u8], request: &Explain, colormap: Colormap, answer: &Explanation) -> Raster {
    let (size, alpha) = (request.size, request.alpha);
    let image = &Image::from_bytes([SIDE; 2], 1, pixels);
    let heat = &answer.heatmap;
    let map = &Grid::new(heat.width, heat.height, heat.values.clone());
    let composed = |look| Composition { image, map, look, colormap, alpha };
    match request.view {
        View::Overlay => composed(Look::Overlay).map(size),
        View::Heatmap => composed(Look::Heat).map(size),
        View::SideBySide => composed(Look::Heat).side_by_side(size),
    }
}
