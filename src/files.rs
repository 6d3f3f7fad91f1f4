//! Files of others: ordinary ones are opened, and their kind is told by how they begin.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

/// Opens an ordinary file for reading and tells its size in bytes. What lies there is looked at
/// first: opening a pipe would wait for a writer, and reading a device may never end.
///
/// # Errors
/// If it cannot be opened, or is a folder, a pipe, a socket or a device.
pub fn open(path: &Path) -> io::Result<(File, u64)> {
    ordinary(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    // It may have been replaced in between.
    let found = file.metadata()?;
    ordinary(&found)?;
    Ok((file, found.len()))
}

fn ordinary(found: &Metadata) -> io::Result<()> {
    if found.is_file() {
        Ok(())
    } else if found.is_dir() {
        Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"))
    } else {
        Err(io::Error::other("it is a pipe, a socket or a device and no ordinary file"))
    }
}

/// How every gzip file begins.
pub const GZIP: &[u8] = &[0x1f, 0x8b];

/// As much of a file's beginning as [`kind`] looks at.
pub const HEAD: usize = 1024;

/// What a file is, by its first bytes (at most [`HEAD`]), where it is of a kind that is often found
/// in the place of another: "a zip archive".
pub fn kind(head: &[u8]) -> Option<&'static str> {
    let has = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
    let begins = |text: &[u8]| {
        let head = head.trim_ascii_start();
        head.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text))
    };
    Some(match head {
        // torch.save writes a zip archive whose first member is the pickle; before version 1.6 it
        // wrote the pickle itself, of protocol 2 or later.
        [b'P', b'K', 3, 4, ..] if has(b"data.pkl") => "a PyTorch file",
        [0x80, 2..=5, ..] => "a PyTorch file, or another pickle",
        [b'P', b'K', 3, 4, ..] if has(b".npy") => "a NumPy archive",
        [b'P', b'K', 3, 4, ..] if has(b"metadata.json") || has(b"config.json") => "a Keras file",
        [b'P', b'K', 3 | 5, 4 | 6, ..] => "a zip archive",
        [0x89, b'H', b'D', b'F', ..] => "an HDF5 file",
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => "a NumPy array",
        [b'G', b'G', b'U', b'F', ..] => "a GGUF file",
        [0x1f, 0x8b, ..] => "a gzip file",
        [b'B', b'Z', b'h', ..] => "a bzip2 file",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "an xz file",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "a zstd file",
        [0x89, b'P', b'N', b'G', ..] => "a PNG picture",
        [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm', b'e' | b'i', ..] => "a HEIC picture",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', ..] => "an AVIF picture",
        _ if head.get(257..262) == Some(b"ustar") => "a tar archive",
        _ if head.starts_with(b"version https://git-lfs") => "a Git LFS pointer",
        _ if begins(b"<!doctype html") || begins(b"<html") => "an HTML page",
        // Its first field, the version of the format, and then the producer's name or the graph.
        [0x08, 1..=20, 0x12 | 0x1a | 0x3a, ..] => "an ONNX file",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_how_they_begin() {
        let mut tar = vec![b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, said) in [
            (&b"PK\x03\x04\0\0\0\0archive/data.pkl"[..], Some("a PyTorch file")),
            (b"\x80\x02\x8a\x0a", Some("a PyTorch file, or another pickle")),
            (b"PK\x03\x04rest", Some("a zip archive")),
            (b"\x89HDF\r\n\x1a\n", Some("an HDF5 file")),
            (b"\x1f\x8b\x08", Some("a gzip file")),
            (b"\n <HTML><body>", Some("an HTML page")),
            (b"<!DOCTYPE html>", Some("an HTML page")),
            (b"\x08\x07\x12\x07pytorch", Some("an ONNX file")),
            (&tar, Some("a tar archive")),
            (b"\0\0\x08\x03", None),
            (b"", None),
            (b"no", None),
        ] {
            assert_eq!(kind(head), said, "{head:?}");
        }
    }

    #[test]
    fn only_ordinary_files_are_opened_and_nothing_waits() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let refused = |path: &Path| open(path).unwrap_err().to_string();
        assert!(refused(&pipe).contains("a pipe"));
        assert!(refused(Path::new("/dev/zero")).contains("a device"));
        assert!(refused(place.path()).contains("a folder"));
        assert_eq!(open(&place.path().join("no")).unwrap_err().kind(), io::ErrorKind::NotFound);
        let file = place.path().join("file");
        fs::write(&file, "abc").unwrap();
        std::os::unix::fs::symlink(&file, place.path().join("link")).unwrap();
        assert_eq!(open(&place.path().join("link")).unwrap().1, 3);
    }
}
