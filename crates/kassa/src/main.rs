//! The `kassa` command.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod account;
mod act;
mod audit;
mod chosen_session;
mod config;
mod consumer;
mod database;
mod database_file;
mod dev;
mod encryption;
mod environment;
mod event;
mod failure;
mod lifecycle;
mod listen;
mod listen_address;
mod man_pages;
mod open;
mod output;
mod payment_account;
mod payment_system;
mod profile;
mod public_url;
mod remote;
mod requester;
mod scenarios;
mod secret;
mod serve;
mod session;
mod settings_file;
mod settings_schema;
mod stop;
mod table;
mod texts_folder;
mod traces;
mod track;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use failure::Failure;

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
    /// Run everything in one process on this machine: API, payment page, sandbox, lab and demo shop.
    Dev(dev::Options),
    /// Run a production node from a configuration file.
    #[command(after_help = "Example:\n  kassa serve --config kassa.toml")]
    Serve(serve::Options),
    /// Check a configuration file, or print its JSON Schema.
    #[command(subcommand, after_help = "Example:\n  kassa config check --config kassa.toml")]
    Config(serve::Act),
    /// Add and list merchants.
    #[command(subcommand, after_help = "Example:\n  kassa merchant add PK12345 --name 'Shoe Shop'")]
    Merchant(account::Merchant),
    /// Create, list and revoke merchants' credentials (API usernames and passwords).
    #[command(subcommand, after_help = "Example:\n  kassa credential add PK12345")]
    Credential(account::Credential),
    /// Create, list and revoke operators, who sign in to the console and use the operator API.
    #[command(subcommand, after_help = "Example:\n  kassa operator add deployments")]
    Operator(account::Operator),
    /// Set, list and remove merchants' accounts at payment systems, such as Klarna.
    #[command(subcommand, after_help = "Example:\n  kassa payment-account list PK12345")]
    PaymentAccount(payment_account::Act),
    /// Create, list, replace and delete merchants' profiles: the look and the URLs of page sessions that name them.
    #[command(subcommand, after_help = "Example:\n  kassa profile list PK12345")]
    Profile(profile::Act),
    /// Show and erase the stored data of a consumer.
    #[command(subcommand, after_help = "Example:\n  kassa consumer erase --email ada@example.se --dry-run")]
    Consumer(consumer::Act),
    /// Encrypt stored secrets and data of consumers, and make keys for it.
    #[command(subcommand, after_help = "Example:\n  kassa encryption reencrypt --config kassa.toml")]
    Encryption(encryption::Act),
    /// Check the payment system of a configuration, and make secrets for it.
    #[command(subcommand, after_help = "Example:\n  kassa payment-system probe")]
    PaymentSystem(payment_system::Act),
    /// Verify and export the audit trail: the chained records of status changes and administrative acts.
    #[command(subcommand, after_help = "Example:\n  kassa audit verify --config kassa.toml")]
    Audit(audit::Act),
    /// List, show and redeliver events of a running Kassa.
    #[command(subcommand)]
    Event(event::Act),
    /// Play test scenarios that script the consumer, the merchant, the clock and faults.
    #[command(subcommand, after_help = "Example:\n  kassa lab run --all")]
    Lab(scenarios::Act),
    /// Create, list and show page sessions of a running Kassa.
    #[command(subcommand, after_help = "Example:\n  kassa session create --item 'Mug=49.00x2'")]
    Session(session::Act),
    /// Act as the consumer of a page session, without a browser.
    #[command(after_help = "Example:\n  kassa act last enter\n  kassa act last approve --category pay_later")]
    Act(act::Options),
    /// Open a page in the browser: the page of a page session, or the first page of `kassa dev`.
    #[command(after_help = "Example:\n  kassa open last")]
    Open(open::Options),
    /// List, rotate and revoke the secrets that sign callbacks.
    #[command(subcommand)]
    Secret(secret::Act),
    /// Print the lifecycle of a page session, as tables or as a diagram.
    Lifecycle(lifecycle::Options),
    /// Receive callbacks on this machine: verify, print and forward them.
    Listen(listen::Options),
    /// Track page sessions for a shop and report each status change once, polling when a callback is lost.
    Track(track::Options),
    /// Print a completion script for your shell; source it to use it.
    #[command(after_help = "Example:\n  source <(kassa completions bash)")]
    Completions {
        /// Your shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder.
    #[command(after_help = "Example:\n  kassa man-pages ~/.local/share/man/man1")]
    ManPages(man_pages::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (code, complaint) = match run(arguments.command) {
        Ok(()) | Err(Failure::ClosedPipe) => (ExitCode::SUCCESS, None),
        Err(Failure::Usage(message)) => (ExitCode::from(2), Some(message)),
        Err(Failure::Fault(error)) => (ExitCode::FAILURE, Some(with_causes(&error))),
    };
    if let Some(complaint) = complaint {
        let _ = output::standard_error().write_all(format!("kassa: {complaint}\n").as_bytes());
    }
    output::flush();
    code
}

/// The text of an error and of its causes. A cause is left out if the text before it already ends with it.
fn with_causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text.ends_with(&cause) {
        true => text,
        false if text.is_empty() => cause,
        false => format!("{text}: {cause}"),
    })
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Dev(options) => dev::run(&options),
        Command::Serve(options) => serve::run(&options),
        Command::Config(act) => serve::config(&act),
        Command::Merchant(act) => account::merchant(&act),
        Command::Credential(act) => account::credential(&act),
        Command::Operator(act) => account::operator(&act),
        Command::PaymentAccount(act) => payment_account::run(&act),
        Command::Profile(act) => profile::run(&act),
        Command::Consumer(act) => consumer::run(&act),
        Command::Encryption(act) => encryption::run(&act),
        Command::PaymentSystem(act) => payment_system::run(&act),
        Command::Audit(act) => audit::run(&act),
        Command::Event(act) => event::run(&act),
        Command::Lab(act) => scenarios::run(&act),
        Command::Session(act) => session::run(&act),
        Command::Act(options) => act::run(&options),
        Command::Open(options) => open::run(&options),
        Command::Secret(act) => secret::run(&act),
        Command::Lifecycle(options) => lifecycle::run(&options),
        Command::Listen(options) => listen::run(&options),
        Command::Track(options) => track::run(&options),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "kassa", &mut script);
            output::print(String::from_utf8_lossy(&script).trim_end())
        }
        Command::ManPages(options) => man_pages::run(&options, Arguments::command()),
    }
}
