//! Processes from outside: signals, children, and what they hold.

use std::fs;
use std::process::Command;

/// Sends a signal to each of these processes.
pub fn signal(processes: &[u32], name: &str) {
    let processes: Vec<String> = processes.iter().map(ToString::to_string).collect();
    let script = format!("kill -{name} {}", processes.join(" "));
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success(), "{script}");
}

/// Sends a signal to a process with all its children, as far as they still run.
pub fn signal_all_of(process: u32, name: &str) {
    let all: Vec<String> =
        std::iter::once(process).chain(children_of(process)).map(|id| id.to_string()).collect();
    let script = format!("kill -{name} {} 2>&1 || true", all.join(" "));
    assert!(Command::new("sh").args(["-c", &script]).output().unwrap().status.success(), "{script}");
}

/// The processes that this one started and that still run.
fn children_of(process: u32) -> Vec<u32> {
    let ids = fs::read_dir("/proc").unwrap();
    let ids = ids.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| parent_of(*id) == Some(process)).collect()
}

fn parent_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may hold anything; after it come the state and the parent.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The memory that a process has in use.
pub fn resident_mib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// The sockets that a process has open.
pub fn sockets(process: u32) -> usize {
    let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let targets = files.filter_map(|file| fs::read_link(file.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}
