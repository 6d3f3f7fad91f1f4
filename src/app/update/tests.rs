//! What messages do to the state, where nothing needs to be drawn.

use std::path::PathBuf;

use crossterm::event::KeyModifiers;

use super::*;
use crate::app::key::Key;
use crate::app::message::Found;
use crate::app::options::Outcome;
use crate::app::state::{Panel, Tone};
use crate::app::theme::Theme;
use crate::data::digits::synthetic;
use crate::explain::{Explanation, Heatmap, Method, Status, VariantArray};
use crate::failure::Failure;
use crate::model::Metadata;
use crate::model::evaluate::Evaluation;
use crate::paint::{ColorDepth, Look};
use crate::train::{BatchReport, Divergence, EpochReport, OnDisk, Recipe, Sign, Standing};

/// Exploring a model, with digits.
fn exploring() -> App {
    let data = synthetic::dataset([10, 30], 1, &|_, _| {});
    let (theme, model) = (Theme::new(ColorDepth::TrueColor), Some(Metadata::default()));
    let mut app = App::new(theme.into(), Recipe::default(), "flex", model, PathBuf::from("m"));
    update(&mut app, Message::Loaded(Arc::new(data)));
    app
}

fn press(app: &mut App, code: KeyCode) -> Vec<Effect> {
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    update(app, Message::Input(Input::Key(event)))
}

fn typed(app: &mut App, text: &str) -> Vec<Effect> {
    text.chars().flat_map(|c| press(app, KeyCode::Char(c))).collect()
}

/// The answer to what is asked about the digit in view.
fn answer(app: &mut App) {
    let focus = app.focus();
    let raw: Vec<f32> = (0..4).map(|i| i as f32 - 1.0).collect();
    let values = vec![0.0, 0.0, 0.5, 1.0];
    let heatmap = Heatmap { height: 2, width: 2, values, raw, raw_max: 2.0, status: Status::Ok };
    let target = focus.target.unwrap_or(3);
    let (logits, query) = (vec![0.0; 10], focus.query);
    let explanation = Explanation { logits, predicted: 3, target, query, heatmap };
    update(app, Message::Report(Report::Focus { focus, explanation, epochs: 1.0 }));
}

fn step(epoch: usize) -> Message {
    Message::Train(Event::Batch(BatchReport {
        epoch,
        epochs: 3,
        batch: 1,
        batches: 10,
        loss: 1.0,
        accuracy: 0.5,
        batch_loss: 1.0,
        batch_accuracy: 0.5,
        images_per_second: 1000.0,
    }))
}

/// As many digits as these predictions, each with this loss.
fn score(predictions: &[u16], loss: f32, correct: usize) -> Evaluation {
    Evaluation { predictions: predictions.to_vec(), losses: vec![loss; predictions.len()], correct }
}

#[test]
fn nothing_of_one_network_is_said_of_the_next() {
    let mut app = exploring();
    update(&mut app, step(2));
    update(&mut app, Message::Report(Report::Stages(vec![(0, 0.0), (9, 1.0)])));
    update(&mut app, Message::Report(Report::Scored(Arc::new(score(&[1; 30], 0.5, 3)))));
    typed(&mut app, "[p");
    answer(&mut app);
    app.training.phase = Phase::Failed(Failure::new("a panic"));
    // The training that broke off is not overwritten without a question.
    assert_eq!(typed(&mut app, "t"), [Effect::LookOnDisk]);
    assert_eq!(found(&mut app, true, None), []);
    assert!(typed(&mut app, "t").contains(&Effect::StartTraining(Begin::Anew)));
    let training = &app.training;
    assert!(training.batch.is_none() && training.epoch.is_none() && training.maps.is_empty());
    assert!(training.on_disk == OnDisk::default() && !training.pinned.is_empty());
    let explore = &app.explore;
    assert!(explore.scored.is_none() && explore.answer.is_none() && explore.stages.is_empty());
    assert_eq!((explore.step, explore.playing), (None, false));
}

/// What is on disk, for somebody who wants to train.
fn found(app: &mut App, model: bool, training: Option<Result<Standing, String>>) -> Vec<Effect> {
    update(app, Message::Found(Found { model, training, taken: None }))
}

