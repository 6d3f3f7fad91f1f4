//! What the app costs a terminal at the far end of a line: bytes and waiting. The real program in
//! a pseudo-terminal of 80 x 24, `cargo bench --bench terminal`.
//!
//! With `GRADCAM_MNIST` it looks at MNIST, else at the digits it draws itself. Where chafa is
//! installed, what it writes for the same two pictures at the same size stands beside.

#[path = "../tests/pty/mod.rs"]
mod pty;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pty::{Program, Screen, Terminal};

const GRADCAM: &str = env!("CARGO_BIN_EXE_gradcam");
const MODEL: &str = "model.safetensors";
const STEPS: usize = 100;
const KEYS: usize = 1000;
/// Between two keys: a person holding an arrow.
const REPEAT: Duration = Duration::from_millis(33);

fn main() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let home = home.path();
    let trained = headless(home, &["train", "--epochs", "1"]);
    assert!(trained, "a training that ends");
    for (depth, chafa) in [("truecolor", "full"), ("256", "256"), ("16", "16"), ("never", "none")] {
        let mut steps = scroll(home, depth);
        let (median, most) = (percentile(&mut steps, 50.0), percentile(&mut steps, 100.0));
        let chafa = chafa_bytes(home, chafa);
        let beside = chafa.map_or("is not installed".to_owned(), |bytes| format!("{bytes}"));
        println!("scroll step, {depth}: median {median} bytes, most {most}; chafa {beside}");
    }
    for depth in ["truecolor", "256"] {
        let (rate, idle) = training_bytes(home, depth);
        println!("Train screen, {depth}: {rate} bytes/s while training; idle {idle} bytes in 3 s");
    }
    latency(home);
    studies(home);
    start_up(home);
    watched(home);
}

fn program(home: &Path, depth: &str, model: &str) -> Program {
    let program = Program::new(GRADCAM).home(home).args(["--color", depth, "--model", model]);
    match std::env::var_os("GRADCAM_MNIST") {
        Some(folder) => program.arg("--data").arg(folder),
        None => program.args(["--data", "synthetic"]),
    }
}

fn headless(home: &Path, args: &[&str]) -> bool {
    let mut command = Command::new(GRADCAM);
    command.current_dir(home).args(["--model", MODEL]).args(args);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    if std::env::var_os("GRADCAM_MNIST").is_none() {
        command.args(["--data", "synthetic"]);
    }
    command.status().expect("the program").success()
}

/// The digit whose map is shown with it.
fn shown(screen: &Screen) -> Option<usize> {
    let text = screen.text();
    text.contains("evidence for").then(|| index(&text)).flatten()
}

/// The digit in view.
fn index(text: &str) -> Option<usize> {
    let (_, rest) = text.split_once("digit ")?;
    rest.split(' ').next()?.replace(',', "").parse().ok()
}

/// Bytes of each step to the next digit.
fn scroll(home: &Path, depth: &str) -> Vec<usize> {
    let terminal = Terminal::start(program(home, depth, MODEL).arg("explore"));
    terminal.wait_for(|screen| shown(screen) == Some(0), "the first digit");
    // The first key waits for the terminal's answers, which this one does not give.
    terminal.keys("Right Left");
    terminal.wait_stable();
    let step = |index| {
        let before = terminal.bytes_written();
        terminal.keys("Right");
        terminal.wait_for(|screen| shown(screen) == Some(index), "the next digit");
        terminal.wait_for_match(r"stability -?\d|empty map");
        terminal.wait_stable();
        terminal.bytes_written() - before
    };
    (1..=STEPS).map(step).collect()
}

/// What chafa writes for the digit and the heatmap side by side.
fn chafa_bytes(home: &Path, colors: &str) -> Option<usize> {
    let mut sizes = Vec::new();
    for index in 0..20 {
        let index = index.to_string();
        let options = ["--output", "pair.png", "--view", "side-by-side", "--index", &index];
        assert!(headless(home, &[&["explain"], &options[..]].concat()), "a picture");
        let output = Command::new("chafa")
            .current_dir(home)
            .args(["--format", "symbols", "--symbols", "vhalf", "--size", "58x14"])
            .args(["--colors", colors, "pair.png"])
            .output()
            .ok()?;
        sizes.push(output.stdout.len());
    }
    Some(percentile(&mut sizes, 50.0))
}

/// Bytes a second on the Train screen, and bytes afterwards, when nothing happens.
fn training_bytes(home: &Path, depth: &str) -> (usize, usize) {
    const WATCHED: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(3);
    let other = program(home, depth, "other").args(["train", "--epochs", "500"]);
    let terminal = Terminal::start(other);
    terminal.wait_for_match(r"epoch 1/500");
    let before = terminal.bytes_written();
    std::thread::sleep(WATCHED);
    let rate = (terminal.bytes_written() - before) / WATCHED.as_secs() as usize;
    drop(terminal);
    let terminal = Terminal::start(program(home, depth, MODEL).arg("explore"));
    terminal.wait_for(|screen| shown(screen) == Some(0), "the first digit");
    std::thread::sleep(IDLE);
    let before = terminal.bytes_written();
    std::thread::sleep(IDLE);
    (rate, terminal.bytes_written() - before)
}

