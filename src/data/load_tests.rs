//! Which of the user's files, the cache and the pen is taken.

use std::fs;
use std::path::Path;

use super::*;
use crate::data::digits::SIDE;
use crate::data::fixtures::{
    assert_says, assert_whole, folder_with, idx, images, real_folder, whole_folder,
};
use crate::data::{Noun, Origin, Wanted, load};

/// A request whose cache cannot be made, so that nothing can be downloaded into it.
fn request(choice: Choice, parent: &Path) -> Request {
    let file = parent.join("file");
    fs::write(&file, "not a folder").unwrap();
    let (wanted, cache) = (Wanted::default(), file.join("cache"));
    Request { choice, wanted, environment: None, cache, seed: 1, limit: None }
}

#[test]
fn a_named_folder_is_read_or_is_an_error() {
    let whole = whole_folder();
    let broken = folder_with(1, &[]);
    for choice in [Choice::Auto, Choice::Mnist] {
        let mut request = Request { cache: whole.path().into(), ..request(choice, broken.path()) };
        request.environment = Some(broken.path().into());
        assert!(matches!(load(&request, &|_| ()), Err(DataError::IdxSet(_))));
        request.environment = Some(whole.path().into());
        request.cache = broken.path().into();
        assert_whole(&load(&request, &|_| ()).unwrap());
        request.environment = Some(broken.path().join("nowhere"));
        let error = load(&request, &|_| ()).unwrap_err().to_string();
        assert_says(&error, &["GRADCAM_MNIST names", "nowhere, which is no folder", "--data"]);
        // A folder on the command line goes before the environment's.
        request.choice = Choice::Folder(broken.path().into());
        assert!(matches!(load(&request, &|_| ()), Err(DataError::IdxSet(_))));
    }
}

#[test]
fn files_that_somebody_put_into_the_cache_are_taken_if_they_are_mnist() {
    let Some(real) = real_folder() else { return };
    let other = tempfile::tempdir().unwrap();
    let kept = other.path().join("mnist");
    fs::create_dir(&kept).unwrap();
    for entry in fs::read_dir(real).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            fs::copy(entry.path(), kept.join(entry.file_name())).unwrap();
        }
    }
    let cache = other.path().to_owned();
    let request = Request { cache, ..request(Choice::Mnist, other.path()) };
    let origin = load(&request, &|_| ()).unwrap().origin;
    assert_eq!(origin, Origin::known("MNIST", Noun::Digit, &kept));
    assert_eq!(whereabouts(&request), format!("MNIST from {} (the cache)", kept.display()));
}

#[test]
fn drawn_digits_stand_in_only_where_that_is_allowed() {
    let other = tempfile::tempdir().unwrap();
    let dataset = load(&request(Choice::Auto, other.path()), &|_| ()).unwrap();
    let reason = dataset.origin.stand_in.as_deref().expect("there is a reason").to_owned();
    assert_says(&reason, &["could not be stored", other.path().to_str().unwrap()]);
    assert!(!reason.contains("--data"), "advice is not a reason: {reason}");

    let error = load(&request(Choice::Mnist, other.path()), &|_| ()).unwrap_err();
    assert_says(&error.to_string(), &["could not be stored", "--data"]);

    let dataset = load(&request(Choice::Synthetic, other.path()), &|_| ()).unwrap();
    assert_eq!(dataset.origin, Origin::drawn(1, None));
    assert_eq!((dataset.train.len(), dataset.test.len()), (TRAIN_COUNT, TEST_COUNT));
}

#[test]
fn other_known_sets_are_never_drawn_nor_taken_from_where_mnist_is() {
    let (whole, other) = (whole_folder(), tempfile::tempdir().unwrap());
    for (choice, name) in [(Choice::FashionMnist, "Fashion-MNIST"), (Choice::Kmnist, "KMNIST")] {
        let mut request = request(choice, other.path());
        request.environment = Some(whole.path().into());
        let folder = request.cache.join(name.to_lowercase());
        let says = format!("{name}, to be downloaded to {}", folder.display());
        assert_eq!(whereabouts(&request), says);
        let error = load(&request, &|_| ()).unwrap_err().to_string();
        assert_says(&error, &[name, "could not be stored", "--data"]);
    }
}

#[test]
fn whereabouts_say_which_set_and_why_or_what_is_wrong_with_it() {
    let (whole, other) = (whole_folder(), tempfile::tempdir().unwrap());
    let mut request = request(Choice::Auto, other.path());
    let drawn = "MNIST, to be downloaded to ";
    assert_says(&whereabouts(&request), &[drawn, "drawn by gradcam itself if that fails"]);
    request.environment = Some(whole.path().into());
    let says = format!("28x28 pictures from {} (GRADCAM_MNIST)", whole.path().display());
    assert_eq!(whereabouts(&request), says);
    request.choice = Choice::Folder(other.path().into());
    assert_says(
        &whereabouts(&request),
        &["has neither pictures", "nor IDX files", "idx at the end", "(--data)"],
    );
    request.choice = Choice::Folder("nowhere".into());
    assert_says(&whereabouts(&request), &["there is no folder nowhere"]);
}

/// A file that is sorted by class begins with one class alone.
#[test]
fn classes_without_a_picture_to_learn_from_are_noted_after_the_limit() {
    let sorted: Vec<u8> = (0..30).map(|at| at / 3).collect();
    let labels = idx(0x0801, &[30], sorted);
    let place = tempfile::tempdir().unwrap();
    for (set, file) in [("train", 0), ("t10k", 1)] {
        let name = |what| place.path().join(format!("{set}-{what}.idx{file}"));
        fs::write(name("images"), images(30, SIDE)).unwrap();
        fs::write(name("labels"), &labels).unwrap();
    }
    let request = |limit| {
        let choice = Choice::Folder(place.path().into());
        Request { limit, ..request(choice, place.path()) }
    };
    assert_eq!(load(&request(None), &|_| ()).unwrap().notes, [""; 0]);
    let limited = load(&request(Some(12)), &|_| ()).unwrap();
    let says = "no picture to learn from is of 6 of the 10 classes: 4, 5, 6, 7, 8 and 1 more";
    assert_eq!((limited.train.len(), &limited.notes[..]), (12, &[says.to_owned()][..]));
}
