//! `kassa dev` as a process that a test starts, stops and kills.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{ChildStdin, Command, Output, Stdio};

use kassa_testkit::secrets_in;
use serde_json::Value;
use tempfile::TempDir;

use super::Merchant;
use super::process::{self, KilledOnDrop};

/// The signal that asks a process to stop.
#[derive(Clone, Copy, Debug)]
pub enum Signal {
    Terminate,
    Interrupt,
    /// A closed terminal sends it.
    HangUp,
}

/// A running `kassa dev`. It is killed when this value is dropped.
pub struct Dev {
    process: KilledOnDrop,
    /// The JSON of its first line.
    pub announced: Value,
    temporary: TempDir,
}

/// The end of a process.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub complaints: String,
    /// The files that it did not delete from its temporary folder.
    pub left_behind: Vec<String>,
}

/// The command under test.
pub fn kassa() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kassa"));
    command.stdin(Stdio::null()).env_remove("KASSA_LOG");
    command
}

/// Runs the command and waits until it ends.
pub fn run(arguments: &[&str]) -> Output {
    kassa().args(arguments).output().unwrap()
}

impl Dev {
    /// Starts on a free port, with a database of its own.
    pub fn start() -> Self {
        Self::launch(kassa(), &[])
    }

    /// Starts on a free port, with its database in `data`.
    pub fn start_on(data: &Path) -> Self {
        Self::launch(kassa(), &["--data", data.to_str().unwrap()])
    }

    /// Starts `command` with `dev` and these arguments, and waits for its first line.
    pub fn launch(mut command: Command, arguments: &[&str]) -> Self {
        let temporary = TempDir::new().unwrap();
        command.args(["dev", "--json", "--quiet"]).args(arguments);
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.env("TMPDIR", temporary.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = KilledOnDrop(command.spawn().unwrap());
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Ok(announced) = serde_json::from_str(&line) else {
            let mut complaints = String::new();
            process.0.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
            panic!("the first line is not JSON: {line:?}; {complaints}");
        };
        Self { process, announced, temporary }
    }

    pub fn url(&self) -> &str {
        self.announced["url"].as_str().unwrap()
    }

    /// The URL at which this machine reaches it, also if the public URL differs.
    pub fn local_url(&self) -> &str {
        self.announced["local_url"].as_str().unwrap_or(self.url())
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The merchant whose credential the first line announced.
    pub fn merchant(&self) -> Merchant {
        let word = |name: &str| self.announced[name].as_str().unwrap();
        Merchant::new(self.url(), word("username"), word("password"))
    }

    /// The standard input of a command that was started with a pipe.
    pub fn input(&mut self) -> ChildStdin {
        self.process.0.stdin.take().unwrap()
    }

    /// Asks the process to stop, and waits until it ends.
    pub fn stop(self, signal: Signal) -> Ended {
        self.ask_to_stop(signal);
        self.ended()
    }

    /// Asks the process to stop.
    pub fn ask_to_stop(&self, signal: Signal) {
        let name = match signal {
            Signal::Terminate => "TERM",
            Signal::Interrupt => "INT",
            Signal::HangUp => "HUP",
        };
        process::signal(&[self.process.id()], name);
    }

    /// Waits until the process ends.
    pub fn ended(mut self) -> Ended {
        let code = self.process.ended();
        let mut complaints = String::new();
        self.process.0.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
        let found = secrets_in(&complaints);
        assert!(found.is_empty(), "secrets, or data of consumers, are in the log: {found:?}\n{complaints}");
        Ended { code, complaints, left_behind: names_in(self.temporary.path()) }
    }

    /// Kills the process like `kill -9` or a power cut.
    pub fn kill(self) {
        drop(self.process);
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// Writes the settings of a tracker that keeps its state and a table of changes in files of `folder`. Returns the path
/// of the settings.
pub fn tracker_settings(folder: &Path) -> String {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_string();
    let settings = format!(
        "service = \"http://127.0.0.1:1\"\nusername = \"u\"\npassword = \"p\"\nstate = \"{}\"\nprivate \
         = \"127.0.0.1:0\"\n\
         [sink]\ntable = \"{}\"\n",
        path("tracker.db"),
        path("changes.db")
    );
    std::fs::write(path("track.toml"), settings).unwrap();
    path("track.toml")
}
