//! The engine without a screen: lines of text for people and `grep`, or JSON for programs.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use signal_hook::consts::SIGPIPE;
use signal_hook::iterator::{Handle, Signals};

use crate::cli::{Explain, View};
use crate::data::{Dataset, PIXELS, Progress, Reading, Remark, SIDE, Source, picture};
use crate::explain::{self, Explanation, Query, heat_on};
use crate::figures::percent;
use crate::model::cnn::{self, Cnn};
use crate::model::evaluate::{evaluate, scale};
use crate::output::Output;
use crate::paint::{self, Colormap, Grid, Picture, Raster};
use crate::say;
use crate::signals;
use crate::text::{json_line, printable};
use crate::train::{
    self, Command, Divergence, EpochReport, Event, Observer, OnDisk, Plan, Session,
};

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
    /// Training diverged.
    #[error(
        "{0}; nothing was saved since, what was saved before is there; train anew with a smaller \
         --learning-rate"
    )]
    Diverged(Divergence),
    /// The weights or the training could not be saved.
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
/// back, asks to stop. `resume` is the command line that goes on from there.
///
/// Where nobody reads the lines any more, as below `| head -1`, the training stops and is kept: that
/// ends it as the signal SIGPIPE does other programs, and a line on standard error says so.
///
/// # Errors
/// If what is printed cannot be written, training broke off or diverged, or what was saved last
/// could not be.
pub fn train(
    session: Session,
    plan: &Plan,
    json: bool,
    resume: &str,
) -> Result<Option<i32>, PlainError> {
    let (commands, receiver) = mpsc::channel();
    let stop_training = commands.clone();
    let mut signals = Signals::new(signals::ending())?;
    let stop = signals.handle();
    let watcher = thread::spawn(move || {
        let signal = signals.forever().next();
        // At the end of the training nobody listens any more.
        let _ = stop_training.send(Command::Stop);
        signal
    });
    let mut printer = Printer {
        out: &mut io::stdout(),
        json,
        dataset: &plan.dataset.source,
        resume,
        trained: session.place().epoch,
        last_progress: None,
        on_disk: OnDisk::default(),
        commands: Some(commands),
        signals: stop.clone(),
        result: Ok(()),
    };
    train::run(session, plan, &receiver, &mut printer);
    stop.close();
    let signal = watcher.join().unwrap_or_default();
    match printer.end() {
        Err(PlainError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            say(format_args!(
                "nobody reads the output any more: the training stopped; `{resume}` goes on"
            ));
            Ok(Some(SIGPIPE))
        }
        ended => ended.map(|()| signal),
    }
}

struct Printer<'a> {
    out: &'a mut dyn Write,
    json: bool,
    dataset: &'a Source,
    /// The command line that goes on with this training.
    resume: &'a str,
    /// Epochs that were done before.
    trained: usize,
    last_progress: Option<Instant>,
    /// What is on disk of this training.
    on_disk: OnDisk,
    /// Stops the training when nothing more can be printed. Gone after the last epoch, when nobody
    /// is to ask for more.
    commands: Option<mpsc::Sender<Command>>,
    /// Ends the wait for signals.
    signals: Handle,
    result: Result<(), PlainError>,
}

impl Printer<'_> {
    /// What came of it.
    fn end(self) -> Result<(), PlainError> {
        let errors: Vec<&str> = self.on_disk.errors().collect();
        match errors.is_empty() {
            true => self.result,
            false => Err(PlainError::NotSaved(errors.join("; "))),
        }
    }

    /// Lets the training loop return after its last epoch.
    fn expect_no_more(&mut self) {
        self.commands = None;
        self.signals.close();
    }

    fn print(&mut self, text: String, object: Value) {
        let line = if self.json { json_line(&object) } else { printable(&text).into_owned() };
        if let Err(error) = writeln!(self.out, "{line}").and_then(|()| self.out.flush())
            && self.result.is_ok()
        {
            self.result = Err(error.into());
            // Nobody would know how an hour of silent work ended.
            let _ = self.commands.as_ref().map(|commands| commands.send(Command::Stop));
        }
    }

    /// A file that could not be written: a sentence for people and a line for programs.
    fn not_written(&mut self, file: &str, error: &str) {
        say(format_args!("not saved: {error}"));
        if self.json {
            let object = json!({ "event": "not_saved", "file": file, "error": error });
            self.print(String::new(), object);
        }
    }
}

