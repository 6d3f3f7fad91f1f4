//! What the network looks at and what its maps say, as images and grids that can be drawn.

use crate::data::{Dataset, Shape};
use crate::explain::Heatmap;
use crate::paint::{Grid, Image};

/// The heatmap's share of the colour where it lies over the picture.
pub const OVERLAY_ALPHA: f32 = 0.6;

/// A picture of the test set.
pub fn test_image(dataset: &Dataset, index: usize) -> Image {
    image(dataset.test.image(index), dataset.shape())
}

/// The image of these bytes: row by row, channels last.
pub fn image(pixels: &[u8], shape: Shape) -> Image {
    Image::from_bytes(shape.size(), shape.channels, pixels)
}

/// A map's evidence for its class, 0 to 1.
pub fn heat(map: &Heatmap) -> Grid {
    Grid::new(map.width, map.height, map.values.clone())
}

/// A map's evidence for and against its class, -1 to 1.
pub fn signed(map: &Heatmap) -> Grid {
    let most = map.raw.iter().fold(0.0, |most: f32, value| most.max(value.abs()));
    let share = |value: &f32| if most > 0.0 { value / most } else { 0.0 };
    Grid::new(map.width, map.height, map.raw.iter().map(share).collect())
}
