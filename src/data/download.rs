//! Fetching a set once, into the user's cache folder.
//!
//! A file is fetched into memory, checked there, and only then stored in one piece: an interruption
//! at any moment leaves whole files or none. It is stored as its sum is known, unpacked or packed, so
//! that it can be checked again at every start.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use crate::atomic;

use super::known::{FASHION_MNIST, KMNIST, MNIST, Set};
use super::{Choice, Progress, sums};

/// A file to fetch: `name` + ".gz" at each mirror.
#[derive(Debug, Clone, Copy)]
pub struct RemoteFile {
    /// Its name, uncompressed.
    pub name: &'static str,
    /// Compressed size in bytes.
    pub size: u64,
    /// SHA-256 of the file as it is kept, in hexadecimal.
    pub sha256: &'static str,
}

/// How files are kept: as their sums are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Unpacked: the sum does not depend on how a mirror packs.
    Unpacked,
    /// As they come.
    Packed,
}

impl Kept {
    /// The name that a file is kept under.
    fn name(self, file: &RemoteFile) -> String {
        match self {
            Self::Unpacked => file.name.to_owned(),
            Self::Packed => format!("{}.gz", file.name),
        }
    }
}

/// More than any file unpacks to.
const UNPACKED_LIMIT: u64 = 64 << 20;

/// Files of the names that all sets here share, of these sizes and sums.
const fn files(sizes: [u64; 4], sums: [&'static str; 4]) -> [RemoteFile; 4] {
    let [a, b, c, d] = sizes;
    [
        RemoteFile { name: "train-images-idx3-ubyte", size: a, sha256: sums[0] },
        RemoteFile { name: "train-labels-idx1-ubyte", size: b, sha256: sums[1] },
        RemoteFile { name: "t10k-images-idx3-ubyte", size: c, sha256: sums[2] },
        RemoteFile { name: "t10k-labels-idx1-ubyte", size: d, sha256: sums[3] },
    ]
}

/// Where to fetch what.
#[derive(Debug, Clone, Copy)]
pub struct Mirrors<'a> {
    /// Which set it is.
    pub set: Set,
    /// Base addresses with a slash at the end, tried in order for each file.
    pub bases: &'a [&'a str],
    /// The files.
    pub files: &'a [RemoteFile],
    /// How they are kept.
    pub kept: Kept,
}

impl Mirrors<'static> {
    /// Of MNIST.
    pub const MNIST: Self = Self {
        set: Set::Mnist,
        bases: &[
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ],
        files: &files([9_912_422, 28_881, 1_648_877, 4_542], MNIST),
        kept: Kept::Unpacked,
    };
    /// Of Fashion-MNIST.
    pub const FASHION_MNIST: Self = Self {
        set: Set::FashionMnist,
        bases: &[
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ],
        files: &files([26_421_880, 29_515, 4_422_102, 5_148], FASHION_MNIST),
        kept: Kept::Packed,
    };
    /// Of KMNIST.
    pub const KMNIST: Self = Self {
        set: Set::Kmnist,
        bases: &["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"],
        files: &files([18_165_135, 29_497, 3_041_136, 5_120], KMNIST),
        kept: Kept::Packed,
    };

    /// Of what this choice may need from the network.
    pub fn of(choice: &Choice) -> Self {
        match choice {
            Choice::FashionMnist => Self::FASHION_MNIST,
            Choice::Kmnist => Self::KMNIST,
            Choice::Auto | Choice::Mnist | Choice::Synthetic | Choice::Folder(_) => Self::MNIST,
        }
    }
}

impl Mirrors<'_> {
    /// The name of the set.
    pub fn name(&self) -> &'static str {
        self.set.name().unwrap_or("the set")
    }

    /// The set's folder in the folder where downloaded files are kept.
    pub fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(self.name().to_ascii_lowercase())
    }
}

/// Why a set could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No mirror gave the file.
    #[error("{set} could not be downloaded ({})", problems.join("; "))]
    Mirrors {
        /// The set.
        set: &'static str,
        /// What was wrong with each mirror.
        problems: Vec<String>,
    },
    /// The cache folder takes no files.
    #[error("{set} could not be stored in {folder} ({source})")]
    Store {
        /// The set.
        set: &'static str,
        /// The cache folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was fetched is not there any more.
    #[error("the files in {0} changed while they were read")]
    Changed(PathBuf),
}

