//! Whether a network can look at pictures.

use super::network::Network;
use crate::data::{Classes, Dataset, Shape};

/// Names of classes that a sentence has room for.
const NAMED: usize = 3;

/// The pictures are not those that a network knows.
#[derive(Debug, thiserror::Error)]
#[error(
    "the model knows {knows}, and the data are {are}; name the data that the model is for with \
     --data, or another model with --model"
)]
pub struct Misfit {
    knows: String,
    are: String,
}

/// Checks that the shape and the classes are those of the network, whose classes have these names,
/// if any are known.
///
/// # Errors
/// If they are not.
pub fn check(network: &Network, names: Option<&Classes>, dataset: &Dataset) -> Result<(), Misfit> {
    let (input, shape) = (network.input(), dataset.shape());
    let (known, classes) = (network.classes(), &dataset.classes);
    if input == shape && known == classes.len() && names.is_none_or(|names| names == classes) {
        return Ok(());
    }
    let names = names.filter(|names| names.len() == known);
    Err(Misfit { knows: said(input, known, names), are: said(shape, classes.len(), Some(classes)) })
}

fn said(shape: Shape, count: usize, names: Option<&Classes>) -> String {
    let colour = if shape.is_colour() { "colour" } else { "grey" };
    let classes = if count == 1 { "1 class".to_owned() } else { format!("{count} classes") };
    let names = names.map_or(String::new(), |names| {
        let more = if names.len() > NAMED { ", …" } else { "" };
        let first: Vec<&str> = names.names().iter().take(NAMED).map(String::as_str).collect();
        format!(" ({}{more})", first.join(", "))
    });
    format!("{shape} {colour} pictures in {classes}{names}")
}
