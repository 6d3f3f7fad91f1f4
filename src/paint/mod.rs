//! Numbers to colours to terminal cells.
//!
//! A picture is a [`Grid`] of numbers and a way to colour them ([`Picture`]). In a terminal, one
//! cell shows two pixels: the upper half block `▀` takes the foreground colour for the upper pixel
//! and the background colour for the lower one, so 28 x 28 pixels are 28 columns x 14 rows.
//! Nothing here knows a network or a tensor.

mod colormap;
mod depth;
mod grid;
mod picture;
mod png;
mod raster;

pub use colormap::{Colormap, UnknownColormap};
pub use depth::{ColorChoice, ColorDepth, detect};
pub use grid::Grid;
pub use picture::{ColorBar, HalfBlocks, Picture, Style, quantised};
pub use png::{PngError, write};
pub use raster::Raster;

/// Red, green, blue.
pub type Rgb = [u8; 3];
