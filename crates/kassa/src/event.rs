//! `kassa event`: lists and follows the feed, shows one event with its attempts, and redelivers callbacks.

mod follow;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::remote::{Remote, query, segment};
use crate::table::{table, text};

/// The subcommands of `kassa event`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// List events, oldest first.
    List {
        /// List only events whose callback was not answered with 2xx.
        #[arg(long)]
        unacknowledged: bool,
        /// Continue after this cursor, as printed by the previous list.
        #[arg(long, value_name = "CURSOR")]
        after: Option<String>,
        /// Maximum number of events.
        #[arg(long, default_value_t = 100)]
        limit: u16,
        /// Print new events as they come, until Ctrl-C. Begins at the end of the feed, or after the cursor of --after.
        #[arg(long, conflicts_with_all = ["unacknowledged", "limit"])]
        follow: bool,
        /// Follow only this page session, beginning with its first event.
        #[arg(long, value_name = "SESSION_ID", requires = "follow", conflicts_with = "after")]
        session: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show one event with every attempt of its callback.
    Show {
        /// Id of the event.
        event_id: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Send callbacks again: the callback of one event, or all callbacks that Kassa gave up on.
    Redeliver(Redeliver),
}

/// The callbacks to send again.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Redeliver {
    /// Id of the event; its callback is sent again even if it was delivered.
    #[arg(required_unless_present_any = ["session", "since"])]
    event_id: Option<String>,
    /// Send all callbacks of this page session that Kassa gave up on.
    #[arg(long, value_name = "SESSION_ID", conflicts_with_all = ["event_id", "since"])]
    session: Option<String>,
    /// Send all callbacks that Kassa gave up on, for events since this time (example: 2026-01-31T00:00:00Z).
    #[arg(long, value_name = "INSTANT", conflicts_with = "event_id")]
    since: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::List { follow: true, session, after, remote, .. } => {
            follow::follow(remote, after.as_deref(), session.as_deref())
        }
        Act::List { unacknowledged, after, limit, remote, .. } => {
            let parameters = [
                ("acknowledged", unacknowledged.then(|| "false".to_string())),
                ("after", after.clone()),
                ("limit", Some(limit.to_string())),
            ];
            remote.print(&remote.get(&format!("/kassa/v1/events{}", query(&parameters)))?, list)
        }
        Act::Show { event_id, remote } => {
            remote.print(&remote.get(&format!("/kassa/v1/events/{}", segment(event_id)))?, show)
        }
        Act::Redeliver(options) => redeliver(options),
    }
}

fn redeliver(options: &Redeliver) -> Result<(), Failure> {
    let Redeliver { event_id, session, since, remote } = options;
    let (path, body) = match (event_id, session) {
        (Some(event), _) => (format!("/kassa/v1/events/{}/redeliver", segment(event)), json!({})),
        (None, Some(session)) => (format!("/kassa/v1/sessions/{}/redeliver", segment(session)), json!({})),
        (None, None) => ("/kassa/v1/events/redeliver".to_string(), json!({ "since": since })),
    };
    remote.print(&remote.post(&path, &body)?, |answer| match answer["redelivered"].as_u64() {
        Some(1) => "1 callback is on its way again".to_string(),
        Some(count) => format!("{count} callbacks are on their way again"),
        None => "The callback is on its way again".to_string(),
    })
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
    format!("{drawn}\n\nNext page: --after {}", text(&answer["cursor"]))
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