#[test]
fn an_interrupted_training_goes_on_unless_somebody_says_otherwise_twice() {
    let standing = Standing { done: 1.17, planned: 3 };
    let asked = || {
        let mut app = exploring();
        assert_eq!(typed(&mut app, "t"), [Effect::LookOnDisk]);
        assert_eq!(found(&mut app, true, Some(Ok(standing))), []);
        assert_eq!(app.overlay, Overlay::Unfinished(standing));
        app
    };
    let begins = |effects: &[Effect], begin| effects.contains(&Effect::StartTraining(begin));
    let resume = Begin::Resume { epochs: None };
    assert!(begins(&press(&mut asked(), KeyCode::Enter), resume));
    // The key that asked is no answer.
    let mut app = asked();
    assert_eq!(typed(&mut app, "tx "), []);
    assert_eq!(app.overlay, Overlay::Unfinished(standing));
    assert_eq!(press(&mut app, KeyCode::Esc), []);
    assert_eq!((&app.overlay, &app.training.phase), (&Overlay::None, &Phase::Idle));
    let mut app = asked();
    assert_eq!(typed(&mut app, "n"), []);
    assert_eq!(press(&mut app, KeyCode::Enter), [], "Enter is not asked for a loss");
    assert_eq!(app.overlay, Overlay::Unfinished(standing));
    assert!(begins(&typed(&mut app, "nn"), Begin::Anew));
    assert_eq!(typed(&mut asked(), "q"), [Effect::Quit(0)]);
}

#[test]
fn what_cannot_be_read_or_is_trained_by_another_is_not_replaced() {
    let mut app = exploring();
    typed(&mut app, "t");
    assert_eq!(found(&mut app, false, Some(Err("it is broken".to_owned()))), []);
    assert_eq!(press(&mut app, KeyCode::Enter), []);
    assert_eq!((&app.overlay, &app.training.phase), (&Overlay::None, &Phase::Idle));
    let taken = Some("another gradcam is training m".to_owned());
    update(&mut app, Message::Found(Found { model: true, training: None, taken }));
    assert_eq!(app.overlay, Overlay::None);
    assert!(
        app.notice
            .is_some_and(|notice| notice.tone == Tone::Bad && notice.text.contains("another"))
    );
    // A finished training is no obstacle, and nothing on disk is none.
    let mut app = exploring();
    let done = Standing { done: 3.0, planned: 3 };
    assert!(found(&mut app, false, Some(Ok(done))).contains(&Effect::StartTraining(Begin::Anew)));
}

#[test]
fn a_training_that_diverged_is_told_with_its_step_and_loss_and_can_be_tried_again() {
    let mut app = exploring();
    app.training.phase = Phase::Running;
    update(&mut app, step(1));
    let divergence = Divergence { step: 412, loss: 424.66, sign: Sign::Loss };
    update(&mut app, Message::Train(Event::Diverged(divergence)));
    assert!(!app.training.under_way());
    let outcome = Outcome::of(&app, 0, "gradcam --resume");
    assert_eq!(outcome.code, 1);
    let said = outcome.summary.join("\n");
    assert!(said.contains("diverged at step 412: loss 424.66"), "{said}");
    assert_eq!(typed(&mut app, "t"), [Effect::LookOnDisk]);
}

#[test]
fn a_save_that_failed_is_in_the_exit_text_and_the_exit_code() {
    let outcome = |events: &[Event]| {
        let mut app = exploring();
        app.training.phase = Phase::Running;
        update(&mut app, step(2));
        events.iter().for_each(|event| drop(update(&mut app, Message::Train(event.clone()))));
        let outcome = Outcome::of(&app, 0, "gradcam --resume");
        (outcome.code, outcome.summary.join("\n"))
    };
    let stopped = Event::Done { complete: false, last: None };
    let kept = Event::Kept("m.training".into());
    let full = Failure::new("the disk is full");
    let (code, said) = outcome(&[kept.clone(), stopped.clone()]);
    assert_eq!((code, &said[..]), (0, "stopped at 36 % of 3 epochs; `gradcam --resume` goes on"));
    let (code, said) = outcome(&[kept, Event::NotKept(full.clone()), stopped.clone()]);
    assert_eq!((code, &said[..]), (1, "not saved: the disk is full"));
    let saved = Event::Saved { path: "m".into(), epoch: 1 };
    let (code, said) = outcome(&[saved, Event::NotSaved(full), stopped]);
    assert_eq!(code, 1);
    assert!(said.contains("model saved to m") && said.contains("the disk is full"), "{said}");
}

#[test]
fn one_more_epoch_just_as_the_last_one_ends_is_a_training_under_way() {
    let mut app = exploring();
    app.training.phase = Phase::Running;
    typed(&mut app, "t");
    update(&mut app, Message::Train(Event::Done { complete: true, last: None }));
    update(&mut app, step(4));
    assert!(app.training.under_way());
    assert_eq!(typed(&mut app, "q"), []);
    assert_eq!(app.overlay, Overlay::ConfirmQuit);
}

