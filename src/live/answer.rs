//! The answers of the worker, from one set of weights.

use std::sync::Arc;

use super::watch::{Findings, Focus, Report, Study};
use crate::data::{CLASSES, Dataset, Digits};
use crate::explain::{
    METHODS, Query, channels, explain, explain_classes, ink, sanity, trust_while,
};
use crate::model::cnn;
use crate::model::evaluate::{Evaluation, evaluate_range, scale};
use crate::train::Snapshot;

/// Test digits that give the live test curve a point.
const PROBE_DIGITS: usize = 500;
/// Digits scored between two looks at what is in view: a key waits for no more.
const SCORE_CHUNK: usize = 100;
/// The seed of the weights that take the place of trained ones in the sanity check.
const SANITY_SEED: u64 = 1;

/// A score that is made piece by piece.
pub struct Scoring {
    /// Whether it is a point of the live test curve; else it is the whole test set's.
    probe: bool,
    /// What there is of it.
    so_far: Evaluation,
}

impl Scoring {
    /// At its beginning.
    pub fn new(probe: bool) -> Self {
        Self { probe, so_far: Evaluation::default() }
    }
}

/// The map of the digit in focus.
pub fn look(snapshot: &Snapshot, dataset: &Dataset, focus: Focus) -> Report {
    let images = cnn::images(scale(focus.subject.pixels(dataset)), &snapshot.model.device());
    let model = snapshot.model.at(focus.layer);
    let explanation = explain(&model, images, &[focus.target], focus.query).remove(0);
    Report::Focus { focus, explanation, epochs: snapshot.epochs }
}

/// What a study of it finds; `None` once it is not `wanted` any more, which is asked again and again
/// where that takes long.
pub fn look_closer(
    snapshot: &Snapshot,
    dataset: &Dataset,
    focus: &Focus,
    study: &Study,
    wanted: &dyn Fn() -> bool,
) -> Option<Findings> {
    let query = focus.query;
    let pixels = focus.subject.pixels(dataset);
    let model = snapshot.model.at(focus.layer);
    let image = || cnn::images(scale(pixels), &snapshot.model.device());
    let ask = |query| explain(&model, image(), &[focus.target], query).remove(0);
    Some(match study {
        Study::Classes => {
            let classes: Vec<usize> = (0..CLASSES).collect();
            Findings::Classes(explain_classes(&model, image(), &classes, query))
        }
        Study::Methods => {
            let of = |method| wanted().then(|| ask(Query { method, ..query }));
            Findings::Methods(METHODS.into_iter().map(of).collect::<Option<_>>()?)
        }
        Study::Channels(off) => {
            let (answer, channels) = channels(&model, image(), focus.target, off);
            Findings::Channels(answer, channels)
        }
        Study::Trust => {
            Findings::Trust(trust_while(wanted, &model, image(), &ask(query), ink(pixels))?)
        }
        Study::Sanity => {
            let target = focus.target.unwrap_or_else(|| ask(query).predicted);
            let networks = snapshot.model.randomised(SANITY_SEED);
            let networks = networks.each_ref().map(|(name, cnn)| (*name, cnn.at(focus.layer)));
            Findings::Sanity(sanity(&model, &networks, image(), target, query))
        }
    })
}

/// The maps of the pinned digits for their labels.
pub fn look_at_all(snapshot: &Snapshot, digits: &Digits, indices: &[usize]) -> Report {
    let pixels: Vec<u8> = indices.iter().flat_map(|&i| digits.image(i)).copied().collect();
    let targets: Vec<_> = indices.iter().map(|&i| Some(usize::from(digits.label(i)))).collect();
    let images = cnn::images(scale(&pixels), &snapshot.model.device());
    let explanations = explain(&snapshot.model, images, &targets, Query::default());
    Report::Pinned { explanations, epochs: snapshot.epochs }
}

/// The next piece of a score: the result, or what is still unfinished.
pub fn score_on(snapshot: &Snapshot, digits: &Digits, scoring: Scoring) -> Result<Report, Scoring> {
    let Scoring { probe, mut so_far } = scoring;
    let count = if probe { digits.len().min(PROBE_DIGITS) } else { digits.len() };
    let start = so_far.losses.len();
    let end = (start + SCORE_CHUNK).min(count);
    so_far.extend(evaluate_range(&snapshot.model, digits, start..end));
    match so_far.losses.len() < count {
        true => Err(Scoring { probe, so_far }),
        false if probe => Ok(Report::Probe { score: so_far, epochs: snapshot.epochs }),
        false => Ok(Report::Scored(Arc::new(so_far))),
    }
}
