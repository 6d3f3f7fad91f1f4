//! A class is found by a part of its name, and what is to be known about the data is told.

#![cfg(feature = "app")]

mod sets_b;

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use gradcam::app::message::{Effect, Message};
use gradcam::app::state::mistakes::Filter;
use gradcam::app::state::{App, Data, Find, Overlay, Panel};
use gradcam::app::theme::Theme;
use gradcam::app::update::update;
use gradcam::data::{Classes, Dataset, Progress};
use gradcam::live::Report;
use gradcam::paint::ColorDepth;
use ratatui::buffer::Cell;
use ratatui::style::Modifier;
use sets_b::screen::{body, confused, drawn, explanation, exploring, press, rows, scored};
use sets_b::{Names, dataset, in_turn, shape};

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 60)];

fn typed(app: &mut App, text: &str) {
    text.chars().for_each(|c| press(app, KeyCode::Char(c)));
}

fn find(app: &App) -> &Find {
    match &app.overlay {
        Overlay::Find(find) => find,
        other => panic!("{other:?}"),
    }
}

/// The lines of the list and the prompt below it.
fn listed(app: &App) -> (Vec<String>, String) {
    let rows = rows(&drawn(app));
    let top =
        rows.iter().rposition(|row| row.starts_with('┌')).unwrap_or_else(|| panic!("{rows:?}"));
    let lines = rows[top + 1..rows.len() - 2].iter().map(|row| {
        let inside = row.trim_start_matches('│').split('│').next().unwrap_or_default();
        inside.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    (lines.collect(), rows[rows.len() - 1].trim().to_owned())
}

/// The line of the list that is marked.
fn chosen(app: &App) -> String {
    let buffer = drawn(app);
    let top = rows(&buffer).iter().rposition(|row| row.starts_with('┌')).unwrap();
    let from = top * usize::from(buffer.area.width);
    let end = buffer.content.len() - usize::from(buffer.area.width);
    let marked = |cell: &&Cell| cell.modifier.contains(Modifier::REVERSED);
    buffer.content[from..end].iter().filter(marked).map(Cell::symbol).collect()
}

/// A thousand classes, some of which have names of their own.
fn thousand() -> Arc<Dataset> {
    let name = |class| match class {
        3 => "Tabby cat".to_owned(),
        400 => "wildcat".to_owned(),
        401 => "Cat".to_owned(),
        777 => "三毛猫".to_owned(),
        778 => "ÉCUREUIL roux".to_owned(),
        999 => format!("cat{}", "erpillar".repeat(37)),
        _ => format!("class {class}"),
    };
    dataset(Classes::new((0..1000).map(name)), shape(32, 32), (0..1000).collect())
}

/// The picture in view is the likeliest of this class, and then of that one.
fn answered(app: &mut App, first: usize, second: usize) {
    let mut answer = explanation(app, first, app.explore.target.unwrap_or(first));
    answer.logits[second] = 8.0;
    let focus = app.focus();
    update(app, Message::Report(Report::Focus { focus, explanation: answer, epochs: 1.0 }));
}

#[test]
fn a_class_of_a_thousand_is_found_while_it_is_typed_chosen_and_taken() {
    for size in SIZES {
        let mut app = exploring(thousand(), size);
        answered(&mut app, 400, 3);
        press(&mut app, KeyCode::Char('/'));
        // The likeliest first, before anything is typed: e^9 and e^8 of e^9 + e^8 + 998.
        let (lines, prompt) = listed(&app);
        let top = "┌ 1,000 of 1,000 classes ";
        assert!(rows(&drawn(&app)).iter().any(|row| row.starts_with(top)), "{size:?}");
        assert!(lines[0] == "wildcat 67.1 %" && lines[1] == "Tabby cat 24.7 %", "{lines:?}");
        assert!(prompt.starts_with("class:") && prompt.contains("Enter takes it"), "{prompt}");
        typed(&mut app, "CAT");
        let (lines, prompt) = listed(&app);
        let names = ["Cat ", "cate", "wildcat ", "Tabby cat "];
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(lines.iter().zip(names).all(|(line, name)| line.starts_with(name)), "{lines:?}");
        assert!(lines[1].contains("… 0.0 %"), "{lines:?}");
        assert!(prompt.starts_with("class: CAT"), "{prompt}");
        assert!(chosen(&app).starts_with(" Cat "), "{}", chosen(&app));
        press(&mut app, KeyCode::Down);
        press(&mut app, KeyCode::Down);
        assert!(chosen(&app).starts_with(" wildcat "));
        (0..9).for_each(|_| press(&mut app, KeyCode::Down));
        assert!(chosen(&app).starts_with(" Tabby cat "), "the last one");
        press(&mut app, KeyCode::Up);
        press(&mut app, KeyCode::Enter);
        assert_eq!((app.explore.target, &app.overlay), (Some(400), &Overlay::None));
    }
}

#[test]
fn any_script_finds_its_class_and_esc_leaves_everything_as_it_was() {
    let mut app = exploring(thousand(), (80, 24));
    for (text, class) in [("猫", 777), ("écur", 778), ("class 17", 17), ("erpillar", 999)] {
        press(&mut app, KeyCode::Char('/'));
        typed(&mut app, text);
        press(&mut app, KeyCode::Enter);
        assert_eq!(app.explore.target, Some(class), "{text}");
    }
    press(&mut app, KeyCode::Char('/'));
    typed(&mut app, "tabby");
    press(&mut app, KeyCode::Esc);
    assert_eq!((app.explore.target, &app.overlay), (Some(999), &Overlay::None));
    // The text shrinks to nothing, and then the prompt goes.
    press(&mut app, KeyCode::Char('/'));
    typed(&mut app, "x猫");
    assert!(rows(&drawn(&app)).iter().any(|row| row.contains("no class has that in its name")));
    press(&mut app, KeyCode::Enter);
    assert_eq!(find(&app).typed, "x猫", "there is nothing to take");
    (0..2).for_each(|_| press(&mut app, KeyCode::Backspace));
    assert_eq!(find(&app), &Find::default());
    press(&mut app, KeyCode::Backspace);
    assert_eq!((app.explore.target, &app.overlay), (Some(999), &Overlay::None));
}

#[test]
fn every_character_is_typed_and_only_ctrl_c_ends_the_program() {
    let mut app = exploring(thousand(), (80, 24));
    app.keymap.rebind("redraw", vec!["r".parse().unwrap()]).unwrap();
    app.keymap.rebind("random", vec![]).unwrap();
    press(&mut app, KeyCode::Char('/'));
    typed(&mut app, "q r?:/ t");
    assert_eq!(find(&app).typed, "q r?:/ t");
    let control = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    assert_eq!(update(&mut app, Message::Input(Input::Key(control('u')))), []);
    assert_eq!(find(&app).typed, "q r?:/ t");
    update(&mut app, Message::Input(Input::Paste("ab\u{1b}\n猫\r".to_owned())));
    assert_eq!(find(&app).typed, "q r?:/ tab猫");
    update(&mut app, Message::Input(Input::Paste("long".repeat(1000))));
    let typed = &find(&app).typed;
    assert_eq!(typed.chars().count(), 100);
    // Its end is in view, beside the cursor.
    let prompt = rows(&drawn(&app)).pop().unwrap();
    assert!(prompt.starts_with(" class: ") && prompt.ends_with("longlongl "), "{prompt}");
    let effects = update(&mut app, Message::Input(Input::Key(control('c'))));
    assert_eq!(effects, [Effect::Quit(130)]);
}

#[test]
fn the_chosen_class_is_in_view_however_many_there_are_and_however_long_their_names() {
    for names in [Names::Short, Names::Japanese, Names::Long] {
        for classes in [2, 10, 47, 1000] {
            let data = in_turn(classes, names, shape(24, 32), classes);
            for size in SIZES {
                let mut app = exploring(Arc::clone(&data), size);
                press(&mut app, KeyCode::Char('/'));
                let mut place = 0;
                for (key, to) in [
                    (KeyCode::Down, 1),
                    (KeyCode::PageDown, 11),
                    (KeyCode::End, classes - 1),
                    (KeyCode::PageUp, classes.saturating_sub(11)),
                    (KeyCode::Home, 0),
                ] {
                    press(&mut app, key);
                    place = if key == KeyCode::PageDown { to.min(classes - 1) } else { to };
                    assert_eq!(find(&app).chosen, place, "{key:?} of {classes}");
                    let line = chosen(&app).replace(' ', "");
                    let begin: String = names.of(place).chars().take(3).collect();
                    assert!(line.starts_with(&begin.replace(' ', "")), "{line:?} {place} {size:?}");
                }
                press(&mut app, KeyCode::Enter);
                assert_eq!(app.explore.target, Some(place));
            }
        }
    }
}

#[test]
fn among_mistakes_a_class_is_found_with_all_that_have_to_do_with_it() {
    let data = in_turn(1000, Names::Short, shape(24, 32), 3000);
    for (key, panel) in [('e', Panel::Mistakes), ('x', Panel::Confusion)] {
        let mut app = exploring(Arc::clone(&data), (80, 24));
        let wrong = confused(&app, &[(700, 1, 2), (2, 700, 1), (5, 6, 2)]);
        scored(&mut app, &wrong);
        press(&mut app, KeyCode::Char(key));
        assert_eq!(app.explore.panel, panel);
        press(&mut app, KeyCode::Char('/'));
        let (lines, _) = listed(&app);
        let expected = ["class 700 3 mistakes", "class 1 2 mistakes", "class 5 2 mistakes"];
        assert_eq!(lines[..3], expected);
        assert_eq!(lines[4], "class 2 1 mistake");
        typed(&mut app, "s 70");
        assert_eq!(listed(&app).0[..2], ["class 700 3 mistakes", "class 70 0 mistakes"]);
        press(&mut app, KeyCode::Enter);
        assert_eq!(app.explore.panel, Panel::Mistakes);
        assert_eq!(app.explore.mistakes.filter, Filter::With(700));
        assert_eq!(app.explore.target, None);
        let rows = body(&drawn(&app));
        assert!(
            rows[0].contains("mistakes with class 700: 3 of 3,000 test pictures"),
            "{}",
            rows[0]
        );
        let pairs: Vec<String> = rows[2..5]
            .iter()
            .map(|row| row.split_whitespace().skip(1).take(4).collect::<Vec<_>>().join(" "))
            .collect();
        let pair = ["class 2 class 700", "class 700 class 1", "class 700 class 1"];
        assert_eq!(pairs, pair);
        // From there the filters go on as from the class itself.
        press(&mut app, KeyCode::Right);
        assert_eq!(app.explore.mistakes.filter, Filter::Class(2));
    }
}

#[test]
fn what_was_left_out_is_told_at_first_and_stays_in_the_help() {
    let long = "3 files cannot be read: train/猫/0001.png is no picture, and two more of that kind, \
                which are named in the list that --no-tui prints at the beginning";
    for size in SIZES {
        let notes = vec![long.to_owned(), "no picture to test with: b".to_owned()];
        let data = Dataset { notes, ..(*in_turn(3, Names::Short, shape(24, 32), 9)).clone() };
        let mut app = exploring(Arc::new(data), size);
        let buffer = drawn(&app);
        let warned = Theme::new(ColorDepth::TrueColor).warning().fg.unwrap();
        assert_eq!(buffer[(1, size.1 - 1)].fg, warned);
        let footer = rows(&buffer).pop().unwrap();
        assert!(footer.starts_with(" 3 files cannot be read: "), "{footer}");
        assert!(size.0 > 120 || footer.trim_end().ends_with('…'), "{footer}");
        update(&mut app, Message::Tick(Duration::from_secs(60)));
        assert!(rows(&drawn(&app)).pop().unwrap().contains("? help"));
        press(&mut app, KeyCode::Char('?'));
        // From its last row on, where not all of it fits.
        app.overlay = Overlay::Help(100);
        let help = body(&drawn(&app)).join("\n");
        let inside = help.lines().map(|row| match (row.find('│'), row.rfind('│')) {
            (Some(first), Some(last)) => &row[first..last],
            _ => row,
        });
        let help = inside.collect::<Vec<_>>().join("\n");
        let words = help.split(|c: char| c.is_whitespace() || c == '│');
        let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        for part in ["at the beginning", "no picture to test with: b"] {
            assert!(words.contains(part), "{part} at {size:?} in {help}");
        }
    }
}

#[test]
fn loading_has_a_bar_where_it_is_known_how_much_there_is() {
    let app = |progress| {
        let mut app = exploring(in_turn(3, Names::Short, shape(8, 8), 9), (80, 24));
        app.data = Data::Loading(Some(progress));
        app
    };
    for (progress, said) in [
        (Progress::Decoding { done: 2500, total: 10_000 }, "decoding pictures: 2,500 of 10,000"),
        (
            Progress::Downloading {
                set: "MNIST",
                file: "t10k",
                done: 2_500_000,
                total: 10_000_000,
            },
            "downloading MNIST, t10k: 2.5 of 10.0 MB",
        ),
        (Progress::Drawing { done: 1, total: 4 }, "drawing digits: 1 of 4"),
    ] {
        let app = app(progress);
        let rows = body(&drawn(&app));
        let row =
            rows.iter().position(|row| row.contains(said)).unwrap_or_else(|| panic!("{rows:?}"));
        // A quarter of forty cells.
        assert_eq!(rows[row + 1].trim(), "█".repeat(10) + &"·".repeat(30));
    }
    let nothing = app(Progress::Decoding { done: 0, total: 0 });
    assert!(body(&drawn(&nothing)).iter().any(|row| row.trim() == "·".repeat(40)));
}
