//! Numbers to colours to terminal cells.
//!
//! A picture is a [`Grid`] of numbers and a way to colour them ([`Picture`]). It goes to a file as
//! a [`Raster`] or to a terminal as [`HalfBlocks`], where one cell is two pixels: the upper half
//! block takes the foreground colour, and the background shows below it.
//!
//! ```text
//!   pixels     cells
//!   ┌─┬─┐
//!   │a│b│      ┌─┬─┐    ▀ in colour a on c, and ▀ in colour b on d
//!   ├─┼─┤  ->  │▀│▀│
//!   │c│d│      └─┴─┘    28 x 28 pixels are 28 columns x 14 rows, and square,
//!   └─┴─┘               since cells are about twice as high as wide
//! ```
//!
//! Nothing here knows a network or a tensor.

mod color_bar;
mod colormap;
mod compose;
mod depth;
mod dither;
mod grid;
mod half_blocks;
mod image;
mod palette;
mod picture;
mod png;
mod quantise;
mod raster;
mod resample;
mod runs;
mod shades;
mod style;

pub use color_bar::ColorBar;
pub use colormap::Colormap;
pub use compose::{Composition, Look};
pub use depth::{Background, ColorChoice, ColorDepth, Detected, detect};
pub use grid::Grid;
pub use half_blocks::HalfBlocks;
pub use image::Image;
pub use picture::Picture;
pub use png::{PngError, check_writable, encode, is_saved_here, write};
pub use quantise::quantised;
pub use raster::Raster;
pub use style::Style;

/// Red, green, blue.
pub type Rgb = [u8; 3];
