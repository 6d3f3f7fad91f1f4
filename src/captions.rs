//! What a saved picture says about itself.

use crate::data::Classes;
use crate::explain::Explanation;

/// In PNG's terms: what a picture is a map of, and its label, if it has one.
pub fn captions(
    answer: &Explanation,
    classes: &Classes,
    what: &str,
    label: Option<usize>,
    layer: &str,
) -> [(&'static str, String); 3] {
    let Explanation { predicted, target, query, .. } = answer;
    let name = |class: usize| classes.name(class);
    let label = label.map_or(String::new(), |label| format!("label {}, ", name(label)));
    let (title, target, predicted) = (query.method.title(), name(*target), name(*predicted));
    [
        ("Title", format!("{title} of {what} for class {target}")),
        ("Description", format!("{label}predicted {predicted}, layer {layer}")),
        ("Software", concat!("gradcam ", env!("CARGO_PKG_VERSION")).to_owned()),
    ]
}
