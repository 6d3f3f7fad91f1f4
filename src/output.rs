//! Where an explained picture goes, and what it must not replace.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use crate::atomic;
use crate::paint::{self, PngError};

/// Why a picture is not written there.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// It would replace something that the command works with.
    #[error("--output {path} would replace {what}; name another file")]
    Needed {
        /// Where it should go.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// There is another file.
    #[error(
        "{0} is there already and is no picture that gradcam has saved; name another file with \
         --output, or remove it"
    )]
    Exists(PathBuf),
    /// Standard output shows text.
    #[error("--output - writes a PNG to standard output, which is the terminal; add `> FILE`")]
    Terminal,
    /// The file cannot be written.
    #[error(transparent)]
    Png(#[from] PngError),
}

/// Where an explained picture goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// To standard output.
    Standard,
    /// Into a file, which is not there yet or a picture that gradcam has saved.
    File(PathBuf),
}

impl Output {
    /// What `--output` names: a file, or standard output if it is `-`. `needed` are files that must
    /// not be replaced, and what they are.
    ///
    /// # Errors
    /// If it cannot be written, or something that the user has would be replaced.
    pub fn open(path: &Path, needed: &[(&Path, &'static str)]) -> Result<Self, OutputError> {
        if path == Path::new("-") {
            return if io::stdout().is_terminal() {
                Err(OutputError::Terminal)
            } else {
                Ok(Self::Standard)
            };
        }
        if let Some(&(_, what)) = needed.iter().find(|(needed, _)| same(path, needed)) {
            return Err(OutputError::Needed { path: path.to_owned(), what });
        }
        paint::check_writable(path)?;
        if path.exists() && !paint::is_saved_here(path) {
            return Err(OutputError::Exists(path.to_owned()));
        }
        Ok(Self::File(path.to_owned()))
    }
}

/// Whether both lead to one file, by whatever name, or would once they are there.
fn same(a: &Path, b: &Path) -> bool {
    if let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) {
        use std::os::unix::fs::MetadataExt;
        if (a.dev(), a.ino()) == (b.dev(), b.ino()) {
            return true;
        }
    }
    let place = |path: &Path| {
        let target = atomic::target(path).ok()?;
        let folder = fs::canonicalize(atomic::folder(&target)).ok()?;
        Some(folder.join(target.file_name()?))
    };
    place(a).zip(place(b)).is_some_and(|(a, b)| a == b)
}
