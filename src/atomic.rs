//! Files that are written whole or not at all.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

/// Temporary files are named `.gradcam-XXXXXXXX.tmp`: this prefix, this many random letters and
/// digits, this suffix.
const PREFIX: &str = ".gradcam-";
const RANDOM: usize = 8;
const SUFFIX: &str = ".tmp";
/// Older temporary files were left by a killed process.
const FORGOTTEN: Duration = Duration::from_secs(3600);
/// As many links to links as Linux follows.
const MOST_LINKS: usize = 40;

/// Writes a file beside `path` and renames it into place: whoever looks there, even after a crash,
/// finds what was there before or all of `bytes`. A symbolic link stays one; what it leads to is
/// replaced, and the new file has the mode of the old one.
///
/// # Errors
/// If the file cannot be written, or something that is no ordinary file is in its place.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (file, target) = filled(path, bytes)?;
    if let Ok(old) = fs::metadata(&target) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|e| e.error)?;
    sync_folder(&target);
    Ok(())
}

/// Writes a file that is not there yet. Two programs that choose one name do not get the same file.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if there is one, even a dangling link; else as [`write()`].
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let (file, target) = filled(path, bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(&target).map_err(|e| e.error)?;
    sync_folder(&target);
    Ok(())
}

/// Makes the renaming itself last through a power cut. Not every file system can do that for a
/// folder; the file is whole in any case.
fn sync_folder(target: &Path) {
    let _ = fs::File::open(folder(target)).and_then(|folder| folder.sync_all());
}

/// Whether [`write()`] can write to `path`; what is there stays untouched.
///
/// # Errors
/// Those that [`write()`] would have.
pub fn check(path: &Path) -> io::Result<()> {
    beside(path).map(drop)
}

/// Removes the temporary files that killed programs have left beside the file that `path` leads to,
/// as far as it can.
pub fn remove_leftovers(path: &Path) {
    let Ok(target) = target(path) else { return };
    let forgotten = |entry: &fs::DirEntry| {
        // Of the link itself, if it is one: we make none.
        let file = entry.metadata().ok().filter(fs::Metadata::is_file);
        let age = file.and_then(|file| file.modified().ok()?.elapsed().ok());
        is_temporary(&entry.file_name()) && age.is_some_and(|age| age > FORGOTTEN)
    };
    for entry in fs::read_dir(folder(&target)).into_iter().flatten().flatten().filter(forgotten) {
        let _ = fs::remove_file(entry.path());
    }
}

