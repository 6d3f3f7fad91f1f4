//! Pictures from wherever they are: the user's files, the cache, the network, or a pen.

use std::path::{Path, PathBuf};

use super::dataset::{Dataset, test_count};
use super::digits::{CLASSES, synthetic};
use super::download::{self, DownloadError};
use super::folder::{self, FolderError};
use super::mnist::{self, MnistError, TEST_COUNT, TRAIN_COUNT};
use super::source::{Choice, Progress, Request};

/// Why there are no digits.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The files of MNIST are not as they should be.
    #[error(transparent)]
    Mnist(#[from] MnistError),
    /// A folder of pictures is not as it should be.
    #[error(transparent)]
    Folder(#[from] FolderError),
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
        Choice::FashionMnist | Choice::Kmnist => None,
    };
    if let Some((folder, why)) = named {
        return match mnist::load(folder) {
            Ok(dataset) => format!("{} ({why})", dataset.origin),
            Err(error) => format!("{error} ({why})"),
        };
    }
    let shown = request.cache.display();
    match mnist::cached(&request.cache, download::Mirrors::default().files) {
        Ok(Some(dataset)) => format!("{} (the cache)", dataset.origin),
        _ if request.choice == Choice::Mnist => format!("MNIST, to be downloaded to {shown}"),
        _ => format!("MNIST, to be downloaded to {shown}; drawn by gradcam itself if that fails"),
    }
}

pub(super) fn load_from(
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
        Choice::FashionMnist | Choice::Kmnist => None,
    };
    if let Some(folder) = named {
        return read(folder, request, progress);
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
        && dataset.origin.name == "MNIST"
    {
        return Ok(dataset);
    }
    // A missing or damaged file in the cache is not the user's doing.
    download::fetch(mirrors, cache, progress)?;
    progress(Progress::Reading(cache.to_owned()));
    let changed = || DownloadError::Changed(cache.to_owned());
    Ok(mnist::cached(cache, mirrors.files)?.ok_or_else(changed)?)
}

fn read(
    folder: &Path,
    request: &Request,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Dataset, DataError> {
    progress(Progress::Reading(folder.to_owned()));
    match mnist::load(folder) {
        Err(MnistError::Missing { .. }) if folder::looks_like_one(folder) => {
            Ok(folder::load(folder, request.wanted, request.limit, progress)?)
        }
        result => Ok(result?),
    }
}

fn draw(
    request: &Request,
    reason: Option<String>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Dataset {
    let limited =
        |limit: usize| (limit.min(TRAIN_COUNT), test_count(limit, CLASSES).min(TEST_COUNT));
    let (train, test) = request.limit.map_or((TRAIN_COUNT, TEST_COUNT), limited);
    let told = |done, total| progress(Progress::Drawing { done, total });
    let mut dataset = synthetic::dataset([train, test], request.seed, &told);
    dataset.origin.stand_in = reason;
    dataset
}
