//! Random slant, bend and proportions, drawn once per digit.

use super::stroke::TAU;
use super::{Random, Vec2};

/// A smooth deformation of the plane, drawn once for each digit.
pub(super) struct Deformation {
    waves: [[Wave; 2]; 2],
    proportion: f32,
    widening: f32,
    aspect: f32,
    slant: f32,
    rotation: (f32, f32),
}

/// A sine wave across the plane.
struct Wave {
    amplitude: f32,
    frequency: Vec2,
    phase: f32,
}

impl Wave {
    fn draw(random: &mut Random, amplitude: f32, periods: [f32; 2]) -> Self {
        let direction = random.between(0.0, TAU);
        let speed = TAU * random.between(periods[0], periods[1]);
        Self {
            amplitude: amplitude * random.normal(),
            frequency: [speed * libm::cosf(direction), speed * libm::sinf(direction)],
            phase: random.between(0.0, TAU),
        }
    }

    fn at(&self, [x, y]: Vec2) -> f32 {
        let angle = self.frequency[0] * x + self.frequency[1] * y + self.phase;
        self.amplitude * libm::sinf(angle)
    }
}

impl Deformation {
    pub(super) fn draw(random: &mut Random) -> Self {
        let mut waves =
            || [Wave::draw(random, 0.07, [0.3, 0.6]), Wave::draw(random, 0.035, [0.6, 1.2])];
        let waves = [waves(), waves()];
        let angle = 7.0 * random.normal() * TAU / 360.0;
        Self {
            waves,
            proportion: libm::expf(0.25 * random.normal()),
            widening: 0.12 * random.normal(),
            aspect: libm::expf(0.15 * random.normal()),
            slant: 0.18 + 0.25 * random.normal(),
            rotation: (libm::cosf(angle), libm::sinf(angle)),
        }
    }

    /// Where a point of the template goes; around the middle of the box.
    pub(super) fn apply(&self, [x, y]: Vec2) -> Vec2 {
        let (x, y) = (x - 0.3, 2.0 * y - 1.0);
        let y = 0.5 * libm::copysignf(libm::powf(y.abs(), self.proportion), y);
        let bend = |axis: usize| self.waves[axis].iter().map(|w| w.at([x, y])).sum::<f32>();
        let (bent_x, bent_y) = (x + bend(0), y + bend(1));
        let x = bent_x * (1.0 + self.widening * 2.0 * bent_y) * self.aspect;
        // Positive slant leans to the right: the top goes right.
        let x = x - self.slant * bent_y;
        let (cos, sin) = self.rotation;
        [cos * x - sin * bent_y, sin * x + cos * bent_y]
    }
}