impl DownloadError {
    /// In a few words, for a line on screen.
    pub fn reason(&self) -> String {
        match self {
            // The mirrors' names help nobody who only wants to know why.
            Self::Mirrors { problems, .. } => {
                let problem = problems.last().map_or("there is no mirror", String::as_str);
                let cause = problem.split_once(": ").map_or(problem, |(_, cause)| cause);
                format!("the download failed: {cause}")
            }
            Self::Store { .. } | Self::Changed(_) => self.to_string(),
        }
    }
}

/// Fetches each file that `folder` does not have intact from the first mirror that does.
pub fn fetch(
    mirrors: &Mirrors,
    folder: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), DownloadError> {
    let set = mirrors.name();
    let stored = |source| DownloadError::Store { set, folder: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(stored)?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_resolve(Some(Duration::from_secs(5)))
        .timeout_connect(Some(Duration::from_secs(5)))
        .timeout_recv_response(Some(Duration::from_secs(10)))
        .timeout_recv_body(Some(Duration::from_secs(300)))
        .build()
        .into();
    for file in mirrors.files {
        let path = folder.join(mirrors.kept.name(file));
        let there = sums::of_file(&path, UNPACKED_LIMIT);
        if there.is_ok_and(|sum| sums::hex(&sum) == file.sha256) {
            continue;
        }
        let mut problems = Vec::new();
        let bytes = mirrors.bases.iter().find_map(|base| {
            let fetched = fetch_one(&agent, base, mirrors, *file, progress);
            fetched.map_err(|problem| problems.push(format!("{}: {problem}", host(base)))).ok()
        });
        let bytes = bytes.ok_or(DownloadError::Mirrors { set, problems })?;
        atomic::write(&path, &bytes).map_err(stored)?;
    }
    Ok(())
}

/// One file, checked, as it is kept.
fn fetch_one(
    agent: &ureq::Agent,
    base: &str,
    mirrors: &Mirrors,
    file: RemoteFile,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<u8>, String> {
    let (set, total) = (mirrors.name(), file.size);
    let report = |done| progress(Progress::Downloading { set, file: file.name, done, total });
    report(0);
    let response = agent.get(format!("{base}{}.gz", file.name)).call().map_err(cause)?;
    // One byte more than expected, so that a longer file shows.
    let mut body = response.into_body().into_reader().take(file.size + 1);
    let mut packed = Vec::with_capacity(file.size as usize);
    let mut chunk = vec![0; 1 << 16];
    loop {
        match body.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => packed.extend_from_slice(&chunk[..n]),
            Err(error) => return Err(error.to_string()),
        }
        report(packed.len() as u64);
    }
    if packed.len() as u64 != file.size {
        return Err(format!("{}.gz is not {} bytes long", file.name, file.size));
    }
    let bytes = match mirrors.kept {
        Kept::Packed => packed,
        Kept::Unpacked => unpack(&packed)
            .map_err(|error| format!("{}.gz cannot be unpacked: {error}", file.name))?,
    };
    if sha256(&bytes) != file.sha256 {
        return Err(format!("{}.gz has the wrong checksum", file.name));
    }
    Ok(bytes)
}

fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed).take(UNPACKED_LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    sums::hex(&Sha256::digest(bytes).into())
}

const HOST_NOT_FOUND: &str = "host not found";

fn cause(error: ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::HostNotFound => HOST_NOT_FOUND.to_owned(),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            "connection refused".to_owned()
        }
        // The standard library has no kind for it.
        ureq::Error::Io(error) if error.to_string().contains("lookup address") => {
            HOST_NOT_FOUND.to_owned()
        }
        other => other.to_string(),
    }
}

fn host(base: &str) -> &str {
    base.split("//").last().and_then(|rest| rest.split('/').next()).unwrap_or(base)
}

#[cfg(test)]
#[path = "download_tests.rs"]
mod tests;
