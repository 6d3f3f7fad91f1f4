//! The terminal app.
//!
//! Everything that happens is a [`Message`](message::Message). [`update`](update::update()) turns
//! the state and a message into the next state and [`Effect`](message::Effect)s, without doing
//! I/O, reading a clock or drawing; [`views`] draw the state; [`run`] is the loop that carries out
//! effects and owns the threads.

pub mod engine;
pub mod images;
mod input;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod mailbox;
pub mod message;
pub mod options;
mod phrase;
pub mod run;
pub mod settings;
pub mod state;
pub mod term;
pub mod theme;
pub mod trainer;
pub mod update;
pub mod views;

pub use options::{Options, Outcome, Start};
pub use run::start;
pub use settings::Settings;