impl Observer for Printer<'_> {
    fn event(&mut self, event: Event) {
        self.on_disk.follow(&event);
        let dataset = self.dataset.name();
        let dataset = dataset.as_str();
        match event {
            Event::Started { images, config } => {
                let train::Config { epochs, batch_size, learning_rate, seed } = config;
                self.print(
                    format!(
                        "start: {}, epochs {epochs}, batch size {batch_size}, learning rate \
                         {learning_rate}, seed {seed}",
                        self.dataset.counted(images)
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
                format!("epoch {}/{}: {}", report.epoch, report.epochs, scores(&report, dataset)),
                with_scores(json!({ "event": "epoch", "epoch": report.epoch }), &report, dataset),
            ),
            Event::Saved { path, epoch } => self.print(
                format!("saved: {}", path.display()),
                json!({ "event": "saved", "epoch": epoch, "path": path.to_string_lossy() }),
            ),
            Event::NotSaved(error) => self.not_written("model", &error),
            Event::NotKept(error) => self.not_written("training", &error),
            Event::Done { complete: true, last: Some(report) } => {
                self.print(
                    format!("done: {}", scores(&report, dataset)),
                    with_scores(
                        json!({ "event": "done", "epochs": report.epoch }),
                        &report,
                        dataset,
                    ),
                );
                self.expect_no_more();
            }
            // An interrupted training that had nothing left to do.
            Event::Done { complete: true, last: None } => {
                let (done, resume) = (self.trained, self.resume);
                self.print(
                    format!(
                        "done: nothing is left to train after epoch {done}; \
                         `{resume} --epochs {}` trains one more",
                        done + 1
                    ),
                    json!({ "event": "done", "epochs": done, "dataset": dataset }),
                );
                self.expect_no_more();
            }
            Event::Done { complete: false, .. } => {
                if let Some(path) = self.on_disk.training().map(Path::to_owned) {
                    self.print(
                        format!("stopped: `{}` goes on from {}", self.resume, path.display()),
                        json!({
                            "event": "stopped", "path": path.to_string_lossy(),
                            "resume": self.resume,
                        }),
                    );
                }
            }
            Event::Diverged(divergence) => {
                if self.json {
                    // A loss that is not finite is null.
                    let Divergence { step, loss, .. } = divergence;
                    let object = json!({ "event": "diverged", "step": step, "loss": loss });
                    self.print(String::new(), object);
                }
                self.result = Err(PlainError::Diverged(divergence));
            }
            Event::Failed(error) => self.result = Err(PlainError::Training(error)),
            Event::Paused(_) | Event::Kept(_) => {}
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
        json_line(&object)
    } else {
        let counted = dataset.source.counted(images);
        printable(&format!("test loss {loss:.4}, test accuracy {accuracy:.4} on {counted}")).into()
    };
    writeln!(io::stdout(), "{line}")?;
    Ok(())
}

/// Explains digits without a screen: a line each, and a picture if one is asked for.
pub struct Explainer<'a> {
    /// The network.
    pub model: &'a Cnn,
    /// Which digits, and how.
    pub request: &'a Explain,
    /// Where the picture of one digit goes.
    pub output: Option<Output>,
    /// Colours of heat.
    pub colormap: Colormap,
    /// Whether a line is a JSON object.
    pub json: bool,
}

/// A digit that is told of.
#[derive(Clone, Copy)]
enum Named<'a> {
    /// The one at this place of its set, and its label.
    Digit(usize, u8),
    /// One in a file.
    File(&'a Path),
}

impl Named<'_> {
    fn label(self) -> Option<usize> {
        match self {
            Self::Digit(_, label) => Some(label.into()),
            Self::File(_) => None,
        }
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit(index, _) => write!(f, "digit {index}"),
            Self::File(path) => f.write_str(&picture::shown(path)),
        }
    }
}

