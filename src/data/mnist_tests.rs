//! MNIST in the cache and in the user's folder: the same pictures.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::data::download::Mirrors;
use crate::data::fixtures::real_folder;

/// The four files of the real set, unpacked as the cache has them.
fn unpacked(real: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in FILES {
        let (plain, packed) = (real.join(file.name), real.join(format!("{}.gz", file.name)));
        let bytes = fs::read(plain).unwrap_or_else(|_| {
            let mut bytes = Vec::new();
            let packed = flate2::read::MultiGzDecoder::new(fs::File::open(packed).unwrap());
            std::io::BufReader::new(packed).read_to_end(&mut bytes).unwrap();
            bytes
        });
        fs::write(folder.path().join(file.name), bytes).unwrap();
    }
    folder
}

#[test]
fn the_real_set_is_known_packed_or_not_and_read_alike_by_both_readers() {
    let Some(real) = real_folder() else { return };
    let files = Mirrors::MNIST.files;
    assert!(cached(&real, &files[..2]).unwrap().is_none(), "two files are no set");
    let folder = unpacked(&real);
    let by_crate = cached(folder.path(), files).unwrap().expect("it is intact");
    for ours in [idx_set::load(&real).unwrap(), idx_set::load(folder.path()).unwrap()] {
        assert_eq!(ours.origin.name, "MNIST");
        assert!(ours.train == by_crate.train && ours.test == by_crate.test);
        // As `sha256sum` finds it of the four sums.
        let known = "e9914cff2ade526da2ab1ac60c072f9173cc53e35b9411692de8207cb1b9009d";
        assert_eq!((ours.fingerprint(), by_crate.fingerprint()), (known.into(), known.into()));
    }
    // One pixel of one picture, and it is MNIST no more.
    let path = folder.path().join(FILES[2].name);
    let mut bytes = fs::read(&path).unwrap();
    bytes[5000] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(cached(folder.path(), files).unwrap().is_none());
    let name = idx_set::load(folder.path()).unwrap().origin.name;
    assert_eq!(name, format!("28x28 pictures from {}", folder.path().display()));
}
