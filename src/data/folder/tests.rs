//! Folders of pictures as they are found: whole, broken, in every layout and under every name.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use tempfile::TempDir;

use crate::data::dataset::{Dataset, Images};
use crate::data::import;
use crate::data::shape::Shape;
use crate::data::source::{Progress, Wanted};

use super::{load, looks_like_one};

/// A folder to be filled.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: impl AsRef<Path>, content: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn folder(&self, path: &str) {
        fs::create_dir_all(self.path().join(path)).unwrap();
    }

    /// Pictures 00.png, 01.png and so on.
    fn pictures(&self, folder: &str, count: usize) {
        for i in 0..count {
            self.write(format!("{folder}/{i:02}.png"), &grey(10, 8, i as u8));
        }
    }

    fn load(&self) -> Result<Dataset, String> {
        self.load_with(Wanted::default(), None)
    }

    fn load_with(&self, wanted: Wanted, limit: Option<usize>) -> Result<Dataset, String> {
        load(self.path(), wanted, limit, &|_| ()).map_err(|error| {
            let message = error.to_string();
            assert!(!message.contains('\n') && !message.ends_with('.'), "{message}");
            message.replace(self.path().to_str().unwrap(), "SET")
        })
    }

    /// Why it is refused; the folder is "SET" in it.
    #[track_caller]
    fn refusal(&self) -> String {
        self.load().map(|dataset| dataset.notes).expect_err("it was taken")
    }
}

fn png(picture: impl Into<image::DynamicImage>) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    picture.into().write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// A picture of one grey.
fn grey(width: u32, height: u32, value: u8) -> Vec<u8> {
    png(GrayImage::from_pixel(width, height, Luma([value])))
}

fn colour(width: u32, height: u32, value: [u8; 3]) -> Vec<u8> {
    png(RgbImage::from_pixel(width, height, Rgb(value)))
}

fn files(images: &Images) -> Vec<&str> {
    (0..images.len()).map(|i| images.file(i).unwrap().to_str().unwrap()).collect()
}

#[test]
fn two_sets_of_two_classes_are_read() {
    let place = Place::new();
    for (folder, count) in [("train/dog", 12), ("train/cat", 12), ("test/cat", 2), ("test/dog", 3)]
    {
        place.pictures(folder, count);
    }
    let dataset = place.load().unwrap();
    assert_eq!(dataset.classes.names(), ["cat", "dog"]);
    assert_eq!(dataset.shape(), Shape { height: 8, width: 10, channels: 1 });
    assert_eq!((dataset.train.len(), dataset.test.len()), (24, 5));
    let expected = [
        "test/cat/00.png",
        "test/dog/00.png",
        "test/cat/01.png",
        "test/dog/01.png",
        "test/dog/02.png",
    ];
    assert_eq!(files(&dataset.test), expected);
    assert_eq!(dataset.test.labels(), [0, 1, 0, 1, 1]);
    assert_eq!(dataset.train.image(22), [11; 80]);
    assert_eq!(dataset.train.file(23), Some(Path::new("train/dog/11.png")));
    assert_eq!(dataset.notes, [""; 0]);
    assert!(dataset.origin.name.starts_with("8x10 pictures from "), "{}", dataset.origin.name);
    assert_eq!(dataset.origin.folder.as_deref(), Some(place.path()));
}

#[test]
fn a_sixth_is_kept_for_testing_by_name_alone() {
    let place = Place::new();
    place.pictures("cat", 12);
    place.pictures("dog", 12);
    let dataset = place.load().unwrap();
    // int.from_bytes(hashlib.sha256(b"cat/00.png").digest()[:8], "big") % 6 == 0, and so on.
    let kept = ["cat/02.png", "dog/05.png", "dog/07.png", "dog/11.png"];
    assert_eq!(files(&dataset.test), kept);
    assert_eq!(dataset.train.len() + dataset.test.len(), 24);
    let note = "a sixth is kept for testing, chosen by file names: 4 of 24 pictures";
    assert_eq!(dataset.notes, [note]);

    let side = |dataset: &Dataset| {
        let of = |images: &Images, side| {
            let files = files(images).into_iter().map(str::to_owned);
            files.map(|file| (file, side)).collect::<Vec<_>>()
        };
        BTreeMap::from_iter([of(&dataset.train, 0), of(&dataset.test, 1)].concat())
    };
    let before = side(&dataset);
    place.pictures("cat", 30);
    place.pictures("bird", 20);
    fs::remove_file(place.path().join("dog/03.png")).unwrap();
    let after = side(&place.load().unwrap());
    for (file, side) in before.iter().filter(|(file, _)| *file != "dog/03.png") {
        assert_eq!(after[file], *side, "{file}");
    }
    assert_eq!(after.len(), 30 + 20 + 11);
}

