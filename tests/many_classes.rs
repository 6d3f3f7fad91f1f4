//! The screens with classes and pictures of every kind: from two classes to a thousand, names of any
//! length and script, pictures of any shape.

#![cfg(feature = "app")]

mod sets_b;

use std::sync::Arc;

use crossterm::event::KeyCode;
use gradcam::app::message::Message;
use gradcam::app::state::mistakes::Filter;
use gradcam::app::state::{App, Panel, Screen};
use gradcam::app::update::update;
use gradcam::data::Classes;
use gradcam::explain::{Channel, Explanation, Method, Step, Trust, VariantArray};
use gradcam::live::{Findings, Report, Study};
use gradcam::train::{BatchReport, Event};
use sets_b::screen::{body, confused, drawn, explanation, exploring, marked, press, scored};
use sets_b::{Names, dataset, in_turn, shape};

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 60)];
const COUNTS: [usize; 6] = [2, 20, 21, 47, 100, 1000];
const NAMES: [Names; 3] = [Names::Short, Names::Japanese, Names::Long];

/// Answers what the screen asks: the picture in view is taken for the last class.
fn answered(app: &mut App) {
    let last = app.classes() - 1;
    let answer = explanation(app, last, app.explore.target.unwrap_or(last));
    let (focus, explanation) = (app.focus(), answer.clone());
    update(app, Message::Report(Report::Focus { focus, explanation, epochs: 1.0 }));
    let Some(study) = app.study() else { return };
    let findings = match &study {
        Study::Classes => {
            let label = app.focus().subject.label(app.dataset().unwrap()).unwrap();
            let first = if last < 10 { (0..=last).collect() } else { vec![last, 7, label, 1] };
            Findings::Classes(first.into_iter().map(|c| explanation_of(app, c)).collect())
        }
        Study::Methods => {
            Findings::Methods(Method::VARIANTS.iter().map(|_| answer.clone()).collect())
        }
        Study::Channels(_) => {
            let (count, peak) = (answer.heatmap.values.len(), 1.0);
            let channel = |index| {
                let activations = vec![0.5; count];
                Channel { index, weight: 0.5, contribution: 1.0, activations, peak }
            };
            Findings::Channels(answer, (0..64).map(channel).collect())
        }
        Study::Trust => Findings::Trust(Trust {
            deletion: vec![0.25; 29],
            insertion: vec![0.75; 29],
            random_deletion: vec![0.5; 29],
            random_insertion: vec![0.5; 29],
            deletion_area: 0.25,
            insertion_area: 0.75,
            random_deletion_area: 0.5,
            random_insertion_area: 0.5,
            on_ink: 0.625,
            stability: 0.875,
        }),
        Study::Sanity => {
            let step = |name: &str| Step {
                name: name.to_owned(),
                heatmap: answer.heatmap.clone(),
                correlation: 0.5,
            };
            let names = ["trained", "a/layer/with/a/name/that/no/tile/has/room/for", "conv1"];
            Findings::Sanity(names.map(step).into())
        }
    };
    let focus = app.focus();
    update(app, Message::Report(Report::Study { focus, study, findings }));
}

fn explanation_of(app: &App, target: usize) -> Explanation {
    explanation(app, app.classes() - 1, target)
}

fn trained(app: &mut App, loss: f64) {
    let report = BatchReport {
        epoch: 1,
        epochs: 3,
        batch: 1,
        batches: 100,
        loss,
        accuracy: 0.1,
        batch_loss: loss,
        batch_accuracy: 0.1,
        images_per_second: 1000.0,
    };
    update(app, Message::Train(Event::Batch(report)));
}

