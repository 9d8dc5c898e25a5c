//! Scheduled reads of payments: one schedule for each page session, claimed under a lease with a fence; and the copies
//! of payment sessions that these reads replace.

use kassa_domain::payment_session::{PaymentCompletion, PaymentSession, PaymentSystemKey};
use kassa_domain::{AuthorizationToken, MerchantId, PageSessionId, PaymentSessionId, Timestamp};
use kassa_store::{
    ClaimedConfirmation, CommitOutcome, NextRead, PayButton, ReadSchedule, RemoteContent, Store,
};
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;
use crate::life::create;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn schedule(started_at: i64, pressed: PayButton) -> ReadSchedule {
    ReadSchedule { started_at: at(started_at), due_at: at(started_at + 4), ends_at: at(1_000), pressed }
}

async fn claim(store: &Store, now: i64) -> Vec<ClaimedConfirmation> {
    let claimed = store.claim_confirmations(at(now), at(now + 10), 20).await.unwrap();
    claimed.longest_due.into_iter().chain(claimed.latest_started).collect()
}

fn remote(name: &str) -> PaymentSession {
    PaymentSession {
        id: PaymentSessionId::new(format!("remote-{name}")),
        system: PaymentSystemKey::Klarna { base_url: "https://api.klarna.com".to_string() },
        merchant_id: MerchantId::new("m"),
        version: 0,
        created_at: at(5),
        expires_at: at(1_000),
        body: "{}".to_string(),
        authorization_token: None,
        completion: None,
        started: None,
    }
}

/// Runs each statement of confirmations and of copies at least once.
pub async fn confirm(store: &Store) {
    let session = create(store, "d").await;
    store.start_confirmation(&session, schedule(0, PayButton::Pressed)).await.unwrap();
    store.hasten_confirmation(&session.id, at(2)).await.unwrap();
    let claimed = claim(store, 2).await.remove(0);
    store.postpone_read(&claimed, at(3)).await.unwrap();
    let claimed = claim(store, 3).await.remove(0);
    store.end_read(&claimed, "not authorized", NextRead::Never).await.unwrap();
    assert_eq!(store.pay_button(&session.id).await.unwrap(), PayButton::Pressed);
    store.adopt_payment_session(&remote("d")).await.unwrap();
    let content = RemoteContent { body: "{}".to_string(), expires_at: at(900), authorization_token: None };
    store.refresh_payment_session(&remote("d").id, 0, &content, at(6)).await.unwrap();
    store.complete_payment_session_elsewhere(&session.payment_session_id, None, at(7)).await.unwrap();
    store.finish_completion(&session.payment_session_id).await.unwrap();
}

#[tokio::test]
async fn a_page_session_has_one_schedule_and_it_starts_again() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = create(&store, "a").await;
        store.start_confirmation(&session, schedule(0, PayButton::NotPressed)).await.unwrap();
        assert_eq!(store.pay_button(&session.id).await.unwrap(), PayButton::NotPressed);
        assert_eq!(claim(&store, 3).await, [], "not due yet");
        let first = claim(&store, 4).await.remove(0);
        assert_eq!((first.reads, first.started_at, first.fence), (0, at(0), 1));
        assert_eq!(claim(&store, 5).await, [], "under a lease");

        store.start_confirmation(&session, schedule(20, PayButton::Pressed)).await.unwrap();
        store.end_read(&first, "not authorized", NextRead::Never).await.unwrap();
        let again = claim(&store, 24).await.remove(0);
        assert_eq!((again.reads, again.started_at), (0, at(20)), "the outdated read ended nothing");
        store.start_confirmation(&session, schedule(40, PayButton::NotPressed)).await.unwrap();
        assert_eq!(store.pay_button(&session.id).await.unwrap(), PayButton::Pressed, "never forgotten");
    }
}

