//! The loop: takes messages, draws when something changed, has effects carried out.
//!
//! ```text
//! input ─┐                          ┌─> trainer  (commands)
//! loader ├─> messages ─> update ─> effects ─> explainer (what is in view)
//! trainer│                          └─> files, suspend, quit
//! explainer, signals ─┘
//! ```

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use burn::tensor::Device;
use crossterm::event::Event as Input;
use ratatui::Terminal;
use ratatui::backend::Backend;
use signal_hook::consts::SIGCONT;

use super::engine::Engine;
use super::input::{ask, read_input, watch_signals};
use super::message::{Effect, Message};
use super::settings::Settings;
use super::state::App;
use super::terminal::TerminalGuard;
use super::update::update;
use super::views;
use crate::data::Request;
use crate::explain::Report;
use crate::model::{Cnn, Metadata};
use crate::train::resume::Saved;
use crate::train::{Config, Event};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// The shortest time between two frames that answer keys: one of a screen with 60 Hz.
const KEY_FRAME: Duration = Duration::from_millis(16);
/// How long a key's frame waits for what the explainer says to it: one frame in place of two.
const ANSWER: Duration = Duration::from_millis(5);
/// The shortest time between two frames that only tell how training goes.
const PROGRESS_FRAME: Duration = Duration::from_millis(250);
/// How often time is told while something on screen depends on it.
const TICK: Duration = Duration::from_millis(500);
/// Messages in flight; training drops reports of single steps beyond it.
pub(super) const QUEUE: usize = 1024;
/// How long the app may take to end after a signal.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// What to start with.
#[expect(clippy::large_enum_variant, reason = "there is only ever one")]
pub enum Start {
    /// A training: one that was interrupted, or a new one.
    Train(Option<Saved>),
    /// A model to explore.
    Explore(Cnn, Metadata),
}

/// How to start.
pub struct Options {
    /// What to start with.
    pub start: Start,
    /// The recipe of trainings.
    pub config: Config,
    /// Where to compute.
    pub device: Device,
    /// Its name.
    pub device_name: &'static str,
    /// Which digits.
    pub request: Request,
    /// Where models are written.
    pub model_path: PathBuf,
    /// The command line that goes on with a training of this model.
    pub resume: String,
    /// How it looks and listens.
    pub settings: Settings,
}

/// How it ended.
pub struct Outcome {
    /// The exit code.
    pub code: u8,
    /// What to say on the normal screen.
    pub summary: Vec<String>,
}

/// Runs the app on the real terminal.
///
/// # Errors
/// When the terminal fails, or with a sentence when there are no digits.
pub fn start(options: Options) -> io::Result<Result<Outcome, String>> {
    let settings = options.settings.clone();
    let guard = TerminalGuard::take(settings.mouse)?;
    let mut terminal = guard.terminal(settings.theme.ascii)?;
    let (sender, messages) = sync_channel(QUEUE);
    let (theme, question) = (settings.theme, settings.question);
    read_input(sender.clone(), move || ask(theme, question));
    watch_signals(sender.clone())?;
    let metadata = match &options.start {
        Start::Explore(_, metadata) => Some(metadata.clone()),
        Start::Train(_) => None,
    };
    let (config, path) = (options.config, options.model_path.clone());
    let mut app = App::new(settings, config, options.device_name, metadata, path);
    let size = terminal.size()?;
    app.size = (size.width, size.height);
    let engine = Engine::start(options, sender);
    let job = |job| match job {
        Job::Suspend => guard.suspend(),
        Job::Resume => guard.resume(),
    };
    let ended = run(&mut terminal, app, engine, &messages, job);
    drop(guard);
    ended
}

/// What the shell's job control does to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Give the terminal back, stop until continued, take it again.
    Suspend,
    /// Was continued: the terminal's modes are not to be trusted.
    Resume,
}

/// The loop itself, on any backend and any source of messages.
pub fn run<B: Backend>(
    terminal: &mut Terminal<B>,
    mut app: App,
    mut engine: Engine,
    messages: &Receiver<Message>,
    job: impl Fn(Job) -> io::Result<()>,
) -> io::Result<Result<Outcome, String>>
where
    io::Error: From<B::Error>,
{
    let started = Instant::now();
    let mut drawn = started;
    // When keys were answered last, and whether one waits for it.
    let (mut answered, mut waiting) = (started, false);
    // When the next frame is to be drawn; nothing has changed since the last one if it is not.
    let mut due = Some(started);
    loop {
        let now = Instant::now();
        if due.is_some_and(|due| now >= due) {
            terminal.draw(|frame| views::draw(&app, frame))?;
            (drawn, due) = (now, None);
            if std::mem::take(&mut waiting) {
                answered = now;
            }
        }
        let timeless = app.notice.is_none() && !app.training.under_way() && !app.explore.playing;
        let wait = match due {
            Some(due) => due.saturating_duration_since(Instant::now()),
            None if timeless => Duration::from_secs(3600),
            None => TICK,
        };
        let first = match messages.recv_timeout(wait) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => Message::Tick(started.elapsed()),
            Err(RecvTimeoutError::Disconnected) => return Ok(Ok(engine.end(app, messages, 0))),
        };
        // Everything that has come together is one change: a burst of keys is one frame.
        app.now = started.elapsed();
        let mut effects = Vec::new();
        for message in std::iter::once(first).chain(messages.try_iter().take(QUEUE)) {
            let soon = match &message {
                Message::Input(Input::Resize(..)) => {
                    terminal.autoresize()?;
                    drawn + FRAME
                }
                Message::Input(_) => {
                    waiting = true;
                    (answered + KEY_FRAME).max(Instant::now() + ANSWER)
                }
                Message::Report(Report::Focus { .. }) if waiting => answered + KEY_FRAME,
                Message::Report(Report::Focus { .. }) => drawn + KEY_FRAME,
                Message::Signal(SIGCONT) => {
                    // A line that drops continues its jobs, too, in front of a terminal that is
                    // gone; SIGHUP is on its way then.
                    let _ = job(Job::Resume).and_then(|()| redraw(terminal));
                    due = Some(drawn);
                    continue;
                }
                Message::Train(Event::Batch(_)) | Message::Tick(_) => drawn + PROGRESS_FRAME,
                _ => drawn + FRAME,
            };
            due = Some(due.map_or(soon, |due| due.min(soon)));
            effects.extend(update(&mut app, message));
        }
        for effect in effects {
            match effect {
                Effect::Quit(code) => return Ok(Ok(engine.end(app, messages, code))),
                Effect::Fail(reason) => return Ok(Err(reason)),
                Effect::Suspend => {
                    job(Job::Suspend)?;
                    redraw(terminal)?;
                    due = Some(drawn);
                }
                other => engine.carry_out(other, &app),
            }
        }
    }
}

/// Makes the next frame a full one. Resizing clears without asking the terminal where its cursor
/// is, a question whose answer the input thread would swallow.
fn redraw<B: Backend>(terminal: &mut Terminal<B>) -> io::Result<()>
where
    io::Error: From<B::Error>,
{
    let size = terminal.size()?;
    Ok(terminal.resize(size.into())?)
}
