//! One program at a time trains a model: an advisory lock beside the model file.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::atomic;

/// Why a model cannot be trained now.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another program trains it.
    #[error(
        "another gradcam{} is training {model}; wait for it, or train another model with --model",
        process.map_or(String::new(), |id| format!(" (process {id})"))
    )]
    Taken {
        /// The model file.
        model: PathBuf,
        /// The other program's process, if it could be read.
        process: Option<u32>,
    },
    /// The lock file cannot be made.
    #[error("cannot lock {path}: {source}; choose another place with --model")]
    File {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The right to train a model, held until it is dropped. The system gives it back when a process
/// ends, however that ends.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// `None` on a file system that has no locks: there nobody can be kept out.
    file: Option<File>,
}

impl Lock {
    /// Takes the right to train the model that `model` leads to. Its folder must be there.
    ///
    /// # Errors
    /// If another program has it, or the lock file cannot be made.
    pub fn take(model: &Path) -> Result<Self, LockError> {
        let path = path_beside(model);
        let failed = |source| LockError::File { path: path.clone(), source };
        loop {
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(false);
            let mut file = options.open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => {
                    // For whoever is refused. The lock holds without it.
                    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                    return Ok(Self { path, file: Some(file) });
                }
                // Its last owner removed it between our opening and locking it.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let process = owner(&mut file);
                    return Err(LockError::Taken { model: model.to_owned(), process });
                }
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Self { path, file: None });
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is still locked: nobody else can hold this very file then.
        if self.file.is_some() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// `model.safetensors.lock` for `model.safetensors`, beside the file that is written.
fn path_beside(model: &Path) -> PathBuf {
    let target = atomic::target(model).unwrap_or_else(|_| model.to_owned());
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    target.with_file_name(name)
}

/// Whether this open file is the one at `path` now.
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (ours, there) = (file.metadata().map(identity), fs::metadata(path).map(identity));
    matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
}

/// The process that has written its number into the file.
fn owner(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().and_then(|()| file.take(16).read_to_string(&mut text)).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_model_is_trained_by_one_program_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let [model, other] = ["model", "other"].map(|name| folder.path().join(name));
        let first = Lock::take(&model).unwrap();
        let refused = Lock::take(&model).unwrap_err();
        let says = refused.to_string();
        let process = format!("(process {})", std::process::id());
        assert!(says.contains(&process) && says.contains("--model"), "{says}");
        let _another_model = Lock::take(&other).unwrap();
        // A link to the model is the model.
        symlink("model", folder.path().join("link")).unwrap();
        assert!(Lock::take(&folder.path().join("link")).is_err());
        drop(first);
        let again = Lock::take(&folder.path().join("link")).unwrap();
        assert!(Lock::take(&model).is_err());
        drop(again);
        assert!(!folder.path().join("model.lock").exists(), "nothing is left behind");
    }

    #[test]
    fn a_lock_file_that_was_left_behind_locks_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("model.safetensors");
        fs::write(folder.path().join("model.safetensors.lock"), "123456").unwrap();
        assert!(Lock::take(&model).is_ok());
    }

    #[test]
    fn a_folder_that_takes_no_file_is_named() {
        let error = Lock::take(Path::new("/no/such/folder/model")).unwrap_err().to_string();
        assert!(error.contains("/no/such/folder/model.lock"), "{error}");
    }
}
