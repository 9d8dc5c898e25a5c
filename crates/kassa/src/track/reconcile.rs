//! `kassa track reconcile`: compares the merchant's records with the service, once.

use std::io::{IsTerminal, Write};
use std::path::Path;

use clap::Args;
use futures_util::stream::iter;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use kassa_client::tracker::reconcile::{Finding, MerchantRecord, MerchantRecords, RecordComparison};
use kassa_client::tracker::{StateError, Tracker};
use kassa_wire::one_line::one_line;
use serde_json::{Map, Value, json};

use super::records;
use crate::database::Database;
use crate::failure::Failure;
use crate::output::say;

/// The width of the progress bar, in characters.
const BAR: u64 = 40;

/// The findings that a report counts, with their names in the report.
const FINDINGS: [(&str, Finding); 5] = [
    ("in_step", Finding::Matching),
    ("repaired", Finding::Repaired),
    ("on_its_way", Finding::InDelivery),
    ("mismatched", Finding::Mismatched),
    ("unreadable", Finding::Unreadable),
];

/// The options of `kassa track reconcile`.
#[derive(Args)]
pub(crate) struct Options {
    /// Your records: a file or a database.
    ///
    /// A file is CSV with the columns `session_id` and `status`, as spreadsheets and databases export it, or JSON with these
    /// two fields. Further columns are ignored. A database is `postgres://user@host/name`, `sqlite:FILE`, or a file that
    /// ends in `.db`.
    #[arg(long, value_name = "FILE|DATABASE")]
    from: String,
    /// SQL query that returns the records from a database, in columns named `session_id` and `status`.
    ///
    /// The query runs once, in a read-only transaction that ends before the first record is compared.
    #[arg(long, value_name = "SQL")]
    query: Option<String>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// The place that records come from.
#[derive(Debug, PartialEq)]
enum Origin<'a> {
    Lines(&'a Path),
    Sqlite(&'a Path, &'a str),
    Postgres(&'a str, &'a str),
}

impl Options {
    /// Errors do not show the text: even a mistyped database URL may contain a password.
    fn origin(&self) -> Result<Origin<'_>, Failure> {
        let from = self.from.as_str();
        let query = self.query.as_deref();
        let is_sqlite = || [".db", ".sqlite", ".sqlite3"].iter().any(|ending| from.ends_with(ending));
        let by_query = || Failure::Usage("--from names a database: say which records by --query".to_string());
        if let Some(file) = from.strip_prefix("sqlite:").or_else(|| is_sqlite().then_some(from)) {
            return query.map(|query| Origin::Sqlite(Path::new(file), query)).ok_or_else(by_query);
        }
        match (Database::read(from), query) {
            (Err(reason), _) => Err(Failure::Usage(format!("--from: {reason}"))),
            (Ok(Database::Postgres(_)), Some(query)) => Ok(Origin::Postgres(from, query)),
            (Ok(Database::Postgres(_)), None) => Err(by_query()),
            (Ok(Database::File(_)), Some(_)) => Err(Failure::Usage(
                "--query is for a database; --from names a file of lines, as its name does not end in .db"
                    .to_string(),
            )),
            (Ok(Database::File(_)), None) => Ok(Origin::Lines(Path::new(from))),
        }
    }

    /// Returns the number of records, and the records.
    async fn records(
        &self,
    ) -> Result<(u64, impl Stream<Item = Result<MerchantRecord, StateError>> + use<>), Failure> {
        let records = match self.origin()? {
            Origin::Lines(path) => {
                let records = records_of_file(path)?;
                return Ok((records.len() as u64, iter(records.into_iter().map(Ok)).boxed()));
            }
            Origin::Sqlite(path, query) => MerchantRecords::of_sqlite(path, query).await,
            Origin::Postgres(url, query) => MerchantRecords::of_postgres(url, query).await,
        };
        // A URL may contain a password, so it is not shown.
        let records = records.map_err(|error| Failure::Usage(format!("--from, --query: {error}")))?;
        Ok((records.total(), records.stream().boxed()))
    }
}

