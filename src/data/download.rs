//! Fetching MNIST once, into the user's cache folder.
//!
//! A file is fetched into memory, checked and unpacked there, and only then stored in one piece: an
//! interruption at any moment leaves whole files or none.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use crate::atomic;

use super::known::MNIST;
use super::{Progress, idx};

/// A file to fetch: `name` + ".gz" at each mirror.
#[derive(Debug, Clone, Copy)]
pub struct RemoteFile {
    /// Its name, uncompressed.
    pub name: &'static str,
    /// Compressed size in bytes.
    pub size: u64,
    /// SHA-256 of the unpacked file, in hexadecimal: it does not depend on how a mirror packs.
    pub sha256: &'static str,
}

/// More than any file unpacks to.
const UNPACKED_LIMIT: u64 = 64 << 20;

const FILES: &[RemoteFile] = &[
    RemoteFile { name: "train-images-idx3-ubyte", size: 9_912_422, sha256: MNIST[0] },
    RemoteFile { name: "train-labels-idx1-ubyte", size: 28_881, sha256: MNIST[1] },
    RemoteFile { name: "t10k-images-idx3-ubyte", size: 1_648_877, sha256: MNIST[2] },
    RemoteFile { name: "t10k-labels-idx1-ubyte", size: 4_542, sha256: MNIST[3] },
];

/// Where to fetch what.
#[derive(Debug, Clone)]
pub struct Mirrors<'a> {
    /// Base addresses with a slash at the end, tried in order for each file.
    pub bases: &'a [&'a str],
    /// The files.
    pub files: &'a [RemoteFile],
}

impl Default for Mirrors<'static> {
    fn default() -> Self {
        Self {
            bases: &[
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
            ],
            files: FILES,
        }
    }
}

/// Why MNIST could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No mirror gave the file.
    #[error("MNIST could not be downloaded ({})", .0.join("; "))]
    Mirrors(Vec<String>),
    /// The cache folder takes no files.
    #[error("MNIST could not be stored in {folder} ({source})")]
    Store {
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
            Self::Mirrors(problems) => {
                let problem = problems.last().map_or("there is no mirror", String::as_str);
                let cause = problem.split_once(": ").map_or(problem, |(_, cause)| cause);
                format!("the download failed: {cause}")
            }
            Self::Store { .. } | Self::Changed(_) => self.to_string(),
        }
    }
}

/// Fetches each file that `cache` does not have intact from the first mirror that does.
pub fn fetch(
    mirrors: &Mirrors,
    cache: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), DownloadError> {
    let stored = |source| DownloadError::Store { folder: cache.to_owned(), source };
    fs::create_dir_all(cache).map_err(stored)?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_resolve(Some(Duration::from_secs(5)))
        .timeout_connect(Some(Duration::from_secs(5)))
        .timeout_recv_response(Some(Duration::from_secs(10)))
        .timeout_recv_body(Some(Duration::from_secs(300)))
        .build()
        .into();
    for file in mirrors.files {
        let there = idx::file_sum(&cache.join(file.name), UNPACKED_LIMIT);
        if there.is_ok_and(|sum| idx::hex(&sum) == file.sha256) {
            continue;
        }
        let mut problems = Vec::new();
        let bytes = mirrors.bases.iter().find_map(|base| {
            let fetched = fetch_one(&agent, base, *file, progress);
            fetched.map_err(|problem| problems.push(format!("{}: {problem}", host(base)))).ok()
        });
        let bytes = bytes.ok_or(DownloadError::Mirrors(problems))?;
        atomic::write(&cache.join(file.name), &bytes).map_err(stored)?;
    }
    Ok(())
}

/// One file, checked and unpacked.
fn fetch_one(
    agent: &ureq::Agent,
    base: &str,
    file: RemoteFile,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<u8>, String> {
    let report = |done| {
        progress(Progress::Downloading { file: file.name, done, total: file.size });
    };
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
    let mut bytes = Vec::new();
    let unpacked = GzDecoder::new(&packed[..]).take(UNPACKED_LIMIT).read_to_end(&mut bytes);
    unpacked.map_err(|error| format!("{}.gz cannot be unpacked: {error}", file.name))?;
    if sha256(&bytes) != file.sha256 {
        return Err(format!("{}.gz has the wrong checksum", file.name));
    }
    Ok(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    idx::hex(&Sha256::digest(bytes).into())
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
