//! `kassa audit`: verifies and exports the audit trail (docs/audit.md).

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use kassa_domain::Timestamp;
use kassa_engine::{ExportFilter, FileCheck, Progress, VerifiedTrail, VerifyError};
use kassa_server::App;
use kassa_wire::audit::{ExportedEntry, NotedHead};
use kassa_wire::time::parse_ms;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::account::Keys;
use crate::config::{Config, ConfigFile};
use crate::dev::Activity;
use crate::failure::Failure;
use crate::output::{LogFormat, log_to_stderr, print, standard_error, unwritable};
use crate::serve::app;
use crate::table::text;

/// The time between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// The subcommands of `kassa audit`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Verify every chain of the database, and compare the tables with it; or verify an exported file.
    Verify(Verify),
    /// Write the entries to standard output, one JSON object a line.
    Export(Export),
}

/// The options of `kassa audit verify`.
#[derive(Args)]
pub(crate) struct Verify {
    /// A file of `kassa audit export`, to verify without a database.
    #[arg(conflicts_with = "config")]
    exported: Option<PathBuf>,
    /// A head that was noted earlier: the trail must still contain it. Repeatable.
    #[arg(long, value_name = "CHAIN:POSITION:HASH")]
    head: Vec<NotedHead>,
    /// A file with noted heads, one a line.
    #[arg(long, value_name = "FILE")]
    heads_file: Option<PathBuf>,
    #[command(flatten)]
    file: ConfigFile,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The options of `kassa audit export`.
#[derive(Args)]
pub(crate) struct Export {
    /// Write only the chain of this merchant.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
    /// Write only entries recorded since this time (example: 2026-01-31T00:00:00Z).
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    since: Option<Timestamp>,
    /// Write JSON lines (the default).
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Write CSV.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    file: ConfigFile,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    parse_ms(text).map(Timestamp::from_ms).ok_or_else(|| "expected an instant of RFC 3339".to_string())
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Verify(options) => verify(options),
        Act::Export(options) => export(options),
    }
}

fn verify(options: &Verify) -> Result<(), Failure> {
    let mut noted = options.head.clone();
    if let Some(path) = &options.heads_file {
        noted.extend(heads_of_file(path)?);
    }
    let answer = match &options.exported {
        Some(path) => verify_file(path, noted)?,
        None => verify_database(options, &noted)?,
    };
    if options.json { print(answer) } else { print(verified(&answer)) }
}