#[test]
fn any_first_part_has_an_equal_share_of_each_class() {
    let place = Place::new();
    for (folder, count) in [("train/a", 1), ("train/b", 3), ("train/c", 2), ("test/a", 9)] {
        place.pictures(folder, count);
    }
    let dataset = place.load().unwrap();
    assert_eq!(dataset.train.labels(), [0, 1, 2, 1, 2, 1]);
    assert_eq!(dataset.notes, ["no picture to test with: b, c"]);
    // What is beyond the limit is not read, and as many are tested as there are classes.
    place.write("train/b/01.png", b"broken");
    place.write("test/a/07.png", b"broken");
    let limited = place.load_with(Wanted::default(), Some(3)).unwrap();
    assert_eq!(files(&limited.train), ["train/a/00.png", "train/b/00.png", "train/c/00.png"]);
    assert_eq!(files(&limited.test), ["test/a/00.png", "test/a/01.png", "test/a/02.png"]);
    assert_eq!(limited.notes, ["no picture to test with: b, c"]);
}

#[test]
fn one_set_is_tested_with_and_the_others_are_named() {
    let place = Place::new();
    for folder in ["train/a", "train/b", "val/a", "valid/b"] {
        place.pictures(folder, 2);
    }
    // A test set of which nobody knows the classes.
    place.write("test/0001.png", &grey(9, 9, 1));
    let dataset = place.load().unwrap();
    assert_eq!(files(&dataset.test), ["val/a/00.png", "val/a/01.png"]);
    let notes: Vec<_> =
        dataset.notes.iter().map(|n| n.replace(place.path().to_str().unwrap(), "SET")).collect();
    let expected = [
        "1 picture directly in SET/test left out: no class",
        "test/ is left out: no picture in it has a class",
        "valid/ is left out: val/ is there to test with",
        "no picture to test with: b",
    ];
    assert_eq!(notes, expected);
    // Without any, a sixth of the training set is kept.
    fs::remove_dir_all(place.path().join("val")).unwrap();
    fs::remove_dir_all(place.path().join("valid")).unwrap();
    place.pictures("train/a", 30);
    let dataset = place.load().unwrap();
    assert!(files(&dataset.test).iter().all(|file| file.starts_with("train/")));
}

#[test]
fn classes_are_in_the_order_of_their_names_and_need_a_picture_to_learn_from() {
    let place = Place::new();
    for class in ["b10", "b9", "Z", "é", "a b"] {
        place.pictures(&format!("train/{class}"), 1);
        place.pictures(&format!("test/{class}"), 1);
    }
    place.folder("train/empty");
    place.write("train/words/a.txt", b"no picture");
    place.pictures("test/unicorn", 2);
    place.folder("test/empty");
    let dataset = place.load().unwrap();
    // sorted() in Python.
    assert_eq!(dataset.classes.names(), ["Z", "a b", "b10", "b9", "é"]);
    assert_eq!(dataset.test.len(), 5);
    let note = "left out, as there is no picture to learn from: empty, unicorn, words";
    assert_eq!(dataset.notes, [note]);
}

