//! Digits that the program draws itself, stroke by stroke, for machines without MNIST.
//!
//! A handwriting variant is taken from a table (`templates`), its line traced with a shaky hand
//! (`stroke`), bent and slanted (`deform`) and drawn with a pen of some width (`render`).
//! Each digit has a random stream of its own, so the result depends on the seed alone.

mod deform;
mod render;
mod stroke;
mod templates;

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::{CLASSES, PIXELS, SHAPE};
use crate::data::{Classes, Dataset, Images, Origin, Split};
use crate::rng::Rng;
use deform::Deformation;
use templates::TEMPLATES;

type Vec2 = [f32; 2];

/// Digits drawn between two reports.
const REPORT_EVERY: usize = 1000;

/// Draws the first `count` digits of a set: the same for the same seed, on any number of threads.
///
/// `progress` is told how many are done, from any thread.
pub fn draw_with(
    split: Split,
    count: usize,
    seed: u64,
    progress: &(dyn Fn(usize) + Sync),
) -> Images {
    let mut pixels = vec![0; count * PIXELS];
    let mut labels = vec![0; count];
    let done = AtomicUsize::new(0);
    pixels
        .par_chunks_mut(PIXELS * REPORT_EVERY)
        .zip(labels.par_chunks_mut(REPORT_EVERY))
        .enumerate()
        .for_each(|(chunk, (images, labels))| {
            for (i, (image, label)) in images.chunks_mut(PIXELS).zip(&mut *labels).enumerate() {
                let index = (chunk * REPORT_EVERY + i) as u64;
                *label = draw_one(&mut Random::new(seed, split, index), image);
            }
            progress(done.fetch_add(labels.len(), Ordering::Relaxed) + labels.len());
        });
    Images::new(SHAPE, pixels, labels)
}

/// Draws a training and a test set of so many digits.
///
/// `progress` is told how many are done, and how many there will be, from any thread.
pub fn dataset(
    [train, test]: [usize; 2],
    seed: u64,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Dataset {
    let report = |offset| move |done| progress(offset + done, train + test);
    Dataset::new(
        draw_with(Split::Train, train, seed, &report(0)),
        draw_with(Split::Test, test, seed, &report(train)),
        Classes::numbered(CLASSES),
        Origin::drawn(seed, None),
    )
}

/// Draws one digit and returns its class.
fn draw_one(random: &mut Random, image: &mut [u8]) -> u16 {
    let class = random.below(CLASSES);
    let variants = &TEMPLATES[class];
    let total: f32 = variants.iter().map(|variant| variant.weight).sum();
    let mut at = random.between(0.0, total);
    let template = variants.iter().find(|variant| {
        at -= variant.weight;
        at < 0.0
    });
    let Some(template) = template.or(variants.last()) else { return class as u16 };
    let mut lines: Vec<Vec<Vec2>> =
        template.strokes.iter().map(|pieces| stroke::trace(pieces, random)).collect();
    let careless = random.between(0.0, 1.0) < 0.5;
    for line in &mut lines {
        if random.between(0.0, 1.0) < 0.5 {
            stroke::smooth(line, 1 + random.below(5));
        }
        if careless {
            let mut share = || (0.05 * random.normal()).clamp(-0.06, 0.1);
            stroke::stretch_ends(line, [share(), share()]);
        }
    }
    let deformation = Deformation::draw(random);
    for point in lines.iter_mut().flatten() {
        *point = deformation.apply(*point);
    }
    render::render(&mut lines, random, image);
    class as u16
}

/// One digit's random numbers. All maths is `libm`'s, so they are the same on every platform.
struct Random(Rng);

impl Random {
    fn new(seed: u64, split: Split, index: u64) -> Self {
        let split = match split {
            Split::Train => 0,
            Split::Test => 1 << 40,
        };
        Self(Rng::stream(seed, split + index))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound)
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.0.uniform()
    }

    /// Normally distributed with mean 0 and deviation 1 (Box and Muller, 1958).
    fn normal(&mut self) -> f32 {
        let u = 1.0 - self.0.uniform();
        let angle = stroke::TAU * self.0.uniform();
        (-2.0 * libm::logf(u)).sqrt() * libm::cosf(angle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits::SIDE;

    fn draw(split: Split, count: usize, seed: u64) -> Images {
        draw_with(split, count, seed, &|_| {})
    }

    #[test]
    fn the_seed_decides_and_the_number_of_threads_does_not() {
        let digits = draw(Split::Train, 2500, 1);
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert!(pool.install(|| draw(Split::Train, 2500, 1)) == digits);
        }
        assert!(draw(Split::Train, 2500, 2) != digits);
        assert!(draw(Split::Test, 2500, 1) != digits);
        let few = draw(Split::Train, 10, 1);
        assert_eq!(few.pixels(), &digits.pixels()[..10 * PIXELS]);
    }

    #[test]
    fn digits_look_like_those_of_mnist_in_the_large() {
        let digits = draw(Split::Train, 3000, 7);
        let mut counts = [0; CLASSES];
        let mut ink = 0.0;
        for i in 0..digits.len() {
            counts[digits.label(i)] += 1;
            let image = digits.image(i);
            let mass: f32 = image.iter().map(|&p| f32::from(p)).sum();
            ink += mass / 255.0 / PIXELS as f32;
            let centre = |coordinate: &dyn Fn(usize) -> usize| {
                let moment = image.iter().enumerate();
                let moment: f32 =
                    moment.map(|(j, &p)| f32::from(p) * (coordinate(j) as f32 + 0.5)).sum();
                moment / mass
            };
            let (x, y) = (centre(&|j| j % SIDE), centre(&|j| j / SIDE));
            assert!((x - 14.0).abs() < 2.2 && (y - 14.0).abs() < 2.2, "digit {i}: {x} {y}");
            assert!(mass > 255.0 * 20.0, "digit {i} has hardly any ink");
        }
        assert!(counts.iter().all(|&n| (230..370).contains(&n)), "{counts:?}");
        let mean = ink / digits.len() as f32;
        assert!((0.10..0.16).contains(&mean), "mean ink {mean}, MNIST has 0.1307");
    }

    #[test]
    fn progress_ends_at_the_count() {
        let last = AtomicUsize::new(0);
        draw_with(Split::Test, 1500, 1, &|done| {
            last.fetch_max(done, Ordering::Relaxed);
        });
        assert_eq!(last.into_inner(), 1500);
    }
}
