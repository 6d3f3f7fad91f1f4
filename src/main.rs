//! Reads the command line, picks a front end, returns the exit code.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use gradcam::cli::{Cli, Command};
use gradcam::kernels::CacheAligned;
use gradcam::start::{self, StartError};
use gradcam::{manual, say};

#[global_allocator]
static ALLOCATOR: CacheAligned = CacheAligned;

fn main() -> ExitCode {
    let cli = Cli::read();
    let done = match &cli.command {
        Some(Command::Completions { shell }) => print(&manual::completions(*shell)),
        Some(Command::Man) => {
            manual::page().map_err(StartError::from).and_then(|page| print(&page))
        }
        _ => start::run(&cli, io::stdout().is_terminal()),
    };
    match done {
        Ok(code) => code,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("gradcam: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn print(bytes: &[u8]) -> Result<ExitCode, StartError> {
    io::stdout().write_all(bytes)?;
    Ok(ExitCode::SUCCESS)
}