#[test]
fn what_is_no_picture_is_passed_over_and_what_begins_as_one_is_taken() {
    let place = Place::new();
    let picture = grey(9, 9, 1);
    for name in ["a.PNG", "b.jpeg", "no ending", "d.data", "deeper/still/e.png"] {
        place.write(Path::new("train/a").join(name), &picture);
        place.write(Path::new("train/b").join(name), &picture);
    }
    for name in ["labels.csv", "a.json", "readme", "BMX.txt", "Thumbs.db", ".DS_Store", "._a.png"] {
        place.write(Path::new("train/a").join(name), b"BM it is text");
    }
    for name in [".hidden/a.png", "@eaDir/a.png", "__MACOSX/a.png"] {
        place.write(Path::new("train/a").join(name), &picture);
        place.write(Path::new("train").join(name), &picture);
    }
    place.pictures("test/a", 1);
    place.pictures("test/b", 1);
    let dataset = place.load().unwrap();
    let of_a = files(&dataset.train).into_iter().step_by(2).collect::<Vec<_>>();
    let taken = ["a.PNG", "b.jpeg", "d.data", "deeper/still/e.png", "no ending"];
    assert_eq!(of_a, taken.map(|name| format!("train/a/{name}")));
    assert_eq!(dataset.classes.names(), ["a", "b"]);
    assert_eq!(dataset.notes, [""; 0]);
}

#[test]
fn a_few_broken_pictures_are_left_out_and_said() {
    let place = Place::new();
    for folder in ["train/a", "train/b", "test/a", "test/b"] {
        place.pictures(folder, 20);
    }
    for (file, content) in
        [("train/a/03.png", &b""[..]), ("train/b/00.png", b"no"), ("test/a/19.png", b"")]
    {
        place.write(file, content);
    }
    symlink("nowhere", place.path().join("test/b/20.png")).unwrap();
    let dataset = place.load().unwrap();
    assert_eq!((dataset.train.len(), dataset.test.len()), (38, 39));
    let note = "4 of 81 pictures left out, such as train/b/00.png: its content is of another kind";
    assert_eq!(dataset.notes, [note]);
    // Labels and files still belong to their pictures: each shows its number.
    for images in [&dataset.train, &dataset.test] {
        for (i, file) in files(images).into_iter().enumerate() {
            assert_eq!(format!("{:02}.png", images.image(i)[0]), file[file.len() - 6..]);
            assert_eq!(images.label(i), usize::from(file.contains("/b/")));
        }
    }
}

#[test]
fn more_than_half_or_a_whole_class_of_broken_pictures_is_an_error() {
    let place = Place::new();
    for (folder, count) in [("train/a", 10), ("train/b", 2), ("test/a", 2), ("test/b", 2)] {
        place.pictures(folder, count);
    }
    place.write("train/b/00.png", b"");
    assert!(place.load().is_ok());
    place.write("train/b/01.png", b"");
    let said = "2 of the 2 pictures of b cannot be taken, such as train/b/00.png: it is empty";
    assert_eq!(place.refusal(), said);
    place.pictures("train/b", 2);
    place.write("test/a/00.png", b"<html>");
    place.write("test/b/00.png", b"<html>");
    assert!(place.load().is_ok());
    place.write("test/b/01.png", b"<html>");
    let said = "3 of the 4 pictures to test with cannot be taken, such as test/a/00.png: it is an \
                HTML page";
    assert_eq!(place.refusal(), said);
    (0..7).for_each(|i| place.write(format!("train/a/{i:02}.png"), b""));
    assert!(place.refusal().starts_with("7 of the 12 pictures to learn from cannot be taken"));
}

#[test]
fn a_picture_that_is_too_large_is_left_out() {
    let place = Place::new();
    for folder in ["train/a", "train/b", "test/a", "test/b"] {
        place.pictures(folder, 2);
    }
    place.write("train/a/huge.png", &grey(10_000, 10_000, 0));
    let dataset = place.load().unwrap();
    let note = "1 of 9 pictures left out, such as train/a/huge.png: it has 10000 x 10000 pixels, \
                which are too many";
    assert_eq!(dataset.notes, [note]);
}