/// Whether a file's name is one that [`beside`] gives.
fn is_temporary(name: &OsStr) -> bool {
    let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    random.is_some_and(|r| r.len() == RANDOM && r.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The folder of a file.
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A temporary file of these bytes beside the one that `path` leads to, and where that one is.
fn filled(path: &Path, bytes: &[u8]) -> io::Result<(NamedTempFile, PathBuf)> {
    let (mut file, target) = beside(path)?;
    // Past the wrapper, whose errors name the temporary file, which nobody knows.
    file.as_file_mut().write_all(bytes)?;
    Ok((file, target))
}

/// An empty file beside the one that `path` leads to, and where that one is.
fn beside(path: &Path) -> io::Result<(NamedTempFile, PathBuf)> {
    let target = target(path)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM).suffix(SUFFIX);
    // Temporary files are their owner's alone; this one becomes an ordinary file, as the umask has
    // it.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The error's own text names the temporary file, which nobody knows.
    let file = builder.tempfile_in(folder(&target)).map_err(|e| io::Error::from(e.kind()))?;
    Ok((file, target))
}

/// Where `path` leads: to an ordinary file, or to where there is none yet.
///
/// # Errors
/// If something that is no ordinary file is there, or links go round in a circle.
pub fn target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => path = folder(&path).join(fs::read_link(&path)?),
            Ok(found) if found.is_file() => return Ok(path),
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(_) => return Err(io::Error::other("it is a device, a pipe or a socket")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(error.kind().into()),
        }
    }
    Err(io::Error::other("it is a symbolic link that goes round in a circle"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;
    use std::time::SystemTime;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_whole_with_the_mode_of_an_ordinary_one() {
        let place = tempfile::tempdir().unwrap();
        let [ours, plain] = ["a", "b"].map(|name| place.path().join(name));
        fs::write(&ours, "an older and longer file").unwrap();
        fs::write(&plain, "").unwrap();
        write(&ours, b"new").unwrap();
        assert_eq!(fs::read(&ours).unwrap(), b"new");
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(ours), mode(plain));
        assert_eq!(names(place.path()), ["a", "b"], "nothing is left behind");
    }

    #[test]
    fn what_was_left_long_ago_is_removed_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, age: u64| {
            let file = fs::File::create(place.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        let day = 24 * 3600;
        let kept = [
            ("gradcam-7.png", day),
            (".gradcam-backup", day),
            (".gradcam-backup01", day),
            (".gradcam-notes.tmp", day),
            (".gradcam-my-notes.tmp", day),
            (".gradcam-A1b2C3d5.tmp", 60),
        ];
        for (name, age) in kept.into_iter().chain([(".gradcam-A1b2C3d4.tmp", day)]) {
            write(name, age);
        }
        fs::create_dir(place.path().join(".gradcam-abcd1234.tmp")).unwrap();
        remove_leftovers(&place.path().join("model"));
        let mut expected = kept.map(|(name, _)| name).to_vec();
        expected.push(".gradcam-abcd1234.tmp");
        expected.sort_unstable();
        assert_eq!(names(place.path()), expected);
        remove_leftovers(Path::new("/no/such/folder/model"));
    }

    #[test]
    fn a_temporary_file_is_recognised_by_its_name() {
        let place = tempfile::tempdir().unwrap();
        let (file, _) = beside(&place.path().join("model")).unwrap();
        assert!(is_temporary(file.path().file_name().unwrap()), "{file:?}");
    }

    #[test]
    fn a_private_file_stays_private() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("model");
        for mode in [0o600, 0o640, 0o444] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            write(&path, b"new").unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn a_new_file_takes_the_place_of_none() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        write_new(&path("a"), b"first").unwrap();
        symlink("nowhere", path("link")).unwrap();
        for name in ["a", "link"] {
            let error = write_new(&path(name), b"second").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{name}");
        }
        assert_eq!(fs::read(path("a")).unwrap(), b"first");
        assert_eq!(names(place.path()), ["a", "link"]);
    }

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        fs::create_dir(path("deep")).unwrap();
        fs::write(path("deep/old"), "old").unwrap();
        symlink("old", path("deep/link")).unwrap();
        symlink("deep/link", path("to-old")).unwrap();
        symlink(path("deep/new"), path("to-new")).unwrap();
        for (link, file) in [("to-old", "deep/old"), ("to-new", "deep/new")] {
            write(&path(link), link.as_bytes()).unwrap();
            assert!(path(link).is_symlink(), "{link}");
            assert!(!path(file).is_symlink(), "{file}");
            assert_eq!(fs::read(path(file)).unwrap(), link.as_bytes());
        }
        assert_eq!(names(&path("deep")), ["link", "new", "old"]);
    }

    #[test]
    fn what_is_no_ordinary_file_is_refused_and_left() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        fs::create_dir(path("folder")).unwrap();
        symlink("round", path("round")).unwrap();
        symlink("pipe", path("to-pipe")).unwrap();
        let before = names(place.path());
        for (name, says) in [
            ("pipe", "a pipe"),
            ("to-pipe", "a pipe"),
            ("folder", "directory"),
            ("round", "symbolic link"),
            ("missing/file", "not found"),
        ] {
            for error in [check(&path(name)).unwrap_err(), write(&path(name), b"x").unwrap_err()] {
                assert!(error.to_string().contains(says), "{name}: {error}");
            }
        }
        assert_eq!(names(place.path()), before);
        assert!(!fs::metadata(path("pipe")).unwrap().is_file());
    }
}
