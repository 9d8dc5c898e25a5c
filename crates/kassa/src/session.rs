//! `kassa session`: the list, and one session with its history.

use clap::Subcommand;
use serde_json::Value;

use crate::Failure;
use crate::remote::{Remote, query, segment};
use crate::table::{table, text};

/// What can be done with page sessions.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Lists sessions, newest first.
    List {
        /// Only those that stand here, such as COMPLETED.
        #[arg(long)]
        status: Option<String>,
        /// Only those created after this instant, such as 2026-01-31T00:00:00Z.
        #[arg(long, value_name = "INSTANT")]
        created_after: Option<String>,
        /// Goes on behind this cursor, which the list before printed.
        #[arg(long)]
        cursor: Option<String>,
        /// So many at most.
        #[arg(long, default_value_t = 100)]
        limit: u16,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows the history of a session, also after it expired.
    Show {
        /// The session.
        session_id: String,
        #[command(flatten)]
        remote: Remote,
    },
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::List { status, created_after, cursor, limit, remote } => {
            let parameters = [
                ("status", status.clone()),
                ("created_after", created_after.clone()),
                ("cursor", cursor.clone()),
                ("limit", Some(limit.to_string())),
            ];
            remote.print(&remote.get(&format!("/kassa/v1/sessions{}", query(&parameters)))?, list);
        }
        Act::Show { session_id, remote } => {
            let path = format!("/kassa/v1/sessions/{}/events", segment(session_id));
            remote.print(&remote.get(&path)?, show);
        }
    }
    Ok(())
}

fn list(answer: &Value) -> String {
    let columns = [
        ("SESSION", "session_id"),
        ("STATUS", "status"),
        ("CREATED AT", "created_at"),
        ("UPDATED AT", "updated_at"),
        ("ORDER", "klarna_reference"),
    ];
    let drawn = table(&answer["sessions"], &columns, "No sessions.");
    match answer["cursor"].as_str() {
        Some(cursor) => format!("{drawn}\n\nGo on with --cursor {cursor}"),
        None => drawn,
    }
}

fn show(history: &Value) -> String {
    let columns = [
        ("#", "sequence"),
        ("OCCURRED AT", "occurred_at"),
        ("EVENT", "event"),
        ("STATUS", "status"),
        ("CALLBACK", "callback"),
        ("EVENT ID", "event_id"),
    ];
    let events = table(&history["events"], &columns, "Nothing happened since it was created.");
    let notes = table(&history["notes"], &[("AT", "at"), ("NOTE", "kind"), ("", "detail")], "No notes.");
    format!("session  {}\n\n{events}\n\n{notes}", text(&history["session_id"]))
}
