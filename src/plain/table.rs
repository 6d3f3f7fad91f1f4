//! All methods against each other on many digits: `gradcam table`.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use serde_json::json;

use crate::data::digits::is_ink;
use crate::data::{Dataset, Noun};
use crate::explain::{Figures, Method, VariantArray, compare};
use crate::figures::{fixed, percent};
use crate::model::evaluate::input;
use crate::model::{Layer, Network};
use crate::say;
use crate::text::{json_line, printable};

/// Digits between two looks at the clock.
const CHUNK: usize = 20;
/// The time between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// Prints every method's mean figures on the first test digits.
///
/// # Errors
/// If nobody reads what is printed.
pub fn print(
    network: &Network,
    layer: Layer,
    dataset: &Dataset,
    pictures: usize,
    json: bool,
) -> io::Result<()> {
    let count = pictures.min(dataset.test.len());
    let noun = dataset.origin.noun;
    let Table { randomised, figures } = measure(network, layer, dataset, count);
    let inked = noun == Noun::Digit;
    let mut out = io::stdout().lock();
    let layers = network.layers();
    let (name, layer) = (&dataset.origin.name, layers.name(layer));
    if json {
        for figures in &figures {
            let object = json!({
                "method": figures.method.to_string(), "layer": layer, "digits": count, "dataset": name,
                "deletion_area": figures.deletion, "insertion_area": figures.insertion,
                "gap": figures.gap(), "random_order_area": figures.random,
                "on_ink": inked.then_some(figures.on_ink), "stability": figures.stability,
                "randomised_layers": randomised, "randomised_correlations": figures.randomised,
                "empty": figures.empty,
            });
            writeln!(out, "{}", json_line(&object))?;
        }
    } else {
        let tested = dataset.origin.tested(count);
        writeln!(out, "mean of {}, predicted class, {layer}\n", printable(&tested))?;
        writeln!(out, "{}", lines(&randomised, &figures, inked).join("\n"))?;
    }
    out.flush()
}

/// What was measured.
struct Table {
    /// The layers that were made random, one after another.
    randomised: Vec<String>,
    /// One a method.
    figures: Vec<Figures>,
}

/// Every method's mean figures on the first `count` test pictures, with progress on stderr.
fn measure(network: &Network, layer: Layer, dataset: &Dataset, count: usize) -> Table {
    let noun = dataset.origin.noun;
    let inked = noun == Noun::Digit;
    let mut all: Vec<Vec<Figures>> = Vec::new();
    let mut said = Instant::now();
    while all.len() < count {
        let chunk = all.len()..(all.len() + CHUNK).min(count);
        let one = |i: usize| {
            let bytes = dataset.test.image(i);
            let image = input(bytes, dataset.shape(), &network.device());
            let others = network.randomised(i as u64);
            let others = others.iter().map(|(name, other)| (name.clone(), other.at(layer)));
            let others: Vec<_> = others.collect();
            let ink = is_ink(bytes);
            compare(&network.at(layer), &others, image, |pixel| inked && ink(pixel))
        };
        all.par_extend(chunk.into_par_iter().map(one));
        if said.elapsed() >= PROGRESS_EVERY || all.len() == count {
            said = Instant::now();
            say(format_args!("table: {} of {count} {}", all.len(), noun.of(count)));
        }
    }
    let of_method = |m: usize| all.iter().map(|picture| picture[m].clone()).collect::<Vec<_>>();
    Table {
        randomised: network.randomised(0).into_iter().map(|(name, _)| name).collect(),
        figures: (0..Method::VARIANTS.len()).filter_map(|m| Figures::mean(&of_method(m))).collect(),
    }
}

/// Two tables with a line a method, and what the columns mean.
fn lines(randomised: &[String], figures: &[Figures], inked: bool) -> Vec<String> {
    let line = |name: &str, cells: &[String]| {
        let cells: String = cells.iter().map(|cell| format!("{cell:>10}")).collect();
        format!("{name:<17}{cells}")
    };
    // Where nothing is ink, the share of heat on it says nothing.
    let with_ink = |cells: [String; 6]| {
        let cells = cells.into_iter().enumerate();
        cells.filter(|(i, _)| inked || *i != ON_INK).map(|(_, cell)| cell).collect::<Vec<_>>()
    };
    let heading = ["deletion", "insertion", "gap", "on ink", "stability", "empty"];
    let mut lines = vec![line("", &with_ink(heading.map(str::to_owned)))];
    lines.extend(figures.iter().map(|f| {
        let [deletion, insertion, gap] =
            [f.deletion, f.insertion, f.gap()].map(|area| fixed(area, 3));
        let [on_ink, empty] = [f.on_ink, f.empty].map(|share| percent(share, 1));
        let stability = fixed(f.stability, 2);
        let cells = [deletion, insertion, gap, on_ink, stability, empty];
        line(f.method.title(), &with_ink(cells))
    }));
    lines.extend(figures.first().map(|f| {
        let areas = [f.random, f.random, 0.0].map(|area| fixed(area, 3));
        line("random order", &areas)
    }));
    lines.push(String::new());
    lines.push(line("made random:", randomised));
    lines.extend(figures.iter().map(|f| {
        let correlations: Vec<_> = f.randomised.iter().map(|&rho| fixed(rho, 2)).collect();
        line(f.method.title(), &correlations)
    }));
    let legend = LEGEND.split('\n').filter(|line| inked || !line.starts_with("on ink"));
    lines.extend(legend.map(str::to_owned));
    lines
}

/// The column of the heat on ink.
const ON_INK: usize = 3;

const LEGEND: &str = "
deletion    area under the class's probability as the hottest pixels go first: less is better
insertion   the same as the hottest pixels come first: more is better
gap         insertion less deletion: more is better, 0 for pixels in random order
on ink      share of the heat on ink
stability   correlation with the maps of the picture shifted by one pixel: 1 is best
empty       share of maps without any positive evidence
made random rank correlation with the map of a network whose layers, from fc2 up to this one, have
            lost what they learnt: a map that hardly changes shows the picture, not the network";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RANDOMISED;

    #[test]
    fn lines_are_aligned_and_hold_every_figure() {
        let of = |&method| Figures {
            method,
            deletion: 0.25,
            insertion: 0.75,
            random: 0.4,
            on_ink: 0.614,
            stability: 0.987,
            randomised: vec![0.9, 0.5, 0.3, -0.127],
            empty: 0.002,
        };
        let figures: Vec<Figures> = Method::VARIANTS.iter().map(of).collect();
        let lines = lines(&RANDOMISED.map(str::to_owned), &figures, true);
        let table = &lines[..=Method::VARIANTS.len()];
        assert!(table.iter().all(|line| line.chars().count() == table[0].chars().count()));
        for value in ["Grad-CAM", "0.250", "0.750", "0.500", "61.4 %", "0.99", "0.2 %"] {
            assert!(table[1].contains(value), "{value} in {}", table[1]);
        }
        assert!(lines[Method::VARIANTS.len() + 1].contains("random order"));
        let sanity = &lines[Method::VARIANTS.len() + 3..][..=Method::VARIANTS.len()];
        assert!(sanity[0].contains("fc2") && sanity[0].contains("conv1"));
        assert!(sanity[1].contains("0.90") && sanity[1].contains("-0.13"), "{}", sanity[1]);
        assert!(table.iter().chain(sanity).all(|line| line.len() <= 80), "{table:?}");
    }
}
