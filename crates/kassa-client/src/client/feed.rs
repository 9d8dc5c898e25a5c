//! The feed of events, beyond the vendor's wire: Kassa alone offers it.

use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::exchange::Ask;
use super::{Client, ClientError, Reply};
use crate::receiver::Callback;

/// Events in one answer at most. Kassa gives no more than 1000.
const LIMIT: &str = "1000";

/// Which events are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedScope {
    /// Those whose callback nobody acknowledged, and those that call nobody back.
    Unacknowledged,
    /// All of them.
    Everything,
}

/// A part of the account's feed.
#[derive(Clone, Debug, Deserialize)]
pub struct FeedPage {
    /// The events, those of a session in their order; each is what its callback carries.
    pub events: Vec<Callback>,
    /// `after` of the next call. Its text means nothing to a client.
    pub cursor: String,
}

impl Client {
    /// Reads the account's feed behind a cursor, or from its beginning. Where there is nothing, the answer is held up
    /// to `wait_s` seconds, 60 at most, until there is.
    pub async fn read_feed(
        &self,
        scope: FeedScope,
        after: Option<&str>,
        wait_s: u32,
    ) -> Result<Reply<FeedPage>, ClientError> {
        Reply::of(&self.exchange(Ask::read(path(scope, after, wait_s)).held_s(wait_s)).await?)
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
