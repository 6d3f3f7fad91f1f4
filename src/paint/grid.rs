//! A rectangle of numbers.

use super::resample;

/// `height` rows of `width` values: between 0 and 1, or -1 and 1 where signs are shown.
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
    ///
    /// # Panics
    /// If there are not `width * height` bytes.
    pub fn from_bytes(width: usize, height: usize, bytes: &[u8]) -> Self {
        Self::new(width, height, bytes.iter().map(|&b| f32::from(b) / 255.0).collect())
    }

    /// One row that goes from 0 to 1.
    pub fn ramp(width: usize) -> Self {
        let last = width.saturating_sub(1).max(1) as f32;
        Self::new(width, 1, (0..width).map(|x| x as f32 / last).collect())
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
    ///
    /// # Panics
    /// If it lies outside.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        assert!(x < self.width, "column {x} of {}", self.width);
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

    /// Resampled as a picture looks best: sharp at whole factors, smooth in between, averaged when
    /// it shrinks.
    pub fn fitted(&self, width: usize, height: usize) -> Self {
        let values = resample::fitted(&self.values, (self.width, self.height), (width, height));
        Self { width, height, values }
    }

    /// Resampled so that every pixel is the one its centre lies in: sharp.
    pub fn nearest(&self, width: usize, height: usize) -> Self {
        let values = resample::nearest(&self.values, (self.width, self.height), (width, height));
        Self { width, height, values }
    }

    /// Resampled with linear interpolation between pixel centres and the edges continued: what
    /// OpenCV calls `INTER_LINEAR` and PyTorch `bilinear` with `align_corners=False`.
    pub fn bilinear(&self, width: usize, height: usize) -> Self {
        let values = resample::bilinear(&self.values, (self.width, self.height), (width, height));
        Self { width, height, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f32]) -> Grid {
        Grid::new(values.len(), 1, values.to_vec())
    }

    fn assert_close(found: &Grid, expected: &[f32]) {
        assert_eq!(found.values().len(), expected.len());
        let near = found.values().iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near, "{:?}, expected {expected:?}", found.values());
    }

    #[test]
    fn bilinear_equals_a_table_worked_by_hand() {
        // Centres of the four targets lie at -0.25, 0.25, 0.75 and 1.25 of the source.
        assert_eq!(row(&[0.0, 1.0]).bilinear(4, 1).values(), [0.0, 0.25, 0.75, 1.0]);
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
    fn bilinear_by_a_broken_factor_and_downwards() {
        // 3 to 5: centres at -0.2, 0.4, 1.0, 1.6 and 2.2.
        assert_close(&row(&[0.0, 1.0, 3.0]).bilinear(5, 1), &[0.0, 0.4, 1.0, 2.2, 3.0]);
        // 4 to 2: centres at 0.5 and 2.5.
        assert_close(&row(&[0.0, 1.0, 2.0, 5.0]).bilinear(2, 1), &[0.5, 3.5]);
        // Width and height are not confused: 1 x 2 to 3 x 4.
        let tall = Grid::new(1, 2, vec![0.0, 1.0]).bilinear(3, 4);
        assert_close(&tall, &[0.0, 0.0, 0.0, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn resampling_keeps_even_areas_and_equal_sizes_exactly() {
        let grid = Grid::new(3, 2, vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
        assert_eq!(grid.bilinear(3, 2), grid);
        assert_eq!(grid.nearest(3, 2), grid);
        let even = Grid::new(11, 11, vec![0.7; 121]).bilinear(28, 28);
        assert!(even.values().iter().all(|&v| v == 0.7));
    }

    #[test]
    fn nearest_takes_the_pixel_under_the_centre() {
        let doubled = row(&[0.0, 1.0]).nearest(4, 2);
        assert_eq!(doubled.values(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
        // 5 to 3: centres at 0.33, 2 and 3.67 of the pixel centres, so pixels 0, 2 and 4.
        assert_eq!(row(&[0.0, 0.1, 0.2, 0.3, 0.4]).nearest(3, 1).values(), [0.0, 0.2, 0.4]);
    }

    #[test]
    fn ink_is_sharp_at_whole_factors_smooth_between_and_averaged_when_it_shrinks() {
        let pair = row(&[0.0, 1.0]);
        assert_eq!(pair.fitted(4, 2), pair.nearest(4, 2));
        assert_eq!(pair.fitted(5, 2), pair.bilinear(5, 2));
        let grid = Grid::new(4, 2, vec![0.0, 1.0, 0.5, 0.5, 1.0, 0.0, 0.25, 0.75]);
        assert_eq!(grid.fitted(2, 1).values(), [0.5, 0.5]);
        // Each half covers one and a half pixels: (0 + 0.15) / 1.5 and (0.15 + 0.9) / 1.5.
        assert_close(&row(&[0.0, 0.3, 0.9]).fitted(2, 1), &[0.1, 0.7]);
    }

    #[test]
    fn nothing_resampled_is_zeros() {
        assert_eq!(Grid::default().nearest(2, 1).values(), [0.0, 0.0]);
        assert_eq!(Grid::default().bilinear(2, 1).values(), [0.0, 0.0]);
        assert_eq!(Grid::default().fitted(2, 1).values(), [0.0, 0.0]);
        assert!(row(&[1.0]).fitted(0, 0).values().is_empty());
        assert!(row(&[1.0]).bilinear(0, 5).values().is_empty());
        assert!(row(&[1.0]).nearest(5, 0).values().is_empty());
    }

    #[test]
    fn a_ramp_reaches_both_ends() {
        assert_eq!(Grid::ramp(5).values(), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(Grid::ramp(1).values(), [0.0]);
        assert!(Grid::ramp(0).values().is_empty());
    }

    #[test]
    fn bytes_become_shares_of_255() {
        assert_eq!(Grid::from_bytes(3, 1, &[0, 51, 255]).values(), [0.0, 0.2, 1.0]);
    }

    #[test]
    fn the_peak_is_the_largest_value_and_an_empty_map_has_none() {
        assert_eq!(Grid::new(2, 2, vec![0.1, 0.2, 0.9, f32::NAN]).peak(), Some((0, 1)));
        assert_eq!(Grid::new(2, 2, vec![0.0; 4]).peak(), None);
        assert_eq!(Grid::default().peak(), None);
    }

    #[test]
    #[should_panic(expected = "values do not fit the grid")]
    fn a_grid_of_the_wrong_length_is_refused() {
        let _ = Grid::new(2, 2, vec![0.0; 3]);
    }
}
