//! Child processes: their end, signals to them, and their memory, sockets and CPU time.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use crate::eventually;

/// A child process that is killed, like with `kill -9`, when this value is dropped.
#[derive(Debug)]
pub struct KilledOnDrop(pub Child);

impl KilledOnDrop {
    /// The id of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits until the process ends. Returns its exit code.
    ///
    /// # Panics
    /// If the process cannot be waited for.
    pub fn ended(&mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }

    /// Asks the process to stop, and waits until it ends. Returns its exit code.
    ///
    /// # Panics
    /// If the process has ended already.
    pub fn stop(&mut self) -> Option<i32> {
        signal(&[self.id()], "TERM");
        self.ended()
    }
}

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a signal to each of these processes.
///
/// # Panics
/// If one of them does not exist.
pub fn signal(processes: &[u32], name: &str) {
    let processes: Vec<String> = processes.iter().map(ToString::to_string).collect();
    let script = format!("kill -{name} {}", processes.join(" "));
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success(), "{script}");
}

/// Suspends a process until it gets `CONT`. Returns when each of its threads has stopped: a thread in a system call
/// finishes the call first, and may get a lock by it.
///
/// # Panics
/// If there is no such process.
pub async fn suspend(process: u32) {
    signal(&[process], "STOP");
    eventually("a stop of every thread", async || {
        let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
        threads.map(|thread| state(&thread.unwrap().path())).all(|state| matches!(state, Some('T') | None))
    })
    .await;
}

/// The state of a thread, such as `T` for stopped. `None` if it has ended.
fn state(thread: &Path) -> Option<char> {
    let fields = fs::read_to_string(thread.join("stat")).ok()?;
    // The name, in parentheses, may have spaces and parentheses.
    fields.rsplit_once(") ")?.1.chars().next()
}

/// Sends a signal to every process whose working directory is this folder. Returns `false` if there is none.
///
/// # Panics
/// If the processes cannot be listed.
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

/// The resident memory of a process, in bytes.
///
/// # Panics
/// If there is no such process.
#[must_use]
pub fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// The number of open sockets of a process.
///
/// # Panics
/// If there is no such process.
#[must_use]
pub fn sockets(process: u32) -> usize {
    let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let targets = files.filter_map(|file| fs::read_link(file.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

/// The CPU time of the running threads of a process, given by its id or `self`. Zero if the process has ended.
#[must_use]
pub fn cpu(process: &str) -> Duration {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return Duration::ZERO };
    let nanoseconds = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}
