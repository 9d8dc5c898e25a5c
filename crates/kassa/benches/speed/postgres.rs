//! A PostgreSQL for the measurements, from Debian's binaries: in the temporary folder, with its default durability.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use kassa_testkit::postgres_programs::{give, program, run};
use kassa_testkit::processes::cpu;
use tempfile::TempDir;

/// The settings of a medium-sized server.
const SETTINGS: &str =
    "-c listen_addresses='' -c shared_buffers=2GB -c max_wal_size=8GB -c max_connections=200";

/// A running server. It stops when this value is dropped.
pub struct Postgres {
    url: String,
    folder: TempDir,
}

impl Postgres {
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_str().unwrap().to_string();
        give(folder.path());
        run_program(
            "initdb",
            &["-D", &format!("{path}/data"), "-U", "postgres", "-A", "trust", "-E", "UTF8"],
        );
        let options = format!("{SETTINGS} -c unix_socket_directories={path}");
        let (data, log) = (format!("{path}/data"), format!("{path}/log"));
        run_program("pg_ctl", &["-D", &data, "-l", &log, "-w", "start", "-o", &options]);
        Self { url: format!("postgres://postgres@{}/postgres", path.replace('/', "%2F")), folder }
    }

    /// Creates a schema with this name. Returns its URL.
    pub fn schema(&self, name: &str) -> String {
        self.run_sql(&self.url, &format!("create schema {name}"));
        format!("{}?options=-c%20search_path%3D{name}", self.url)
    }

    /// Runs statements, each in its own transaction.
    pub fn run_sql(&self, url: &str, sql: &str) {
        let statements = sql.split_terminator(';').flat_map(|statement| ["-c", statement]);
        let arguments = ["-q", "-v", "ON_ERROR_STOP=1", "-d", url];
        run_program("psql", &arguments.into_iter().chain(statements).collect::<Vec<_>>());
    }

    /// CPU time of all processes of the server, those that have ended included.
    pub fn cpu(&self) -> Duration {
        let pid_file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let server = pid_file.lines().next().unwrap();
        let output = Command::new("pgrep").args(["-P", server]).output().unwrap();
        let children = String::from_utf8(output.stdout).unwrap();
        children.lines().chain([server]).map(cpu).sum::<Duration>() + cpu_of_ended_children(server)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        run_program("pg_ctl", &["-D", self.data().to_str().unwrap(), "-m", "fast", "-w", "stop"]);
    }
}

/// CPU time of the children that have ended, which the operating system counts in hundredths of a second.
fn cpu_of_ended_children(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let hundredths: u64 = fields[13..15].iter().map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(10 * hundredths)
}

/// Runs one of PostgreSQL's programs.
fn run_program(name: &str, arguments: &[&str]) {
    run(program(name).args(arguments));
}
