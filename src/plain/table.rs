//! All methods against each other on many digits: `gradcam table`.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use serde_json::json;

use crate::cli::Table;
use crate::data::{Dataset, Digits};
use crate::explain::{Figures, METHODS, compare, ink};
use crate::figures::{fixed, percent, plural};
use crate::model::evaluate::scale;
use crate::model::{Cnn, Layer, RANDOMISED, cnn};
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
pub fn print(model: &Cnn, dataset: &Dataset, request: &Table, json: bool) -> io::Result<()> {
    let count = request.digits.min(dataset.test.len());
    let figures = measure(model, &dataset.test, count, request.layer);
    let mut out = io::stdout().lock();
    let (name, layer) = (dataset.source.name(), request.layer.name());
    if json {
        for figures in &figures {
            let object = json!({
                "method": figures.method.name(), "layer": layer, "digits": count, "dataset": name,
                "deletion_area": figures.deletion, "insertion_area": figures.insertion,
                "gap": figures.gap(), "random_order_area": figures.random,
                "on_ink": figures.on_ink, "stability": figures.stability,
                "randomised_layers": RANDOMISED, "randomised_correlations": figures.randomised,
                "empty": figures.empty,
            });
            writeln!(out, "{}", json_line(&object))?;
        }
    } else {
        let (name, digits) = (printable(&name), plural(count, "digit"));
        writeln!(out, "mean of {count} test {digits} of {name}, predicted class, {layer}\n")?;
        writeln!(out, "{}", lines(&figures).join("\n"))?;
    }
    out.flush()
}

/// Every method's mean figures on the first `count` digits, with progress on stderr.
fn measure(model: &Cnn, digits: &Digits, count: usize, layer: Layer) -> Vec<Figures> {
    let mut all: Vec<Vec<Figures>> = Vec::new();
    let mut said = Instant::now();
    while all.len() < count {
        let chunk = all.len()..(all.len() + CHUNK).min(count);
        let one = |i: usize| {
            let pixels = digits.image(i);
            let image = cnn::images(scale(pixels), &model.device());
            let randomised = model.randomised(i as u64);
            let randomised = randomised.each_ref().map(|(name, cnn)| (*name, cnn.at(layer)));
            compare(&model.at(layer), &randomised, image, ink(pixels))
        };
        all.par_extend(chunk.into_par_iter().map(one));
        if said.elapsed() >= PROGRESS_EVERY || all.len() == count {
            said = Instant::now();
            say(format_args!("table: {} of {count} {}", all.len(), plural(count, "digit")));
        }
    }
    let of_method = |m: usize| all.iter().map(|digit| digit[m].clone()).collect::<Vec<_>>();
    (0..METHODS.len()).filter_map(|m| Figures::mean(&of_method(m))).collect()
}

/// Two tables with a line a method, and what the columns mean.
fn lines(figures: &[Figures]) -> Vec<String> {
    let line = |name: &str, cells: &[String]| {
        let cells: String = cells.iter().map(|cell| format!("{cell:>10}")).collect();
        format!("{name:<17}{cells}")
    };
    let heading = ["deletion", "insertion", "gap", "on ink", "stability", "empty"];
    let mut lines = vec![line("", &heading.map(str::to_owned))];
    lines.extend(figures.iter().map(|f| {
        let [deletion, insertion, gap] =
            [f.deletion, f.insertion, f.gap()].map(|area| fixed(area, 3));
        let [on_ink, empty] = [f.on_ink, f.empty].map(|share| percent(share, 1));
        let stability = fixed(f.stability, 2);
        line(f.method.title(), &[deletion, insertion, gap, on_ink, stability, empty])
    }));
    lines.extend(figures.first().map(|f| {
        let areas = [f.random, f.random, 0.0].map(|area| fixed(area, 3));
        line("random order", &areas)
    }));
    lines.push(String::new());
    lines.push(line("made random:", &RANDOMISED.map(str::to_owned)));
    lines.extend(figures.iter().map(|f| {
        let correlations: Vec<_> = f.randomised.iter().map(|&rho| fixed(rho, 2)).collect();
        line(f.method.title(), &correlations)
    }));
    lines.extend(LEGEND.split('\n').map(str::to_owned));
    lines
}

const LEGEND: &str = "
deletion    area under the class's probability as the hottest pixels go first: less is better
insertion   the same as the hottest pixels come first: more is better
gap         insertion less deletion: more is better, 0 for pixels in random order
on ink      share of the heat on ink
stability   correlation with the maps of the digit shifted by one pixel: 1 is best
empty       share of maps without any positive evidence
made random rank correlation with the map of a network whose layers, from fc2 up to this one, have
            lost what they learnt: a map that hardly changes shows the digit, not the network";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_and_hold_every_figure() {
        let figures = METHODS.map(|method| Figures {
            method,
            deletion: 0.25,
            insertion: 0.75,
            random: 0.4,
            on_ink: 0.614,
            stability: 0.987,
            randomised: vec![0.9, 0.5, 0.3, -0.127],
            empty: 0.002,
        });
        let lines = lines(&figures);
        let table = &lines[..=METHODS.len()];
        assert!(table.iter().all(|line| line.chars().count() == table[0].chars().count()));
        for value in ["Grad-CAM", "0.250", "0.750", "0.500", "61.4 %", "0.99", "0.2 %"] {
            assert!(table[1].contains(value), "{value} in {}", table[1]);
        }
        assert!(lines[METHODS.len() + 1].contains("random order"));
        let sanity = &lines[METHODS.len() + 3..][..=METHODS.len()];
        assert!(sanity[0].contains("fc2") && sanity[0].contains("conv1"));
        assert!(sanity[1].contains("0.90") && sanity[1].contains("-0.13"), "{}", sanity[1]);
        assert!(table.iter().chain(sanity).all(|line| line.len() <= 80), "{table:?}");
    }
}
