//! The parts that ink falls into, and which of them are the digit.

use std::ops::Range;

use super::paper::Ink;
use super::plane::{Plane, quantile};

/// The ink above which a pixel belongs to a part, of the ink of a full stroke.
const STROKE: f32 = 0.25;
/// Below this share of the largest part's ink, another part is a speck.
const SPECK: f32 = 0.03;
/// The least ink of a stroke; less is a stain.
const CONTRAST: f32 = 0.125;

/// Pixels with ink that touch each other, at least at their corners.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its first column.
    pub left: usize,
    /// Its first row.
    pub top: usize,
    /// The column after its last one.
    pub right: usize,
    /// The row after its last one.
    pub bottom: usize,
    /// The sum of its ink.
    pub mass: f32,
    /// Its pixels.
    pub places: Vec<usize>,
}

impl Part {
    /// Columns.
    pub fn width(&self) -> usize {
        self.right - self.left
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.bottom - self.top
    }

    /// The longer side of the box around it.
    pub fn longest(&self) -> usize {
        self.width().max(self.height())
    }
}

/// All parts of at least so much ink in each pixel.
pub fn parts(ink: &Plane, least: f32) -> Vec<Part> {
    let mut seen = vec![false; ink.values.len()];
    let mut parts = Vec::new();
    for start in 0..seen.len() {
        if seen[start] || ink.values[start] < least {
            continue;
        }
        seen[start] = true;
        let mut part = Part {
            left: usize::MAX,
            top: usize::MAX,
            right: 0,
            bottom: 0,
            mass: 0.0,
            places: vec![start],
        };
        let mut next = 0;
        while let Some(&place) = part.places.get(next) {
            next += 1;
            let (x, y) = (place % ink.width, place / ink.width);
            part.left = part.left.min(x);
            part.top = part.top.min(y);
            part.right = part.right.max(x + 1);
            part.bottom = part.bottom.max(y + 1);
            part.mass += ink.values[place];
            for near in around(ink, place) {
                if !seen[near] && ink.values[near] >= least {
                    seen[near] = true;
                    part.places.push(near);
                }
            }
        }
        parts.push(part);
    }
    parts
}

/// The pixel and its neighbours.
fn around(plane: &Plane, place: usize) -> impl Iterator<Item = usize> + use<> {
    let (width, height) = (plane.width, plane.height);
    let (x, y) = (place % width, place / width);
    let columns = x.saturating_sub(1)..(x + 2).min(width);
    (y.saturating_sub(1)..(y + 2).min(height))
        .flat_map(move |y| columns.clone().map(move |x| width * y + x))
}

/// The ink of a digit alone.
pub struct Digit {
    /// How much ink there is, 1 in a full stroke.
    pub plane: Plane,
    /// What it consists of, the largest part first; at least one.
    pub parts: Vec<Part>,
    /// The ink of a full stroke, of that of black on white.
    pub full: f32,
}

impl Digit {
    /// The columns and the rows that it takes.
    pub fn bounds(&self) -> [Range<usize>; 2] {
        let low = |side: fn(&Part) -> usize| self.parts.iter().map(side).min().unwrap_or(0);
        let high = |side: fn(&Part) -> usize| self.parts.iter().map(side).max().unwrap_or(0);
        [
            low(|part| part.left)..high(|part| part.right),
            low(|part| part.top)..high(|part| part.bottom),
        ]
    }

    /// Its width and its height in pixels.
    pub fn extent(&self) -> [usize; 2] {
        self.bounds().map(|range| range.len())
    }
}

/// A sheet, a card or a drawn box inside the picture: a part with four straight and upright sides.
/// It is full and has something in it, or only a line around other parts.
pub fn sheet(plane: &Plane, parts: &[Part]) -> Option<Part> {
    let is_sheet = |part: &&Part| {
        let Part { left, top, right, bottom, .. } = **part;
        let (width, height) = (part.width(), part.height());
        if width.min(height) < 10 || width * height > plane.values.len() / 100 * 99 {
            return false;
        }
        let mut sides = [0; 4];
        for &place in &part.places {
            let (x, y) = (place % plane.width, place / plane.width);
            sides[0] += usize::from(x == left);
            sides[1] += usize::from(x + 1 == right);
            sides[2] += usize::from(y == top);
            sides[3] += usize::from(y + 1 == bottom);
        }
        let straight = sides.iter().zip([height, height, width, width]);
        let full = part.places.len() > width * height / 2;
        let holds = |other: &Part| {
            other.left > left
                && other.top > top
                && other.right < right
                && other.bottom < bottom
                && 4 * other.longest() > width.min(height)
        };
        straight.into_iter().all(|(&inked, side)| inked > side * 17 / 20)
            && (full || parts.iter().any(holds))
    };
    parts.iter().filter(is_sheet).max_by_key(|part| part.width() * part.height()).cloned()
}

