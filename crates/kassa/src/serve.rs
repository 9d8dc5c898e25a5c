//! `kassa serve` and `kassa config check`: a production node, and a check of its configuration.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand};
use kassa_engine::SystemClock;
use kassa_engine::{Random, SealScope, SystemRandom, Traces};
use kassa_outgoing::{Network, Outgoing};
use kassa_sandbox::Sandbox;
use kassa_server::{
    App, Certificate, Configuration, ExternalSetup, GRACE, KlarnaSetup, OpenIdSetup, Operations,
    PaymentSetup, StartupServer, Store, StoreError, serve_node,
};

use crate::config::{
    Config, ConfigFile, ExternalSettings, OperationsAddress, PaymentSystem, READABLE_DATABASE,
};
use crate::database::Database;
use crate::database_file::{self, Sharing, open_files};
use crate::dev::Activity;
use crate::failure::Failure;
use crate::output::{log_to_stderr, print, standard_output};
use crate::settings_schema::schema_of_file;
use crate::stop::Stop;
use crate::traces::RunningTraces;

/// The pause before the node tries again to open its database.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// Says what a node without keys does.
const IN_CLEAR: &str = "There is no account_key_file: tokens, callback secrets and data of consumers are stored in \
                        clear text.";

/// The options of `kassa serve` and `kassa config check`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    file: ConfigFile,
}

/// The subcommands of `kassa config`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Read the configuration and report unsafe settings. Nothing is started.
    Check(Options),
    /// Print the JSON Schema of the configuration file, with which editors complete and check it.
    #[command(
        after_help = "Example:\n  kassa config schema > kassa.schema.json\n\nThe first line of kassa.toml names \
                            the schema for editors:\n  #:schema ./kassa.schema.json"
    )]
    Schema,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let config = Config::read(&options.file)?;
    log_to_stderr(config.log_format, Activity::Quiet);
    refuse_unsafe(&config)?;
    let config = config.with_key_files()?.with_texts()?;
    let listener = TcpListener::bind(config.listen)
        .map_err(|error| Failure::Usage(format!("cannot listen on {}: {error}", config.listen)))?;
    let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
    let operations = bind_operations(&config)?;
    runtime.block_on(serve_until_signal(&config, listener, operations))
}

/// Binds the listener of the operational paths. If the default port is in use, probably by another node on this
/// machine, this node runs without operational paths.
fn bind_operations(config: &Config) -> Result<Option<TcpListener>, Failure> {
    match config.operations_address() {
        OperationsAddress::Given(address) => TcpListener::bind(address).map(Some).map_err(|error| {
            Failure::Usage(format!("operations_listen: cannot listen on {address}: {error}"))
        }),
        OperationsAddress::Default(address) => Ok(TcpListener::bind(address)
            .inspect_err(|error| {
                tracing::warn!(
                    "no listener for /healthz, /readyz and /metrics: {address}: {error}. Give each node on this \
                     machine \
                     an address of its own in operations_listen (KASSA_OPERATIONS_LISTEN)"
                );
            })
            .ok()),
    }
}

pub(crate) fn config(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Check(options) => check(options),
        Act::Schema => print(format_args!("{:#}", schema_of_file::<Config>().to_value())),
    }
}

fn check(options: &Options) -> Result<(), Failure> {
    let config = Config::read(&options.file)?;
    refuse_unsafe(&config)?;
    let config = config.with_key_files()?.with_texts()?;
    let engine = match config.database() {
        Database::File(_) => "SQLite",
        Database::Postgres(_) => "PostgreSQL",
    };
    print(format_args!(
        "{} is in order: {} on {}, stored in {engine}.",
        config.origin(),
        config.public_url,
        config.listen
    ))?;
    match config.payment_system() {
        PaymentSystem::Sandbox => print("Payments are made up by the sandbox: no money moves.")?,
        PaymentSystem::Klarna(settings) => print(settings)?,
        PaymentSystem::External(settings) => print(settings)?,
    }
    if let Some(page_url) = &config.page_url {
        print(format_args!("Consumer pages are at {}.", page_url.as_ref()))?;
    }
    config.messengers()?;
    if !config.messages.is_empty() {
        print(&config.messages)?;
    }
    if let Some(openid) = &config.console_openid {
        print(openid)?;
    }
    print(match config.has_account_keys() {
        true => "New secrets and data of consumers are encrypted with the first key of account_key_file.",
        false => IN_CLEAR,
    })?;
    for name in &config.accept_unsafe {
        print(format_args!("Accepted although it is not safe: {name}."))?;
    }
    if let Database::File(path) = config.database()
        && sharing(config.accepts(READABLE_DATABASE)) == Sharing::OwnerOnly
    {
        for (file, mode) in open_files(path) {
            print(format_args!(
                "{} is open to others (mode {mode:o}): at its start a node makes it its owner's alone, unless \
                 accept_unsafe lists {READABLE_DATABASE}.",
                file.display()
            ))?;
        }
    }
    Ok(())
}

