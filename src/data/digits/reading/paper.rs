//! Paper and ink: how bright the paper is in each place, and what stands out from it.

use super::plane::{Plane, quantile};

/// Pixels that the paper's brightness is measured at, along each side.
const SAMPLES: usize = 96;
/// Rounds of measuring, each with less weight on what does not look like paper.
const ROUNDS: i32 = 12;
/// How far off the surface a pixel has half its weight or more in the first round, of 255.
const WIDE: f32 = 20.0;
/// Terms of the surface: 1, x, y, x², xy, y².
const TERMS: usize = 6;
/// A share of all pixels that is paper, wherever there is any, and how far off the middle these are
/// in a normal distribution, in standard deviations.
const QUIET: (f32, f32) = (0.3, 0.385);
/// Brightness differences, of 255, that no eye takes for ink.
const UNSEEN: f32 = 10.0;
/// The same as a share of the ink of black on white.
const FAINT: f32 = 0.05;
/// The part of a side that a frame may take.
const FRAME: usize = 3;
/// The share of a row that is alike where a line goes through all of it.
const THROUGHOUT: f32 = 0.92;

/// What stands out from the paper.
pub struct Ink {
    /// How much ink there is in each place: 0 for paper, 1 for black on white or white on black.
    pub plane: Plane,
    /// The standard deviation of the paper's grain, in the same measure.
    pub grain: f32,
}

impl Ink {
    /// Separates ink from paper. Paper is what most of the picture is, as bright as a smooth surface
    /// has it; ink is what is darker, or what is brighter, whichever there is more of.
    pub fn of(brightness: &Plane) -> Self {
        let paper = surface(brightness);
        let mut off = brightness.map(|i| brightness.values[i] - paper.values[i]);
        let grain = spread(off.values.iter().copied());
        let clear = (4.0 * grain).max(UNSEEN);
        without_frame(&mut off, clear);
        without_lines(&mut off, clear);
        let beyond = |sign: f32| -> f64 {
            off.values.iter().map(|off| f64::from((sign * off - clear).max(0.0))).sum()
        };
        let dark = beyond(-1.0) >= beyond(1.0);
        // Light falls on paper and ink alike, so that ink is a share of what the paper reflects.
        let most = |paper: f32| if dark { paper.max(32.0) } else { (255.0 - paper).max(32.0) };
        let sign = if dark { -1.0 } else { 1.0 };
        let plane = off.map(|i| (sign * off.values[i] / most(paper.values[i])).clamp(0.0, 1.0));
        let grain = grain / most(middle(paper.values.iter().copied()));
        Self { plane, grain }
    }

    /// The least ink that is none of the paper's grain; where there is no telling, half of all.
    pub fn faintest(&self) -> f32 {
        (4.0 * self.grain).clamp(FAINT, 0.5)
    }
}

/// The standard deviation of most of these, which are around zero, whatever the others are.
fn spread(values: impl Iterator<Item = f32>) -> f32 {
    let (share, deviations) = QUIET;
    quantile(&mut values.map(f32::abs).collect::<Vec<_>>(), share) / deviations
}

fn middle(values: impl Iterator<Item = f32>) -> f32 {
    quantile(&mut values.collect::<Vec<_>>(), 0.5)
}

/// The brightness of the paper: the smooth surface that most of the picture lies on, near its edge
/// and altogether. Three are tried: one through the middle of all pixels, one of the darker and one
/// of the brighter ones.
fn surface(brightness: &Plane) -> Plane {
    let Plane { width, height, .. } = *brightness;
    let step = |side: usize| side.div_ceil(SAMPLES);
    let columns = |y: usize| (width * y..width * (y + 1)).step_by(step(width));
    let samples: Vec<usize> = (0..height).step_by(step(height)).flat_map(columns).collect();
    let values = || samples.iter().map(|&i| brightness.values[i]);
    let parting = otsu(values());
    let starts = [
        middle(values()),
        middle(values().filter(|&value| value < parting)),
        middle(values().filter(|&value| value >= parting)),
    ];
    let near_edge = |i: usize| {
        let (x, y) = (i % width, i / width);
        6 * x.min(width - 1 - x) < width || 6 * y.min(height - 1 - y) < height
    };
    let votes = |factors: &[f32; TERMS]| -> f32 {
        let on =
            |&&i: &&usize| (brightness.values[i] - level(factors, brightness, i)).abs() < UNSEEN;
        samples.iter().filter(on).map(|&i| if near_edge(i) { 2.0 } else { 1.0 }).sum()
    };
    let flat = |start: f32| [start, 0.0, 0.0, 0.0, 0.0, 0.0];
    let tried =
        starts.into_iter().flat_map(|start| [flat(start), fit(brightness, &samples, start)]);
    let best = tried.max_by(|a, b| votes(a).total_cmp(&votes(b)));
    let factors = best.unwrap_or_default();
    brightness.map(|i| level(&factors, brightness, i))
}

