//! The settings of a tracker.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schedule::ReadIntervals;

/// The service that the tracker reads. Only Kassa offers a feed of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Unknown: the tracker asks for the feed after a read with an `ETag`, which the vendor does not send.
    Unknown,
    /// Kassa: the tracker follows its feed from the start.
    Kassa,
    /// Another service: the tracker uses only callbacks and reads.
    Other,
}

/// The receiver of the account's callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CallbackReceiver {
    /// This tracker: it knows each acknowledged change, and a callback that does not come was lost.
    #[default]
    ThisTracker,
    /// Another system, or none: a missing callback means nothing.
    OtherSystem,
}

/// The settings of a tracker, also in a configuration file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrackerOptions {
    /// The kind of service that the tracker reads. It follows the feed of Kassa from the start, and never that of
    /// another service. If the service is unknown, it follows the feed when an answer to a read looks like Kassa's.
    pub service: Service,
    /// The receiver of the account's callbacks. The program decides this, so it is not in the file.
    #[serde(skip)]
    pub callbacks: CallbackReceiver,
    /// The pauses between two reads of a session.
    pub pace: ReadIntervals,
    /// The maximum number of reads per second for the account.
    pub reads_per_second: u32,
    /// How long a change waits for earlier ones that arrive late.
    pub settle_ms: i64,
    /// How long a reported change waits for its acknowledgement. Then the tracker reports it again.
    pub lease_ms: i64,
    /// How long a call of the feed may wait for an event; 60 at most.
    pub feed_wait_s: u32,
    /// The time limit of one read. The schedule repeats a failed read. A read that a crash interrupted
    /// is repeated after twice this time.
    pub read_timeout_ms: u32,
    /// How long the tracker keeps a session after it became final or expired.
    pub keep_ms: i64,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            service: Service::Unknown,
            callbacks: CallbackReceiver::ThisTracker,
            pace: ReadIntervals::default(),
            reads_per_second: 20,
            settle_ms: 500,
            lease_ms: 60_000,
            feed_wait_s: 30,
            read_timeout_ms: 10_000,
            keep_ms: 7 * 24 * 3_600_000,
        }
    }
}
