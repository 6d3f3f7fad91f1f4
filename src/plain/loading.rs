//! How digits are got, for people: on standard error.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::data::{Dataset, Progress};
use crate::say;

/// The time between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Says how the loading of digits goes: each file that is downloaded, and now and then how far.
pub fn loading() -> impl Fn(Progress) + Sync {
    let said = Mutex::new(Instant::now());
    move |progress| {
        let begins = matches!(progress, Progress::Downloading { done: 0, .. });
        let Ok(mut said) = said.lock() else { return };
        if let Some(line) = step(&progress)
            && (begins || said.elapsed() >= PROGRESS_EVERY)
        {
            *said = Instant::now();
            say(format_args!("{line}"));
        }
    }
}

fn step(progress: &Progress) -> Option<String> {
    match *progress {
        Progress::Reading(_) => None,
        Progress::Downloading { set, file, done, total } => {
            Some(format!("downloading {set}, {file}.gz: {} %", 100 * done / total.max(1)))
        }
        Progress::Drawing { done, total } => {
            Some(format!("drawing digits: {} %", 100 * done / total.max(1)))
        }
        Progress::Decoding { done, total } => {
            Some(format!("decoding pictures: {} %", 100 * done / total.max(1)))
        }
    }
}

/// Digits that are ready, said to people.
pub fn announce(dataset: &Dataset) {
    if let Some(reason) = dataset.origin.stand_in.as_deref() {
        say(format_args!(
            "note: {reason}; going on with digits that gradcam draws itself, not MNIST"
        ));
    }
    dataset.notes.iter().for_each(|note| say(format_args!("note: {note}")));
    say(format_args!("data: {}", dataset.origin));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loading_is_told_in_percent() {
        let progress =
            Progress::Downloading { set: "KMNIST", file: "images", done: 430, total: 1000 };
        let line = step(&progress);
        assert_eq!(line.as_deref(), Some("downloading KMNIST, images.gz: 43 %"));
        let line = step(&Progress::Drawing { done: 7, total: 70 });
        assert_eq!(line.as_deref(), Some("drawing digits: 10 %"));
        assert_eq!(step(&Progress::Reading("here".into())), None);
    }
}
