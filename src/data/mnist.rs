//! The real MNIST: four IDX files, checked here and then read by the `mnist` crate.
//!
//! That crate panics on anything odd, and reads only uncompressed files. So everything it asserts
//! is checked first, and what it is given is what was checked: decompressed copies in files without
//! a name, which are gone with this process however it ends.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::thread;

use flate2::read::MultiGzDecoder;
use mnist::MnistBuilder;

use super::{CLASSES, Dataset, Digits, PIXELS, SIDE, Source, TEST_COUNT, TRAIN_COUNT};

/// How every gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The largest file decompressed, with its header.
const LARGEST: u64 = (TRAIN_COUNT * PIXELS + 16) as u64;

/// One of the four files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdxFile {
    /// Its name, uncompressed.
    pub name: &'static str,
    kind: Kind,
    count: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Images,
    Labels,
}

/// The four files of MNIST.
pub const FILES: [IdxFile; 4] = [
    IdxFile { name: "train-images-idx3-ubyte", kind: Kind::Images, count: TRAIN_COUNT },
    IdxFile { name: "train-labels-idx1-ubyte", kind: Kind::Labels, count: TRAIN_COUNT },
    IdxFile { name: "t10k-images-idx3-ubyte", kind: Kind::Images, count: TEST_COUNT },
    IdxFile { name: "t10k-labels-idx1-ubyte", kind: Kind::Labels, count: TEST_COUNT },
];

/// Where a process finds its own open files by their number.
const OPEN_FILES: &str = "/dev/fd";

/// What is wrong with a folder that should hold MNIST.
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
    /// A file could not be read, or decompressed.
    #[error("cannot read {path}: {reason}; make it readable, or download it again")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// A file's content is not what MNIST has there.
    #[error("{path} {problem}; download it again")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Two files that belong together have different lengths.
    #[error(
        "{images} has {image_count} images and {labels} has {label_count} labels; they must be equally many"
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
    /// The checked files could not be laid out for the reader.
    #[error("cannot write MNIST to a temporary folder: {0}; set TMPDIR to one with 60 MB free")]
    Temporary(#[from] io::Error),
}

/// Whether all four files are in `folder`, plain or compressed.
pub fn present(folder: &Path) -> bool {
    FILES.iter().all(|file| find(folder, *file).is_ok())
}

/// Reads MNIST from `folder`.
///
/// # Errors
/// One sentence that names the file and what is wrong with it.
pub fn load(folder: &Path) -> Result<Dataset, MnistError> {
    if !folder.is_dir() {
        return Err(MnistError::NoFolder(folder.to_owned()));
    }
    let paths = FILES.map(|file| find(folder, file));
    let [a, b, c, d] = paths;
    let paths = [a?, b?, c?, d?];
    let contents = read_all(&paths);
    let [a, b, c, d] = contents;
    let contents = [a?, b?, c?, d?];
    let counts: Vec<usize> = FILES
        .iter()
        .zip(&paths)
        .zip(&contents)
        .map(|((file, path), bytes)| check(*file, bytes).map_err(|p| content(path, p)))
        .collect::<Result<_, _>>()?;
    for pair in [0, 2] {
        if counts[pair] != counts[pair + 1] {
            return Err(MnistError::Disagree {
                images: paths[pair].clone(),
                image_count: counts[pair],
                labels: paths[pair + 1].clone(),
                label_count: counts[pair + 1],
            });
        }
    }
    for ((file, path), &count) in FILES.iter().zip(&paths).zip(&counts) {
        if count != file.count {
            let expected = file.count;
            return Err(content(path, format!("has {count} entries, and MNIST has {expected}")));
        }
    }
    let [a, b, c, d] = contents.map(nameless);
    let files = [a?, b?, c?, d?];
    let names = files.each_ref().map(|file| file.as_raw_fd().to_string());
    for name in &names {
        File::open(Path::new(OPEN_FILES).join(name))?;
    }
    let digits = MnistBuilder::new()
        .base_path(OPEN_FILES)
        .training_images_filename(&names[0])
        .training_labels_filename(&names[1])
        .test_images_filename(&names[2])
        .test_labels_filename(&names[3])
        .label_format_digit()
        .finalize();
    Ok(Dataset {
        train: Digits::new(digits.trn_img, digits.trn_lbl),
        test: Digits::new(digits.tst_img, digits.tst_lbl),
        source: Source::Mnist { folder: folder.to_owned() },
    })
}

