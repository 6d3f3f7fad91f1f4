//! IDX files as they are found: packed in every way, padded, cut, and of other kinds.

use std::fs;

use sha2::{Digest, Sha256};

use super::*;
use crate::data::fixtures::gzip;
use crate::data::sums::{self, Sum};
use crate::files;

const VALUES: &[u8] = &[1, 2, 3, 4, 5, 6];

fn plain() -> Vec<u8> {
    [&header(&[2, 3])[..], VALUES].concat()
}

fn read_bytes(bytes: &[u8]) -> Result<Idx, String> {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("file.gz");
    fs::write(&path, bytes).unwrap();
    read(&path, 100, |_, _| Ok(())).map_err(|error| error.to_string())
}

#[track_caller]
fn assert_refused(bytes: &[u8], parts: &[&str]) {
    let message = read_bytes(bytes).err().expect("a broken file was taken");
    for part in parts {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
    assert!(!message.contains('\n') && !message.ends_with('.'), "not one sentence: {message}");
}

#[test]
fn values_are_read_however_they_are_packed_or_padded() {
    let (plain, packed) = (plain(), gzip(&plain()));
    let members = [gzip(&plain[..5]), gzip(&plain[5..])].concat();
    let zeros = |count| vec![0; count];
    for (name, bytes) in [
        ("plain", plain.clone()),
        ("plain and zeros", [&plain[..], &zeros(5000)].concat()),
        ("plain and a line end", [&plain[..], b"\r\n"].concat()),
        ("gzip", packed.clone()),
        ("gzip and zeros", [&packed[..], &zeros(5000)].concat()),
        ("gzip and a line end", [&packed[..], b"\r\n"].concat()),
        ("gzip and anything", [&packed[..], b"anything"].concat()),
        ("gzip of padded values", gzip(&[&plain[..], &zeros(7)].concat())),
        ("two members", members.clone()),
        ("two members, padded", [&members[..], &zeros(512)].concat()),
        (
            "padding between members",
            [&gzip(&plain[..5])[..], &zeros(9), &gzip(&plain[5..])].concat(),
        ),
        ("an empty member at the end", [&packed[..], &gzip(b"")].concat()),
    ] {
        let idx = read_bytes(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(idx.values, VALUES, "{name}");
        assert_eq!(idx.sum, sums::of_bytes(&[2, 3], VALUES), "{name}");
        let packed: Sum = Sha256::digest(&bytes).into();
        assert_eq!(idx.packed_sum, bytes.starts_with(files::GZIP).then_some(packed), "{name}");
    }
}

#[test]
fn the_sum_is_that_of_the_plain_file() {
    assert_eq!(sums::of_bytes(&[2, 3], VALUES), Sha256::digest(plain()).as_slice());
}

#[test]
fn what_ends_too_early_is_said_to_and_can_be_downloaded_again() {
    let (plain, packed) = (plain(), gzip(&plain()));
    for keep in 0..plain.len() {
        let says = ["is cut short", "download it again"];
        assert_refused(&plain[..keep], &says);
        assert_refused(&gzip(&plain[..keep]), &says);
    }
    for keep in 3..packed.len() {
        assert_refused(&packed[..keep], &["cut short", "compressed data", "download it again"]);
    }
    let missing = [&packed[..], &gzip(b"")[..12]].concat();
    assert_refused(&missing, &["cut short"]);
    let mut damaged = packed.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    assert_refused(&damaged, &["is damaged", "download it again"]);
}

#[test]
fn more_than_the_header_counts_is_no_padding() {
    let plain = plain();
    for bytes in [[&plain[..], b"x"].concat(), gzip(&[&plain[..], b"x"].concat())] {
        assert_refused(&bytes, &["has 1 byte beyond the last entry"]);
    }
    let bomb = gzip(&[&plain[..], &vec![0; 3 << 20]].concat());
    assert_refused(&bomb, &["has more than 1048576 bytes beyond"]);
}

#[test]
fn other_kinds_of_files_are_called_what_they_are() {
    assert_refused(b"<!DOCTYPE html><p>404", &["is an HTML page and no IDX", "download"]);
    assert_refused(b"PK\x03\x04rest of an archive", &["is a zip archive and no", "unpack it"]);
    assert_refused(b"\x93NUMPY\x01\0", &["is a NumPy array and no IDX file"]);
    assert_refused(&gzip(&gzip(&plain())), &["is no IDX file", r"\x1f\x8b"]);
    assert_refused(b"digits", &["is no IDX file", "\"digi\""]);
    assert_refused(b"no", &["is no IDX file"]);
    assert_refused(b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0", &["values of type 0x0d", "only bytes"]);
}

#[test]
fn sizes_are_judged_before_anything_is_read_for_them() {
    let huge = header(&[u32::MAX as usize; 8]);
    assert_refused(&huge, &["more values than can be read"]);
    assert_refused(&header(&[101]), &["more values than can be read"]);
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("file");
    fs::write(&path, plain()).unwrap();
    let refuse = |_, sizes: &[usize]| Err(format!("is {} by {}", sizes[0], sizes[1]));
    assert_eq!(read(&path, 100, refuse).err().unwrap().to_string(), "is 2 by 3");
    fs::File::create(&path).unwrap().set_len(3_000_000_000).unwrap();
    let message = read(&path, 100, |_, _| Ok(())).err().unwrap().to_string();
    assert!(message.contains("3.0 GB"), "{message}");
}

#[test]
fn whole_numbers_are_big_endian_and_a_table_has_its_first_column() {
    let file = |head: [u8; 4], sizes: &[u32], values: &[u8]| {
        let sizes: Vec<u8> = sizes.iter().flat_map(|size| size.to_be_bytes()).collect();
        [&head[..], &sizes, values].concat()
    };
    let column = |bytes: Vec<u8>| read_bytes(&bytes).unwrap().first_column();
    assert_eq!(column(plain()), [1, 4]);
    assert_eq!(column(file([0, 0, 8, 1], &[3], &[7, 0, 255])), [7, 0, 255]);
    assert_eq!(column(file([0, 0, 0x0B, 1], &[2], &[1, 2, 0xFF, 0xFE])), [258, -2]);
    let rows = [0, 0, 1, 3, 9, 9, 9, 9, 0xFF, 0xFF, 0xFF, 0xFF, 8, 8, 8, 8];
    assert_eq!(column(file([0, 0, 0x0C, 2], &[2, 2], &rows)), [259, -1]);
    assert_refused(&file([0, 0, 0x0C, 1], &[2], &[0; 7]), &["cut short", "2 entries need 8"]);
}
