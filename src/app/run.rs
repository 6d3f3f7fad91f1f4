//! The loop: takes messages, draws when something changed, has effects carried out.
//!
//! ```text
//! input ─┐                          ┌─> trainer  (commands)
//! loader ├─> messages ─> update ─> effects ─> explainer (what is in view)
//! trainer│                          └─> files, suspend, quit
//! explainer, signals ─┘
//! ```

use std::io;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crossterm::event::Event as Input;
use ratatui::Terminal;
use ratatui::backend::Backend;
use signal_hook::consts::SIGCONT;

use crate::app::engine::Engine;
use crate::app::input::{Asked, End, watch_signals};
use crate::app::keymap::Action;
use crate::app::mailbox::{Mailbox, mailbox};
use crate::app::message::{Effect, Message};
use crate::app::options::{Options, Outcome, Start};
use crate::app::state::{App, Overlay};
use crate::app::term::terminal::TerminalGuard;
use crate::app::update::update;
use crate::app::views;
use crate::failure::Failure;
use crate::live::Report;
use crate::train::{Begin, Event};

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

/// Runs the app on the real terminal.
///
/// # Errors
/// When the terminal fails, or with a sentence when there are no pictures.
pub fn start(options: Options) -> io::Result<Result<Outcome, Failure>> {
    let settings = options.settings.clone();
    let (theme, question, mouse) = (settings.theme, settings.question, settings.mouse);
    let (model, begin, unfinished) = match &options.start {
        Start::Explore { network, metadata, unfinished } => {
            (Some((network.layers(), metadata.clone())), Begin::Anew, *unfinished)
        }
        Start::Train { begin, .. } => (None, *begin, None),
    };
    let (layers, metadata) = model.unzip();
    let (recipe, path) = (options.recipe, options.model_path.clone());
    let mut app = App::new(settings, recipe, options.device_name, metadata, path);
    app.training.begin = begin;
    app.layers = layers.unwrap_or(app.layers);
    app.overlay = unfinished.map_or(Overlay::None, Overlay::Unfinished);
    let resume = options.resume.clone();
    let (sender, messages) = mailbox();
    let engine = Engine::start(options, sender.clone());
    let end = End { sender, trainer: engine.trainer() };
    // Before the terminal is taken, so that no signal can leave it taken.
    watch_signals(end.clone())?;
    let guard = TerminalGuard::take(mouse)?;
    let mut terminal = guard.terminal()?;
    let size = terminal.size()?;
    app.size = (size.width, size.height);
    // In front of the first frame: one of the questions is a character on the screen.
    let asked = Asked::and_listen(question, theme, end)?;
    let job = |job| match job {
        Job::Suspend => guard.suspend(),
        Job::Resume => guard.resume().map(|()| true),
    };
    let ended = run(&mut terminal, app, engine, &messages, job);
    asked.wait();
    drop(guard);
    Ok(ended?.map(|(app, code)| Outcome::of(&app, code, &resume)))
}

/// What the shell's job control does to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Give the terminal back, stop until continued, take it again; `false` where nobody could
    /// continue the program.
    Suspend,
    /// Was continued, or is to draw over what others wrote: the terminal's modes are not to be
    /// trusted.
    Resume,
}

/// The loop itself, on any backend and any source of messages: until the app ends, with its last
/// state and its exit code, or with the sentence why there is nothing to show. However it ends,
/// what is trained is kept.
///
/// # Errors
/// When the terminal fails.
pub fn run<B: Backend>(
    terminal: &mut Terminal<B>,
    mut app: App,
    mut engine: Engine,
    messages: &Mailbox,
    job: impl Fn(Job) -> io::Result<bool>,
) -> io::Result<Result<(App, u8), Failure>>
where
    io::Error: From<B::Error>,
{
    let ended = turn(terminal, &mut app, &mut engine, messages, job);
    drop(engine);
    // What the training has said at its end.
    for message in messages.drain() {
        update(&mut app, message);
    }
    Ok(ended?.map(|code| (app, code)))
}

