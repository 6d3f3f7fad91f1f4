//! Where digits come from, what they are called, and which are asked for.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

use super::known::Set;
use crate::figures::plural;

/// Where digits come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Files of MNIST's names, from a folder.
    Files {
        /// Which set they are.
        set: Set,
        /// Where they are, as it was named.
        folder: PathBuf,
    },
    /// Digits that the program draws itself.
    Synthetic {
        /// What they are drawn with.
        seed: u64,
        /// Why they stand in for MNIST; `None` where they were asked for.
        reason: Option<String>,
    },
}

impl Source {
    /// The name that belongs beside every accuracy.
    pub fn name(&self) -> String {
        match self {
            Self::Files { set: Set::Mnist, .. } => "MNIST".to_owned(),
            Self::Files { set: Set::FashionMnist, .. } => "Fashion-MNIST".to_owned(),
            Self::Files { set: Set::Kmnist, .. } => "KMNIST".to_owned(),
            Self::Files { set: Set::Other, folder } => {
                format!("28x28 pictures from {}", folder.display())
            }
            Self::Synthetic { .. } => "synthetic digits".to_owned(),
        }
    }

    /// The name where there is less room: of a folder, its last part.
    pub fn short_name(&self) -> String {
        match self {
            Self::Files { set: Set::Other, folder } => {
                let last = folder.file_name().unwrap_or(folder.as_os_str());
                format!("28x28 pictures from {}", last.display())
            }
            _ => self.name(),
        }
    }

    /// So many of them: "100 digits of MNIST".
    pub fn counted(&self, count: usize) -> String {
        let name = self.name();
        let noun = |noun| plural(count, noun);
        match self {
            Self::Files { set: Set::Other, .. } => format!("{count} {name}"),
            Self::Files { set: Set::FashionMnist | Set::Kmnist, .. } => {
                format!("{count} {} of {name}", noun("picture"))
            }
            Self::Files { set: Set::Mnist, .. } | Self::Synthetic { .. } => {
                format!("{count} {} of {name}", noun("digit"))
            }
        }
    }

    /// Why these digits stand in for the ones that were wanted.
    pub fn fallback(&self) -> Option<&str> {
        match self {
            Self::Synthetic { reason, .. } => reason.as_deref(),
            Self::Files { .. } => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files { set: Set::Other, .. } => f.write_str(&self.name()),
            Self::Files { folder, .. } => write!(f, "{} from {}", self.name(), folder.display()),
            Self::Synthetic { .. } => f.write_str("synthetic digits, drawn by gradcam itself"),
        }
    }
}

/// Which digits are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Choice {
    /// MNIST if it can be had, else drawn digits.
    #[default]
    Auto,
    /// MNIST or nothing.
    Mnist,
    /// Drawn digits.
    Synthetic,
    /// MNIST's files in this folder or nothing.
    Folder(PathBuf),
}

impl From<&OsStr> for Choice {
    fn from(word: &OsStr) -> Self {
        match word.to_str() {
            Some("auto") => Self::Auto,
            Some("mnist") => Self::Mnist,
            Some("synthetic") => Self::Synthetic,
            _ => Self::Folder(PathBuf::from(word)),
        }
    }
}

impl AsRef<OsStr> for Choice {
    fn as_ref(&self) -> &OsStr {
        match self {
            Self::Auto => "auto".as_ref(),
            Self::Mnist => "mnist".as_ref(),
            Self::Synthetic => "synthetic".as_ref(),
            Self::Folder(folder) => folder.as_os_str(),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().display().fmt(f)
    }
}
