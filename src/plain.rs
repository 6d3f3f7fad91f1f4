//! The engine without a screen: lines of text for people and `grep`, or JSON for programs.

use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use crate::cli::{Explain, View};
use crate::data::{Dataset, PIXELS, SIDE};
use crate::explain::{self, Explanation, Query};
use crate::model::cnn::{self, Cnn};
use crate::model::evaluate::{evaluate, scale};
use crate::paint::{self, Grid, Picture};
use crate::train::{self, Command, EpochReport, Event, Observer, Plan, Session};

/// The time between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);
/// Digits explained in one pass.
const EXPLAIN_AT_ONCE: usize = 50;

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum PlainError {
    /// The reader of our output has gone.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// Training broke off.
    #[error("training broke off: {0}")]
    Training(String),
    /// The weights could not be saved.
    #[error("{0}")]
    NotSaved(String),
    /// There is no such digit.
    #[error("there is no digit {index}: the {split} set has {count}, numbered from 0")]
    NoSuchDigit {
        /// What was asked for.
        index: usize,
        /// Of which set.
        split: &'static str,
        /// How many it has.
        count: usize,
    },
    /// The picture could not be written.
    #[error(transparent)]
    Png(#[from] paint::PngError),
}

/// Trains to the end, with a line for each thing that happens; or until a signal, which it gives
/// back, asks to stop.
pub fn train(session: Session, plan: &Plan, json: bool) -> Result<Option<i32>, PlainError> {
    let (commands, receiver) = mpsc::channel();
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let stop = signals.handle();
    let watcher = thread::spawn(move || {
        let signal = signals.forever().next();
        // At the end of the training nobody listens any more.
        let _ = commands.send(Command::Stop);
        signal
    });
    let dataset = plan.dataset.source.name();
    let mut printer =
        Printer { json, dataset, last_progress: None, stop: stop.clone(), result: Ok(()) };
    train::run(session, plan, &receiver, &mut printer);
    stop.close();
    let signal = watcher.join().unwrap_or_default();
    printer.result.map(|()| signal)
}

struct Printer {
    json: bool,
    dataset: &'static str,
    last_progress: Option<Instant>,
    /// Ends the wait for signals, and with it the wait for commands after the last epoch.
    stop: Handle,
    result: Result<(), PlainError>,
}

impl Printer {
    fn print(&mut self, text: String, object: Value) {
        let line = if self.json { object.to_string() } else { text };
        let mut out = io::stdout().lock();
        if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush())
            && self.result.is_ok()
        {
            self.result = Err(error.into());
        }
    }
}

impl Observer for Printer {
    fn event(&mut self, event: Event) {
        let dataset = self.dataset;
        match event {
            Event::Started { images, config } => {
                let train::Config { epochs, batch_size, learning_rate, seed } = config;
                self.print(
                    format!(
                        "start: {images} digits of {dataset}, epochs {epochs}, batch size \
                         {batch_size}, learning rate {learning_rate}, seed {seed}"
                    ),
                    json!({
                        "event": "start", "dataset": dataset, "images": images, "epochs": epochs,
                        "batch_size": batch_size, "learning_rate": learning_rate, "seed": seed,
                    }),
                );
            }
            Event::Batch(report) => {
                let due = self.last_progress.is_none_or(|last| last.elapsed() >= PROGRESS_EVERY);
                if !due {
                    return;
                }
                self.last_progress = Some(Instant::now());
                self.print(
                    format!(
                        "epoch {}/{} batch {}/{}: train loss {:.4}, train accuracy {:.4}, {:.0} \
                         images/s",
                        report.epoch,
                        report.epochs,
                        report.batch,
                        report.batches,
                        report.loss,
                        report.accuracy,
                        report.images_per_second
                    ),
                    json!({
                        "event": "progress", "epoch": report.epoch, "epochs": report.epochs,
                        "batch": report.batch, "batches": report.batches,
                        "train_loss": report.loss, "train_accuracy": report.accuracy,
                        "images_per_second": report.images_per_second,
                    }),
                );
            }
            Event::Epoch(report) => self.print(
                format!(
                    "epoch {}/{}: {}",
                    report.epoch,
                    report.epochs,
                    scores(&report, self.dataset)
                ),
                with_scores(json!({ "event": "epoch", "epoch": report.epoch }), &report, dataset),
            ),
            Event::Saved { path, epoch } => self.print(
                format!("saved: {}", path.display()),
                json!({ "event": "saved", "epoch": epoch, "path": path }),
            ),
            Event::NotSaved(error) => self.result = Err(PlainError::NotSaved(error)),
            Event::Done { complete: true, last: Some(report) } => {
                self.print(
                    format!("done: {}", scores(&report, dataset)),
                    with_scores(
                        json!({ "event": "done", "epochs": report.epoch }),
                        &report,
                        dataset,
                    ),
                );
                self.stop.close();
            }
            // An interrupted training that had nothing left to do.
            Event::Done { complete: true, last: None } => self.stop.close(),
            Event::Kept(path) => self.print(
                format!("stopped: `gradcam train --resume` goes on from {}", path.display()),
                json!({ "event": "stopped", "path": path }),
            ),
            Event::Failed(error) => self.result = Err(PlainError::Training(error)),
            Event::Paused(_) | Event::Done { complete: false, .. } => {}
        }
    }
}

fn scores(report: &EpochReport, dataset: &str) -> String {
    format!(
        "train loss {:.4}, train accuracy {:.4}, test loss {:.4}, test accuracy {:.4} ({dataset}), \
         {:.1} s, {:.0} images/s",
        report.train_loss,
        report.train_accuracy,
        report.test.loss(),
        report.test.accuracy(),
        report.seconds,
        report.images_per_second
    )
}

