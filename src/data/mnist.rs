//! MNIST in the cache: unpacked, known by its sums, and read by the `mnist` crate.

use std::io::Read;
use std::path::Path;
use std::thread;

use mnist::MnistBuilder;

use super::classes::Classes;
use super::dataset::{Dataset, Images};
use super::digits::{CLASSES, PIXELS, SHAPE, SIDE};
use super::download::RemoteFile;
use super::idx;
use super::idx_set::{self, IdxSetError};
use super::known::Set;
use super::sums;
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

/// Reads MNIST with the `mnist` crate from a folder that has it unpacked; `None` where a file is
/// missing or has other content than `known` says.
///
/// # Errors
/// If the folder's name is no text, and the files cannot be read by [`idx_set::load`] either.
pub fn cached(folder: &Path, known: &[RemoteFile]) -> Result<Option<Dataset>, IdxSetError> {
    // The crate panics on files of other sizes, and says so on standard error.
    if !FILES.iter().all(|file| has_the_form(folder, *file)) {
        return Ok(None);
    }
    // The crate takes a folder's name as text.
    let Some(base) = folder.to_str() else {
        return idx_set::load(folder).map(Some);
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
    let train = Images::new(SHAPE, read.trn_img, wide(&read.trn_lbl));
    let test = Images::new(SHAPE, read.tst_img, wide(&read.tst_lbl));
    let origin = Set::Mnist.origin(SHAPE, [train.len(), test.len()], folder);
    let dataset = Dataset::new(train, test, Classes::numbered(CLASSES), origin);
    let sums = dataset.sums();
    let intact = FILES.iter().zip(&sums).all(|(file, sum)| {
        known.iter().any(|known| known.name == file.name && known.sha256 == sums::hex(sum))
    });
    Ok(intact.then_some(dataset))
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

#[cfg(test)]
#[path = "mnist_tests.rs"]
mod tests;
