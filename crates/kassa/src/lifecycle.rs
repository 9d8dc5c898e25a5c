//! `kassa lifecycle`: prints the two lifecycle tables from the same code that decides about status changes.

use clap::{Args, ValueEnum};
use kassa_domain::lifecycle::{mermaid, table};

use crate::failure::Failure;
use crate::output::print;

/// The options of `kassa lifecycle`.
#[derive(Args)]
pub(crate) struct Options {
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Both tables as text: `=` means no change, `-` means refused.
    Table,
    /// A Mermaid state diagram.
    Mermaid,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let text = match options.format {
        Format::Table => table(),
        Format::Mermaid => mermaid(),
    };
    print(text.trim_end_matches('\n'))
}
