//! The queue of finished requests as rows: equal reads are one row with a number.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use hashbrown::HashTable;
use kassa_domain::Actor;
use kassa_store::RecordedRequest;

use super::RequestRecord;

/// Maximum number of rows in the queue.
const LONGEST_QUEUE: usize = 4096;

/// New reads are dropped if the queue has this many rows, so that other requests find a place.
const LONGEST_QUEUE_OF_READS: usize = LONGEST_QUEUE / 2;

/// The rows that are not written yet.
#[derive(Default)]
pub(super) struct Queue {
    /// The successful reads.
    reads: HashTable<RecordedRequest>,
    others: Vec<RecordedRequest>,
    hasher: RandomState,
}

impl Queue {
    /// Adds a request, and returns whether it found a place. An equal read only raises the number of its row.
    pub(super) fn add(&mut self, record: &RequestRecord<'_>) -> bool {
        match record.is_read() {
            true => self.add_read(record),
            false => {
                let has_place = self.reads.len() + self.others.len() < LONGEST_QUEUE;
                if has_place {
                    self.others.push(row(record, record.correlation_id.to_string()));
                }
                has_place
            }
        }
    }

    fn add_read(&mut self, record: &RequestRecord<'_>) -> bool {
        let Self { reads, others, hasher } = self;
        let identity = ReadIdentity::of(record);
        let hash = hasher.hash_one(&identity);
        if let Some(equal) = reads.find_mut(hash, |row| ReadIdentity::of_row(row) == identity) {
            equal.times += 1;
            equal.last_at = equal.last_at.max(record.began_at);
            return true;
        }
        let has_place = reads.len() + others.len() < LONGEST_QUEUE_OF_READS;
        if has_place {
            let row = row(record, identity.key());
            reads.insert_unique(hash, row, |row| hasher.hash_one(ReadIdentity::of_row(row)));
        }
        has_place
    }

    /// Empties the queue. Returns at most `most` rows, and the number of requests that find no place among them. Reads
    /// are dropped first.
    pub(super) fn take_rows(&mut self, most: usize) -> (Vec<RecordedRequest>, usize) {
        let mut rows = std::mem::take(&mut self.others);
        rows.extend(self.reads.drain());
        let left_out = rows.drain(most.min(rows.len())..);
        let dropped: i64 = left_out.map(|row| row.times).sum();
        (rows, usize::try_from(dropped).unwrap_or_default())
    }
}

/// The parts that equal reads have in common. The version is one of them, so that reads before and after a status
/// change differ.
#[derive(PartialEq, Eq, Hash)]
struct ReadIdentity<'a> {
    owner_id: &'a str,
    method: &'a str,
    route: &'a str,
    answer_status: i64,
    version: Option<i64>,
    actor: Option<&'a Actor>,
}

impl<'a> ReadIdentity<'a> {
    fn of(record: &'a RequestRecord<'_>) -> Self {
        let RequestRecord { owner_id, method, route, answer_status, version, actor, .. } = record;
        let (answer_status, version, actor) = ((*answer_status).into(), *version, Some(*actor));
        Self { owner_id, method, route, answer_status, version, actor }
    }

    fn of_row(row: &'a RecordedRequest) -> Self {
        let RecordedRequest { owner_id, method, route, answer_status, version, actor, .. } = row;
        let (answer_status, version, actor) = (*answer_status, *version, actor.as_ref());
        Self { owner_id, method, route, answer_status, version, actor }
    }

    /// The key of the row among those of its owner. It is only compared.
    fn key(&self) -> String {
        let Self { method, route, answer_status, version, actor, .. } = self;
        let actor = actor.map(ToString::to_string).unwrap_or_default();
        format!("{method} {route} {answer_status} {} {actor}", version.unwrap_or(-1))
    }
}

impl RequestRecord<'_> {
    /// Whether it was a read that succeeded. Equal reads become one row.
    fn is_read(&self) -> bool {
        self.answer_status < 400 && matches!(self.method, "GET" | "HEAD")
    }
}

fn row(record: &RequestRecord<'_>, request_key: String) -> RecordedRequest {
    RecordedRequest {
        owner_id: record.owner_id.to_string(),
        request_key,
        merchant_id: record.merchant_id.clone(),
        began_at: record.began_at,
        last_at: record.began_at,
        times: 1,
        version: record.version,
        duration_ms: record.duration_ms,
        method: record.method.to_string(),
        route: record.route.to_string(),
        answer_status: record.answer_status.into(),
        correlation_id: record.correlation_id.to_string(),
        actor: Some(record.actor.clone()),
        error_code: record.error_code.map(str::to_string),
        error_message: record.error_message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use kassa_domain::{MerchantId, Timestamp, Username};

    use super::*;

    /// A queue after requests: when each began, the version that it saw, and the status of its answer.
    fn queue(requests: &[(i64, i64, u16)]) -> Queue {
        let (merchant_id, actor) = (MerchantId::new("PK1"), Actor::Merchant(Username::new("PK1_dev")));
        let mut queue = Queue::default();
        for (at_ms, version, answer_status) in requests {
            let record = RequestRecord {
                owner_id: "s",
                merchant_id: &merchant_id,
                version: Some(*version),
                actor: &actor,
                began_at: Timestamp::from_ms(*at_ms),
                duration_ms: 1,
                method: "GET",
                route: "/hpp/v1/sessions/{session_id}",
                answer_status: *answer_status,
                correlation_id: &format!("c{at_ms}"),
                error_code: None,
                error_message: None,
            };
            queue.add(&record);
        }
        queue
    }

    #[test]
    fn equal_reads_are_one_row_until_the_status_changes() {
        let (rows, dropped) = queue(&[(1, 0, 200), (2, 0, 200), (3, 1, 200), (4, 0, 200)]).take_rows(10);
        let mut seen: Vec<_> =
            rows.iter().map(|row| (row.times, row.began_at.as_ms(), row.last_at.as_ms())).collect();
        seen.sort_unstable();
        assert_eq!((seen, dropped), (vec![(1, 3, 3), (3, 1, 4)], 0));
    }

    #[test]
    fn refusals_are_rows_of_their_own() {
        assert_eq!(queue(&[(1, 0, 404), (2, 0, 404)]).take_rows(10).0.len(), 2);
    }

    #[test]
    fn reads_are_dropped_before_other_requests() {
        let mut queue = queue(&[(1, 0, 200), (2, 0, 200), (3, 0, 404), (4, 0, 404)]);
        let (rows, dropped) = queue.take_rows(2);
        let seen: Vec<_> = rows.iter().map(|row| row.began_at.as_ms()).collect();
        assert_eq!((seen, dropped), (vec![3, 4], 2), "both reads of the dropped row count");
        assert_eq!(queue.take_rows(2).0.len(), 0, "the queue is empty");
    }

    #[test]
    fn equal_reads_are_counted_although_the_queue_is_full() {
        let last = i64::try_from(LONGEST_QUEUE_OF_READS).unwrap();
        let different = (0..=last).map(|version| (1, version, 200));
        let requests: Vec<_> = different.chain([(2, 0, 200), (3, 0, 404)]).collect();
        let (rows, _) = queue(&requests).take_rows(usize::MAX);
        assert_eq!(rows.len(), LONGEST_QUEUE_OF_READS + 1, "the reads that fit, and the refusal");
        assert_eq!(rows.iter().filter(|row| row.times == 2).count(), 1);
    }
}
