//! What the pictures mean, in words and numbers.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::trust_line::trust_line;
use crate::app::keymap::Action;
use crate::app::phrase::{self, Phrase};
use crate::app::state::{App, Phase};
use crate::app::update::stages;
use crate::app::views::explore::title::{called, stage};
use crate::app::views::words::fitting;
use crate::data::digits::{SIDE, is_ink};
use crate::data::{Dataset, Noun};
use crate::explain::{Explanation, heat_on};
use crate::figures::{counted, figure, percent, thousands};
use crate::live::Focus;
use crate::paint::ColorBar;
use crate::text::ending;

/// Cells of the colours' scale.
const SCALE: u16 = 16;
/// Cells of a file's name that say something.
const FILE: usize = 8;

/// Draws them. What comes last is left out first.
pub fn draw(
    app: &App,
    dataset: &Dataset,
    answer: Option<&(Focus, Explanation)>,
    frame: &mut Frame,
    area: Rect,
) {
    let theme = &app.theme;
    let rows = |i: u16| Rect { y: area.y + i, height: 1, ..area }.intersection(area);
    let Some((asked, answer)) = answer else {
        let line = vec![place(app, dataset, area.width), Span::styled(nothing(app), theme.muted())];
        frame.render_widget(Line::from(line), area);
        return;
    };
    frame.render_widget(verdict(app, dataset, answer, area.width), rows(0));

    let bar = Rect { width: SCALE.min(area.width), ..rows(1) };
    let colors = match app.explore.signed {
        true => ColorBar::signed(theme.picture()),
        false => ColorBar::new(app.colormap, theme.picture()),
    };
    frame.render_widget(colors, bar);
    let beside = Rect { x: bar.right(), width: area.right() - bar.right(), ..rows(1) };
    let evidence = evidence(dataset, asked, answer, beside.width.saturating_sub(1));
    frame.render_widget(Line::styled(format!(" {evidence}"), theme.text()), beside);

    let weights = Line::styled(weights(app, dataset, area.width), theme.muted());
    let fallback = dataset.origin.stand_in.as_deref().map(|reason| {
        let text = format!("not MNIST, digits drawn by gradcam itself: {reason}");
        Line::styled(text, theme.warning())
    });
    let others = [Some(weights), fallback, trust_line(app, area.width)];
    for (line, row) in others.into_iter().flatten().zip(2..) {
        frame.render_widget(line, rows(row));
    }
}

/// Which picture it is.
fn place(app: &App, dataset: &Dataset, width: u16) -> Span<'static> {
    let index = thousands(app.explore.index as u64);
    let text = match (app.explore.draws, width < 60) {
        (true, _) => String::new(),
        (false, true) => format!("{index}: "),
        (false, false) => {
            let (one, count) = (dataset.origin.noun.one(), thousands(dataset.test.len() as u64));
            format!("{one} {index} of {count}  ")
        }
    };
    Span::styled(text, app.theme.text())
}

/// Why nothing is said of it.
fn nothing(app: &App) -> &'static str {
    let training = &app.training;
    match &training.phase {
        _ if app.broken.is_some() => "no answer",
        _ if training.under_way() => "waiting for the network",
        Phase::Failed(_) if training.batch.is_none() => "no network: the training broke off",
        _ => "thinking",
    }
}

