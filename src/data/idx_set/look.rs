//! Which set is in a folder, without its pictures.

use std::path::Path;

use super::agree::agreement;
use super::error::IdxSetError;
use super::find::find;
use super::load::read_all;
use super::names::SLOTS;
use super::read;
use crate::data::known::Set;
use crate::data::source::Origin;

/// How to speak of the set that [`load`](super::load()) finds here; `None` where the folder has no
/// file of an IDX set. Headers tell it, and only where a set that is known by its sums has these
/// sizes the files are read whole.
///
/// # Errors
/// One sentence that names the file and what is wrong with its header.
pub fn look(folder: &Path) -> Result<Option<Origin>, IdxSetError> {
    let Some(found) = find(folder)? else { return Ok(None) };
    let mut sizes: [Vec<usize>; 4] = Default::default();
    for ((_, role), (path, sizes)) in SLOTS.iter().zip(found.paths.iter().zip(&mut sizes)) {
        *sizes = read::look(*role, path)?;
    }
    let shape = agreement(&found.paths, sizes.each_ref().map(|sizes| &**sizes))?;
    let counts = [0, 2].map(|slot| sizes[slot].first().copied().unwrap_or_default());
    let known = match Set::has_twins(shape, counts) {
        true => Set::of(read_all(&found.paths)?.each_ref()),
        false => None,
    };
    let set = known.unwrap_or_else(|| Set::named(&found.prefix));
    Ok(Some(set.origin(set.turned(shape), counts, folder)))
}
