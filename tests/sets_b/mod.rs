//! Pictures of any shape in any number of classes, with names of any length and script, and the app
//! that looks at them.
#![allow(dead_code, reason = "every test file needs a part of it")]

pub mod screen;

use std::path::Path;
use std::sync::Arc;

use gradcam::data::{Classes, Dataset, Images, Origin, Shape};

/// How classes are called.
#[derive(Debug, Clone, Copy)]
pub enum Names {
    /// "class 7"
    Short,
    /// "第7類の絵": ten cells and more
    Japanese,
    /// 300 characters
    Long,
}

impl Names {
    /// Of a class.
    pub fn of(self, class: usize) -> String {
        match self {
            Self::Short => format!("class {class}"),
            Self::Japanese => format!("第{class}類の絵"),
            Self::Long => format!("{class} {}", "long ".repeat(60))[..300].to_owned(),
        }
    }
}

/// Grey pictures of this shape.
pub fn shape(width: usize, height: usize) -> Shape {
    Shape { height, width, channels: 1 }
}

/// Pictures with these labels, which are the test set and the training set.
pub fn dataset(names: Classes, shape: Shape, labels: Vec<u16>) -> Arc<Dataset> {
    let pixels = (0..labels.len() * shape.bytes()).map(|i| (i * 37 % 251) as u8).collect();
    let images = Images::new(shape, pixels, labels);
    let origin = Origin::folder(shape, Path::new("pictures"));
    Arc::new(Dataset::new(images.clone(), images, names, origin))
}

/// So many pictures, the classes taking turns.
pub fn in_turn(classes: usize, names: Names, shape: Shape, count: usize) -> Arc<Dataset> {
    let labels = (0..count).map(|i| (i % classes) as u16).collect();
    dataset(Classes::new((0..classes).map(|class| names.of(class))), shape, labels)
}
