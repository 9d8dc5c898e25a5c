//! `kassa track`: the integrator's tracker as a sidecar, and as a batch.

mod reconcile;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use kassa_client::client::{Client, Environment, Surroundings};
use kassa_client::tracker::outlet::Outlet;
use kassa_client::tracker::schedule::Pace;
use kassa_client::tracker::{Tracker, TrackerOptions, sidecar};
use serde::Deserialize;

use crate::Failure;
use crate::listen::receiver;

/// What `kassa track` takes.
#[derive(Args)]
pub(crate) struct Options {
    /// The settings, in TOML.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Holds a list of sessions against the service once; exits with 1 where they differ.
    Reconcile(reconcile::Options),
}

/// The settings file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// `playground-eu` and the like, or a base URL.
    service: String,
    username: String,
    /// Or the environment's `KASSA_TRACK_PASSWORD`.
    password: Option<String>,
    /// The SQLite file.
    state: PathBuf,
    /// Where callbacks come in, on `/callbacks`: what the outside may reach.
    callbacks: Option<SocketAddr>,
    /// Where sessions are registered and looked at: what the outside must not reach.
    private: Option<SocketAddr>,
    #[serde(default)]
    callback_secrets: Vec<String>,
    #[serde(default)]
    url_secrets: Vec<String>,
    #[serde(default)]
    outlet: OutletSettings,
    #[serde(default)]
    reads: ReadSettings,
}

/// Where changes go: an endpoint, or standard output.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutletSettings {
    url: Option<String>,
    #[serde(default)]
    secrets: Vec<String>,
    #[serde(default)]
    json: bool,
}

/// How eagerly sessions are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ReadSettings {
    shortest_ms: i64,
    guarding_ms: i64,
    longest_ms: i64,
    per_second: u32,
    settle_ms: i64,
    lease_ms: i64,
    timeout_ms: u32,
}

impl Default for ReadSettings {
    fn default() -> Self {
        let TrackerOptions { pace, reads_per_second, settle_ms, lease_ms, read_timeout_ms, .. } =
            TrackerOptions::default();
        let Pace { shortest_ms, guarding_ms, longest_ms } = pace;
        Self {
            shortest_ms,
            guarding_ms,
            longest_ms,
            per_second: reads_per_second,
            settle_ms,
            lease_ms,
            timeout_ms: read_timeout_ms,
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let path =
        options.config.as_deref().ok_or_else(|| Failure::Usage("--config FILE is missing".to_string()))?;
    let settings = Settings::read(path)?;
    let tracker = settings.tracker()?;
    let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
    match &options.command {
        None => runtime.block_on(serve(&settings, tracker)),
        Some(Command::Reconcile(options)) => runtime.block_on(reconcile::run(options, &tracker)),
    }
}

impl Settings {
    fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |reason: String| Failure::Usage(format!("--config {}: {reason}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        basic_toml::from_str(&text).map_err(|error| wrong(error.to_string()))
    }

    fn tracker(&self) -> Result<Tracker, Failure> {
        let environment = Environment::named(&self.service).ok_or_else(|| {
            Failure::Usage(format!("service: {} is neither an environment nor a URL", self.service))
        })?;
        let password = self.password.clone().or_else(|| std::env::var("KASSA_TRACK_PASSWORD").ok());
        let password = password.ok_or_else(|| {
            Failure::Usage("password: give it in the file or as KASSA_TRACK_PASSWORD".to_string())
        })?;
        let surroundings = Surroundings::system().context("the platform's TLS roots cannot be used")?;
        let client = Client::with(surroundings.clone(), &environment, &self.username, &password);
        Tracker::open(&self.state, client, surroundings, self.reads.options())
            .map_err(|error| Failure::Usage(format!("state: {}: {error}", self.state.display())))
    }

    fn outlet(&self) -> Outlet {
        match &self.outlet {
            OutletSettings { url: Some(url), secrets, .. } => {
                Outlet::Endpoint { url: url.clone(), secrets: secrets.clone() }
            }
            OutletSettings { url: None, json: true, .. } => Outlet::JsonLines,
            OutletSettings { url: None, json: false, .. } => Outlet::Lines,
        }
    }
}

impl ReadSettings {
    fn options(&self) -> TrackerOptions {
        let Self { shortest_ms, guarding_ms, longest_ms, .. } = *self;
        TrackerOptions {
            pace: Pace { shortest_ms, guarding_ms, longest_ms },
            reads_per_second: self.per_second,
            settle_ms: self.settle_ms,
            lease_ms: self.lease_ms,
            read_timeout_ms: self.timeout_ms,
            ..TrackerOptions::default()
        }
    }
}

async fn serve(settings: &Settings, tracker: Tracker) -> Result<(), Failure> {
    if let Some(address) = settings.callbacks {
        let receiver = receiver(&settings.callback_secrets, &settings.url_secrets)?;
        let socket = bind("callbacks", address)?;
        announce("callbacks", &socket);
        tokio::spawn(sidecar::serve(socket, sidecar::public_routes(&tracker, receiver)));
    }
    if let Some(address) = settings.private {
        let socket = bind("private", address)?;
        announce("private", &socket);
        tokio::spawn(sidecar::serve(socket, sidecar::private_routes(tracker.clone())));
    }
    tokio::spawn(tracker.clone().read_forever());
    tokio::spawn(forget_forever(tracker.clone()));
    let delivering = tracker.deliver_forever(settings.outlet());
    Ok(crate::until_signal(delivering).await.context("the tracker's file cannot be used")?)
}

/// Forgets what was closed long ago, once an hour.
async fn forget_forever(tracker: Tracker) {
    loop {
        if let Err(error) = tracker.forget_old().await {
            tracing::warn!(%error, "old sessions were not forgotten");
        }
        tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
    }
}

fn bind(what: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .map_err(|error| Failure::Usage(format!("{what}: cannot listen on {address}: {error}")))
}

/// Says where, on standard error: standard output may be the outlet.
fn announce(what: &str, socket: &TcpListener) {
    if let Ok(address) = socket.local_addr() {
        eprintln!("{what} http://{address}");
    }
}