/// The terms of the surface in the place of a pixel.
fn terms(plane: &Plane, i: usize) -> [f32; TERMS] {
    let along = |at: usize, side: usize| 2.0 * (at as f32 + 0.5) / side as f32 - 1.0;
    let (x, y) = (along(i % plane.width, plane.width), along(i / plane.width, plane.height));
    [1.0, x, y, x * x, x * y, y * y]
}

/// The surface's brightness in the place of a pixel.
fn level(factors: &[f32; TERMS], plane: &Plane, i: usize) -> f32 {
    factors.iter().zip(terms(plane, i)).map(|(factor, term)| factor * term).sum()
}

/// A surface by least squares, again and again, each time with less weight on what lies off it.
fn fit(brightness: &Plane, samples: &[usize], start: f32) -> [f32; TERMS] {
    let mut factors = [start, 0.0, 0.0, 0.0, 0.0, 0.0];
    for round in 0..ROUNDS {
        let off: Vec<f32> = samples
            .iter()
            .map(|&i| brightness.values[i] - level(&factors, brightness, i))
            .collect();
        let least = WIDE * 0.7_f32.powi(round);
        let spread = spread(off.iter().copied()).max(least);
        let mut sums = [[0.0; TERMS + 1]; TERMS];
        for (&i, &off) in samples.iter().zip(&off) {
            let weight = f64::from((1.0 + (off / (2.0 * spread)).powi(2)).powi(-2));
            let terms = terms(brightness, i).map(f64::from);
            for (sums, term) in sums.iter_mut().zip(terms) {
                for (sum, other) in sums.iter_mut().zip(terms) {
                    *sum += weight * term * other;
                }
                sums[TERMS] += weight * term * f64::from(brightness.values[i]);
            }
        }
        factors = solve(sums).map(|factor| factor as f32);
    }
    factors
}

/// The brightness, 0 to 255, that parts values into two groups as far from each other as can be
/// (Otsu, 1979).
fn otsu(values: impl Iterator<Item = f32>) -> f32 {
    let mut counts = [0.0_f32; 256];
    values.for_each(|value| counts[value as usize] += 1.0);
    let sum = |range: std::ops::Range<usize>| -> (f32, f32) {
        range.fold((0.0, 0.0), |(n, sum), v| (n + counts[v], sum + counts[v] * v as f32))
    };
    let between = |at: usize| {
        let ((n, low), (m, high)) = (sum(0..at), sum(at..256));
        if n * m == 0.0 { 0.0 } else { n * m * (high / m - low / n).powi(2) }
    };
    (1..256).max_by(|&a, &b| between(a).total_cmp(&between(b))).unwrap_or(128) as f32
}

/// Solves the normal equations of least squares, whose right side is the last column. A trace of
/// weight on factors of zero makes them solvable for pictures of one pixel, too.
fn solve(mut rows: [[f64; TERMS + 1]; TERMS]) -> [f64; TERMS] {
    let trace = 1e-6 * rows[0][0].max(1e-6);
    rows.iter_mut().enumerate().skip(1).for_each(|(k, row)| row[k] += trace);
    for k in 0..TERMS {
        let pivot = rows[k];
        for (j, row) in rows.iter_mut().enumerate() {
            let factor = row[k] / pivot[k];
            if j != k {
                row.iter_mut().zip(pivot).for_each(|(value, pivot)| *value -= factor * pivot);
            }
        }
    }
    std::array::from_fn(|k| rows[k][TERMS] / rows[k][k])
}

/// Rows and columns are treated alike: each is where it starts, how far its pixels lie apart, and
/// how many they are.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    step: usize,
    count: usize,
}

impl Line {
    fn places(self) -> impl Iterator<Item = usize> + Clone {
        (self.start..).step_by(self.step).take(self.count)
    }

    /// How far off the paper's brightness this share of the line is, all on the same side of it;
    /// zero if it is not.
    fn throughout(self, off: &Plane) -> f32 {
        let mut values: Vec<f32> = self.places().map(|i| off.values[i]).collect();
        let brighter = quantile(&mut values, 1.0 - THROUGHOUT).max(0.0);
        let darker = quantile(&mut values, THROUGHOUT).min(0.0);
        if brighter > 0.0 { brighter } else { darker }
    }
}

