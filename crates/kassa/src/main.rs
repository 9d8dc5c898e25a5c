//! The `kassa` command.

mod account;
mod config;
mod database;
mod database_file;
mod dev;
mod environment;
mod event;
mod lifecycle;
mod listen;
mod remote;
mod scenarios;
mod secret;
mod serve;
mod session;
mod settings_file;
mod table;
mod track;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted Hosted Payment Page, wire-compatible with Klarna's HPP API.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs everything in one process on this machine: API, payment page, sandbox, lab and demo shop.
    Dev(dev::Options),
    /// Runs the system for real, as a configuration file says: one node of as many as there are.
    #[command(after_help = "Example:\n  kassa serve --config kassa.toml")]
    Serve(serve::Options),
    /// Checks a configuration.
    #[command(subcommand, after_help = "Example:\n  kassa config check --config kassa.toml")]
    Config(serve::Act),
    /// Adds and lists merchants.
    #[command(subcommand, after_help = "Example:\n  kassa merchant add PK12345 --name 'Shoe Shop'")]
    Merchant(account::Merchant),
    /// Makes, lists and takes back the credentials of merchants.
    #[command(subcommand, after_help = "Example:\n  kassa credential add PK12345")]
    Credential(account::Credential),
    /// Makes, lists and lets go those who make merchants and credentials over the API.
    #[command(subcommand, after_help = "Example:\n  kassa operator add deployments")]
    Operator(account::Operator),
    /// Lists, shows and redelivers events of a running Kassa.
    #[command(subcommand)]
    Event(event::Act),
    /// Plays scenarios that script consumer, merchant, time and weather: an integration's test bench.
    #[command(subcommand, after_help = "Example:\n  kassa lab run --all")]
    Lab(scenarios::Act),
    /// Lists and shows page sessions of a running Kassa.
    #[command(subcommand)]
    Session(session::Act),
    /// Lists, rotates and revokes the secrets that sign callbacks.
    #[command(subcommand)]
    Secret(secret::Act),
    /// Prints the lifecycle of a session: the two tables, or the picture drawn from them.
    Lifecycle(lifecycle::Options),
    /// Receives callbacks on this machine: verifies, prints, forwards.
    Listen(listen::Options),
    /// Follows sessions beside a shop, and tells it each change once: from callbacks, and from reads where those are lost.
    Track(track::Options),
    /// Prints a completion script for your shell, to be sourced.
    #[command(after_help = "Example:\n  source <(kassa completions bash)")]
    Completions {
        /// Your shell.
        shell: clap_complete::Shell,
    },
}

/// Why a command failed, by its exit code: 1 failed, 2 wrong usage.
enum Failure {
    /// What was asked for cannot be done as it was asked.
    Usage(String),
    /// It should have worked.
    Fault(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => {
            eprintln!("kassa: {message}");
            ExitCode::from(2)
        }
        Err(Failure::Fault(error)) => {
            eprintln!("kassa: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Dev(options) => dev::run(&options),
        Command::Serve(options) => serve::run(&options),
        Command::Config(act) => serve::check(&act),
        Command::Merchant(act) => account::merchant(&act),
        Command::Credential(act) => account::credential(&act),
        Command::Operator(act) => account::operator(&act),
        Command::Event(act) => event::run(&act),
        Command::Lab(act) => scenarios::run(&act),
        Command::Session(act) => session::run(&act),
        Command::Secret(act) => secret::run(&act),
        Command::Lifecycle(options) => {
            lifecycle::run(&options);
            Ok(())
        }
        Command::Listen(options) => listen::run(&options),
        Command::Track(options) => track::run(&options),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "kassa", &mut std::io::stdout());
            Ok(())
        }
    }
}

/// Runs something that has no end of its own until the process is asked to stop.
async fn until_signal<E>(running: impl Future<Output = Result<(), E>>) -> Result<(), E> {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupted), Ok(mut terminated)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return running.await;
    };
    tokio::select! {
        ended = running => ended,
        _ = interrupted.recv() => Ok(()),
        _ = terminated.recv() => Ok(()),
    }
}
