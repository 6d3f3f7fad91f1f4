//! Training: the loop, its optimizer, what it reports and what it can be told.
//!
//! Nothing here knows a screen. Whoever watches implements [`Observer`]; whoever steers sends
//! [`Command`]s. Watching never changes a weight.

mod divergence;
mod events;
mod lock;
mod nadam;
mod on_disk;
mod recipe;
pub mod resume;
mod run;
mod session;
mod stopwatch;

pub use divergence::{Divergence, Sign};
pub use events::{BatchReport, Command, EpochReport, Event, Observer, Snapshot};
pub use lock::{Lock, LockError};
pub use nadam::{Nadam, NadamState};
pub use on_disk::OnDisk;
pub use recipe::{Begin, Recipe};
pub use resume::Standing;
pub use run::{Plan, run};
pub use session::{Place, Session, Unlearnable, spec};
