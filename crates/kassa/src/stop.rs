//! The signals that ask a process for an orderly stop, and the end of its standard input.

use std::io::{copy, sink, stdin};

use anyhow::anyhow;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// The number of SIGHUP, which is the same on every Unix.
const HANGUP: u32 = 1;

/// SIGINT, SIGTERM, and SIGHUP, which a terminal sends when it is closed. None of them is missed after `listen`. If the
/// caller asks for it, the end of standard input counts as well.
pub(crate) struct Stop {
    interrupted: Signal,
    terminated: Signal,
    /// `None` if the process was started to continue without its terminal, as `nohup` does.
    hung_up: Option<Signal>,
    /// `None` if standard input does not matter.
    input_ended: Option<watch::Receiver<()>>,
}

impl Stop {
    /// Receives the signals from now on. Call it before you create something that the end has to delete.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let hung_up = (!is_hangup_ignored()).then(|| signal(SignalKind::hangup()));
        Ok(Self {
            interrupted: signal(SignalKind::interrupt())?,
            terminated: signal(SignalKind::terminate())?,
            hung_up: hung_up.transpose()?,
            input_ended: None,
        })
    }

    /// Counts the end of standard input as a request to stop. If the program that started this process is killed, its
    /// end of the pipe closes, and no signal is sent.
    pub(crate) fn or_end_of_input(self) -> anyhow::Result<Self> {
        let (sender, input_ended) = watch::channel(());
        // A thread of its own: the runtime would wait at the end for a blocked read.
        std::thread::Builder::new().name("standard input".to_string()).spawn(move || {
            // An input that cannot be read has ended too.
            let _ = copy(&mut stdin().lock(), &mut sink());
            drop(sender);
        })?;
        Ok(Self { input_ended: Some(input_ended), ..self })
    }

    /// Waits for one of the signals.
    pub(crate) async fn asked_for(&mut self) {
        let hung_up = async {
            match &mut self.hung_up {
                Some(hung_up) => hung_up.recv().await,
                None => std::future::pending().await,
            }
        };
        let input_ended = async {
            match &mut self.input_ended {
                Some(input_ended) => drop(input_ended.changed().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
            _ = hung_up => {}
            () = input_ended => {}
        }
    }

    /// Runs a task until its end, or until one of the signals, which is an error.
    pub(crate) async fn or<T>(&mut self, task: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        tokio::select! {
            done = task => done,
            () = self.asked_for() => Err(anyhow!("interrupted")),
        }
    }
}

/// Whether the parent of this process had it ignore SIGHUP. Only Linux shows that; elsewhere the signal stops it.
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    is_ignored_in(&status, HANGUP)
}

/// Reads the mask of ignored signals, in which signal N is bit N - 1.
fn is_ignored_in(status: &str, signal: u32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_signal_is_a_bit_of_the_mask() {
        let status = |mask: &str| format!("Name:\tkassa\nSigIgn:\t{mask}\nSigCgt:\t0000000000000001\n");
        assert!(is_ignored_in(&status("0000000000001001"), HANGUP));
        assert!(!is_ignored_in(&status("0000000000001000"), HANGUP));
        assert!(!is_ignored_in("", HANGUP));
    }
}
