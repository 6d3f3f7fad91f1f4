//! The time that steps of a training take, and the recent speed.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A step that takes longer is looked at closely.
const LONG: Duration = Duration::from_millis(500);
/// A process that is at work uses at least this share of one core.
const AT_WORK: u32 = 20;
/// The time over which the speed is measured, in seconds.
const RECENT: f64 = 1.0;

/// Adds up the time of steps. Whatever happens between them is not counted: pauses, evaluation,
/// saving, whoever watches.
#[derive(Debug, Default)]
pub struct Stopwatch {
    seconds: f64,
    mark: (f64, usize),
    rate: f64,
}

impl Stopwatch {
    /// Runs and times one step.
    pub fn time<T>(&mut self, step: impl FnOnce() -> T) -> T {
        let (start, used) = (Instant::now(), process_time());
        let result = step();
        let used = process_time().saturating_sub(used);
        self.seconds += at_work(start.elapsed(), used).as_secs_f64();
        result
    }

    /// Time of all steps in seconds.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Images a second since about a second ago, given the images since the start.
    pub fn rate(&mut self, images: usize) -> f64 {
        let (then, before) = self.mark;
        let elapsed = self.seconds - then;
        let recent = (images - before) as f64 / elapsed.max(1e-9);
        if elapsed > RECENT || self.rate == 0.0 {
            self.rate = recent;
        }
        if elapsed > RECENT {
            self.mark = (self.seconds, images);
        }
        self.rate
    }
}

/// How much of a time the process was at work, given its processor time: a step in which it was
/// stopped, by Ctrl-Z or a signal, takes long and uses next to nothing.
fn at_work(elapsed: Duration, used: Duration) -> Duration {
    let stopped = elapsed > LONG && used < elapsed / AT_WORK;
    if stopped { used } else { elapsed }
}

/// Processor time of all threads of this process, which stands still while it is stopped.
fn process_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_for_which_the_process_was_stopped_is_not_counted() {
        let [short, hour] = [Duration::from_millis(3), Duration::from_secs(3600)];
        assert_eq!(at_work(short, Duration::ZERO), short, "too short to tell");
        assert_eq!(at_work(hour, 2 * hour), hour);
        assert_eq!(at_work(hour, hour / 4), hour, "others have most of the cores");
        assert_eq!(at_work(hour + short, short), short, "Ctrl-Z in the middle of a step");
    }

    #[test]
    fn only_steps_are_counted_and_the_speed_follows_the_last_second() {
        let mut clock = Stopwatch::default();
        assert_eq!(clock.time(|| 7), 7);
        assert!(clock.seconds() < 3600.0);
        clock = Stopwatch { seconds: 0.5, ..Stopwatch::default() };
        assert_eq!(clock.rate(50), 100.0, "the first speed there is");
        clock.seconds = 0.75;
        assert_eq!(clock.rate(60), 100.0);
        clock.seconds = 2.0;
        assert_eq!(clock.rate(100), 50.0);
        clock.seconds = 4.0;
        assert_eq!(clock.rate(300), 100.0, "slower seconds before do not count");
    }
}