#[test]
fn every_panel_is_complete_with_any_classes_names_shapes_and_sizes() {
    // What is said below the title of each panel, which wears the picture's name.
    let panels = [
        ('a', "one scale: brightest is 2.50"),
        ('d', ""),
        ('M', ""),
        ('f', "channel 0: weight +0.500, adds +1.00"),
        ('v', "0.88 correlation when shifted"),
        ('z', "0.50"),
    ];
    for classes in COUNTS {
        for (names, shape) in NAMES.into_iter().zip([shape(24, 32), shape(64, 64), shape(8, 8)]) {
            let data = in_turn(classes, names, shape, classes.max(60));
            for size in SIZES {
                let mut app = exploring(Arc::clone(&data), size);
                scored(&mut app, &[(0, 1), (1, 0)]);
                for (key, part) in panels {
                    press(&mut app, KeyCode::Char(key));
                    answered(&mut app);
                    let rows = body(&drawn(&app));
                    let below = rows[1..].join("\n");
                    let what = format!("{key} {classes} {names:?} {size:?}:\n{}", rows.join("\n"));
                    assert!(below.contains(part), "{what}");
                    assert!(!below.contains("digit") && !below.contains("ink"), "{what}");
                    press(&mut app, KeyCode::Char(key));
                }
                for (key, part) in [('e', "wrong: 2"), ('x', "2 of ")] {
                    press(&mut app, KeyCode::Char(key));
                    answered(&mut app);
                    let text = body(&drawn(&app)).join("\n");
                    let what = format!("{key} {classes} {names:?} {size:?}:\n{text}");
                    assert!(text.contains(part) && !text.contains("digit"), "{what}");
                }
                app.screen = Screen::Train;
                trained(&mut app, 0.5);
                for known in [false, true] {
                    if known {
                        let pinned = 0..app.training.pinned.len();
                        let explanations = pinned.map(|i| explanation(&app, i, i)).collect();
                        let report = Report::Pinned { explanations, epochs: 0.5 };
                        update(&mut app, Message::Report(report));
                    }
                    let text = body(&drawn(&app)).join("\n");
                    assert!(text.contains("epoch 1/3") && !text.contains("digit"), "{text}");
                }
            }
        }
    }
}

#[test]
fn the_chosen_cell_of_a_matrix_is_in_view_at_every_size() {
    for classes in [2, 10, 20] {
        for names in NAMES {
            let data = in_turn(classes, names, shape(24, 32), 60 * classes);
            for size in SIZES {
                let mut app = exploring(Arc::clone(&data), size);
                let last = classes - 1;
                let corners = [(0, last), (last, 0), (last, last - 1), (last / 2, last / 2 + 1)];
                let pairs: Vec<_> = corners.iter().zip(11..).map(|(c, n)| (c.0, c.1, n)).collect();
                let wrong = confused(&app, &pairs[..if classes == 2 { 2 } else { 4 }]);
                scored(&mut app, &wrong);
                press(&mut app, KeyCode::Char('x'));
                for &(label, predicted, count) in &pairs[..if classes == 2 { 2 } else { 4 }] {
                    app.explore.cell = (label, predicted);
                    let buffer = drawn(&app);
                    let text = body(&buffer).join("\n");
                    assert_eq!(marked(&buffer).trim(), count.to_string(), "{size:?}\n{text}");
                    assert!(text.contains(&format!("{count} pictures of ")), "{text}");
                    // The names of its row and of its column, as far as there is room.
                    let begins = |class| names.of(class).chars().take(2).collect::<String>();
                    assert!(text.contains(&begins(label)) && text.contains(&begins(predicted)));
                }
            }
        }
    }
}

#[test]
fn counts_of_any_size_do_not_touch_and_the_matrix_is_walked_to_its_last_column() {
    let data = in_turn(10, Names::Short, shape(8, 8), 20_000);
    let mut app = exploring(data, (40, 12));
    let wrong = confused(&app, &[(0, 1, 1234), (0, 2, 1), (0, 9, 700)]);
    scored(&mut app, &wrong);
    press(&mut app, KeyCode::Char('x'));
    let text = body(&drawn(&app)).join("\n");
    assert!(text.contains(" 65 1234    1 "), "{text}");
    (0..20).for_each(|_| press(&mut app, KeyCode::Right));
    assert_eq!(app.explore.cell, (0, 9));
    let buffer = drawn(&app);
    assert_eq!(marked(&buffer).trim(), "700", "{}", body(&buffer).join("\n"));
}

