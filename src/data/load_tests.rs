//! Which of the user's files, the cache and the pen is taken.

use std::fs;
use std::path::Path;

use super::*;
use crate::data::idx_set::tests::{
    assert_says, assert_whole, folder_with, real_folder, whole_folder,
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
    let request = Request { cache: real.clone(), ..request(Choice::Mnist, other.path()) };
    let origin = load(&request, &|_| ()).unwrap().origin;
    assert_eq!(origin, Origin::known("MNIST", Noun::Digit, &real));
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