/// The Explore screen, while training runs on all cores.
fn exploring_in_training(home: &Path) -> Terminal {
    let other = program(home, "truecolor", "other").args(["train", "--epochs", "500"]);
    let terminal = Terminal::start(other);
    terminal.wait_for_match(r"epoch 1/500");
    terminal.keys("Tab");
    terminal.wait_for(|screen| shown(screen) == Some(0), "the first digit");
    terminal
}

/// From a key to the last byte of its frame, while training runs on all cores.
fn latency(home: &Path) {
    let terminal = exploring_in_training(home);
    let (mut frames, mut maps) = (Vec::new(), Vec::new());
    for index in 1..=KEYS {
        let pressed = Instant::now();
        terminal.keys("Right");
        terminal.wait_for(|screen| self::index(&screen.text()) == Some(index), "the digit");
        frames.push(pressed.elapsed());
        terminal.wait_for(|screen| shown(screen) == Some(index), "its map");
        maps.push(pressed.elapsed());
        std::thread::sleep(REPEAT.saturating_sub(pressed.elapsed()));
    }
    report("the digit", &mut frames);
    report("its map", &mut maps);
    let mut bursts = Vec::new();
    for burst in 1..=20 {
        terminal.type_text(&"l".repeat(100));
        let pressed = Instant::now();
        let last = KEYS + 100 * burst;
        terminal.wait_for(|screen| index(&screen.text()) == Some(last), "the last digit");
        bursts.push(pressed.elapsed());
        terminal.wait_for(|screen| shown(screen) == Some(last), "its map");
    }
    let [median, most] = [50.0, 100.0].map(|p| 1e3 * percentile(&mut bursts, p).as_secs_f64());
    println!("100 keys at once, training: settled after {median:.1} ms, most {most:.1} ms");
}

/// From a key to what a panel has found out about the next digit, while training runs.
fn studies(home: &Path) {
    const KEYS: usize = 200;
    let terminal = exploring_in_training(home);
    let panels = [
        ("v", "can Grad-CAM be trusted?", "its trust figures"),
        ("M", "twelve methods", "its maps by twelve methods"),
        ("a", "every class", "its maps of ten classes"),
        ("z", "without what was learnt", "its sanity check"),
    ];
    let mut digit = 0;
    for (key, title, what) in panels {
        terminal.keys(key);
        terminal.wait_for_text(title);
        let mut times = Vec::new();
        for _ in 0..KEYS {
            digit += 1;
            let pressed = Instant::now();
            terminal.keys("Right");
            terminal.wait_for(
                |screen| {
                    let text = screen.text();
                    text.contains(title) && index(&text) == Some(digit)
                },
                what,
            );
            times.push(pressed.elapsed());
            std::thread::sleep(REPEAT.saturating_sub(pressed.elapsed()));
        }
        report(what, &mut times);
    }
}

fn report(what: &str, times: &mut [Duration]) {
    let [median, p99, most] = [50.0, 99.0, 100.0].map(|p| 1e3 * percentile(times, p).as_secs_f64());
    let count = times.len();
    println!(
        "key to {what}, training, {count} keys: median {median:.1} ms, p99 {p99:.1} ms, most \
         {most:.1} ms"
    );
}

/// From the start of the process to what is first seen.
fn start_up(home: &Path) {
    const STARTS: usize = 11;
    let (mut frames, mut maps) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = Instant::now();
        let terminal = Terminal::start(program(home, "truecolor", "other").arg("train"));
        terminal.wait_for_text("gradcam");
        frames.push(started.elapsed());
        // Ten digits, each with its map: the captions come with them.
        terminal.wait_for_match(r"9 [=≠] \d");
        maps.push(started.elapsed());
    }
    let [frame, map] =
        [frames, maps].map(|mut times| 1e3 * percentile(&mut times, 50.0).as_secs_f64());
    println!("start to the first frame: median {frame:.0} ms; to the first live maps: {map:.0} ms");
}

/// Training with the app on screen, and without, in turn.
fn watched(home: &Path) {
    const ROUNDS: usize = 3;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let train = || program(home, "truecolor", "other").args(["train", "--epochs", "1"]);
        let terminal = Terminal::start(train());
        terminal.wait_for_text("done: test accuracy");
        terminal.keys("q");
        terminal.wait_exit();
        with.push(images_per_second(&terminal));
        let terminal = Terminal::start(train().arg("--no-tui"));
        terminal.wait_exit();
        without.push(images_per_second(&terminal));
    }
    let [with, without] = [with, without].map(|mut speeds| percentile(&mut speeds, 50.0));
    let share = 100.0 * with as f64 / without as f64;
    println!("training: {with} images/s on screen, {without} without: {share:.0} %");
}

/// What the program's last sentence about it says.
fn images_per_second(terminal: &Terminal) -> usize {
    let text = terminal.screen().text();
    let (before, _) = text.rsplit_once(" images/s").expect("a speed");
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

fn percentile<T: Ord + Copy>(values: &mut [T], percent: f64) -> T {
    values.sort();
    values[((values.len() - 1) as f64 * percent / 100.0).round() as usize]
}