pub(super) async fn run(options: &Options, tracker: &Tracker) -> Result<(), Failure> {
    let (total, records) = options.records().await?;
    let mut report = Report { as_json: options.json, ..Report::default() };
    let mut progress = Progress::of(total);
    let reconciled = tracker.reconcile(records, |found| {
        progress.clear();
        report.add(found);
        progress.step();
    });
    let reconciled = reconciled.boxed_local().await;
    progress.clear();
    report.print();
    reconciled.map_err(|error| anyhow::anyhow!("the records could not be read to the end: {error}"))?;
    let (differing, all) = (report.differing(), report.all());
    if differing > 0 {
        return Err(anyhow::anyhow!("{differing} of {all} records differ or could not be compared").into());
    }
    Ok(())
}

const fn differs(finding: Finding) -> bool {
    match finding {
        Finding::Mismatched | Finding::Unreadable => true,
        Finding::Matching | Finding::Repaired | Finding::InDelivery => false,
    }
}

fn records_of_file(path: &Path) -> Result<Vec<MerchantRecord>, Failure> {
    let wrong = |reason: String| Failure::Usage(format!("--from {}: {reason}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    records::read(&bytes).map_err(|error| wrong(error.to_string()))
}

/// The findings so far. Records that are in step are only counted, so that the report of a long list is short.
#[derive(Default)]
struct Report {
    as_json: bool,
    counts: [usize; FINDINGS.len()],
    /// The findings, kept for the JSON report, which is one document.
    findings: Vec<RecordComparison>,
}

impl Report {
    fn add(&mut self, found: RecordComparison) {
        for ((_, finding), count) in FINDINGS.iter().zip(&mut self.counts) {
            *count += usize::from(found.finding == *finding);
        }
        if found.finding == Finding::Matching {
            return;
        }
        if self.as_json {
            self.findings.push(found);
        } else {
            let line =
                format!("{}  recorded {}: {}", found.record.session_id, found.record.status, found.why);
            say(&one_line(&line));
        }
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, Finding, usize)> {
        FINDINGS.into_iter().zip(self.counts).map(|((name, finding), count)| (name, finding, count))
    }

    fn all(&self) -> usize {
        self.counts.iter().sum()
    }

    fn differing(&self) -> usize {
        self.named().filter(|(_, finding, _)| differs(*finding)).map(|(_, _, count)| count).sum()
    }

    fn print(&self) {
        if self.as_json {
            let mut report: Map<String, Value> =
                self.named().map(|(name, _, count)| (name.to_string(), json!(count))).collect();
            report.insert("findings".to_string(), json!(self.findings));
            return say(&Value::Object(report).to_string());
        }
        let counts: Vec<_> =
            self.named().map(|(name, _, count)| format!("{count} {}", name.replace('_', " "))).collect();
        say(&counts.join(", "));
    }
}

/// A progress bar on standard error, shown only on a terminal.
struct Progress {
    total: u64,
    done: u64,
    is_shown: bool,
}

impl Progress {
    fn of(total: u64) -> Self {
        Self { total, done: 0, is_shown: std::io::stderr().is_terminal() && total > 0 }
    }

    fn step(&mut self) {
        self.done += 1;
        if self.is_shown {
            let filled = (self.done * BAR / self.total).min(BAR);
            let bar: String = (0..BAR).map(|place| if place < filled { '#' } else { '.' }).collect();
            // A closed terminal does not stop the batch.
            let _ = write!(std::io::stderr(), "\r[{bar}] {} of {}", self.done, self.total);
        }
    }

    /// Erases the bar, so that a line of the report can be printed.
    fn clear(&self) {
        if self.is_shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, query: Option<&str>, expected: Option<&Origin<'_>>) {
        let options = Options { from: from.to_string(), query: query.map(str::to_string), json: false };
        assert_eq!(options.origin().ok().as_ref(), expected, "{from} {query:?}");
    }

    #[test]
    fn a_database_needs_a_query_and_a_file_takes_none() {
        let query = Some("select 1");
        check("a.csv", None, Some(&Origin::Lines(Path::new("a.csv"))));
        check("a.csv", query, None);
        check("a.db", query, Some(&Origin::Sqlite(Path::new("a.db"), "select 1")));
        check("sqlite:a", query, Some(&Origin::Sqlite(Path::new("a"), "select 1")));
        check("a.db", None, None);
        check("postgres://h/n", query, Some(&Origin::Postgres("postgres://h/n", "select 1")));
        check("postgres://h/n", None, None);
        check("Postgres://user:s3cr3t@h/n", None, None);
        check("jdbc:postgresql://h/n", query, None);
    }
}
