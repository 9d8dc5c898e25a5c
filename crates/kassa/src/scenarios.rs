//! `kassa lab`: plays scenarios, and replays recordings. A scenario scripts the consumer, the merchant, the clock and
//! faults, and states the expected results.

mod check;
mod difference;
mod library;
mod play;
mod recordings;
mod report;
mod scenario;
mod world;

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use kassa_engine::{Clock, SystemClock};
use serde_json::json;
use tempfile::TempDir;

use crate::dev::Running;
use crate::environment::url_of_option;
use crate::failure::Failure;
use crate::output::print;
use crate::remote::Credential;
use crate::stop::Stop;
use crate::table::table;
use library::{LIBRARY, find};
use play::{Place, play};
use report::Report;
use scenario::Scenario;

/// The subcommands of `kassa lab`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Play scenarios; exit code 1 if an expectation is not met.
    ///
    /// Each scenario gets its own merchant, with a frozen clock, and its own test shop, which receives the callbacks.
    /// Without --url, the command starts a temporary Kassa and stops it at the end.
    #[command(after_help = "Examples:\n  \
        kassa lab run --all                        play the whole library\n  \
        kassa lab run lost-completed               play one scenario of the library\n  \
        kassa lab run tests/*.toml --json          play files, and print a line of JSON for each\n  \
        KASSA_URL=http://kassa:8080 kassa lab run --all --shop-address 10.0.0.7")]
    Run(Box<Options>),
    /// Replay a recording of API calls at Kassa, and print the differences; exit code 1 on a difference.
    ///
    /// A recording is a HAR file, a VCR cassette, or WireMock mappings. The calls are sent in order, with the ids of
    /// this Kassa. The lab acts as the consumer when a recorded status shows that the consumer acted. Statuses, fields,
    /// types and values are compared. Ids, tokens, times and hosts are not.
    #[command(after_help = "Examples:\n  \
        kassa lab import checkout.har\n  \
        kassa lab import spec/cassettes/klarna.yml --ignore distribution_module\n  \
        kassa lab import wiremock/mappings --json")]
    Import(recordings::ImportOptions),
    /// Make the same calls at another service and at Kassa, and print the differences; exit code 1 on a difference.
    ///
    /// The calls are those of a recording or of a scenario. The command cannot act as the consumer at the other
    /// service, so it prints the link of the page and waits for you. The other service is a playground of the vendor,
    /// or runs on this machine: the command places orders.
    #[command(after_help = "Examples:\n  \
        kassa lab compare wire-as-documented --with playground-eu\n  \
        kassa lab compare checkout.har --with playground-na --skip-consumer\n\nThe account at the other service is in \
        the variables KLARNA_USERNAME and KLARNA_PASSWORD.")]
    Compare(recordings::CompareOptions),
    /// List the scenarios of the library.
    #[command(after_help = "Example:\n  kassa lab list")]
    List {
        /// Print the list as one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a scenario of the library, as a starting point for your own.
    #[command(
        after_help = "Example:\n  kassa lab show lost-completed > mine.toml && kassa lab run mine.toml"
    )]
    Show {
        /// Name of the scenario.
        #[arg(value_parser = PossibleValuesParser::new(LIBRARY.iter().map(|(name, _)| *name)))]
        name: String,
    },
}

/// The options of `kassa lab run`.
#[derive(Args)]
pub(crate) struct Options {
    /// Scenario files, or names of scenarios in the library.
    #[arg(value_name = "FILE", required_unless_present = "all")]
    files: Vec<PathBuf>,
    /// Play the whole library.
    #[arg(long, conflicts_with = "files")]
    all: bool,
    /// Base URL of a running Kassa to play against (default: start a temporary one).
    #[arg(long, env = "KASSA_URL", hide_env_values = true, value_parser = url_of_option)]
    url: Option<String>,
    #[command(flatten)]
    maker: Credential,
    /// IP address the test shops bind to; Kassa must be able to reach it.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    shop_address: IpAddr,
    /// Print a line of JSON for each scenario.
    #[arg(long)]
    json: bool,
    /// Print the timeline of each page session after its scenario, as `kassa session show` prints it.
    #[arg(long, conflicts_with = "json")]
    timeline: bool,
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Run(options) => run_scenarios(options),
        Act::Import(options) => recordings::import(options),
        Act::Compare(options) => recordings::compare(options),
        Act::List { json } => list(*json),
        Act::Show { name } => {
            let (_, text) = find(name).expect("the command line accepts only names of the library");
            print(text.trim_end_matches('\n'))
        }
    }
}

fn list(json: bool) -> Result<(), Failure> {
    let ready = LIBRARY.iter().map(|(name, text)| read(name, text));
    let ready = ready.collect::<Result<Vec<_>, _>>()?;
    let rows =
        ready.iter().map(|one| json!({ "name": one.name, "title": one.title, "why": one.why })).collect();
    if json {
        return print(rows);
    }
    print(table(&rows, &[("NAME", "name"), ("TITLE", "title")], "No scenarios."))
}

fn run_scenarios(options: &Options) -> Result<(), Failure> {
    let scenarios = if options.all {
        LIBRARY.iter().map(|(name, text)| read(name, text)).collect::<Result<Vec<_>, _>>()?
    } else {
        options.files.iter().map(|file| read_file(file)).collect::<Result<Vec<_>, _>>()?
    };
    let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
    runtime.block_on(play_all(options, &scenarios))
}

/// Whether a name is that of a scenario: a TOML file, or a scenario of the library.
fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml")
        || (!path.exists() && find(&path.to_string_lossy()).is_some())
}

/// Reads a scenario from a file, or from the library if there is no such file.
fn read_file(file: &Path) -> Result<Scenario, Failure> {
    let shown = file.display().to_string();
    match (std::fs::read_to_string(file), find(&shown)) {
        (Ok(text), _) => {
            let name = file.file_stem().map_or(shown.clone(), |name| name.to_string_lossy().into_owned());
            Scenario::read(&name, &text).map_err(|reason| Failure::Usage(format!("{shown}: {reason}")))
        }
        (Err(_), Some((name, text))) => read(name, text),
        (Err(error), None) => {
            Err(Failure::Usage(format!("{shown}: {error}; `kassa lab list` shows the library")))
        }
    }
}

fn read(name: &str, text: &str) -> Result<Scenario, Failure> {
    Scenario::read(name, text).map_err(|reason| Failure::Usage(format!("{name}: {reason}")))
}

/// Plays scenarios against `--url`, or against a temporary Kassa.
async fn play_all(options: &Options, scenarios: &[Scenario]) -> Result<(), Failure> {
    if let Some(url) = &options.url {
        return Ok(play_at(url, &options.maker, options, scenarios).await?);
    }
    // Before the temporary folder exists, so that no signal leaves it behind.
    let mut stop = Stop::listen()?;
    let folder = TempDir::new().context("cannot create a temporary folder")?;
    let own = Running::start_in(folder.path()).await?;
    let maker =
        Credential { username: own.credential.username.into(), password: own.credential.password.into() };
    let played = stop.or(play_at(&own.url, &maker, options, scenarios)).await;
    own.server.stop().await;
    Ok(played?)
}

async fn play_at(
    url: &str,
    maker: &Credential,
    options: &Options,
    scenarios: &[Scenario],
) -> anyhow::Result<()> {
    let place = Place {
        url: url.to_string(),
        maker: maker.clone(),
        shop_address: options.shop_address,
        reads_histories: options.timeline,
    };
    let report = Report::new(options.json);
    let began_at = SystemClock.monotonic_now();
    let mut failed = Vec::new();
    for scenario in scenarios {
        report.begin(scenario);
        let played = play(scenario, &place, |step| report.step(step)).await?;
        report.end(&played);
        if options.timeline {
            report.timelines(&played);
        }
        if !played.is_passed() {
            failed.push(scenario.name.as_str());
        }
    }
    report.sum_up(scenarios.len(), &failed, SystemClock.monotonic_now().ms_since(began_at));
    if failed.is_empty() { Ok(()) } else { Err(anyhow!("an expectation was not met")) }
}
