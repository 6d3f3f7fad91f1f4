//! The answers of the worker, from one set of weights.

use std::sync::Arc;

use super::watch::{CLASSES_AT_ONCE, Findings, Focus, Report, Study};
use crate::data::digits::is_ink;
use crate::data::{Dataset, Images, Noun};
use crate::explain::{
    Method, Query, SplitModel, VariantArray, channels, explain, explain_classes, sanity,
    trust_while,
};
use crate::logits::{leading, ranked};
use crate::model::evaluate::{Evaluation, at_once, evaluate_range, input};
use crate::train::Snapshot;

/// Test pictures that give the live test curve a point.
const PROBE: usize = 500;
/// The memory, in bytes, that activations take between two looks at what is in view: a key waits for
/// no more.
const SCORED_AT_ONCE: usize = 9_000_000;
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
    let Snapshot { network, epochs, .. } = snapshot;
    let pixels = focus.subject.pixels(dataset);
    let image = input(pixels, dataset.shape(), &network.device());
    let model = network.at(focus.layer);
    let explanation = explain(&model, image, &[focus.target], focus.query).remove(0);
    Report::Focus { focus, explanation, epochs: *epochs }
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
    let network = &snapshot.network;
    let model = network.at(focus.layer);
    let image = || input(pixels, dataset.shape(), &network.device());
    let ask = |query| explain(&model, image(), &[focus.target], query).remove(0);
    Some(match study {
        Study::Classes => {
            let classes = match network.classes() {
                few @ ..=CLASSES_AT_ONCE => (0..few).collect(),
                _ => {
                    let logits = model.forward(image()).into_data();
                    let logits: Vec<f32> = logits.iter::<f32>().collect();
                    let always = [focus.target, focus.subject.label(dataset)];
                    likeliest(&logits, always)
                }
            };
            Findings::Classes(explain_classes(&model, image(), &classes, query))
        }
        Study::Methods => {
            let of = |&method| wanted().then(|| ask(Query { method, ..query }));
            Findings::Methods(Method::VARIANTS.iter().map(of).collect::<Option<_>>()?)
        }
        Study::Channels(off) => {
            let (answer, channels) = channels(&model, image(), focus.target, off);
            Findings::Channels(answer, channels)
        }
        Study::Trust => {
            let inked = dataset.origin.noun == Noun::Digit;
            let ink = is_ink(pixels);
            let ink = |pixel| inked && ink(pixel);
            Findings::Trust(trust_while(wanted, &model, image(), &ask(query), ink)?)
        }
        Study::Sanity => {
            let target = focus.target.unwrap_or_else(|| ask(query).predicted);
            let networks = network.randomised(SANITY_SEED);
            let networks = networks.iter().map(|(name, it)| (name.clone(), it.at(focus.layer)));
            let networks: Vec<_> = networks.collect();
            Findings::Sanity(sanity(&model, &networks, image(), target, query))
        }
    })
}

/// The likeliest classes, as many as are looked at at once, with these always among them.
fn likeliest(logits: &[f32], always: [Option<usize>; 2]) -> Vec<usize> {
    let always: Vec<usize> = always.into_iter().flatten().collect();
    leading(&ranked(logits), CLASSES_AT_ONCE, &always)
}

/// The maps of the pinned pictures for their labels.
pub fn look_at_all(snapshot: &Snapshot, images: &Images, indices: &[usize]) -> Report {
    let network = &snapshot.network;
    let pixels: Vec<u8> = indices.iter().flat_map(|&i| images.image(i)).copied().collect();
    let targets: Vec<_> = indices.iter().map(|&i| Some(images.label(i))).collect();
    let images = input(&pixels, images.shape(), &network.device());
    let model = network.at(network.layers().last());
    let explanations = explain(&model, images, &targets, Query::default());
    Report::Pinned { explanations, epochs: snapshot.epochs }
}

/// The next piece of a score: the result, or what is still unfinished.
pub fn score_on(snapshot: &Snapshot, images: &Images, scoring: Scoring) -> Result<Report, Scoring> {
    let Scoring { probe, mut so_far } = scoring;
    let count = if probe { images.len().min(PROBE) } else { images.len() };
    let start = so_far.losses.len();
    let end = (start + at_once(&snapshot.network, SCORED_AT_ONCE)).min(count);
    so_far.extend(evaluate_range(&snapshot.network, images, start..end));
    match so_far.losses.len() < count {
        true => Err(Scoring { probe, so_far }),
        false if probe => Ok(Report::Probe { score: so_far, epochs: snapshot.epochs }),
        false => Ok(Report::Scored(Arc::new(so_far))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Classes, Origin, Shape};
    use crate::live::watch::Subject;
    use crate::model::{Cnn, DeviceKind, Network, Spec};

    #[test]
    fn the_likeliest_come_first_and_those_asked_for_are_always_there() {
        // The last of 30 classes is the likeliest.
        let logits: Vec<f32> = (0..30).map(|class| class as f32).collect();
        let top: Vec<usize> = (20..30).rev().collect();
        assert_eq!(likeliest(&logits, [None, None]), top);
        assert_eq!(likeliest(&logits, [Some(29), Some(20)]), top);
        let with = [29, 28, 27, 26, 25, 24, 23, 22, 7, 3];
        assert_eq!(likeliest(&logits, [Some(3), Some(7)]), with);
        assert_eq!(likeliest(&logits, [Some(3), Some(3)]), [29, 28, 27, 26, 25, 24, 23, 22, 21, 3]);
        assert_eq!(likeliest(&logits, [Some(30), None]), top, "what is no class");
    }

    #[test]
    fn of_a_few_classes_all_are_explained_and_of_many_the_label_and_the_target() {
        let shape = Shape { height: 8, width: 10, channels: 1 };
        for classes in [2, 10, 21] {
            let labels = (0..classes as u16).collect();
            let images = Images::new(shape, (0..80 * classes).map(|i| i as u8).collect(), labels);
            let origin = Origin::folder(shape, "pictures".as_ref());
            let names = Classes::numbered(classes);
            let dataset = Dataset::new(images.clone(), images, names, origin);
            let cnn = Cnn::new(Spec::new(shape, classes).unwrap(), 1, &DeviceKind::Flex.open());
            let network = Network::from(cnn);
            let layer = network.layers().last();
            let snapshot = Snapshot { network, step: 0, epochs: 0.0 };
            for (label, target) in [(0, None), (classes - 1, Some(0)), (0, Some(classes - 1))] {
                let (subject, query) = (Subject::Test(label), Query::default());
                let focus = Focus { subject, target, query, layer, step: None };
                let study = look_closer(&snapshot, &dataset, &focus, &Study::Classes, &|| true);
                let Some(Findings::Classes(answers)) = study else { panic!("{study:?}") };
                let explained: Vec<usize> = answers.iter().map(|answer| answer.target).collect();
                assert!(explained.contains(&label) && explained.contains(&target.unwrap_or(label)));
                if classes <= 10 {
                    assert_eq!(explained, (0..classes).collect::<Vec<_>>());
                } else {
                    assert_eq!(explained.len(), 10);
                    assert_eq!(explained[0], answers[0].predicted);
                }
            }
        }
    }
}
