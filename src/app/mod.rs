//! The terminal app.
//!
//! Everything that happens is a [`Message`](message::Message). [`update`](update::update) turns
//! the state and a message into the next state and [`Effect`](message::Effect)s, without doing
//! I/O, reading a clock or drawing; [`views`] draw the state; [`run`] is the loop that carries out
//! effects and owns the threads.

pub mod compact;
pub mod curve;
pub mod decode;
mod drawing;
pub mod engine;
pub mod escape;
mod input;
pub mod key;
pub mod keymap;
pub mod listener;
mod look;
pub mod mailbox;
pub mod message;
pub mod mistakes;
mod mouse;
pub mod options;
pub mod pad;
mod panel;
pub mod probe;
pub mod run;
pub mod screen;
pub mod settings;
pub mod stages;
pub mod state;
pub mod terminal;
pub mod theme;
pub mod trainer;
mod training;
pub mod update;
pub mod views;

pub use options::{Options, Outcome, Start};
pub use run::start;
pub use settings::Settings;