/// What the network takes it for, whether that is right, and what is explained.
fn verdict(app: &App, dataset: &Dataset, answer: &Explanation, width: u16) -> Line<'static> {
    let theme = &app.theme;
    let (_, label) = app.in_view(dataset);
    let place = place(app, dataset, width);
    // The end of its file's name is worth more than what is said elsewhere, too.
    let file = dataset.test.file(app.explore.index);
    let kept = if file.is_some() { FILE + 2 } else { 0 };
    let room = usize::from(width).saturating_sub(place.width() + kept);
    let (classes, noun) = (&dataset.classes, dataset.origin.noun);
    let sure = format!(", {} sure", percent(answer.probabilities()[answer.predicted], 1));
    let predicted = classes.name(answer.predicted);
    let (phrases, style) = match label {
        None if app.explore.pad.is_empty() => {
            let pen = app.key(Action::Pause);
            (vec![format!("draw a digit: {pen} puts the pen down").into()], theme.text())
        }
        None => {
            let like = Phrase::from("looks like ").and(called(noun, predicted));
            (vec![like.words(&sure)], theme.accent())
        }
        Some(label) if label == answer.predicted => {
            let right = Phrase::from("right: ").name(predicted);
            (vec![right.clone().words(&sure), right], theme.good())
        }
        Some(label) => {
            let the = if noun == Noun::Digit { "the " } else { "" };
            let taken = Phrase::from(format!("wrong: takes {the}")).name(classes.name(label));
            let wrong = taken.words(" for ").and(called(noun, predicted));
            let short = Phrase::from("wrong: ").name(classes.name(label)).words(" for ");
            let short = short.name(predicted);
            (vec![wrong.words(&sure), short.clone().words(&sure), short], theme.bad())
        }
    };
    let mut line = vec![place, Span::styled(phrase::fitting(room, &phrases), style)];
    let left = |line: &[Span]| {
        let taken: usize = line.iter().map(Span::width).sum();
        usize::from(width).saturating_sub(taken + 2)
    };
    let why = match (app.explore.target, noun) {
        (Some(class), _) => {
            let explains = Phrase::from("explains ").name(classes.name(class));
            let back = format!(", {} its prediction", app.key(Action::Back));
            let mut phrases = vec![explains.clone().words(back), explains];
            // The title above the map says it, too.
            phrases.extend((noun == Noun::Picture).then(Phrase::default));
            phrase::fitting(left(&line), &phrases)
        }
        (None, Noun::Digit) => {
            phrase::fitting(left(&line), &["explains its prediction".into(), Phrase::default()])
        }
        (None, Noun::Picture) => String::new(),
    };
    if !why.is_empty() {
        line.push(Span::styled(format!("  {why}"), theme.muted()));
    }
    if let Some(file) = file
        && left(&line) >= FILE
    {
        let file = ending(&file.display().to_string(), left(&line)).into_owned();
        line.push(Span::styled(format!("  {file}"), theme.muted()));
    }
    Line::from(line)
}

/// How strong the evidence is and, of digits, how much of it is on ink.
fn evidence(dataset: &Dataset, asked: &Focus, answer: &Explanation, width: u16) -> String {
    let map = &answer.heatmap;
    let reason = map.status.reason();
    if !reason.is_empty() {
        return format!("empty map: {reason}");
    }
    let peak = format!("peak {}{}", figure(map.raw_max, 2), answer.query.method.unit());
    match dataset.origin.noun {
        Noun::Picture => peak,
        Noun::Digit => {
            let ink = is_ink(asked.subject.pixels(dataset));
            let on_ink = percent(heat_on(map, [SIDE; 2], ink), 0);
            let long = format!("{peak}, {on_ink} of the heat on ink");
            fitting(width, [long, format!("{on_ink} of it on ink")])
        }
    }
}

/// Whose weights these are.
fn weights(app: &App, dataset: &Dataset, width: u16) -> String {
    match (&app.model, app.training.batch.is_some()) {
        _ if app.explore.step.is_some() => time_line(app),
        (Some(model), false) => {
            let many = dataset.origin.noun.many();
            let score = model
                .test_accuracy
                .map_or(String::new(), |a| format!(", {} on its test {many}", percent(a, 2)));
            let train = app.key(Action::TrainMore);
            let trained = Phrase::from(format!("model: {} on ", counted(model.epochs, "epoch")))
                .name(&model.dataset)
                .words(score);
            phrase::fitting(
                width,
                &[trained.clone().words(format!("; {train} trains again")), trained],
            )
        }
        _ => {
            let earlier = app.key(Action::Earlier);
            format!("weights after {:.2} epochs; {earlier} goes back", app.explore.epochs)
        }
    }
}

/// The stages of training, the one that is looked at among them.
fn time_line(app: &App) -> String {
    let (place, count) = (stages::place(app), app.explore.stages.len());
    let dots: String = (0..count).map(|i| if i == place { '█' } else { '·' }).collect();
    let newest = || format!("{} newest", app.key(Action::Back));
    let playing = if app.explore.playing { "playing".to_owned() } else { newest() };
    format!("{dots} {}, {playing}", stage(app).unwrap_or_default())
}
