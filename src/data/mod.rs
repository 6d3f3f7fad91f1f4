//! Digits in: where they come from, and the one shape everything else gets them in.

pub mod download;
mod drawing;
mod ink;
pub mod mnist;
pub mod picture;
pub mod synthetic;

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use download::DownloadError;
pub use drawing::Drawing;
pub use ink::Point;
pub use mnist::MnistError;
pub use picture::{PictureError, Reading, Remark};

/// Height and width of a digit in pixels.
pub const SIDE: usize = 28;
/// Pixels of a digit.
pub const PIXELS: usize = SIDE * SIDE;
/// Classes: the digits 0 to 9.
pub const CLASSES: usize = 10;
/// Digits to train on, in MNIST and in what stands in for it.
pub const TRAIN_COUNT: usize = 60_000;
/// Digits to test with.
pub const TEST_COUNT: usize = 10_000;

/// Training or test set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Split {
    /// The digits the network learns from
    Train,
    /// The digits it is tested with
    #[default]
    Test,
}

impl Split {
    /// The name used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }
}

/// Labelled digits: `n x 28 x 28` pixels, 0 black to 255 ink, and `n` labels below 10.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits {
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Digits {
    /// From row-major pixels and one label for each digit.
    ///
    /// # Panics
    /// If the lengths disagree or a label is not below 10.
    pub fn new(pixels: Vec<u8>, labels: Vec<u8>) -> Self {
        assert_eq!(pixels.len(), labels.len() * PIXELS, "28x28 pixels for each label");
        assert!(labels.iter().all(|&l| usize::from(l) < CLASSES), "labels are below 10");
        Self { pixels, labels }
    }

    /// How many digits.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The 784 pixels of digit `index`, row-major.
    pub fn image(&self, index: usize) -> &[u8] {
        &self.pixels[index * PIXELS..(index + 1) * PIXELS]
    }

    /// The class of digit `index`.
    pub fn label(&self, index: usize) -> u8 {
        self.labels[index]
    }

    /// All pixels, row-major, digit after digit.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All labels.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Keeps the first `n` digits.
    pub fn truncate(&mut self, n: usize) {
        self.labels.truncate(n);
        self.pixels.truncate(n * PIXELS);
    }
}

/// A training and a test set with their origin.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Digits to learn from.
    pub train: Digits,
    /// Digits to test with.
    pub test: Digits,
    /// Where they come from.
    pub source: Source,
}

impl Dataset {
    /// One of the two sets.
    pub fn split(&self, split: Split) -> &Digits {
        match split {
            Split::Train => &self.train,
            Split::Test => &self.test,
        }
    }

    /// Keeps the first digits of each set, at most as many as [`counts`] says.
    fn limit(&mut self, limit: Option<usize>) {
        let (train, test) = counts(limit);
        self.train.truncate(train);
        self.test.truncate(test);
    }
}

/// How many training and test digits there are when only so many training digits are wanted: a
/// sixth of them, and at least ten, to test with.
fn counts(limit: Option<usize>) -> (usize, usize) {
    limit.map_or((TRAIN_COUNT, TEST_COUNT), |n| (n.min(TRAIN_COUNT), (n / 6).clamp(10, TEST_COUNT)))
}

/// Where digits come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The real MNIST, from a folder.
    Mnist {
        /// Where its files are.
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
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mnist { .. } => "MNIST",
            Self::Synthetic { .. } => "synthetic digits",
        }
    }

    /// Why these digits stand in for the ones that were wanted.
    pub fn fallback(&self) -> Option<&str> {
        match self {
            Self::Synthetic { reason, .. } => reason.as_deref(),
            Self::Mnist { .. } => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mnist { folder } => write!(f, "MNIST from {}", folder.display()),
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

impl FromStr for Choice {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "auto" => Self::Auto,
            "mnist" => Self::Mnist,
            "synthetic" => Self::Synthetic,
            folder => Self::Folder(PathBuf::from(folder)),
        })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Mnist => f.write_str("mnist"),
            Self::Synthetic => f.write_str("synthetic"),
            Self::Folder(folder) => folder.display().fmt(f),
        }
    }
}

/// What [`load`] needs to know.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which digits.
    pub choice: Choice,
    /// A folder with MNIST that the user's environment names.
    pub environment: Option<PathBuf>,
    /// Where downloaded files are kept.
    pub cache: PathBuf,
    /// The seed of drawn digits.
    pub seed: u64,
    /// Only the first so many training digits, and a sixth of it, but at least ten, test digits.
    pub limit: Option<usize>,
}

