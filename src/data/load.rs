//! Pictures from wherever they are: the user's files, the cache, the network, or a pen.

use std::path::{Path, PathBuf};

use super::dataset::{Dataset, test_count};
use super::digits::{CLASSES, synthetic};
use super::download::{self, DownloadError, Kept, Mirrors};
use super::folder::{self, FolderError};
use super::idx_set::{self, IdxSetError};
use super::mnist::{self, TEST_COUNT, TRAIN_COUNT};
use super::source::{Choice, Progress, Request};

/// Classes that a note has room for.
const NOTED: usize = 5;

/// Why there are no pictures.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The files of a set are not as they should be.
    #[error(transparent)]
    IdxSet(#[from] IdxSetError),
    /// A folder of pictures is not as it should be.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// There is nothing in a folder that could be a set.
    #[error(
        "{0} has neither pictures (PNG, JPEG, WebP, BMP, GIF or TIFF) nor IDX files; put the \
         pictures of each class into a folder of its name; in IDX, {rule}",
        rule = idx_set::RULE
    )]
    NoSet(PathBuf),
    /// The folder that the environment names is not there.
    #[error(
        "GRADCAM_MNIST names {0}, which is no folder; set it to the one that holds the four MNIST \
         files, or take other digits with --data"
    )]
    Environment(PathBuf),
    /// A set was asked for and could not be had.
    #[error("{0}; name a folder that has it with --data, or take --data synthetic")]
    Download(#[from] DownloadError),
}

/// Gets the pictures that `request` describes.
///
/// A folder the user named is taken or is an error. Otherwise the cache is looked at, then the
/// download mirrors; where neither has MNIST, [`Choice::Auto`] draws digits instead and says why.
///
/// # Errors
/// One sentence that says what is wrong, where, and what would help.
pub fn load(request: &Request, progress: &(dyn Fn(Progress) + Sync)) -> Result<Dataset, DataError> {
    let mut dataset = load_from(&Mirrors::of(&request.choice), request, progress)?;
    dataset.limit(request.limit);
    dataset.notes.extend(unlearnt(&dataset));
    Ok(dataset)
}

/// Where [`load`] would find pictures, and which, in a sentence. Nothing is decoded, fetched or
/// drawn; files are read as far as it takes to name them.
pub fn whereabouts(request: &Request) -> String {
    if request.choice == Choice::Synthetic {
        return "drawn by gradcam itself, as --data asks".to_owned();
    }
    if let Some(named) = named(request).transpose() {
        let why = match request.choice {
            Choice::Folder(_) => "--data",
            _ => "GRADCAM_MNIST",
        };
        return match named.and_then(look) {
            Ok(found) => format!("{found} ({why})"),
            Err(error) => format!("{error} ({why})"),
        };
    }
    let mirrors = Mirrors::of(&request.choice);
    let folder = mirrors.folder(&request.cache);
    match idx_set::look(&folder) {
        Ok(Some(origin)) if origin.name == mirrors.name() => format!("{origin} (the cache)"),
        _ => {
            let drawn = match request.choice {
                Choice::Auto => "; drawn by gradcam itself if that fails",
                _ => "",
            };
            format!("{}, to be downloaded to {}{drawn}", mirrors.name(), folder.display())
        }
    }
}

pub(super) fn load_from(
    mirrors: &Mirrors,
    request: &Request,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Dataset, DataError> {
    if request.choice == Choice::Synthetic {
        return Ok(draw(request, None, progress));
    }
    if let Some(folder) = named(request)? {
        progress(Progress::Reading(folder.to_owned()));
        return read(folder, request, progress);
    }
    match kept_or_fetched(mirrors, &mirrors.folder(&request.cache), progress) {
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

/// The folder that the user names, if any.
fn named(request: &Request) -> Result<Option<&Path>, DataError> {
    match &request.choice {
        Choice::Folder(folder) => Ok(Some(folder)),
        Choice::Auto | Choice::Mnist => match &request.environment {
            Some(folder) if !folder.is_dir() => Err(DataError::Environment(folder.clone())),
            environment => Ok(environment.as_deref()),
        },
        Choice::FashionMnist | Choice::Kmnist | Choice::Synthetic => Ok(None),
    }
}

/// The set in a folder that the user names.
fn read(
    folder: &Path,
    request: &Request,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Dataset, DataError> {
    match idx_set::load_if_there(folder)? {
        Some(dataset) => Ok(dataset),
        None if folder::looks_like_one(folder) => {
            Ok(folder::load(folder, request.wanted, request.limit, progress)?)
        }
        None => Err(DataError::NoSet(folder.to_owned())),
    }
}

/// What is in a folder that the user names.
fn look(folder: &Path) -> Result<String, DataError> {
    match idx_set::look(folder)? {
        Some(origin) => Ok(origin.to_string()),
        None if folder::looks_like_one(folder) => Ok(format!("pictures in {}", folder.display())),
        None => Err(DataError::NoSet(folder.to_owned())),
    }
}

fn kept_or_fetched(
    mirrors: &Mirrors,
    folder: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Dataset, DataError> {
    let reading = || progress(Progress::Reading(folder.to_owned()));
    reading();
    if let Some(dataset) = kept(mirrors, folder)? {
        return Ok(dataset);
    }
    // A missing or damaged file in the cache is not the user's doing.
    download::fetch(mirrors, folder, progress)?;
    reading();
    let changed = || DownloadError::Changed(folder.to_owned());
    Ok(kept(mirrors, folder)?.ok_or_else(changed)?)
}

/// The set in its folder of the cache, if it is there intact.
fn kept(mirrors: &Mirrors, folder: &Path) -> Result<Option<Dataset>, IdxSetError> {
    let kept = match mirrors.kept {
        Kept::Unpacked => mnist::cached(folder, mirrors.files)?,
        Kept::Packed => idx_set::load_as(mirrors.set, folder, mirrors.files),
    };
    // Somebody without a network may have put the files there as they come.
    let by_hand = || {
        let dataset = idx_set::load(folder).ok()?;
        (Some(&*dataset.origin.name) == mirrors.set.name()).then_some(dataset)
    };
    Ok(kept.or_else(by_hand))
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

/// A note about the classes that no training picture is of.
fn unlearnt(Dataset { train, classes, .. }: &Dataset) -> Option<String> {
    let mut seen = vec![false; classes.len()];
    train.labels().iter().for_each(|&label| seen[usize::from(label)] = true);
    let missing: Vec<&str> =
        (0..classes.len()).filter(|&class| !seen[class]).map(|class| classes.name(class)).collect();
    let more = match missing.len().saturating_sub(NOTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first = missing.iter().take(NOTED).copied().collect::<Vec<_>>().join(", ");
    (!missing.is_empty()).then(|| {
        format!(
            "no picture to learn from is of {} of the {} classes: {first}{more}",
            missing.len(),
            classes.len()
        )
    })
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
