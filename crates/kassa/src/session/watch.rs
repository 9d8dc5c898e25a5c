//! Prints the list of page sessions, and then each new or changed one as it comes.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::failure::Failure;
use crate::output::print;
use crate::remote::{Remote, query};
use crate::table::text;

/// The longest wait between two reads of the list, in seconds. A new page session has no event: only a read finds it.
const WAIT_S: &str = "2";

/// The last printed state of a page session: its status, and when it changed.
type State = (String, String);

/// Prints the list at `path`, and then its changes, until a signal.
pub(super) fn watch(remote: &Remote, path: &str) -> Result<(), Failure> {
    let mut cursor = text(&remote.get("/kassa/v1/events?after=end&limit=1")?["cursor"]);
    let mut seen = HashMap::new();
    let mut reads_list = true;
    // The list and the feed take turns: the feed answers when a status changes.
    remote.follow(path.to_string(), |answer| {
        if reads_list {
            show_changes(remote, answer, &mut seen)?;
        } else {
            cursor = text(&answer["cursor"]);
        }
        reads_list = !reads_list;
        Ok(if reads_list { path.to_string() } else { feed_after(&cursor) })
    })
}

fn feed_after(cursor: &str) -> String {
    let parameters = [("after", Some(cursor.to_string())), ("wait", Some(WAIT_S.to_string()))];
    format!("/kassa/v1/events{}", query(&parameters))
}

/// Prints the page sessions of the list that are new or changed, oldest first.
fn show_changes(remote: &Remote, list: &Value, seen: &mut HashMap<String, State>) -> Result<(), Failure> {
    for session in list["sessions"].as_array().into_iter().flatten().rev() {
        let state = (text(&session["status"]), text(&session["updated_at"]));
        let before = seen.insert(id_of(session), state.clone());
        if before.as_ref() != Some(&state) {
            if remote.json { print(session)? } else { print(line(session))? }
        }
    }
    // A page session that is not in the list any more is older than the whole list.
    let listed: HashSet<String> = list["sessions"].as_array().into_iter().flatten().map(id_of).collect();
    seen.retain(|id, _| listed.contains(id));
    Ok(())
}

fn id_of(session: &Value) -> String {
    text(&session["session_id"])
}

/// One page session in one line, with columns of fixed width.
fn line(session: &Value) -> String {
    let field = |name: &str| text(&session[name]);
    format!(
        "{:<24}  {:<36}  {:<11}  {}",
        field("updated_at"),
        field("session_id"),
        field("status"),
        field("klarna_reference")
    )
}
