//! What is on disk of a training, as its events tell.

use std::path::{Path, PathBuf};

use super::Event;
use crate::failure::Failure;

/// The two files of a training, and why one of them could not be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OnDisk {
    model: Option<(PathBuf, usize)>,
    training: Option<PathBuf>,
    model_error: Option<Failure>,
    training_error: Option<Failure>,
}

impl OnDisk {
    /// Takes note of an event.
    pub fn follow(&mut self, event: &Event) {
        match event {
            Event::Saved { path, epoch } => {
                self.model = Some((path.clone(), *epoch));
                self.model_error = None;
            }
            Event::NotSaved(error) => self.model_error = Some(error.clone()),
            Event::Kept(path) => {
                self.training = Some(path.clone());
                self.training_error = None;
            }
            Event::NotKept(error) => self.training_error = Some(error.clone()),
            _ => {}
        }
    }

    /// The model file, if this training has written one, and the epochs that its weights have seen.
    pub fn model(&self) -> Option<(&Path, usize)> {
        self.model.as_ref().map(|(path, epoch)| (path.as_path(), *epoch))
    }

    /// The file from which the training can go on, if it was written as it was written last.
    pub fn training(&self) -> Option<&Path> {
        self.training.as_deref().filter(|_| self.training_error.is_none())
    }

    /// Why the newest state of the model or of the training is not on disk.
    pub fn errors(&self) -> impl Iterator<Item = &Failure> {
        [&self.model_error, &self.training_error].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(events: &[Event]) -> OnDisk {
        let mut on_disk = OnDisk::default();
        events.iter().for_each(|event| on_disk.follow(event));
        on_disk
    }

    #[test]
    fn a_file_is_missing_until_it_is_written_again() {
        let saved = |epoch| Event::Saved { path: "model".into(), epoch };
        let kept = Event::Kept("training".into());
        let [no_model, no_training] =
            [Event::NotSaved, Event::NotKept].map(|event| event(Failure::new("full")));
        let errors = |events: &[Event]| after(events).errors().count();
        assert_eq!(errors(&[saved(1), kept.clone()]), 0);
        assert_eq!(errors(&[saved(1), no_model.clone(), kept.clone()]), 1, "the model is old");
        assert_eq!(errors(&[no_model.clone(), no_training.clone()]), 2);
        assert_eq!(errors(&[no_model.clone(), no_training.clone(), saved(2), kept.clone()]), 0);
        let on_disk = after(&[saved(1), kept, no_model, no_training]);
        assert_eq!(on_disk.model(), Some((Path::new("model"), 1)), "what it was before");
        assert_eq!(on_disk.training(), None, "it is older than the training");
    }
}