/// The ink of the digit alone; `None` if there is nothing but paper.
pub fn digit(ink: &Ink, rough: &[Part]) -> Option<Digit> {
    let plane = &ink.plane;
    let heaviest = |parts: &mut dyn Iterator<Item = &Part>| {
        parts.max_by(|a, b| a.mass.total_cmp(&b.mass)).cloned()
    };
    let main = heaviest(&mut rough.iter().filter(|part| !at_edge(plane, part)))
        .or_else(|| heaviest(&mut rough.iter()))?;
    let mut values: Vec<f32> = main.places.iter().map(|&i| plane.values[i]).collect();
    let full = quantile(&mut values, 0.95);
    if full < CONTRAST {
        return None;
    }
    let mut all = parts(plane, ink.faintest().max(STROKE * full));
    if all.iter().any(|part| !at_edge(plane, part) && part.mass > 0.2 * main.mass) {
        all.retain(|part| !at_edge(plane, part));
    }
    all.sort_by(|a, b| b.mass.total_cmp(&a.mass));
    let (largest, rest) = all.split_first()?;
    let mut kept = vec![largest.clone()];
    kept.extend(rest.iter().filter(|part| !speck(plane, part, largest)).cloned());
    let floor = (2.0 * ink.grain).min(full / 2.0);
    let mut alone = plane.map(|_| 0.0);
    for &place in kept.iter().flat_map(|part| &part.places) {
        for near in around(plane, place) {
            alone.values[near] = ((plane.values[near] - floor) / (full - floor)).clamp(0.0, 1.0);
        }
    }
    Some(Digit { plane: alone, parts: kept, full })
}

/// Whether it clings to the edge of the picture: a shadow, a thumb, the rest of a line.
fn at_edge(plane: &Plane, part: &Part) -> bool {
    let touches =
        part.left == 0 || part.top == 0 || part.right == plane.width || part.bottom == plane.height;
    let band = plane.width.min(plane.height) / 8;
    let outer = |&&place: &&usize| {
        let (x, y) = (place % plane.width, place / plane.width);
        x.min(y).min(plane.width - 1 - x).min(plane.height - 1 - y) < band
    };
    touches && part.places.iter().filter(outer).count() as f32 > 0.8 * part.places.len() as f32
}

/// Whether it is too little to belong to a digit: hardly any ink, or a dot at a distance. Of MNIST's
/// 10,000 test digits 248 are in parts, and the smaller parts of 27 would be such dots.
fn speck(plane: &Plane, part: &Part, largest: &Part) -> bool {
    if part.mass < SPECK * largest.mass {
        return true;
    }
    let size = largest.longest() as f32;
    if part.longest() as f32 > 0.25 * size {
        return false;
    }
    let point = |place: usize| [(place % plane.width) as f32, (place / plane.width) as f32];
    let gap = part
        .places
        .iter()
        .flat_map(|&a| largest.places.iter().map(move |&b| (point(a), point(b))))
        .map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]))
        .fold(f32::INFINITY, f32::min);
    gap > 0.15 * size
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rows: &[&str]) -> Plane {
        let ink = |c: char| f32::from(u8::from(c == '#'));
        let values = rows.iter().flat_map(|row| row.chars().map(ink)).collect();
        Plane { width: rows[0].len(), height: rows.len(), values }
    }

    #[test]
    fn pixels_that_touch_at_a_corner_are_one_part() {
        let plane = drawn(&["##...", "..#..", ".....", "....#"]);
        let found = parts(&plane, 0.5);
        let boxes: Vec<_> =
            found.iter().map(|part| (part.left, part.top, part.right, part.bottom)).collect();
        assert_eq!(boxes, [(0, 0, 3, 2), (4, 3, 5, 4)]);
        assert_eq!(found.iter().map(|part| part.mass).collect::<Vec<_>>(), [3.0, 1.0]);
    }

    #[test]
    fn a_box_around_something_is_a_sheet_and_a_round_zero_is_none() {
        let around = |x: usize, y: usize| x == 2 || y == 2 || x == 17 || y == 17;
        let at = |x: usize, y: usize| (2..18).contains(&x) && (2..18).contains(&y);
        let square = |inside: bool| {
            let ink = |i: usize| {
                let (x, y) = (i % 20, i / 20);
                let digit = inside && x == 10 && (6..13).contains(&y);
                f32::from(u8::from(at(x, y) && around(x, y) || digit))
            };
            Plane { width: 20, height: 20, values: (0..400).map(ink).collect() }
        };
        let of = |plane: &Plane| sheet(plane, &parts(plane, 0.5)).map(|part| part.left);
        assert_eq!(of(&square(true)), Some(2));
        assert_eq!(of(&square(false)), None, "nothing is in it");
        let ring = |i: usize| {
            let (x, y) = ((i % 20) as f32 - 9.5, (i / 20) as f32 - 9.5);
            f32::from(u8::from((x.hypot(y) - 7.0).abs() < 1.2 || x.hypot(y) < 3.0))
        };
        assert_eq!(
            of(&Plane { width: 20, height: 20, values: (0..400).map(ring).collect() }),
            None
        );
    }
}
