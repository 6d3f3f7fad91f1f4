//! One digit, its heatmap beside it, and what the network makes of it.
//!
//! ```text
//!  input: a 7                    evidence for 7
//!  ┌──────────┐                ┌──────────┐      0 ▏          0.1 %
//!  │  input   │                │ heatmap  │    > 7 ███████   99.8 %
//!  └──────────┘                └──────────┘
//!  digit 17 of 10,000  right: 7, 99.8 % sure  explains its prediction
//!  ▁▂▃▄▅▆▇█ peak 4.20 logits, 61 % of the heat on ink
//!  weights after 1.25 epochs; [ goes back
//!  trust: deletion 0.21 (random 0.42), insertion 0.84 (0.42), stability 0.93
//!  the digits around it, where there is room
//! ```

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::stage;
use crate::app::keymap::Action;
use crate::app::state::{App, Phase};
use crate::app::update::stages;
use crate::app::views::bars::{self, Bars};
use crate::app::views::{Hit, body, fitting, heat, ink, signed};
use crate::app::views::{OVERLAY_ALPHA, digit};
use crate::data::Dataset;
use crate::data::digits::{Point, SIDE, is_ink};
use crate::explain::{Explanation, Status, Trust, heat_on};
use crate::figures::{counted, figure, fixed, percent, thousands};
use crate::live::{Findings, Focus};
use crate::paint::{ColorBar, Grid, Picture};

/// Columns of the bars beside the pictures, and rows of the bars below them.
const BARS_WIDTH: u16 = 18;
const BARS_HEIGHT: u16 = 5;
/// Lines of text that the pictures leave room for, fewer where rows are scarce.
const FACTS: u16 = 4;
const FEW_FACTS: u16 = 2;
/// Cells between pictures.
const GAP: u16 = 2;
/// Rows below which a film strip would show nothing.
const STRIP_ROWS: u16 = 5;

/// Draws the panel.
pub fn draw(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let plan = Plan::fit(app, area);
    let side = usize::from(plan.side);
    let (pixels, label) = app.in_view(dataset);
    let style = app.theme.picture();
    let ink = style.quantised_image(&ink(pixels, dataset.shape()).fitted(side, side));
    // While the newest question is not answered yet, the last answer for this digit stays.
    let answered = app.explore.answer.as_ref();
    let answered = answered.filter(|_| app.answer().is_some() || last_is_about_it(app));
    let answer = answered.map(|(_, answer)| answer);
    let heat = match answer {
        Some(answer) => style.quantised(&heat(&answer.heatmap).bilinear(side, side)),
        None => Grid::new(side, side, vec![0.0; side * side]),
    };
    let both_ways = answer
        .filter(|_| app.explore.signed)
        .map(|answer| style.signed(&signed(&answer.heatmap).bilinear(side, side)));
    let (colormap, alpha) = (app.colormap, OVERLAY_ALPHA);
    let (plain, over) = match &both_ways {
        Some(signed) => {
            (Picture::Signed(signed), Picture::SignedOver { image: &ink, signed, alpha })
        }
        None => (
            Picture::Heat(&heat, colormap),
            Picture::Overlay { image: &ink, heat: &heat, colormap, alpha },
        ),
    };
    let map = if app.explore.overlay { over } else { plain };
    let digit = Picture::Image(&ink);
    let pictures: &[Picture] = match plan.pictures {
        3 => &[digit, plain, over],
        2 => &[digit, map],
        _ => &[over],
    };
    let mut target = match answer {
        Some(answer) if app.explore.signed => answer
            .query
            .method
            .describe_signed(dataset.classes.name(answer.target), app.theme.signs()),
        Some(answer) => answer.query.method.describe(dataset.classes.name(answer.target)),
        None => "evidence".to_owned(),
    };
    let layer = app.explore.answer.as_ref().map_or(app.layer(), |(focus, _)| focus.layer);
    if layer != app.layers.last() {
        target.push_str(&format!(", {}", app.layers.name(layer)));
    }
    let [input, short] = match label {
        Some(label) => [format!("input: a {label}"), label.to_string()],
        None => ["your drawing", "yours"].map(str::to_owned),
    };
    let titles = match plan.pictures {
        1 => vec![format!("{short}: {target}")],
        2 if app.explore.overlay => vec![input, format!("{target}, over it")],
        _ => vec![input, target, "both".to_owned()],
    };
    for ((i, picture), title) in pictures.iter().enumerate().zip(titles) {
        let place = plan.picture(i as u16);
        let width = if i + 1 == pictures.len() { area.right() - place.x } else { place.width };
        let above = Rect { y: place.y - 1, height: 1, width, ..place };
        frame.render_widget(Line::styled(title, app.theme.accent()), above);
        frame.render_widget(picture.widget(style), place);
    }
    if app.explore.draws {
        pen(app, frame, plan.picture(0));
    }
    if let Some(answer) = answer {
        let probabilities = answer.probabilities();
        let bars = Bars {
            probabilities: &probabilities,
            predicted: answer.predicted,
            label,
            target: answer.target,
            theme: &app.theme,
        };
        frame.render_widget(bars, plan.bars);
    }
    facts(app, dataset, answered, frame, plan.facts);
    strip(app, dataset, frame, plan.strip);
}