fn turn<B: Backend>(
    terminal: &mut Terminal<B>,
    app: &mut App,
    engine: &mut Engine,
    messages: &Mailbox,
    job: impl Fn(Job) -> io::Result<bool>,
) -> io::Result<Result<u8, Failure>>
where
    io::Error: From<B::Error>,
{
    let started = Instant::now();
    let mut drawn = started;
    // When keys were answered last, and whether one waits for it.
    let (mut answered, mut waiting) = (started, false);
    // When the next frame is to be drawn; nothing has changed since the last one if it is not.
    let mut due = Some(started);
    let mut ticks = Ticks::from(started);
    // What was open on top of the screen in the last frame.
    let mut seen = Overlay::None;
    // Where there is no alternate screen, what stood on it would stay between the first frame's cells.
    redraw(terminal)?;
    loop {
        let now = Instant::now();
        if due.is_some_and(|due| now >= due) {
            let area = terminal.draw(|frame| views::draw(app, frame))?.area;
            (drawn, due) = (now, None);
            seen.clone_from(&app.overlay);
            if std::mem::take(&mut waiting) {
                answered = now;
            }
            // A new size that nobody has told of.
            if (area.width, area.height) != app.size {
                update(app, Message::Input(Input::Resize(area.width, area.height)));
            }
        }
        if !app.is_timed() {
            ticks = Ticks::from(now);
        }
        let next = [due, app.is_timed().then_some(ticks.next)].into_iter().flatten().min();
        let wait = next.map_or(Duration::from_secs(3600), |next| {
            next.saturating_duration_since(Instant::now())
        });
        let first = match messages.receive(wait) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(Ok(0)),
        };
        app.now = started.elapsed();
        let ticked = app.is_timed() && ticks.is_time(Instant::now());
        let ticked = ticked.then_some(Message::Tick(app.now));
        // Everything that has come together is one change: a burst of keys is one frame.
        let mut effects = Vec::new();
        for message in first.into_iter().chain(messages.drain()).chain(ticked) {
            // A question that nobody can have read yet is not answered by what was typed before.
            if app.overlay.risks_work() && app.overlay != seen && is_answer(app, &message) {
                continue;
            }
            let soon = match &message {
                Message::Input(Input::Resize(..)) => drawn + FRAME,
                Message::Input(_) => {
                    waiting = true;
                    (answered + KEY_FRAME).max(Instant::now() + ANSWER)
                }
                Message::Report(Report::Focus { .. } | Report::Study { .. }) => {
                    let last = if waiting { answered } else { drawn };
                    last + KEY_FRAME
                }
                Message::Signal(SIGCONT) => {
                    // A line that drops continues its jobs, too, in front of a terminal that is
                    // gone; SIGHUP is on its way then.
                    let _ = job(Job::Resume).and_then(|_| redraw(terminal));
                    due = Some(drawn);
                    continue;
                }
                Message::Train(Event::Batch(_)) | Message::Tick(_) => drawn + PROGRESS_FRAME,
                _ => drawn + FRAME,
            };
            due = Some(due.map_or(soon, |due| due.min(soon)));
            effects.extend(update(app, message));
        }
        let last_watch = effects.iter().rposition(|effect| matches!(effect, Effect::Watch(_)));
        for (i, effect) in effects.into_iter().enumerate() {
            match effect {
                // What was in view for no frame.
                Effect::Watch(_) if Some(i) != last_watch => {}
                Effect::Quit(code) => return Ok(Ok(code)),
                Effect::Fail(reason) => return Ok(Err(reason)),
                Effect::Suspend => {
                    if !job(Job::Suspend)? {
                        update(app, Message::NoShell);
                    }
                    redraw(terminal)?;
                    due = Some(drawn);
                }
                Effect::Redraw => {
                    job(Job::Resume)?;
                    redraw(terminal)?;
                    due = Some(drawn);
                }
                other => engine.carry_out(other, app),
            }
        }
    }
}

/// When time is told next.
struct Ticks {
    next: Instant,
}

impl Ticks {
    /// A first time, counted from here.
    fn from(now: Instant) -> Self {
        Self { next: now + TICK }
    }

    /// Whether it is time. Times that were missed, as in a program that was stopped for an hour,
    /// are not made up for.
    fn is_time(&mut self, now: Instant) -> bool {
        let is_time = now >= self.next;
        if is_time {
            *self = Self::from(now);
        }
        is_time
    }
}

/// Whether this may answer what is asked on top of the screen.
fn is_answer(app: &App, message: &Message) -> bool {
    match message {
        Message::Input(Input::Key(key)) => {
            app.pressed(key).is_none_or(|pressed| pressed.action != Action::Interrupt)
        }
        _ => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_were_missed_are_not_made_up_for() {
        let start = Instant::now();
        let mut ticks = Ticks::from(start);
        assert!(!ticks.is_time(start));
        assert!(ticks.is_time(start + TICK));
        assert!(!ticks.is_time(start + TICK));
        // Stopped for an hour.
        let later = start + Duration::from_secs(3600);
        assert!(ticks.is_time(later));
        assert!(!ticks.is_time(later));
        assert!(ticks.is_time(later + TICK));
    }
}
