//! Curves of a training run in bounded memory: smoothed over steps as they come, so that what is
//! drawn and told of them does not depend on where they are drawn.

use std::collections::VecDeque;

/// Steps that a number of the curve is the mean of.
pub const WINDOW: usize = 20;
/// Steps of the beginning, where a network learns fastest, that are never merged.
const EARLY: usize = 256;
/// Stretches of later steps kept at most; at this many, neighbours are merged in pairs.
const CAPACITY: usize = 512;

/// Loss and accuracy at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// Epochs trained.
    pub epochs: f64,
    /// Cross-entropy in nats; not finite where a training has gone astray.
    pub loss: f64,
    /// Share classified correctly, 0..=1.
    pub accuracy: f64,
}

/// How the network did on test digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    /// Loss and accuracy.
    pub point: Point,
    /// Digits it was tested on.
    pub digits: usize,
    /// Whether these were all test digits.
    pub whole: bool,
}

/// Adds a test, so that at any moment the newest comes last. A sample says nothing that is not known
/// better where all digits were tested with the same weights or newer ones.
pub fn add_test(tests: &mut Vec<Tested>, test: Tested) {
    let epochs = test.point.epochs;
    if test.whole {
        tests.retain(|old| old.whole || old.point.epochs < epochs);
    } else if tests.last().is_some_and(|last| last.point.epochs >= epochs) {
        return;
    }
    tests.push(test);
}

/// The lowest and the highest value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lowest.
    pub low: f64,
    /// The highest; infinite where one of them was no number.
    pub high: f64,
}

impl Range {
    fn of(value: f64) -> Self {
        let value = if value.is_nan() { f64::INFINITY } else { value };
        Self { low: value, high: value }
    }

    fn merged(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }
}

/// One or more steps next to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Epochs trained, in its middle.
    pub epochs: f64,
    /// Smoothed losses.
    pub loss: Range,
    /// Smoothed accuracies.
    pub accuracy: Range,
    /// Steps in it.
    steps: usize,
}

impl Stretch {
    fn of(point: Point) -> Self {
        let Point { epochs, loss, accuracy } = point;
        Self { epochs, loss: Range::of(loss), accuracy: Range::of(accuracy), steps: 1 }
    }

    fn merged(self, other: Self) -> Self {
        let steps = self.steps + other.steps;
        let sum = self.epochs * self.steps as f64 + other.epochs * other.steps as f64;
        Self {
            epochs: sum / steps as f64,
            loss: self.loss.merged(other.loss),
            accuracy: self.accuracy.merged(other.accuracy),
            steps,
        }
    }
}

/// A curve that keeps its first steps one by one, and halves the resolution of the rest whenever
/// that is full.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// The last steps as they were, with their numbers.
    recent: VecDeque<(usize, Point)>,
    newest: Option<Point>,
    early: Vec<Stretch>,
    late: Vec<Stretch>,
    /// How often the rest was halved.
    halvings: u32,
    /// The stretch that is not full yet.
    pending: Option<Stretch>,
}

impl Curve {
    /// Adds what a step has measured. Steps are numbered from the start of the training; where some
    /// are left out, the mean is of the others of the last [`WINDOW`].
    pub fn push(&mut self, step: usize, sample: Point) {
        self.recent.push_back((step, sample));
        while self.recent.front().is_some_and(|(first, _)| first + WINDOW <= step) {
            self.recent.pop_front();
        }
        // Not a running sum: a step that was no number would spoil it for ever.
        let n = self.recent.len() as f64;
        let mean = |value: fn(&Point) -> f64| {
            self.recent.iter().map(|(_, point)| value(point)).sum::<f64>() / n
        };
        let (loss, accuracy) = (mean(|point| point.loss), mean(|point| point.accuracy));
        let smoothed = Point { epochs: sample.epochs, loss, accuracy };
        self.newest = Some(smoothed);
        self.keep(Stretch::of(smoothed));
    }

    fn keep(&mut self, stretch: Stretch) {
        if self.early.len() < EARLY {
            self.early.push(stretch);
            return;
        }
        let grown = self.pending.map_or(stretch, |pending| pending.merged(stretch));
        if grown.steps < 1 << self.halvings {
            self.pending = Some(grown);
            return;
        }
        self.pending = None;
        self.late.push(grown);
        if self.late.len() == CAPACITY {
            let pairs = self.late.chunks_exact(2);
            self.late = pairs.map(|pair| pair[0].merged(pair[1])).collect();
            self.halvings += 1;
        }
    }

