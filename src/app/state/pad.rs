//! The drawing pad: a digit of the user's own, in view in place of a test digit.

use std::sync::Arc;

use crate::data::digits::{Drawing, Point, SIDE};

/// Paper and pen.
#[derive(Debug, Clone)]
pub struct Pad {
    drawing: Drawing,
    /// What it looks like.
    pixels: Arc<[u8]>,
    /// The pixel that the pen is at: to the right, and down.
    pen: [usize; 2],
    /// Whether a key has put the pen down, so that it writes where it goes.
    down: bool,
    /// Whether a mouse button holds it down.
    held: bool,
}

impl Default for Pad {
    /// An empty sheet, the pen where most digits begin.
    fn default() -> Self {
        let drawing = Drawing::default();
        Self { pixels: Arc::new(drawing.pixels()), drawing, pen: [9, 6], down: false, held: false }
    }
}

impl Pad {
    /// The ink of each pixel, row-major.
    pub fn pixels(&self) -> &Arc<[u8]> {
        &self.pixels
    }

    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.drawing.is_empty()
    }

    /// The pixel that the pen is at: to the right, and down.
    pub fn pen(&self) -> [usize; 2] {
        self.pen
    }

    /// Whether the pen writes where it goes.
    pub fn is_down(&self) -> bool {
        self.down || self.held
    }

    /// Whether a mouse button holds it down.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// Lifts the pen, whoever has put it down.
    pub fn lift(&mut self) {
        (self.down, self.held) = (false, false);
    }

    /// The mouse button is let go: a pen that a key has put down stays there.
    pub fn release(&mut self) {
        self.held = false;
    }

    /// Moves the pen by a pixel.
    pub fn move_pen(&mut self, right: isize, down: isize) {
        let moved = |at: usize, by: isize| at.saturating_add_signed(by).min(SIDE - 1);
        self.pen = [moved(self.pen[0], right), moved(self.pen[1], down)];
        if self.down {
            self.drawing.extend(self.place());
            self.renew();
        }
    }

    /// Puts the pen down, or lifts it.
    pub fn toggle_pen(&mut self) {
        let down = !self.is_down();
        self.lift();
        self.down = down;
        if down {
            self.drawing.begin(self.place());
            self.renew();
        }
    }

    /// Takes the last stroke away.
    pub fn undo(&mut self) {
        self.lift();
        self.drawing.undo();
        self.renew();
    }

    /// Brings what is drawn to where MNIST has its digits.
    pub fn fit(&mut self) {
        self.lift();
        self.drawing.fit();
        self.renew();
    }

    /// The mouse puts the pen down at a place, or draws it on to there.
    pub fn drag(&mut self, to: Point, begins: bool) {
        self.pen = to.map(|at| (at as usize).min(SIDE - 1));
        self.held = true;
        match begins {
            true => self.drawing.begin(to),
            false => self.drawing.extend(to),
        }
        self.renew();
    }

    /// What is drawn now, as pixels.
    fn renew(&mut self) {
        self.pixels = Arc::new(self.drawing.pixels());
    }

    /// The middle of the pen's pixel.
    fn place(&self) -> Point {
        self.pen.map(|at| at as f32 + 0.5)
    }
}
