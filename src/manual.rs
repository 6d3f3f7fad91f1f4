//! The manual page, and completion scripts for shells.

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;

/// The completion script for a shell.
pub fn completions(shell: Shell) -> Vec<u8> {
    // In memory first: the generator panics where its reader has left.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "gradcam", &mut script);
    script
}

/// The manual page: the whole command, then a section for each subcommand.
///
/// # Errors
/// None, in memory; the generator has them for files.
pub fn page() -> io::Result<Vec<u8>> {
    let command = Cli::command();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for subcommand in command.get_subcommands() {
        let name = format!("gradcam {}", subcommand.get_name());
        page.extend(format!(".SH \"{}\"\n", name.to_uppercase()).bytes());
        let man = Man::new(subcommand.clone().bin_name(&name).display_name(&name));
        let mut part = Vec::new();
        man.render_description_section(&mut part)?;
        man.render_synopsis_section(&mut part)?;
        man.render_options_section(&mut part)?;
        // What would be sections of a page of its own are parts of this one.
        page.extend(String::from_utf8_lossy(&part).replace("\n.SH ", "\n.SS ").bytes());
    }
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_has_every_flag_of_every_subcommand() {
        let page = String::from_utf8(page().unwrap()).unwrap();
        let (_, mut rest) = page.split_once(".SH SYNOPSIS").unwrap();
        let command = Cli::command();
        for subcommand in command.get_subcommands() {
            let heading = format!(".SH \"GRADCAM {}\"", subcommand.get_name().to_uppercase());
            (_, rest) = rest.split_once(&heading).expect(&heading);
            let section = rest.split_once("\n.SH ").map_or(rest, |(section, _)| section);
            for flag in subcommand.get_arguments().filter_map(|argument| argument.get_long()) {
                let flag = format!("\\-\\-{}", flag.replace('-', "\\-"));
                assert!(section.contains(&flag), "{flag} in {section}");
            }
        }
    }
}