/// Whether the last answer is for the digit in view, which no other class is asked of.
fn last_is_about_it(app: &App) -> bool {
    let last = app.explore.answer.as_ref();
    app.explore.target.is_none() && last.is_some_and(|(focus, _)| app.is_about_it(focus))
}

/// How many pictures there are room for in a terminal of the app's size.
pub fn pictures(app: &App) -> u16 {
    Plan::fit(app, body(app)).pictures
}

/// Where the pen is.
fn pen(app: &App, frame: &mut Frame, paper: Rect) {
    let pad = &app.explore.pad;
    // The middle of its pixel on a paper of any size; a cell is two pixels high.
    let at = pad.pen().map(|at| (2 * at as u16 + 1) * paper.width / (2 * SIDE as u16));
    let place = Position::new(paper.x + at[0], paper.y + at[1] / 2);
    if let Some(cell) = frame.buffer_mut().cell_mut(place) {
        cell.reset();
        cell.set_char(if pad.is_down() { 'x' } else { '+' });
        cell.set_style(app.theme.accent().patch(app.theme.selected()));
    }
}

/// The place on the paper, in its own pixels, that lies below a cell.
fn on_paper(paper: Rect, place: Position) -> Option<Point> {
    let scale = SIDE as f32 / f32::from(paper.width);
    let (right, down) = (place.x.checked_sub(paper.x)?, place.y.checked_sub(paper.y)?);
    let point = [(f32::from(right) + 0.5) * scale, (f32::from(down) * 2.0 + 1.0) * scale];
    paper.contains(place).then_some(point)
}

/// What lies at a place of the panel.
pub fn hit(app: &App, area: Rect, place: Position) -> Option<Hit> {
    let plan = Plan::fit(app, area);
    if plan.bars.contains(place) {
        return bars::class_at(plan.bars, app.classes(), place).map(Hit::Class);
    }
    if app.explore.draws
        && let Some(point) = on_paper(plan.picture(0), place)
    {
        return Some(Hit::Paper(point));
    }
    let strip = Strip::fit(app, plan.strip)?;
    (0..strip.shown).find(|&i| strip.place(i).contains(place)).map(|i| Hit::Digit(strip.first + i))
}

/// Where everything goes.
struct Plan {
    pictures: u16,
    /// Side of a picture in pixels, which is its width in cells.
    side: u16,
    left: u16,
    top: u16,
    bars: Rect,
    facts: Rect,
    strip: Rect,
}

