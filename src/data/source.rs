//! Which pictures are asked for, and where those that came are from.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use super::shape::Shape;
use crate::figures::plural;

/// What the pictures are called one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Noun {
    /// Handwritten digits: ink on black, which can be drawn by hand.
    #[default]
    Digit,
    /// Anything else.
    Picture,
}

impl Noun {
    /// One of them.
    pub fn one(self) -> &'static str {
        match self {
            Self::Digit => "digit",
            Self::Picture => "picture",
        }
    }

    /// The word for so many of them.
    pub fn of(self, count: usize) -> String {
        plural(count, self.one())
    }

    /// More than one of them.
    pub fn many(self) -> &'static str {
        match self {
            Self::Digit => "digits",
            Self::Picture => "pictures",
        }
    }
}

/// Where pictures come from, and how to speak of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The name that belongs beside every accuracy.
    pub name: String,
    /// The name where there is less room: of a folder, its last part.
    pub short_name: String,
    /// What one of them is called.
    pub noun: Noun,
    /// The folder, as it was named.
    pub folder: Option<PathBuf>,
    /// Why they stand in for those that were wanted.
    pub stand_in: Option<String>,
    /// What drawn digits are drawn with.
    pub seed: Option<u64>,
    /// Whether the name is that of a set that everybody knows.
    known: bool,
}

impl Origin {
    /// A set that is known by this name, in this folder.
    pub fn known(name: &str, noun: Noun, folder: &Path) -> Self {
        Self {
            name: name.to_owned(),
            short_name: name.to_owned(),
            noun,
            folder: Some(folder.to_owned()),
            stand_in: None,
            seed: None,
            known: true,
        }
    }

    /// Pictures of this shape that are known by their folder alone.
    pub fn folder(shape: Shape, folder: &Path) -> Self {
        let last = folder.file_name().unwrap_or(folder.as_os_str());
        Self {
            name: format!("{shape} pictures from {}", folder.display()),
            short_name: format!("{shape} pictures from {}", last.display()),
            noun: Noun::Picture,
            folder: Some(folder.to_owned()),
            stand_in: None,
            seed: None,
            known: false,
        }
    }

    /// Digits that the program draws, perhaps because of this reason in place of others.
    pub fn drawn(seed: u64, stand_in: Option<String>) -> Self {
        let name = "synthetic digits".to_owned();
        Self {
            short_name: name.clone(),
            name,
            noun: Noun::Digit,
            folder: None,
            stand_in,
            seed: Some(seed),
            known: true,
        }
    }

    /// So many of them: "100 digits of MNIST".
    pub fn counted(&self, count: usize) -> String {
        match self.known {
            true => format!("{count} {} of {}", self.noun.of(count), self.name),
            false => format!("{count} {}", self.name),
        }
    }

    /// So many of the test set: "100 test digits of MNIST".
    pub fn tested(&self, count: usize) -> String {
        let (nouns, name) = (self.noun.of(count), &self.name);
        match self.known {
            true => format!("{count} test {nouns} of {name}"),
            false => format!("{count} test {nouns} ({name})"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.folder {
            Some(folder) if self.known => write!(f, "{} from {}", self.name, folder.display()),
            Some(_) => f.write_str(&self.name),
            None => write!(f, "{}, drawn by gradcam itself", self.name),
        }
    }
}

/// Which pictures are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Choice {
    /// MNIST if it can be had, else drawn digits.
    #[default]
    Auto,
    /// MNIST or nothing.
    Mnist,
    /// Fashion-MNIST or nothing.
    FashionMnist,
    /// KMNIST or nothing.
    Kmnist,
    /// Drawn digits.
    Synthetic,
    /// What is in this folder or nothing.
    Folder(PathBuf),
}

impl From<&OsStr> for Choice {
    fn from(word: &OsStr) -> Self {
        match word.to_str() {
            Some("auto") => Self::Auto,
            Some("mnist") => Self::Mnist,
            Some("fashion-mnist") => Self::FashionMnist,
            Some("kmnist") => Self::Kmnist,
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
            Self::FashionMnist => "fashion-mnist".as_ref(),
            Self::Kmnist => "kmnist".as_ref(),
            Self::Synthetic => "synthetic".as_ref(),
            Self::Folder(folder) => folder.as_os_str(),
        }
    }
}

/// The shape that pictures from files of their own are brought to, as far as it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Height and width.
    pub size: Option<[usize; 2]>,
    /// Values a pixel: 1 or 3.
    pub channels: Option<usize>,
}

impl From<Shape> for Wanted {
    fn from(shape: Shape) -> Self {
        Self { size: Some(shape.size()), channels: Some(shape.channels) }
    }
}

/// What [`load`](super::load()) needs to know.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which pictures.
    pub choice: Choice,
    /// The shape that pictures from files of their own are brought to.
    pub wanted: Wanted,
    /// A folder with MNIST that the user's environment names.
    pub environment: Option<PathBuf>,
    /// Where downloaded files are kept, each set in a folder of its own.
    pub cache: PathBuf,
    /// The seed of drawn digits.
    pub seed: u64,
    /// Only the first so many training pictures, and a sixth of it, but at least one a class, test
    /// pictures.
    pub limit: Option<usize>,
}

/// What is being done to get the pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Files are read.
    Reading(PathBuf),
    /// A file is downloaded; `total` bytes in all.
    Downloading {
        /// The name of the set.
        set: &'static str,
        /// The file's name.
        file: &'static str,
        /// Bytes so far.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// Digits are drawn; `total` in all.
    Drawing {
        /// Digits so far.
        done: usize,
        /// Digits in all.
        total: usize,
    },
    /// Pictures are decoded; `total` in all.
    Decoding {
        /// Pictures so far.
        done: usize,
        /// Pictures in all.
        total: usize,
    },
}
