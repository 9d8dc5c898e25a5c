//! `kassa dev` beside two other test doubles: the CPU of a read and of a creation, and the memory after 20,000 calls.
//! `tools/doubles/prepare` installs the others. Mockoon stores in memory, and localstripe writes all its data into a
//! file after each call. The objects that they create are as large as they make them.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::bare::SIDE_BY_SIDE;
use crate::client::{Connection, Request, drive};
use crate::figure::{Target, median_cpu, print_ratio};
use crate::process::Process;
use crate::requests::{charge, payment_session_at};
use crate::sample::creation;

/// The number of rounds. The doubles take turns.
const ROUNDS: usize = 3;

/// The numbers of calls in one round.
const CREATIONS: usize = 1_000;
const READS: usize = 5_000;

/// The calls of each double before its memory is read.
const CALLS: usize = 20_000;

/// A test double, and how it is called.
struct Double {
    name: &'static str,
    process: Process,
    create: Request,
    created: u16,
    read: Request,
    resident_mib: f64,
}

pub async fn measure() {
    let installed = installed();
    let data = TempDir::new().unwrap();
    let kassa = kassa(data.path()).await;
    let others = [mockoon(&installed).await, localstripe(&installed).await];
    let doubles = [&kassa, &others[0], &others[1]];
    let (mut creations, mut reads) = ([const { Vec::new() }; 3], [const { Vec::new() }; 3]);
    for _ in 0..ROUNDS {
        for (position, Double { process, create, created, read, .. }) in doubles.into_iter().enumerate() {
            creations[position].push(charge(process, vec![create.clone(); CREATIONS], *created).await);
            reads[position].push(charge(process, vec![read.clone(); READS], 200).await);
        }
    }
    let kassa_after_mib = kassa.after_all_calls().await;
    for (position, other) in others.iter().enumerate() {
        let beside = |what: &str| format!("{what} in `kassa dev`, limit {}", other.name);
        let [read, create] = [&reads, &creations].map(|rounds| (&rounds[position + 1], &rounds[0]));
        for (what, (other, kassa)) in [("read: CPU", read), ("create: CPU", create)] {
            print_ratio(&beside(what), median_cpu(other), median_cpu(kassa), "us", Target::None);
        }
        print_ratio(
            &beside("resident when ready"),
            other.resident_mib,
            kassa.resident_mib,
            "MiB",
            Target::None,
        );
        let after_mib = other.after_all_calls().await;
        print_ratio(&beside("resident after 20,000 calls"), after_mib, kassa_after_mib, "MiB", Target::None);
    }
}

impl Double {
    async fn new(
        (name, process): (&'static str, Process),
        (create, created): (Request, u16),
        read: impl FnOnce(&Value) -> Request,
    ) -> Self {
        let resident_mib = process.resident_mib();
        let answer = Connection::to(&process.url()).await.json(&create, created).await;
        Self { name, process, read: read(&answer), create, created, resident_mib }
    }

    /// Makes the calls that are missing after the rounds. Returns the resident memory in MiB.
    async fn after_all_calls(&self) -> f64 {
        let missing = CALLS - 1 - ROUNDS * (CREATIONS + READS);
        drive(&self.process.url(), SIDE_BY_SIDE, vec![self.read.clone(); missing], 200).await;
        self.process.resident_mib()
    }
}

fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("doubles");
    let prepared = Command::new(tools().join("prepare")).arg(&folder).status().unwrap();
    assert!(prepared.success(), "the other test doubles could not be installed");
    folder
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/doubles")
}

/// It checks the login of each call, writes to the disk, and keeps a journal.
async fn kassa(data: &Path) -> Double {
    let process = Process::kassa(data).await;
    let body = creation(&payment_session_at(&process).await, None);
    let create = Request::new("POST", "/hpp/v1/sessions", &body);
    let read =
        |created: &Value| Request::new("GET", &format!("/hpp/v1/sessions/{}", id(created, "session_id")), "");
    Double::new(("Kassa", process), (create, 201), read).await
}

/// A table that Mockoon keeps.
async fn mockoon(installed: &Path) -> Double {
    let (mut command, port) = (Command::new(installed.join("node_modules/.bin/mockoon-cli")), free_port());
    command.args(["start", "--disable-log-to-file", "--port", &port.to_string(), "--data"]);
    let process = Process::listening(command.arg(tools().join("mockoon.json")), port).await;
    let create = Request::new("POST", "/sessions", r#"{"amount":9999,"currency":"SEK"}"#);
    let read = |created: &Value| Request::new("GET", &format!("/sessions/{}", id(created, "id")), "");
    Double::new(("Mockoon", process), (create, 201), read).await
}

/// The customers of localstripe.
async fn localstripe(installed: &Path) -> Double {
    let (mut command, port) = (Command::new(installed.join("venv/bin/localstripe")), free_port());
    let process =
        Process::listening(command.args(["--from-scratch", "--port", &port.to_string()]), port).await;
    let login = "authorization: Bearer sk_test_speed";
    let create = Request::form("/v1/customers", "description=speed").with(login);
    let read = |created: &Value| {
        let path = format!("/v1/customers/{}", id(created, "id"));
        Request::without_login("GET", &path, ("application/json", "")).with(login)
    };
    Double::new(("localstripe", process), (create, 200), read).await
}

fn id<'a>(created: &'a Value, name: &str) -> &'a str {
    created[name].as_str().unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
