//! Labelled pictures in memory: what every source becomes, and all that the rest of the program
//! knows of it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use strum::{Display, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use super::classes::Classes;
use super::shape::Shape;
use super::source::Origin;
use super::sums::{self, Sum};

/// Training or test set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[derive(Display, EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Split {
    /// The pictures the network learns from
    Train,
    /// The pictures it is tested with
    #[default]
    Test,
}

/// Pictures of one shape with their labels: `n x height x width x channels` bytes, row by row and
/// channels last, and `n` numbers of classes.
///
/// They stand so that any first part of them has its fair share of each class, where their source
/// has an order of its own to give up.
#[derive(Debug, Clone)]
pub struct Images {
    shape: Shape,
    pixels: Vec<u8>,
    labels: Vec<u16>,
    /// The file of each; empty where they do not come from files of their own.
    files: Vec<PathBuf>,
    /// See [`Images::sums`]; not computed before it is asked for.
    sums: OnceLock<[Sum; 2]>,
}

impl PartialEq for Images {
    fn eq(&self, other: &Self) -> bool {
        (self.shape, &self.pixels, &self.labels) == (other.shape, &other.pixels, &other.labels)
    }
}

impl Eq for Images {}

impl Images {
    /// From bytes and one label for each picture.
    ///
    /// # Panics
    /// If the lengths disagree.
    pub fn new(shape: Shape, pixels: Vec<u8>, labels: Vec<u16>) -> Self {
        assert_eq!(pixels.len(), labels.len() * shape.bytes(), "a whole picture for each label");
        Self { shape, pixels, labels, files: Vec::new(), sums: OnceLock::new() }
    }

    /// With the file that each of them comes from.
    ///
    /// # Panics
    /// If there is not one file for each.
    #[must_use]
    pub fn with_files(self, files: Vec<PathBuf>) -> Self {
        assert_eq!(files.len(), self.len(), "one file for each picture");
        Self { files, ..self }
    }

    /// With sums that are known already, of the images and of the labels.
    #[must_use]
    pub(super) fn with_sums(self, sums: [Sum; 2]) -> Self {
        Self { sums: OnceLock::from(sums), ..self }
    }

    /// The SHA-256 of the images and of the labels, each as an IDX file: sizes and values. Grey
    /// images have three sizes, labels below 256 are bytes.
    pub(super) fn sums(&self) -> [Sum; 2] {
        let (count, Shape { height, width, channels }) = (self.len(), self.shape);
        let images = || match channels {
            1 => sums::of_bytes(&[count, height, width], &self.pixels),
            _ => sums::of_bytes(&[count, height, width, channels], &self.pixels),
        };
        *self.sums.get_or_init(|| [images(), sums::of_labels(&self.labels)])
    }

    /// The size of each.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The bytes of picture `index`: row by row, channels last.
    pub fn image(&self, index: usize) -> &[u8] {
        let bytes = self.shape.bytes();
        &self.pixels[index * bytes..(index + 1) * bytes]
    }

    /// The class of picture `index`.
    pub fn label(&self, index: usize) -> usize {
        self.labels[index].into()
    }

    /// The file of picture `index`, if it has one of its own.
    pub fn file(&self, index: usize) -> Option<&Path> {
        self.files.get(index).map(PathBuf::as_path)
    }

    /// All bytes, picture after picture.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All labels.
    pub fn labels(&self) -> &[u16] {
        &self.labels
    }

    /// Keeps the first `n` pictures.
    pub fn truncate(&mut self, n: usize) {
        if n < self.len() {
            self.labels.truncate(n);
            self.pixels.truncate(n * self.shape.bytes());
            self.files.truncate(n);
            self.sums = OnceLock::new();
        }
    }
}

/// A training and a test set of one shape, with the names of their classes and their origin.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Pictures to learn from.
    pub train: Images,
    /// Pictures to test with.
    pub test: Images,
    /// What the labels mean.
    pub classes: Classes,
    /// Where they come from.
    pub origin: Origin,
    /// What the user should know about how they were read: a sentence each.
    pub notes: Vec<String>,
}

impl Dataset {
    /// With nothing to note.
    pub fn new(train: Images, test: Images, classes: Classes, origin: Origin) -> Self {
        Self { train, test, classes, origin, notes: Vec::new() }
    }

    /// The size of every picture.
    pub fn shape(&self) -> Shape {
        self.train.shape()
    }

    /// One of the two sets.
    pub fn split(&self, split: Split) -> &Images {
        match split {
            Split::Train => &self.train,
            Split::Test => &self.test,
        }
    }

    /// What tells these pictures from any others: the SHA-256, in hexadecimal, of the four
    /// SHA-256 of training images, training labels, test images and test labels, each as an
    /// unpacked IDX file. It depends on sizes, pixels and labels, and on nothing else.
    pub fn fingerprint(&self) -> String {
        sums::hex(&Sha256::digest(self.sums().as_flattened()).into())
    }

    /// The sums of both sets, training set first, found side by side.
    pub(super) fn sums(&self) -> [Sum; 4] {
        let ([a, b], [c, d]) = rayon::join(|| self.train.sums(), || self.test.sums());
        [a, b, c, d]
    }

    /// Keeps the first `limit` training pictures, and as many test pictures as [`test_count`] says.
    pub(super) fn limit(&mut self, limit: Option<usize>) {
        if let Some(limit) = limit {
            self.train.truncate(limit);
            self.test.truncate(test_count(limit, self.classes.len()));
        }
    }
}

/// How many pictures to test with when only so many training pictures are wanted: a sixth of them,
/// and at least as many as there are classes.
pub(super) fn test_count(limit: usize, classes: usize) -> usize {
    (limit / 6).max(classes)
}
