//! A test's own PostgreSQL, from Debian's binaries. It can be started, stopped, killed, frozen, copied and promoted.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use kassa_testkit::eventually_blocking;
use kassa_testkit::postgres_programs::{binaries, give, output_of, owner, program, run};
use tempfile::TempDir;

use super::nodes::address;
use crate::harness::process::{KilledOnDrop, signal, signal_all_in};

/// The settings of every server. Commits are durable, because the tests depend on that.
const SETTINGS: &str = "
    max_connections = 60
    shared_buffers = 32MB
    fsync = on
    min_wal_size = 32MB
    max_wal_size = 64MB
    wal_level = replica
    logging_collector = off
    log_min_messages = fatal
    log_min_error_statement = panic
";

/// A server. It stops when this value is dropped, and its folder is deleted.
pub struct Postgres {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
    small_disk_mib: Option<u32>,
}

impl Postgres {
    /// Starts a server with an empty database `kassa`, which belongs to the role `kassa`.
    pub fn start() -> Self {
        Self::start_with("", None)
    }

    /// The same with further settings. If a size is given, the database is on a small disk.
    pub fn start_with(settings: &str, small_disk_mib: Option<u32>) -> Self {
        let mut postgres = Self { folder: folder(), port: 5432, process: None, small_disk_mib };
        let data = postgres.data();
        let options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"];
        run(program("initdb").arg("-D").arg(&data).args(options));
        append(&data.join("postgresql.conf"), &format!("{SETTINGS}\n{settings}\n{}", postgres.place()));
        append(&data.join("pg_hba.conf"), "host all,replication all 127.0.0.0/8 trust\n");
        postgres.run();
        postgres.tell("create role kassa login");
        if small_disk_mib.is_some() {
            postgres.tell(&format!("create tablespace small location '{}'", postgres.small_disk().display()));
            postgres.tell("create database kassa owner kassa tablespace small");
        } else {
            postgres.tell("create database kassa owner kassa");
        }
        postgres
    }

    /// Starts a replica of this server.
    pub fn replica(&self) -> Self {
        let replica = Self { folder: folder(), port: self.port + 1, process: None, small_disk_mib: None };
        let from = format!("host={} port={} user=postgres", address(), self.port);
        run(program("pg_basebackup")
            .args(["-R", "-c", "fast", "-X", "stream", "-d", &from, "-D"])
            .arg(replica.data()));
        append(&replica.data().join("postgresql.conf"), &replica.place());
        let mut replica = replica;
        replica.run();
        replica
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn small_disk(&self) -> PathBuf {
        self.folder.path().join("small")
    }

    fn place(&self) -> String {
        let folder = self.folder.path().display();
        format!(
            "listen_addresses = '{}'\nport = {}\nunix_socket_directories = '{folder}'\n",
            address(),
            self.port
        )
    }

    /// The address of the server.
    pub fn listens_at(&self) -> String {
        format!("{}:{}", address(), self.port)
    }

    /// The URL of its database, for nodes.
    pub fn url(&self) -> String {
        format!("postgres://kassa@{}/kassa", self.listens_at())
    }

    /// Starts the server, or starts it again after a stop, and waits until it answers.
    pub fn run(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        let log = File::options().append(true).create(true).open(self.folder.path().join("log")).unwrap();
        let mut command = self.server();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn().unwrap());
        eventually_blocking("an answer of PostgreSQL", || {
            output_of(&mut self.psql("postgres", "postgres", "select 1"))
        });
    }

    /// The server's command. A small disk is mounted only in the server's own namespace, and disappears with it.
    fn server(&self) -> Command {
        let Some(mib) = self.small_disk_mib else {
            let mut command = program("postgres");
            command.arg("-D").arg(self.data());
            return command;
        };
        let mut command = Command::new("unshare");
        let mut script = format!("mount -t tmpfs -o size={mib}m small \"$0\" && exec \"$@\"");
        match owner() {
            Some((user, group)) => {
                command.arg("--mount");
                script = format!(
                    "mount -t tmpfs -o size={mib}m,uid={user},gid={group},mode=700 small \"$0\" \
                     && exec setpriv --reuid={user} --regid={group} --clear-groups \"$@\""
                );
            }
            None => {
                command.args(["--user", "--map-current-user", "--keep-caps", "--mount"]);
            }
        }
        fs::create_dir_all(self.small_disk()).unwrap();
        command.args(["sh", "-c", &script]).arg(self.small_disk()).arg(binaries().join("postgres"));
        command.arg("-D").arg(self.data());
        command
    }

