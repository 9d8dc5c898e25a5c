//! A PostgreSQL for the measurements: the one that `KASSA_BENCH_POSTGRES` names, which must be empty, or one that is
//! started from Debian's binaries on the disk of the temporary folder, durable as it comes.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::process::cpu_of;

/// What a server of some size is given.
const SETTINGS: &str =
    "-c listen_addresses='' -c shared_buffers=2GB -c max_wal_size=8GB -c max_connections=200";

/// A running server. One that was started here ends with this value.
pub struct Postgres {
    pub url: String,
    own: Option<TempDir>,
}

impl Postgres {
    pub fn start() -> Self {
        if let Ok(url) = std::env::var("KASSA_BENCH_POSTGRES") {
            return Self { url, own: None };
        }
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_str().unwrap().to_string();
        if is_root() {
            assert!(Command::new("chown").args(["postgres", &path]).status().unwrap().success());
        }
        run("initdb", &["-D", &format!("{path}/data"), "-U", "postgres", "-A", "trust", "-E", "UTF8"]);
        let options = format!("{SETTINGS} -c unix_socket_directories={path}");
        let (data, log) = (format!("{path}/data"), format!("{path}/log"));
        run("pg_ctl", &["-D", &data, "-l", &log, "-w", "start", "-o", &options]);
        Self { url: format!("postgres://postgres@{}/postgres", path.replace('/', "%2F")), own: Some(folder) }
    }

    /// The URL of a schema of this name, which is made.
    pub fn schema(&self, name: &str) -> String {
        self.run_sql(&self.url, &format!("create schema {name}"));
        format!("{}?options=-c%20search_path%3D{name}", self.url)
    }

    /// Runs statements, each on its own.
    pub fn run_sql(&self, url: &str, sql: &str) {
        let statements = sql.split_terminator(';').flat_map(|statement| ["-c", statement]);
        let arguments = ["-q", "-v", "ON_ERROR_STOP=1", "-d", url];
        run("psql", &arguments.into_iter().chain(statements).collect::<Vec<_>>());
    }

    /// CPU time of all processes of the server that live now: what a connection took that has ended is not in it.
    pub fn cpu(&self) -> Duration {
        let output = Command::new("pgrep").args(["-u", "postgres"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(cpu_of).sum()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(folder) = &self.own {
            run("pg_ctl", &["-D", &format!("{}/data", folder.path().display()), "-m", "fast", "-w", "stop"]);
        }
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

/// Runs one of PostgreSQL's own programs, as its user, who does not work as root.
fn run(program: &str, arguments: &[&str]) {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").expect("Debian's package postgresql is installed");
    let newest = versions.map(|version| version.unwrap().path()).max().unwrap();
    let program: PathBuf = newest.join("bin").join(program);
    let mut command = match is_root() {
        true => {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        }
        false => Command::new(program),
    };
    let output = command.current_dir("/").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
