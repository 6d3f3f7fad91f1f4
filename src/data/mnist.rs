//! Pictures in files of MNIST's names: MNIST itself, and other sets of 28 x 28 pictures.
//!
//! A folder of the user's is read by content. The cache holds MNIST unpacked and known by its sums;
//! the `mnist` crate reads it there.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::panic;
use std::path::{Path, PathBuf};
use std::thread;

use mnist::MnistBuilder;

use super::dataset::{Dataset, Images};
use super::digits::{CLASSES, PIXELS, SHAPE, SIDE};
use super::download::RemoteFile;
use super::idx::{self, Idx, IdxError};
use super::known::Set;
use crate::figures::plural;
use crate::files;

/// One of the four files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdxFile {
    /// Its name, uncompressed.
    pub name: &'static str,
    kind: Kind,
    /// Its images or labels in MNIST.
    count: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Images,
    Labels,
}

/// Digits to train on, in MNIST and in what stands in for it.
pub const TRAIN_COUNT: usize = 60_000;
/// Digits to test with.
pub const TEST_COUNT: usize = 10_000;

/// The four files of MNIST.
pub const FILES: [IdxFile; 4] = [
    IdxFile { name: "train-images-idx3-ubyte", kind: Kind::Images, count: TRAIN_COUNT },
    IdxFile { name: "train-labels-idx1-ubyte", kind: Kind::Labels, count: TRAIN_COUNT },
    IdxFile { name: "t10k-images-idx3-ubyte", kind: Kind::Images, count: TEST_COUNT },
    IdxFile { name: "t10k-labels-idx1-ubyte", kind: Kind::Labels, count: TEST_COUNT },
];

/// The most pictures in one file: 784 MB.
const MOST: usize = 1_000_000;

/// Where below a folder the files may lie: torchvision makes the last three.
const BELOW: [&str; 4] = ["", "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw"];

/// What is wrong with a folder that should hold MNIST, or a set like it.
#[derive(Debug, thiserror::Error)]
pub enum MnistError {
    /// The folder is not there.
    #[error("there is no folder {0}; name the one that holds the four MNIST files with --data")]
    NoFolder(PathBuf),
    /// A file is not there, neither plain nor compressed.
    #[error("{folder} has no file {name} or {name}.gz; MNIST needs all four files")]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The file's name.
        name: &'static str,
    },
    /// The system does not let a file, or the folder, be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file's content is not what belongs there.
    #[error("{path} {problem}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what would help.
        problem: String,
    },
    /// Two files that belong together have different lengths.
    #[error(
        "{images} has {image_count} {} and {labels} has {label_count} {}; they must be equally many",
        plural(*image_count, "image"),
        plural(*label_count, "label")
    )]
    Disagree {
        /// The images.
        images: PathBuf,
        /// How many.
        image_count: usize,
        /// Their labels.
        labels: PathBuf,
        /// How many.
        label_count: usize,
    },
}

/// Whether all four files are in `folder`, plain or compressed.
pub fn present(folder: &Path) -> bool {
    find(folder).is_ok()
}

