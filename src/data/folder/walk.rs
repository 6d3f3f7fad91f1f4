//! Which files are pictures, and what lies below a folder, links followed and never in a circle.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use image::ImageFormat;

use super::error::FolderError;
use crate::files;

/// How the names of pictures end, also of kinds that are not read: those must not be passed over
/// as if they were not there.
const ENDINGS: [&str; 20] = [
    "avif", "bmp", "dib", "gif", "heic", "heif", "jfif", "jpe", "jpeg", "jpg", "jp2", "jxl", "pbm",
    "pgm", "png", "pnm", "ppm", "tif", "tiff", "webp",
];
/// The formats that are told by how a file begins. BMP is not among them: any text may begin "BM".
const TOLD: [ImageFormat; 5] =
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Tiff];
/// As much of a file as tells its format.
const HEAD: u64 = 16;
/// Folders in which systems keep what is not the user's: small copies, and parts of archives.
const OF_SYSTEMS: [&str; 2] = ["@eaDir", "__MACOSX"];
/// How deep a picture lies in a folder that looks like a set: train/CLASS/part/picture.
const DEPTH: usize = 3;

/// What a name in a folder stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A link to a folder.
    Link,
    /// A file with a picture's ending, or that begins as a picture.
    Picture,
    /// Any other file.
    Other,
    /// What cannot be looked at, and why.
    Dead(String),
}

/// What is in a folder, by name. Hidden files, and those of systems, are passed over.
pub fn entries(folder: &Path) -> Result<Vec<(OsString, Kind)>, FolderError> {
    let failed = FolderError::unreadable(folder);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        let name = entry.file_name();
        if !is_passed_over(&name) {
            let kind = kind(&entry).unwrap_or_else(|error| Kind::Dead(error.kind().to_string()));
            entries.push((name, kind));
        }
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(entries)
}

fn is_passed_over(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") || OF_SYSTEMS.iter().any(|system| name == *system)
}

fn kind(entry: &DirEntry) -> io::Result<Kind> {
    let path = entry.path();
    let is = entry.file_type()?;
    if is.is_dir() {
        return Ok(Kind::Folder);
    }
    if is.is_symlink() && path.is_dir() {
        return Ok(Kind::Link);
    }
    if has_picture_ending(&path) {
        return Ok(Kind::Picture);
    }
    // A link that leads nowhere has no metadata.
    fs::metadata(&path)?;
    Ok(if begins_as_picture(&path) { Kind::Picture } else { Kind::Other })
}

fn has_picture_ending(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

fn begins_as_picture(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = files::open(path).and_then(|(file, _)| file.take(HEAD).read_to_end(&mut head));
    read.is_ok() && image::guess_format(&head).is_ok_and(|format| TOLD.contains(&format))
}

/// The pictures below a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Below {
    /// Their paths within the folder, sorted.
    pub pictures: Vec<PathBuf>,
    /// How many other files there are.
    pub others: usize,
    /// What is left out, and why.
    pub left_out: Vec<(PathBuf, String)>,
}

/// Finds the pictures below a folder. Each folder is read once, however many links lead to it; a
/// link that leads back to a folder that is read already is left out.
pub fn below(top: &Path) -> Result<Below, FolderError> {
    let mut below = Below::default();
    let real = top.canonicalize().map_err(FolderError::unreadable(top))?;
    // A link to what the folder lies in would lead back to it, too.
    let mut read: HashSet<PathBuf> = real.ancestors().skip(1).map(Path::to_owned).collect();
    let (mut folders, mut links) = (vec![(PathBuf::new(), real)], Vec::new());
    // Links come last, so that what lies here is found under its own name.
    while let Some((place, real)) = folders.pop().or_else(|| links.pop()) {
        if !read.insert(real.clone()) {
            let why = "it leads back to a folder that is read already";
            below.left_out.push((place, why.to_owned()));
            continue;
        }
        for (name, kind) in entries(&top.join(&place))? {
            let path = place.join(&name);
            match kind {
                Kind::Folder => folders.push((path, real.join(name))),
                Kind::Link => match top.join(&path).canonicalize() {
                    Ok(real) => links.push((path, real)),
                    Err(error) => below.left_out.push((path, error.kind().to_string())),
                },
                Kind::Picture => below.pictures.push(path),
                Kind::Other => below.others += 1,
                Kind::Dead(why) => below.left_out.push((path, why)),
            }
        }
    }
    below.pictures.sort();
    Ok(below)
}

/// Whether there is a picture in this folder, or not far below it. Fast where there is one.
pub fn looks_like_one(folder: &Path) -> bool {
    has_picture(folder, DEPTH)
}

fn has_picture(folder: &Path, depth: usize) -> bool {
    let Ok(entries) = entries(folder) else { return false };
    let is_folder = |kind: &Kind| matches!(kind, Kind::Folder | Kind::Link);
    entries.iter().any(|(_, kind)| *kind == Kind::Picture)
        || depth > 0
            && entries
                .iter()
                .any(|(name, kind)| is_folder(kind) && has_picture(&folder.join(name), depth - 1))
}