#[test]
fn a_paused_training_waits_without_a_clock() {
    let mut app = exploring();
    assert!(!app.is_timed());
    update(&mut app, Message::Train(Event::Started { images: 10, recipe: Recipe::default() }));
    assert!(app.is_timed());
    update(&mut app, Message::Train(Event::Paused(true)));
    assert!(!app.is_timed());
}

#[test]
fn counts_are_of_one_network_while_a_training_goes_on() {
    let mut app = exploring();
    let labels = app.dataset().unwrap().test.labels().to_vec();
    typed(&mut app, "e");
    let mut first = labels[..20].to_vec();
    first[7] = (first[7] + 1) % 10;
    let sample = |score, epochs| Message::Report(Report::Probe { score, epochs });
    update(&mut app, sample(score(&first, 0.5, 19), 0.1));
    assert_eq!((app.explore.panel, app.explore.index), (Panel::Mistakes, 7));
    let scored = |app: &App| {
        let scored = app.explore.scored.as_ref().unwrap();
        (scored.wrong(), scored.digits(), scored.weights())
    };
    let after = |text: &str| Some(text.to_owned());
    let twenty = "the first 20 test digits".to_owned();
    assert_eq!(scored(&app), (1, twenty, after("after 0.10 epochs")));
    // All digits at the end of an epoch, where the 7 is right and another is not.
    let mut all = labels.clone();
    all[25] = (all[25] + 1) % 10;
    let event = |epoch, test: &[u16]| {
        let test = Arc::new(score(test, 0.5, 29));
        Message::Train(Event::Epoch(EpochReport {
            epoch,
            epochs: 3,
            train_loss: 0.2,
            train_accuracy: 0.9,
            test,
            seconds: 1.0,
            images_per_second: 1000.0,
        }))
    };
    update(&mut app, event(1, &all));
    let thirty = || "30 test digits".to_owned();
    assert_eq!(scored(&app), (1, thirty(), after("after 1 epoch")));
    assert_eq!(app.explore.index, 25, "what is right now is no mistake any more");
    // A sample with newer weights says nothing of the rest, and stays apart.
    update(&mut app, sample(score(&labels[..20], 0.1, 20), 1.2));
    assert_eq!(scored(&app), (1, thirty(), after("after 1 epoch")));
    let newest = app.training.test.last().unwrap();
    assert_eq!((newest.digits, newest.whole, newest.point.accuracy), (20, false, 1.0));
    update(&mut app, event(2, &all));
    assert_eq!(scored(&app).2, after("after 2 epochs"));
}

#[test]
fn what_was_on_its_way_when_a_new_training_began_is_of_another_network() {
    let mut app = exploring();
    let late = || Message::Report(Report::Scored(Arc::new(score(&[1; 30], 0.5, 3))));
    update(&mut app, late());
    assert!(app.explore.scored.is_some());
    typed(&mut app, "t");
    found(&mut app, true, None);
    typed(&mut app, "t");
    assert_eq!(app.training_number, 1);
    for _ in 0..2 {
        update(&mut app, late());
        answer(&mut app);
        let probe = Report::Probe { score: score(&[1; 20], 0.5, 2), epochs: 0.9 };
        update(&mut app, Message::Report(probe));
        update(&mut app, Message::Report(Report::Stages(vec![(0, 0.0)])));
        let explore = &app.explore;
        assert!(explore.scored.is_none() && explore.answer.is_none() && explore.stages.is_empty());
        assert!(app.training.test.is_empty());
        // Another one that began before, and was given up.
        update(&mut app, Message::Report(Report::Begun(0)));
    }
    update(&mut app, Message::Report(Report::Begun(1)));
    let probe = Report::Probe { score: score(&[1; 20], 0.5, 2), epochs: 0.0 };
    update(&mut app, Message::Report(probe));
    assert_eq!(app.training.test.len(), 1);
}

#[test]
fn the_overlay_is_switched_where_there_is_one_or_it_is_said_why_not() {
    let mut app = exploring();
    for (size, switches, reason) in [
        ((80, 24), true, ""),
        ((40, 12), false, "one picture fits here"),
        ((200, 60), false, "all three are here"),
    ] {
        update(&mut app, Message::Input(Input::Resize(size.0, size.1)));
        app.notice = None;
        let before = app.explore.overlay;
        typed(&mut app, "o");
        assert_eq!(app.explore.overlay != before, switches, "{size:?}");
        let said = app.notice.as_ref().map_or("", |notice| &notice.text);
        assert!(said.starts_with(reason) && said.is_empty() == switches, "{size:?}: {said}");
    }
    typed(&mut app, "ao");
    assert!(app.notice.as_ref().unwrap().text.contains("the digit's own screen"));
}