impl Explainer<'_> {
    /// Explains the digits that the request names.
    pub fn digits(&self, dataset: &Dataset) -> Result<(), PlainError> {
        let request = self.request;
        let digits = dataset.split(request.split);
        let range = request.index.0.clone();
        if range.end > digits.len() {
            return Err(PlainError::NoSuchDigit {
                index: range.end - 1,
                split: request.split.name(),
                count: digits.len(),
            });
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        for start in range.clone().step_by(EXPLAIN_AT_ONCE) {
            let end = (start + EXPLAIN_AT_ONCE).min(range.end);
            let answers = self.ask(&digits.pixels()[start * PIXELS..end * PIXELS]);
            for (index, answer) in (start..end).zip(&answers) {
                let named = Named::Digit(index, digits.label(index));
                self.tell(named, digits.image(index), None, answer, &mut out)?;
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Explains what was read from a file.
    pub fn picture(&self, path: &Path, reading: &Reading) -> Result<(), PlainError> {
        let Reading { pixels, remark } = reading;
        let named = Named::File(path);
        if let Some(remark) = remark {
            say(format_args!("note: {named}: {remark}"));
        }
        let mut out = io::stdout().lock();
        let answers = self.ask(pixels);
        answers.iter().try_for_each(|it| self.tell(named, pixels, *remark, it, &mut out))
    }

    /// One answer for each digit of so many pixels.
    fn ask(&self, pixels: &[u8]) -> Vec<Explanation> {
        let Explain { target, score, method, layer, .. } = *self.request;
        let targets = vec![target.map(usize::from); pixels.len() / PIXELS];
        let images = cnn::images(scale(pixels), &self.model.device());
        explain::explain(&self.model.at(layer), images, &targets, Query { score, method })
    }

    fn tell(
        &self,
        named: Named,
        pixels: &[u8],
        remark: Option<Remark>,
        answer: &Explanation,
        out: &mut impl Write,
    ) -> Result<(), PlainError> {
        match (self.json, &self.output) {
            (true, _) => {
                let mut object = object(named, pixels, self.request, answer);
                if let Some(remark) = remark {
                    object["remark"] = json!(remark.to_string());
                }
                writeln!(out, "{}", json_line(&object))?;
            }
            // The picture goes to standard output, and text between its bytes would break it.
            (false, Some(Output::Standard)) => say(format_args!("{}", sentence(named, answer))),
            (false, _) => writeln!(out, "{}", printable(&sentence(named, answer)))?,
        }
        if let Some(output) = &self.output {
            let raster = raster(pixels, self.request, self.colormap, answer);
            let layer = self.request.layer.name();
            let texts = answer.captions(&named.to_string(), named.label(), layer);
            match output {
                Output::File(path) => {
                    paint::write(&raster, &texts, path)?;
                    say(format_args!("saved {}", path.display()));
                }
                Output::Standard => {
                    out.write_all(&paint::encode(&raster, &texts).map_err(io::Error::other)?)?;
                }
            }
        }
        Ok(())
    }
}

fn object(named: Named, pixels: &[u8], request: &Explain, answer: &Explanation) -> Value {
    let map = &answer.heatmap;
    let mut object = json!({
        "predicted": answer.predicted,
        "target": answer.target,
        "score": answer.query.score.name(),
        "method": answer.query.method.name(),
        "layer": request.layer.name(),
        "logits": answer.logits,
        "probabilities": answer.probabilities(),
        "heatmap": { "height": map.height, "width": map.width, "values": map.values },
        "raw_max": map.raw_max,
        "on_ink": heat_on(map, [SIDE; 2], explain::ink(pixels)),
        "status": map.status,
    });
    match named {
        Named::Digit(index, label) => {
            object["index"] = json!(index);
            object["split"] = json!(request.split.name());
            object["label"] = json!(label);
        }
        Named::File(path) => object["image"] = json!(path.to_string_lossy()),
    }
    object
}

fn sentence(named: Named, answer: &Explanation) -> String {
    let Explanation { predicted, target, .. } = *answer;
    let probability = answer.probabilities().get(predicted).copied().unwrap_or(0.0);
    let map = &answer.heatmap;
    let heat = Grid::new(map.width, map.height, map.values.clone());
    let place = match heat.peak() {
        Some((x, y)) => {
            let middle = |v: usize, of: usize| percent((v as f32 + 0.5) / of as f32, 0);
            format!(
                "{} peaks {} from the left, {} from the top",
                answer.query.method.describe(target),
                middle(x, map.width),
                middle(y, map.height)
            )
        }
        None => format!("no evidence for {target}: {}", map.status.reason()),
    };
    let sure = percent(probability, 1);
    let seen = match named.label() {
        Some(label) => {
            let verdict = if predicted == label { "right" } else { "wrong" };
            format!("label {label}, predicted {predicted} ({sure}, {verdict})")
        }
        None => format!("predicted {predicted} ({sure})"),
    };
    format!("{named}: {seen}; {place}")
}

fn raster(pixels: &[u8], request: &Explain, colormap: Colormap, answer: &Explanation) -> Raster {
    let size = request.size;
    let map = &answer.heatmap;
    let digit = Grid::from_bytes(SIDE, SIDE, pixels).nearest(size, size);
    let heat = Grid::new(map.width, map.height, map.values.clone()).bilinear(size, size);
    let overlay = Picture::Overlay { digit: &digit, heat: &heat, colormap, alpha: request.alpha };
    match request.view {
        View::Overlay => overlay.raster(),
        View::Heatmap => Picture::Heat(&heat, colormap).raster(),
        View::SideBySide => {
            let gap = size.div_ceil(50);
            Picture::Digit(&digit).raster().beside(&Picture::Heat(&heat, colormap).raster(), gap)
        }
    }
}

/// Says how the loading of digits goes: each file that is downloaded, and now and then how far.
pub fn loading() -> impl Fn(Progress) + Sync {
    let said = Mutex::new(Instant::now());
    move |progress| {
        let begins = matches!(progress, Progress::Downloading { done: 0, .. });
        let Ok(mut said) = said.lock() else { return };
        if let Some(line) = step(&progress)
            && (begins || said.elapsed() >= PROGRESS_EVERY)
        {
            *said = Instant::now();
            say(format_args!("{line}"));
        }
    }
}

fn step(progress: &Progress) -> Option<String> {
    match *progress {
        Progress::Reading(_) => None,
        Progress::Downloading { file, done, total } => {
            Some(format!("downloading {file}.gz: {} %", 100 * done / total.max(1)))
        }
        Progress::Drawing { done, total } => {
            Some(format!("drawing digits: {} %", 100 * done / total.max(1)))
        }
    }
}

/// Digits that are ready, said to people.
pub fn announce(dataset: &Dataset) {
    if let Some(reason) = dataset.source.fallback() {
        say(format_args!(
            "note: {reason}; going on with digits that gradcam draws itself, not MNIST"
        ));
    }
    say(format_args!("data: {}", dataset.source));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Set;

    /// What these events of a training that resumes after three epochs print, and its end.
    fn printed(json: bool, events: &[Event]) -> (String, Result<(), PlainError>) {
        let mut bytes = Vec::new();
        let mut printer = Printer {
            out: &mut bytes,
            json,
            dataset: &Source::Files { set: Set::Mnist, folder: "digits".into() },
            resume: "gradcam --model a --resume",
            trained: 3,
            last_progress: None,
            on_disk: OnDisk::default(),
            commands: None,
            signals: Signals::new([0; 0]).unwrap().handle(),
            result: Ok(()),
        };
        for event in events {
            printer.event(event.clone());
        }
        let end = printer.end();
        (String::from_utf8(bytes).unwrap(), end)
    }

    #[test]
    fn loading_is_told_in_percent() {
        let line = step(&Progress::Downloading { file: "images", done: 430, total: 1000 });
        assert_eq!(line.as_deref(), Some("downloading images.gz: 43 %"));
        let line = step(&Progress::Drawing { done: 7, total: 70 });
        assert_eq!(line.as_deref(), Some("drawing digits: 10 %"));
        assert_eq!(step(&Progress::Reading("here".into())), None);
    }

    #[test]
    fn a_failed_save_is_an_event_and_a_failure_only_if_it_was_the_last() {
        let failed = Event::NotSaved("the disk is full".to_owned());
        let saved = Event::Saved { path: "model".into(), epoch: 2 };
        let (text, end) = printed(true, &[failed.clone(), saved.clone()]);
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let expected =
            json!({ "event": "not_saved", "file": "model", "error": "the disk is full" });
        assert_eq!(lines[0], expected);
        assert_eq!(lines[1]["event"], "saved");
        assert!(end.is_ok());
        let (_, end) = printed(true, &[failed.clone(), Event::Kept("kept".into())]);
        assert!(end.is_err(), "the model is not on disk");
        let (text, end) = printed(false, &[saved, failed]);
        assert_eq!(text, "saved: model\n", "the sentence is for standard error");
        assert_eq!(end.unwrap_err().to_string(), "the disk is full");
    }

    #[test]
    fn a_training_without_anything_left_says_so_and_ends() {
        let nothing = [Event::Done { complete: true, last: None }];
        let (text, end) = printed(false, &nothing);
        assert!(text.contains("nothing is left to train after epoch 3;"), "{text}");
        assert!(text.contains("`gradcam --model a --resume --epochs 4`"), "{text}");
        assert!(end.is_ok());
        let (text, _) = printed(true, &nothing);
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["event"], &line["epochs"]), (&"done".into(), &3.into()));
    }
}
