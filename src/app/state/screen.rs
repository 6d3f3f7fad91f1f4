//! Which screen is in front, and which panel of it.

/// The two main screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Curves and pinned digits.
    Train,
    /// One digit and its heatmap.
    Explore,
}

/// What the Explore screen shows of the digit in view, or of all digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Panel {
    /// The digit, its map and its probabilities.
    #[default]
    Digit,
    /// The map of every class on one scale.
    Classes,
    /// Why this class rather than that one: two maps and their difference.
    Versus,
    /// The map of every method.
    Methods,
    /// What the layer's channels see.
    Features,
    /// Whether the map can be trusted.
    Trust,
    /// Whether the map depends on what was learnt.
    Sanity,
    /// The digits that the network gets wrong.
    Mistakes,
    /// What it takes for what.
    Confusion,
}
