//! Signals to processes, and their memory and sockets.

use std::fs;
use std::io::{PipeReader, Write as _, pipe};
use std::path::Path;
use std::process::{Command, Stdio};

/// The number of bytes that a pipe stores before a writer waits.
const PIPE: usize = 64 * 1024;

/// Returns a pipe that is full, and its end for reading.
pub fn full_pipe() -> (PipeReader, Stdio) {
    let (reader, mut writer) = pipe().unwrap();
    writer.write_all(&[b'x'; PIPE]).unwrap();
    (reader, writer.into())
}

/// The command under test, which gets this signal even if the test itself runs under `nohup`.
pub fn unless_ignored(name: &str) -> Command {
    under(&format!("--default-signal={name}"))
}

/// The command under test, which ignores this signal as under `nohup`.
pub fn ignoring(name: &str) -> Command {
    under(&format!("--ignore-signal={name}"))
}

fn under(option: &str) -> Command {
    let mut command = Command::new("env");
    command.arg(option).arg(super::kassa().get_program()).stdin(Stdio::null()).env_remove("KASSA_LOG");
    command
}

/// Sends a signal to each of these processes.
pub fn signal(processes: &[u32], name: &str) {
    let processes: Vec<String> = processes.iter().map(ToString::to_string).collect();
    let script = format!("kill -{name} {}", processes.join(" "));
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success(), "{script}");
}

/// Sends a signal to every process whose working directory is this folder. Returns `false` if there is none.
pub fn signal_all_in(folder: &Path, name: &str) -> bool {
    let ids = fs::read_dir("/proc").unwrap();
    let ids = ids.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok());
    let works_here = |id: &u32| fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|cwd| cwd == folder);
    let there: Vec<String> = ids.filter(works_here).map(|id| id.to_string()).collect();
    if !there.is_empty() {
        // Some may have ended meanwhile, so an error of `kill` is ignored.
        let script = format!("kill -{name} {} 2>&1 || true", there.join(" "));
        Command::new("sh").args(["-c", &script]).output().unwrap();
    }
    !there.is_empty()
}

/// The resident memory of a process, in MiB.
pub fn resident_mib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// The number of open sockets of a process.
pub fn sockets(process: u32) -> usize {
    let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let targets = files.filter_map(|file| fs::read_link(file.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}
