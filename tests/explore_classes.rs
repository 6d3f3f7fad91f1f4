//! The Explore screen with classes and pictures of every kind: what is said of a picture by name,
//! which classes have bars, and how one of a thousand is chosen.

#![cfg(feature = "app")]

mod sets_b;

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::KeyCode;
use gradcam::app::message::{Effect, Message};
use gradcam::app::state::{App, Screen};
use gradcam::app::theme::Theme;
use gradcam::app::update::update;
use gradcam::data::{Classes, Dataset, Images};
use gradcam::explain::Explanation;
use gradcam::live::Report;
use gradcam::model::{Layer, LayerInfo, Layers};
use gradcam::paint::ColorDepth;
use gradcam::rng::Rng;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Color;
use sets_b::screen::{body, drawn, explanation, exploring, press, rows, scored};
use sets_b::{Names, dataset, in_turn, shape};

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 60)];
const COUNTS: [usize; 5] = [2, 10, 47, 100, 1000];
const NAMES: [Names; 3] = [Names::Short, Names::Japanese, Names::Long];

/// The picture in view gets these logits; classes that are not named get less than all of them.
fn answered(app: &mut App, logits: &[(usize, f32)]) {
    let predicted = logits[0].0;
    let mut answer = explanation(app, predicted, app.explore.target.unwrap_or(predicted));
    answer.logits = (0..app.classes()).map(|class| -10.0 - class as f32 / 100.0).collect();
    logits.iter().for_each(|&(class, logit)| answer.logits[class] = logit);
    report(app, answer);
}

fn report(app: &mut App, explanation: Explanation) {
    let focus = app.focus();
    update(app, Message::Report(Report::Focus { focus, explanation, epochs: 1.0 }));
}

/// What stands in the rows, without the spaces that fill them up.
fn text(buffer: &Buffer) -> String {
    rows(buffer).join("\n")
}

fn color_of(of: fn(&Theme) -> ratatui::style::Style) -> Color {
    of(&Theme::new(ColorDepth::TrueColor)).fg.unwrap()
}

/// The text of the cells in this colour.
fn coloured(buffer: &Buffer, color: Color) -> String {
    let cells = buffer.content.iter().filter(|cell: &&Cell| cell.fg == color);
    cells.map(|cell| cell.symbol()).collect()
}

/// The percentages of the bars in their order, column after column.
fn percentages(app: &App) -> Vec<f32> {
    let mut columns: [Vec<f32>; 2] = [Vec::new(), Vec::new()];
    for row in body(&drawn(app)) {
        if !row.contains("sure") && !row.contains("on its") {
            let parts: Vec<&str> = row.split('%').collect();
            for (i, part) in parts[..parts.len() - 1].iter().enumerate() {
                let number =
                    part.split_whitespace().last().and_then(|word| word.parse::<f32>().ok());
                columns[i].extend(number);
            }
        }
    }
    columns.concat()
}

#[test]
fn the_likeliest_classes_have_bars_and_words_are_about_pictures_everywhere() {
    for classes in COUNTS {
        for (names, shape) in NAMES.into_iter().zip([shape(24, 32), shape(64, 64), shape(8, 8)]) {
            let data = in_turn(classes, names, shape, classes.max(60));
            for size in SIZES {
                let mut app = exploring(Arc::clone(&data), size);
                app.explore.index = 1;
                let last = classes - 1;
                answered(
                    &mut app,
                    &[(last, 3.0), (0, 2.0), (1, if last == 1 { 3.0 } else { -9.0 })],
                );
                let buffer = drawn(&app);
                let what = format!("{classes} {names:?} {size:?}:\n{}", text(&buffer));
                assert!(!what.contains("digit") && !what.contains(" ink"), "{what}");
                let verdict = if classes == 2 { "right: " } else { "wrong: " };
                assert!(what.contains(verdict) && what.contains("evidence"), "{what}");
                // The predicted class is marked, and its name begins as it should.
                let begin = |class| names.of(class).chars().take(2).collect::<String>();
                assert!(what.contains(&format!("> {}", begin(last))), "{what}");
                let shares = percentages(&app);
                assert!(shares.is_sorted_by(|a, b| a >= b), "{shares:?} {what}");
                // Ten, or as many as there are rows at its side in the smallest terminal.
                let least = if size.1 == 12 { classes.min(7) } else { classes.min(10) };
                assert!((least..=classes.min(10)).contains(&shares.len()), "{shares:?} {what}");
                // The label is among them, in its colour, however unlikely it is.
                if classes > 2 {
                    let label = coloured(&buffer, color_of(Theme::warning));
                    assert!(
                        label.contains(begin(1).chars().next().unwrap()) && label.contains('%'),
                        "{label} {what}"
                    );
                }
            }
        }
    }
}

