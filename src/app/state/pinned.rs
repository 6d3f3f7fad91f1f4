//! Which pictures the Train screen watches.

use crate::data::Dataset;
use crate::live::CLASSES_AT_ONCE;

/// The first test picture of each class that has one, of as many classes as are looked at at once.
pub fn one_a_class(dataset: &Dataset) -> Vec<usize> {
    let labels = dataset.test.labels();
    let first = |class| labels.iter().position(|&label| usize::from(label) == class);
    (0..dataset.classes.len()).filter_map(first).take(CLASSES_AT_ONCE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Classes, Images, Noun, Origin, Shape};

    fn pinned(classes: usize, labels: Vec<u16>) -> Vec<usize> {
        let shape = Shape { height: 1, width: 1, channels: 1 };
        let images = Images::new(shape, vec![0; labels.len()], labels);
        let origin = Origin::known("pictures", Noun::Picture, "pictures".as_ref());
        one_a_class(&Dataset::new(images.clone(), images, Classes::numbered(classes), origin))
    }

    #[test]
    fn every_class_has_its_picture_up_to_ten_of_them() {
        assert_eq!(pinned(2, vec![1, 1, 0, 1]), [2, 0]);
        assert_eq!(pinned(3, vec![2, 0]), [1, 0], "one has no picture");
        let many: Vec<u16> = (0..1000).rev().collect();
        assert_eq!(pinned(1000, many), (990..1000).rev().collect::<Vec<_>>());
    }
}
