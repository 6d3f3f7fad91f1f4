//! What the four files of a set must have in common.

use std::path::PathBuf;

use super::error::IdxSetError;
use super::read::shape;
use crate::data::shape::Shape;

/// The one shape of all images, which are as many as their labels.
///
/// # Errors
/// Which files do not agree, and how.
pub fn agreement(paths: &[PathBuf; 4], sizes: [&[usize]; 4]) -> Result<Shape, IdxSetError> {
    let count = |slot: usize| sizes[slot].first().copied().unwrap_or_default();
    for pair in [0, 2] {
        let (image_count, label_count) = (count(pair), count(pair + 1));
        if image_count != label_count {
            let (images, labels) = (paths[pair].clone(), paths[pair + 1].clone());
            return Err(IdxSetError::Disagree { images, image_count, labels, label_count });
        }
    }
    let [train, test] = [0, 2].map(|slot| shape(sizes[slot]));
    match (train, test) {
        (Some(train), Some(test)) if train == test => Ok(train),
        _ => {
            let said = |shape: Option<Shape>| {
                shape.map_or(String::new(), |Shape { height, width, channels }| {
                    let colour = if channels > 1 { "colour" } else { "grey" };
                    format!("{height} x {width} {colour} pixels")
                })
            };
            let (here, there) = (said(test), said(train));
            let other = paths[0].display();
            let problem = format!("has images of {here}, and {other} of {there}; both must agree");
            Err(IdxSetError::content(&paths[2], problem))
        }
    }
}
