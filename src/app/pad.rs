//! The drawing pad: a digit of the user's own, in view in place of a test digit.

use std::sync::Arc;

use super::keymap::Action;
use super::message::Effect;
use super::state::{App, Panel};
use crate::data::{Drawing, PIXELS, Point, SIDE};

/// Paper and pen.
#[derive(Debug, Clone)]
pub struct Pad {
    drawing: Drawing,
    /// What it looks like.
    pixels: Arc<[u8; PIXELS]>,
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
    pub fn pixels(&self) -> &Arc<[u8; PIXELS]> {
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
    fn go(&mut self, right: isize, down: isize) {
        let moved = |at: usize, by: isize| at.saturating_add_signed(by).min(SIDE - 1);
        self.pen = [moved(self.pen[0], right), moved(self.pen[1], down)];
        if self.is_down() {
            self.drawing.extend(self.place());
        }
    }

    /// Puts the pen down, or lifts it.
    fn dip(&mut self) {
        let down = !self.is_down();
        self.lift();
        self.down = down;
        if down {
            self.drawing.begin(self.place());
        }
    }

    /// The middle of the pen's pixel.
    fn place(&self) -> Point {
        self.pen.map(|at| at as f32 + 0.5)
    }
}

/// Takes the pad, or puts it away. What is drawn on it stays there.
pub fn toggle(app: &mut App) -> Vec<Effect> {
    let explore = &mut app.explore;
    // From another panel of the drawing it is back to the drawing.
    explore.draws = !(explore.draws && explore.panel == Panel::Digit);
    explore.panel = Panel::Digit;
    (explore.target, explore.step, explore.playing) = (None, None, false);
    explore.off.clear();
    explore.pad.lift();
    vec![Effect::Watch(app.watch())]
}

/// Whether a key means something of its own on the pad.
pub fn takes(action: Action) -> bool {
    use Action::{Down, Next, Open, Pause, Previous, Undo, Up};
    [Up, Down, Next, Previous, Pause, Open, Undo].contains(&action)
}

/// Does what such a key means there.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let pad = &mut app.explore.pad;
    match action {
        Action::Up => pad.go(0, -1),
        Action::Down => pad.go(0, 1),
        Action::Previous => pad.go(-1, 0),
        Action::Next => pad.go(1, 0),
        Action::Pause => pad.dip(),
        lifts => {
            pad.lift();
            match lifts {
                Action::Undo => pad.drawing.undo(),
                _ => pad.drawing.fit(),
            }
        }
    }
    drawn(app)
}

/// The mouse puts the pen down at a place, or draws it on to there.
pub fn drag(app: &mut App, to: Point, begins: bool) -> Vec<Effect> {
    let pad = &mut app.explore.pad;
    pad.pen = to.map(|at| (at as usize).min(SIDE - 1));
    pad.held = true;
    match begins {
        true => pad.drawing.begin(to),
        false => pad.drawing.extend(to),
    }
    drawn(app)
}

/// The network looks at what there is now.
fn drawn(app: &mut App) -> Vec<Effect> {
    let pad = &mut app.explore.pad;
    pad.pixels = Arc::new(pad.drawing.pixels());
    vec![Effect::Watch(app.watch())]
}
