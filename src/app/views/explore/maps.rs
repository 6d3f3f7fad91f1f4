//! Panels of several maps of one picture.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::title::title;
use crate::app::images::{heat, image, signed};
use crate::app::layout::tiles::Gallery;
use crate::app::phrase::Phrase;
use crate::app::state::App;
use crate::app::views::bars::verdict;
use crate::app::views::gallery::{self, Shows, Tile, over};
use crate::app::views::waiting::waiting;
use crate::data::{Classes, Dataset};
use crate::explain::{Explanation, Heatmap, Status, difference};
use crate::figures::{figure, fixed, percent};
use crate::live::{Findings, Focus};
use crate::paint::{Grid, Image};

/// Pictures of the data's shape below the title, and lines of text below them.
fn draw(
    app: &App,
    dataset: &Dataset,
    frame: &mut Frame,
    area: Rect,
    tiles: &[Tile],
    notes: &[Phrase],
) {
    let [_, pictures, text] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(notes.len() as u16),
    ])
    .areas(area);
    let gallery =
        Gallery::fit(tiles.len() as u16, dataset.shape().size(), pictures.width, pictures.height);
    let spare = pictures.height.saturating_sub(gallery.height());
    let middle = Rect { y: pictures.y + spare / 2, height: gallery.height(), ..pictures };
    gallery::draw(&gallery, app, frame, middle.intersection(pictures), tiles);
    for (i, note) in notes.iter().enumerate() {
        let line = Rect { y: text.y + i as u16, height: 1, ..text }.intersection(text);
        let note = note.within(usize::from(line.width).saturating_sub(1));
        if note.width() < usize::from(line.width) {
            frame.render_widget(Line::styled(format!(" {note}"), app.theme.muted()), line);
        }
    }
}

/// What is shown of the digit, as far as a title has room for the names in it.
fn title_of(
    app: &App,
    dataset: &Dataset,
    asked: &Focus,
    what: &Phrase,
    frame: &mut Frame,
    area: Rect,
) {
    let what = what.within(usize::from(area.width / 2));
    title(app, dataset, asked, &what, frame, area);
}

/// The map of every class, or of the likeliest, all on one scale: as bright as its evidence is
/// strong.
pub fn classes(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some((focus, Findings::Classes(answers))) = app.findings() else {
        return waiting(app, frame, area);
    };
    let (_, label) = app.in_view(dataset);
    let method = answers.first().map_or("", |answer| answer.query.method.title());
    let which = match answers.len() < dataset.classes.len() {
        true => "the likeliest classes",
        false => "every class",
    };
    title(app, dataset, focus, &format!("{which}, {method}"), frame, area);
    let most = |of: fn(&f32) -> f32| {
        let all = answers.iter().flat_map(|answer| &answer.heatmap.raw);
        all.map(of).fold(0.0, f32::max)
    };
    let (peak, magnitude) = (most(|v| *v), most(|v| v.abs()));
    let tile = |answer: &Explanation| {
        let (target, map) = (answer.target, &answer.heatmap);
        let share = probability(answer);
        let ok = map.status == Status::Ok;
        let word = if ok { figure(map.raw_max, 2) } else { "empty".to_owned() };
        Tile {
            shows: match app.explore.signed {
                true => Shows::Signed(scaled(map, magnitude, |v| v)),
                false => Shows::Heat(scaled(map, peak, |v| v.max(0.0))),
            },
            captions: [
                format!(": {}, peak {word}", percent(share, 1)),
                format!(" {} {word}", percent(share, 0)),
                format!(" {word}"),
            ]
            .map(|text| Phrase::of(dataset.classes.name(target)).words(text))
            .into(),
            style: verdict(&app.theme, target, answer.predicted, label).unwrap_or(app.theme.text()),
        }
    };
    let tiles: Vec<Tile> = answers.iter().map(tile).collect();
    let empty = answers.iter().find(|answer| answer.heatmap.status != Status::Ok);
    let reason = empty.map_or(Phrase::default(), |answer| {
        let name = dataset.classes.name(answer.target);
        let why = format!(" is empty: {}", answer.heatmap.status.reason());
        Phrase::from("; ").name(name).words(why)
    });
    let scale = format!("one scale: brightest is {}{}", figure(peak, 2), unit(answers));
    draw(app, dataset, frame, area, &tiles, &[Phrase::from(scale).and(reason)]);
}