fn heads_of_file(path: &Path) -> Result<Vec<NotedHead>, Failure> {
    let unreadable = |reason: &dyn std::fmt::Display| {
        Failure::Usage(format!("--heads-file: {}: {reason}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.parse().map_err(|error| unreadable(&format!("{line}: {error}")))).collect()
}

/// Verifies an exported file, a line at a time.
fn verify_file(path: &Path, noted: Vec<NotedHead>) -> Result<Value, Failure> {
    let file = File::open(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    let mut check = FileCheck::new(noted);
    for line in BufReader::new(file).lines() {
        let line = line.with_context(|| format!("{} cannot be read", path.display()))?;
        check.line(&line).map_err(|problem| broken(&problem))?;
    }
    let (entries, beginnings) = (check.lines(), check.beginnings());
    let heads = check.end().map_err(|problem| broken(&problem))?;
    let beginnings: Vec<_> = beginnings
        .into_iter()
        .map(|(chain, position)| json!({ "chain": chain, "position": position }))
        .collect();
    Ok(json!({ "entries": entries, "heads": in_words(&heads), "begins_later": beginnings }))
}

fn broken(problem: &dyn std::fmt::Display) -> Failure {
    Failure::Fault(anyhow!("the exported audit trail is broken. {problem}"))
}

fn verify_database(options: &Verify, noted: &[NotedHead]) -> Result<Value, Failure> {
    // The hashes of settings are those of the clear text, so encrypted settings need their key.
    on_database(&options.file, Keys::Read, async |app| {
        let shown = Mutex::new(Instant::now());
        let verified = app.audit().verify(noted, &|progress| show(&shown, progress)).await;
        let VerifiedTrail { heads, progress, waiting } = verified.map_err(|error| match error {
            VerifyError::Broken(_) => Failure::Fault(error.into()),
            VerifyError::Store(error) => error.into(),
        })?;
        let Progress { entries, sessions } = progress;
        Ok(json!({
            "entries": entries, "page_sessions": sessions, "waiting": waiting, "heads": in_words(&heads),
        }))
    })
}

/// Shows the progress now and then, if a person looks.
fn show(shown: &Mutex<Instant>, progress: Progress) {
    let mut shown = shown.lock();
    if io::stderr().is_terminal() && shown.elapsed() >= PROGRESS_EVERY {
        *shown = Instant::now();
        let Progress { entries, sessions } = progress;
        let line = format!("kassa: verified {entries} entries and {sessions} page sessions so far\n");
        let _ = standard_error().write_all(line.as_bytes());
    }
}

fn in_words(heads: &[NotedHead]) -> Vec<String> {
    heads.iter().map(ToString::to_string).collect()
}

fn verified(answer: &Value) -> String {
    let mut lines = vec![match answer["page_sessions"].as_u64() {
        Some(sessions) => {
            format!("The audit trail is in order: {} entries, {sessions} page sessions.", answer["entries"])
        }
        None => format!("The file is in order: {} entries.", answer["entries"]),
    }];
    for chain in answer["begins_later"].as_array().into_iter().flatten() {
        let (name, position) = (text(&chain["chain"]), &chain["position"]);
        lines.push(format!(
            "The file begins with entry {position} of the chain {name}, which follows its previous_hash."
        ));
    }
    if let Some(waiting @ 1..) = answer["waiting"].as_i64() {
        lines.push(format!("Not in the trail yet, and not verified: {waiting} status changes and acts."));
    }
    lines.push("Heads, to be noted outside of the database:".to_string());
    let heads = answer["heads"].as_array().into_iter().flatten();
    lines.extend(heads.map(|head| format!("  {}", head.as_str().unwrap_or_default())));
    lines.join("\n")
}

fn export(options: &Export) -> Result<(), Failure> {
    let filter = ExportFilter { merchant: options.merchant.clone(), since: options.since };
    on_database(&options.file, Keys::NotRead, async |app| {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut export = app.audit().export(filter);
        if options.csv {
            out.write_all(&csv_lines([CSV_HEADER.map(str::to_string)])?)
                .map_err(|error| unwritable(&error))?;
        }
        loop {
            let page = export.next_page().await?;
            if page.is_empty() {
                return out.flush().map_err(|error| unwritable(&error));
            }
            let lines =
                if options.csv { csv_lines(page.iter().map(csv_fields))? } else { json_lines(&page)? };
            out.write_all(&lines).map_err(|error| unwritable(&error))?;
        }
    })
}

/// The columns of an export as CSV.
const CSV_HEADER: [&str; 6] = ["chain", "position", "recorded_at", "content", "previous_hash", "hash"];

fn csv_fields(entry: &ExportedEntry) -> [String; 6] {
    let ExportedEntry { chain, position, recorded_at, content, previous_hash, hash } = entry.clone();
    let content = content.get().to_string();
    [chain, position.to_string(), recorded_at.to_string(), content, previous_hash, hash]
}

fn csv_lines(rows: impl IntoIterator<Item = [String; 6]>) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(anyhow::Error::from)?;
    }
    writer.into_inner().map_err(|error| Failure::Fault(anyhow!("CSV cannot be written: {error}")))
}

fn json_lines(page: &[ExportedEntry]) -> Result<Vec<u8>, Failure> {
    let mut lines = Vec::new();
    for entry in page {
        serde_json::to_writer(&mut lines, entry).map_err(anyhow::Error::from)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Opens the configured database.
fn on_database<T>(
    file: &ConfigFile,
    keys: Keys,
    work: impl AsyncFnOnce(App) -> Result<T, Failure>,
) -> Result<T, Failure> {
    log_to_stderr(LogFormat::Text, Activity::Quiet);
    let config = keys.of(Config::read(file)?)?;
    let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
    runtime.block_on(async {
        let app = app(&config).await?;
        let done = work(app.clone()).await;
        app.close().await;
        done
    })
}
