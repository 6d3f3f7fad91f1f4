//! Fewer values in a picture, and fewer changes from cell to cell: what a far terminal pays for.
//!
//! A pixel may take any step within one step of its value. Of all ways to draw a row of cells, the
//! one is taken that changes the terminal's two colours least often and strays least from the
//! values: a shortest path through the row, cell by cell (Viterbi's algorithm).

use super::Grid;
use super::shades::FAINT;

/// How far a pixel may stray from its value, in steps.
const TOLERANCE: f32 = 1.0;
/// The price of a squared step of error, when a change of colour costs 1.
const ERROR: f32 = 0.3;
/// The price of a cell with two colours: a half block takes more bytes than a space.
const HALF_BLOCK: f32 = 0.2;

/// A way to draw a cell: the steps of its upper and lower pixel, what the row has cost up to here,
/// and which way of the cell before it follows.
struct Way {
    pair: [f32; 2],
    cost: f32,
    before: usize,
}

/// The values in so many evenly spread steps. 0 stays 0, and 1 stays 1.
///
/// Two rows are one row of cells, as half blocks show them.
///
/// # Panics
/// If there are fewer than two steps.
pub fn quantised(grid: &Grid, steps: usize) -> Grid {
    assert!(steps >= 2, "a picture has two values at least");
    let last = (steps - 1) as f32;
    in_steps(grid, last, |value| near(value, last))
}

/// Values from -1 to 1 in so many steps on either side of 0. A value keeps its sign, and only one
/// that is hardly there at all may become 0.
pub(super) fn quantised_signed(grid: &Grid, steps: usize) -> Grid {
    let middle = steps.max(1) as f32;
    let raised = grid.values().iter().map(|value| (value + 1.0) / 2.0).collect();
    let raised = Grid::new(grid.width(), grid.height(), raised);
    let found = in_steps(&raised, 2.0 * middle, |value| near_signed(value, middle));
    // Whole steps divided by their number: 0 is exactly 0.
    let back = |value: &f32| ((value * 2.0 * middle).round() - middle) / middle;
    Grid::new(grid.width(), grid.height(), found.values().iter().map(back).collect())
}

/// Each value as the step, of those that its range allows, with which its row is cheapest.
fn in_steps(grid: &Grid, last: f32, near: impl Fn(f32) -> (f32, f32)) -> Grid {
    let (width, height) = (grid.width(), grid.height());
    let mut values = vec![0.0; width * height];
    for upper in (0..height).step_by(2) {
        // Below an odd last row lies nothing; it is drawn like the pixel above.
        let lower = (upper + 1).min(height - 1);
        let row: Vec<[f32; 2]> =
            (0..width).map(|x| [grid.at(x, upper), grid.at(x, lower)].map(|v| v * last)).collect();
        for (x, pair) in shortest(&row, &near).into_iter().enumerate() {
            values[lower * width + x] = pair[1] / last;
            values[upper * width + x] = pair[0] / last;
        }
    }
    Grid::new(width, height, values)
}

/// The cheapest steps for a row of cells.
fn shortest(row: &[[f32; 2]], near: &impl Fn(f32) -> (f32, f32)) -> Vec<[f32; 2]> {
    let mut ways: Vec<Vec<Way>> = Vec::with_capacity(row.len());
    for &[upper, lower] in row {
        let pairs = steps(near(upper)).flat_map(|a| steps(near(lower)).map(move |b| [a, b]));
        let here = pairs.map(|pair| {
            let error = (pair[0] - upper).powi(2) + (pair[1] - lower).powi(2);
            let glyph = if pair[0] == pair[1] { 0.0 } else { HALF_BLOCK };
            let from = ways.last().map_or(&[][..], Vec::as_slice).iter().enumerate();
            let (cost, before) = from
                .map(|(i, way)| (way.cost + changes(way.pair, pair), i))
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap_or((0.0, 0));
            Way { pair, cost: cost + ERROR * error + glyph, before }
        });
        let here = here.collect();
        ways.push(here);
    }
    let cheapest = |ways: &Vec<Way>| {
        (0..ways.len()).min_by(|&a, &b| ways[a].cost.total_cmp(&ways[b].cost)).unwrap_or(0)
    };
    let mut place = ways.last().map_or(0, cheapest);
    let mut path = Vec::with_capacity(row.len());
    for ways in ways.iter().rev() {
        path.push(ways[place].pair);
        place = ways[place].before;
    }
    path.reverse();
    path
}