#[test]
fn a_sentence_names_the_key_that_is_bound() {
    let mut app = exploring();
    app.keymap.rebind("train", vec!["f5".parse().unwrap()]).unwrap();
    typed(&mut app, "[");
    assert_eq!(app.notice.as_ref().unwrap().text, "no training was watched yet; F5 trains");
}

#[test]
fn keys_that_were_changed_answer_questions_and_choose_classes() {
    let mut app = exploring();
    let key = |text: &str| text.parse::<Key>().unwrap();
    app.keymap.rebind("quit", vec![key("Q")]).unwrap();
    app.keymap.rebind("class", vec![key("f2"), key("f3")]).unwrap();
    app.keymap.rebind("interrupt", vec![]).unwrap();
    press(&mut app, KeyCode::F(3));
    assert_eq!(app.explore.target, Some(1));
    app.training.phase = Phase::Running;
    assert_eq!(typed(&mut app, "Q"), []);
    assert_eq!(typed(&mut app, "Q"), [Effect::Quit(0)]);
    // However keys are changed, there is a way out.
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(update(&mut app, Message::Input(Input::Key(interrupt))), [Effect::Quit(130)]);
}

#[test]
fn classes_are_held_against_each_other_by_what_speaks_for_them() {
    let mut app = exploring();
    for &method in Method::VARIANTS {
        app.explore.method = method;
        app.explore.panel = Panel::Digit;
        assert_eq!(app.focus().query.method, method);
        app.explore.panel = Panel::Versus;
        let asked = app.focus().query.method;
        assert!(asked.speaks_for() && (asked == method || !method.speaks_for()), "{method:?}");
        let signed = method.describe_signed("7", ["red", "blue"]);
        assert_eq!(signed.contains("red for 7"), method.speaks_for(), "{signed}");
    }
    assert_eq!(
        Method::Counterfactual.describe_signed("7", ["red", "blue"]),
        "red against 7, blue for it"
    );
}

#[test]
fn a_saved_picture_shows_and_says_what_is_on_screen() {
    let mut app = exploring();
    let mut saved = |keys: &str| {
        typed(&mut app, keys);
        answer(&mut app);
        let effects = typed(&mut app, "s");
        let [Effect::SavePicture(picture)] = &effects[..] else { panic!("{effects:?}") };
        (**picture).clone()
    };
    let plain = saved("");
    assert_eq!((plain.look, &plain.stem[..]), (Look::Heat, "gradcam-0-class-3"));
    assert_eq!(plain.map.values(), [0.0, 0.0, 0.5, 1.0]);
    let signed = saved("mL+");
    assert_eq!(signed.stem, "gradcam-0-class-3-hirescam-conv1");
    assert_eq!((signed.look, signed.map.values()), (Look::Signed, &[-0.5, 0.0, 0.5, 1.0][..]));
    assert!(signed.texts.iter().any(|(_, text)| text.contains("layer conv1")), "{signed:?}");
    assert_eq!(saved("o").look, Look::SignedOverlay);
    assert_eq!(saved("+").look, Look::Overlay);
    assert_eq!(signed.texts[0].1, "HiResCAM of digit 0 for class 3");
}

#[test]
fn pasted_text_reaches_an_open_prompt_only() {
    let mut app = exploring();
    let paste =
        |app: &mut App, text: &str| update(app, Message::Input(Input::Paste(text.to_owned())));
    assert_eq!(paste(&mut app, "git commit\r"), []);
    assert_eq!((app.overlay.clone(), app.explore.index), (Overlay::None, 0));
    typed(&mut app, ":");
    paste(&mut app, " +1x\n2\r");
    assert_eq!(app.overlay, Overlay::Jump("+12".to_owned()));
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.explore.index, 12);
    for overlay in [Overlay::Help(0), Overlay::ConfirmTrain, Overlay::ConfirmQuit] {
        app.overlay = overlay.clone();
        assert_eq!(paste(&mut app, "y\r"), []);
        assert_eq!(app.overlay, overlay);
    }
}

#[test]
fn the_screen_is_drawn_anew_whatever_is_open() {
    let mut app = exploring();
    let redraw = KeyEvent::new(KeyCode::Char('l'), KeyModifiers::CONTROL);
    for overlay in [Overlay::None, Overlay::Help(0), Overlay::ConfirmTrain] {
        app.overlay = overlay.clone();
        assert_eq!(update(&mut app, Message::Input(Input::Key(redraw))), [Effect::Redraw]);
        assert_eq!(app.overlay, overlay);
    }
    // And where the terminal turns out to understand none of what was drawn.
    let ascii = Theme { ascii: true, ..app.theme };
    assert_eq!(update(&mut app, Message::Theme(ascii)), [Effect::Redraw]);
    assert_eq!(update(&mut app, Message::Theme(ascii)), []);
}