#[test]
fn arrows_choose_classes_by_probability_and_keys_the_first_ten() {
    let mut app = exploring(in_turn(100, Names::Short, shape(32, 32), 100), (80, 24));
    let logits = [(70, 5.0), (3, 4.0), (99, 3.0)];
    answered(&mut app, &logits);
    let mut seen = Vec::new();
    for key in [KeyCode::Down, KeyCode::Down, KeyCode::Down, KeyCode::Up, KeyCode::Up] {
        press(&mut app, key);
        seen.push(app.explore.target.unwrap());
        answered(&mut app, &logits);
    }
    // Class 0 is the likeliest of the others.
    assert_eq!(seen, [3, 99, 0, 99, 3]);
    press(&mut app, KeyCode::Up);
    press(&mut app, KeyCode::Up);
    assert_eq!(app.explore.target, Some(98), "the least likely of all, and then the likeliest");
    answered(&mut app, &logits);
    let screen = text(&drawn(&app));
    assert!(screen.contains("> class 98") && screen.contains("evidence for class 98"), "{screen}");
    app.size = (120, 40);
    let screen = text(&drawn(&app));
    assert!(screen.contains("explains class 98, Esc its prediction"), "{screen}");
    press(&mut app, KeyCode::Down);
    assert_eq!(app.explore.target, Some(70));
    press(&mut app, KeyCode::Char('7'));
    assert_eq!(app.explore.target, Some(7));
    // Of two classes there is no third.
    let mut app = exploring(in_turn(2, Names::Short, shape(32, 32), 4), (80, 24));
    press(&mut app, KeyCode::Char('2'));
    assert_eq!(app.explore.target, None);
}

#[test]
fn a_clicked_bar_is_the_class_that_it_shows() {
    use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    for size in SIZES {
        let mut app = exploring(in_turn(1000, Names::Short, shape(32, 32), 1000), size);
        answered(&mut app, &[(700, 5.0), (31, 4.0)]);
        let screen = body(&drawn(&app));
        let row = screen.iter().position(|row| row.contains("  class 31 ")).unwrap();
        let column = screen[row].chars().collect::<String>().find("class 31 ").unwrap();
        let column = screen[row][..column].chars().count() as u16;
        let event = MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row: row as u16 + 1,
            modifiers: KeyModifiers::NONE,
        };
        update(&mut app, Message::Input(Event::Mouse(event)));
        assert_eq!(app.explore.target, Some(31), "{size:?}");
    }
}

#[test]
fn a_drawing_is_for_digits_and_nothing_else_is_said_of_it() {
    let mut app = exploring(in_turn(10, Names::Short, shape(32, 32), 20), (200, 60));
    answered(&mut app, &[(3, 1.0)]);
    assert!(!text(&drawn(&app)).contains("draw"));
    press(&mut app, KeyCode::Char('D'));
    assert!(!app.explore.draws);
    let notice = &app.notice.as_ref().unwrap().text;
    assert_eq!(notice, "only digits can be drawn by hand, and these are pictures");
    app.notice = None;
    press(&mut app, KeyCode::Char('?'));
    let help = text(&drawn(&app));
    for part in ["next picture", "ten pictures back", "explain a class, by name", "quit at once"] {
        assert!(help.contains(part), "{part} in {help}");
    }
    for part in ["digit", "draw a", "stroke", "the pen"] {
        assert!(!help.contains(part), "{part} in {help}");
    }
}

#[test]
fn the_help_says_what_keys_do_where_it_is_asked() {
    let mut app = exploring(in_turn(100, Names::Short, shape(32, 32), 100), (120, 40));
    for (key, parts) in [
        ('e', ["next filter", "errors with a class, by name", "look at the picture"]),
        ('x', ["the line below", "errors with a class, by name", "list its pictures"]),
        ('f', ["choose to the right", "explain a class, by name", "the channel off, or on"]),
    ] {
        press(&mut app, KeyCode::Char(key));
        press(&mut app, KeyCode::Char('?'));
        let help = text(&drawn(&app));
        for part in parts {
            assert!(help.contains(part), "{key}: {part} in {help}");
        }
        press(&mut app, KeyCode::Esc);
    }
}

#[test]
fn a_file_has_its_end_in_view_at_every_size() {
    let data = in_turn(3, Names::Japanese, shape(24, 32), 9);
    let files: Vec<PathBuf> = (0..9)
        .map(|i| format!("test/第{}類の絵/a-long-name-of-a-file-{i:04}.png", i % 3).into())
        .collect();
    let of = |images: &Images| {
        Images::new(images.shape(), images.pixels().to_vec(), images.labels().to_vec())
            .with_files(files.clone())
    };
    let data = Dataset { test: of(&data.test), ..(*data).clone() };
    let data = Arc::new(data);
    for size in SIZES {
        let mut app = exploring(Arc::clone(&data), size);
        press(&mut app, KeyCode::End);
        answered(&mut app, &[(2, 9.0)]);
        let screen = text(&drawn(&app));
        assert!(screen.contains("08.png"), "{size:?}\n{screen}");
        assert_eq!(screen.contains("test/第2類の絵/a-long"), size.0 >= 120, "{size:?}\n{screen}");
    }
}

