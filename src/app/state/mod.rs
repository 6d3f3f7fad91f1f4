//! What the app knows: everything the screen shows is derived from it. Nothing here draws, waits or
//! reads a clock.

mod app;
pub mod confusion;
pub mod curve;
mod explore;
pub mod mistakes;
pub mod pad;
pub mod pinned;
mod screen;
mod training;

pub(super) use app::one_of_each;
pub use app::{App, Data, Notice, Overlay};
pub use explore::Explore;
pub use screen::{Panel, Screen};
pub use training::{Phase, Training};