impl Plan {
    /// The largest pictures that leave room for everything else: the bars go beside or below.
    fn fit(app: &App, area: Rect) -> Self {
        let most = if area.width >= 150 { 3 } else { 2 };
        // Whole multiples of half the digit's side look best, where that costs little.
        let whole = |side: u16| {
            let snapped = side - side % 14;
            if snapped >= 28 && side % 14 <= side / 8 { snapped } else { side & !1 }
        };
        let lines = if area.height < 16 { FEW_FACTS } else { FACTS };
        let beside = |n: u16| {
            let wide = area.width.saturating_sub(BARS_WIDTH + n * GAP) / n;
            whole(wide.min(area.height.saturating_sub(1 + lines) * 2))
        };
        let below = |n: u16| {
            let wide = area.width.saturating_sub((n - 1) * GAP) / n;
            whole(wide.min(area.height.saturating_sub(1 + lines + BARS_HEIGHT) * 2))
        };
        // Two pictures of fewer than 16 pixels say less than one larger one.
        let pictures = if beside(most).max(below(most)) < 16 { 1 } else { most };
        let (side_beside, side_below) = (beside(pictures), below(pictures));
        let bars_below = side_below > side_beside;
        let side = if bars_below { side_below } else { side_beside };
        // One more row for the note that digits stand in for MNIST; the pictures do not shrink.
        let fallback = app.dataset().is_some_and(|dataset| dataset.origin.stand_in.is_some());
        let said = FACTS + u16::from(fallback);
        let top = area.y + 1;
        let under = top + side / 2;
        let used = pictures * side + (pictures - 1) * GAP;
        let spare = area.width - used - if bars_below { 0 } else { BARS_WIDTH + GAP };
        let left = area.x + spare / 2;
        let right = left + used + GAP;
        let (bars, facts) = if bars_below {
            let bars = Rect { x: left, y: under, width: used, height: BARS_HEIGHT };
            (bars, Rect { x: left, y: under + BARS_HEIGHT, width: used, height: said })
        } else {
            let height = (side / 2).clamp(BARS_HEIGHT, 10);
            let bars = Rect { x: right, y: top, width: area.right() - right, height };
            let margin = area.x + u16::from(left > area.x);
            (bars, Rect { x: margin, y: under, width: area.right() - margin, height: said })
        };
        let facts = facts.intersection(area);
        let strip = Rect { y: facts.bottom(), height: area.bottom() - facts.bottom(), ..area };
        let rows = strip.height.min(SIDE as u16 / 2 + 1);
        let strip = if rows > STRIP_ROWS {
            Rect { y: area.bottom() - rows, height: rows, ..strip }
        } else {
            Rect::default()
        };
        Self { pictures, side, left, top, bars: bars.intersection(area), facts, strip }
    }

    fn picture(&self, i: u16) -> Rect {
        Rect {
            x: self.left + i * (self.side + GAP),
            y: self.top,
            width: self.side,
            height: self.side / 2,
        }
    }
}

