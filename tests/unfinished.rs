//! The real program beside a training that was interrupted, that fails, or that another program has
//! under way: nothing is lost, and the exit code says what happened.

#![cfg(feature = "app")]

mod pty;

use std::path::Path;

use gradcam::model::{Cnn, DeviceKind, Metadata, Spec, checkpoint};
use gradcam::train::{Lock, resume};
use pty::{Exit, Program, Screen, Terminal};

const KEPT: &str = "model.training.safetensors";

fn gradcam(home: &Path) -> Program {
    on_digits(home, "320")
}

/// On so many training digits.
fn on_digits(home: &Path, count: &str) -> Program {
    Program::new(env!("CARGO_BIN_EXE_gradcam"))
        .args(["--data", "synthetic", "--limit", count, "--device", "flex"])
        .args(["--model", "model.safetensors"])
        .home(home)
}

fn save_model(home: &Path) {
    let model = Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open());
    checkpoint::save(&model, &Metadata::default(), &home.join("model.safetensors")).unwrap();
}

/// Trains for some steps of 500 epochs and quits; gives back how many steps were kept.
fn interrupt(home: &Path) -> usize {
    let terminal = Terminal::start(gradcam(home).args(["train", "--epochs", "500"]));
    terminal.wait_for_text("epoch 1/500");
    terminal.keys("q");
    terminal.wait_for_text("Still training");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    steps(home)
}

/// Steps of the training that is kept.
fn steps(home: &Path) -> usize {
    resume::load(&home.join(KEPT), &DeviceKind::Flex.open()).unwrap().place().step
}

fn file(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Whether it is asked what is to become of the training.
fn asks(screen: &Screen) -> bool {
    screen.contains("a training stands at ") && screen.contains(" % of 500 epochs")
}

#[test]
fn gradcam_alone_asks_what_is_to_become_of_an_interrupted_training() {
    // With a model beside it and without.
    for with_model in [true, false] {
        let home = tempfile::tempdir().unwrap();
        let before = interrupt(home.path());
        let model = home.path().join("model.safetensors");
        let _ = std::fs::remove_file(&model);
        if with_model {
            save_model(home.path());
        }
        let kept = file(&home.path().join(KEPT));

        let terminal = Terminal::start(gradcam(home.path()));
        terminal.wait_for(asks, "the question");
        terminal.keys("Esc");
        terminal.wait_for(|s| !asks(s) && s.contains("digit 0 of 53"), "the model alone");
        terminal.keys("t");
        terminal.wait_for(asks, "the question again");
        terminal.keys("n");
        terminal.wait_for_text("would be lost");
        terminal.keys("Esc");
        terminal.wait_for(asks, "the question once more");
        terminal.keys("q");
        assert_eq!(terminal.wait_exit(), Exit::Code(0));
        terminal.assert_restored();
        assert!(file(&home.path().join(KEPT)) == kept, "looking changes nothing");

        let terminal = Terminal::start(gradcam(home.path()));
        terminal.wait_for(asks, "the question");
        terminal.keys("Enter");
        terminal.wait_for_match(r"epoch \d+/500");
        terminal.keys("C-c");
        assert_eq!(terminal.wait_exit(), Exit::Code(130));
        assert!(steps(home.path()) > before, "it went on where it stood");
    }
}

#[test]
fn a_training_is_started_anew_after_two_answers() {
    let home = tempfile::tempdir().unwrap();
    interrupt(home.path());
    let terminal = Terminal::start(gradcam(home.path()).args(["train", "--epochs", "700"]));
    terminal.wait_for(asks, "the question");
    terminal.keys("n");
    terminal.wait_for_text("would be lost");
    terminal.keys("n");
    terminal.wait_for_text("epoch 1/700");
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(130));

    let program = gradcam(home.path()).args(["train", "--restart", "--epochs", "900"]);
    let terminal = Terminal::start(program);
    terminal.wait_for_text("epoch 1/900");
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(130));
}

#[test]
fn a_resume_that_is_refused_leaves_the_training_to_be_asked_about() {
    let home = tempfile::tempdir().unwrap();
    interrupt(home.path());
    let kept = file(&home.path().join(KEPT));
    let terminal = Terminal::start(on_digits(home.path(), "192").arg("--resume"));
    terminal.wait_for_text("training broke off");
    terminal.keys("t");
    terminal.wait_for(asks, "the question");
    terminal.keys("Esc");
    terminal.wait_for(|screen| !asks(screen), "the question is gone");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(1));
    assert!(terminal.screen().contains("training broke off"));
    assert!(file(&home.path().join(KEPT)) == kept);
}

#[test]
fn a_training_that_cannot_be_kept_fails_at_the_end() {
    let home = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(gradcam(home.path()).args(["train", "--epochs", "500"]));
    terminal.wait_for_text("epoch 2/500");
    // A folder in the place of its file; the last epoch's may be on its way there.
    let kept = home.path().join(KEPT);
    while !kept.is_dir() {
        let _ = std::fs::remove_file(&kept);
        let _ = std::fs::create_dir(&kept);
    }
    terminal.keys("q");
    terminal.wait_for_text("Still training");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(1));
    terminal.assert_restored();
    let said = terminal.screen().text().replace('\n', "");
    assert!(said.contains("not saved: ") && said.contains(KEPT), "{said}");
    assert!(!said.contains("goes on"), "{said}");
}

#[test]
fn a_training_that_diverges_ends_with_code_1_and_keeps_the_model() {
    let home = tempfile::tempdir().unwrap();
    save_model(home.path());
    let model = home.path().join("model.safetensors");
    let before = file(&model);
    let program = gradcam(home.path()).args(["train", "--learning-rate", "1", "--epochs", "500"]);
    let terminal = Terminal::start(program);
    let screen = terminal.wait_for_match(r"diverged at step \d+: loss");
    let (x, y) = screen.find("diverged at step").unwrap();
    assert!(
        matches!(screen.cell(x, y).fg, pty::Color::Rgb(r, g, b) if r > 180 && g < 120 && b < 120)
    );
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(1));
    terminal.assert_restored();
    assert!(terminal.screen().contains("diverged at step"), "{}", terminal.screen().text());
    assert!(file(&model) == before);
}

#[test]
fn a_model_that_another_program_trains_is_looked_at_and_not_trained() {
    let home = tempfile::tempdir().unwrap();
    let model = home.path().join("model.safetensors");
    let lock = Lock::take(&model).unwrap();
    let terminal = Terminal::start(gradcam(home.path()));
    assert_eq!(terminal.wait_exit(), Exit::Code(1));
    assert!(terminal.screen().contains("another gradcam"), "{}", terminal.screen().text());
    save_model(home.path());
    let terminal = Terminal::start(gradcam(home.path()));
    terminal.wait_for_text("digit 0 of 53");
    terminal.keys("t");
    terminal.wait_for_text("another gradcam");
    drop(lock);
    terminal.keys("t");
    terminal.wait_for_text("A new network");
    terminal.keys("t");
    terminal.wait_for_text("done: test accuracy");
    // Until it ends it could be asked for more.
    assert!(Lock::take(&model).is_err());
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    assert!(Lock::take(&model).is_ok());
}
