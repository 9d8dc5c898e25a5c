//! `kassa dev`: runs everything in one process on this machine.

mod activity;
mod address;
mod env_file;
mod tls;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use kassa_engine::SystemClock;
use kassa_engine::{Accounts, DEV_MERCHANT, DevAccount, DevCredential};
use kassa_engine::{Random, SeededRandom, SystemRandom};
use kassa_outgoing::{Network, OutgoingPolicy};
use kassa_sandbox::Sandbox;
use kassa_server::{
    App, AppSchemes, Configuration, ConsoleAccess, Languages, Limits, Mode, Server, Store, StoreError,
    serve_within,
};
use kassa_wire::cross_site::SiteAddresses;
use serde_json::json;
use tempfile::TempDir;

use crate::config::collector_of_environment;
use crate::database_file::{self, Sharing};
use crate::failure::Failure;
use crate::listen_address;
use crate::output::{LogFormat, log_to_stderr, standard_error, standard_output};
use crate::public_url::PublicUrl;
use crate::stop::Stop;
use crate::texts_folder;
use crate::traces::RunningTraces;
use address::{link_base, local_url, warning};
use env_file::EnvFile;
use tls::OwnTls;

pub(crate) use activity::Activity;

/// The database's name in its folder.
const DATABASE: &str = "kassa.db";

/// The options of `kassa dev`.
#[derive(Args)]
pub(crate) struct Options {
    /// Address to listen on: `localhost:8080`, or `:8080` for every IPv4 address. Port 0 picks a free port.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS", value_parser = listen_address::parse)]
    listen: SocketAddr,
    /// URL at which others reach Kassa, without a path; may be given several times. Kassa answers to the host of each.
    /// Links begin with the URL that the caller used, or else with the first. Without this option, Kassa answers to
    /// localhost and to IP addresses.
    #[arg(long = "public-url", value_name = "URL")]
    public_urls: Vec<PublicUrl>,
    /// Serve https with a certificate of Kassa's own authority. The path of the authority's certificate is printed:
    /// make your clients trust it. It stays the same if you give --data.
    #[arg(long)]
    tls: bool,
    /// Database folder (default: a temporary folder, deleted on exit).
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder with corrections of the texts that consumers read: de.ftl corrects German texts.
    #[arg(long, value_name = "DIR")]
    texts: Option<PathBuf>,
    /// Generate the same ids, tokens and secrets in every run with this number. It needs an empty database, and is only
    /// for tests: anyone who knows the number knows the secrets.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Write the local address, the credential and the secret of the callbacks into this file, for your shell and your
    /// software on this machine (example: kassa.env). Kassa replaces only a file that it wrote itself.
    #[arg(long, value_name = "PATH")]
    env_file: Option<PathBuf>,
    /// Print one line of JSON when requests are accepted: url, username, password, `callback_secret`, `local_url` if it
    /// differs from the url, and with --tls `ca`, the path of the authority's certificate. The lines about requests,
    /// status changes and callbacks are then JSON on standard error.
    #[arg(long)]
    json: bool,
    /// Print no lines about requests, status changes and callbacks.
    #[arg(long, short)]
    quiet: bool,
    /// Stop when standard input is closed. If your program starts Kassa with a pipe as standard input, Kassa stops with
    /// your program, even if the program is killed.
    #[arg(long)]
    stop_when_stdin_closes: bool,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    log_to_stderr(LogFormat::Text, Activity::of(options.json, options.quiet));
    let env_file = options.env_file.as_deref().map(EnvFile::at).transpose()?;
    let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
    let _entered = runtime.enter();
    // The signals come before the temporary folder, so that no signal leaves the folder behind.
    let stop = Stop::listen()?;
    let stop = if options.stop_when_stdin_closes { stop.or_end_of_input()? } else { stop };
    let listener = TcpListener::bind(options.listen)
        .map_err(|error| Failure::Usage(format!("cannot listen on {}: {error}", options.listen)))?;
    let folder = Folder::of(options.data.as_deref())?;
    let address = listener.local_addr().context("the listener has ended")?;
    let names = || tls::names(address, &options.public_urls);
    let own_tls = options.tls.then(|| OwnTls::prepare(folder.path(), names())).transpose()?;
    let store = open(folder.path())?;
    runtime.block_on(serve_until_signal(options, store, Socket { listener, own_tls }, env_file, stop))
}