#[test]
fn of_many_classes_the_worst_pairs_are_listed_walked_and_opened() {
    for (classes, size) in [(21, (40, 12)), (100, (80, 24)), (1000, (200, 60))] {
        let mut app = exploring(in_turn(classes, Names::Short, shape(24, 32), 9 * classes), size);
        press(&mut app, KeyCode::Char('x'));
        scored(&mut app, &[]);
        assert!(body(&drawn(&app)).join("\n").contains("there is none"));
        let pairs = [(3, 20, 2), (20, 3, 4), (0, 5, 1), (7, 5, 4), (7, 6, 1)];
        let wrong = confused(&app, &pairs);
        scored(&mut app, &wrong);
        // The most often first, and equal ones by their classes.
        let order = [(7, 5, 4), (20, 3, 4), (3, 20, 2), (0, 5, 1), (7, 6, 1)];
        let rows = body(&drawn(&app));
        assert!(rows[0].contains(&format!("12 of {} test pictures wrong", thousands(9 * classes))));
        for (row, (label, predicted, count)) in rows[2..].iter().zip(order) {
            let words: Vec<&str> = row.split_whitespace().take(5).collect();
            let expected = format!("{count} class {label} class {predicted}");
            assert_eq!(words.join(" "), expected, "{}", rows.join("\n"));
        }
        // Nothing is chosen yet: the worst one is.
        let line = |app: &App| marked(&drawn(app)).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(line(&app), "4 class 7 class 5");
        press(&mut app, KeyCode::Down);
        assert_eq!((app.explore.cell, &line(&app)[..]), ((20, 3), "4 class 20 class 3"));
        press(&mut app, KeyCode::End);
        assert_eq!((app.explore.cell, &line(&app)[..]), ((7, 6), "1 class 7 class 6"));
        press(&mut app, KeyCode::Down);
        press(&mut app, KeyCode::Left);
        assert_eq!(app.explore.cell, (0, 5));
        press(&mut app, KeyCode::PageUp);
        assert_eq!(app.explore.cell, (7, 5));
        press(&mut app, KeyCode::Right);
        press(&mut app, KeyCode::Enter);
        assert_eq!(app.explore.panel, Panel::Mistakes);
        assert_eq!(app.explore.mistakes.filter, Filter::Confusion(20, 3));
        let text = body(&drawn(&app)).join("\n");
        assert!(text.contains("class 20 taken for class 3: 4"), "{text}");
    }
}

/// 12345 as "12,345".
fn thousands(n: usize) -> String {
    match n {
        0..1000 => n.to_string(),
        _ => format!("{},{:03}", n / 1000, n % 1000),
    }
}

#[test]
fn the_chosen_pair_stays_in_view_however_long_the_list() {
    for names in NAMES {
        let data = in_turn(1000, names, shape(8, 8), 1000);
        for size in SIZES {
            let mut app = exploring(Arc::clone(&data), size);
            let wrong: Vec<_> = (0..1000).map(|i| (i, (i + 1) % 1000)).collect();
            scored(&mut app, &wrong);
            press(&mut app, KeyCode::Char('x'));
            for place in [0, 1, 500, 998, 999] {
                app.explore.cell = wrong[place];
                let buffer = drawn(&app);
                let line = marked(&buffer);
                assert!(line.starts_with("       1  "), "{line:?} at {place}, {size:?}");
                // Both names begin on the line, and the line ends before the pictures do.
                let begin: String = names.of(place).chars().take(3).collect();
                let line: String = line.split(' ').collect();
                assert!(line.contains(&begin.replace(' ', "")), "{line:?} at {place}");
            }
        }
    }
}

#[test]
fn mistakes_are_listed_by_name_and_filters_go_through_the_classes_that_have_some() {
    let mut app = exploring(in_turn(1000, Names::Short, shape(24, 32), 3000), (80, 24));
    let wrong = confused(&app, &[(700, 1, 2), (2, 999, 1), (5, 6, 3)]);
    scored(&mut app, &wrong);
    press(&mut app, KeyCode::Char('e'));
    let rows = body(&drawn(&app));
    assert!(rows[0].contains("wrong: 6 of 3,000 test pictures"), "{}", rows[0]);
    assert!(rows[1].starts_with(" picture  is         taken for    loss"), "{:?}", rows[1]);
    // The last of them has the highest loss, of 5 + 5.
    assert!(rows[2].starts_with("   2,005  class 5    class 6     10.00"), "{:?}", rows[2]);
    let mut seen = Vec::new();
    for _ in 0..6 {
        press(&mut app, KeyCode::Right);
        seen.push(app.explore.mistakes.filter);
    }
    let class = Filter::Class;
    let order = [Filter::Unsure, class(5), class(700), class(2), Filter::Wrong, Filter::Unsure];
    assert_eq!(seen, order);
    press(&mut app, KeyCode::Left);
    press(&mut app, KeyCode::Left);
    assert_eq!(app.explore.mistakes.filter, class(2));
    let rows = body(&drawn(&app));
    assert!(rows[0].contains("class 2, wrong: 1 of 3,000 test pictures"), "{}", rows[0]);
}

