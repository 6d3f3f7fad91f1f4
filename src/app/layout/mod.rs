//! Where everything goes, and what lies at a place: geometry of the screens, without a colour. The
//! views draw into these areas, and keys and clicks ask them.

pub mod bars;
pub mod features;
pub mod frame;
pub mod help;
pub mod hit;
pub mod paper;
pub mod picture;
pub mod strip;
pub mod tabs;
pub mod tiles;
pub mod train;
