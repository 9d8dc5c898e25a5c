//! A batch of finished requests as rows: equal reads are one row.

use std::collections::HashMap;

use kassa_store::RecordedRequest;

use super::RequestRecord;

/// The rows of these records, at most `most`, and the number of records that find no place. Reads are dropped first.
pub(super) fn rows(records: Vec<RequestRecord>, most: usize) -> (Vec<RecordedRequest>, usize) {
    let (reads, others): (Vec<_>, Vec<_>) = records.into_iter().partition(RequestRecord::is_read);
    let mut rows: Vec<RecordedRequest> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    let mut dropped = 0;
    for record in others.into_iter().chain(reads) {
        let row = row(record);
        let name = (row.owner_id.clone(), row.request_key.clone());
        match places.get(&name) {
            Some(place) => {
                let equal = &mut rows[*place];
                equal.times += 1;
                equal.last_at = equal.last_at.max(row.began_at);
            }
            None if rows.len() < most => {
                places.insert(name, rows.len());
                rows.push(row);
            }
            None => dropped += 1,
        }
    }
    (rows, dropped)
}

fn row(record: RequestRecord) -> RecordedRequest {
    let request_key = if record.is_read() { key_of_read(&record) } else { record.correlation_id.clone() };
    RecordedRequest {
        owner_id: record.owner_id,
        request_key,
        merchant_id: record.merchant_id,
        began_at: record.began_at,
        last_at: record.began_at,
        times: 1,
        version: record.version,
        duration_ms: record.duration_ms,
        method: record.method,
        route: record.route,
        answer_status: record.answer_status.into(),
        correlation_id: record.correlation_id,
        actor: Some(record.actor),
        error_code: record.error_code.map(str::to_string),
        error_message: record.error_message,
    }
}

/// The parts that equal reads have in common. The version is one of them, so that reads before and after a status
/// change differ. The key is only compared.
fn key_of_read(record: &RequestRecord) -> String {
    let RequestRecord { method, route, answer_status, version, actor, .. } = record;
    let version = version.unwrap_or(-1);
    format!("{method} {route} {answer_status} {version} {actor}")
}

#[cfg(test)]
mod tests {
    use kassa_domain::{Actor, MerchantId, Timestamp, Username};

    use super::*;

    fn read(at_ms: i64, version: i64) -> RequestRecord {
        RequestRecord {
            owner_id: "s".to_string(),
            merchant_id: MerchantId::new("PK1"),
            version: Some(version),
            actor: Actor::Merchant(Username::new("PK1_dev")),
            began_at: Timestamp::from_ms(at_ms),
            duration_ms: 1,
            method: "GET".to_string(),
            route: "/hpp/v1/sessions/{session_id}".to_string(),
            answer_status: 200,
            correlation_id: format!("c{at_ms}"),
            error_code: None,
            error_message: None,
        }
    }

    fn refused(at_ms: i64) -> RequestRecord {
        RequestRecord { answer_status: 404, ..read(at_ms, 0) }
    }

    #[test]
    fn equal_reads_are_one_row_until_the_status_changes() {
        let (rows, dropped) = rows(vec![read(1, 0), read(2, 0), read(3, 1), read(4, 0)], 10);
        let seen: Vec<_> =
            rows.iter().map(|row| (row.times, row.began_at.as_ms(), row.last_at.as_ms())).collect();
        assert_eq!((seen, dropped), (vec![(3, 1, 4), (1, 3, 3)], 0));
    }

    #[test]
    fn refusals_are_rows_of_their_own() {
        let (rows, _) = rows(vec![refused(1), refused(2)], 10);
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn reads_are_dropped_before_other_requests() {
        let (rows, dropped) = rows(vec![read(1, 0), read(2, 1), refused(3), refused(4)], 3);
        let seen: Vec<_> = rows.iter().map(|row| row.began_at.as_ms()).collect();
        assert_eq!((seen, dropped), (vec![3, 4, 1], 1));
    }
}
