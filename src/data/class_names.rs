//! Names of classes in a text file beside the pictures: one a line, in the order of the labels.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::classes::{CLASSES, Classes};
use crate::figures::counted;
use crate::files;

/// More than a thousand names take.
const MOST: u64 = 1 << 20;

/// The names in `classes.txt` in this folder, or in `PREFIX-classes.txt`, which goes first.
///
/// # Errors
/// The file, and what is wrong with it.
pub fn beside(folder: &Path, prefix: &str) -> Result<Option<Classes>, (PathBuf, String)> {
    let own = (!prefix.is_empty()).then(|| folder.join(format!("{prefix}-classes.txt")));
    let mut paths = own.into_iter().chain([folder.join("classes.txt")]);
    let Some(path) = paths.find(|path| path.exists()) else { return Ok(None) };
    match read(&path) {
        Ok(classes) => Ok(Some(classes)),
        Err(problem) => Err((path, problem)),
    }
}

fn read(path: &Path) -> Result<Classes, String> {
    let failed = |error| format!("cannot be read: {error}");
    let (file, length) = files::open(path).map_err(failed)?;
    if length > MOST {
        return Err("is no list of names: it is larger than 1 MiB".to_owned());
    }
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).map_err(failed)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let names: Vec<&str> = text.trim_end().lines().map(str::trim).collect();
    if let Some(line) = names.iter().position(|name| name.is_empty()) {
        return Err(format!("has no name in line {}; give each class a line", line + 1));
    }
    let (least, most) = CLASSES.into_inner();
    if !(least..=most).contains(&names.len()) {
        return Err(format!(
            "has {}, and {least} to {most} classes can be learnt",
            counted(names.len(), "name")
        ));
    }
    Ok(Classes::new(names))
}