/// Why this class rather than that one: the predicted or chosen class, and the right or the next
/// likely one.
pub fn versus(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some((focus, Findings::Classes(answers))) = app.findings() else {
        return waiting(app, frame, area);
    };
    let (pixels, label) = app.in_view(dataset);
    let Some((one, other)) = rivals(answers, app.explore.target, label) else { return };
    let method = focus.query.method.title();
    let [first, second] = [one, other].map(|answer| dataset.classes.name(answer.target));
    let why = Phrase::from("why ").name(first).words(" rather than ").name(second);
    title_of(app, dataset, focus, &why.words(format!(", {method}")), frame, area);
    let (ink, classes) = (image(pixels, dataset.shape()), &dataset.classes);
    let mut tiles: Vec<Tile> =
        [one, other].map(|answer| evidence(app, classes, &ink, answer)).into();
    let Some(between) = difference(&one.heatmap, &other.heatmap) else { return };
    tiles.push(Tile {
        shows: Shows::Signed(Grid::new(between.width, between.height, between.values)),
        captions: vec![
            Phrase::of(first).words(" rather than ").name(second),
            Phrase::of(first).words(" - ").name(second),
        ],
        style: app.theme.accent(),
    });
    let logits = one.logits.get(one.target).zip(one.logits.get(other.target));
    let lead = logits.map_or(0.0, |(a, b)| a - b);
    let [red, blue] = app.theme.signs();
    let notes = [
        Phrase::from(format!("right: {red} speaks for "))
            .name(first)
            .words(format!(", {blue} for "))
            .name(second),
        Phrase::of(first).words(" leads ").name(second).words(format!(
            " by {} logits; the places differ by {}{} at most",
            figure(lead, 2),
            figure(between.raw_max, 2),
            unit(answers)
        )),
    ];
    draw(app, dataset, frame, area, &tiles, &notes);
}

/// A class's evidence over the digit, with its probability.
pub fn evidence(app: &App, classes: &Classes, ink: &Image, answer: &Explanation) -> Tile {
    let share = percent(probability(answer), 1);
    let (text, reason) = match answer.heatmap.status {
        Status::Ok => ("for ", String::new()),
        status => ("nothing for ", format!(": {}", status.reason())),
    };
    let text = Phrase::from(text).name(classes.name(answer.target));
    let with = |more: String| text.clone().words(more);
    Tile {
        shows: over(app, ink.clone(), &answer.heatmap),
        captions: vec![with(format!(", {share}{reason}")), with(format!(", {share}")), text],
        style: app.theme.text(),
    }
}

/// The class in question, and the one it has to beat.
pub fn rivals(
    answers: &[Explanation],
    target: Option<usize>,
    label: Option<usize>,
) -> Option<(&Explanation, &Explanation)> {
    let first = answers.first()?;
    let one = target.unwrap_or(first.predicted);
    let better = |a: &usize, b: &usize| first.logits[*a].total_cmp(&first.logits[*b]);
    let runner_up = || (0..first.logits.len()).filter(|class| *class != one).max_by(better);
    let other = label.filter(|label| *label != one).or_else(runner_up)?;
    let of = |class| answers.iter().find(|answer| answer.target == class);
    Some((of(one)?, of(other)?))
}

/// The map of every method.
pub fn methods(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some((focus, Findings::Methods(answers))) = app.findings() else {
        return waiting(app, frame, area);
    };
    let target = answers.first().map_or(0, |answer| answer.target);
    let what = Phrase::from("twelve methods for ").name(dataset.classes.name(target));
    title_of(app, dataset, focus, &what, frame, area);
    let tile = |answer: &Explanation| {
        let method = answer.query.method;
        let chosen = method == app.explore.method;
        Tile {
            shows: match app.explore.signed {
                true => Shows::Signed(signed(&answer.heatmap)),
                false => Shows::Heat(heat(&answer.heatmap)),
            },
            captions: vec![method.title().into(), method.short().into()],
            style: if chosen { app.theme.selected() } else { app.theme.text() },
        }
    };
    let tiles: Vec<Tile> = answers.iter().map(tile).collect();
    let note = "guided maps fail sanity checks; Random-CAM is what the others have to beat";
    draw(app, dataset, frame, area, &tiles, &[note.into()]);
}

/// The map as the layers lose what they learnt, from the logits down.
pub fn sanity(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some((focus, Findings::Sanity(stages))) = app.findings() else {
        return waiting(app, frame, area);
    };
    let method = focus.query.method.title();
    title(app, dataset, focus, &format!("{method} without what was learnt"), frame, area);
    let tile = |stage: &crate::explain::Step| {
        let trained = stage.name == "trained";
        Tile {
            shows: match app.explore.signed {
                true => Shows::Signed(signed(&stage.heatmap)),
                false => Shows::Heat(heat(&stage.heatmap)),
            },
            captions: match trained {
                true => vec!["trained".into()],
                false => {
                    let correlation = fixed(stage.correlation, 2);
                    let name = || Phrase::of(&stage.name);
                    vec![
                        name().words(format!(" random: {correlation}")),
                        name().words(format!(" {correlation}")),
                        // The pictures are in the layers' order.
                        correlation.into(),
                    ]
                }
            },
            style: if trained { app.theme.good() } else { app.theme.text() },
        }
    };
    let tiles: Vec<Tile> = stages.iter().map(tile).collect();
    let notes = [
        "layers lose what they learnt one after another, the last layer first",
        "number: rank correlation with the trained map; it should fall towards 0",
    ];
    draw(app, dataset, frame, area, &tiles, &notes.map(Phrase::from));
}

/// The target's probability.
fn probability(answer: &Explanation) -> f32 {
    answer.probabilities().get(answer.target).copied().unwrap_or(0.0)
}

fn unit(answers: &[Explanation]) -> &'static str {
    answers.first().map_or("", |answer| answer.query.method.unit())
}

fn scaled(map: &Heatmap, most: f32, of: fn(f32) -> f32) -> Grid {
    let share = |&value: &f32| if most > 0.0 { of(value) / most } else { 0.0 };
    Grid::new(map.width, map.height, map.raw.iter().map(share).collect())
}