fn open(folder: &Path) -> Result<Store, Failure> {
    let path = folder.join(DATABASE);
    let opened = Store::open(&path).map_err(|error| match error {
        StoreError::Unusable(reason) => Failure::Usage(format!("--data {}: {reason}", folder.display())),
        StoreError::Unavailable(reason) | StoreError::Fault(reason) => {
            Failure::Usage(format!("--data {}: the database cannot be opened: {reason}", folder.display()))
        }
    });
    let store = opened?;
    database_file::warn_of_open_folder(folder);
    database_file::restrict_to_owner(&path, Sharing::OwnerOnly)?;
    Ok(store)
}

async fn serve_until_signal(
    options: &Options,
    store: Store,
    socket: Socket,
    env_file: Option<EnvFile>,
    mut stop: Stop,
) -> Result<(), Failure> {
    let address = socket.listener.local_addr().context("the listener has ended")?;
    let running = Running::start(store, socket, StartOptions::of(options)?).await?;
    if let Some(env_file) = env_file {
        env_file.write(&running.settings())?;
    }
    let warning = warning(address, &options.public_urls);
    announce(options, &running, warning.as_deref()).context("nothing could be printed")?;
    stop.asked_for().await;
    running.server.stop().await;
    running.traces.stop().await;
    Ok(())
}

/// The ids, the addresses and the texts of a sandbox.
struct StartOptions<'a> {
    ids: Ids,
    public_urls: &'a [PublicUrl],
    languages: Languages,
}

impl<'a> StartOptions<'a> {
    fn of(options: &'a Options) -> Result<Self, Failure> {
        let wrong = |reason| Failure::Usage(format!("--texts {reason}"));
        let languages = options.texts.as_deref().map(texts_folder::read).transpose().map_err(wrong)?;
        Ok(Self {
            ids: Ids::of(options.seed),
            public_urls: &options.public_urls,
            languages: languages.unwrap_or_default(),
        })
    }
}

/// The listener of a sandbox, and its certificate for callers over TLS.
struct Socket {
    listener: TcpListener,
    own_tls: Option<OwnTls>,
}

/// A sandbox that runs in this process.
pub(crate) struct Running {
    pub(crate) url: String,
    /// The URL at which this machine reaches the sandbox, also if the public URL differs.
    local_url: String,
    /// The file with the certificate of its authority, if it serves https.
    authority: Option<PathBuf>,
    pub(crate) credential: DevCredential,
    pub(crate) server: Server,
    traces: RunningTraces,
}

impl Running {
    /// Starts a sandbox. It accepts requests when this returns.
    async fn start(store: Store, socket: Socket, start: StartOptions<'_>) -> Result<Self, Failure> {
        let StartOptions { ids, public_urls, languages } = start;
        let Socket { listener, own_tls } = socket;
        let address = listener.local_addr().context("the listener has ended")?;
        let local_url = local_url(address, own_tls.is_some());
        let url = public_urls.first().map_or_else(|| local_url.clone(), |url| url.as_ref().to_string());
        let of_traces = OutgoingPolicy::for_this_machine();
        let traces = RunningTraces::start(collector_of_environment().as_ref(), 1.0, of_traces)?;
        let configuration = Configuration {
            traces: traces.traces().clone(),
            local_url: local_url.clone(),
            link_base: link_base(address, own_tls.is_some(), public_urls),
            site: SiteAddresses::at(public_urls),
            app_schemes: AppSchemes::Any,
            allows_http_callbacks: true,
            console: ConsoleAccess::Open,
            languages,
            ..Configuration::new(Mode::Sandbox, &url)
        };
        let (certificate, authority) = own_tls.map(|tls| (tls.certificate, tls.authority)).unzip();
        let policy = OutgoingPolicy { extra_root: authority.clone(), ..OutgoingPolicy::for_this_machine() };
        let network = Arc::new(Network::new(policy).context("no outgoing call can be made")?);
        let random = ids.source();
        let sandbox = Arc::new(Sandbox::new(random.clone()));
        let app = App::new(store, Arc::new(SystemClock), random, network, sandbox, configuration).await?;
        refuse_others_data(&app).await?;
        refuse_repeated_seed(ids, &app).await?;
        let credential = app.accounts().add_dev_merchant().await?;
        let app = app.with_demo_shop(&credential).with_lab_page(DEV_MERCHANT);
        let server = serve_within(app, listener, certificate, Limits::default());
        let server = server.context("the listener could not be started")?;
        Ok(Self { url, local_url, authority, credential, server, traces })
    }

