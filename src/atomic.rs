//! Files that are written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

/// How the names of files begin that are not in their place yet.
const UNFINISHED: &str = ".gradcam-";
/// Nobody takes so long to write one.
const FORGOTTEN: Duration = Duration::from_secs(3600);
/// As many links to links as Linux follows.
const MOST_LINKS: usize = 40;

/// Writes a file beside `path` and renames it into place: whoever looks there, even after a crash,
/// finds what was there before or all of `bytes`. A symbolic link stays one; what it leads to is
/// replaced.
///
/// # Errors
/// If the file cannot be written, or something that is no ordinary file is in its place.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (mut file, target) = beside(path)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|e| e.error)?;
    Ok(())
}

/// Whether [`write()`] can write to `path`; what is there stays untouched.
///
/// # Errors
/// Those that [`write()`] would have.
pub fn check(path: &Path) -> io::Result<()> {
    beside(path).map(drop)
}

/// Removes what programs that were killed while they wrote have left beside the file that `path`
/// leads to, as far as it can.
pub fn tidy(path: &Path) {
    let Ok(target) = target(path) else { return };
    let forgotten = |entry: &fs::DirEntry| {
        let named = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        named && age().is_some_and(|age| age > FORGOTTEN)
    };
    for entry in fs::read_dir(folder(&target)).into_iter().flatten().flatten().filter(forgotten) {
        let _ = fs::remove_file(entry.path());
    }
}

/// The folder of a file.
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// An empty file beside the one that `path` leads to, and where that one is.
fn beside(path: &Path) -> io::Result<(NamedTempFile, PathBuf)> {
    let target = target(path)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    // Temporary files are their owner's alone; this one becomes an ordinary file, as the umask has
    // it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The error's own text names the temporary file, which nobody knows.
    let file = builder.tempfile_in(folder(&target)).map_err(|e| io::Error::from(e.kind()))?;
    Ok((file, target))
}

/// Where `path` leads: to an ordinary file, or to where there is none yet.
///
/// # Errors
/// If it leads to anything else, or nowhere.
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

#[cfg(all(test, unix))]
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
        for (name, age) in [(".gradcam-old", day), (".gradcam-new", 60), ("gradcam-7.png", day)] {
            write(name, age);
        }
        fs::create_dir(place.path().join(".gradcam-folder")).unwrap();
        tidy(&place.path().join("model"));
        assert_eq!(names(place.path()), [".gradcam-folder", ".gradcam-new", "gradcam-7.png"]);
        tidy(Path::new("/no/such/folder/model"));
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
