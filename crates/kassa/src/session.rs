//! `kassa session`: creates and lists page sessions, shows the history of one, and settles its stuck payment operation.

mod create;
mod market;
mod show;
mod watch;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::chosen_session::id_of;
use crate::failure::Failure;
use crate::remote::{Remote, query, segment};
use crate::table::{table, text};

pub(crate) use show::show;

/// The subcommands of `kassa session`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Create a payment session and a page session, in a sandbox.
    Create(Box<create::Options>),
    /// List page sessions, newest first.
    List {
        /// List only page sessions with this status (example: COMPLETED).
        #[arg(long)]
        status: Option<String>,
        /// List only page sessions created after this time (example: 2026-01-31T00:00:00Z).
        #[arg(long, value_name = "INSTANT")]
        created_after: Option<String>,
        /// Continue after this cursor, as printed by the previous list.
        #[arg(long)]
        cursor: Option<String>,
        /// Maximum number of page sessions.
        #[arg(long, default_value_t = 100)]
        limit: u16,
        /// Print the list, oldest first, and then each new or changed page session, until Ctrl-C.
        #[arg(long, conflicts_with = "cursor")]
        watch: bool,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show the timeline of a page session, from its creation to the last refund, even after it expired.
    Show {
        /// Id of the page session, or `last` for the merchant's newest one.
        session_id: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Settle a stuck payment operation, after you looked the order up at the payment system. Call it with an
    /// operator's name and password.
    #[command(group = clap::ArgGroup::new("verdict").required(true).args(["order", "not_ordered"]))]
    Settle {
        /// Id of the page session.
        session_id: String,
        /// The order exists and has this id: the page session becomes COMPLETED.
        #[arg(long, value_name = "ORDER_ID", requires = "reference")]
        order: Option<String>,
        /// Short reference of the order (example: K4MADNY4).
        #[arg(long, requires = "order")]
        reference: Option<String>,
        /// No order was placed: the page session becomes FAILED, and the consumer may try again.
        #[arg(long)]
        not_ordered: bool,
        #[command(flatten)]
        remote: Remote,
    },
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Create(options) => create::run(options),
        Act::List { status, created_after, cursor, limit, watch, remote } => {
            let parameters = [
                ("status", status.clone()),
                ("created_after", created_after.clone()),
                ("cursor", cursor.clone()),
                ("limit", Some(limit.to_string())),
            ];
            let path = format!("/kassa/v1/sessions{}", query(&parameters));
            if *watch { watch::watch(remote, &path) } else { remote.print(&remote.get(&path)?, list) }
        }
        Act::Show { session_id, remote } => {
            let path = format!("/kassa/v1/sessions/{}/events", segment(&id_of(remote, session_id)?));
            remote.print(&remote.get(&path)?, show)
        }
        Act::Settle { session_id, order, reference, not_ordered, remote } => {
            let path = format!("/kassa/v1/sessions/{}/settle", segment(session_id));
            let verdict = match order {
                Some(order) => json!({ "order_id": order, "klarna_reference": reference }),
                None => json!({ "not_ordered": not_ordered }),
            };
            remote.print(&remote.post(&path, &verdict)?, settled)
        }
    }
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
        Some(cursor) => format!("{drawn}\n\nNext page: --cursor {cursor}"),
        None => drawn,
    }
}

fn settled(session: &Value) -> String {
    format!("settled: page session {} is {}", text(&session["session_id"]), text(&session["status"]))
}
