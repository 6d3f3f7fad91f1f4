//! Digits in: where they come from, and the one shape everything else gets them in.

pub mod download;
mod drawing;
mod idx;
mod ink;
mod known;
pub mod mnist;
pub mod picture;
mod source;
pub mod synthetic;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

pub use download::DownloadError;
pub use drawing::Drawing;
pub use ink::Point;
pub use known::Set;
pub use mnist::MnistError;
pub use picture::{PictureError, Reading, Remark};
pub use source::{Choice, Source};

use idx::{Idx, Sum};

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
#[derive(Debug, Clone)]
pub struct Digits {
    pixels: Vec<u8>,
    labels: Vec<u8>,
    /// See [`Digits::sums`]; not computed before it is asked for.
    sums: OnceLock<[Sum; 2]>,
}

impl PartialEq for Digits {
    fn eq(&self, other: &Self) -> bool {
        (&self.pixels, &self.labels) == (&other.pixels, &other.labels)
    }
}

impl Eq for Digits {}

impl Digits {
    /// From row-major pixels and one label for each digit.
    ///
    /// # Panics
    /// If the lengths disagree or a label is not below 10.
    pub fn new(pixels: Vec<u8>, labels: Vec<u8>) -> Self {
        assert_eq!(pixels.len(), labels.len() * PIXELS, "28x28 pixels for each label");
        assert!(labels.iter().all(|&l| usize::from(l) < CLASSES), "labels are below 10");
        Self { pixels, labels, sums: OnceLock::new() }
    }

    /// From files that were checked, whose sums are known already.
    fn from_files(images: Idx, labels: Idx) -> Self {
        let sums = OnceLock::from([images.sum, labels.sum]);
        Self { sums, ..Self::new(images.values, labels.values) }
    }

    /// The SHA-256 of the images and of the labels, each as an IDX file: sizes and values.
    fn sums(&self) -> [Sum; 2] {
        let count = self.len();
        let images = || idx::sum(&[count, SIDE, SIDE], &self.pixels);
        *self.sums.get_or_init(|| [images(), idx::sum(&[count], &self.labels)])
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
        if n < self.len() {
            self.labels.truncate(n);
            self.pixels.truncate(n * PIXELS);
            self.sums = OnceLock::new();
        }
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

    /// What tells these pictures from any others: the SHA-256, in hexadecimal, of the four
    /// SHA-256 of training images, training labels, test images and test labels, each as an
    /// unpacked IDX file. It depends on sizes, pixels and labels, and on nothing else.
    pub fn fingerprint(&self) -> String {
        idx::hex(&Sha256::digest(self.sums().as_flattened()).into())
    }

    /// The sums of both sets, training set first, found side by side.
    fn sums(&self) -> [Sum; 4] {
        let ([a, b], [c, d]) = rayon::join(|| self.train.sums(), || self.test.sums());
        [a, b, c, d]
    }

    /// Keeps the first `limit` training digits, and as many test digits as [`test_count`] says.
    fn limit(&mut self, limit: Option<usize>) {
        if let Some(limit) = limit {
            self.train.truncate(limit);
            self.test.truncate(test_count(limit));
        }
    }
}

/// How many digits to test with when only so many training digits are wanted: a sixth of them, and
/// at least ten.
fn test_count(limit: usize) -> usize {
    (limit / 6).max(10)
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

/// Where [`load`] would find digits, and which, in a sentence. What lies there is read, and nothing
/// is fetched or drawn.
pub fn whereabouts(request: &Request) -> String {
    let named = match &request.choice {
        Choice::Synthetic => return "drawn by gradcam itself, as --data asks".to_owned(),
        Choice::Folder(folder) => Some((folder, "--data")),
        Choice::Auto | Choice::Mnist => request.environment.as_ref().map(|f| (f, "GRADCAM_MNIST")),
    };
    if let Some((folder, why)) = named {
        return match mnist::load(folder) {
            Ok(dataset) => format!("{} ({why})", dataset.source),
            Err(error) => format!("{error} ({why})"),
        };
    }
    let shown = request.cache.display();
    match mnist::cached(&request.cache, download::Mirrors::default().files) {
        Ok(Some(dataset)) => format!("{} (the cache)", dataset.source),
        _ if request.choice == Choice::Mnist => format!("MNIST, to be downloaded to {shown}"),
        _ => format!("MNIST, to be downloaded to {shown}; drawn by gradcam itself if that fails"),
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
    progress(Progress::Reading(cache.to_owned()));
    if let Some(dataset) = mnist::cached(cache, mirrors.files)? {
        return Ok(dataset);
    }
    // Somebody without a network may have put the files there as they come.
    if let Ok(dataset) = mnist::load(cache)
        && matches!(dataset.source, Source::Files { set: Set::Mnist, .. })
    {
        return Ok(dataset);
    }
    // A missing or damaged file in the cache is not the user's doing.
    download::fetch(mirrors, cache, progress)?;
    progress(Progress::Reading(cache.to_owned()));
    let changed = || DownloadError::Changed(cache.to_owned());
    Ok(mnist::cached(cache, mirrors.files)?.ok_or_else(changed)?)
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
    let limited = |limit: usize| (limit.min(TRAIN_COUNT), test_count(limit).min(TEST_COUNT));
    let (train, test) = request.limit.map_or((TRAIN_COUNT, TEST_COUNT), limited);
    let report = |offset: usize| {
        move |done: usize| progress(Progress::Drawing { done: offset + done, total: train + test })
    };
    Dataset {
        train: synthetic::draw_with(Split::Train, train, request.seed, &report(0)),
        test: synthetic::draw_with(Split::Test, test, request.seed, &report(train)),
        source: Source::Synthetic { seed: request.seed, reason },
    }
}