/// What the pictures mean, in words and numbers.
fn facts(
    app: &App,
    dataset: &Dataset,
    answer: Option<&(Focus, Explanation)>,
    frame: &mut Frame,
    area: Rect,
) {
    let theme = &app.theme;
    let (_, label) = app.in_view(dataset);
    let digit = thousands(app.explore.index as u64);
    let place = match (app.explore.draws, area.width < 60) {
        (true, _) => String::new(),
        (false, true) => format!("{digit}: "),
        (false, false) => format!("digit {digit} of {}  ", thousands(dataset.test.len() as u64)),
    };
    let mut first = vec![Span::styled(place, theme.text())];
    let Some((asked, answer)) = answer else {
        let training = &app.training;
        let text = match &training.phase {
            _ if app.broken.is_some() => "no answer",
            _ if training.under_way() => "waiting for the network",
            Phase::Failed(_) if training.batch.is_none() => "no network: the training broke off",
            _ => "thinking",
        };
        first.push(Span::styled(text, theme.muted()));
        frame.render_widget(Line::from(first), area);
        return;
    };
    let probabilities = answer.probabilities();
    let sure = percent(probabilities[answer.predicted], 1);
    let predicted = answer.predicted;
    first.push(match label {
        None if app.explore.pad.is_empty() => {
            let pen = app.key(Action::Pause);
            Span::styled(format!("draw a digit: {pen} puts the pen down"), theme.text())
        }
        None => Span::styled(format!("looks like a {predicted}, {sure} sure"), theme.accent()),
        Some(label) if label == predicted => {
            Span::styled(format!("right: {label}, {sure} sure"), theme.good())
        }
        Some(label) => Span::styled(
            format!("wrong: takes the {label} for a {predicted}, {sure} sure"),
            theme.bad(),
        ),
    });
    let why = match app.explore.target {
        None => ["explains its prediction".to_owned(), String::new()],
        Some(class) => {
            let back = app.key(Action::Back);
            [format!("explains {class}, {back} its prediction"), format!("explains {class}")]
        }
    };
    let taken = first.iter().map(Span::width).sum::<usize>() as u16 + 2;
    let why = fitting(area.width.saturating_sub(taken), why);
    first.push(Span::styled(format!("  {why}"), theme.muted()));

    let map = &answer.heatmap;
    let reason = map.status.reason();
    let evidence = if reason.is_empty() {
        let ink = is_ink(asked.subject.pixels(dataset));
        let on_ink = percent(heat_on(map, [SIDE; 2], ink), 0);
        let (peak, unit) = (figure(map.raw_max, 2), answer.query.method.unit());
        let long = format!("peak {peak}{unit}, {on_ink} of the heat on ink");
        let short = format!("{on_ink} of it on ink");
        fitting(area.width.saturating_sub(17), [long, short])
    } else {
        format!("empty map: {reason}")
    };
    let weights = match (&app.model, app.training.batch.is_some()) {
        _ if app.explore.step.is_some() => time_line(app),
        (Some(model), false) => {
            let score = model
                .test_accuracy
                .map_or(String::new(), |a| format!(", {} on its test digits", percent(a, 2)));
            let (epochs, data) = (counted(model.epochs, "epoch"), &model.dataset);
            let train = app.key(Action::TrainMore);
            format!("model: {epochs} on {data}{score}; {train} trains again")
        }
        _ => {
            let earlier = app.key(Action::Earlier);
            format!("weights after {:.2} epochs; {earlier} goes back", app.explore.epochs)
        }
    };
    let rows = |i: u16| Rect { y: area.y + i, height: 1, ..area }.intersection(area);
    frame.render_widget(Line::from(first), rows(0));
    let bar = Rect { width: 16.min(area.width), ..rows(1) };
    let colors = match app.explore.signed {
        true => ColorBar::signed(theme.picture()),
        false => ColorBar::new(app.colormap, theme.picture()),
    };
    frame.render_widget(colors, bar);
    let beside = Rect { x: bar.right(), width: area.right() - bar.right(), ..rows(1) };
    frame.render_widget(Line::styled(format!(" {evidence}"), theme.text()), beside);
    let fallback = dataset.origin.stand_in.as_deref().map(|reason| {
        let text = format!("not MNIST, digits drawn by gradcam itself: {reason}");
        Line::styled(text, theme.warning())
    });
    // What comes last is left out first.
    let others = [Some(Line::styled(weights, theme.muted())), fallback, trust(app, area.width)];
    for (line, row) in others.into_iter().flatten().zip(2..) {
        frame.render_widget(line, rows(row));
    }
}

