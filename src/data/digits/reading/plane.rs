//! One number for each pixel of a picture of any size.

use std::ops::Range;

/// Values in rows, from the top left.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width x height` values.
    pub values: Vec<f32>,
}

impl Plane {
    /// The same size with another value in each place.
    pub fn map(&self, value: impl Fn(usize) -> f32) -> Self {
        Self { values: (0..self.values.len()).map(value).collect(), ..*self }
    }

    /// Row by row, the part in these columns and rows.
    pub fn crop(&self, columns: Range<usize>, rows: Range<usize>) -> Self {
        let row = |y: usize| &self.values[self.width * y..][columns.clone()];
        Self {
            width: columns.len(),
            height: rows.len(),
            values: rows.clone().flat_map(row).copied().collect(),
        }
    }

    /// Half as wide and half as high, each value the mean of four.
    pub fn half(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mean = |i: usize| {
            let at = self.width * (i / width * 2) + i % width * 2;
            let four = [at, at + 1, at + self.width, at + self.width + 1];
            four.iter().map(|&at| self.values[at]).sum::<f32>() / 4.0
        };
        Self { width, height, values: (0..width * height).map(mean).collect() }
    }

    /// The mean over a rectangle; what lies beyond the plane counts as zero.
    pub fn mean(&self, columns: Range<f32>, rows: Range<f32>) -> f32 {
        let mut sum = 0.0;
        for (y, height) in covered(&rows, self.height) {
            for (x, width) in covered(&columns, self.width) {
                sum += width * height * self.values[self.width * y + x];
            }
        }
        sum / ((columns.end - columns.start) * (rows.end - rows.start))
    }

    /// The value at a place between pixel centres, from the four pixels around it; what lies beyond
    /// the plane counts as zero.
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let at = |x: f32, y: f32| {
            let inside = x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32;
            if inside { self.values[self.width * y as usize + x as usize] } else { 0.0 }
        };
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (right, down) = (x - left, y - top);
        let row = |y: f32| at(left, y) * (1.0 - right) + at(left + 1.0, y) * right;
        row(top) * (1.0 - down) + row(top + 1.0) * down
    }
}

/// The pixels that an interval covers, and how much of each.
fn covered(interval: &Range<f32>, end: usize) -> impl Iterator<Item = (usize, f32)> + use<> {
    let (from, to) = (interval.start, interval.end);
    let first = (from.max(0.0) as usize).min(end);
    let last = (to.max(0.0).ceil() as usize).min(end);
    (first..last).map(move |at| (at, to.min(at as f32 + 1.0) - from.max(at as f32)))
}

/// The value below which this share of all lies; zero if there is none.
pub fn quantile(values: &mut [f32], share: f32) -> f32 {
    let at = (share * values.len() as f32) as usize;
    match values.len().checked_sub(1) {
        Some(last) => *values.select_nth_unstable_by(at.min(last), f32::total_cmp).1,
        None => 0.0,
    }
}