    /// The settings for the user's own software, by the names that the commands read.
    fn settings(&self) -> [(&'static str, &str); 4] {
        let DevCredential { username, password, callback_secret } = &self.credential;
        [
            ("KASSA_URL", self.local_url.as_str()),
            ("KASSA_USERNAME", username),
            ("KASSA_PASSWORD", password),
            ("KASSA_CALLBACK_SECRET", callback_secret),
        ]
    }

    /// Starts a sandbox on a free port, with its database in `folder`.
    pub(crate) async fn start_in(folder: &Path) -> Result<Self, Failure> {
        let store = Store::open(&folder.join(DATABASE))?;
        let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
        let socket = Socket { listener, own_tls: None };
        let start = StartOptions { ids: Ids::Random, public_urls: &[], languages: Languages::built_in() };
        Self::start(store, socket, start).await
    }
}

/// The source of ids, tokens and secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ids {
    Random,
    /// Derived from this number, the same in every run.
    Seeded(u64),
}

impl Ids {
    fn of(seed: Option<u64>) -> Self {
        seed.map_or(Self::Random, Self::Seeded)
    }

    fn source(self) -> Arc<dyn Random> {
        match self {
            Self::Random => Arc::new(SystemRandom),
            Self::Seeded(seed) => Arc::new(SeededRandom::new(seed)),
        }
    }
}

/// Refuses a seed on a database with data, because the same seed makes the same ids again.
async fn refuse_repeated_seed(ids: Ids, app: &App) -> Result<(), Failure> {
    // The first start adds a merchant. The keys prove nothing: the same seed makes the same keys.
    if ids == Ids::Random || app.accounts().merchants_by_id().await?.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(
        "--seed: the database has data already, and the ids that a seed makes could be among it. Give an empty folder \
         to --data, \
         or leave --seed away"
            .to_string(),
    ))
}

/// Refuses a database of `kassa serve`, because the published credential must not open it.
async fn refuse_others_data(app: &App) -> Result<(), Failure> {
    match app.accounts().dev_account().await? {
        DevAccount::Fits => Ok(()),
        DevAccount::OthersData => Err(Failure::Usage(
            "--data: the database has other merchants, so it is not one of `kassa dev`, whose published credential \
             would \
             open it. Give another folder"
                .to_string(),
        )),
        DevAccount::Revoked => Err(Failure::Usage(format!(
            "--data: the credential {} was revoked in this database. Give another folder",
            Accounts::PUBLISHED_USERNAME
        ))),
    }
}

/// Prints the addresses and the credential. With `--json`, a program reads the first line of standard output, so a
/// warning goes to standard error.
fn announce(options: &Options, running: &Running, warning: Option<&str>) -> std::io::Result<()> {
    let Running { url, local_url, authority, credential, .. } = running;
    let DevCredential { username, password, callback_secret } = credential;
    let mut out = standard_output();
    if options.json {
        let mut line = json!({
            "url": url,
            "username": username,
            "password": password,
            "callback_secret": callback_secret,
        });
        if url != local_url {
            line["local_url"] = json!(local_url);
        }
        if let Some(authority) = authority {
            line["ca"] = json!(authority);
        }
        writeln!(out, "{line}")?;
        if let Some(warning) = warning {
            standard_error().write_all(format!("{warning}\n").as_bytes())?;
        }
        return out.flush();
    }
    let data = options
        .data
        .as_deref()
        .map_or("a temporary folder, deleted on exit".to_string(), |path| path.display().to_string());
    let settings = options.env_file.as_deref().map_or_else(String::new, |path| {
        format!(
            "  Settings      {}: address, credential and callback secret, for shells and software\n",
            path.display()
        )
    });
    let authority = authority.as_deref().map_or_else(String::new, |path| {
        format!("  Authority     {}: have your clients trust it\n", path.display())
    });
    write!(
        out,
        "Kassa is ready. Everything is linked at {url}

  Demo shop     {url}/demo
  API           {url}/hpp/v1/sessions, {url}/payments/v1, {url}/ordermanagement/v1
  Console       {url}/console
  Lab           {url}/lab, and for programs {url}/lab/v1
  API docs      {url}/docs
  Username      {username}
  Password      {password}
  Callbacks     signed with {callback_secret}
  Data          {data}
{settings}{authority}
  This is a sandbox for your own machine: no money moves, and callbacks may go to
  plain http and to private addresses. Ctrl-C stops it.
"
    )?;
    for line in warning.into_iter().flat_map(str::lines) {
        writeln!(out, "\n  {line}")?;
    }
    out.flush()
}

/// The folder of the database: the user's own, or a temporary one that is deleted on exit.
enum Folder {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn of(data: Option<&Path>) -> Result<Self, Failure> {
        match data {
            None => Ok(Self::Temporary(TempDir::new().context("no temporary folder could be made")?)),
            Some(path) => {
                let cannot = |error| Failure::Usage(format!("--data {}: {error}", path.display()));
                database_file::create_folder(path).map_err(cannot)?;
                Ok(Self::Kept(path.to_path_buf()))
            }
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}