fn with_scores(mut object: Value, report: &EpochReport, dataset: &str) -> Value {
    object["dataset"] = json!(dataset);
    object["train_loss"] = json!(report.train_loss);
    object["train_accuracy"] = json!(report.train_accuracy);
    object["test_loss"] = json!(report.test.loss());
    object["test_accuracy"] = json!(report.test.accuracy());
    object["seconds"] = json!(report.seconds);
    object["images_per_second"] = json!(report.images_per_second);
    object
}

/// Scores the model on the test digits.
pub fn score(model: &Cnn, dataset: &Dataset, json: bool) -> Result<(), PlainError> {
    let result = evaluate(model, &dataset.test, || true).unwrap_or_default();
    let (loss, accuracy, images) = (result.loss(), result.accuracy(), dataset.test.len());
    let name = dataset.source.name();
    let line = if json {
        let object = json!({
            "test_loss": loss, "test_accuracy": accuracy, "images": images, "dataset": name,
        });
        object.to_string()
    } else {
        format!("test loss {loss:.4}, test accuracy {accuracy:.4} on {images} digits of {name}")
    };
    writeln!(io::stdout(), "{line}")?;
    Ok(())
}

/// Explains digits: a line each, and a picture if one is asked for.
pub fn explain(
    model: &Cnn,
    dataset: &Dataset,
    request: &Explain,
    json: bool,
) -> Result<(), PlainError> {
    let digits = dataset.split(request.split);
    let range = request.index.0.clone();
    if range.end > digits.len() {
        return Err(PlainError::NoSuchDigit {
            index: range.end - 1,
            split: request.split.name(),
            count: digits.len(),
        });
    }
    let target = request.target.map(usize::from);
    let query = Query { score: request.score, method: request.method };
    let mut out = io::BufWriter::new(io::stdout().lock());
    for start in range.clone().step_by(EXPLAIN_AT_ONCE) {
        let end = (start + EXPLAIN_AT_ONCE).min(range.end);
        let pixels = &digits.pixels()[start * PIXELS..end * PIXELS];
        let images = cnn::images(scale(pixels), &model.device());
        let targets = vec![target; end - start];
        let answers = explain::explain(&model.at(request.layer), images, &targets, query);
        for (index, answer) in (start..end).zip(&answers) {
            let label = digits.label(index);
            if json {
                writeln!(out, "{}", object(index, label, request, answer))?;
            } else {
                writeln!(out, "{}", sentence(index, label, answer))?;
            }
            if let Some(path) = &request.output {
                save_picture(digits.image(index), index, label, request, answer, path)?;
                eprintln!("saved {}", path.display());
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn object(index: usize, label: u8, request: &Explain, answer: &Explanation) -> Value {
    let map = &answer.heatmap;
    json!({
        "index": index,
        "split": request.split.name(),
        "label": label,
        "predicted": answer.predicted,
        "target": answer.target,
        "score": answer.query.score.name(),
        "method": answer.query.method.name(),
        "layer": request.layer.name(),
        "logits": answer.logits,
        "probabilities": answer.probabilities(),
        "heatmap": { "height": map.height, "width": map.width, "values": map.values },
        "raw_max": map.raw_max,
        "status": map.status,
    })
}

fn sentence(index: usize, label: u8, answer: &Explanation) -> String {
    let probabilities = answer.probabilities();
    let share = |class: usize| 100.0 * probabilities.get(class).copied().unwrap_or(0.0);
    let map = &answer.heatmap;
    let heat = Grid::new(map.width, map.height, map.values.clone());
    let place = match heat.peak() {
        Some((x, y)) => {
            let percent = |v: usize, of: usize| 100.0 * (v as f32 + 0.5) / of as f32;
            format!(
                "{} peaks {:.0} % from the left, {:.0} % from the top",
                answer.query.method.describe(answer.target),
                percent(x, map.width),
                percent(y, map.height)
            )
        }
        None => format!("no evidence for {}: {}", answer.target, map.status.reason()),
    };
    let verdict = if answer.predicted == usize::from(label) { "right" } else { "wrong" };
    format!(
        "digit {index}: label {label}, predicted {} ({:.1} %, {verdict}); {place}",
        answer.predicted,
        share(answer.predicted)
    )
}

fn save_picture(
    pixels: &[u8],
    index: usize,
    label: u8,
    request: &Explain,
    answer: &Explanation,
    path: &Path,
) -> Result<(), paint::PngError> {
    let size = request.size;
    let map = &answer.heatmap;
    let digit = Grid::from_bytes(SIDE, SIDE, pixels).nearest(size, size);
    let heat = Grid::new(map.width, map.height, map.values.clone()).bilinear(size, size);
    let (colormap, alpha) = (request.colormap.unwrap_or_default(), request.alpha);
    let overlay = Picture::Overlay { digit: &digit, heat: &heat, colormap, alpha };
    let raster = match request.view {
        View::Overlay => overlay.raster(),
        View::Heatmap => Picture::Heat(&heat, colormap).raster(),
        View::SideBySide => {
            let gap = size.div_ceil(50);
            Picture::Digit(&digit).raster().beside(&Picture::Heat(&heat, colormap).raster(), gap)
        }
    };
    paint::write(&raster, &answer.captions(index, label, request.layer), path)
}

/// Digits that are ready, said to people.
pub fn announce(dataset: &Dataset) {
    if let Some(reason) = dataset.source.fallback() {
        eprintln!("note: {reason}; going on with digits that gradcam draws itself, not MNIST");
    }
    eprintln!("data: {}", dataset.source);
}