/// What is being done to get the digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Files are read.
    Reading(PathBuf),
    /// A file is downloaded; `total` bytes in all.
    Downloading {
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
}

/// Why there are no digits.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The files of MNIST are not as they should be.
    #[error(transparent)]
    Mnist(#[from] MnistError),
    /// The folder that the environment names is not there.
    #[error(
        "GRADCAM_MNIST names {0}, which is no folder; set it to the one that holds the four MNIST \
         files, or take other digits with --data"
    )]
    Environment(PathBuf),
    /// MNIST was asked for and could not be had.
    #[error("{0}; name a folder that has MNIST with --data, or take --data synthetic")]
    Download(#[from] DownloadError),
}

/// Gets the digits that `request` describes.
///
/// A folder the user named is taken or is an error. Otherwise the cache is looked at, then the
/// download mirrors; where neither has MNIST, [`Choice::Auto`] draws digits instead and says why.
pub fn load(request: &Request, progress: &(dyn Fn(Progress) + Sync)) -> Result<Dataset, DataError> {
    let mut dataset = load_from(&download::Mirrors::default(), request, progress)?;
    dataset.limit(request.limit);
    Ok(dataset)
}

/// Where [`load`] would find digits, in a sentence, without reading or fetching any.
pub fn whereabouts(request: &Request) -> String {
    let named = match &request.choice {
        Choice::Synthetic => return "drawn by gradcam itself, as --data asks".to_owned(),
        Choice::Folder(folder) => Some((folder, "--data")),
        Choice::Auto | Choice::Mnist => request.environment.as_ref().map(|f| (f, "GRADCAM_MNIST")),
    };
    let (folder, why) = named.unwrap_or((&request.cache, "the cache"));
    let shown = folder.display();
    match (mnist::present(folder), named, &request.choice) {
        (true, ..) => format!("MNIST in {shown} ({why})"),
        (false, Some(_), _) if !folder.is_dir() => format!("{shown} ({why}) is no folder"),
        (false, Some(_), _) => format!("{shown} ({why}) does not have MNIST's four files"),
        (false, None, Choice::Mnist) => format!("MNIST, to be downloaded to {shown}"),
        (false, None, _) => {
            format!("MNIST, to be downloaded to {shown}; drawn by gradcam itself if that fails")
        }
    }
}

fn load_from(
    mirrors: &download::Mirrors,
    request: &Request,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Dataset, DataError> {
    let named = match &request.choice {
        Choice::Synthetic => return Ok(draw(request, None, progress)),
        Choice::Folder(folder) => Some(folder),
        Choice::Auto | Choice::Mnist => match &request.environment {
            Some(folder) if !folder.is_dir() => return Err(DataError::Environment(folder.clone())),
            environment => environment.as_ref(),
        },
    };
    if let Some(folder) = named {
        return Ok(read(folder, progress)?);
    }
    match cached_or_fetched(mirrors, &request.cache, progress) {
        Err(error) if request.choice == Choice::Auto => {
            let reason = match error {
                DataError::Download(error) => error.reason(),
                other => other.to_string(),
            };
            Ok(draw(request, Some(reason), progress))
        }
        result => result,
    }
}

fn cached_or_fetched(
    mirrors: &download::Mirrors,
    cache: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Dataset, DataError> {
    if mnist::present(cache) {
        match read(cache, progress) {
            // Good files that have no room to be laid out: fetching them again would not help.
            Err(error @ MnistError::Temporary(_)) => return Err(error.into()),
            // A damaged cache is not the user's doing: fetch it again.
            Err(_) => {}
            Ok(dataset) => return Ok(dataset),
        }
    }
    download::fetch(mirrors, cache, progress)?;
    Ok(read(cache, progress)?)
}

fn read(folder: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<Dataset, MnistError> {
    progress(Progress::Reading(folder.to_owned()));
    mnist::load(folder)
}

fn draw(
    request: &Request,
    reason: Option<String>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Dataset {
    let (train, test) = counts(request.limit);
    let report = |offset: usize| {
        move |done: usize| progress(Progress::Drawing { done: offset + done, total: train + test })
    };
    Dataset {
        train: synthetic::draw_with(Split::Train, train, request.seed, &report(0)),
        test: synthetic::draw_with(Split::Test, test, request.seed, &report(train)),
        source: Source::Synthetic { seed: request.seed, reason },
    }
}
