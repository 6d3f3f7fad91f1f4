//! Plays a tape of [VHS](https://github.com/charmbracelet/vhs) without VHS: the same file makes
//! the picture in the README and is a test that every scene in it can still be played.
//!
//! Needs `mod pty;` next to it. The part of the language is that of a demo: settings, typing,
//! keys, `Wait`, `Screenshot`; anything else is an error that names the line. Two rules are added:
//! - `# player: 100x30` says the size in columns and rows; VHS has it in pixels.
//! - What stands between `Hide` and `Show` prepares the recording, like building the program. The
//!   player has a program already and skips it, but for `Env`.

// Each integration test uses its own part of this.
#![allow(dead_code, unused_imports)]

mod parse;
mod player;

use std::fmt;

pub use parse::{Command, Scope, Setting, Step, Tape};
pub use player::{Performance, Player};

/// Where a tape is wrong, or where its play stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapeError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for TapeError {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.message)
    }
}
