//! A rectangle of numbers, and resampling it.

/// `height` rows of `width` values between 0 and 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grid {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Grid {
    /// From row-major values.
    ///
    /// # Panics
    /// If there are not `width * height` values.
    pub fn new(width: usize, height: usize, values: Vec<f32>) -> Self {
        assert_eq!(values.len(), width * height, "values do not fit the grid");
        Self { width, height, values }
    }

    /// From bytes, 255 becoming 1.
    pub fn from_bytes(width: usize, height: usize, bytes: &[u8]) -> Self {
        Self::new(width, height, bytes.iter().map(|&b| f32::from(b) / 255.0).collect())
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All values, row-major.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The value at column `x`, row `y`.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }

    /// Column and row of the largest value, if any is above 0.
    pub fn peak(&self) -> Option<(usize, usize)> {
        let mut best = (0, 0.0);
        for (i, &value) in self.values.iter().enumerate() {
            if value > best.1 {
                best = (i, value);
            }
        }
        (best.1 > 0.0).then(|| (best.0 % self.width, best.0 / self.width))
    }

    /// Resampled as ink looks best: sharp at whole factors, smooth in between, averaged when it
    /// shrinks.
    pub fn fitted(&self, width: usize, height: usize) -> Self {
        if width < self.width || height < self.height {
            self.averaged(width, height)
        } else if width.is_multiple_of(self.width) && height.is_multiple_of(self.height) {
            self.nearest(width, height)
        } else {
            self.bilinear(width, height)
        }
    }

    /// Resampled so that every pixel is the mean of the area it covers.
    fn averaged(&self, width: usize, height: usize) -> Self {
        let columns = coverage(width, self.width);
        let rows = coverage(height, self.height);
        let mut values = Vec::with_capacity(width * height);
        for row in &rows {
            for column in &columns {
                let mut sum = 0.0;
                for &(y, wy) in row {
                    for &(x, wx) in column {
                        sum += wy * wx * self.at(x, y);
                    }
                }
                values.push(sum);
            }
        }
        Self { width, height, values }
    }

    /// Resampled so that every pixel is the one it lies in: sharp, for the digit itself.
    pub fn nearest(&self, width: usize, height: usize) -> Self {
        let column: Vec<usize> = (0..width).map(|x| x * self.width / width).collect();
        let values = (0..height).flat_map(|y| {
            let row = y * self.height / height * self.width;
            column.iter().map(move |x| self.values[row + x])
        });
        Self { width, height, values: values.collect() }
    }

    /// Resampled with linear interpolation between pixel centres and the edges continued: what
    /// OpenCV calls `INTER_LINEAR` and PyTorch `bilinear` with `align_corners=False`.
    pub fn bilinear(&self, width: usize, height: usize) -> Self {
        if self.values.is_empty() {
            return Self { width, height, values: vec![0.0; width * height] };
        }
        let columns: Vec<_> = (0..width).map(|x| taps(x, width, self.width)).collect();
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height {
            let (top, bottom, fy) = taps(y, height, self.height);
            let (top, bottom) = (top * self.width, bottom * self.width);
            values.extend(columns.iter().map(|&(left, right, fx)| {
                let row = |start: usize| {
                    self.values[start + left] * (1.0 - fx) + self.values[start + right] * fx
                };
                row(top) * (1.0 - fy) + row(bottom) * fy
            }));
        }
        Self { width, height, values }
    }
}

/// For each target pixel, the source pixels it covers and their shares of it.
fn coverage(target: usize, source: usize) -> Vec<Vec<(usize, f32)>> {
    let scale = source as f32 / target as f32;
    (0..target)
        .map(|i| {
            let (from, to) = (i as f32 * scale, (i + 1) as f32 * scale);
            let last = (to.ceil() as usize).min(source);
            let share = |j: usize| (to.min((j + 1) as f32) - from.max(j as f32)) / scale;
            (from as usize..last).map(|j| (j, share(j))).collect()
        })
        .collect()
}

/// The two source pixels around the centre of target pixel `i`, and the second one's weight.
fn taps(i: usize, target: usize, source: usize) -> (usize, usize, f32) {
    let centre = (i as f32 + 0.5) * source as f32 / target as f32 - 0.5;
    let centre = centre.clamp(0.0, (source - 1) as f32);
    let first = centre as usize;
    (first, (first + 1).min(source - 1), centre - first as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bilinear_equals_a_table_worked_by_hand() {
        // Centres of the four targets lie at -0.25, 0.25, 0.75 and 1.25 of the source.
        let wide = Grid::new(2, 1, vec![0.0, 1.0]).bilinear(4, 1);
        assert_eq!(wide.values(), [0.0, 0.25, 0.75, 1.0]);
        let square = Grid::new(2, 2, vec![0.0, 1.0, 2.0, 3.0]).bilinear(4, 4);
        let expected = [
            [0.0, 0.25, 0.75, 1.0],
            [0.5, 0.75, 1.25, 1.5],
            [1.5, 1.75, 2.25, 2.5],
            [2.0, 2.25, 2.75, 3.0],
        ];
        assert_eq!(square.values(), expected.concat());
    }

    #[test]
    fn resampling_to_the_same_size_changes_nothing() {
        let grid = Grid::new(3, 2, vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
        assert_eq!(grid.bilinear(3, 2), grid);
        assert_eq!(grid.nearest(3, 2), grid);
    }

    #[test]
    fn nearest_repeats_pixels_at_whole_factors() {
        let grid = Grid::new(2, 1, vec![0.0, 1.0]).nearest(4, 2);
        assert_eq!(grid.values(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn shrinking_averages() {
        let grid = Grid::new(4, 2, vec![0.0, 1.0, 0.5, 0.5, 1.0, 0.0, 0.25, 0.75]);
        assert_eq!(grid.fitted(2, 1).values(), [0.5, 0.5]);
        let thirds = Grid::new(3, 1, vec![0.0, 0.3, 0.9]).fitted(2, 1);
        // Each half covers one and a half pixels: (0 + 0.15) / 1.5 and (0.15 + 0.9) / 1.5.
        assert!((thirds.at(0, 0) - 0.1).abs() < 1e-6 && (thirds.at(1, 0) - 0.7).abs() < 1e-6);
    }

    #[test]
    fn the_peak_is_the_largest_value_and_an_empty_map_has_none() {
        assert_eq!(Grid::new(2, 2, vec![0.1, 0.2, 0.9, 0.3]).peak(), Some((0, 1)));
        assert_eq!(Grid::new(2, 2, vec![0.0; 4]).peak(), None);
    }
}
