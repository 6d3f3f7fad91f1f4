//! From the points of a stroke to a smooth line.

use super::templates::Piece;
use super::{Random, Vec2};

/// Points on the curve between two control points.
const SAMPLES: usize = 6;
/// Degrees between two control points of an oval.
const OVAL_STEP: f32 = 40.0;

/// Draws the stroke's line once: ovals varied, every control point moved a little.
pub(super) fn trace(pieces: &[Piece], random: &mut Random) -> Vec<Vec2> {
    let jitter = 0.03 * random.between(0.5, 1.0);
    let mut curves: Vec<Vec<Vec2>> = vec![Vec::new()];
    for piece in pieces {
        let mut add = |point: Vec2, random: &mut Random| {
            let moved = [0, 1].map(|i| point[i] + jitter * random.normal());
            if let Some(curve) = curves.last_mut() {
                curve.push(moved);
            }
        };
        match piece {
            Piece::Point(point) => add(*point, random),
            Piece::Oval { centre, radius, start, sweep } => {
                for point in oval(*centre, *radius, *start, *sweep, random) {
                    add(point, random);
                }
            }
            Piece::Corner => {
                let last = curves.last().and_then(|curve| curve.last()).copied();
                curves.push(last.into_iter().collect());
            }
        }
    }
    let mut line = Vec::new();
    for curve in &mut curves {
        // A corner's point stands on both sides: as the end of one curve and, written again, as
        // the start of the next.
        if curve.len() > 2 && distance(curve[0], curve[1]) < 0.12 {
            curve.remove(1);
        }
        spline(curve, &mut line);
    }
    line
}

/// Control points around an oval that is never quite round.
fn oval(
    centre: Vec2,
    radius: Vec2,
    start: f32,
    sweep: f32,
    random: &mut Random,
) -> impl Iterator<Item = Vec2> + use<> {
    let start = start + 15.0 * random.normal();
    let sweep = sweep + 12.0 * random.normal();
    let wide = radius[0] * libm::expf(0.15 * random.normal());
    let wobble = [0, 1].map(|_| (0.04 * random.normal(), random.between(0.0, TAU)));
    let steps = (sweep.abs() / OVAL_STEP).ceil() as usize;
    (0..=steps).map(move |i| {
        let angle = (start + sweep * i as f32 / steps as f32) * TAU / 360.0;
        let mut r = 1.0;
        for (k, (amplitude, phase)) in wobble.iter().enumerate() {
            r += amplitude * libm::sinf((k + 2) as f32 * angle + phase);
        }
        [centre[0] + wide * r * libm::cosf(angle), centre[1] + radius[1] * r * libm::sinf(angle)]
    })
}

pub(super) const TAU: f32 = std::f32::consts::TAU;

/// A Catmull-Rom spline through the points, whose tangents are kept short enough not to overshoot.
fn spline(points: &[Vec2], line: &mut Vec<Vec2>) {
    let Some((first, last)) = points.first().zip(points.last()) else { return };
    for i in 0..points.len() - 1 {
        let (a, b) = (points[i], points[i + 1]);
        let before = if i > 0 { points[i - 1] } else { a };
        let after = points.get(i + 2).copied().unwrap_or(b);
        let limit = 1.2 * distance(a, b);
        let tangent = |from: Vec2, to: Vec2| {
            let t = [0, 1].map(|k| (to[k] - from[k]) / 2.0);
            let shrink = (limit / distance([0.0; 2], t).max(1e-6)).min(1.0);
            t.map(|v| v * shrink)
        };
        let (ta, tb) = (tangent(before, b), tangent(a, after));
        for step in 0..SAMPLES {
            let t = step as f32 / SAMPLES as f32;
            let (t2, t3) = (t * t, t * t * t);
            line.push([0, 1].map(|k| {
                (2.0 * t3 - 3.0 * t2 + 1.0) * a[k]
                    + (t3 - 2.0 * t2 + t) * ta[k]
                    + (3.0 * t2 - 2.0 * t3) * b[k]
                    + (t3 - t2) * tb[k]
            }));
        }
    }
    if points.len() > 1 || line.is_empty() {
        line.push(if points.len() > 1 { *last } else { *first });
    }
}

/// Rounds the line off, as a fast hand does.
pub(super) fn smooth(line: &mut [Vec2], passes: usize) {
    for _ in 0..passes {
        let mut previous = line.first().copied().unwrap_or_default();
        for i in 1..line.len().saturating_sub(1) {
            let here = line[i];
            line[i] = [0, 1].map(|k| previous[k] / 4.0 + here[k] / 2.0 + line[i + 1][k] / 4.0);
            previous = here;
        }
    }
}

/// Lengthens, or shortens, both ends by shares of the whole length.
pub(super) fn stretch_ends(line: &mut [Vec2], shares: [f32; 2]) {
    let length: f32 = line.windows(2).map(|w| distance(w[0], w[1])).sum();
    let n = line.len();
    if n < 3 {
        return;
    }
    for (end, inner, share) in [(0, 2, shares[0]), (n - 1, n - 3, shares[1])] {
        let (tip, from) = (line[end], line[inner]);
        let run = distance(from, tip).max(1e-6);
        // No further back than the point it is measured from.
        let by = (share * length).max(-0.9 * run) / run;
        line[end] = [0, 1].map(|k| tip[k] + (tip[k] - from[k]) * by);
    }
}

fn distance(a: Vec2, b: Vec2) -> f32 {
    ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).sqrt()
}
