//! Standard output and standard error. A short command prints its answer and ends. A long-running command hands its
//! lines to a thread that writes them, so that a reader that stops reading blocks no request.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use anstyle::AnsiColor;
use anyhow::anyhow;
use kassa_engine::DROPPED_LOG_LINES;
use parking_lot::{Condvar, Mutex};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

use crate::dev::Activity;
use crate::failure::Failure;

/// Maximum number of bytes that wait to be written to a stream. Further lines are dropped.
const LARGEST_BACKLOG: usize = 256 * 1024;

/// The longest time that the process waits at its end until a stream is written.
const LONGEST_FLUSH: Duration = Duration::from_secs(1);

static STANDARD_OUTPUT: OnceLock<Arc<BackgroundStream>> = OnceLock::new();
static STANDARD_ERROR: OnceLock<Arc<BackgroundStream>> = OnceLock::new();

/// Prints the answer of a command. A closed pipe ends the command quietly.
pub(crate) fn print(answer: impl Display) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{answer}").and_then(|()| out.flush()).map_err(|error| unwritable(&error))
}

/// The failure of a command that cannot write to standard output.
pub(crate) fn unwritable(error: &io::Error) -> Failure {
    if error.kind() == ErrorKind::BrokenPipe {
        return Failure::ClosedPipe;
    }
    Failure::Fault(anyhow!("standard output cannot be written: {error}"))
}

/// Prints a line of a batch. A closed pipe does not stop the batch.
pub(crate) fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Whether text on standard output has colours: it is a terminal, and `NO_COLOR` is not set.
pub(crate) fn is_colored() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Returns the text in this colour.
pub(crate) fn colored(color: AnsiColor, text: &str) -> String {
    let style = color.on_default();
    format!("{style}{text}{style:#}")
}

/// Returns standard output for a long-running command. A write neither blocks nor fails.
pub(crate) fn standard_output() -> impl Write {
    BackgroundWriter(
        STANDARD_OUTPUT.get_or_init(|| BackgroundStream::start(io::stdout(), note_unread_output)).clone(),
    )
}

/// Returns standard error for a long-running command. A write neither blocks nor fails.
pub(crate) fn standard_error() -> impl Write {
    BackgroundWriter(
        STANDARD_ERROR.get_or_init(|| BackgroundStream::start(io::stderr(), count_dropped)).clone(),
    )
}

/// Waits until the lines of long-running commands are written, at most one second per stream.
pub(crate) fn flush() {
    for stream in [&STANDARD_OUTPUT, &STANDARD_ERROR] {
        if let Some(stream) = stream.get() {
            stream.flush();
        }
    }
}

/// The form of the log's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people. It has colours on a terminal.
    #[default]
    Text,
    /// One JSON object for each line, for programs.
    Json,
}

impl LogFormat {
    /// Reads the word of the configuration.
    pub(crate) fn parse(word: &str) -> Result<Self, &'static str> {
        match word {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("expected text or json"),
        }
    }
}

/// Starts the log on standard error, with the filter in `KASSA_LOG` (default: warnings). `kassa dev` also prints its
/// activity.
pub(crate) fn log_to_stderr(format: LogFormat, activity: Activity) {
    let filter = EnvFilter::try_from_env("KASSA_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = fmt::layer()
        .with_ansi(io::stderr().is_terminal() && format == LogFormat::Text)
        .with_writer(standard_error)
        .log_internal_errors(false);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).with(activity.layer()).init();
    // The default hook writes to standard error directly, so a full pipe would block the thread.
    panic::set_hook(Box::new(|panic| {
        let backtrace = std::backtrace::Backtrace::capture();
        tracing::error!(%panic, %backtrace, "a thread panicked");
    }));
}

fn count_dropped(lines: u64) {
    DROPPED_LOG_LINES.fetch_add(lines, Ordering::Relaxed);
}

fn note_unread_output(_lines: u64) {
    static IS_NOTED: AtomicBool = AtomicBool::new(false);
    if !IS_NOTED.swap(true, Ordering::Relaxed) {
        let _ = writeln!(standard_error(), "kassa: standard output is not read; dropping lines");
    }
}

/// A stream, written by its own thread.
struct BackgroundStream {
    backlog: Mutex<Backlog>,
    changed: Condvar,
    /// Called with the number of dropped lines.
    dropped: fn(u64),
}

#[derive(Default)]
struct Backlog {
    bytes: Vec<u8>,
    is_writing: bool,
}

impl BackgroundStream {
    fn start(target: impl Write + Send + 'static, dropped: fn(u64)) -> Arc<Self> {
        let stream = Arc::new(Self { backlog: Mutex::default(), changed: Condvar::new(), dropped });
        let writer = stream.clone();
        let started = thread::Builder::new().name("kassa-output".to_string());
        // Without a thread the backlog fills, and further lines are dropped.
        let _ = started.spawn(move || writer.write_forever(target));
        stream
    }

    fn push(&self, lines: &[u8]) {
        let mut backlog = self.backlog.lock();
        if backlog.bytes.len() + lines.len() > LARGEST_BACKLOG {
            drop(backlog);
            return (self.dropped)(count_lines(lines));
        }
        backlog.bytes.extend_from_slice(lines);
        self.changed.notify_all();
    }

    fn write_forever(&self, mut target: impl Write) {
        loop {
            let bytes = self.take();
            if target.write_all(&bytes).and_then(|()| target.flush()).is_err() {
                (self.dropped)(count_lines(&bytes));
            }
            self.backlog.lock().is_writing = false;
            self.changed.notify_all();
        }
    }

    /// Waits for a backlog and takes all of it.
    fn take(&self) -> Vec<u8> {
        let mut backlog = self.backlog.lock();
        self.changed.wait_while(&mut backlog, |backlog| backlog.bytes.is_empty());
        backlog.is_writing = true;
        std::mem::take(&mut backlog.bytes)
    }

    fn flush(&self) {
        let is_busy = |backlog: &mut Backlog| backlog.is_writing || !backlog.bytes.is_empty();
        // The process ends also if the reader still does not read.
        self.changed.wait_while_for(&mut self.backlog.lock(), is_busy, LONGEST_FLUSH);
    }
}

#[expect(clippy::naive_bytecount, reason = "it counts dropped lines, which are rare")]
fn count_lines(bytes: &[u8]) -> u64 {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    u64::try_from(lines).unwrap_or(u64::MAX)
}

/// Hands each write to the thread of the stream. A write is kept or dropped as a whole.
struct BackgroundWriter(Arc<BackgroundStream>);

impl Write for BackgroundWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
