//! `kassa track`: the integrator's tracker as a sidecar, and as a batch.

mod reconcile;
mod settings;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand};
use kassa_client::tracker::outlet::Outlet;
use kassa_client::tracker::{Tracker, sidecar};
use tokio::task::JoinSet;

use crate::Failure;
use crate::dev::{Stop, log_to_stderr};
use crate::listen::receiver;
use settings::Settings;

/// How long what is under way may take once the process is asked to stop.
const TIME_TO_STOP: Duration = Duration::from_secs(10);

/// How long closing a database may take.
const TIME_TO_CLOSE: Duration = Duration::from_secs(2);

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
    ///
    /// What you have on record of each session is held against the service: in step, repaired (the change was unknown, and
    /// goes to the outlet), on its way to the outlet, mismatched and why, unreadable. It may run at once with itself and with
    /// `kassa track` on the same state, which tells what was repaired.
    #[command(after_help = "Examples:\n  \
        kassa track reconcile --config track.toml --from records.csv\n  \
        kassa track reconcile --config track.toml --from shop.db \\\n    \
          --query \"select page_session as session_id, status from purchase where open = 1\"\n  \
        kassa track reconcile --config track.toml --from postgres://shop@db/shop \\\n    \
          --query \"select session_id, status from purchase where created_at > now() - interval '2 days'\"")]
    Reconcile(reconcile::Options),
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    log_to_stderr();
    let path =
        options.config.as_deref().ok_or_else(|| Failure::Usage("--config FILE is missing".to_string()))?;
    let settings = Settings::read(path)?;
    let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
    runtime.block_on(async {
        let tracker = settings.tracker().await?;
        let done = match &options.command {
            None => serve(&settings, &tracker).await,
            Some(Command::Reconcile(options)) => reconcile::run(options, &tracker).await,
        };
        close(tracker.close()).await;
        done
    })
}

/// Closes a database in time, or leaves it to the end of the process: the next start finds everything either way.
async fn close(closing: impl Future<Output = ()>) {
    if tokio::time::timeout(TIME_TO_CLOSE, closing).await.is_err() {
        tracing::warn!(
            "a database was not closed in time; a file's log stays beside it, and the next start reads it"
        );
    }
}

/// Works until the process is asked to stop, and ends when what was under way has ended.
async fn serve(settings: &Settings, tracker: &Tracker) -> Result<(), Failure> {
    // Before it says where it listens: whoever reads that may ask it to stop.
    let stop = Stop::listen()?;
    let outlet = settings.outlet().await?;
    let done = deliver(settings, tracker, &outlet, stop).await;
    close(outlet.close()).await;
    done
}

async fn deliver(
    settings: &Settings,
    tracker: &Tracker,
    outlet: &Outlet,
    mut stop: Stop,
) -> Result<(), Failure> {
    let mut serving = JoinSet::new();
    if let Some(address) = settings.callbacks {
        let receiver = receiver(&settings.callback_secrets, &settings.url_secrets)?;
        let routes = sidecar::public_routes(tracker, receiver);
        let listening = sidecar::serve(tracker.clone(), bind("callbacks", address)?, routes);
        serving.spawn(served(tracker.clone(), listening));
    }
    if let Some(address) = settings.private {
        let routes = sidecar::private_routes(tracker.clone());
        let listening = sidecar::serve(tracker.clone(), bind("private", address)?, routes);
        serving.spawn(served(tracker.clone(), listening));
    }
    let working = tokio::spawn(tracker.clone().work_forever());
    let delivering = tracker.deliver_until_stopped(outlet);
    tokio::pin!(delivering);
    let has_ended = tokio::select! {
        () = &mut delivering => true,
        () = stop.asked_for() => false,
    };
    working.abort();
    tracker.stop();
    let ending = async {
        if !has_ended {
            delivering.await;
        }
        serving.join_all().await
    };
    // What does not end in time goes again when its lease ends.
    let Ok(served) = tokio::time::timeout(TIME_TO_STOP, ending).await else { return Ok(()) };
    served.into_iter().collect::<std::io::Result<()>>().context("a listener failed")?;
    Ok(())
}

/// A tracker that cannot listen any more is of no use: it stops.
async fn served(tracker: Tracker, serving: impl Future<Output = std::io::Result<()>>) -> std::io::Result<()> {
    let served = serving.await;
    tracker.stop();
    served
}

/// Says where it listens on standard error: standard output may be the outlet.
fn bind(what: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    let cannot = |error| Failure::Usage(format!("{what}: cannot listen on {address}: {error}"));
    let socket = TcpListener::bind(address).map_err(cannot)?;
    eprintln!("{what} http://{}", socket.local_addr().map_err(cannot)?);
    Ok(socket)
}
