//! Reads the command line, picks a front end, returns the exit code.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use gradcam::cli::{Cli, Command};
use gradcam::kernels::CacheAligned;
use gradcam::start::{self, StartError};

#[global_allocator]
static ALLOCATOR: CacheAligned = CacheAligned;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Some(Command::Completions { shell }) => {
            clap_complete::generate(*shell, &mut Cli::command(), "gradcam", &mut io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Man) => clap_mangen::Man::new(Cli::command())
            .render(&mut io::stdout())
            .map(|()| ExitCode::SUCCESS)
            .map_err(StartError::from),
        _ => start::run(&cli, io::stdout().is_terminal()),
    };
    match done {
        Ok(code) => code,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            // Not eprintln, which panics where the terminal is gone.
            let _ = writeln!(io::stderr(), "gradcam: {error}");
            ExitCode::FAILURE
        }
    }
}
