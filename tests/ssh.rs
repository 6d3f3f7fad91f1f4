//! The program where it lives: behind OpenSSH, in tmux and in GNU screen.
//!
//! These tests need `sshd`, `tmux` and `screen`. Where one is missing its test says that it was
//! skipped; in CI that is a failure.

#![cfg(feature = "app")]

mod pty;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use pty::{Exit, Program, Screen, Signal, Terminal};

const GRADCAM: &str = env!("CARGO_BIN_EXE_gradcam");
const TRAIN: &str = "--data synthetic --limit 640 --model model.safetensors";

/// Whether this program is here; where it is not, the test is skipped, or fails in CI.
fn have(program: &str) -> bool {
    let here = find(program).is_some();
    if !here {
        assert!(std::env::var_os("CI").is_none(), "{program} is not installed, and this is CI");
        eprintln!("SKIPPED: {program} is not installed");
    }
    here
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// An SSH server on this machine only, with keys of its own, for one test.
struct Server {
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl Server {
    fn start(folder: &Path) -> Self {
        for key in ["host", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(folder.join(key))
                .status();
            assert!(made.unwrap().success());
        }
        fs::copy(folder.join("user.pub"), folder.join("authorized")).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
        // As root, sshd insists on a folder for the part of it that has no rights.
        let _ = fs::create_dir_all("/run/sshd");
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let shown = folder.display();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {shown}/host\n\
             AuthorizedKeysFile {shown}/authorized\nPidFile none\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n\
             PrintMotd no\nPrintLastLog no\n"
        );
        fs::write(folder.join("config"), config).unwrap();
        let log = fs::File::create(folder.join("log")).unwrap();
        let process = Command::new(find("sshd").unwrap())
            .args(["-D", "-e", "-f"])
            .arg(folder.join("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { process, port, folder: folder.to_owned() }
    }

    /// A terminal whose program runs at the far end of a connection that carries TERM only.
    fn run(&self, command: &str) -> Program {
        let port = self.port.to_string();
        let known = "-oUserKnownHostsFile=/dev/null";
        let tries = "-oConnectionAttempts=20";
        Program::new("/usr/bin/ssh")
            .args(["-tt", "-F", "/dev/null", "-q", "-p", &port, "-oStrictHostKeyChecking=no"])
            .args([known, tries, "-oIdentitiesOnly=yes", "-i"])
            .arg(self.folder.join("user"))
            .args(["127.0.0.1", command])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a command when the test ends, however it ends, so that nothing it started goes on.
struct AtTheEnd(Command);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        let _ = self.0.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// The epoch that the header tells.
fn epoch(screen: &Screen) -> u32 {
    let text = screen.text();
    let (_, rest) = text.split_once("epoch ").expect("an epoch");
    rest.split('/').next().and_then(|n| n.parse().ok()).expect("its number")
}

/// Trains, looks at digits while it trains, and says in which epoch it was.
fn train_and_scroll(terminal: &Terminal) -> u32 {
    terminal.wait_for_text("epoch 2/900");
    terminal.keys("Tab");
    terminal.wait_for_text("digit 0 of 106");
    terminal.keys("Right");
    terminal.wait_for_text("digit 1 of 106");
    let screen = terminal.wait_for_text("evidence for");
    let (x, y) = screen.find("evidence for").unwrap();
    let pixels = screen.pixels(x, y + 1, 28, 14);
    assert!(pixels.iter().flatten().any(|[r, g, b]| r != g || g != b), "the heatmap is coloured");
    epoch(&terminal.screen())
}

#[test]
fn a_training_survives_a_dropped_ssh_connection() {
    if !have("sshd") || !have("ssh") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let there = format!("cd {} &&", home.path().display());
    // How it has ended is told by a shell that outlives its line.
    let train = format!(
        "trap '' HUP; (trap - HUP; exec {GRADCAM} train --epochs 900 {TRAIN}); echo $? >code"
    );

    let mut terminal = Terminal::start(server.run(&format!("{there} {train}")));
    let before = train_and_scroll(&terminal);
    let output = String::from_utf8_lossy(&terminal.output()).into_owned();
    assert!(output.contains("[38;5;") || output.contains("[48;5;"), "256 colours");
    assert!(!output.contains("38;2;"), "COLORTERM did not cross, so no 24-bit colours");
    // The laptop's lid closes.
    terminal.signal(Signal::KILL);
    assert_eq!(terminal.wait_exit(), Exit::Signal(9));
    terminal.hang_up();

    // The far end notices, keeps the training and ends.
    let code = home.path().join("code");
    let deadline = std::time::Instant::now() + pty::timeout();
    while !fs::read_to_string(&code).is_ok_and(|code| code.ends_with('\n')) {
        assert!(std::time::Instant::now() < deadline, "the far end goes on");
        std::thread::yield_now();
    }
    assert_eq!(fs::read_to_string(&code).unwrap(), "129\n");
    let again = format!("{there} exec {GRADCAM} --resume {TRAIN}");
    let terminal = Terminal::start(server.run(&again));
    let screen = terminal.wait_for_match(r"epoch \d+/900");
    assert!(epoch(&screen) >= before, "{}", screen.text());
    terminal.keys("q");
    terminal.wait_for_text("Still training");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
    terminal.assert_restored();
    assert!(terminal.screen().contains("goes on"), "{}", terminal.screen().text());
}

#[test]
fn a_training_goes_on_in_tmux_while_nobody_is_attached() {
    if !have("tmux") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let tmux = || Program::new("tmux").home(home.path()).args(["-S", "socket", "-f", "/dev/null"]);
    let mut kill = Command::new("tmux");
    kill.args(["-S", "socket", "kill-server"]).current_dir(home.path());
    let _end = AtTheEnd(kill);
    let command = format!("{GRADCAM} train --epochs 900 {TRAIN}");
    let terminal = Terminal::start(tmux().args(["new-session", "-s", "one", &command]));
    let before = train_and_scroll(&terminal);
    terminal.keys("C-b d");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));

    let terminal = Terminal::start(tmux().args(["attach", "-t", "one"]));
    let screen = terminal.wait_for_text("digit 1 of 106");
    assert!(epoch(&screen) >= before);
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}

#[test]
fn a_training_goes_on_in_screen_while_nobody_is_attached() {
    if !have("screen") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let sockets = home.path().join("sockets");
    fs::create_dir(&sockets).unwrap();
    fs::set_permissions(&sockets, fs::Permissions::from_mode(0o700)).unwrap();
    let screen = || {
        let program = Program::new("screen").home(home.path()).env("SCREENDIR", &sockets);
        program.args(["-U", "-c", "/dev/null"])
    };
    let mut quit = Command::new("screen");
    quit.args(["-S", "one", "-X", "quit"]).env("SCREENDIR", &sockets);
    let _end = AtTheEnd(quit);
    let train = format!("train --epochs 900 {TRAIN}");
    let program = screen().args(["-S", "one", GRADCAM]).args(train.split(' '));
    let terminal = Terminal::start(program);
    let before = train_and_scroll(&terminal);
    terminal.keys("C-a d");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));

    let terminal = Terminal::start(screen().args(["-r", "one"]));
    let again = terminal.wait_for_text("digit 1 of 106");
    assert!(epoch(&again) >= before);
    terminal.keys("C-c");
    assert_eq!(terminal.wait_exit(), Exit::Code(0));
}
