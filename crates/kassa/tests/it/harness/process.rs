//! Commands under test with special pipes and signals.

use std::io::{PipeReader, Write as _, pipe};
use std::process::{Command, Stdio};

pub use kassa_testkit::processes::{KilledOnDrop, resident, signal, signal_all_in, sockets};

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
