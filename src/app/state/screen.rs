//! Which screen is in front, which panel of it, and where that puts a key.

/// The two main screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Curves and pinned pictures.
    Train,
    /// One picture and its heatmap.
    Explore,
}

/// What the Explore screen shows of the picture in view, or of all pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Panel {
    /// The picture, its map and its probabilities.
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
    /// The pictures that the network gets wrong.
    Mistakes,
    /// What it takes for what.
    Confusion,
}

/// Where a key is pressed. The app is in one context at a time; the table of keys says which keys
/// there are in it, and what they do there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// The Train screen.
    Train,
    /// A digit and its map.
    Digit,
    /// A picture of any other kind and its map.
    Picture,
    /// A digit that is being drawn.
    Pad,
    /// See [`Panel::Classes`].
    Classes,
    /// See [`Panel::Versus`].
    Versus,
    /// See [`Panel::Methods`].
    Methods,
    /// See [`Panel::Features`].
    Features,
    /// See [`Panel::Trust`].
    Trust,
    /// See [`Panel::Sanity`].
    Sanity,
    /// See [`Panel::Mistakes`].
    Mistakes,
    /// See [`Panel::Confusion`], of few classes.
    Matrix,
    /// See [`Panel::Confusion`], of many classes.
    Pairs,
}
