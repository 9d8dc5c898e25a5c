//! The log of a journey, at the most detailed level. At its end, it must contain no secret that the journey used, and
//! no data of its consumers.

use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

use kassa_testkit::{forget_secrets, secrets_in};
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Everything that was logged since the start of the test.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Watches the log until it is dropped. A test that fails has another reason to report.
pub struct LogWatch;

/// Writes to [`LOG`].
struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl LogWatch {
    pub fn start() -> Self {
        static STARTED: Once = Once::new();
        STARTED.call_once(|| {
            let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Lines);
            // Kassa's own lines at every level, and those of libraries as an operator may ask for them.
            let levels = Targets::new().with_default(LevelFilter::DEBUG).with_target("kassa", Level::TRACE);
            // A test with a subscriber of its own has its reasons.
            let _ = tracing_subscriber::registry().with(lines).with(levels).try_init();
        });
        Self
    }

    /// The number of lines with a text.
    pub fn lines_with(text: &str) -> usize {
        let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&log).lines().filter(|line| line.contains(text)).count()
    }

    /// The lines with a secret, and the secrets in them.
    pub fn found() -> Vec<String> {
        let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        let log = String::from_utf8_lossy(&log);
        let secrets = secrets_in(&log);
        let lines = log.lines().filter(|line| secrets.iter().any(|secret| line.contains(secret)));
        lines.map(|line| format!("{secrets:?} in: {line}")).take(5).collect()
    }
}

impl Drop for LogWatch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let found = Self::found();
            assert!(found.is_empty(), "secrets, or data of consumers, are in the log: {found:#?}");
            // The next engine gets the same random numbers in another order.
            LOG.lock().unwrap_or_else(PoisonError::into_inner).clear();
            forget_secrets();
        }
    }
}