/// Reads the four files in `folder`, or where torchvision keeps them below it.
///
/// # Errors
/// One sentence that names the file and what is wrong with it.
pub fn load(folder: &Path) -> Result<Dataset, MnistError> {
    let paths = find(folder)?;
    // Side by side: most of the time goes into unpacking and hashing the two files of images.
    let [a, b, c, d] = thread::scope(|scope| {
        let threads: [_; 4] = std::array::from_fn(|i| {
            let (file, path) = (FILES[i], &paths[i]);
            scope.spawn(move || read(file, path))
        });
        threads.map(|thread| thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
    });
    let files = [a?, b?, c?, d?];
    for pair in [0, 2] {
        let (image_count, label_count) =
            (files[pair].values.len() / PIXELS, files[pair + 1].values.len());
        if image_count != label_count {
            let (images, labels) = (paths[pair].clone(), paths[pair + 1].clone());
            return Err(MnistError::Disagree { images, image_count, labels, label_count });
        }
    }
    let set = Set::of(files.each_ref());
    let [a, b, c, d] = files;
    Ok(Dataset::new(images(a, b), images(c, d), set.classes(CLASSES), set.origin(SHAPE, folder)))
}

/// Reads MNIST with the `mnist` crate from a folder that has it unpacked; `None` where a file is
/// missing or has other content than `known` says.
///
/// # Errors
/// If the folder's name is no text, and the files cannot be read by [`load`] either.
pub fn cached(folder: &Path, known: &[RemoteFile]) -> Result<Option<Dataset>, MnistError> {
    // The crate panics on files of other sizes, and says so on standard error.
    if !FILES.iter().all(|file| has_the_form(folder, *file)) {
        return Ok(None);
    }
    // The crate takes a folder's name as text.
    let Some(base) = folder.to_str() else {
        return load(folder).map(Some);
    };
    // On a thread of its own: should the files change just now, its panic is only its own end.
    let read = || MnistBuilder::new().base_path(base).label_format_digit().finalize();
    let Ok(read) = thread::scope(|scope| scope.spawn(read).join()) else { return Ok(None) };
    let fits = |pixels: &[u8], labels: &[u8]| {
        pixels.len() == labels.len() * PIXELS && labels.iter().all(|&l| usize::from(l) < CLASSES)
    };
    if !(fits(&read.trn_img, &read.trn_lbl) && fits(&read.tst_img, &read.tst_lbl)) {
        return Ok(None);
    }
    let dataset = Dataset::new(
        Images::new(SHAPE, read.trn_img, wide(&read.trn_lbl)),
        Images::new(SHAPE, read.tst_img, wide(&read.tst_lbl)),
        Set::Mnist.classes(CLASSES),
        Set::Mnist.origin(SHAPE, folder),
    );
    let sums = dataset.sums();
    let intact = FILES.iter().zip(&sums).all(|(file, sum)| {
        known.iter().any(|known| known.name == file.name && known.sha256 == idx::hex(sum))
    });
    Ok(intact.then_some(dataset))
}

/// From files that were checked, whose sums are known already.
fn images(images: Idx, labels: Idx) -> Images {
    let sums = [images.sum, labels.sum];
    Images::new(SHAPE, images.values, wide(&labels.values)).with_sums(sums)
}

/// Labels as bytes, as they are in a file.
fn wide(labels: &[u8]) -> Vec<u16> {
    labels.iter().copied().map(u16::from).collect()
}

/// Whether the file has MNIST's header and size.
fn has_the_form(folder: &Path, IdxFile { name, kind, count }: IdxFile) -> bool {
    let Ok((mut file, length)) = files::open(&folder.join(name)) else { return false };
    let (header, entry) = match kind {
        Kind::Images => (idx::header(&[count, SIDE, SIDE]), PIXELS),
        Kind::Labels => (idx::header(&[count]), 1),
    };
    let mut found = vec![0; header.len()];
    length == (header.len() + count * entry) as u64
        && file.read_exact(&mut found).is_ok()
        && found == header
}

/// Where the four files are.
fn find(folder: &Path) -> Result<[PathBuf; 4], MnistError> {
    if !folder.is_dir() {
        return Err(MnistError::NoFolder(folder.to_owned()));
    }
    let mut first = None;
    for below in BELOW {
        match find_in(&folder.join(below), folder) {
            Ok(paths) => return Ok(paths),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| MnistError::NoFolder(folder.to_owned())))
}

/// The four files in this very folder; each under its own name, compressed, or with the dot that
/// some copies have, in any case.
fn find_in(place: &Path, folder: &Path) -> Result<[PathBuf; 4], MnistError> {
    let failed = |error: io::Error| MnistError::Unreadable {
        path: place.to_owned(),
        reason: error.to_string(),
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(place).map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name());
    }
    // So that of two names that differ in case the same one is always taken.
    names.sort();
    let find = |file: IdxFile| {
        let name = file.name;
        let dotted = name.replacen("-idx", ".idx", 1);
        let wanted =
            [name.to_owned(), format!("{name}.gz"), dotted.clone(), format!("{dotted}.gz")];
        // A file's own spelling goes before any other.
        let exact = wanted.iter().map(|wanted| place.join(wanted));
        let others = wanted.iter().flat_map(|wanted| {
            let same = move |name: &&OsString| name.eq_ignore_ascii_case(wanted);
            names.iter().filter(same).map(|name| place.join(name))
        });
        // Some archives unpack to a folder of the file's name beside the file.
        let is_there = |path: &PathBuf| fs::metadata(path).is_ok_and(|found| !found.is_dir());
        exact
            .chain(others)
            .find(is_there)
            .ok_or_else(|| MnistError::Missing { folder: folder.to_owned(), name })
    };
    let [a, b, c, d] = FILES.map(find);
    Ok([a?, b?, c?, d?])
}

/// One file, checked.
fn read(file: IdxFile, path: &Path) -> Result<Idx, MnistError> {
    let content = |problem| MnistError::Content { path: path.to_owned(), problem };
    let most = if file.kind == Kind::Images { MOST * PIXELS } else { MOST };
    let idx = idx::read(path, most, |sizes| accept(file.kind, sizes)).map_err(|e| match e {
        IdxError::Unreadable(error) => {
            MnistError::Unreadable { path: path.to_owned(), reason: error.to_string() }
        }
        other => content(other.to_string()),
    })?;
    let beyond = |label: &u8| usize::from(*label) >= CLASSES;
    match idx.values.iter().position(beyond) {
        Some(at) if file.kind == Kind::Labels => Err(content(format!(
            "has the label {} at entry {at}; labels are 0 to 9",
            idx.values[at]
        ))),
        _ => Ok(idx),
    }
}

/// Whether a file of these sizes can be what belongs there.
fn accept(kind: Kind, sizes: &[usize]) -> Result<(), String> {
    match (kind, sizes) {
        (_, [0, ..]) => Err("has no entries".to_owned()),
        (_, &[count, ..]) if count > MOST => {
            Err(format!("has {count} entries, and at most {MOST} are read"))
        }
        (Kind::Images, [_, SIDE, SIDE]) | (Kind::Labels, [_]) => Ok(()),
        (Kind::Images, [_, height, width]) => {
            Err(format!("has images of {height} x {width} pixels and not 28 x 28"))
        }
        (Kind::Images, [_]) => Err(
            "has labels (magic number 0x0801) where images (0x0803) belong; give each file the \
             name of what it holds"
                .to_owned(),
        ),
        (Kind::Labels, [_, _, _]) => Err(
            "has images (magic number 0x0803) where labels (0x0801) belong; give each file the \
             name of what it holds"
                .to_owned(),
        ),
        (_, sizes) => {
            let dimensions = sizes.len();
            Err(format!("has values in {dimensions} dimensions: neither grey images nor labels"))
        }
    }
}

#[cfg(test)]
#[path = "mnist_tests.rs"]
pub(super) mod tests;