fn refuse_unsafe(config: &Config) -> Result<(), Failure> {
    let problems: Vec<String> = config.problems().iter().map(|one| format!("\n  {one}")).collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{} is not safe:{}\nMend it, or list the name under accept_unsafe.",
        config.origin(),
        problems.concat()
    )))
}

/// The reason why the system could not be built.
enum NoApp {
    /// The database is unavailable. A later attempt may succeed.
    Later(String),
    /// A later attempt would fail, too.
    Never(Failure),
}

impl From<StoreError> for NoApp {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => Self::Later(reason.to_string()),
            StoreError::Unusable(reason) => Self::Never(Failure::Usage(format!("database: {reason}"))),
            StoreError::Fault(reason) => Self::Never(cannot_be_opened(reason.as_str())),
        }
    }
}

fn cannot_be_opened(reason: &str) -> Failure {
    Failure::Fault(anyhow::anyhow!("the database cannot be opened: {reason}"))
}

/// Builds the system that a configuration describes. It does not listen yet.
pub(crate) async fn app(config: &Config) -> Result<App, Failure> {
    build(config, Traces::default()).await.map_err(|why| match why {
        NoApp::Later(reason) => cannot_be_opened(&reason),
        NoApp::Never(failure) => failure,
    })
}

const fn sharing(accepts_readable_database: bool) -> Sharing {
    if accepts_readable_database { Sharing::AsItIs } else { Sharing::OwnerOnly }
}

async fn build(config: &Config, traces: Traces) -> Result<App, NoApp> {
    let store = match config.database() {
        Database::Postgres(url) => Store::connect(url.secret()).await?,
        Database::File(path) => {
            database_file::check_path(path).map_err(NoApp::Never)?;
            let store = Store::open(path)?;
            let sharing = sharing(config.accepts(READABLE_DATABASE));
            database_file::restrict_to_owner(path, sharing).map_err(NoApp::Never)?;
            store
        }
    };
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let network = Network::new(config.outgoing_policy())
        .map_err(|error| NoApp::Never(Failure::Usage(format!("outgoing: {error}"))))?;
    let payment_setup = payment_setup(config, &random).map_err(NoApp::Never)?;
    let (clock, network) = (Arc::new(SystemClock), Arc::new(network));
    let openid = openid_setup(config).map_err(NoApp::Never)?;
    let messengers = config.messengers().map_err(NoApp::Never)?;
    let configuration = Configuration { traces, openid, messengers, ..config.configuration() };
    let app = App::new(store, clock, random, network, payment_setup, configuration).await?;
    if app.accounts().is_first_start() {
        // A mistyped path or database name also creates a new system.
        tracing::warn!(
            "set up a new, empty system in {}: if you expected existing data, stop and check `database`",
            config.database()
        );
    }
    Ok(app)
}

/// The payment systems that a configuration names.
fn payment_setup(config: &Config, random: &Arc<dyn Random>) -> Result<PaymentSetup, Failure> {
    match config.payment_system() {
        PaymentSystem::Sandbox => Ok(Arc::new(Sandbox::new(random.clone())).into()),
        PaymentSystem::Klarna(settings) => {
            let klarna = KlarnaSetup { rules: settings.rules(), outgoing: payment_network(config)? };
            Ok(PaymentSetup { klarna: Some(klarna), ..PaymentSetup::default() })
        }
        PaymentSystem::External(settings) => {
            let external = external_setup(config, settings, random)?;
            Ok(PaymentSetup { external: Some(external), ..PaymentSetup::default() })
        }
    }
}

/// The sign-in with OpenID Connect that a configuration names. Its calls have their own rules for addresses.
fn openid_setup(config: &Config) -> Result<Option<OpenIdSetup>, Failure> {
    let Some((settings, policy)) = config.openid() else { return Ok(None) };
    let network = Network::new(policy).map_err(|error| Failure::Usage(format!("outgoing: {error}")))?;
    Ok(Some(OpenIdSetup { settings, outgoing: Arc::new(network) }))
}

/// The external payment system that a configuration names.
pub(crate) fn external_setup(
    config: &Config,
    settings: &ExternalSettings,
    random: &Arc<dyn Random>,
) -> Result<ExternalSetup, Failure> {
    Ok(ExternalSetup {
        rules: settings.rules(),
        outgoing: payment_network(config)?,
        random: random.ephemeral(),
    })
}

