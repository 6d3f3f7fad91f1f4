//! The whole way from a folder to a data set.

use std::path::Path;

use super::decode::{self, Refused};
use super::error::FolderError;
use super::scan;
use super::share::{self, File, Plan};
use crate::data::classes::Classes;
use crate::data::dataset::{Dataset, Images};
use crate::data::shape::Shape;
use crate::data::source::{Origin, Progress, Wanted};
use crate::figures::{counted, thousands};

/// Reads the pictures in `folder`, of the shape that is wanted as far as one is, with at most
/// `limit` to learn from.
///
/// The folder has `train/CLASS/*` and beside it `test/CLASS/*` (or `val`, `valid`, `validation`;
/// the first of them that has pictures is taken), or `CLASS/*` alone; then a sixth of the pictures
/// is kept for testing, chosen by their names. A class is a folder with a picture to learn from,
/// and has its name; classes are in the order of their names. What lies in folders within a class
/// belongs to it. Each set begins with the first picture of each class, then comes the second of
/// each, and so on.
///
/// What is left out is said in [`Dataset::notes`]. `progress` is told of the
/// decoding, from any thread.
///
/// # Errors
/// One sentence if there is nothing to learn or to test, if most files of a set or all of a class
/// are broken, or if the pictures take too much memory.
pub fn load(
    folder: &Path,
    wanted: Wanted,
    limit: Option<usize>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Dataset, FolderError> {
    let plan = share::plan(folder, scan::look(folder)?, limit)?;
    let Plan { classes, train, test, mut notes } = plan;
    let learnt = train.len();
    let files = [train, test].concat();
    let decoded = decode::decode(folder, &files, wanted, progress)?;
    check(&files, learnt, &decoded.refused, &classes)?;
    notes.extend(note(&files, &decoded.refused));

    let shape = decoded.shape;
    let mut taken = vec![true; files.len()];
    decoded.refused.iter().for_each(|refused| taken[refused.index] = false);
    let tested = taken.split_off(learnt);
    let (mut train, mut pixels) = (files, decoded.pixels);
    let test = train.split_off(learnt);
    let begin = taken.iter().filter(|&&taken| taken).count() * shape.bytes();
    let test_pixels = pixels.split_off(begin);
    Ok(Dataset {
        train: images(shape, pixels, train, &taken),
        test: images(shape, test_pixels, test, &tested),
        classes,
        origin: Origin::folder(shape, folder),
        notes,
    })
}

/// The pictures of those files that were taken.
fn images(shape: Shape, pixels: Vec<u8>, files: Vec<File>, taken: &[bool]) -> Images {
    let files = files.into_iter().zip(taken).filter(|(_, taken)| **taken);
    let (labels, files) = files.map(|(file, _)| (file.class, file.path)).unzip();
    Images::new(shape, pixels, labels).with_files(files)
}

/// Whether enough of the files are pictures: at least half of each set, and one of each class that
/// is to be learnt.
fn check(
    files: &[File],
    learnt: usize,
    refused: &[Refused],
    classes: &Classes,
) -> Result<(), FolderError> {
    let failed = |broken: &[&Refused], pictures: usize, of: &str| FolderError::Broken {
        broken: broken.len(),
        pictures,
        of: of.to_owned(),
        example: files[broken[0].index].path.clone(),
        reason: broken[0].error.reason(),
    };
    for (set, of) in [(0..learnt, "to learn from"), (learnt..files.len(), "to test with")] {
        let broken: Vec<_> = refused.iter().filter(|r| set.contains(&r.index)).collect();
        if 2 * broken.len() > set.len() {
            return Err(failed(&broken, set.len(), of));
        }
    }
    let mut pictures = vec![0; classes.len()];
    files[..learnt].iter().for_each(|file| pictures[usize::from(file.class)] += 1);
    let mut broken = vec![Vec::new(); classes.len()];
    for refused in refused.iter().filter(|refused| refused.index < learnt) {
        broken[usize::from(files[refused.index].class)].push(refused);
    }
    for (class, (broken, pictures)) in broken.into_iter().zip(pictures).enumerate() {
        if !broken.is_empty() && broken.len() == pictures {
            return Err(failed(&broken, pictures, &format!("of {}", classes.name(class))));
        }
    }
    Ok(())
}

/// What is said of the files that are left out.
fn note(files: &[File], refused: &[Refused]) -> Option<String> {
    let first = refused.first()?;
    Some(format!(
        "{} of {} left out, such as {}: {}",
        thousands(refused.len() as u64),
        counted(files.len(), "picture"),
        files[first.index].path.display(),
        first.error.reason()
    ))
}
