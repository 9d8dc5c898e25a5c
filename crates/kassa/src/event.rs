//! `kassa event`: the feed, one event with its attempts, and redelivery.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::Failure;
use crate::remote::{Remote, query, segment};
use crate::table::{table, text};

/// What can be done with events.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Lists events in the order of the feed.
    List {
        /// Only those whose callback was not answered with 2xx.
        #[arg(long)]
        unacknowledged: bool,
        /// Goes on behind this cursor, which the list before printed.
        #[arg(long, value_name = "CURSOR")]
        after: Option<String>,
        /// So many at most.
        #[arg(long, default_value_t = 100)]
        limit: u16,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows one event with every attempt of its callback.
    Show {
        /// The event.
        event_id: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Sends callbacks again: that of one event, or all that were given up.
    Redeliver(Redeliver),
}

/// Which callbacks to send again.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Redeliver {
    /// The event, also where it was delivered.
    #[arg(required_unless_present_any = ["session", "since"])]
    event_id: Option<String>,
    /// All that were given up of this session.
    #[arg(long, value_name = "SESSION_ID", conflicts_with_all = ["event_id", "since"])]
    session: Option<String>,
    /// All that were given up of events since this instant, such as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "INSTANT", conflicts_with = "event_id")]
    since: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::List { unacknowledged, after, limit, remote } => {
            let parameters = [
                ("acknowledged", unacknowledged.then(|| "false".to_string())),
                ("after", after.clone()),
                ("limit", Some(limit.to_string())),
            ];
            remote.print(&remote.get(&format!("/kassa/v1/events{}", query(&parameters)))?, list);
        }
        Act::Show { event_id, remote } => {
            remote.print(&remote.get(&format!("/kassa/v1/events/{}", segment(event_id)))?, show);
        }
        Act::Redeliver(what) => redeliver(what)?,
    }
    Ok(())
}

fn redeliver(what: &Redeliver) -> Result<(), Failure> {
    let Redeliver { event_id, session, since, remote } = what;
    let (path, body) = match (event_id, session) {
        (Some(event), _) => (format!("/kassa/v1/events/{}/redeliver", segment(event)), json!({})),
        (None, Some(session)) => (format!("/kassa/v1/sessions/{}/redeliver", segment(session)), json!({})),
        (None, None) => ("/kassa/v1/events/redeliver".to_string(), json!({ "since": since })),
    };
    remote.print(&remote.post(&path, &body)?, |answer| match answer["redelivered"].as_u64() {
        Some(1) => "1 callback is on its way again".to_string(),
        Some(count) => format!("{count} callbacks are on their way again"),
        None => "The callback is on its way again".to_string(),
    });
    Ok(())
}

fn list(answer: &Value) -> String {
    let columns = [
        ("OCCURRED AT", "occurred_at"),
        ("SESSION", "session_id"),
        ("EVENT", "event"),
        ("STATUS", "status"),
        ("CALLBACK", "callback"),
        ("EVENT ID", "event_id"),
    ];
    let drawn = table(&answer["events"], &columns, "No events.");
    format!("{drawn}\n\nGo on with --after {}", text(&answer["cursor"]))
}

fn show(event: &Value) -> String {
    let facts = ["event_id", "session_id", "event", "status", "occurred_at", "callback", "acknowledged"];
    let facts: Vec<String> =
        facts.iter().map(|name| format!("{:14}{}", name.replace('_', " "), text(&event[*name]))).collect();
    let columns =
        [("STARTED AT", "started_at"), ("MS", "duration_ms"), ("ANSWER", "status"), ("FAILURE", "failure")];
    let attempts = table(&event["attempts"], &columns, "No attempts.");
    format!("{}\n\n{attempts}", facts.join("\n"))
}
