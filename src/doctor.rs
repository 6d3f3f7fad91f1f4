//! What was detected, why, and what to set: the answer to "why does it look like this here?".

use std::io::IsTerminal;
use std::path::Path;

use serde_json::{Map, Value};

use crate::app::theme::Theme;
use crate::app::{Settings, probe};
use crate::cli::Common;
use crate::figures::{counted, percent};
use crate::kernels::simd;
use crate::model::{DeviceKind, checkpoint};
use crate::paint::ColorDepth;
use crate::places::{Places, variable};
use crate::train::{Place, resume};
use crate::{config, data};

/// What was found out: a name and a sentence for each thing that was looked at.
pub struct Report(Vec<(&'static str, String)>);

impl Report {
    /// A line for each thing.
    pub fn text(&self) -> String {
        let lines = self.0.iter().map(|(name, said)| format!("{name:<9} {said}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// One JSON object.
    pub fn json(&self) -> String {
        let object: Map<_, _> =
            self.0.iter().map(|(name, said)| ((*name).to_owned(), said.as_str().into())).collect();
        Value::Object(object).to_string()
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
    let settings = Settings::new(&common.display, config, get);
    let (theme, why) = colours(&settings);
    let background = if theme.light { "a light" } else { "a dark" };
    let depth = theme.depth;
    let mut said = vec![
        ("gradcam", env!("CARGO_PKG_VERSION").to_owned()),
        ("terminal", terminal()),
        ("colour", format!("{} on {background} background, because {why}", depth.name())),
    ];
    said.extend(advice(depth, get).map(|advice| ("advice", advice)));
    said.push(("settings", settings_said));
    said.push(("locale", locale(get)));
    said.push(("digits", data::whereabouts(&places.digits(common, common.seed()))));
    said.push(("model", model(&places.model)));
    let kept = resume::path_beside(&places.model);
    if kept.exists() {
        said.push(("training", training(&kept, &common.resume_command())));
    }
    let (device, threads) = (common.device.name(), rayon::current_num_threads());
    let instructions = simd::name(simd::Level::new());
    said.push(("compute", format!("{device} with {instructions} and {threads} threads")));
    Report(said)
}

/// Colours as the app will draw them, after it has asked the terminal, and why.
fn colours(settings: &Settings) -> (Theme, String) {
    let (theme, question) = (settings.theme, settings.question);
    let unasked = (theme, settings.why.clone());
    let here = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if !here || !(question.depth || question.background) {
        return unasked;
    }
    let Ok(()) = crossterm::terminal::enable_raw_mode() else { return unasked };
    let answer = probe::ask();
    // Nothing depends on it: the shell sets its own modes.
    let _ = crossterm::terminal::disable_raw_mode();
    let Ok(answer) = answer else { return unasked };
    let theme = question.refine(theme, &answer);
    let why = match (theme.depth == settings.theme.depth, answer.complete) {
        (false, _) => "the terminal says so".to_owned(),
        (true, true) => format!("{}, and the terminal claims no more", settings.why),
        (true, false) => format!("{}, and the terminal does not answer", settings.why),
    };
    (theme, if question.depth { why } else { settings.why.clone() })
}

fn terminal() -> String {
    let name = std::env::var("TERM").unwrap_or_else(|_| "TERM not set".to_owned());
    if !std::io::stdout().is_terminal() {
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

fn locale(get: impl Fn(&str) -> Option<String>) -> String {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, get(name)?)));
    match set {
        Some((name, value)) if is_utf8(&value) => format!("{name}={value}"),
        Some((name, value)) => {
            format!("{name}={value}: block characters need UTF-8, e.g. {name}=C.UTF-8")
        }
        None => "not set: block characters need UTF-8, e.g. LANG=C.UTF-8".to_owned(),
    }
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
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
    let (planned, Place { epoch: done, .. }) = (saved.config().epochs, saved.place());
    let all = counted(planned, "epoch");
    if done < planned {
        format!("{shown} was interrupted after {done} of {all}; `{resume}` goes on")
    } else {
        let more = done + 1;
        format!("{shown} has done {done} of {all}; `{resume} --epochs {more}` trains one more")
    }
}
