//! `kassa serve` as a process: nodes, and the configuration that they share.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::process::{KilledOnDrop, signal};
use super::{Merchant, kassa};

/// A configuration file in its own folder, and the environment variables that override it.
pub struct Configuration {
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Configuration {
    /// A configuration of the sandbox with this database and with `more` settings. It has no rate limits, so that
    /// journeys may call as often as they like.
    pub fn with(database: &str, more: &str) -> Self {
        let configuration = Self { folder: TempDir::new().unwrap(), environment: Vec::new() };
        let database = database.replace("FOLDER", configuration.folder.path().to_str().unwrap());
        let text = format!(
            "listen = \"127.0.0.1:0\"\noperations_listen = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1\"\n\
             database = \"{database}\"\n\
             payment_system = \"sandbox\"\nlab = true\nrate_limit_creations = \"off\"\nrate_limit_other_calls \
             = \"off\"\naccept_unsafe = [\"http-callbacks\", \"private-callbacks\"]\n{more}\n\
             [outgoing]\nallow_http = true\nallowed_networks = [\"127.0.0.0/8\"]\nallowed_ports = []\n"
        );
        std::fs::write(configuration.path(), text).unwrap();
        configuration
    }

    /// Overrides a setting.
    #[must_use]
    pub fn overriding(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((variable, value.into()));
        self
    }

    /// Appends tables to the file.
    #[must_use]
    pub fn adding(self, more: &str) -> Self {
        let text = std::fs::read_to_string(self.path()).unwrap();
        std::fs::write(self.path(), format!("{text}\n{more}")).unwrap();
        self
    }

    /// Omits a key of the file.
    #[must_use]
    pub fn without(self, key: &str) -> Self {
        let text = std::fs::read_to_string(self.path()).unwrap();
        let kept = text.lines().filter(|line| !line.starts_with(key));
        std::fs::write(self.path(), kept.collect::<Vec<_>>().join("\n")).unwrap();
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("kassa.toml")
    }

    /// The command with `--config`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_by(kassa(), arguments)
    }

    /// The same, started by `command`, which ends with the command under test.
    pub fn command_by(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.args(arguments).arg("--config").arg(self.path());
        command.envs(self.environment.iter().map(|(variable, value)| (variable, value)));
        command
    }

    /// Runs a command with `--json` and parses its output.
    pub fn ask(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).arg("--json").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts a node, and waits until it accepts requests.
    pub fn node(&self) -> Node {
        Node::announced(self.command(&["serve"]))
    }

    /// Starts a node at this address, with its operational paths at another, and waits until it accepts requests.
    pub fn node_at(&self, address: &str, operations: &str) -> Node {
        Node::announced(self.command_at(address, operations))
    }

    /// Starts a node at this address, without waiting until it accepts requests.
    pub fn node_soon_at(&self, address: &str, operations: &str) -> Node {
        let mut command = self.command_at(address, operations);
        let process = KilledOnDrop(command.stdout(Stdio::null()).spawn().unwrap());
        Node { url: format!("http://{address}"), operations: format!("http://{operations}"), process }
    }

    fn command_at(&self, address: &str, operations: &str) -> Command {
        let mut command = self.command(&["serve"]);
        command.env("KASSA_LISTEN", address).env("KASSA_OPERATIONS_LISTEN", operations);
        command
    }
}

/// A running node. It is killed when this value is dropped, like with `kill -9`.
pub struct Node {
    pub url: String,
    /// The address of its operational paths.
    operations: String,
    process: KilledOnDrop,
}

impl Node {
    /// Starts a node with this command, and waits until it prints its address.
    pub fn announced(mut command: Command) -> Self {
        let mut process = KilledOnDrop(command.stdout(Stdio::piped()).spawn().unwrap());
        let mut lines = BufReader::new(process.0.stdout.take().unwrap());
        let [url, operations] = [(); 2].map(|()| {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            let address = line.trim_end_matches(".\n").rsplit(' ').next().unwrap();
            format!("http://{address}")
        });
        Self { url, operations, process }
    }

    /// A caller of this node's operational paths.
    pub fn operator(&self) -> Merchant {
        Merchant::new(&self.operations, "", "")
    }

    /// A merchant that calls this node.
    pub fn merchant(&self, account: &Value) -> Merchant {
        Merchant::of(&self.url, account)
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal to the node.
    pub fn signal(&self, name: &str) {
        signal(&[self.process.id()], name);
    }

    /// Waits until the node ends. Returns its exit code.
    pub fn ended(&mut self) -> Option<i32> {
        self.process.ended()
    }
}