#[test]
fn what_is_no_set_of_pictures_is_said_in_one_sentence() {
    let place = Place::new();
    assert_eq!(
        place.refusal(),
        "SET has no picture (PNG, JPEG, WebP, BMP, GIF or TIFF), only 0 folders and 0 other files; \
         put the pictures of each class into a folder of its name"
    );
    place.write("train/cat/a.txt", b"a");
    assert!(place.refusal().contains("SET/train has no picture"), "{}", place.refusal());
    assert!(place.refusal().contains("only 1 folder and 1 other file;"), "{}", place.refusal());
    place.write("train/a.png", &grey(9, 9, 9));
    assert_eq!(
        place.refusal(),
        "SET/train has 1 picture and no folder of a class; put the pictures of each class into a \
         folder of its name"
    );
    place.pictures("train/cat", 3);
    assert_eq!(
        place.refusal(),
        "SET/train has pictures of one class alone, cat (3 pictures), and at least two are needed, \
         each in a folder of its own"
    );
    for i in 0..1000 {
        place.write(format!("train/{i}/a.png"), b"");
    }
    assert_eq!(
        place.refusal(),
        "SET/train has pictures of 1,001 classes, and at most 1,000 can be told apart; name a \
         folder with fewer"
    );
    fs::remove_file(place.path().join("train/a.png")).unwrap();
    fs::rename(place.path().join("train"), place.path().join("Test")).unwrap();
    assert_eq!(
        place.refusal(),
        "SET has pictures in Test and no folder train; put those to learn from into train/CLASS"
    );
    let missing = load(&place.path().join("no"), Wanted::default(), None, &|_| ()).unwrap_err();
    assert!(missing.to_string().ends_with("/no; name the one that holds a folder for each class"));
}

#[test]
fn a_set_within_its_only_folder_is_hinted_at() {
    let place = Place::new();
    place.pictures("animals/cat", 12);
    place.pictures("animals/dog", 12);
    let hint = "; if the folders in it are the classes, name SET/animals";
    assert!(place.refusal().ends_with(hint), "{}", place.refusal());
}

#[test]
fn sets_without_a_common_class_or_with_too_few_pictures_are_refused() {
    let place = Place::new();
    for folder in ["train/cats", "train/dogs", "test/cat", "test/dog"] {
        place.pictures(folder, 2);
    }
    assert_eq!(
        place.refusal(),
        "SET/test and SET/train have no class in common: cat, dog are to be tested and cats, dogs \
         are learnt; give the folders of a class one name in both"
    );
    fs::remove_dir_all(place.path().join("test")).unwrap();
    assert_eq!(
        place.refusal(),
        "SET/train has only 4 pictures, too few to learn from most of them and to test with a \
         sixth; add more, or put some of each class into test/CLASS and the others into train/CLASS"
    );
}

#[test]
fn what_does_not_fit_into_memory_is_refused_before_it_is_read() {
    let place = Place::new();
    for folder in ["train/a", "train/b", "test/a"] {
        place.pictures(folder, 10);
    }
    let wanted = Wanted { size: Some([8000, 8000]), channels: Some(3) };
    assert_eq!(
        place.load_with(wanted, None).unwrap_err(),
        "30 pictures of 8000x8000 pixels take 5.4 GiB of memory, and at most 4 GiB are given to \
         pictures; take fewer with --limit, or smaller ones with --input-size"
    );
}

#[test]
fn names_may_be_anything() {
    let place = Place::new();
    // As long as a name may be on most systems.
    let longest = format!("{}é", "x".repeat(253));
    let no_text = OsStr::from_bytes(b"caf\xe9");
    for class in ["猫", "a\x1b[31m\n", "naïve 👩‍🔬"]
        .map(OsStr::new)
        .into_iter()
        .chain([longest.as_ref(), no_text])
    {
        let class = Path::new(class);
        place.write(Path::new("train").join(class).join("一.png"), &grey(9, 9, 1));
        place.write(
            Path::new("train").join(class).join(OsStr::from_bytes(b"\xff.png")),
            &grey(9, 9, 2),
        );
        place.write(Path::new("test").join(class).join("二.png"), &grey(9, 9, 3));
    }
    let dataset = place.load().unwrap();
    let names = ["a\x1b[31m\n", "caf\u{fffd}", "naïve 👩‍🔬", &longest, "猫"];
    assert_eq!(dataset.classes.names(), names);
    assert_eq!((dataset.train.len(), dataset.test.len()), (10, 5));
    let last = PathBuf::from("train/猫").join(OsStr::from_bytes(b"\xff.png"));
    assert_eq!(dataset.train.file(9), Some(&*last));
    // Two that read alike cannot be told apart on the screen.
    place.write(Path::new("train").join(OsStr::from_bytes(b"caf\xe8/a.png")), &grey(9, 9, 1));
    assert_eq!(
        place.refusal(),
        "SET/train has two folders of classes whose names are no Unicode and read alike, \
         caf\u{fffd}; rename one of them"
    );
}

