//! `kassa serve`: the system as it is run for real, and `kassa config check`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand};
use kassa_server::clock::SystemClock;
use kassa_server::outgoing::Network;
use kassa_server::random::{Random, SystemRandom};
use kassa_server::sandbox::Sandbox;
use kassa_server::{App, Certificate, GRACE, Store, StoreError, WaitingRoom, serve, serve_tls};

use crate::Failure;
use crate::config::{Config, PaymentSystem};
use crate::dev::{Stop, log_to_stderr};

/// How long after the last try the database is looked for again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// Which configuration.
#[derive(Args)]
pub(crate) struct Options {
    /// The configuration file.
    #[arg(long, default_value = "kassa.toml", value_name = "FILE")]
    config: PathBuf,
}

/// What can be done with a configuration.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Reads the configuration, says what of it is not safe, and starts nothing.
    Check(Options),
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    log_to_stderr();
    let config = Config::read(&options.config)?;
    refuse_unsafe(&config, &options.config)?;
    let listener = TcpListener::bind(config.listen)
        .map_err(|error| Failure::Usage(format!("cannot listen on {}: {error}", config.listen)))?;
    let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
    runtime.block_on(serve_until_signal(&config, listener))
}

pub(crate) fn check(Act::Check(options): &Act) -> Result<(), Failure> {
    let config = Config::read(&options.config)?;
    refuse_unsafe(&config, &options.config)?;
    let engine = if config.is_on_postgres() { "PostgreSQL" } else { "SQLite" };
    println!(
        "{} is in order: {} on {}, stored in {engine}.",
        options.config.display(),
        config.public_url,
        config.listen
    );
    match config.payment_system {
        PaymentSystem::Sandbox => println!("Payments are made up by the sandbox: no money moves."),
    }
    for name in &config.accept_unsafe {
        println!("Accepted although it is not safe: {name}.");
    }
    Ok(())
}

fn refuse_unsafe(config: &Config, path: &Path) -> Result<(), Failure> {
    let problems: Vec<String> = config.problems(path).iter().map(|one| format!("\n  {one}")).collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{} is not safe:{}\nMend it, or list the name under accept_unsafe.",
        path.display(),
        problems.concat()
    )))
}

/// Why there is no system.
enum NoApp {
    /// The database is not there: it may come.
    Later(String),
    /// Waiting does not help.
    Never(Failure),
}

impl From<StoreError> for NoApp {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => Self::Later(reason),
            StoreError::Unusable(reason) => Self::Never(Failure::Usage(format!("database: {reason}"))),
            StoreError::Fault(reason) => Self::Never(cannot_be_opened(&reason)),
        }
    }
}

fn cannot_be_opened(reason: &str) -> Failure {
    Failure::Fault(anyhow::anyhow!("the database cannot be opened: {reason}"))
}

/// The system that a configuration describes, not yet listening.
pub(crate) async fn app(config: &Config) -> Result<App, Failure> {
    build(config).await.map_err(|why| match why {
        NoApp::Later(reason) => cannot_be_opened(&reason),
        NoApp::Never(failure) => failure,
    })
}

async fn build(config: &Config) -> Result<App, NoApp> {
    let store = match config.is_on_postgres() {
        true => Store::connect(&config.database).await?,
        false => Store::open(Path::new(&config.database))?,
    };
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let network = Network::new(config.outgoing_policy())
        .map_err(|error| NoApp::Never(Failure::Usage(format!("outgoing: {error}"))))?;
    let payment_system = match config.payment_system {
        PaymentSystem::Sandbox => Arc::new(Sandbox::new(random.clone())),
    };
    let (clock, network) = (Arc::new(SystemClock), Arc::new(network));
    Ok(App::new(store, clock, random, network, payment_system, config.configuration()).await?)
}

/// The same, unless its database has accounts that others can use. Commands do without this check: they mend it.
async fn build_to_serve(config: &Config) -> Result<App, NoApp> {
    let app = build(config).await?;
    let problems = config.problems_with(app.sandbox_accounts().await?);
    if problems.is_empty() {
        return Ok(app);
    }
    let problems: Vec<String> = problems.iter().map(|one| format!("\n  {one}")).collect();
    Err(NoApp::Never(Failure::Usage(format!("the database is not safe:{}", problems.concat()))))
}

/// The system, once the server of its database is there. Until then calls are told to try again, so that a node may be
/// started before its database, and need not be started again after it. A file is there or it is not.
async fn app_in_time(
    config: &Config,
    listener: &TcpListener,
    certificate: Option<&Certificate>,
) -> Result<App, Failure> {
    let mut room = None;
    let mut said = String::new();
    loop {
        let reason = match build_to_serve(config).await {
            Ok(app) => {
                if let Some(room) = room {
                    WaitingRoom::close(room).await;
                }
                return Ok(app);
            }
            Err(NoApp::Later(reason)) if config.is_on_postgres() => reason,
            Err(NoApp::Later(reason)) => return Err(cannot_be_opened(&reason)),
            Err(NoApp::Never(failure)) => return Err(failure),
        };
        if said != reason {
            tracing::warn!(reason, "waiting for the database");
            said = reason;
        }
        if room.is_none() {
            let socket = listener.try_clone().context("the listener is gone")?;
            let opened = WaitingRoom::open(socket, certificate.cloned());
            room = Some(opened.context("the listener could not be started")?);
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

async fn serve_until_signal(config: &Config, listener: TcpListener) -> Result<(), Failure> {
    let mut stop = Stop::listen()?;
    let address = listener.local_addr().context("the listener is gone")?;
    let certificate = match &config.tls {
        None => None,
        Some(tls) => Some(
            Certificate::read(&tls.certificate, &tls.key)
                .map_err(|error| Failure::Usage(format!("tls: {error}")))?,
        ),
    };
    let app = tokio::select! {
        app = app_in_time(config, &listener, certificate.as_ref()) => app?,
        () = stop.asked_for() => return Ok(()),
    };
    let server = match certificate {
        None => serve(app, listener),
        Some(certificate) => serve_tls(app, listener, certificate),
    };
    let server = server.context("the listener could not be started")?;
    println!("Kassa serves {} on {address}.", config.public_url);
    stop.asked_for().await;
    // Whoever asks twice is in a hurry.
    tokio::select! {
        () = server.drain(config.drain()) => {}
        () = stop.asked_for() => {}
    }
    server.stop_within(GRACE.saturating_sub(config.drain())).await;
    Ok(())
}