#[test]
fn a_picture_keeps_its_shape_and_its_map_has_the_same() {
    for [width, height] in [[32, 32], [24, 32], [32, 24], [8, 64], [64, 8], [27, 31]] {
        for size in SIZES {
            let mut app = exploring(in_turn(3, Names::Short, shape(width, height), 3), size);
            answered(&mut app, &[(0, 9.0)]);
            let buffer = drawn(&app);
            // Below the titles, from the first coloured cell on.
            let painted = |x: u16, y: u16| buffer[(x, y)].bg != Color::Reset;
            let left = (0..size.0).find(|&x| painted(x, 2)).unwrap();
            let run = |x: u16| (x..size.0).take_while(|&x| painted(x, 2)).count();
            let wide = run(left);
            let tall = 2 * (2..size.1).take_while(|&y| painted(left, y)).count();
            let expected = tall as f32 * width as f32 / height as f32;
            assert!(
                (wide as f32 - expected).abs() <= 1.0,
                "{width}x{height} at {size:?}: {wide}x{tall}"
            );
            let next = left + wide as u16 + 2;
            if next < size.0 && painted(next, 2) {
                assert_eq!(run(next), wide, "{width}x{height} at {size:?}");
            }
        }
    }
}

#[test]
fn layers_come_round_however_many_there_are() {
    let mut app = exploring(in_turn(3, Names::Short, shape(32, 32), 3), (80, 24));
    let layer = |name: &str| LayerInfo { name: name.to_owned(), size: [8, 8, 4] };
    app.layers = Layers::new(layer("stem"), [layer("block1"), layer("block2")]);
    app.explore.off = vec![1];
    let mut seen = Vec::new();
    for _ in 0..4 {
        press(&mut app, KeyCode::Char('L'));
        seen.push(app.layer());
    }
    assert_eq!(seen, [Layer(0), Layer(1), Layer(2), Layer(0)]);
    assert!(app.explore.off.is_empty(), "channels are of one layer");
    assert_eq!(app.notice.as_ref().unwrap().text, "layer: stem");
}

#[test]
fn a_saved_picture_is_called_by_its_class() {
    let names = Classes::new(["tabby cat", "猫/犬"]);
    let mut app = exploring(dataset(names, shape(24, 32), vec![0, 1, 1]), (80, 24));
    press(&mut app, KeyCode::Right);
    answered(&mut app, &[(0, 9.0)]);
    let saved = |app: &mut App| {
        let key = crossterm::event::KeyEvent::from(KeyCode::Char('s'));
        let effects = update(app, Message::Input(crossterm::event::Event::Key(key)));
        let [Effect::SavePicture(picture)] = &effects[..] else { panic!("{effects:?}") };
        (picture.stem.clone(), picture.texts.clone())
    };
    let (stem, texts) = saved(&mut app);
    assert_eq!(stem, "gradcam-1-class-tabby-cat");
    assert_eq!(texts[0].1, "Grad-CAM of picture 1 for class tabby cat");
    assert_eq!(texts[1].1, "label 猫/犬, predicted tabby cat, layer conv2");
    press(&mut app, KeyCode::Char('1'));
    answered(&mut app, &[(0, 9.0)]);
    assert_eq!(saved(&mut app).0, "gradcam-1-class-猫-犬");
    assert_eq!(app.screen, Screen::Explore);
}

#[test]
fn any_key_at_any_size_draws_pictures_of_any_kind() {
    let mut random = Rng::new(1);
    let keys: Vec<KeyCode> = "hjklgGrwaedMfvzxDmL+ocs[]pt?/:0123456789 猫"
        .chars()
        .map(KeyCode::Char)
        .chain([KeyCode::Esc, KeyCode::Enter, KeyCode::Tab, KeyCode::Backspace])
        .chain([KeyCode::PageDown, KeyCode::End, KeyCode::Up, KeyCode::Down])
        .collect();
    for (classes, names, shape) in [
        (2, Names::Long, shape(64, 8)),
        (21, Names::Japanese, shape(8, 64)),
        (1000, Names::Short, shape(32, 32)),
    ] {
        let mut app = exploring(in_turn(classes, names, shape, 60), (80, 24));
        scored(&mut app, &[(0, 1), (1, 0), (5, 1)]);
        for _ in 0..1500 {
            match random.below(8) {
                0 => {
                    let first = random.below(classes);
                    answered(&mut app, &[(first, 3.0), (random.below(classes), 2.0)]);
                }
                1 => app.size = (1 + random.below(250) as u16, 1 + random.below(80) as u16),
                _ => press(&mut app, keys[random.below(keys.len())]),
            }
            if random.below(4) == 0 {
                drawn(&app);
            }
        }
    }
}