/// A file without a name that holds these bytes.
fn nameless(bytes: Vec<u8>) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(&bytes)?;
    file.rewind()?;
    Ok(file)
}

fn content(path: &Path, problem: String) -> MnistError {
    MnistError::Content { path: path.to_owned(), problem }
}

/// The file under its own name, compressed, or with the dot that some copies have.
fn find(folder: &Path, file: IdxFile) -> Result<PathBuf, MnistError> {
    let name = file.name;
    let dotted = name.replacen("-idx", ".idx", 1);
    [name.to_owned(), format!("{name}.gz"), dotted.clone(), format!("{dotted}.gz")]
        .into_iter()
        .map(|candidate| folder.join(candidate))
        // Some archives unpack to a folder of the file's name beside the file.
        .find(|path| path.is_file())
        .ok_or_else(|| MnistError::Missing { folder: folder.to_owned(), name })
}

/// The four files' bytes, decompressed side by side.
fn read_all(paths: &[PathBuf; 4]) -> [Result<Vec<u8>, MnistError>; 4] {
    let read = |path: &PathBuf| {
        read_file(path).map_err(|error| MnistError::Unreadable {
            path: path.clone(),
            reason: match error.kind() {
                io::ErrorKind::UnexpectedEof => "it is cut short".to_owned(),
                _ => error.to_string(),
            },
        })
    };
    thread::scope(|scope| {
        paths
            .each_ref()
            .map(|path| scope.spawn(move || read(path)))
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut bytes = Vec::new();
    // One byte more than the largest file, so that a longer one shows.
    if path.extension().is_some_and(|e| e == "gz") {
        // Asked first: of a short text the decoder says only that it ends too early.
        let start = file.fill_buf()?;
        if !GZIP.starts_with(&start[..start.len().min(GZIP.len())]) {
            let kind = io::ErrorKind::InvalidData;
            return Err(io::Error::new(kind, "it is no gzip file, whatever its name says"));
        }
        MultiGzDecoder::new(file).take(LARGEST + 1).read_to_end(&mut bytes)?;
    } else {
        file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Checks one file's content and returns how many images or labels it has.
fn check(file: IdxFile, bytes: &[u8]) -> Result<usize, String> {
    let word = |at: usize| -> Result<u32, String> {
        let bytes = bytes.get(4 * at..4 * at + 4).and_then(|b| b.try_into().ok());
        bytes.map(u32::from_be_bytes).ok_or_else(|| "ends within its header".to_owned())
    };
    let (magic, header, size) = match file.kind {
        Kind::Images => (0x0803, 16, PIXELS),
        Kind::Labels => (0x0801, 8, 1),
    };
    let found = word(0)?;
    if found != magic {
        return Err(format!("begins with the magic number {found:#06x} and not {magic:#06x}"));
    }
    let count = word(1)? as usize;
    if file.kind == Kind::Images && (word(2)?, word(3)?) != (SIDE as u32, SIDE as u32) {
        return Err(format!("has images of {} x {} pixels and not 28 x 28", word(2)?, word(3)?));
    }
    // Before the size: not all of such a file was read.
    if count > TRAIN_COUNT {
        return Err(format!("has {count} entries, and MNIST has {}", file.count));
    }
    let body = &bytes[header..];
    if body.len() != count * size {
        let (is, should) = (body.len(), count * size);
        return Err(format!("has {is} bytes after its header where {count} entries need {should}"));
    }
    if file.kind == Kind::Labels
        && let Some(at) = body.iter().position(|&label| usize::from(label) >= CLASSES)
    {
        return Err(format!("has the label {} at entry {at}; labels are 0 to 9", body[at]));
    }
    Ok(count)
}

#[cfg(test)]
#[path = "mnist_tests.rs"]
pub(super) mod tests;
