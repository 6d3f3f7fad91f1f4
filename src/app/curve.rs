//! Curves of a training run in bounded memory.

/// Points kept at most; at this many, neighbours are merged in pairs.
const CAPACITY: usize = 512;

/// Loss and accuracy at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// Epochs trained.
    pub epochs: f64,
    /// Cross-entropy in nats.
    pub loss: f64,
    /// Share classified correctly, 0..=1.
    pub accuracy: f64,
}

/// A curve that halves its resolution whenever it is full.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    points: Vec<Point>,
    /// Samples averaged into one point.
    stride: usize,
    pending: (Point, usize),
}

impl Default for Curve {
    fn default() -> Self {
        Self { points: Vec::new(), stride: 1, pending: (Point::default(), 0) }
    }
}

impl Curve {
    /// Adds a sample.
    pub fn push(&mut self, sample: Point) {
        let (sum, count) = &mut self.pending;
        *sum = Point {
            epochs: sum.epochs + sample.epochs,
            loss: sum.loss + sample.loss,
            accuracy: sum.accuracy + sample.accuracy,
        };
        *count += 1;
        if *count < self.stride {
            return;
        }
        let n = *count as f64;
        let mean = Point { epochs: sum.epochs / n, loss: sum.loss / n, accuracy: sum.accuracy / n };
        self.points.push(mean);
        self.pending = (Point::default(), 0);
        if self.points.len() == CAPACITY {
            self.points = self.points.chunks(2).map(middle).collect();
            self.stride *= 2;
        }
    }

    /// The points so far, each the mean of the same number of samples.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// At most `n` points: neighbours averaged, and then each with what came before it, so that
    /// the trend shows and not the luck of single batches.
    pub fn trend(&self, n: usize) -> Vec<Point> {
        const NEW: f64 = 0.15;
        let group = self.points.len().div_ceil(n.max(1)).max(1);
        let mut points: Vec<Point> = self.points.chunks(group).map(middle).collect();
        for i in 1..points.len() {
            let before = points[i - 1];
            let here = &mut points[i];
            here.loss = before.loss + NEW * (here.loss - before.loss);
            here.accuracy = before.accuracy + NEW * (here.accuracy - before.accuracy);
        }
        points
    }
}

fn middle(points: &[Point]) -> Point {
    let n = points.len() as f64;
    Point {
        epochs: points.iter().map(|p| p.epochs).sum::<f64>() / n,
        loss: points.iter().map(|p| p.loss).sum::<f64>() / n,
        accuracy: points.iter().map(|p| p.accuracy).sum::<f64>() / n,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_stays_bounded_and_keeps_its_mean() {
        let mut curve = Curve::default();
        let samples = 1 << 14;
        for i in 0..samples {
            curve.push(Point { epochs: f64::from(i), loss: f64::from(i % 2), accuracy: 0.5 });
        }
        assert!(curve.points().len() < CAPACITY);
        assert!(curve.points().len() >= CAPACITY / 2);
        assert!(curve.points().iter().all(|p| (p.loss - 0.5).abs() < 1e-9));
        assert!(curve.points().windows(2).all(|w| w[0].epochs < w[1].epochs));
        assert!(curve.trend(10).len() <= 10);
    }

    #[test]
    fn the_first_samples_are_kept_as_they_are() {
        let mut curve = Curve::default();
        let point = Point { epochs: 0.5, loss: 2.0, accuracy: 0.25 };
        curve.push(point);
        assert_eq!(curve.points(), [point]);
    }
}
