//! The mail server as a process of its own.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use kassa_testkit::PATIENCE;
use kassa_testkit::processes::KilledOnDrop;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::Value;
use tempfile::TempDir;

use crate::prerequisites::MAIL_SERVER;

/// Debian's Python, because Debian packages aiosmtpd for it.
const PYTHON: &str = "/usr/bin/python3";

/// The protection of the connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    StartTls,
    Tls,
    None,
}

/// The behaviour of the server, which `server.py` describes.
#[derive(Clone, Copy, Debug)]
pub enum Behaviour {
    Accept,
    Greylist,
    Unknown,
    LoseAnswer,
}

impl Behaviour {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Greylist => "greylist",
            Self::Unknown => "unknown",
            Self::LoseAnswer => "lose-answer",
        }
    }
}

/// A running mail server.
pub struct MailServer {
    folder: TempDir,
    protection: Protection,
    port: u16,
    events: Receiver<Value>,
    _process: KilledOnDrop,
}

impl MailServer {
    /// Starts a server on a free port; `None` if this machine has no aiosmtpd.
    pub fn start(protection: Protection, behaviour: Behaviour) -> Option<Self> {
        Self::start_at(0, protection, behaviour)
    }

    /// Starts a server on this port.
    pub fn start_at(port: u16, protection: Protection, behaviour: Behaviour) -> Option<Self> {
        if !MAIL_SERVER.is_there() {
            return None;
        }
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(PYTHON);
        command.arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/mail/server.py"));
        command.arg(port.to_string()).args(["--behaviour", behaviour.as_str()]);
        let tls = match protection {
            Protection::StartTls => Some("starttls"),
            Protection::Tls => Some("tls"),
            Protection::None => None,
        };
        if let Some(tls) = tls {
            write_certificate(&folder);
            command.args(["--tls", tls, "--user", "kassa", "--password", "correct horse"]);
            command.arg("--certificate").arg(folder.path().join("certificate.pem"));
            command.arg("--key").arg(folder.path().join("key.pem"));
        }
        write_secret(&folder, "correct horse\n");
        let mut process = KilledOnDrop(command.stdout(Stdio::piped()).spawn().unwrap());
        let output = process.0.stdout.take().unwrap();
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        let started: Value = events.recv_timeout(PATIENCE).expect("the mail server starts");
        let port = u16::try_from(started["port"].as_u64().unwrap()).unwrap();
        Some(Self { folder, protection, port, events, _process: process })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The table of a node that sends through this server.
    pub fn settings(&self) -> String {
        let (encryption, name) = match self.protection {
            Protection::StartTls => ("starttls", "localhost"),
            Protection::Tls => ("tls", "localhost"),
            Protection::None => ("none", "127.0.0.1"),
        };
        let mut table = format!(
            "[messages.email]\nhost = \"{name}\"\nport = {}\nencryption = \"{encryption}\"\n\
             from = \"pay@shop.example\"\n",
            self.port
        );
        if self.protection != Protection::None {
            let file = |name: &str| self.folder.path().join(name).display().to_string();
            table += &format!(
                "username = \"kassa\"\npassword_file = \"{}\"\nauthority_file = \"{}\"\n",
                file("password"),
                file("certificate.pem")
            );
        }
        table
    }

    /// The same table, with another password in the file.
    pub fn with_password(&self, password: &str) -> String {
        write_secret(&self.folder, password);
        self.settings()
    }

    /// Waits for the next accepted mail.
    pub fn next_mail(&mut self) -> Value {
        self.mail_within(PATIENCE).expect("an e-mail arrives")
    }

    /// The next accepted mail, if one arrives in this time.
    pub fn mail_within(&mut self, time: Duration) -> Option<Value> {
        loop {
            let event = self.events.recv_timeout(time).ok()?;
            if event["to"].is_array() {
                return Some(event);
            }
        }
    }
}

fn write_secret(folder: &TempDir, text: &str) {
    let path = folder.path().join("password");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
}

/// Writes a certificate for `localhost` that signs itself, and its key.
fn write_certificate(folder: &TempDir) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_string()]).unwrap();
    std::fs::write(folder.path().join("certificate.pem"), cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
}