/// Sends calls to a payment system.
pub(crate) fn payment_network(config: &Config) -> Result<Arc<dyn Outgoing>, Failure> {
    let network = Network::new(config.payment_system_policy());
    Ok(Arc::new(network.map_err(|error| Failure::Usage(format!("outgoing: {error}")))?))
}

/// Builds the system. Refuses a database with accounts that others can use, or with tokens under a key that this node
/// does not have. Other commands skip these checks, because they repair such a database.
async fn build_to_serve(config: &Config, traces: Traces) -> Result<App, NoApp> {
    let app = build(config, traces).await?;
    app.payment_accounts().register_keys().await?;
    let problems = config.problems_with(app.accounts().sandbox_accounts().await?);
    if problems.is_empty() {
        return Ok(app);
    }
    let problems: Vec<String> = problems.iter().map(|one| format!("\n  {one}")).collect();
    Err(NoApp::Never(Failure::Usage(format!("the database is not safe:{}", problems.concat()))))
}

/// Builds the system, and waits for a PostgreSQL server that is unavailable. Meanwhile the node answers calls with 503.
/// So you can start nodes before their database. If a SQLite file is unavailable, the start fails.
async fn app_in_time(
    config: &Config,
    listener: &TcpListener,
    certificate: Option<&Certificate>,
    traces: &Traces,
) -> Result<App, Failure> {
    let mut room = None;
    let mut said = String::new();
    loop {
        let reason = match build_to_serve(config, traces.clone()).await {
            Ok(app) => {
                if let Some(room) = room {
                    StartupServer::close(room).await;
                }
                return Ok(app);
            }
            Err(NoApp::Later(reason)) if matches!(config.database(), Database::Postgres(_)) => reason,
            Err(NoApp::Later(reason)) => return Err(cannot_be_opened(&reason)),
            Err(NoApp::Never(failure)) => return Err(failure),
        };
        if said != reason {
            tracing::warn!(reason, "waiting for the database");
            said = reason;
        }
        if room.is_none() {
            let socket = listener.try_clone().context("the listener has ended")?;
            let opened = StartupServer::open(socket, certificate.cloned());
            room = Some(opened.context("the listener could not be started")?);
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

async fn serve_until_signal(
    config: &Config,
    listener: TcpListener,
    operations: Option<TcpListener>,
) -> Result<(), Failure> {
    let mut stop = Stop::listen()?;
    let address = listener.local_addr().context("the listener has ended")?;
    let certificate = certificate(config)?;
    let operations_address = operations.as_ref().and_then(|listener| listener.local_addr().ok());
    let operations = operations.map(Operations::open).transpose();
    let operations = operations.context("the listener of the operational paths could not be started")?;
    let policy = config.payment_system_policy();
    let traces = RunningTraces::start(config.collector().as_ref(), config.trace_ratio, policy)?;
    let app = tokio::select! {
        app = app_in_time(config, &listener, certificate.as_ref(), traces.traces()) => app?,
        () = stop.asked_for() => return Ok(()),
    };
    if let Some(operations) = &operations {
        operations.set_health(app.health().clone());
    }
    warn_of_clear_text(&app).await?;
    let server = serve_node(app, listener, certificate).context("the listener could not be started")?;
    announce(config, address, operations_address);
    stop.asked_for().await;
    // A second signal skips the rest of the drain.
    tokio::select! {
        () = server.drain(config.drain()) => {}
        () = stop.asked_for() => {}
    }
    server.stop_within(GRACE.saturating_sub(config.drain())).await;
    traces.stop().await;
    if let Some(operations) = operations {
        operations.close().await;
    }
    Ok(())
}

/// Logs which data this node stores in clear text.
async fn warn_of_clear_text(app: &App) -> Result<(), Failure> {
    match app.payment_accounts().seal_scope().await? {
        SealScope::Contents => {}
        SealScope::Nothing => tracing::warn!("{IN_CLEAR}"),
        SealScope::Tokens => tracing::warn!(
            "callback secrets and data of consumers are stored in clear text: when every node has this version, run \
             kassa encryption reencrypt --all-data"
        ),
    }
    Ok(())
}

/// Prints the addresses in one write, because a supervisor may stop reading after the first line.
fn announce(config: &Config, address: SocketAddr, operations: Option<SocketAddr>) {
    let operations =
        operations.map_or_else(String::new, |address| format!("Operational paths answer on {address}.\n"));
    let lines = format!("Kassa serves {} on {address}.\n{operations}", config.public_url);
    let _ = standard_output().write_all(lines.as_bytes());
}

fn certificate(config: &Config) -> Result<Option<Certificate>, Failure> {
    let read = config.tls.as_ref().map(|tls| Certificate::read(&tls.certificate, &tls.key)).transpose();
    read.map_err(|error| Failure::Usage(format!("tls: {error}")))
}
