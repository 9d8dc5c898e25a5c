//! A TCP relay to PostgreSQL whose connections can be cut.

use std::sync::{Arc, Mutex};

use kassa_testkit::fresh_postgres;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// Relays connections to the PostgreSQL of the tests.
pub(super) struct Relay {
    /// The URL of a new schema, through the relay.
    pub(super) url: String,
    gate: Arc<Mutex<Gate>>,
}

struct Gate {
    is_open: bool,
    under_way: JoinSet<()>,
}

impl Relay {
    /// Starts a relay. Returns `None` if no PostgreSQL is configured.
    pub(super) async fn start() -> Option<Self> {
        let url = fresh_postgres().await?;
        let config: Arc<Config> = Arc::new(url.parse().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
        let options = url.split_once("options=").unwrap().1;
        let relayed = format!("postgres://{user}@{here}/{name}?options={options}");
        let gate = Arc::new(Mutex::new(Gate { is_open: true, under_way: JoinSet::new() }));
        tokio::spawn(pass_forever(listener, config, gate.clone()));
        Some(Self { url: relayed, gate })
    }

    /// Cuts every connection. New ones are accepted.
    pub(super) fn cut(&self) {
        self.gate.lock().unwrap().under_way.abort_all();
    }

    /// Cuts every connection, and refuses new ones until [`Relay::open`].
    pub(super) fn close(&self) {
        self.gate.lock().unwrap().is_open = false;
        self.cut();
    }

    pub(super) fn open(&self) {
        self.gate.lock().unwrap().is_open = true;
    }
}

async fn pass_forever(listener: TcpListener, config: Arc<Config>, gate: Arc<Mutex<Gate>>) {
    loop {
        let (from, _) = listener.accept().await.unwrap();
        let mut gate = gate.lock().unwrap();
        if gate.is_open {
            gate.under_way.spawn(pass(from, config.clone()));
        }
    }
}

async fn pass(from: TcpStream, config: Arc<Config>) {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match &config.get_hosts()[0] {
        Host::Tcp(host) => join(from, TcpStream::connect((host.as_str(), port)).await.unwrap()).await,
        Host::Unix(folder) => {
            let socket = folder.join(format!(".s.PGSQL.{port}"));
            join(from, UnixStream::connect(socket).await.unwrap()).await;
        }
    }
}

async fn join(mut from: TcpStream, mut to: impl AsyncRead + AsyncWrite + Unpin) {
    // The result does not matter: dropping the streams closes both sides.
    let _ = copy_bidirectional(&mut from, &mut to).await;
}
