//! Thousands of callbacks become due again: each once, oldest first, and each session in its order.

use std::collections::HashMap;

use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::merchant_urls::MerchantUrls;
use kassa_domain::page_session::{PageOptions, PageSession};
use kassa_domain::{Actor, Endpoint, EventId, MerchantId, PageSessionId, PaymentSessionId, Timestamp};
use kassa_store::{Advance, Attempt, AttemptResult, Claim, ClaimedCallback, NewCallback, Settlement, Store};

use tempfile::TempDir;

use crate::claims_are_disjoint::databases;

use crate::life::act;

const SESSIONS: i64 = 700;
pub const ENDPOINT: &str = "https://shop.example:443";
pub const MERCHANT: &str = "m";

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

/// Commits the first and the second change of a session, with their callbacks.
pub async fn change_twice(store: &Store, number: i64) {
    let mut session = PageSession {
        id: PageSessionId::new(format!("{number:08}")),
        merchant_id: MerchantId::new(MERCHANT),
        payment_session_id: PaymentSessionId::new("p"),
        status: Status::Waiting,
        version: 0,
        created_at: at(number),
        updated_at: at(number),
        expires_at: at(i64::MAX - 1),
        merchant_urls: MerchantUrls::default(),
        options: PageOptions::default(),
        authorization_token: None,
        order: None,
        open_operation: None,
        id_check: None,
    };
    store.create_page_session(&session).await.unwrap();
    for event in [Event::ConsumerEntered, Event::ConsumerWentBack] {
        session.version += 1;
        let callback = NewCallback {
            endpoint: Endpoint::shared(ENDPOINT),
            url: format!("{ENDPOINT}/callbacks"),
            due_at: at(number),
            leased_until: None,
        };
        let advance = Advance {
            session: session.clone(),
            event,
            actor: Actor::Consumer,
            event_id: EventId::new(format!("{number}-{}", session.version)),
            body: "{}".to_string(),
            callback: Some(callback),
            note: None,
            new_authorization: None,
            operation_end: None,
            release: None,
            reference_reads: None,
            timer: None,
        };
        store.commit(&advance).await.unwrap();
    }
}

/// Claims callbacks with a lease of a millisecond.
async fn claim_at(store: &Store, now: Timestamp, limit: i64) -> Vec<ClaimedCallback> {
    let claim = Claim { endpoint: Endpoint::shared(ENDPOINT), due_until: at(i64::MAX), limit };
    store.claim_callbacks(&[claim], now, now.plus_ms(1)).await.unwrap()
}

/// Claims and settles until nothing is due, and returns the claims in their order.
async fn settle_all(store: &Store, settlement: Settlement) -> Vec<(PageSessionId, i64)> {
    let mut settled = Vec::new();
    loop {
        let claimed = claim_at(store, at(1), 500).await;
        if claimed.is_empty() {
            return settled;
        }
        for callback in claimed {
            let result = AttemptResult::Failed { kind: "timed_out", detail: String::new() };
            let attempt = Attempt { started_at: at(1), ended_at: at(1), result };
            store.settle_callback(&callback, &attempt, settlement).await.unwrap();
            settled.push((callback.page_session_id, callback.sequence));
        }
    }
}

#[tokio::test]
async fn callbacks_given_up_since_an_instant_are_redelivered_once_in_the_order_of_their_session() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        comes_once_and_in_order(&database.open().await).await;
    }
}

async fn comes_once_and_in_order(store: &Store) {
    for number in 0..SESSIONS {
        change_twice(store, number).await;
    }
    settle_all(store, Settlement::GivenUp).await;
    let merchant = MerchantId::new(MERCHANT);
    let redelivered = store.redeliver_since(&merchant, at(100), at(SESSIONS), &act()).await.unwrap();
    assert_eq!(redelivered.count, 2 * usize::try_from(SESSIONS - 100).unwrap());
    let again = store.redeliver_since(&merchant, at(100), at(SESSIONS), &act()).await.unwrap();
    assert_eq!(again.count, 0, "callbacks that are due already are not made due twice");
    let mut last = HashMap::new();
    let settled = settle_all(store, Settlement::Delivered).await;
    assert_eq!(settled.len(), redelivered.count);
    for (session, sequence) in settled {
        assert!(session.as_str() >= "00000100", "{session} is older than the instant");
        assert_eq!(last.insert(session, sequence).unwrap_or(0) + 1, sequence, "in the session's order, once");
    }
    let rest = store.redeliver_since(&merchant, at(0), at(SESSIONS), &act()).await.unwrap();
    assert_eq!(rest.count, 200, "older and delivered callbacks are not changed");
}

#[tokio::test]
async fn a_callback_under_way_is_not_made_due_a_second_time() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        is_not_made_due_a_second_time(&database.open().await).await;
    }
}

async fn is_not_made_due_a_second_time(store: &Store) {
    change_twice(store, 0).await;
    let settle = async |callback: ClaimedCallback, settlement| {
        let result = AttemptResult::Failed { kind: "timed_out", detail: String::new() };
        let attempt = Attempt { started_at: at(1), ended_at: at(1), result };
        store.settle_callback(&callback, &attempt, settlement).await.unwrap();
    };
    settle(claim_at(store, at(1), 1).await.remove(0), Settlement::AgainAt(at(1))).await;
    settle(claim_at(store, at(1), 1).await.remove(0), Settlement::Delivered).await;
    let event = store.event(&MerchantId::new(MERCHANT), &EventId::new("0-1")).await.unwrap().unwrap();
    let under_way = claim_at(store, at(1), 1).await.remove(0);
    assert_eq!((under_way.sequence, under_way.attempts), (1, 1));
    assert_eq!(
        store.redeliver_event(&event, at(1), at(1), &act()).await.unwrap().count,
        0,
        "its lease is valid"
    );
    assert_eq!(
        store.redeliver_event(&event, at(1), at(2), &act()).await.unwrap().count,
        1,
        "its lease is over"
    );
    settle(under_way, Settlement::Delivered).await;
    let claimed = claim_at(store, at(2), 1).await;
    assert_eq!(
        (claimed[0].sequence, claimed[0].attempts),
        (1, 0),
        "the owner of the outdated lease changed nothing"
    );
}
