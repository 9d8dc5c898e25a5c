//! The feed of events. Only Kassa offers it; it is not part of the vendor's wire.

use kassa_wire::callback::StatusUpdate;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::exchange::RequestSpec;
use super::{Client, ClientError, Reply};

/// The maximum number of events in one answer. Kassa allows at most 1000.
const LIMIT: &str = "1000";

/// The events to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedScope {
    /// Events without an acknowledged callback, including events that have no callback.
    Unacknowledged,
    /// All events.
    Everything,
}

/// One page of the account's feed.
#[derive(Clone, Debug, Deserialize)]
pub struct FeedUpdates {
    /// The events, in order per session. Each has the body of its callback.
    pub events: Vec<StatusUpdate>,
    /// The `after` of the next call. It is opaque to clients.
    pub cursor: String,
}

impl Client {
    /// Reads the account's feed after a cursor, or from its beginning. If there are no events, the service waits up to
    /// `wait_s` seconds (60 at most) for one.
    pub async fn read_feed(
        &self,
        scope: FeedScope,
        after: Option<&str>,
        wait_s: u32,
    ) -> Result<Reply<FeedUpdates>, ClientError> {
        Reply::of(&self.exchange(RequestSpec::read(path(scope, after, wait_s)).long_poll_s(wait_s)).await?)
    }
}

fn path(scope: FeedScope, after: Option<&str>, wait_s: u32) -> String {
    let mut query = Serializer::new(String::from("/kassa/v1/events?"));
    query.append_pair("limit", LIMIT).append_pair("wait", &wait_s.to_string());
    match scope {
        FeedScope::Unacknowledged => drop(query.append_pair("acknowledged", "false")),
        FeedScope::Everything => {}
    }
    if let Some(after) = after {
        query.append_pair("after", after);
    }
    query.finish()
}
