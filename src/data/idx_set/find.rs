//! Which four files are meant by a folder, or by a folder and what the names of the files begin with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::IdxSetError;
use super::names::{self, Name};

/// Where below a folder the files may lie: torchvision makes all but the last, which is in NIST's
/// archive of EMNIST.
const BELOW: [&str; 7] =
    ["", "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw", "EMNIST/raw", "QMNIST/raw", "gzip"];

/// The four files of a set.
#[derive(Debug)]
pub struct Found {
    /// Training images and labels, then test images and labels.
    pub paths: [PathBuf; 4],
    /// What their names begin with, in small letters.
    pub prefix: String,
    /// Whether they have the names that MNIST, Fashion-MNIST and KMNIST share.
    pub like_mnist: bool,
    /// The folder that they lie in.
    pub place: PathBuf,
}

/// The files whose names begin alike: for each slot of a set all that could be it.
type Group = [Vec<(Name, PathBuf)>; 4];

/// Finds the files of a set in `path`, or where archives and torchvision keep them below it. Where
/// `path` is no folder, its last part is what the names of the files begin with.
///
/// A set whose names begin with nothing goes before others. `None` is a folder without any file of
/// an IDX set.
///
/// # Errors
/// If there is no such folder, a file is missing, or the choice is not clear.
pub fn find(path: &Path) -> Result<Option<Found>, IdxSetError> {
    let (folder, wanted) = if path.is_dir() { (path, None) } else { parent(path)? };
    let mut problem = None;
    for below in BELOW {
        let place = folder.join(below);
        if !below.is_empty() && !place.is_dir() {
            continue;
        }
        let mut groups = look(&place)?;
        if let Some(wanted) = &wanted {
            groups.retain(|prefix, _| prefix == wanted);
        }
        match choose(groups, path, place) {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => {}
            Err(error @ IdxSetError::Missing { .. }) => problem = problem.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    match (problem, wanted) {
        (Some(problem), _) => Err(problem),
        (None, Some(_)) => Err(IdxSetError::NoFolder(path.to_owned())),
        (None, None) => Ok(None),
    }
}

/// Whether a whole set is in this folder.
pub fn present(folder: &Path) -> bool {
    matches!(find(folder), Ok(Some(_)))
}

/// The folder that the names begin in, and how they begin.
fn parent(path: &Path) -> Result<(&Path, Option<String>), IdxSetError> {
    let none = || IdxSetError::NoFolder(path.to_owned());
    let prefix = path.file_name().and_then(|name| name.to_str()).ok_or_else(none)?;
    let folder = path
        .parent()
        .map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let folder = folder.filter(|folder| folder.is_dir()).ok_or_else(none)?;
    Ok((folder, Some(prefix.to_ascii_lowercase())))
}

/// All files of IDX sets in this very folder, by what their names begin with.
fn look(place: &Path) -> Result<BTreeMap<String, Group>, IdxSetError> {
    let failed = IdxSetError::unreadable(place);
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for entry in fs::read_dir(place).map_err(&failed)? {
        let file = entry.map_err(&failed)?.file_name();
        let Some(name) = file.to_str().and_then(names::parse) else { continue };
        let path = place.join(&file);
        // Some archives unpack to a folder of the file's name beside the file.
        if fs::metadata(&path).is_ok_and(|found| !found.is_dir()) {
            let group = groups.entry(name.prefix.clone()).or_default();
            group[name.slot].push((name, path));
        }
    }
    Ok(groups)
}

/// The one set among these; `folder` is what the user named.
fn choose(
    mut groups: BTreeMap<String, Group>,
    folder: &Path,
    place: PathBuf,
) -> Result<Option<Found>, IdxSetError> {
    let filled = |group: &Group| group.iter().filter(|files| !files.is_empty()).count();
    let most = groups.values().map(filled).max().unwrap_or_default();
    // Files of a set that is not whole say nothing where another is.
    groups.retain(|_, group| filled(group) == most);
    if most == names::SLOTS.len() && groups.len() > 1 && !groups.contains_key("") {
        let names = groups.into_keys().collect();
        return Err(IdxSetError::Several { folder: folder.to_owned(), names });
    }
    let Some((prefix, group)) = groups.pop_first() else { return Ok(None) };
    if let Some(slot) = group.iter().position(Vec::is_empty) {
        let name = names::example(&prefix, slot);
        return Err(IdxSetError::Missing { folder: folder.to_owned(), name });
    }
    let mut like_mnist = prefix.is_empty();
    let mut take = |files: Vec<(Name, PathBuf)>| {
        let (name, path) = single(files)?;
        like_mnist &= name.spelling.is_some() && (name.slot < 2 || name.is_t10k);
        Ok(path)
    };
    let [a, b, c, d] = group;
    let paths = [take(a)?, take(b)?, take(c)?, take(d)?];
    Ok(Some(Found { paths, prefix, like_mnist, place }))
}

/// The one file among those for one slot: the best spelt, or the only one.
fn single(mut files: Vec<(Name, PathBuf)>) -> Result<(Name, PathBuf), IdxSetError> {
    files.sort_by(|(a, at), (b, bt)| {
        let key = |name: &Name| (name.spelling.is_none(), name.spelling.clone());
        (key(a), at).cmp(&(key(b), bt))
    });
    let mut files = files.into_iter();
    match (files.next(), files.next()) {
        (Some((first, path)), Some((_, second))) if first.spelling.is_none() => {
            let what = names::said(first.slot);
            Err(IdxSetError::Ambiguous { first: path, second, what })
        }
        (Some(file), _) => Ok(file),
        // Only slots with files come here.
        (None, _) => Err(IdxSetError::NoFolder(PathBuf::new())),
    }
}
