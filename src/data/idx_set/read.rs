//! One file of an IDX set, checked by itself.

use std::path::Path;

use super::error::IdxSetError;
use super::names::Role;
use crate::data::idx::{self, Idx, IdxError, ValueType};
use crate::data::shape::{SIDES, Shape};
use crate::figures::counted;

/// The most bytes of pictures in one file.
pub const BUDGET: usize = 2 << 30;
/// The most labels in one file: as many as the smallest pictures that fit into [`BUDGET`].
const MOST_LABELS: usize = BUDGET / (*SIDES.start() * *SIDES.start());
/// The most columns of a table of labels, of which the first is read.
const MOST_COLUMNS: usize = 64;

/// Reads a file.
///
/// # Errors
/// What is wrong with it.
pub fn read(role: Role, path: &Path) -> Result<Idx, IdxSetError> {
    let most = match role {
        Role::Images => BUDGET,
        Role::Labels => MOST_LABELS * ValueType::Int.width(),
    };
    let accept = |value_type, sizes: &[usize]| accept(role, value_type, sizes);
    idx::read(path, most, accept).map_err(of(path))
}

/// The sizes of a file, of which no more than the header is read.
///
/// # Errors
/// What is wrong with its header.
pub fn look(role: Role, path: &Path) -> Result<Vec<usize>, IdxSetError> {
    let (value_type, sizes) = idx::look(path).map_err(of(path))?;
    accept(role, value_type, &sizes).map_err(|problem| IdxSetError::content(path, problem))?;
    Ok(sizes)
}

/// For use with `map_err` where this file is read.
fn of(path: &Path) -> impl Fn(IdxError) -> IdxSetError {
    move |error| match error {
        IdxError::Unreadable(error) => IdxSetError::unreadable(path)(error),
        other => IdxSetError::content(path, other.to_string()),
    }
}

/// Whether a file of these sizes can be what belongs here.
fn accept(role: Role, value_type: ValueType, sizes: &[usize]) -> Result<(), String> {
    match role {
        _ if sizes.first() == Some(&0) => Err("has no entries".to_owned()),
        Role::Images => accept_images(value_type, sizes),
        Role::Labels => accept_labels(value_type, sizes),
    }
}

/// The shape of images in a file with these sizes.
pub fn shape(sizes: &[usize]) -> Option<Shape> {
    match *sizes {
        [_, height, width] | [_, height, width, 1] => Some(Shape { height, width, channels: 1 }),
        [_, height, width, 3] => Some(Shape { height, width, channels: 3 }),
        _ => None,
    }
}

/// Whether a file of these sizes can be images.
fn accept_images(value_type: ValueType, sizes: &[usize]) -> Result<(), String> {
    let Some(shape) = shape(sizes) else {
        return Err(match sizes {
            [_] | [_, _] => format!(
                "has labels (magic number {}) where images (0x0803) belong; give each file the \
                 name of what it holds",
                magic(value_type, sizes)
            ),
            _ => format!("is {}, neither images nor labels; {IMAGES}", dimensions(sizes)),
        });
    };
    if value_type != ValueType::Byte {
        return Err(format!(
            "has values of type {:#04x}, and images are read that have bytes (0x08)",
            value_type as u8
        ));
    }
    let Shape { height, width, .. } = shape;
    if !(SIDES.contains(&height) && SIDES.contains(&width)) {
        let (least, most) = SIDES.into_inner();
        return Err(format!(
            "has images of {height} x {width} pixels, and a network here learns from sides of \
             {least} to {most}; bring them to such a size"
        ));
    }
    let count = sizes[0];
    let bytes = count as u128 * shape.bytes() as u128;
    if bytes > BUDGET as u128 {
        return Err(format!(
            "has {} of {height} x {width} pixels, {:.1} GiB, and at most {} GiB are read; take \
             fewer",
            counted(count, "image"),
            bytes as f64 / f64::from(1 << 30),
            BUDGET >> 30
        ));
    }
    Ok(())
}

const IMAGES: &str = "images are count x height x width, in colour count x height x width x 3";

/// Whether a file of these sizes can be labels.
fn accept_labels(value_type: ValueType, sizes: &[usize]) -> Result<(), String> {
    match *sizes {
        [count] | [count, _] if count > MOST_LABELS => {
            Err(format!("has {count} entries, and at most {MOST_LABELS} are read"))
        }
        [_] | [_, 1] => Ok(()),
        [_, 1..=MOST_COLUMNS] if value_type == ValueType::Int => Ok(()),
        [_, _, _] | [_, _, _, 1 | 3] => Err(format!(
            "has images (magic number {}) where labels (0x0801) belong; give each file the name \
             of what it holds",
            magic(value_type, sizes)
        )),
        _ => Err(format!("is {}, neither images nor labels; labels are a list", dimensions(sizes))),
    }
}

/// Type and dimensions as the header says them.
fn magic(value_type: ValueType, sizes: &[usize]) -> String {
    format!("0x{:02x}{:02x}", value_type as u8, sizes.len())
}

fn dimensions(sizes: &[usize]) -> String {
    match sizes {
        [] => "one value".to_owned(),
        sizes => sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" x "),
    }
}