#[test]
fn links_are_followed_and_never_in_a_circle() {
    let place = Place::new();
    let elsewhere = Place::new();
    elsewhere.pictures("more/of/them", 2);
    elsewhere.pictures("dogs", 3);
    for folder in ["train/cat/in", "test/cat", "test/dog"] {
        place.pictures(folder, 2);
    }
    let link = |to: &Path, at: &str| symlink(to, place.path().join(at)).unwrap();
    link(&elsewhere.path().join("dogs"), "train/dog");
    link(&elsewhere.path().join("more"), "train/cat/more");
    // Back to itself, to its class, to all classes and to everything.
    link(Path::new("loop"), "train/cat/loop");
    link(Path::new("."), "train/cat/in/here");
    link(Path::new(".."), "train/cat/up");
    link(place.path(), "train/cat/in/top");
    link(Path::new("/"), "train/cat/root");
    link(&place.path().join("train/lost"), "train/lost");
    let dataset = place.load().unwrap();
    let cats = files(&dataset.train).into_iter().filter(|file| file.contains("cat"));
    let expected = ["in/00.png", "in/01.png", "more/of/them/00.png", "more/of/them/01.png"];
    assert_eq!(cats.collect::<Vec<_>>(), expected.map(|file| format!("train/cat/{file}")));
    assert_eq!(dataset.train.len(), 7);
    let mut notes = dataset.notes;
    notes.sort();
    let back = "it leads back to a folder that is read already";
    // What the system calls a link to itself is its own affair.
    let expected = [
        ("train/cat/in/here", back),
        ("train/cat/in/top", back),
        ("train/cat/loop", ""),
        ("train/cat/root", back),
        ("train/cat/up", back),
        ("train/lost", ""),
    ];
    assert_eq!(notes.len(), expected.len(), "{notes:?}");
    for (note, (link, why)) in notes.iter().zip(expected) {
        assert!(note.starts_with(&format!("{link} is left out: {why}")), "{note}");
    }
}

#[test]
fn a_link_to_what_it_lies_in_is_no_class() {
    let place = Place::new();
    place.pictures("cat", 12);
    symlink(".", place.path().join("again")).unwrap();
    symlink("..", place.path().join("above")).unwrap();
    let only =
        "SET has pictures of one class alone, cat (12 pictures), and at least two are needed";
    assert!(place.refusal().starts_with(only), "{}", place.refusal());
    place.pictures("dog", 12);
    symlink("cat", place.path().join("tiger")).unwrap();
    let dataset = place.load().unwrap();
    assert_eq!(dataset.classes.names(), ["cat", "dog", "tiger"]);
    let back = "is left out: it leads back to the folder that it is in";
    assert_eq!(dataset.notes[..2], [format!("above {back}"), format!("again {back}")]);
}

/// The shape of a set with these pictures, half of them to learn from and half to test with.
fn shape_of(pictures: &[Vec<u8>], wanted: Wanted) -> [usize; 3] {
    let place = Place::new();
    for (i, picture) in pictures.iter().enumerate() {
        let set = if 2 * i < pictures.len() { "train" } else { "test" };
        place.write(format!("{set}/{}/{i}.png", i % 2), picture);
    }
    let shape = place.load_with(wanted, None).unwrap().shape();
    [shape.height, shape.width, shape.channels]
}

#[test]
fn the_shape_is_that_of_small_pictures_that_agree() {
    let shape = |pictures: &[Vec<u8>]| shape_of(pictures, Wanted::default());
    let four = |picture: Vec<u8>| vec![picture; 4];
    assert_eq!(shape(&four(grey(40, 30, 9))), [30, 40, 1]);
    assert_eq!(shape(&four(grey(64, 8, 9))), [8, 64, 1]);
    assert_eq!(shape(&four(grey(65, 64, 9))), [32, 32, 1]);
    assert_eq!(shape(&four(grey(64, 7, 9))), [32, 32, 1]);
    let [small, other, large] = [grey(40, 40, 1), grey(40, 41, 2), grey(400, 300, 3)];
    let of = |four: [&Vec<u8>; 4]| shape(&four.map(Clone::clone));
    assert_eq!(of([&small, &small, &small, &other]), [32, 32, 1]);
    assert_eq!(of([&large, &small, &small, &small]), [32, 32, 1]);
    assert_eq!(of([&small, &small, &small, &large]), [32, 32, 1]);
    assert_eq!(of([&grey(32, 32, 1), &large, &large, &large]), [32, 32, 1]);
}

