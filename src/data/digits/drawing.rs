//! A digit that somebody draws, stroke by stroke.

use super::ink::{self, Point};
use super::{PIXELS, SIDE};

/// The pen's width in pixels, the softness of its edge and how dark it writes: those of an average
/// digit of MNIST.
const WIDTH: f32 = 2.3;
const EDGE: f32 = 1.2;
const GAIN: f32 = 1.1;

/// Strokes of a pen on 28 x 28 pixels. Nothing of a stroke need lie on the paper.
#[derive(Debug, Clone, Default)]
pub struct Drawing {
    strokes: Vec<Vec<Point>>,
}

impl Drawing {
    /// Puts the pen down here, for a new stroke.
    pub fn begin(&mut self, at: Point) {
        self.strokes.push(vec![at]);
    }

    /// Draws the pen on to here.
    pub fn extend(&mut self, to: Point) {
        match self.strokes.last_mut() {
            Some(stroke) if stroke.last() == Some(&to) => {}
            Some(stroke) => stroke.push(to),
            None => self.begin(to),
        }
    }

    /// Takes the last stroke away.
    pub fn undo(&mut self) {
        self.strokes.pop();
    }

    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.strokes.is_empty()
    }

    /// Scales and moves it to where MNIST has its digits: into a box of 20 x 20 pixels, the centre
    /// of its ink in the middle of the paper.
    pub fn fit(&mut self) {
        ink::fit(&mut self.strokes, ink::BOX - WIDTH);
        let by = ink::centre(&self.canvas()).map(|at| (ink::CENTRE - at).round());
        for point in self.strokes.iter_mut().flatten() {
            *point = [point[0] + by[0], point[1] + by[1]];
        }
    }

    /// The ink of each pixel, row-major, 0 to 255.
    pub fn pixels(&self) -> [u8; PIXELS] {
        self.canvas().map(|ink| ink::byte(ink * GAIN))
    }

    fn canvas(&self) -> [f32; PIXELS] {
        let mut canvas = [0.0; SIDE * SIDE];
        for stroke in &self.strokes {
            for (i, &from) in stroke.iter().enumerate() {
                let to = stroke.get(i + 1).copied().unwrap_or(from);
                ink::draw_segment(&mut canvas, from, to, WIDTH / 2.0, EDGE);
            }
        }
        canvas
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and last column, and row, with ink.
    fn extent(pixels: &[u8; PIXELS]) -> [[usize; 2]; 2] {
        [|i: usize| i % SIDE, |i: usize| i / SIDE].map(|place| {
            let inked = || (0..PIXELS).filter(|&i| pixels[i] > 127).map(place);
            [inked().min().unwrap(), inked().max().unwrap()]
        })
    }

    fn stroke(points: &[Point]) -> Drawing {
        let mut drawing = Drawing::default();
        drawing.begin(points[0]);
        points.iter().for_each(|&point| drawing.extend(point));
        drawing
    }

    #[test]
    fn ink_lies_along_the_strokes_and_goes_with_the_last_one() {
        let mut drawing = stroke(&[[5.5, 3.5], [20.5, 3.5]]);
        let across = drawing.pixels();
        assert_eq!(extent(&across), [[4, 21], [2, 4]]);
        assert_eq!(across[3 * SIDE + 12], 255);
        assert_eq!(across[10 * SIDE + 12], 0);
        drawing.begin([12.5, 10.5]);
        assert_eq!(drawing.pixels()[10 * SIDE + 12], 255, "a dot");
        drawing.undo();
        assert_eq!(drawing.pixels(), across);
        drawing.undo();
        drawing.undo();
        assert!(drawing.is_empty());
        assert_eq!(drawing.pixels(), [0; PIXELS]);
    }

    #[test]
    fn it_is_brought_to_where_mnist_has_its_digits_once_and_for_all() {
        // A small stroke in a corner, a large one beyond the paper, a dot, and nothing.
        for points in [&[[2.0, 2.0], [4.0, 8.0]][..], &[[-20.0, 9.0], [50.0, 40.0]], &[[1.0, 1.0]]]
        {
            let mut drawing = stroke(points);
            drawing.fit();
            let pixels = drawing.pixels();
            for [low, high] in extent(&pixels) {
                assert!(low >= 3 && high <= 24 && high - low < 21, "{points:?}: {low} to {high}");
            }
            let centre = ink::centre(&drawing.canvas());
            assert!(centre.iter().all(|at| (at - 14.0).abs() <= 0.51), "{points:?}: {centre:?}");
            drawing.fit();
            assert_eq!(drawing.pixels(), pixels);
        }
        let mut nothing = Drawing::default();
        nothing.fit();
        assert!(nothing.is_empty());
    }
}
