//! `gradcam evaluate`: how a model does on the test digits.

use std::io::{self, Write};

use serde_json::json;

use super::error::PlainError;
use crate::data::Dataset;
use crate::model::Network;
use crate::model::evaluate::evaluate;
use crate::text::{json_line, printable};

/// Scores the model on the test digits.
pub fn score(network: &Network, dataset: &Dataset, json: bool) -> Result<(), PlainError> {
    let result = evaluate(network, &dataset.test, || true).unwrap_or_default();
    let (loss, accuracy, images) = (result.loss(), result.accuracy(), dataset.test.len());
    let name = dataset.origin.name.clone();
    let line = if json {
        let object = json!({
            "test_loss": loss, "test_accuracy": accuracy, "images": images, "dataset": name,
        });
        json_line(&object)
    } else {
        let counted = dataset.origin.counted(images);
        printable(&format!("test loss {loss:.4}, test accuracy {accuracy:.4} on {counted}")).into()
    };
    writeln!(io::stdout(), "{line}")?;
    Ok(())
}
