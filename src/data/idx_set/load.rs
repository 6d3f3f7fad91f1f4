//! From four files to a data set.

use std::panic;
use std::path::{Path, PathBuf};
use std::thread;

use super::agree::agreement;
use super::error::IdxSetError;
use super::find::{Found, find};
use super::labels::{self, Known, Meaning, Problem};
use super::names::{SLOTS, example};
use super::read::read;
use crate::data::class_names;
use crate::data::classes::Classes;
use crate::data::dataset::{Dataset, Images};
use crate::data::digits::{self, SHAPE};
use crate::data::download::RemoteFile;
use crate::data::idx::Idx;
use crate::data::known::{Part, Set};
use crate::data::shape::Shape;
use crate::data::sums::{Sum, hex};

/// Reads the set in a folder, or in a folder and of the name that the path ends with.
///
/// # Errors
/// One sentence that names the file and what is wrong with it.
pub fn load(folder: &Path) -> Result<Dataset, IdxSetError> {
    load_if_there(folder)?.ok_or_else(|| IdxSetError::none_in(folder))
}

/// As [`load`]; `None` where the folder has no file of an IDX set.
///
/// # Errors
/// One sentence that names the file and what is wrong with it.
pub fn load_if_there(folder: &Path) -> Result<Option<Dataset>, IdxSetError> {
    let Some(found) = find(folder)? else { return Ok(None) };
    let files = read_all(&found.paths)?;
    let set = Set::of(files.each_ref());
    dataset(&found, files, set, folder).map(Some)
}

/// Reads this set from the gzip files that are published; `None` where one of them is missing or has
/// another sum.
pub fn load_as(set: Set, folder: &Path, published: &[RemoteFile]) -> Option<Dataset> {
    let names: [String; 4] = std::array::from_fn(|slot| example("", slot));
    let paths = names.each_ref().map(|name| folder.join(format!("{name}.gz")));
    let files = read_all(&paths).ok()?;
    let is = |(file, name): (&Idx, &String)| {
        let sum = file.packed_sum.map(|sum| hex(&sum));
        published.iter().any(|of| of.name == name && sum.as_deref() == Some(of.sha256))
    };
    let intact = files.iter().zip(&names).all(is);
    let place = folder.to_owned();
    let found = Found { paths, prefix: String::new(), like_mnist: true, place };
    if intact { dataset(&found, files, Some(set), folder).ok() } else { None }
}

/// All four side by side: most of the time goes into unpacking and hashing the two files of images.
pub fn read_all(paths: &[PathBuf; 4]) -> Result<[Idx; 4], IdxSetError> {
    let [a, b, c, d] = thread::scope(|scope| {
        let threads: [_; 4] = std::array::from_fn(|slot| {
            let (role, path) = (SLOTS[slot].1, &paths[slot]);
            scope.spawn(move || read(role, path))
        });
        threads.map(|thread| thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
    });
    Ok([a?, b?, c?, d?])
}

/// Two files of images and labels that were checked by themselves; `known` is what they are by their
/// sums.
fn dataset(
    found: &Found,
    files: [Idx; 4],
    known: Option<Set>,
    folder: &Path,
) -> Result<Dataset, IdxSetError> {
    let shape = agreement(&found.paths, files.each_ref().map(|file| &*file.sizes))?;
    let set = known.unwrap_or_else(|| Set::named(&found.prefix));
    let [train_images, train, test_images, test] = files;
    let labels = [train.first_column(), test.first_column()];

    // What is in the files themselves goes before a list of names beside them.
    let listed = match known {
        Some(_) => None,
        None => class_names::beside(&found.place, &found.prefix)
            .map_err(|(path, problem)| IdxSetError::content(&path, problem))?,
    };
    let named = listed.or_else(|| set.classes());
    let count = match &named {
        Some(classes) => Known::Exactly(classes.len()),
        None if found.like_mnist && shape == SHAPE => Known::AtLeast(digits::CLASSES),
        None => Known::AtLeast(0),
    };
    let from_one = set == Set::Emnist(Part::Letters);
    let meaning = labels::meaning(labels.iter().flatten().copied(), count, from_one)
        .map_err(|problem| misplaced(found, &labels, &problem))?;
    let Meaning { first, count } = meaning;
    let numbers = || Classes::new((0..count).map(|class| (class + first as usize).to_string()));
    let classes = named.unwrap_or_else(numbers);

    let [learnt, tested] = labels.map(|labels| {
        // They were checked to be from the first on, and no more than there are classes.
        labels.iter().map(|label| (label - first) as u16).collect::<Vec<u16>>()
    });
    let sums = [sums(set, &train_images, &train, meaning), sums(set, &test_images, &test, meaning)];
    let [train_sums, test_sums] = sums;
    let train = images(set, shape, train_images, learnt, train_sums);
    let test = images(set, shape, test_images, tested, test_sums);
    let origin = set.origin(train.shape(), [train.len(), test.len()], folder);
    Ok(Dataset::new(train, test, classes, origin))
}

/// A problem with a label, at the place where it occurs first.
fn misplaced(found: &Found, labels: &[Vec<i32>; 2], problem: &Problem) -> IdxSetError {
    let Problem { label, said } = problem;
    let at = |labels: &Vec<i32>| labels.iter().position(|found| found == label);
    let (slot, entry) = match (at(&labels[0]), at(&labels[1])) {
        (Some(entry), _) => (1, entry),
        (None, entry) => (3, entry.unwrap_or_default()),
    };
    let problem = format!("has the label {label} at entry {entry}; {said}");
    IdxSetError::content(&found.paths[slot], problem)
}

/// The sums of images and labels where they stay as they are in their files.
fn sums(set: Set, images: &Idx, labels: &Idx, meaning: Meaning) -> Option<[Sum; 2]> {
    let as_they_are = !set.is_transposed()
        && meaning.first == 0
        && images.sizes.len() != 4
        && labels.sizes.len() == 1
        && labels.value_type.width() == 1;
    as_they_are.then_some([images.sum, labels.sum])
}

fn images(set: Set, shape: Shape, images: Idx, labels: Vec<u16>, sums: Option<[Sum; 2]>) -> Images {
    let mut pixels = images.values;
    if set.is_transposed() {
        transpose(shape, &mut pixels);
    }
    let images = Images::new(set.turned(shape), pixels, labels);
    match sums {
        Some(sums) => images.with_sums(sums),
        None => images,
    }
}

/// Swaps rows and columns of every image.
fn transpose(shape: Shape, pixels: &mut [u8]) {
    let Shape { height, width, channels } = shape;
    let mut turned = vec![0; shape.bytes()];
    for image in pixels.chunks_exact_mut(shape.bytes()) {
        for (at, pixel) in image.chunks_exact(channels).enumerate() {
            let to = (at % width * height + at / width) * channels;
            turned[to..to + channels].copy_from_slice(pixel);
        }
        image.copy_from_slice(&turned);
    }
}
