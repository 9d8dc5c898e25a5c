//! `kassa track` and `kassa listen` as processes, beside a running `kassa dev`.

mod batch_reconciles;
mod connections_are_bounded;
mod each_engine;
mod feed_is_followed;
mod killed_at_random;
mod listener_shows;
mod load;
mod order_is_placed;
mod postgres_is_cut_off;
mod private_routes;
mod proxy_is_used;
mod receiver_is_killed;
mod relay;
mod sinks_deliver;
mod through_faults;
mod trackers_share_one_database;

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

pub use kassa_testkit::eventually;
use kassa_testkit::fresh_postgres;
use kassa_testkit::processes::KilledOnDrop;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::each_engine::{Engine, on_each_engine};
use crate::harness::{Dev, Merchant, cart, kassa};

/// A running `kassa track`.
pub struct Track {
    process: KilledOnDrop,
    /// The URL for callbacks.
    callbacks: String,
    /// A client of the private routes: registration, metrics and the status page.
    pub private: Merchant,
    /// Standard output.
    lines: BufReader<Box<dyn Read + Send>>,
    /// Standard error so far.
    log: Arc<Mutex<String>>,
    _folder: Arc<TempDir>,
}

impl Track {
    /// Registers a session with the tracker.
    async fn register(&self, session: &str) {
        self.private.post("/sessions", &json!({"session_id": session})).await.expect(201);
    }

    /// Reads the value of a metric.
    pub async fn metric(&self, name: &str) -> i64 {
        let text = self.private.get("/metrics").await.expect(200).text;
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// Waits until the log contains these words.
    async fn says(&self, words: &str) {
        let said = async || self.log.lock().unwrap().contains(words);
        eventually(words, said).await;
    }

    /// Reads the tracker's view of a session.
    async fn view(&self, session: &str) -> Value {
        self.private.get(&format!("/sessions/{session}")).await.expect(200).json
    }
}

/// The settings of a tracker, in their own folder.
pub struct Settings {
    folder: Arc<TempDir>,
    state: String,
    top: String,
    tables: String,
}

impl Settings {
    /// Settings for the sessions of `service`, with the credential of `dev`.
    fn for_service(service: &str, dev: &Dev) -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        let word = |name: &str| dev.announced[name].as_str().unwrap();
        let (username, password) = (word("username"), word("password"));
        let state = folder.path().join("tracker.db").to_str().unwrap().to_string();
        let top = format!(
            "service = \"{service}\"\nusername = \"{username}\"\npassword = \"{password}\"\n\
             private = \"127.0.0.1:0\"\n"
        );
        Self { folder, state, top, tables: String::new() }
    }

    /// Keeps the state in a new database on this engine.
    async fn on(self, engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => self,
            Engine::Postgres => self.keeping_state_in(&fresh_postgres().await.unwrap()),
        }
    }

    fn keeping_state_in(mut self, state: &str) -> Self {
        self.state = state.to_string();
        self
    }

    pub fn for_dev(dev: &Dev) -> Self {
        Self::for_service(dev.url(), dev)
    }

    /// Receives callbacks that `dev` signs.
    fn with_callbacks(mut self, dev: &Dev) -> Self {
        let secret = dev.announced["callback_secret"].as_str().unwrap();
        self.top += &format!("callbacks = \"127.0.0.1:0\"\ncallback_secrets = [\"{secret}\"]\n");
        self
    }

    /// Answers to a name besides addresses.
    fn answering_to(mut self, name: &str) -> Self {
        self.top += &format!("private_hosts = [\"{name}\"]\n");
        self
    }

    /// Adds lines, such as a table, to the end of the file.
    fn with(mut self, table: &str) -> Self {
        self.tables += &format!("{table}\n");
        self
    }

    fn telling(self, url: &str) -> Self {
        self.with(&format!("[sink]\nurl = \"{url}\""))
    }

    /// Reads every session as often as possible.
    pub fn reading_eagerly(self) -> Self {
        self.with(
            "[tracker]\nreads_per_second = 200\nsettle_ms = 0\nlease_ms = 500\nread_timeout_ms = 1000\n\
             service = \"other\"\n\
             [tracker.pace]\nshortest_ms = 40\nguarding_ms = 40\nlongest_ms = 200",
        )
    }

    /// Reads each session once when it is registered, and then once an hour.
    fn reading_once(self) -> Self {
        self.with(
            "[tracker]\nsettle_ms = 0\nlease_ms = 500\nread_timeout_ms = 1000\n\
             [tracker.pace]\nshortest_ms = 1\nexpecting_for_ms = 1\nguarding_ms = 3600000\nlongest_ms = 3600000",
        )
    }

    /// Writes the file if it does not exist, and returns its path. Another process may be reading it already.
    fn file(&self) -> PathBuf {
        let path = self.folder.path().join("track.toml");
        if !path.exists() {
            let state = format!("state = \"{}\"\n", self.state);
            std::fs::write(&path, [&state, &self.top, &self.tables].map(String::as_str).concat()).unwrap();
        }
        path
    }

    pub fn start(&self) -> Track {
        self.start_with_stdout(Stdio::piped())
    }

    /// Starts the tracker with this standard output.
    fn start_with_stdout(&self, stdout: Stdio) -> Track {
        let mut command = kassa();
        command.args(["track", "--config", self.file().to_str().unwrap()]);
        let mut process = command.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
        let lines: Box<dyn Read + Send> = match process.stdout.take() {
            Some(lines) => Box::new(lines),
            None => Box::new(std::io::empty()),
        };
        let lines = BufReader::new(lines);
        let mut said = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut callbacks = String::new();
        let private = loop {
            let line = said.next().expect("it says where it listens").unwrap();
            match line.split_once(' ') {
                Some(("callbacks", url)) => callbacks = format!("{url}/callbacks"),
                Some(("private", url)) => break Merchant::new(url, "", ""),
                _ => panic!("{line}"),
            }
        };
        let log = Arc::<Mutex<String>>::default();
        let heard = log.clone();
        std::thread::spawn(move || {
            for line in said.map_while(Result::ok) {
                *heard.lock().unwrap() += &format!("{line}\n");
            }
        });
        Track { process: KilledOnDrop(process), callbacks, private, lines, log, _folder: self.folder.clone() }
    }

    /// Runs `kassa track reconcile`. Returns its exit code and its report.
    fn reconcile(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let mut command = kassa();
        command.args(["track", "reconcile", "--json", "--config", self.file().to_str().unwrap()]);
        let output = command.args(arguments).output().unwrap();
        let report = serde_json::from_slice(&output.stdout);
        (output.status.code(), report.unwrap_or_else(|_| json!(String::from_utf8_lossy(&output.stderr))))
    }
}

/// Creates a page session.
async fn session(merchant: &Merchant, urls: &Value) -> String {
    merchant.page_session(&json!({}), urls).await
}

/// The order for the cart of [`session`].
fn order() -> Value {
    let mut order = cart("ECOMMERCE");
    order.as_object_mut().unwrap().remove("acquiring_channel");
    order
}
