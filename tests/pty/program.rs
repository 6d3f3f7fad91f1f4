//! What to start in a terminal, and with which surroundings.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a terminal cannot do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kind {
    /// It has no alternate screen.
    pub no_alternate_screen: bool,
    /// It knows no UTF-8.
    pub latin1: bool,
}

/// A program with its arguments, environment and terminal.
///
/// It sees none of this process' environment but `PATH`, and a home of its own, where it starts.
pub struct Program {
    pub(super) path: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) env: BTreeMap<OsString, OsString>,
    pub(super) home: Option<PathBuf>,
    pub(super) size: (u16, u16),
    pub(super) answering: bool,
    pub(super) background: &'static str,
    pub(super) kind: Kind,
}

impl Program {
    /// In a terminal of 80 x 24 that shows 24-bit colours and answers no queries.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path_variable = std::env::var_os("PATH").unwrap_or_default();
        let env = [
            ("PATH", path_variable),
            ("TERM", "xterm-256color".into()),
            ("COLORTERM", "truecolor".into()),
            ("LANG", "C.UTF-8".into()),
        ];
        Self {
            path: path.into(),
            args: Vec::new(),
            env: env.map(|(name, value)| (name.into(), value)).into(),
            home: None,
            size: (80, 24),
            answering: false,
            background: "0000/0000/0000",
            kind: Kind::default(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Takes a variable out of the environment.
    #[must_use]
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.env.remove(&name.into());
        self
    }

    /// Uses this folder as home and as working directory, and leaves it there afterwards. By
    /// default there is an empty one that goes with the terminal.
    #[must_use]
    pub fn home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// As a job of a shell, which says `stopped` when the program has stopped, and continues it
    /// after Enter.
    #[must_use]
    pub fn below_a_shell(self) -> Self {
        self.below(r#"set -m; "$0" "$@"; echo stopped; read -r _; fg >/dev/null"#)
    }

    /// As part of a script for bash, to which it is `"$0" "$@"`.
    #[must_use]
    pub fn below(self, script: &str) -> Self {
        let mut args = vec!["-c".into(), script.into(), self.path.into_os_string()];
        args.extend(self.args);
        Self { path: "bash".into(), args, ..self }
    }

    /// In a session of its own, to which the terminal means nothing, so that nobody tells it when
    /// the terminal has gone; the file `code` then tells how it has ended.
    #[must_use]
    pub fn in_another_session(self) -> Self {
        self.below(r#"exec setsid --wait sh -c '"$0" "$@"; echo $? >code' "$0" "$@""#)
    }

    /// Sets the size of the terminal.
    #[must_use]
    pub fn size(mut self, cols: u16, rows: u16) -> Self {
        self.size = (cols, rows);
        self
    }

    /// Whether the terminal answers where its cursor is (`ESC [ 6 n`), that it is well
    /// (`ESC [ 5 n`), what it is (`ESC [ c`), its colours (DECRQSS `m`) and its background (OSC 11). Not by
    /// default.
    #[must_use]
    pub fn answering(mut self, answering: bool) -> Self {
        self.answering = answering;
        self
    }

    /// What an answering terminal says of its background, as `rrrr/gggg/bbbb`; black by default.
    #[must_use]
    pub fn background(mut self, rgb: &'static str) -> Self {
        self.background = rgb;
        self
    }

    /// In a terminal without an alternate screen, as GNU screen comes and older consoles are.
    #[must_use]
    pub fn without_alternate_screen(mut self) -> Self {
        self.kind.no_alternate_screen = true;
        self
    }

    /// In a terminal that takes each byte for a character of ISO 8859-1.
    #[must_use]
    pub fn in_latin1(mut self) -> Self {
        self.kind.latin1 = true;
        self
    }

    /// The command for this home, with its terminal still to come.
    pub(super) fn command(&self, home: &Path) -> pty_process::blocking::Command {
        let homes = [
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_CONFIG_HOME", ".config"),
            ("XDG_DATA_HOME", ".local/share"),
            ("XDG_STATE_HOME", ".local/state"),
        ];
        // Tests in the background, or below `nohup`, would start programs that ignore these.
        let (path, before) = match ignores_signals() {
            true => (Path::new("env"), Some("--default-signal=HUP,INT,QUIT,TERM".into())),
            false => (self.path.as_path(), None),
        };
        let wrapped = before.map(|flag| [flag, self.path.clone().into_os_string()]);
        pty_process::blocking::Command::new(path)
            .args(wrapped.into_iter().flatten())
            .args(&self.args)
            .env_clear()
            .env("HOME", home)
            .envs(homes.map(|(name, folder)| (name, home.join(folder))))
            .envs(&self.env)
            .current_dir(home)
    }
}

/// Whether this process was started to ignore signals that tests send.
fn ignores_signals() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    [1, 2, 3, 15].iter().any(|signal| mask & (1 << (signal - 1)) != 0)
}