#[test]
fn there_are_colours_where_a_picture_shows_one() {
    let [grey, stored, red] = [grey(9, 9, 7), colour(9, 9, [7; 3]), colour(9, 9, [8, 7, 7])];
    let of = |four: [&Vec<u8>; 4]| shape_of(&four.map(Clone::clone), Wanted::default());
    assert_eq!(of([&stored; 4]), [9, 9, 1]);
    assert_eq!(of([&grey, &stored, &stored, &grey]), [9, 9, 1]);
    assert_eq!(of([&grey, &grey, &grey, &red]), [9, 9, 3]);
    assert_eq!(of([&red, &grey, &grey, &grey]), [9, 9, 3]);
    let wanted = |size, channels| {
        shape_of(&[&grey, &red, &grey, &red].map(Clone::clone), Wanted { size, channels })
    };
    assert_eq!(wanted(None, Some(1)), [9, 9, 1]);
    assert_eq!(wanted(Some([12, 10]), None), [12, 10, 3]);
    assert_eq!(wanted(Some([12, 10]), Some(1)), [12, 10, 1]);
}

#[test]
fn every_picture_is_what_it_would_be_alone() {
    // The first ones agree in size and are grey; later ones contradict.
    let slope = |width: u32, height: u32, step: u32| {
        RgbImage::from_fn(width, height, |x, y| Rgb([(step * x + y) as u8; 3]))
    };
    let mut last = slope(30, 50, 2);
    last.put_pixel(3, 3, Rgb([200, 10, 10]));
    let place = Place::new();
    let pictures = [slope(40, 40, 3), slope(40, 40, 4), slope(100, 70, 2), last];
    for (i, picture) in pictures.into_iter().enumerate() {
        place.write(format!("train/{}/{i}.png", i % 2), &png(picture));
    }
    place.pictures("test/0", 1);
    for wanted in [Wanted::default(), Wanted { size: Some([20, 30]), channels: Some(1) }] {
        let dataset = place.load_with(wanted, None).unwrap();
        let shape = dataset.shape();
        assert_eq!(
            Wanted::from(shape),
            match wanted.size {
                None => Wanted { size: Some([32, 32]), channels: Some(3) },
                _ => wanted,
            }
        );
        for i in 0..4 {
            let file = place.path().join(dataset.train.file(i).unwrap());
            assert_eq!(dataset.train.image(i), import::picture(&file, shape).unwrap(), "{i}");
        }
    }
}

#[test]
fn progress_is_told_from_the_folder_to_the_last_picture() {
    let place = Place::new();
    for folder in ["train/a", "train/b", "test/a"] {
        place.pictures(folder, 3);
    }
    let told = Mutex::new(Vec::new());
    load(place.path(), Wanted::default(), None, &|step| told.lock().unwrap().push(step)).unwrap();
    let told = told.into_inner().unwrap();
    let mut done: Vec<_> = told
        .iter()
        .map(|step| match step {
            Progress::Decoding { done, total: 9 } => *done,
            other => panic!("{other:?}"),
        })
        .collect();
    done.sort_unstable();
    assert_eq!(done, Vec::from_iter(1..=9));
}

#[test]
fn a_set_is_known_by_a_picture_not_far_below() {
    let place = Place::new();
    assert!(!looks_like_one(place.path()));
    assert!(!looks_like_one(&place.path().join("no")));
    place.write("MNIST/raw/train-images-idx3-ubyte", &[0, 0, 8, 3]);
    place.write(".cache/a.png", &grey(9, 9, 1));
    assert!(!looks_like_one(place.path()));
    place.pictures("train/cat/young", 1);
    assert!(looks_like_one(place.path()));
    symlink(".", place.path().join("MNIST/again")).unwrap();
    assert!(looks_like_one(place.path()));
}