/// The rows from the top, and the columns from the left.
fn lines(plane: &Plane) -> [Vec<Line>; 2] {
    let Plane { width, height, .. } = *plane;
    let rows = (0..height).map(|y| Line { start: width * y, step: 1, count: width });
    let columns = (0..width).map(|x| Line { start: x, step: width, count: height });
    [rows.collect(), columns.collect()]
}

/// Takes away what frames the picture: lines along its edge that go from end to end, and what is
/// outside of them. A stroke of a digit that fills its side of the picture is no frame: there is
/// ink on it, unless it goes all around.
fn without_frame(off: &mut Plane, clear: f32) {
    let [rows, columns] = lines(off);
    let mut sides = [rows.clone(), rows, columns.clone(), columns];
    sides[1].reverse();
    sides[3].reverse();
    let depths = sides.each_ref().map(|side| {
        let outer = &side[..side.len() / FRAME];
        let full = |line: &Line| line.throughout(off).abs() > clear;
        // A frame begins near the edge; how thick it is does not matter.
        let first = outer.iter().take(1 + side.len() / 16).position(full);
        first.map_or(0, |first| first + outer[first..].iter().take_while(|line| full(line)).count())
    });
    let touched = |side: &[Line], depth: usize| {
        let inside = side[(depth + side.len() / 128).min(side.len() - 1)];
        inside.places().filter(|&i| off.values[i].abs() > clear).count() > 0
    };
    let around = depths.iter().all(|&depth| depth > 0);
    let mut left = off.clone();
    for (side, depth) in sides.iter().zip(depths) {
        if depth > 0 && (around || !touched(side, depth)) {
            side[..depth].iter().flat_map(|line| line.places()).for_each(|i| left.values[i] = 0.0);
        }
    }
    if left.values.iter().any(|off| off.abs() > clear) {
        *off = left;
    }
}

/// Takes away the lines of ruled or squared paper: they go from end to end and are fainter than
/// what is written over them.
fn without_lines(off: &mut Plane, clear: f32) {
    let mut sizes: Vec<f32> = off.values.iter().map(|off| off.abs()).collect();
    let strongest = quantile(&mut sizes, 0.99);
    let mut left = off.clone();
    for line in lines(off).concat() {
        let level = line.throughout(off).abs();
        if level > clear && level < 0.6 * strongest {
            let faint = line.places().filter(|&i| off.values[i].abs() < 1.5 * level);
            faint.for_each(|i| left.values[i] = 0.0);
        }
    }
    *off = left;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(width: usize, height: usize, value: impl Fn(usize, usize) -> f32) -> Plane {
        let values = (0..width * height).map(|i| value(i % width, i / width)).collect();
        Plane { width, height, values }
    }

    #[test]
    fn the_papers_brightness_is_found_under_a_third_of_ink() {
        let paper = |x: usize, y: usize| 230.0 - 0.5 * x as f32 - 0.002 * (y * y) as f32;
        let inked = |x: usize, y: usize| (20..60).contains(&x) && (20..90).contains(&y);
        let found = surface(&plane(100, 100, |x, y| if inked(x, y) { 30.0 } else { paper(x, y) }));
        for (i, value) in found.values.iter().enumerate() {
            let paper = paper(i % 100, i / 100);
            assert!((value - paper).abs() < 3.0, "{value} for {paper} at {i}");
        }
    }

    #[test]
    fn two_groups_are_parted_between_them() {
        let values = [10.0, 12.0, 14.0, 200.0, 210.0];
        assert!((15.0..=200.0).contains(&otsu(values.into_iter())));
        assert_eq!(quantile(&mut [], 0.5), 0.0);
    }

    #[test]
    fn ink_is_the_share_of_light_that_the_paper_no_longer_reflects() {
        let dark = plane(40, 40, |x, y| if x == 20 && y > 9 && y < 30 { 60.0 } else { 240.0 });
        let Ink { plane: ink, grain } = Ink::of(&dark);
        assert!(grain < 1e-3);
        assert!((ink.values[40 * 20 + 20] - 0.75).abs() < 0.01);
        assert!(ink.values[40 * 20 + 10].abs() < 0.01);
    }

    #[test]
    fn lines_along_the_edge_go_and_a_stroke_that_meets_the_edge_stays() {
        let mut frame =
            plane(30, 30, |x, y| if x < 2 || (y, x) == (15, 15) { -200.0 } else { 0.0 });
        without_frame(&mut frame, 10.0);
        assert_eq!(frame.values.iter().filter(|&&off| off != 0.0).count(), 1);
        // The bar of a seven that fills its side, and the stroke below it.
        let seven = plane(30, 30, |x, y| if y < 4 || x == 30 - y / 2 - 1 { -200.0 } else { 0.0 });
        let mut left = seven.clone();
        without_frame(&mut left, 10.0);
        assert_eq!(left, seven);
    }
}
