//! Files of MNIST's names, whole and broken in every way: fake ones, and the real ones where there
//! are any.

use std::fs;
use std::path::Path;

use super::*;
use crate::data::digits::{CLASSES, PIXELS, SHAPE, SIDE};
use crate::data::fixtures::{
    WHOLE, assert_says, assert_whole, folder_with, gzip, gzipped, idx, images, labels, real_folder,
    skip, whole_folder, whole_set, write_whole_set,
};
use crate::data::mnist::{FILES, TEST_COUNT, TRAIN_COUNT};
use crate::data::{Dataset, Images, Origin};

/// The one sentence that says what is wrong, without the folder's own name.
#[track_caller]
fn problem(folder: &Path) -> String {
    let message = load(folder).expect_err("a broken folder was taken").to_string();
    assert!(!message.contains('\n') && !message.ends_with('.'), "not one sentence: {message}");
    let folder = folder.to_str().unwrap();
    assert!(message.contains(folder), "does not say where: {message}");
    message.replace(folder, "DIR")
}

#[test]
fn compressed_files_are_read_in_order() {
    let folder = whole_folder();
    assert!(present(folder.path()));
    let dataset = load(folder.path()).unwrap();
    assert_whole(&dataset);
    let origin = Origin::folder(SHAPE, folder.path());
    assert_eq!(dataset.origin, origin);
    assert_eq!(origin.name, format!("28x28 pictures from {}", folder.path().display()));
}

#[test]
fn plain_dotted_and_compressed_files_mix() {
    let folder = tempfile::tempdir().unwrap();
    let [train_images, train_labels, _, test_labels] = whole_set();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    put("train-images-idx3-ubyte", &train_images);
    put("train-labels.idx1-ubyte", &train_labels);
    put("t10k-images.idx3-ubyte.gz", &WHOLE[2]);
    assert!(!present(folder.path()), "one is missing");
    put("t10k-labels-idx1-ubyte", &test_labels);
    assert!(present(folder.path()));
    assert_whole(&load(folder.path()).unwrap());
}

/// Three pictures to train on and two to test with.
fn small_set() -> [Vec<u8>; 4] {
    [images(3, SIDE), labels(3), images(2, SIDE), labels(2)]
}

fn write_small_set(folder: &Path, name: impl Fn(&str) -> String) {
    fs::create_dir_all(folder).unwrap();
    for (file, bytes) in FILES.iter().zip(small_set()) {
        fs::write(folder.join(name(file.name)), bytes).unwrap();
    }
}

#[test]
fn any_number_of_pictures_is_read() {
    let folder = tempfile::tempdir().unwrap();
    write_small_set(folder.path(), str::to_owned);
    let dataset = load(folder.path()).unwrap();
    assert_eq!((dataset.train.len(), dataset.test.labels()), (3, &[0, 1][..]));
    let other = Origin::folder(SHAPE, folder.path());
    assert_eq!(dataset.origin, other);
    let folder = folder_with(0, &images(60_001, SIDE));
    fs::write(folder.path().join(gzipped(1)), gzip(&labels(60_001))).unwrap();
    assert_eq!(load(folder.path()).unwrap().train.len(), 60_001);
}

#[test]
fn the_content_says_whether_a_file_is_packed() {
    for packed in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        for (file, bytes) in FILES.iter().zip(small_set()) {
            let (bytes, ending) = if packed { (gzip(&bytes), "") } else { (bytes, ".gz") };
            fs::write(folder.path().join(format!("{}{ending}", file.name)), bytes).unwrap();
        }
        assert_eq!(load(folder.path()).unwrap().train.len(), 3);
    }
}