/// Whether the map can be trusted, in one line. Figures that are not known yet are dots: the words
/// stay, and so little is written for each digit.
fn trust(app: &App, width: u16) -> Option<Line<'static>> {
    // Of this very map, if there is anything on it.
    if app.answer().is_some_and(|answer| answer.heatmap.status != Status::Ok) {
        return None;
    }
    let known = match app.findings() {
        Some((asked, Findings::Trust(trust))) if *asked == app.focus() => Some(trust),
        _ => None,
    };
    let theme = &app.theme;
    let figure = |of: fn(&Trust) -> f32| known.map_or("....".to_owned(), |t| fixed(of(t), 2));
    let verdict = |good: fn(&Trust) -> bool| match known {
        Some(trust) if good(trust) => theme.good(),
        Some(_) => theme.bad(),
        None => theme.muted(),
    };
    let falls = verdict(|t| t.deletion_area < t.random_deletion_area);
    let rises = verdict(|t| t.insertion_area > t.random_insertion_area);
    let random = figure(|t| t.random_deletion_area);
    let beside = figure(|t| t.random_insertion_area);
    let line = |[before, of, between]: [&str; 3], after: String| {
        Line::from(vec![
            Span::styled(before.to_owned(), theme.muted()),
            Span::styled(figure(|t| t.deletion_area), falls),
            Span::styled(format!(" ({of}{random}), {between}"), theme.muted()),
            Span::styled(figure(|t| t.insertion_area), rises),
            Span::styled(format!(" ({beside}){after}"), theme.muted()),
        ])
    };
    let stability = format!(", stability {}", figure(|t| t.stability));
    let long = line(["trust: deletion ", "random ", "insertion "], stability);
    let short = line(["deletion ", "", "insertion "], String::new());
    Some(if long.width() <= usize::from(width) { long } else { short })
}

/// The stages of training, the one that is looked at among them.
fn time_line(app: &App) -> String {
    let (place, count) = (stages::place(app), app.explore.stages.len());
    let dots: String = (0..count).map(|i| if i == place { '█' } else { '·' }).collect();
    let newest = || format!("{} newest", app.key(Action::Back));
    let playing = if app.explore.playing { "playing".to_owned() } else { newest() };
    format!("{dots} {}, {playing}", stage(app).unwrap_or_default())
}

/// Where the digits around the one in view go.
struct Strip {
    area: Rect,
    side: u16,
    margin: u16,
    first: usize,
    shown: usize,
}

impl Strip {
    fn fit(app: &App, area: Rect) -> Option<Self> {
        let side = 2 * area.height.checked_sub(1)?;
        let count = app.count();
        let room = usize::from(area.width / (side + GAP));
        let margin = (area.width - room as u16 * (side + GAP)) / 2;
        let first = app.explore.index.saturating_sub(room / 2).min(count.saturating_sub(room));
        Some(Self { area, side, margin, first, shown: room.min(count) })
    }

    fn place(&self, i: usize) -> Rect {
        let x = self.area.x + self.margin + i as u16 * (self.side + GAP);
        Rect { x, y: self.area.y + 1, width: self.side, height: self.area.height - 1 }
    }
}

/// The digits around the one in view, where there is room.
fn strip(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let Some(strip) = Strip::fit(app, area) else { return };
    let style = app.theme.picture();
    for i in 0..strip.shown {
        let (index, place) = (strip.first + i, strip.place(i));
        let pixels = usize::from(strip.side);
        let ink = style.thumbnail_image(&digit(dataset, index).fitted(pixels, pixels));
        frame.render_widget(Picture::Image(&ink).widget(style), place);
        let wrong = app.explore.scored.as_ref().is_some_and(|scored| {
            scored
                .score
                .predictions
                .get(index)
                .is_some_and(|&p| usize::from(p) != dataset.test.label(index))
        });
        let style = match (index == app.explore.index, wrong) {
            (true, _) => app.theme.selected(),
            (false, true) => app.theme.bad(),
            (false, false) => app.theme.muted(),
        };
        let title = format!("{index}{}", if wrong { " wrong" } else { "" });
        let above = Rect { y: area.y, height: 1, ..place };
        frame.render_widget(Line::styled(title, style), above);
    }
}
