//! `gradcam train` without a screen: a line for each thing that happens.

use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use signal_hook::consts::SIGPIPE;
use signal_hook::iterator::{Handle, Signals};

use super::error::PlainError;
use crate::data::Origin;
use crate::failure::Failure;
use crate::say;
use crate::signals;
use crate::text::{json_line, printable};
use crate::train::{
    self, Command, Divergence, EpochReport, Event, Observer, OnDisk, Plan, Session,
};

/// The time between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

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
        origin: &plan.dataset.origin,
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
    origin: &'a Origin,
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
        let errors: Vec<Failure> = self.on_disk.errors().cloned().collect();
        match errors.is_empty() {
            true => self.result,
            false => Err(PlainError::NotSaved(errors)),
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
    fn not_written(&mut self, file: &str, error: &Failure) {
        say(format_args!("not saved: {error}"));
        if self.json {
            let object = json!({ "event": "not_saved", "file": file, "error": error.to_string() });
            self.print(String::new(), object);
        }
    }
}

impl Observer for Printer<'_> {
    fn event(&mut self, event: Event) {
        self.on_disk.follow(&event);
        let dataset = self.origin.name.clone();
        let dataset = dataset.as_str();
        match event {
            Event::Started { images, recipe } => {
                let train::Recipe { epochs, batch_size, learning_rate, seed } = recipe;
                self.print(
                    format!(
                        "start: {}, epochs {epochs}, batch size {batch_size}, learning rate \
                         {learning_rate}, seed {seed}",
                        self.origin.counted(images)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Noun;

    /// What these events of a training that resumes after three epochs print, and its end.
    fn printed(json: bool, events: &[Event]) -> (String, Result<(), PlainError>) {
        let mut bytes = Vec::new();
        let mut printer = Printer {
            out: &mut bytes,
            json,
            origin: &Origin::known("MNIST", Noun::Digit, "digits".as_ref()),
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
    fn a_failed_save_is_an_event_and_a_failure_only_if_it_was_the_last() {
        let failed = Event::NotSaved(Failure::new("the disk is full"));
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