    /// Stops the server as an operator does: connections are closed, and committed changes are kept.
    pub fn stop(&mut self) {
        let mut process = self.process.take().unwrap();
        signal(&[process.id()], "INT");
        process.wait().unwrap();
    }

    /// Kills the server and all its children at once.
    pub fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        signal_all_in(&self.data(), "KILL");
        process.wait().unwrap();
        // A child that was just starting may have survived the first signal.
        eventually_blocking("a server without processes", || !signal_all_in(&self.data(), "KILL"));
    }

    /// Pauses the server and all its children.
    pub fn freeze(&self) {
        signal_all_in(&self.data(), "STOP");
        // A child that was just starting may have missed the first signal.
        signal_all_in(&self.data(), "STOP");
    }

    /// Lets the server and all its children continue.
    pub fn thaw(&self) {
        signal_all_in(&self.data(), "CONT");
    }

    /// Makes a replica the primary, which then commits without a replica of its own.
    pub fn take_over(&self) {
        run(program("pg_ctl").args(["promote", "-w", "-D"]).arg(self.data()));
        self.commit_with_replica(false);
    }

    /// Sets whether the primary waits for a replica before a commit is acknowledged.
    pub fn commit_with_replica(&self, wait: bool) {
        let names = if wait { "'*'" } else { "''" };
        self.tell(&format!("alter system set synchronous_standby_names = {names}"));
        self.tell("select pg_reload_conf()");
    }

    /// Reads one value from its database `kassa`, as the superuser.
    pub fn ask(&self, sql: &str) -> String {
        output_of(&mut self.psql("postgres", "kassa", sql))
            .unwrap_or_else(|complaint| panic!("{sql}: {complaint}"))
    }

    /// Runs a statement that needs no particular database.
    fn tell(&self, sql: &str) {
        output_of(&mut self.psql("postgres", "postgres", sql)).unwrap();
    }

    /// Runs a query as this role in a process of its own, in parallel with others.
    pub fn asked_by(&self, role: &str, sql: &str) -> KilledOnDrop {
        let mut command = self.psql(role, "kassa", sql);
        KilledOnDrop(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn psql(&self, role: &str, database: &str, sql: &str) -> Command {
        let mut command = Command::new(binaries().join("psql"));
        command.arg("-h").arg(self.folder.path()).args(["-p", &self.port.to_string()]);
        command.args(["-U", role, "-d", database, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"]);
        command.args(["-c", sql]).stdin(Stdio::null());
        command
    }

    /// Fills the small disk. Dropping the returned value frees the space.
    pub fn fill_small_disk(&self) -> Filler {
        let path = format!(
            "/proc/{}/root{}/filler",
            self.process.as_ref().unwrap().id(),
            self.small_disk().display()
        );
        let full = std::io::copy(&mut std::io::repeat(b'x'), &mut File::create(&path).unwrap());
        assert!(full.is_err(), "a disk that is never full");
        Filler(path.into())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // A server that was just started may not be in its folder yet, so it is killed by its id, too.
            let _ = process.kill();
            signal_all_in(&self.data(), "KILL");
            let _ = process.wait();
        }
        if std::thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let last: Vec<&str> = log.lines().rev().take(20).collect();
            eprintln!("PostgreSQL said last, newest first:\n{}", last.join("\n"));
        }
    }
}

/// A file that fills the disk. It is deleted when this value is dropped.
pub struct Filler(PathBuf);

impl Drop for Filler {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A folder for the server.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    give(folder.path());
    folder
}

fn append(path: &Path, text: &str) {
    let before = fs::read_to_string(path).unwrap();
    fs::write(path, before + text).unwrap();
}
