//! Sets that are not MNIST: of other sizes, in colour, of other classes, and in files of other names.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::data::fixtures::{assert_says, gzip};
use crate::data::idx::ValueType;
use crate::data::{Dataset, Noun, Shape};

/// A file of bytes.
fn bytes(sizes: &[usize], values: Vec<u8>) -> Vec<u8> {
    of(ValueType::Byte, sizes, values)
}

fn of(value_type: ValueType, sizes: &[usize], values: Vec<u8>) -> Vec<u8> {
    let sizes = sizes.iter().map(|&size| u32::try_from(size).unwrap().to_be_bytes());
    let head = [0, 0, value_type as u8, sizes.len() as u8];
    [&head[..], &sizes.collect::<Vec<_>>().concat(), &values].concat()
}

/// So many images, each value another than its neighbours'.
fn images(sizes: &[usize]) -> Vec<u8> {
    bytes(sizes, (0..sizes.iter().product()).map(|at| (at * 7 % 251) as u8).collect())
}

fn labels(labels: &[u8]) -> Vec<u8> {
    bytes(&[labels.len()], labels.to_vec())
}

const NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "test-images-idx3-ubyte",
    "test-labels-idx1-ubyte",
];

fn write(folder: &Path, prefix: &str, files: &[Vec<u8>; 4]) {
    for (name, content) in NAMES.iter().zip(files) {
        fs::write(folder.join(format!("{prefix}{name}")), content).unwrap();
    }
}

fn folder(prefix: &str, files: &[Vec<u8>; 4]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), prefix, files);
    folder
}

/// Grey pictures of this size with these labels, the test set's the same.
fn set(size: [usize; 2], classes: &[u8]) -> [Vec<u8>; 4] {
    let pictures = images(&[classes.len(), size[0], size[1]]);
    [pictures.clone(), labels(classes), pictures, labels(classes)]
}

/// What is taken, which is what [`look`] promised.
#[track_caller]
fn taken(folder: &Path) -> Dataset {
    let dataset = load(folder).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(look(folder).unwrap().as_ref(), Some(&dataset.origin));
    dataset
}

/// What is wrong, in one sentence, without the folder's own name.
#[track_caller]
fn refused(folder: &Path) -> String {
    let message = load(folder).expect_err("a broken set was taken").to_string();
    assert!(!message.contains('\n') && !message.ends_with('.'), "not one sentence: {message}");
    message.replace(folder.to_str().unwrap(), "DIR")
}

#[test]
fn pictures_have_any_size_and_colours() {
    let grey = folder("", &set([24, 32], &[0, 1, 2]));
    let dataset = taken(grey.path());
    assert_eq!(dataset.shape(), Shape { height: 24, width: 32, channels: 1 });
    assert_eq!(dataset.classes.names(), ["0", "1", "2"]);
    assert_eq!(dataset.origin.noun, Noun::Picture);
    assert_eq!(dataset.origin.name, format!("24x32 pictures from {}", grey.path().display()));

    let pictures = images(&[2, 8, 64, 3]);
    let values = pictures[20..].to_vec();
    let files = [pictures.clone(), labels(&[0, 1]), pictures, labels(&[1, 0])];
    let dataset = taken(folder("", &files).path());
    assert_eq!(dataset.shape(), Shape { height: 8, width: 64, channels: 3 });
    assert_eq!((dataset.train.pixels(), dataset.test.labels()), (&values[..], &[1, 0][..]));

    // One channel that is a dimension of its own is none.
    let of_sizes = |sizes: &[usize]| {
        let pictures = images(sizes);
        let files = [pictures.clone(), labels(&[0, 1]), pictures, labels(&[1, 0])];
        taken(folder("", &files).path())
    };
    let [three, four] = [of_sizes(&[2, 9, 9]), of_sizes(&[2, 9, 9, 1])];
    assert_eq!((three.shape(), three.fingerprint()), (four.shape(), four.fingerprint()));
}

#[test]
fn sizes_that_no_network_here_learns_from_are_named() {
    for (sizes, says) in [
        (&[2, 7, 28][..], "has images of 7 x 28 pixels"),
        (&[2, 28, 65], "has images of 28 x 65 pixels"),
        (&[2, 8, 8, 2], "is 2 x 8 x 8 x 2, neither images nor labels"),
        (&[2, 8, 8, 3, 1], "is 2 x 8 x 8 x 3 x 1, neither images nor labels"),
    ] {
        let [_, train_labels, ..] = set([8, 8], &[0, 1]);
        let files = [images(sizes), train_labels.clone(), images(sizes), train_labels];
        let message = refused(folder("", &files).path());
        assert_says(&message, &["DIR/train-images-idx3-ubyte", says]);
    }
    // Sizes are judged before room is made for them.
    let [_, b, c, d] = set([64, 64], &[0, 1]);
    let huge = bytes(&[600_000, 64, 64], Vec::new());
    let message = refused(folder("", &[huge, b, c, d]).path());
    assert_says(&message, &["has 600,000 images of 64 x 64 pixels, 2.3 GiB", "at most 2 GiB"]);
    let [_, b, c, d] = set([8, 8], &[0, 1]);
    let floats = [&[0, 0, 0x0D, 3][..], &images(&[2, 8, 8])[4..]].concat();
    assert_says(&refused(folder("", &[floats, b, c, d]).path()), &["values of type 0x0d"]);
}