#[test]
fn names_are_found_in_any_case_and_where_torchvision_keeps_them() {
    let parent = tempfile::tempdir().unwrap();
    let place = |name: &str| parent.path().join(name);
    write_small_set(&place("upper"), str::to_uppercase);
    write_small_set(&place("packed"), |name| format!("{name}.GZ"));
    write_small_set(&place("dotted"), |name| name.replace("-idx", ".IDX"));
    write_small_set(&place("torch/MNIST/raw"), str::to_owned);
    write_small_set(&place("fashion/FashionMNIST/raw"), str::to_owned);
    for name in ["upper", "packed", "dotted", "torch", "torch/MNIST/raw", "fashion"] {
        let dataset = load(&place(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(dataset.train.len(), 3, "{name}");
        assert!(dataset.origin.name.ends_with(name), "the folder as it was named");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_name_need_not_be_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join(OsStr::from_bytes(b"mnist-\xff"));
    fs::create_dir(&folder).unwrap();
    write_whole_set(&folder);
    assert_whole(&load(&folder).unwrap());
}

#[test]
fn a_missing_folder_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("nowhere");
    assert!(!present(&folder));
    assert!(matches!(load(&folder), Err(IdxSetError::NoFolder(_))));
    assert_says(&problem(&folder), &["DIR", "--data"]);
    let file = parent.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    assert!(matches!(load(&file), Err(IdxSetError::NoFolder(_))));
}

#[test]
fn each_missing_file_is_named() {
    for (file, missing) in FILES.iter().enumerate() {
        let folder = whole_folder();
        fs::remove_file(folder.path().join(gzipped(file))).unwrap();
        assert!(!present(folder.path()));
        let message = problem(folder.path());
        assert_says(&message, &["DIR has no", missing.name, "four"]);
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_is_no_file() {
    let folder = whole_folder();
    // As in a well-known archive: a folder with the file's name, beside the dotted file.
    fs::create_dir(folder.path().join(FILES[2].name)).unwrap();
    assert_whole(&load(folder.path()).unwrap());
    fs::rename(folder.path().join(gzipped(2)), folder.path().join("elsewhere")).unwrap();
    assert!(!present(folder.path()));
    assert_says(&problem(folder.path()), &["no file", FILES[2].name]);
}

#[test]
fn cut_short_compressed_files_are_named() {
    for file in 0..4 {
        let whole = &WHOLE[file];
        for keep in [0, whole.len() / 2, whole.len() - 1] {
            let folder = whole_folder();
            fs::write(folder.path().join(gzipped(file)), &whole[..keep]).unwrap();
            assert_says(&problem(folder.path()), &[&format!("DIR/{}", gzipped(file)), "cut short"]);
        }
    }
}

#[test]
fn damaged_compressed_files_are_named() {
    let folder = whole_folder();
    let mut bytes = WHOLE[1].clone();
    let checksum = bytes.len() - 8;
    bytes[checksum] ^= 1;
    for (bytes, reason) in [
        (&bytes[..], "is damaged"),
        (b"<html>404 not found</html>", "is an HTML page"),
        (b"no", "is no IDX file"),
    ] {
        fs::write(folder.path().join(gzipped(1)), bytes).unwrap();
        assert!(matches!(load(folder.path()), Err(IdxSetError::Content { .. })));
        assert_says(&problem(folder.path()), &["DIR/train-labels-idx1-ubyte.gz", reason]);
    }
}

#[test]
fn wrong_magic_numbers_are_named() {
    // Images and labels swapped.
    let folder = folder_with(0, &labels(TRAIN_COUNT));
    assert_says(&problem(folder.path()), &["DIR/train-images-idx3-ubyte.gz", "0x0801", "0x0803"]);
    let folder = folder_with(3, &images(TEST_COUNT, SIDE));
    assert_says(&problem(folder.path()), &["DIR/t10k-labels-idx1-ubyte.gz", "0x0803", "0x0801"]);
}

#[test]
fn files_that_end_within_their_header_are_named() {
    let whole = whole_set();
    for (file, header) in [(2, 16), (3, 8)] {
        for keep in [0, header - 1] {
            let folder = folder_with(file, &whole[file][..keep]);
            assert_says(&problem(folder.path()), &[FILES[file].name, "ends within its header"]);
        }
        let folder = folder_with(file, &whole[file][..header]);
        assert_says(&problem(folder.path()), &[FILES[file].name, "ends 0 bytes after its header"]);
    }
}

#[test]
fn wrong_sizes_are_named() {
    for (file, mut bytes) in whole_set().into_iter().enumerate() {
        bytes.push(1);
        let folder = folder_with(file, &bytes);
        assert_says(
            &problem(folder.path()),
            &[FILES[file].name, "has 1 byte beyond the last entry"],
        );
        bytes.truncate(bytes.len() - 2);
        let folder = folder_with(file, &bytes);
        assert_says(&problem(folder.path()), &[FILES[file].name, "bytes after its header"]);
    }
}

#[test]
fn wrong_dimensions_are_named() {
    let folder = folder_with(2, &images(TEST_COUNT, 14));
    assert_says(&problem(folder.path()), &["DIR/t10k-images-idx3-ubyte.gz", "14 x 14", "28 x 28"]);
    // 16 x 49 has as many pixels as 28 x 28.
    let turned = idx(0x0803, &[TEST_COUNT, 16, 49], vec![0; TEST_COUNT * PIXELS]);
    assert_says(&problem(folder_with(2, &turned).path()), &["16 x 49", "28 x 28"]);
}

#[test]
fn images_and_labels_that_disagree_are_both_named() {
    let folder = folder_with(1, &labels(TEST_COUNT));
    assert!(matches!(load(folder.path()), Err(IdxSetError::Disagree { .. })));
    let parts = ["DIR/train-images-idx3-ubyte.gz has 60000 images", "train-labels", "10000 labels"];
    assert_says(&problem(folder.path()), &parts);
    let folder = folder_with(2, &images(9_999, SIDE));
    assert!(matches!(load(folder.path()), Err(IdxSetError::Disagree { .. })));
    let parts = ["DIR/t10k-images-idx3-ubyte.gz has 9999 images", "t10k-labels", "10000 labels"];
    assert_says(&problem(folder.path()), &parts);
}

#[test]
fn counts_that_cannot_be_are_named() {
    let folder = folder_with(0, &images(0, SIDE));
    assert_says(&problem(folder.path()), &["train-images-idx3-ubyte.gz has no entries"]);
    let folder = folder_with(1, &idx(0x0801, &[u32::MAX as usize], vec![]));
    assert_says(&problem(folder.path()), &["train-labels", "has 4294967295 entries", "at most"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_in_the_place_of_a_file_is_refused_at_once() {
    let folder = whole_folder();
    let path = folder.path().join(FILES[3].name);
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert_says(&problem(folder.path()), &["DIR/t10k-labels-idx1-ubyte", "a pipe"]);
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    assert_says(&problem(folder.path()), &["DIR/t10k-labels-idx1-ubyte", "a device"]);
}

#[test]
fn a_label_far_from_all_others_is_named_with_its_place() {
    for (label, at) in [(200, 12_345), (99, 0), (255, TRAIN_COUNT - 1)] {
        let mut bytes = labels(TRAIN_COUNT);
        bytes[8 + at] = label;
        let folder = folder_with(1, &bytes);
        let says = format!("the label {label} at entry {at};");
        assert_says(&problem(folder.path()), &["DIR/train-labels-idx1-ubyte.gz", &says]);
    }
}

/// Linux only: it has a file whose first byte not even the superuser can read.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = whole_folder();
    std::os::unix::fs::symlink("/proc/self/mem", folder.path().join(FILES[3].name)).unwrap();
    assert!(matches!(load(folder.path()), Err(IdxSetError::Unreadable { .. })));
    assert_says(&problem(folder.path()), &["cannot read DIR/t10k-labels-idx1-ubyte: "]);
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = whole_folder();
    let path = folder.path().join(gzipped(0));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        return skip("permissions do not bind this user");
    }
    assert_says(&problem(folder.path()), &["DIR/train-images-idx3-ubyte.gz", "ermission denied"]);
}

/// First labels, digits of each class and mean pixel as they are published for MNIST.
#[test]
fn the_real_set_is_read() {
    let Some(folder) = real_folder() else { return };
    let Dataset { train, test, .. } = load(&folder).unwrap();
    assert_eq!((train.len(), test.len()), (60_000, 10_000));
    assert_eq!(train.labels()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(test.labels()[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    let classes = |labels: &[u16]| {
        let mut counts = [0; CLASSES];
        labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
        counts
    };
    let of_train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    assert_eq!(classes(train.labels()), of_train);
    assert_eq!(classes(test.labels()), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    let mean = |pixels: &[u8]| {
        pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / 255. / pixels.len() as f64
    };
    assert!((mean(train.pixels()) - 0.1307).abs() < 5e-5, "{}", mean(train.pixels()));
    assert!((mean(test.pixels()) - 0.1325).abs() < 5e-5, "{}", mean(test.pixels()));
}

#[test]
fn a_fingerprint_is_of_sizes_pixels_and_labels_and_of_nothing_else() {
    let load_set = |set: &[Vec<u8>; 4], pack: bool| {
        let folder = tempfile::tempdir().unwrap();
        for (file, bytes) in FILES.iter().zip(set) {
            let bytes = if pack { gzip(bytes) } else { bytes.clone() };
            fs::write(folder.path().join(file.name), bytes).unwrap();
        }
        load(folder.path()).unwrap()
    };
    let set = small_set();
    let print = load_set(&set, false).fingerprint();
    assert_eq!(load_set(&set, true).fingerprint(), print);
    let whole = load_set(&set, false);
    let anew = |digits: &Images| Images::new(SHAPE, digits.pixels().into(), digits.labels().into());
    let again = Dataset { train: anew(&whole.train), test: anew(&whole.test), ..whole };
    assert_eq!(again.fingerprint(), print);
    for (file, last) in set.iter().map(Vec::len).enumerate() {
        let mut changed = set.clone();
        changed[file][last - 1] ^= 1;
        assert_ne!(load_set(&changed, false).fingerprint(), print, "file {file}");
    }
    let mut fewer = load_set(&set, false);
    fewer.train.truncate(3);
    assert_eq!(fewer.fingerprint(), print);
    fewer.train.truncate(2);
    assert_ne!(fewer.fingerprint(), print);
}
