//! The picture that is saved of what is in view.

use crate::app::images::{self, heat, image};
use crate::app::message::{Effect, SavePicture};
use crate::app::state::{App, Explore};
use crate::captions::captions;
use crate::explain::Method;
use crate::live::Subject;
use crate::paint::Look;

/// The most characters of a class's name in the name of a file.
const NAME: usize = 40;

/// Asks for the file, if there is something to show.
pub fn picture(app: &mut App) -> Vec<Effect> {
    let (Some(dataset), Some(answer)) = (app.dataset(), app.answer()) else {
        app.notify("nothing is explained yet", false);
        return Vec::new();
    };
    let Explore { signed, overlay, .. } = app.explore;
    let layer = app.layer();
    let (look, map) = match (overlay, signed) {
        (true, true) => (Look::SignedOverlay, images::signed(&answer.heatmap)),
        (true, false) => (Look::Overlay, heat(&answer.heatmap)),
        (false, true) => (Look::Signed, images::signed(&answer.heatmap)),
        (false, false) => (Look::Heat, heat(&answer.heatmap)),
    };
    let (what, name) = match app.subject() {
        Subject::Test(index) => {
            let one = dataset.origin.noun.one();
            let file = dataset.test.file(index).map(|file| format!(" ({})", file.display()));
            (format!("{one} {index}{}", file.unwrap_or_default()), index.to_string())
        }
        Subject::Drawing(_) => ("a drawing".to_owned(), "drawing".to_owned()),
    };
    let mut stem = format!("gradcam-{name}-class-{}", in_file(dataset.classes.name(answer.target)));
    if answer.query.method != Method::default() {
        stem.push_str(&format!("-{}", answer.query.method));
    }
    if layer != app.layers.last() {
        stem.push_str(&format!("-{}", in_file(app.layers.name(layer))));
    }
    let (pixels, label) = app.in_view(dataset);
    let layer = app.layers.name(layer);
    let texts = captions(answer, &dataset.classes, &what, label, layer).to_vec();
    let image = image(pixels, dataset.shape());
    let picture = SavePicture { image, map, look, colormap: app.colormap, texts, stem };
    vec![Effect::SavePicture(Box::new(picture))]
}

/// A name as a part of a file's name: every system takes letters, numbers and hyphens.
fn in_file(name: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '-' };
    name.chars().map(safe).take(NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_kind_is_a_part_of_a_file_name() {
        for (name, expected) in [
            ("7", "7"),
            ("conv2", "conv2"),
            ("../tabby cat\n", "---tabby-cat-"),
            ("猫の絵", "猫の絵"),
            ("block/0/conv_1", "block-0-conv_1"),
        ] {
            assert_eq!(in_file(name), expected);
        }
        assert_eq!(in_file(&"猫".repeat(300)), "猫".repeat(40));
    }
}
