//! `kassa track`: runs the integrator's tracker as a sidecar process, or as a batch that reconciles records once.

mod reconcile;
mod records;
mod settings;

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand};
use kassa_client::Limits;
use kassa_client::tracker::sink::Sink;
use kassa_client::tracker::{Tracker, sidecar};
use kassa_wire::cross_site::SiteAddresses;
use tokio::task::JoinSet;

use crate::dev::Activity;
use crate::failure::Failure;
use crate::listen::receiver;
use crate::output::{LogFormat, log_to_stderr, print, standard_error};
use crate::settings_schema::schema_of_file;
use crate::stop::Stop;
use settings::Settings;

/// The time that deliveries and requests in flight have to end after the process is asked to stop.
const TIME_TO_STOP: Duration = Duration::from_secs(10);

/// How long closing a database may take.
const TIME_TO_CLOSE: Duration = Duration::from_secs(2);

/// The options of `kassa track`.
#[derive(Args)]
pub(crate) struct Options {
    /// Settings file, in TOML.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Compare your records with the service once; exit code 1 on a difference.
    ///
    /// The report puts each record into one of five groups: in step, repaired (the tracker did not know the change and
    /// now sends it to the sink), on its way to the sink, mismatched (with the reason), or unreadable. You can run
    /// several batches at the same time, and `kassa track` beside them on the same state. `kassa track` then delivers
    /// the repaired changes.
    #[command(after_help = "Examples:\n  \
        kassa track reconcile --config track.toml --from records.csv\n  \
        kassa track reconcile --config track.toml --from shop.db \\\n    \
          --query \"select page_session as session_id, status from purchase where open = 1\"\n  \
        kassa track reconcile --config track.toml --from postgres://shop@db/shop \\\n    \
          --query \"select session_id, status from purchase where created_at > now() - interval '2 days'\"")]
    Reconcile(reconcile::Options),
    /// Print the JSON Schema of the settings file, with which editors complete and check it.
    #[command(after_help = "Example:\n  kassa track schema > track.schema.json")]
    Schema,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    match &options.command {
        None => with_tracker(options, async |settings, tracker| serve(settings, tracker).await),
        Some(Command::Reconcile(batch)) => {
            with_tracker(options, async |_, tracker| reconcile::run(batch, tracker).await)
        }
        Some(Command::Schema) => print(format_args!("{:#}", schema_of_file::<Settings>().to_value())),
    }
}

/// Opens the tracker of the settings file, and closes it after `work`.
fn with_tracker(
    options: &Options,
    work: impl AsyncFnOnce(&Settings, &Tracker) -> Result<(), Failure>,
) -> Result<(), Failure> {
    log_to_stderr(LogFormat::Text, Activity::Quiet);
    let path =
        options.config.as_deref().ok_or_else(|| Failure::Usage("--config FILE is missing".to_string()))?;
    let settings = Settings::read(path)?;
    let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
    runtime.block_on(async {
        let tracker = settings.tracker().await?;
        let done = work(&settings, &tracker).await;
        close(tracker.close()).await;
        done
    })
}

/// Closes a database, with a time limit. The data is complete in either case: the next start reads a log that remains.
async fn close(closing: impl Future<Output = ()>) {
    if tokio::time::timeout(TIME_TO_CLOSE, closing).await.is_err() {
        tracing::warn!(
            "a database was not closed in time; a file's log stays beside it, and the next start reads it"
        );
    }
}

/// Runs the tracker until the process is asked to stop, then waits for deliveries and requests in flight.
async fn serve(settings: &Settings, tracker: &Tracker) -> Result<(), Failure> {
    // The signals come before the printed address, because its reader may ask the process to stop.
    let stop = Stop::listen()?;
    let sink = settings.sink().await?;
    let done = deliver(settings, tracker, &sink, stop).await;
    close(sink.close()).await;
    done
}

async fn deliver(settings: &Settings, tracker: &Tracker, sink: &Sink, mut stop: Stop) -> Result<(), Failure> {
    let mut serving = JoinSet::new();
    if let Some(address) = settings.callbacks {
        let receiver = receiver(&settings.callback_secrets, &settings.url_secrets)?;
        let routes = sidecar::public_routes(tracker, receiver);
        let listening = sidecar::serve(tracker.clone(), bind("callbacks", address)?, routes);
        serving.spawn(served(tracker.clone(), listening));
    }
    if let Some(address) = settings.private {
        let routes = sidecar::private_routes(tracker.clone(), SiteAddresses::at(&settings.private_hosts));
        let socket = bind("private", address)?;
        let listening = sidecar::serve_within(tracker.clone(), socket, routes, Limits::for_operators());
        serving.spawn(served(tracker.clone(), listening));
    }
    let working = tokio::spawn(tracker.clone().work_forever());
    let delivering = tracker.deliver_until_stopped(sink);
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
    // A delivery that does not end in time is repeated when its lease ends.
    let Ok(served) = tokio::time::timeout(TIME_TO_STOP, ending).await else { return Ok(()) };
    served.into_iter().collect::<std::io::Result<()>>().context("a listener failed")?;
    Ok(())
}

/// Runs a listener, and stops the tracker when the listener ends.
async fn served(tracker: Tracker, serving: impl Future<Output = std::io::Result<()>>) -> std::io::Result<()> {
    let served = serving.await;
    tracker.stop();
    served
}

/// Binds a listener and prints its address on standard error, because standard output may be the sink.
fn bind(what: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    let cannot = |error| Failure::Usage(format!("{what}: cannot listen on {address}: {error}"));
    let socket = TcpListener::bind(address).map_err(cannot)?;
    let line = format!("{what} http://{}\n", socket.local_addr().map_err(cannot)?);
    let _ = standard_error().write_all(line.as_bytes());
    Ok(socket)
}
