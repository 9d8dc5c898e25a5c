//! `kassa lifecycle`: the two tables, drawn from the code that decides.

use clap::{Args, ValueEnum};
use kassa_domain::lifecycle::{mermaid, table};

/// What `kassa lifecycle` takes.
#[derive(Args)]
pub(crate) struct Options {
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Both tables in columns: `=` stays, `-` is refused.
    Table,
    /// A Mermaid state diagram.
    Mermaid,
}

pub(crate) fn run(options: &Options) {
    let text = match options.format {
        Format::Table => table(),
        Format::Mermaid => mermaid(),
    };
    print!("{text}");
}