#[test]
fn training_and_test_pictures_must_be_of_one_size() {
    let [a, b, ..] = set([8, 12], &[0, 1]);
    let [.., c, d] = set([12, 8], &[0, 1]);
    let message = refused(folder("", &[a.clone(), b.clone(), c, d.clone()]).path());
    let parts = ["DIR/test-images", "12 x 8 grey pixels", "DIR/train-images", "8 x 12 grey pixels"];
    assert_says(&message, &parts);
    let message = refused(folder("", &[a, b, images(&[2, 8, 12, 3]), d]).path());
    assert_says(&message, &["of 8 x 12 colour pixels, and", "of 8 x 12 grey pixels"]);
}

#[test]
fn a_thousand_classes_have_labels_of_two_or_four_bytes() {
    let pictures = || images(&[1000, 8, 8]);
    let all: Vec<i32> = (0..1000).collect();
    let ints = all.iter().flat_map(|label| label.to_be_bytes()).collect();
    let shorts = all.iter().flat_map(|&label| (label as i16).to_be_bytes()).collect();
    let train = of(ValueType::Int, &[1000], ints);
    let test = of(ValueType::Short, &[1000], shorts);
    let dataset = taken(folder("", &[pictures(), train, pictures(), test]).path());
    assert_eq!((dataset.classes.len(), dataset.train.label(999)), (1000, 999));
    assert_eq!(dataset.train, dataset.test);
}

/// EMNIST's labels of letters count from 1, and rows and columns of its pictures are swapped.
#[test]
fn pictures_of_emnist_are_turned_upright_and_its_letters_begin_with_a() {
    let [a, _, c, _] = set([8, 10], &[0; 3]);
    let files = [a.clone(), labels(&[1, 26, 2]), c, labels(&[3, 3, 1])];
    let place = folder("emnist-letters-", &files);
    let dataset = taken(place.path());
    assert_eq!(dataset.shape(), Shape { height: 10, width: 8, channels: 1 });
    let in_file = &a[16..];
    for (row, column) in [(0, 0), (3, 0), (0, 5), (9, 7), (4, 6)] {
        let upright = dataset.train.image(1)[row * 8 + column];
        assert_eq!(upright, in_file[80 + column * 10 + row], "row {row}, column {column}");
    }
    assert_eq!(dataset.train.labels(), [0, 25, 1]);
    assert_eq!((dataset.classes.len(), dataset.classes.name(25)), (26, "z"));
    // Three pictures are not what is known by that name.
    assert_says(&dataset.origin.name, &["10x8 pictures from"]);
    // Somebody has made them count from 0.
    let from_zero = folder("emnist-letters-", &set([8, 8], &[0, 25]));
    assert_eq!(taken(from_zero.path()).train.labels(), [0, 25]);
    let message = refused(folder("emnist-letters-", &set([8, 8], &[1, 27])).path());
    assert_says(&message, &["DIR/emnist-letters-train-labels", "label 27 at entry 1", "1 to 26"]);
    let balanced = taken(folder("emnist-balanced-", &set([8, 8], &[0, 46])).path());
    assert_eq!((balanced.classes.name(10), balanced.classes.name(46)), ("A", "t"));
}

#[test]
fn a_whole_part_of_emnist_has_its_name() {
    // As many pictures as the part has, all black.
    let files = [112_800, 18_800].map(|count| {
        let labels = (0..count).map(|at| (at % 47) as u8).collect();
        [bytes(&[count, 28, 28], vec![0; count * 784]), bytes(&[count], labels)]
    });
    let [[a, b], [c, d]] = files;
    let place = folder("emnist-balanced-", &[a, b, c, d]);
    assert_eq!(look(place.path()).unwrap().unwrap().name, "EMNIST balanced");
    let named = place.path().join("emnist-balanced");
    assert_eq!(taken(&named).origin.name, "EMNIST balanced");
}

