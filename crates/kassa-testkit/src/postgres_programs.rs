//! PostgreSQL's programs from Debian's package, for tests and measurements that run servers of their own.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The binaries of the newest installed version.
///
/// # Panics
/// If PostgreSQL is not installed.
#[must_use]
pub fn binaries() -> PathBuf {
    let versions =
        fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed: Debian's package postgresql");
    let versions = versions.map(|entry| entry.unwrap().path());
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    versions.max_by_key(number).unwrap().join("bin")
}

/// A program as the servers' own user, in a working directory that this user can enter.
///
/// # Panics
/// If PostgreSQL is not installed.
#[must_use]
pub fn program(name: &str) -> Command {
    let program = binaries().join(name);
    let mut command = match owner() {
        Some((user, group)) => {
            let mut command = Command::new("setpriv");
            command.args([
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_string(),
            ]);
            command.arg(program);
            command
        }
        None => Command::new(program),
    };
    command.current_dir("/").stdin(std::process::Stdio::null());
    command
}

/// The user and group of the servers, if they differ from those of the test: PostgreSQL refuses to run as root, so root
/// runs it as Debian's user for it.
///
/// # Panics
/// If the ids cannot be read.
#[must_use]
pub fn owner() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| -> u32 {
        let output = Command::new("id").args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
    };
    (id(&["-u"]) == 0).then(|| (id(&["-u", "postgres"]), id(&["-g", "postgres"])))
}

/// Gives a folder to the servers' user.
///
/// # Panics
/// If the folder cannot be given away.
pub fn give(folder: &Path) {
    if let Some((user, group)) = owner() {
        chown(folder, Some(user), Some(group)).unwrap();
    }
}

/// Runs a command.
///
/// # Panics
/// If it fails. The message has its error output.
pub fn run(command: &mut Command) {
    output_of(command).unwrap_or_else(|complaint| panic!("{command:?}: {complaint}"));
}

/// Runs a command, and returns its output.
///
/// # Errors
/// The error output of a command that failed.
///
/// # Panics
/// If the command cannot be started.
pub fn output_of(command: &mut Command) -> Result<String, String> {
    let output = command.output().unwrap();
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout).unwrap().trim().to_string()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