/// The first and the last step that a value may take: those nearby, but nothing stays nothing, and
/// the peak the peak.
fn near(value: f32, last: f32) -> (f32, f32) {
    if value <= 0.0 || value >= last || value.is_nan() {
        let exact = value.max(0.0).min(last);
        return (exact, exact);
    }
    ((value - TOLERANCE).ceil().max(0.0), (value + TOLERANCE).floor().min(last))
}

/// The same for values on both sides of a middle that stands for 0.
fn near_signed(value: f32, middle: f32) -> (f32, f32) {
    let (first, end) = near(value, 2.0 * middle);
    let seen = (value - middle).abs() >= FAINT * middle;
    let least = if seen { 1.0 } else { 0.0 };
    match value.total_cmp(&middle) {
        _ if value.is_nan() || value == middle => (middle, middle),
        std::cmp::Ordering::Less => (first, end.min(middle - least)),
        _ => (first.max(middle + least), end),
    }
}

/// All steps of a range.
fn steps((first, end): (f32, f32)) -> impl Iterator<Item = f32> {
    (0..=(end - first) as usize).map(move |i| first + i as f32)
}

/// How many of a cell's colours are none of the two that the cell before it left.
fn changes(left: [f32; 2], pair: [f32; 2]) -> f32 {
    let new = |step: f32| f32::from(u8::from(!left.contains(&step)));
    new(pair[0]) + if pair[0] == pair[1] { 0.0 } else { new(pair[1]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn changes_of(grid: &Grid) -> usize {
        let row = |y| (1..grid.width()).filter(move |&x| grid.at(x, y) != grid.at(x - 1, y));
        (0..grid.height()).map(|y| row(y).count()).sum()
    }

    #[test]
    fn no_pixel_strays_further_than_a_step_and_the_ends_stay() {
        let mut rng = Rng::new(3);
        for (width, height) in [(1, 1), (5, 3), (28, 28)] {
            let values = (0..width * height).map(|_| (1.4 * rng.uniform() - 0.2).clamp(0.0, 1.0));
            let grid = Grid::new(width, height, values.collect());
            for steps in [2, 7, 20] {
                let found = quantised(&grid, steps);
                let last = (steps - 1) as f32;
                for (&value, &step) in grid.values().iter().zip(found.values()) {
                    assert!((value - step).abs() * last <= TOLERANCE + 1e-3, "{value} {step}");
                    assert!((step * last - (step * last).round()).abs() < 1e-3, "{step}");
                    if value == 0.0 || value == 1.0 {
                        assert_eq!(value, step);
                    }
                }
            }
        }
    }

    #[test]
    fn a_smooth_slope_changes_less_often_than_its_rounded_values() {
        let values = (0..280).map(|i| (i % 28) as f32 / 27.0 * 0.8 + (i / 28) as f32 / 50.0);
        let slope = Grid::new(28, 10, values.collect());
        let rounded = slope.values().iter().map(|v| (v * 15.0).round() / 15.0).collect();
        let rounded = changes_of(&Grid::new(28, 10, rounded));
        assert!(2 * changes_of(&quantised(&slope, 16)) <= rounded + 60, "{rounded}");
        assert!(changes_of(&quantised(&slope, 16)) * 3 <= rounded * 2);
    }

    #[test]
    fn a_signed_value_keeps_its_sign_and_only_a_faint_one_may_vanish() {
        let mut rng = Rng::new(5);
        let values: Vec<f32> = (0..28 * 28).map(|_| 0.6 * (2.0 * rng.uniform() - 1.0)).collect();
        let grid = Grid::new(28, 28, values);
        for steps in [6, 10] {
            let found = quantised_signed(&grid, steps);
            for (&value, &step) in grid.values().iter().zip(found.values()) {
                assert!((value - step).abs() * steps as f32 <= TOLERANCE + 1e-3, "{value} {step}");
                assert!(step * value >= 0.0, "{value} became {step}");
                assert!(step != 0.0 || value.abs() < FAINT, "{value} became nothing");
            }
        }
        let ends = quantised_signed(&Grid::new(4, 1, vec![-1.0, 0.0, 1.0, f32::NAN]), 6);
        assert_eq!(ends.values(), [-1.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn nothing_and_numbers_out_of_range_are_drawn_too() {
        assert!(quantised(&Grid::default(), 16).values().is_empty());
        let odd = quantised(&Grid::new(3, 1, vec![-1.0, f32::NAN, 9.0]), 4);
        assert_eq!(odd.values(), [0.0, 0.0, 1.0]);
    }
}