/// Eight columns, of which the first is the class.
#[test]
fn labels_of_qmnist_are_the_first_column_of_a_table() {
    let table = |classes: &[i32]| {
        let row = |&class: &i32| [class, 4, 2600, 1, 31, 7, 0, 0].map(i32::to_be_bytes).concat();
        of(ValueType::Int, &[classes.len(), 8], classes.iter().flat_map(row).collect())
    };
    let place = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("qmnist-train-images-idx3-ubyte", images(&[3, 28, 28])),
        ("qmnist-train-labels-idx2-int", table(&[5, 0, 9])),
        ("qmnist-test-images-idx3-ubyte", images(&[1, 28, 28])),
        ("qmnist-test-labels-idx2-int", table(&[7])),
    ] {
        fs::write(place.path().join(name), content).unwrap();
    }
    let dataset = taken(place.path());
    assert_eq!((dataset.train.labels(), dataset.test.labels()), (&[5, 0, 9][..], &[7][..]));
    assert_eq!((dataset.classes.len(), dataset.origin.noun), (10, Noun::Digit));
    // Its plain list of test labels goes before the table.
    fs::write(place.path().join("qmnist-test-labels-idx1-ubyte"), labels(&[3])).unwrap();
    assert_eq!(taken(place.path()).test.labels(), [3]);
}

#[test]
fn of_several_sets_in_a_folder_one_is_named() {
    let place = folder("emnist-digits-", &set([8, 8], &[0, 1]));
    write(place.path(), "shapes-", &set([8, 8], &[0, 1, 2]));
    let message = refused(place.path());
    assert_says(&message, &["DIR has several sets, emnist-digits, shapes;", "DIR/emnist-digits"]);
    assert_eq!(taken(&place.path().join("Shapes")).train.len(), 3);
    assert!(matches!(load(&place.path().join("other")), Err(IdxSetError::NoFolder(_))));
    // One without a name goes before them, and one that is not whole is none.
    fs::remove_file(place.path().join("emnist-digits-test-labels-idx1-ubyte")).unwrap();
    assert_eq!(taken(place.path()).train.len(), 3);
    write(place.path(), "", &set([8, 8], &[0, 1, 1, 1]));
    assert_eq!(taken(place.path()).train.len(), 4);
    let message = refused(&place.path().join("emnist-digits"));
    assert_says(&message, &["no file emnist-digits-test-labels-idx1-ubyte"]);
}

#[test]
fn two_files_for_one_purpose_are_both_named() {
    let place = tempfile::tempdir().unwrap();
    let names = ["images_train.idx", "labels_train.idx", "images_test.idx", "labels_test.idx"];
    for (name, content) in names.iter().zip(set([8, 8], &[0, 1])) {
        fs::write(place.path().join(name), content).unwrap();
    }
    assert_eq!(taken(place.path()).train.len(), 2);
    fs::write(place.path().join("train_images.idx3"), images(&[2, 8, 8])).unwrap();
    let message = refused(place.path());
    let both = "DIR/images_train.idx and DIR/train_images.idx3 are both training images";
    assert_says(&message, &[both, "four files"]);
}

#[test]
fn a_list_beside_the_pictures_names_the_classes() {
    let place = folder("", &set([8, 8], &[1, 2, 3]));
    let list = place.path().join("classes.txt");
    assert_eq!(taken(place.path()).classes.names(), ["1", "2", "3"]);
    // As a Windows editor writes it.
    fs::write(&list, "\u{feff}round\r\nsquare \r\n三角\r\n").unwrap();
    let dataset = taken(place.path());
    assert_eq!(dataset.classes.names(), ["round", "square", "三角"]);
    assert_eq!(dataset.train.labels(), [0, 1, 2], "labels that count from 1");
    for (content, says) in [
        ("round\n\nsquare\n", "has no name in line 2"),
        ("round\n", "has 1 name, and 2 to 1000 classes"),
        ("round\nsquare\n", "the label 3 at entry 2; labels are 0 to 1"),
    ] {
        fs::write(&list, content).unwrap();
        assert_says(&refused(place.path()), &["DIR/", says]);
    }
    fs::write(&list, [0xff, 0xfe, 0]).unwrap();
    assert_says(&refused(place.path()), &["DIR/classes.txt cannot be read"]);
}

#[test]
fn one_class_is_none() {
    let message = refused(folder("", &set([8, 8], &[0, 0])).path());
    assert_says(&message, &["DIR/train-labels", "label 0 at entry 0", "two classes are needed"]);
}

#[test]
fn a_look_reads_headers_alone() {
    let [a, b, c, d] = set([24, 32], &[0, 1, 2]);
    let cut = [&a[..16], &b[..8], &c[..16], &d[..8]].map(<[u8]>::to_vec);
    let name = look(folder("", &cut).path()).unwrap().unwrap().name;
    assert_says(&name, &["24x32 pictures from"]);
    let packed = [a, b, c, d].map(|file| gzip(&file));
    let cut = packed.each_ref().map(|file| file[..file.len() - 9].to_vec());
    assert_says(&look(folder("", &cut).path()).unwrap().unwrap().name, &["24x32 pictures"]);
    let swapped = [1, 0, 2, 3].map(|slot: usize| packed[slot].clone());
    let message = look(folder("", &swapped).path()).unwrap_err().to_string();
    assert_says(&message, &["has labels (magic number 0x0801) where images"]);
    assert!(look(tempfile::tempdir().unwrap().path()).unwrap().is_none());
}