#[tokio::test]
async fn a_read_is_repeated_after_its_lease_and_as_scheduled() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = create(&store, "a").await;
        store.start_confirmation(&session, schedule(0, PayButton::Pressed)).await.unwrap();
        let dead = claim(&store, 4).await.remove(0);
        let claimed = claim(&store, 14).await.remove(0);
        assert_eq!(claimed.fence, dead.fence + 1);
        store.end_read(&dead, "not authorized", NextRead::Never).await.unwrap();
        store.end_read(&claimed, "not authorized", NextRead::At(at(30))).await.unwrap();
        assert_eq!(claim(&store, 29).await, []);
        store.hasten_confirmation(&session.id, at(29)).await.unwrap();
        let hastened = claim(&store, 29).await.remove(0);
        assert_eq!(hastened.reads, 1);
        store.end_read(&hastened, "completed", NextRead::Never).await.unwrap();
        assert_eq!(claim(&store, 900).await, []);
    }
}

#[tokio::test]
async fn a_read_that_was_postponed_does_not_count() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = create(&store, "a").await;
        store.start_confirmation(&session, schedule(0, PayButton::Pressed)).await.unwrap();
        let dead = claim(&store, 4).await.remove(0);
        let claimed = claim(&store, 14).await.remove(0);
        store.postpone_read(&dead, at(900)).await.unwrap();
        store.postpone_read(&claimed, at(20)).await.unwrap();
        assert_eq!(claim(&store, 19).await, []);
        let again = claim(&store, 20).await.remove(0);
        assert_eq!((again.reads, again.started_at), (0, at(0)), "the outdated claim changed nothing");
    }
}

#[tokio::test]
async fn the_latest_started_are_read_first_and_the_longest_due_is_among_them() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let mut ids = Vec::new();
        for started_at in 0..10 {
            let session = create(&store, &format!("s{started_at}")).await;
            store.start_confirmation(&session, schedule(started_at, PayButton::Pressed)).await.unwrap();
            ids.push(session.id);
        }
        let claimed = store.claim_confirmations(at(100), at(110), 4).await.unwrap();
        let names = |claimed: Vec<ClaimedConfirmation>| -> Vec<PageSessionId> {
            claimed.into_iter().map(|one| one.page_session_id).collect()
        };
        assert_eq!(names(claimed.longest_due), ids[..1]);
        ids.reverse();
        assert_eq!(names(claimed.latest_started), ids[..3]);
    }
}

#[tokio::test]
async fn the_copy_of_a_payment_session_is_replaced_by_newer_reads_only() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        store.adopt_payment_session(&remote("a")).await.unwrap();
        let others = PaymentSession { merchant_id: MerchantId::new("other"), ..remote("a") };
        store.adopt_payment_session(&others).await.unwrap();
        let id = remote("a").id;
        assert_eq!(store.payment_session(&id).await.unwrap(), Some(remote("a")), "the first one stays");

        let content = RemoteContent {
            body: r#"{"order_amount":2}"#.to_string(),
            expires_at: at(2_000),
            authorization_token: Some(AuthorizationToken::new("t")),
        };
        let refresh = |version| store.refresh_payment_session(&id, version, &content, at(9));
        assert_eq!(refresh(0).await.unwrap(), CommitOutcome::Done);
        assert_eq!(refresh(0).await.unwrap(), CommitOutcome::Stale);
        let read = store.payment_session(&id).await.unwrap().unwrap();
        assert_eq!((read.version, read.body, read.expires_at), (1, content.body.clone(), at(2_000)));
        assert_eq!(read.authorization_token, content.authorization_token);
    }
}

#[tokio::test]
async fn an_order_without_a_name_completes_a_payment_session_once() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let session = create(&store, "a").await;
        let complete = || store.complete_payment_session_elsewhere(&session.payment_session_id, None, at(7));
        assert_eq!(complete().await.unwrap(), CommitOutcome::Done);
        assert_eq!(complete().await.unwrap(), CommitOutcome::Stale);
        let payment = store.payment_session(&session.payment_session_id).await.unwrap().unwrap();
        assert_eq!(payment.completion, Some(PaymentCompletion::UnnamedOrder));
        assert_eq!(store.completions().await.unwrap(), std::slice::from_ref(&session.payment_session_id));
    }
}
