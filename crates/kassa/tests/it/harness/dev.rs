//! `kassa dev` as a process: started, asked, stopped, killed.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::Merchant;

/// How a process is asked to stop.
#[derive(Clone, Copy, Debug)]
pub enum Signal {
    Terminate,
    Interrupt,
}

/// A running `kassa dev`. It dies with this value.
pub struct Dev {
    process: Child,
    /// What its first line said.
    pub announced: Value,
    temporary: TempDir,
}

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub complaints: String,
    /// What it left in the folder for temporary files.
    pub left_behind: Vec<String>,
}

/// The command under test.
pub fn kassa() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kassa"));
    command.stdin(Stdio::null()).env_remove("KASSA_LOG");
    command
}

/// Runs the command to its end.
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

    /// Starts `command`, which ends in the command under test, and waits for its first line.
    pub fn launch(mut command: Command, arguments: &[&str]) -> Self {
        let temporary = TempDir::new().unwrap();
        command.args(["dev", "--json"]).args(arguments);
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.env("TMPDIR", temporary.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Ok(announced) = serde_json::from_str(&line) else {
            let mut complaints = String::new();
            process.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
            panic!("the first line is not JSON: {line:?}; {complaints}");
        };
        Self { process, announced, temporary }
    }

    pub fn url(&self) -> &str {
        self.announced["url"].as_str().unwrap()
    }

    /// Where this machine reaches it, whatever its public URL.
    pub fn local_url(&self) -> &str {
        self.announced["local_url"].as_str().unwrap_or(self.url())
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The merchant that it announced.
    pub fn merchant(&self) -> Merchant {
        let word = |name: &str| self.announced[name].as_str().unwrap();
        Merchant::new(self.url(), word("username"), word("password"))
    }

    /// Asks it to stop, and waits for its end.
    pub fn stop(self, signal: Signal) -> Ended {
        self.ask_to_stop(signal);
        self.ended()
    }

    /// Asks it to stop.
    pub fn ask_to_stop(&self, signal: Signal) {
        let name = match signal {
            Signal::Terminate => "TERM",
            Signal::Interrupt => "INT",
        };
        let script = format!("kill -{name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
    }

    /// Waits for its end.
    pub fn ended(mut self) -> Ended {
        let code = self.process.wait().unwrap().code();
        let mut complaints = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
        Ended { code, complaints, left_behind: names_in(self.temporary.path()) }
    }

    /// Ends it without a word, as `kill -9` and a power cut do.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}
