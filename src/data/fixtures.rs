//! For tests: sets of MNIST's form that are made up, and the real one where there is one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use super::dataset::Dataset;
use super::digits::{PIXELS, SIDE};
use super::mnist::{FILES, TEST_COUNT, TRAIN_COUNT};

/// Four files as MNIST has them, compressed: black but for two pixels, and labels that count
/// upwards in the training set and downwards in the test set.
pub static WHOLE: LazyLock<[Vec<u8>; 4]> = LazyLock::new(|| whole_set().map(|bytes| gzip(&bytes)));

pub fn whole_set() -> [Vec<u8>; 4] {
    let mut train = images(TRAIN_COUNT, SIDE);
    *train.last_mut().unwrap() = 7;
    let mut test = images(TEST_COUNT, SIDE);
    test[16] = 9;
    [train, labels(TRAIN_COUNT), test, idx(0x0801, &[TEST_COUNT], falling(TEST_COUNT))]
}

pub fn idx(magic: u32, sizes: &[usize], body: Vec<u8>) -> Vec<u8> {
    let mut bytes = magic.to_be_bytes().to_vec();
    for &size in sizes {
        bytes.extend(u32::try_from(size).unwrap().to_be_bytes());
    }
    bytes.extend(body);
    bytes
}

pub fn images(count: usize, side: usize) -> Vec<u8> {
    idx(0x0803, &[count, side, side], vec![0; count * side * side])
}

pub fn labels(count: usize) -> Vec<u8> {
    idx(0x0801, &[count], rising(count))
}

fn rising(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i % 10) as u8).collect()
}

fn falling(count: usize) -> Vec<u8> {
    (0..count).map(|i| 9 - (i % 10) as u8).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn gzipped(file: usize) -> String {
    format!("{}.gz", FILES[file].name)
}

pub fn write_whole_set(folder: &Path) {
    for (file, bytes) in WHOLE.iter().enumerate() {
        fs::write(folder.join(gzipped(file)), bytes).unwrap();
    }
}

/// A folder with the four whole files, compressed.
pub fn whole_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_whole_set(folder.path());
    folder
}

/// A whole folder in which one file has this content instead.
pub fn folder_with(file: usize, bytes: &[u8]) -> TempDir {
    let folder = whole_folder();
    fs::write(folder.path().join(gzipped(file)), gzip(bytes)).unwrap();
    folder
}

pub fn assert_whole(dataset: &Dataset) {
    let Dataset { train, test, .. } = dataset;
    assert_eq!((train.len(), test.len()), (TRAIN_COUNT, TEST_COUNT));
    assert_eq!(train.labels(), wide(&rising(TRAIN_COUNT)));
    assert_eq!(test.labels(), wide(&falling(TEST_COUNT)));
    let inked = |pixels: &[u8]| -> Vec<(usize, u8)> {
        pixels.iter().copied().enumerate().filter(|&(_, pixel)| pixel != 0).collect()
    };
    assert_eq!(inked(train.pixels()), [(TRAIN_COUNT * PIXELS - 1, 7)]);
    assert_eq!(inked(test.pixels()), [(0, 9)]);
}

#[track_caller]
pub fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
}

/// Past the test harness, which keeps what a passing test prints to itself.
pub fn skip(why: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    writeln!(io::stderr(), "\nSKIPPED {name}: {why}").unwrap();
}

/// The folder with the real set.
///
/// # Panics
/// Without one, where continuous integration is to check the real set.
pub fn real_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("GRADCAM_MNIST").filter(|value| !value.is_empty());
    if folder.is_none() {
        skip("set GRADCAM_MNIST to a folder with the real MNIST to run it");
        assert!(std::env::var_os("CI").is_none(), "GRADCAM_MNIST is not set, and CI is");
    }
    folder.map(PathBuf::from)
}

pub fn wide(labels: &[u8]) -> Vec<u16> {
    labels.iter().copied().map(u16::from).collect()
}
