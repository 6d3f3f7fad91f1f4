//! What was detected, why, and what to set: the answer to "why does it look like this here?".

use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::termios::{QueueSelector, tcflush};

use serde_json::{Map, Value};

use crate::app::Settings;
use crate::app::term::decode::{Decoded, Decoder};
use crate::app::term::listener::Listener;
use crate::app::term::probe::{Answers, PATIENCE, Question};
use crate::cli::Common;
use crate::config::locale;
use crate::figures::{counted, percent};
use crate::kernels::simd;
use crate::model::{DeviceKind, checkpoint};
use crate::paint::ColorDepth;
use crate::places::{Places, variable};
use crate::text::{json_line, printable};
use crate::train::{Place, resume};
use crate::{config, data};

/// What was found out: a name and a sentence for each thing that was looked at.
pub struct Report(Vec<(&'static str, String)>);

impl Report {
    /// A line for each thing.
    pub fn text(&self) -> String {
        let lines = self.0.iter().map(|(name, said)| format!("{name:<9} {}", printable(said)));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// One JSON object.
    pub fn json(&self) -> String {
        let object: Map<_, _> =
            self.0.iter().map(|(name, said)| ((*name).to_owned(), said.as_str().into())).collect();
        json_line(&Value::Object(object))
    }
}

/// Looks at everything.
pub fn report(common: &Common, places: &Places) -> Report {
    let get = variable;
    let path = places.config.display();
    let (config, settings_said) = match config::load(&places.config) {
        Ok(config) if places.config.exists() => (config, path.to_string()),
        Ok(config) => (config, format!("{path} is not there; it would set keys and colours")),
        Err(error) => (config::Config::default(), error.to_string()),
    };
    let settings = config::settings(&common.display, config, get);
    let answered = ask(settings.question);
    let theme = match &answered {
        Some((answers, _)) => settings.question.refine(settings.theme, answers),
        None => settings.theme,
    };
    let why = colours(&settings, theme.depth, answered.as_ref());
    let background = if theme.light { "a light" } else { "a dark" };
    let depth = theme.depth;
    let mut said = vec![
        ("gradcam", env!("CARGO_PKG_VERSION").to_owned()),
        ("terminal", terminal()),
        ("colour", format!("{depth} on {background} background, because {why}")),
    ];
    said.extend(advice(depth, get).map(|advice| ("advice", advice)));
    said.push(("settings", settings_said));
    said.push(("locale", locale_said(get)));
    said.push(("drawing", characters(&settings, theme.ascii, answered.as_ref())));
    said.push(("digits", data::whereabouts(&places.request(common, common.seed(), None))));
    said.push(("model", model(&places.model)));
    let kept = resume::path_beside(&places.model);
    if kept.exists() {
        said.push(("training", training(&kept, &common.resume_command())));
    }
    let (device, threads) = (common.device, rayon::current_num_threads());
    let instructions = simd::name(simd::Level::new());
    said.push((
        "compute",
        format!("{device} with {instructions} and {}", counted(threads, "thread")),
    ));
    Report(said)
}

/// How long `doctor` waits for a terminal that has not answered in time: what comes later would come
/// to the shell's prompt.
const LATE: Duration = Duration::from_secs(2);

/// What the terminal answers, and whether it was in time; `None` where it cannot be asked.
fn ask(question: Question) -> Option<(Answers, bool)> {
    let here = io::stdout().is_terminal() && io::stdin().is_terminal();
    if !here || question == Question::NONE || enable_raw_mode().is_err() {
        return None;
    }
    let answers = Arc::new(Mutex::new(Answers::default()));
    let known = Arc::clone(&answers);
    let lock = |answers: &Mutex<Answers>| {
        // A clone of plain values cannot be half done.
        answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    };
    let heard = move |decoded| {
        if let Decoded::Answer(answer) = decoded {
            known.lock().unwrap_or_else(PoisonError::into_inner).take(&answer);
        }
    };
    let asked = question.ask(&mut io::stdout());
    let mut decoder = Decoder::default();
    decoder.expect_answers();
    let listener = Listener::start(decoder, heard, || {});
    let now = Instant::now();
    let in_time = asked.is_ok() && listener.all_answered_by(now + PATIENCE);
    let found = lock(&answers);
    if asked.is_ok() && !in_time {
        listener.all_answered_by(now + PATIENCE + LATE);
    }
    // Nothing depends on these: the shell sets its own modes.
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
    let _ = disable_raw_mode();
    Some((found, in_time))
}

/// Why the colours are those that the app will draw with.
fn colours(settings: &Settings, depth: ColorDepth, answered: Option<&(Answers, bool)>) -> String {
    let why = settings.why.clone();
    match answered {
        Some(_) if !settings.question.depth => why,
        Some(_) if depth != settings.theme.depth => "the terminal says so".to_owned(),
        Some((_, true)) => format!("{why}, and the terminal claims no more"),
        Some((_, false)) => format!("{why}, and the terminal does not answer"),
        None => why,
    }
}

/// Which characters the app will draw with, and why.
fn characters(settings: &Settings, ascii: bool, answered: Option<&(Answers, bool)>) -> String {
    let drawn = if ascii { "ASCII characters only" } else { "half blocks" };
    let utf8 = answered.and_then(|(answers, _)| answers.utf8);
    let why = match (&settings.why_ascii, utf8) {
        (Some(why), _) => why,
        (None, Some(true)) => "the terminal's cursor shows that it takes UTF-8",
        (None, Some(false)) => "the terminal's cursor shows that it does not take UTF-8",
        (None, None) => "nothing says that they cannot be shown",
    };
    format!("{drawn}, because {why}")
}

fn terminal() -> String {
    let name = std::env::var("TERM").unwrap_or_else(|_| "TERM not set".to_owned());
    if !io::stdout().is_terminal() {
        return format!("{name}, but standard output is not a terminal: plain lines");
    }
    match crossterm::terminal::size() {
        Ok((width, height)) => format!("{name}, {width} columns, {height} rows"),
        Err(error) => format!("{name}, size unknown: {error}"),
    }
}

/// What would help, where the colours are fewer than they could be.
fn advice(depth: ColorDepth, get: impl Fn(&str) -> Option<String>) -> Option<String> {
    let remote = get("SSH_CONNECTION").is_some();
    match depth {
        ColorDepth::TrueColor => None,
        ColorDepth::Mono if get("NO_COLOR").is_some() => None,
        _ if remote => Some(
            "SSH does not carry COLORTERM: where your terminal shows 24-bit colours, say \
             --color truecolor, or let ssh send it (SendEnv COLORTERM, AcceptEnv COLORTERM)"
                .to_owned(),
        ),
        _ => Some(
            "where your terminal shows 24-bit colours, say --color truecolor, or set \
             COLORTERM=truecolor"
                .to_owned(),
        ),
    }
}

fn locale_said(get: impl Fn(&str) -> Option<String>) -> String {
    locale(get).map_or("not set".to_owned(), |(name, value)| format!("{name}={value}"))
}

fn model(path: &Path) -> String {
    let shown = path.display();
    if !path.exists() {
        return format!("{shown} is not there yet; `gradcam train` makes it");
    }
    match checkpoint::load(path, &DeviceKind::default().open()) {
        Ok((_, metadata)) => {
            let accuracy = metadata.test_accuracy.map_or(String::new(), |accuracy| {
                format!(", test accuracy {}", percent(accuracy, 2))
            });
            let epochs = counted(metadata.epochs, "epoch");
            format!("{shown}: {epochs} on {}{accuracy}", metadata.dataset)
        }
        Err(error) => error.to_string(),
    }
}

/// How far the training that is kept there has come, and what goes on with it.
fn training(kept: &Path, resume: &str) -> String {
    let shown = kept.display();
    let saved = match resume::load(kept, &DeviceKind::default().open()) {
        Ok(saved) => saved,
        Err(error) => return error.to_string(),
    };
    let (planned, Place { epoch: done, .. }) = (saved.recipe().epochs, saved.place());
    let all = counted(planned, "epoch");
    if done < planned {
        format!("{shown} was interrupted after {done} of {all}; `{resume}` goes on")
    } else {
        let more = done + 1;
        format!("{shown} has done {done} of {all}; `{resume} --epochs {more}` trains one more")
    }
}