#[test]
fn names_that_are_too_long_are_clipped_and_numbers_beside_them_are_whole() {
    for names in [Names::Japanese, Names::Long] {
        for size in SIZES {
            let mut app = exploring(in_turn(47, names, shape(64, 64), 94), size);
            scored(&mut app, &[(46, 45)]);
            press(&mut app, KeyCode::Char('e'));
            answered(&mut app);
            let rows = body(&drawn(&app));
            let line = &rows[2][..];
            // Place and loss, with the beginnings of both names between them.
            let begin = |class| names.of(class).chars().take(2).collect::<String>();
            let (label, predicted) = (begin(46), begin(45));
            let [place, a, b, loss] =
                ["46", &label, &predicted, "5.00"].map(|part| line.find(part));
            let places = [place, a, b, loss].map(|place| place.unwrap_or_else(|| panic!("{line}")));
            assert!(places.is_sorted(), "{line}");
            // And the title: its count is there, whatever the names.
            press(&mut app, KeyCode::Char('x'));
            press(&mut app, KeyCode::Enter);
            let title = &body(&drawn(&app))[0];
            assert!(title.contains("taken for") && title.contains(": 1"), "{title}");
        }
    }
}

#[test]
fn of_some_of_many_classes_those_in_question_are_found_by_their_number() {
    let names = (0..100).map(|i| match i {
        3 => "automobile".to_owned(),
        99 => "truck".to_owned(),
        _ => format!("class {i}"),
    });
    let data = dataset(Classes::new(names), shape(32, 32), (0..100).collect());
    let mut app = exploring(data, (120, 40));
    app.explore.index = 3;
    press(&mut app, KeyCode::Char('a'));
    answered(&mut app);
    let text = body(&drawn(&app)).join("\n");
    assert!(text.contains("the likeliest classes, Grad-CAM"), "{text}");
    for part in ["truck: 98.8 %, peak 2.50", "automobile: 0.0 %", "class 7: ", "class 1: "] {
        assert!(text.contains(part), "{part} in {text}");
    }
    press(&mut app, KeyCode::Char('d'));
    answered(&mut app);
    let text = body(&drawn(&app)).join("\n");
    for part in [
        "why truck rather than automobile, Grad-CAM",
        "for truck, 98.8 %",
        "red speaks for truck, blue for automobile",
        "truck leads automobile by 9.00 logits",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    scored(&mut app, &[(3, 99)]);
    press(&mut app, KeyCode::Char('e'));
    answered(&mut app);
    let text = body(&drawn(&app)).join("\n");
    for part in ["picture 3: automobile", "for truck, 98.8 %", "truck (red) or automobile (blue)"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn pinned_pictures_are_captioned_by_name_and_no_more_than_ten() {
    let names = Classes::new(["automobile", "truck"]);
    let mut app = exploring(dataset(names, shape(32, 24), vec![1, 0, 1]), (80, 24));
    app.screen = Screen::Train;
    assert_eq!(app.training.pinned, [1, 0]);
    let explanations = vec![explanation(&app, 1, 0), explanation(&app, 1, 1)];
    update(&mut app, Message::Report(Report::Pinned { explanations, epochs: 0.5 }));
    let text = body(&drawn(&app)).join("\n");
    assert!(text.contains("automobile ≠ truck 100 %") && text.contains("truck = truck 100 %"));
    // Side by side.
    assert_eq!(text.lines().filter(|line| line.contains(" truck 100 %")).count(), 1, "{text}");
    let app = exploring(in_turn(1000, Names::Short, shape(8, 8), 1000), (80, 24));
    assert_eq!(app.training.pinned.len(), 10);
}

#[test]
fn the_loss_axis_reaches_what_guessing_costs() {
    // The curve begins at the logarithm of the number of classes, and what is far above is marked.
    for (classes, begins, end) in [(2, 0.69, "1.0"), (10, 2.30, "2.5"), (1000, 6.91, "7.5")] {
        let mut app = exploring(in_turn(classes, Names::Short, shape(8, 8), 1000), (120, 40));
        app.screen = Screen::Train;
        trained(&mut app, begins);
        assert!(!body(&drawn(&app)).join("\n").contains('▲'), "{classes}");
        trained(&mut app, 100.0);
        let rows = body(&drawn(&app));
        let text = rows.join("\n");
        assert!(text.contains('▲'), "{text}");
        assert!(rows.iter().any(|row| row.trim_start().starts_with(&format!("{end}│"))), "{text}");
        assert!(text.contains("all 1,000 test pictures"), "{text}");
    }
}
