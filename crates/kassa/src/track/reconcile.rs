//! `kassa track reconcile`: a list of sessions held against the service, once.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use kassa_client::status::Status;
use kassa_client::tracker::Tracker;
use kassa_client::tracker::reconcile::{Finding, Found, OnRecord, records_by_query};
use serde_json::{Map, Value, json};

use crate::Failure;

/// The width of the progress bar, in characters.
const BAR: usize = 40;

/// What `kassa track reconcile` takes.
#[derive(Args)]
pub(crate) struct Options {
    /// The records: a file with a line each, `session_id,status` or an object of JSON with these two; or, with
    /// `--database`, a query whose first two columns they are.
    #[arg(long, value_name = "FILE|SQL")]
    from: String,
    /// The SQLite database that the query is for. It is not written to.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(options: &Options, tracker: &Tracker) -> Result<(), Failure> {
    let records = match &options.database {
        Some(database) => records_by_query(database, &options.from)
            .map_err(|error| Failure::Usage(format!("--from, --database {}: {error}", database.display())))?,
        None => records_of_file(Path::new(&options.from))?,
    };
    let progress = Progress::of(records.len());
    let found = tracker.reconcile(records, |_| progress.step()).await;
    progress.end();
    print(&found, options.json);
    let differs = found.iter().filter(|one| differs(one.finding)).count();
    if differs > 0 {
        return Err(
            anyhow::anyhow!("{differs} of {} records differ or could not be held", found.len()).into()
        );
    }
    Ok(())
}

const fn differs(finding: Finding) -> bool {
    match finding {
        Finding::Mismatched | Finding::Unreadable => true,
        Finding::InStep | Finding::Repaired | Finding::OnItsWay => false,
    }
}

fn records_of_file(path: &Path) -> Result<Vec<OnRecord>, Failure> {
    let wrong = |reason: String| Failure::Usage(format!("--from {}: {reason}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            record(line.trim()).ok_or_else(|| wrong(format!("line {} is no record", index + 1)))
        })
        .collect()
}

fn record(line: &str) -> Option<OnRecord> {
    if line.starts_with('{') {
        return serde_json::from_str(line).ok();
    }
    let (session_id, status) = line.split_once(',')?;
    Some(OnRecord { session_id: session_id.trim().to_string(), status: Status::from(status.trim()) })
}

fn print(found: &[Found], as_json: bool) {
    let others: Vec<_> = found.iter().filter(|one| one.finding != Finding::InStep).collect();
    let counts = [
        ("in_step", Finding::InStep),
        ("repaired", Finding::Repaired),
        ("on_its_way", Finding::OnItsWay),
        ("mismatched", Finding::Mismatched),
        ("unreadable", Finding::Unreadable),
    ]
    .map(|(name, finding)| (name, found.iter().filter(|one| one.finding == finding).count()));
    if as_json {
        let mut report: Map<String, Value> =
            counts.into_iter().map(|(name, count)| (name.to_string(), json!(count))).collect();
        report.insert("findings".to_string(), json!(others));
        return println!("{}", Value::Object(report));
    }
    for one in others {
        println!("{}  recorded {}: {}", one.record.session_id, one.record.status, one.why);
    }
    let counts = counts.map(|(name, count)| format!("{count} {}", name.replace('_', " ")));
    println!("{}", counts.join(", "));
}

/// A bar on standard error, where somebody looks at it.
struct Progress {
    total: usize,
    done: Cell<usize>,
    is_shown: bool,
}

impl Progress {
    fn of(total: usize) -> Self {
        Self { total, done: Cell::new(0), is_shown: std::io::stderr().is_terminal() && total > 0 }
    }

    fn step(&self) {
        self.done.set(self.done.get() + 1);
        if self.is_shown {
            let filled = self.done.get() * BAR / self.total;
            let bar = format!("{}{}", "#".repeat(filled), ".".repeat(BAR.saturating_sub(filled)));
            // A terminal that has gone away stops no batch.
            let _ = write!(std::io::stderr(), "\r[{bar}] {} of {}", self.done.get(), self.total);
        }
    }

    fn end(&self) {
        if self.is_shown {
            eprintln!();
        }
    }
}
