//! `kassa serve`: the system as it is run for real, and `kassa config check`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use kassa_server::clock::SystemClock;
use kassa_server::outgoing::Network;
use kassa_server::random::{Random, SystemRandom};
use kassa_server::sandbox::Sandbox;
use kassa_server::{App, Certificate, Store, StoreError, serve, serve_tls};

use crate::Failure;
use crate::config::{Config, PaymentSystem};
use crate::dev::{Stop, log_to_stderr};

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

/// Opens the database that a configuration names.
async fn open(config: &Config) -> Result<Store, Failure> {
    let opened = match config.is_on_postgres() {
        true => Store::connect(&config.database).await,
        false => Store::open(Path::new(&config.database)),
    };
    opened.map_err(|error| match error {
        StoreError::Unusable(reason) => Failure::Usage(format!("database: {reason}")),
        StoreError::Unavailable(reason) | StoreError::Fault(reason) => {
            Failure::Fault(anyhow::anyhow!("the database cannot be opened: {reason}"))
        }
    })
}

/// The system that a configuration describes, not yet listening.
pub(crate) async fn app(config: &Config) -> Result<App, Failure> {
    let store = open(config).await?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let network = Network::new(config.outgoing_policy())
        .map_err(|error| Failure::Usage(format!("outgoing: {error}")))?;
    let payment_system = match config.payment_system {
        PaymentSystem::Sandbox => Arc::new(Sandbox::new(random.clone())),
    };
    let app = App::new(
        store,
        Arc::new(SystemClock),
        random,
        Arc::new(network),
        payment_system,
        config.configuration(),
    );
    Ok(app.await.context("the system could not be started")?)
}

async fn serve_until_signal(config: &Config, listener: TcpListener) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let address = listener.local_addr().context("the listener is gone")?;
    let app = app(config).await?;
    let server = match &config.tls {
        None => serve(app, listener),
        Some(tls) => {
            let certificate = Certificate::read(&tls.certificate, &tls.key)
                .map_err(|error| Failure::Usage(format!("tls: {error}")))?;
            serve_tls(app, listener, certificate)
        }
    };
    let server = server.context("the listener could not be started")?;
    println!("Kassa serves {} on {address}.", config.public_url);
    stop.asked_for().await;
    server.stop().await;
    Ok(())
}
