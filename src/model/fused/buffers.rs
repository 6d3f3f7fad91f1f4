//! Large buffers that go round: what a step no longer needs, the next one writes over.
//!
//! A training step goes through tens of megabytes. Asking the system for them anew each time costs
//! up to a third of the step in page faults.

use std::sync::{Mutex, PoisonError};

/// Elements below which the allocator is as good.
const LARGE: usize = 4096;
/// Buffers kept; the oldest goes first.
const KEPT: usize = 48;

static SPARE: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// A buffer of `len` elements with unspecified values. Made into a tensor, it comes back here once
/// the last operation on it is done.
pub fn take(len: usize) -> Vec<f32> {
    if len >= LARGE {
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = spare.iter().rposition(|buffer| buffer.len() == len) {
            return spare.remove(place);
        }
    }
    vec![0.0; len]
}

/// Keeps a buffer for a later [`take`].
pub fn give(buffer: Vec<f32>) {
    if buffer.len() >= LARGE {
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() == KEPT {
            spare.remove(0);
        }
        spare.push(buffer);
    }
}
