//! The measured processes, which are children of this one, and their CPU time and memory.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use kassa_testkit::processes::{KilledOnDrop, cpu, resident};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::account::add_account;

/// The interval between two looks at the CPU of a process. Background work pauses for half a second at most.
const LOOK_AFTER: Duration = Duration::from_millis(600);

/// The variable with the path of another build, for `tools/speed-beside`. It does not begin with `KASSA_`, because such
/// variables are settings.
const MEASURED: &str = "MEASURED_KASSA";

/// The command to measure: another build, or the one that was built with this benchmark.
fn measured_kassa() -> Command {
    Command::new(std::env::var_os(MEASURED).unwrap_or_else(|| env!("CARGO_BIN_EXE_kassa").into()))
}

/// Whether a node has a lab, which records every call in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lab {
    Open,
    Closed,
}

/// A child process that printed its first line.
pub struct Process {
    child: KilledOnDrop,
    pub first_line: String,
    /// The rest of its output.
    further: Option<BufReader<ChildStdout>>,
}

impl Process {
    pub fn start(command: &mut Command) -> Self {
        let mut child = KilledOnDrop(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap());
        let mut first_line = String::new();
        let mut further = BufReader::new(child.0.stdout.take().unwrap());
        further.read_line(&mut first_line).unwrap();
        Self { child, first_line, further: Some(further) }
    }

    /// `kassa dev` on a free port, with its database in `data`, and the account of the measured calls.
    pub async fn kassa(data: &Path) -> Self {
        add_account(&database_in(data)).await;
        Self::kassa_alone(data)
    }

    /// Starts `kassa dev` on a free port, with its database in `data`.
    pub fn kassa_alone(data: &Path) -> Self {
        let mut command = measured_kassa();
        command.args(["dev", "--listen", "127.0.0.1:0", "--json", "--quiet", "--data"]).arg(data);
        Self::start(&mut command)
    }

    /// Starts `kassa track` with these settings. Its first line, on standard error, has the URL for callbacks.
    pub fn track(folder: &Path, settings: &str) -> Self {
        let config = folder.join("track.toml");
        std::fs::write(&config, settings).unwrap();
        let mut command = measured_kassa();
        command.args(["track", "--config"]).arg(config).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = KilledOnDrop(command.stderr(Stdio::piped()).spawn().unwrap());
        let mut said = String::new();
        BufReader::new(child.0.stderr.take().unwrap()).read_line(&mut said).unwrap();
        let url = said.trim().strip_prefix("callbacks ").unwrap_or_else(|| panic!("{said}"));
        Self { first_line: format!("{{\"url\":\"{url}\"}}"), child, further: None }
    }

    /// Starts `kassa serve` without a lab, on the database of `kassa dev` and with its account.
    pub async fn serve(data: &Path) -> Self {
        let database = database_in(data);
        add_account(&database).await;
        Self::serve_on(&database, Lab::Closed)
    }

    /// Starts `kassa serve` on a database with the account of `kassa dev`. It may send callbacks to this machine, and
    /// has no rate limits.
    pub fn serve_on(database: &str, lab: Lab) -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let config = folder.path().join("kassa.toml");
        let lab = lab == Lab::Open;
        let text = format!(
            "listen = \"127.0.0.1:0\"\noperations_listen = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1\"\n\
             payment_system = \"sandbox\"\ndatabase = {database:?}\n\
             lab = {lab}\nrate_limit_creations = \"off\"\nrate_limit_other_calls = \"off\"\n\
             accept_unsafe = [\"http-callbacks\", \"private-callbacks\"]\n\
             [outgoing]\nallow_http = true\nallowed_networks = [\"127.0.0.0/8\"]\nallowed_ports = []\n"
        );
        std::fs::write(&config, text).unwrap();
        let mut command = measured_kassa();
        command.args(["serve", "--config"]).arg(&config);
        let mut process = Self::start(&mut command);
        let mut second_line = String::new();
        process.further.as_mut().unwrap().read_line(&mut second_line).unwrap();
        let [url, operations] = [&process.first_line, &second_line].map(|line| {
            let address = line.trim_end_matches(".\n").rsplit(' ').next().unwrap();
            format!("http://{address}")
        });
        process.first_line = serde_json::json!({ "url": url, "operations": operations }).to_string();
        process
    }

    /// Starts this program again, as one of the bare limits.
    pub fn bare(arguments: &[&str]) -> Self {
        Self::start(Command::new(std::env::current_exe().unwrap()).args(arguments))
    }

    /// Starts another program, and waits until it accepts connections on this port.
    pub async fn listening(command: &mut Command, port: u16) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = KilledOnDrop(command.spawn().unwrap());
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
        Self { child, first_line: format!("{{\"url\":\"http://127.0.0.1:{port}\"}}"), further: None }
    }

    /// The address in the first line of `kassa dev --json`.
    pub fn url(&self) -> String {
        self.announced("url")
    }

    /// The URL of a node's operational paths.
    pub fn operations(&self) -> String {
        self.announced("operations")
    }

    fn announced(&self, name: &str) -> String {
        let line: Value = serde_json::from_str(&self.first_line).unwrap();
        line[name].as_str().unwrap().to_string()
    }

    /// CPU time of all its threads, user and system.
    pub fn cpu(&self) -> Duration {
        cpu(&self.child.id().to_string())
    }

    /// Waits until the process has done what it does after its answers, such as the audit trail: until it needs next to
    /// no CPU. Returns its CPU time then.
    pub async fn settled_cpu(&self) -> Duration {
        loop {
            let before = self.cpu();
            sleep(LOOK_AFTER).await;
            if self.cpu() - before < LOOK_AFTER / 50 {
                return before;
            }
        }
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> u64 {
        resident(self.child.id())
    }

    /// Resident memory in MiB.
    pub fn resident_mib(&self) -> f64 {
        self.resident() as f64 / 1024.0 / 1024.0
    }
}

/// The database of `kassa dev --data`.
fn database_in(data: &Path) -> String {
    data.join("kassa.db").to_str().unwrap().to_string()
}
