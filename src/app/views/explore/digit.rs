//! One picture, its heatmap beside it, and what the network makes of it.
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
//!  the pictures around it, where there is room
//! ```

mod facts;
mod paper;
mod strip;
mod trust_line;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::images::{OVERLAY_ALPHA, heat, image, signed};
use crate::app::layout::picture::Plan;
use crate::app::phrase::{self, Phrase};
use crate::app::state::App;
use crate::app::views::bars::Bars;
use crate::app::views::explore::title::called;
use crate::app::views::words::around;
use crate::data::Dataset;
use crate::explain::Explanation;
use crate::paint::{Grid, Picture};
use crate::text::clipped;

/// Draws the panel.
pub fn draw(app: &App, dataset: &Dataset, frame: &mut Frame, area: Rect) {
    let plan = Plan::fit(app, area);
    // While the newest question is not answered yet, the last answer for this picture stays.
    let answered = app.explore.answer.as_ref();
    let answered = answered.filter(|_| app.answer().is_some() || last_is_about_it(app));
    let answer = answered.map(|(_, answer)| answer);
    pictures(app, dataset, answer, frame, &plan);
    for (i, title) in titles(app, dataset, answer, &plan, area).into_iter().enumerate() {
        let above = plan.title(i as u16, area);
        frame.render_widget(Line::styled(title, app.theme.accent()), above);
    }
    if app.explore.draws {
        paper::pen(app, frame, plan.picture(0));
    }
    if let Some(answer) = answer {
        frame.render_widget(Bars::of(app, dataset, answer, plan.bars), plan.bars);
    }
    facts::draw(app, dataset, answered, frame, plan.facts);
    strip::draw(app, dataset, frame, plan.strip);
}

/// Whether the last answer is for the picture in view, of which no other class is asked.
fn last_is_about_it(app: &App) -> bool {
    let last = app.explore.answer.as_ref();
    app.explore.target.is_none() && last.is_some_and(|(focus, _)| app.is_about_it(focus))
}

/// The input, its map, and both, as many of them as there is room for.
fn pictures(
    app: &App,
    dataset: &Dataset,
    answer: Option<&Explanation>,
    frame: &mut Frame,
    plan: &Plan,
) {
    let [height, width] = plan.size.map(usize::from);
    let (pixels, _) = app.in_view(dataset);
    let style = app.theme.picture();
    let input = style.quantised_image(&image(pixels, dataset.shape()).fitted(width, height));
    let heat = match answer {
        Some(answer) => style.quantised(&heat(&answer.heatmap).bilinear(width, height)),
        None => Grid::new(width, height, vec![0.0; width * height]),
    };
    let both_ways = answer
        .filter(|_| app.explore.signed)
        .map(|answer| style.signed(&signed(&answer.heatmap).bilinear(width, height)));
    let (colormap, alpha) = (app.colormap, OVERLAY_ALPHA);
    let (plain, over) = match &both_ways {
        Some(signed) => {
            (Picture::Signed(signed), Picture::SignedOver { image: &input, signed, alpha })
        }
        None => (
            Picture::Heat(&heat, colormap),
            Picture::Overlay { image: &input, heat: &heat, colormap, alpha },
        ),
    };
    let input = Picture::Image(&input);
    let shown: &[Picture] = match plan.pictures {
        3 => &[input, plain, over],
        2 => &[input, if app.explore.overlay { over } else { plain }],
        _ => &[over],
    };
    for (i, picture) in shown.iter().enumerate() {
        frame.render_widget(picture.widget(style), plan.picture(i as u16));
    }
}

/// What stands above the pictures.
fn titles(
    app: &App,
    dataset: &Dataset,
    answer: Option<&Explanation>,
    plan: &Plan,
    area: Rect,
) -> Vec<String> {
    let (classes, noun) = (&dataset.classes, dataset.origin.noun);
    let asked = app.explore.answer.as_ref().map_or(app.layer(), |(focus, _)| focus.layer);
    let layer = match asked == app.layers.last() {
        true => String::new(),
        false => format!(", {}", app.layers.name(asked)),
    };
    let evidence = |name: &str| match answer {
        Some(answer) if app.explore.signed => {
            let signs = app.theme.signs();
            format!("{}{layer}", answer.query.method.describe_signed(name, signs))
        }
        Some(answer) => format!("{}{layer}", answer.query.method.describe(name)),
        None => format!("evidence{layer}"),
    };
    let target = answer.map_or("", |answer| classes.name(answer.target));
    let cells = |i: u16| usize::from(plan.title(i, area).width);
    let (_, label) = app.in_view(dataset);
    let label = label.map(|label| classes.name(label));
    let input = match label {
        Some(name) => Phrase::from("input: ").and(called(noun, name)),
        None => "your drawing".into(),
    };
    let input = phrase::fitting(cells(0), &[input]);
    match plan.pictures {
        1 => {
            // The name of what it is leaves most of the line to what is explained.
            let short = clipped(label.unwrap_or("yours"), cells(0) / 3).into_owned();
            vec![around(target, cells(0), |name| format!("{short}: {}", evidence(name)))]
        }
        2 if app.explore.overlay => {
            vec![input, around(target, cells(1), |name| format!("{}, over it", evidence(name)))]
        }
        2 => vec![input, around(target, cells(1), evidence)],
        _ => vec![input, around(target, cells(1), evidence), "both".to_owned()],
    }
}
