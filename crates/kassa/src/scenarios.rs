//! `kassa lab`: scenarios, which script consumer, merchant, time and weather, and say what is to be seen.

mod check;
mod difference;
mod library;
mod play;
mod report;
mod scenario;
mod world;

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use kassa_server::clock::{Clock, SystemClock};
use serde_json::json;
use tempfile::TempDir;

use crate::Failure;
use crate::dev::Running;
use crate::environment::trimmed;
use crate::remote::Credential;
use crate::table::table;
use library::{LIBRARY, find};
use play::{Place, play};
use report::Report;
use scenario::Scenario;

/// What can be done with scenarios.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Plays scenarios, and fails where an expectation is not met.
    ///
    /// Each scenario gets a merchant of its own, whose clock stands, and a shop that its callbacks reach. Without --url they
    /// are played in a Kassa of their own, which ends with them.
    #[command(after_help = "Examples:\n  \
        kassa lab run --all                        plays the whole library\n  \
        kassa lab run lost-completed               plays one of the library\n  \
        kassa lab run tests/*.toml --json          plays files, and tells a line of JSON of each\n  \
        KASSA_URL=http://kassa:8080 kassa lab run --all --shop-address 10.0.0.7")]
    Run(Box<Options>),
    /// Lists the scenarios of the library.
    #[command(after_help = "Example:\n  kassa lab list")]
    List {
        /// Prints the list as one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Prints a scenario of the library, to start one's own from.
    #[command(
        after_help = "Example:\n  kassa lab show lost-completed > mine.toml && kassa lab run mine.toml"
    )]
    Show {
        /// Its name.
        #[arg(value_parser = PossibleValuesParser::new(LIBRARY.iter().map(|(name, _)| *name)))]
        name: String,
    },
}

/// What `kassa lab run` takes.
#[derive(Args)]
pub(crate) struct Options {
    /// Scenarios: files, or names of the library.
    #[arg(value_name = "FILE", required_unless_present = "all")]
    files: Vec<PathBuf>,
    /// The whole library.
    #[arg(long, conflicts_with = "files")]
    all: bool,
    /// Plays in the Kassa that runs there, instead of one of its own.
    #[arg(long, env = "KASSA_URL", hide_env_values = true, value_parser = trimmed)]
    url: Option<String>,
    #[command(flatten)]
    maker: Credential,
    /// The address of this machine at which the shops listen; that Kassa has to reach it.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    shop_address: IpAddr,
    /// Prints a line of JSON for each scenario.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Run(options) => run_scenarios(options),
        Act::List { json } => list(*json),
        Act::Show { name } => {
            print!("{}", find(name).expect("the command line takes names of the library alone").1);
            Ok(())
        }
    }
}

fn list(json: bool) -> Result<(), Failure> {
    let ready = LIBRARY.iter().map(|(name, text)| read(name, text));
    let ready = ready.collect::<Result<Vec<_>, _>>()?;
    let rows =
        ready.iter().map(|one| json!({ "name": one.name, "title": one.title, "why": one.why })).collect();
    if json {
        println!("{rows}");
    } else {
        println!("{}", table(&rows, &[("NAME", "name"), ("TITLE", "title")], "No scenarios."));
    }
    Ok(())
}

fn run_scenarios(options: &Options) -> Result<(), Failure> {
    let scenarios = if options.all {
        LIBRARY.iter().map(|(name, text)| read(name, text)).collect::<Result<Vec<_>, _>>()?
    } else {
        options.files.iter().map(|file| read_file(file)).collect::<Result<Vec<_>, _>>()?
    };
    let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
    Ok(runtime.block_on(play_all(options, &scenarios))?)
}

/// A scenario in a file, or, where there is no such file, of the library.
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

/// Plays scenarios where `--url` says, or in a Kassa of their own.
async fn play_all(options: &Options, scenarios: &[Scenario]) -> anyhow::Result<()> {
    if let Some(url) = &options.url {
        return play_at(url, &options.maker, options, scenarios).await;
    }
    let folder = TempDir::new().context("no temporary folder could be made")?;
    let own = Running::start_in(folder.path()).await?;
    let maker =
        Credential { username: own.credential.username.into(), password: own.credential.password.into() };
    let played = tokio::select! {
        played = play_at(&own.url, &maker, options, scenarios) => played,
        _ = tokio::signal::ctrl_c() => Err(anyhow!("interrupted")),
    };
    own.server.stop().await;
    played
}

async fn play_at(
    url: &str,
    maker: &Credential,
    options: &Options,
    scenarios: &[Scenario],
) -> anyhow::Result<()> {
    let place = Place { url: url.to_string(), maker: maker.clone(), shop_address: options.shop_address };
    let report = Report::new(options.json);
    let began_at = SystemClock.system_now();
    let mut failed = Vec::new();
    for scenario in scenarios {
        report.begin(scenario);
        let played = play(scenario, &place, |step| report.step(step)).await?;
        report.end(&played);
        if !played.is_passed() {
            failed.push(scenario.name.as_str());
        }
    }
    report.sum_up(scenarios.len(), &failed, SystemClock.system_now().ms_since(began_at));
    if failed.is_empty() { Ok(()) } else { Err(anyhow!("an expectation was not met")) }
}
