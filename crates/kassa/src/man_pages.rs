//! `kassa man-pages`: writes the manual pages, for packages.

use std::path::PathBuf;

use clap::{Args, Command};

use crate::failure::Failure;

/// The options of `kassa man-pages`.
#[derive(Args)]
pub(crate) struct Options {
    /// Folder for the pages: `kassa.1`, and one page for each command. It is created if it does not exist.
    folder: PathBuf,
}

/// Writes a page for the command, and for each of its subcommands.
pub(crate) fn run(options: &Options, command: Command) -> Result<(), Failure> {
    let cannot = |error| Failure::Usage(format!("{}: {error}", options.folder.display()));
    std::fs::create_dir_all(&options.folder).map_err(cannot)?;
    clap_mangen::generate_to(command, &options.folder).map_err(cannot)
}
