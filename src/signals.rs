//! Signals that ask the program to end, and those that it was started to ignore.
//!
//! `nohup` starts a program with SIGHUP ignored, and a shell without job control starts jobs in the
//! background with SIGINT and SIGQUIT ignored. Who catches such a signal undoes that.

use std::process::{Command, Stdio};
use std::sync::OnceLock;

use rustix::process::Signal;

/// Whose default action ends the program. Not SIGKILL, which cannot be caught; not SIGSEGV, SIGBUS,
/// SIGFPE and SIGILL, after which nothing sensible can be done; not SIGPIPE, which Rust ignores so
/// that writing fails instead.
const ENDING: [Signal; 14] = [
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::TERM,
    Signal::USR1,
    Signal::USR2,
    Signal::ALARM,
    Signal::VTALARM,
    Signal::PROF,
    Signal::XCPU,
    Signal::XFSZ,
    Signal::ABORT,
    Signal::TRAP,
    Signal::SYS,
];

/// More of them on Linux: SIGSTKFLT, SIGIO, SIGPWR, and the real-time signals that no C library
/// keeps for itself.
const ENDING_ON_LINUX: [std::ops::RangeInclusive<i32>; 3] = [16..=16, 29..=30, 35..=64];

/// The signals that end the program, as far as it was not started to ignore them.
pub fn ending() -> Vec<i32> {
    let everywhere = ENDING.into_iter().map(Signal::as_raw);
    let linux = ENDING_ON_LINUX.into_iter().flatten().filter(|_| cfg!(target_os = "linux"));
    everywhere.chain(linux).filter(|&signal| !is_ignored(signal)).collect()
}

/// Whether the program was started to ignore this signal. The first call must come before any
/// signal is caught.
pub fn is_ignored(signal: i32) -> bool {
    static IGNORED: OnceLock<Vec<i32>> = OnceLock::new();
    IGNORED.get_or_init(|| told_by_linux().unwrap_or_else(told_by_a_child)).contains(&signal)
}

/// The kernel tells it in a file.
fn told_by_linux() -> Option<Vec<i32>> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
    Some((1..=64).filter(|signal| mask & (1 << (signal - 1)) != 0).collect())
}

/// Elsewhere only `sigaction` tells it, which is not safe to call. But a child inherits what is
/// ignored: it sends itself the signal, and goes on if that does nothing. Asked are the signals
/// that somebody ignores on purpose.
fn told_by_a_child() -> Vec<i32> {
    let asked = [
        (Signal::HUP, "HUP"),
        (Signal::INT, "INT"),
        (Signal::QUIT, "QUIT"),
        (Signal::TERM, "TERM"),
    ];
    let goes_on = |name: &str| {
        let mut child = Command::new("sh");
        child.args(["-c", r#"ulimit -c 0; kill -s "$0" $$; exit 7"#, name]);
        child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        child.status().is_ok_and(|status| status.code() == Some(7))
    };
    let ignored = asked.into_iter().filter(|(_, name)| goes_on(name));
    ignored.map(|(signal, _)| signal.as_raw()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Set where this very program was started to ignore some signals.
    const STARTED_SO: &str = "GRADCAM_TEST_IGNORED_SIGNALS";

    #[test]
    fn what_is_ignored_at_the_start_is_known_from_the_system_and_from_a_child() {
        if std::env::var_os(STARTED_SO).is_some() {
            let told = told_by_a_child();
            assert!(told.starts_with(&[1, 2]) && !told.contains(&15), "{told:?}");
            if let Some(told) = told_by_linux() {
                assert!([1, 2, 14].iter().all(|signal| told.contains(signal)), "{told:?}");
                assert!(![10, 15].iter().any(|signal| told.contains(signal)), "{told:?}");
                assert!(![1, 2, 14].iter().any(|signal| ending().contains(signal)));
            }
            assert!([10, 15].iter().all(|signal| ending().contains(signal)));
            return;
        }
        let name = "signals::tests::what_is_ignored_at_the_start_is_known_from_the_system_and_from_a_child";
        let script = format!("trap '' HUP INT ALRM; exec \"$0\" --exact {name}");
        let output = Command::new("sh")
            .args(["-c", &script])
            .arg(std::env::current_exe().unwrap())
            .env(STARTED_SO, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}
