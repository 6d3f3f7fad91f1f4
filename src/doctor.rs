//! What was detected, why, and what to set: the answer to "why does it look like this here?".

use std::io::IsTerminal;
use std::path::Path;

use crate::cli::Common;
use crate::data;
use crate::kernels::simd;
use crate::model::checkpoint;
use crate::paint::{self, ColorDepth};
use crate::start::{Places, data_request};
use crate::train::resume;

/// A line for each thing that was looked at.
pub fn report(common: &Common, places: &Places) -> Vec<String> {
    let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (depth, why) = paint::detect(common.color, |name| get(name));
    let mut lines = vec![
        format!("gradcam   {}", env!("CARGO_PKG_VERSION")),
        format!("terminal  {}", terminal()),
        format!("colour    {}, because {why}", depth.name()),
    ];
    lines.extend(advice(depth, get).map(|advice| format!("          {advice}")));
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, get(name)?)));
    lines.push(match locale {
        Some((name, value)) if is_utf8(&value) => format!("locale    {name}={value}"),
        Some((name, value)) => {
            format!("locale    {name}={value}: block characters need UTF-8, e.g. {name}=C.UTF-8")
        }
        None => "locale    not set: block characters need UTF-8, e.g. LANG=C.UTF-8".to_owned(),
    });
    lines.push(format!("digits    {}", data::whereabouts(&data_request(common, places))));
    lines.push(format!("model     {}", model(&places.model)));
    let kept = resume::path_beside(&places.model);
    if kept.exists() {
        let kept = kept.display();
        lines.push(format!("training  {kept} was interrupted; `gradcam --resume` goes on"));
    }
    lines.push(format!(
        "compute   {} with {} and {} threads",
        common.device.name(),
        simd::name(simd::Level::new()),
        rayon::current_num_threads()
    ));
    lines
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

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

fn model(path: &Path) -> String {
    let shown = path.display();
    if !path.exists() {
        return format!("{shown} is not there yet; `gradcam train` makes it");
    }
    match checkpoint::load(path, &crate::model::DeviceKind::default().open()) {
        Ok((_, metadata)) => {
            let accuracy = metadata.test_accuracy.map_or(String::new(), |accuracy| {
                format!(", test accuracy {:.2} %", 100.0 * accuracy)
            });
            format!("{shown}: {} epochs on {}{accuracy}", metadata.epochs, metadata.dataset)
        }
        Err(error) => error.to_string(),
    }
}
