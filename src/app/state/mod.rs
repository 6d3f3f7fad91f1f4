//! What the app knows: everything the screen shows is derived from it. Nothing here draws, waits or
//! reads a clock.

mod app;
mod ask;
pub mod confusion;
pub mod curve;
mod explore;
pub mod find;
pub mod mistakes;
pub mod pad;
pub mod pinned;
mod screen;
mod training;

pub use app::{App, Data, Notice, Overlay, Tone};
pub use explore::Explore;
pub use find::Find;
pub use screen::{Context, Panel, Screen};
pub use training::{Phase, Training};