    /// The mean of the last steps, at the newest one.
    pub fn newest(&self) -> Option<Point> {
        self.newest
    }

    /// All of it, from the first step to the newest.
    pub fn stretches(&self) -> impl Iterator<Item = &Stretch> {
        self.early.iter().chain(&self.late).chain(&self.pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: usize, loss: f64, accuracy: f64) -> Point {
        Point { epochs: step as f64 / 1875.0, loss, accuracy }
    }

    /// A network that learns within 120 steps, for so many in all.
    fn learning(steps: usize) -> Curve {
        let mut curve = Curve::default();
        for step in 1..=steps {
            let left = (-(step as f64) / 50.0).exp();
            curve.push(step, at(step, 2.3 * left + 0.1, 0.97 - 0.87 * left));
        }
        curve
    }

    #[test]
    fn a_long_run_stays_bounded_and_in_order() {
        let mut curve = Curve::default();
        for step in 0..1 << 17 {
            curve.push(step, at(step, (step % 2) as f64, 0.5));
        }
        let stretches: Vec<_> = curve.stretches().collect();
        assert!((CAPACITY / 2..=EARLY + CAPACITY).contains(&stretches.len()));
        assert!(stretches.windows(2).all(|pair| pair[0].epochs < pair[1].epochs));
        assert!(stretches.iter().skip(WINDOW).all(|s| (s.loss.high - 0.5).abs() < 1e-9));
        assert_eq!(stretches.iter().map(|s| s.steps).sum::<usize>(), 1 << 17);
    }

    #[test]
    fn the_beginning_stays_where_it_was_however_long_the_run_goes_on() {
        let (short, long) = (learning(200), learning(100_000));
        let first = |curve: &Curve| curve.stretches().take(200).copied().collect::<Vec<_>>();
        assert_eq!(first(&short), first(&long));
        let learnt = long.stretches().find(|stretch| stretch.accuracy.high > 0.88).unwrap();
        assert!((0.055..0.075).contains(&learnt.epochs), "{learnt:?}");
        assert!(long.stretches().next().unwrap().loss.high > 2.0);
    }

    #[test]
    fn the_number_told_is_the_mean_of_the_last_steps() {
        let mut curve = Curve::default();
        for step in 1..=100 {
            curve.push(step, at(step, step as f64, 0.0));
        }
        assert_eq!(curve.newest().unwrap().loss, 90.5);
        // Steps that nobody told of are not made up for by older ones.
        curve.push(115, at(115, 1.0, 0.0));
        assert_eq!(curve.newest().unwrap().loss, (96.0 + 97.0 + 98.0 + 99.0 + 100.0 + 1.0) / 6.0);
    }

    #[test]
    fn a_step_that_was_no_number_is_seen_and_passes() {
        let mut curve = learning(2000);
        curve.push(2001, at(2001, f64::NAN, 0.1));
        assert!(curve.newest().unwrap().loss.is_nan());
        for step in 2002..=9000 {
            curve.push(step, at(step, 0.1, 0.9));
        }
        assert_eq!(fixed_to_six(curve.newest().unwrap().loss), 100_000);
        assert!(curve.stretches().any(|stretch| stretch.loss.high == f64::INFINITY));
        assert!(curve.stretches().all(|stretch| !stretch.loss.low.is_nan()));
    }

    #[test]
    fn a_sample_gives_way_to_a_test_of_all_digits() {
        let mut tests = Vec::new();
        let test = |epochs: f64, whole| {
            let point = Point { epochs, loss: 0.1, accuracy: 0.9 };
            Tested { point, digits: if whole { 10_000 } else { 500 }, whole }
        };
        for (epochs, whole) in [(0.2, false), (0.8, false), (1.0, false), (1.0, true), (0.9, false)]
        {
            add_test(&mut tests, test(epochs, whole));
        }
        assert_eq!(tests, [test(0.2, false), test(0.8, false), test(1.0, true)]);
    }

    fn fixed_to_six(value: f64) -> i64 {
        (value * 1e6).round() as i64
    }
}
