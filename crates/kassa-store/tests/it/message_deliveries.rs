//! The delivery of messages: stored with the message, claimed by one node at a time, and each attempt recorded once.

use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_store::{
    AfterAttempt, ClaimedDelivery, CommitOutcome, DeliveryState, ExpiredKind, Message, MessageAttempt,
    NewDelivery, Store,
};
use tempfile::TempDir;

use crate::claims_are_disjoint::databases;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn message(name: &str, channel: &str) -> Message {
    Message {
        id: format!("message-{name}"),
        merchant_id: MerchantId::new("m"),
        page_session_id: PageSessionId::new(format!("page-{name}")),
        channel: channel.to_string(),
        recipient: "ada@example.com".to_string(),
        subject: "Your purchase".to_string(),
        body: "Pay here".to_string(),
        link: "https://pay.example/pay/t".to_string(),
        created_at: at(5),
    }
}

async fn accept(store: &Store, name: &str, channel: &str, accepted_at: i64) -> Message {
    let message = message(name, channel);
    let delivery = NewDelivery { locale: "sv-SE".to_string(), accepted_at: at(accepted_at) };
    store.add_message(&message, Some(&delivery)).await.unwrap();
    message
}

async fn claim(store: &Store, channel: &str, now: i64) -> Vec<ClaimedDelivery> {
    store.claim_deliveries(channel, (at(now), at(now + 10)), 4).await.unwrap()
}

fn attempt(of: &ClaimedDelivery, outcome: &str) -> MessageAttempt {
    MessageAttempt {
        message_id: of.message_id.clone(),
        number: of.attempts + 1,
        began_at: at(20),
        duration_ms: 3,
        outcome: outcome.to_string(),
        detail: "the server answered 451".to_string(),
    }
}

/// Runs each statement of deliveries at least once.
pub async fn send_message(store: &Store) {
    accept(store, "statements", "email", 10).await;
    let claimed = claim(store, "email", 10).await.remove(0);
    store.message(&claimed.message_id).await.unwrap().unwrap();
    let later = AfterAttempt::DueAt(at(30));
    store.record_message_attempt(&claimed, &attempt(&claimed, "postponed"), later).await.unwrap();
    let claimed = claim(store, "email", 30).await.remove(0);
    store.end_delivery_claim(&claimed, AfterAttempt::Ended(DeliveryState::Dropped)).await.unwrap();
    store.message_attempts(&claimed.page_session_id).await.unwrap();
    store.message_attempts_with(&claimed.message_id, "postponed").await.unwrap();
    store.deliveries_backlog().await.unwrap();
}

#[tokio::test]
async fn one_node_at_a_time_sends_a_message() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        let accepted = accept(&store, "a", "email", 10).await;
        accept(&store, "b", "sms", 10).await;
        assert!(claim(&store, "email", 9).await.is_empty(), "not due yet");
        let dead = claim(&store, "email", 10).await.remove(0);
        assert_eq!((&dead.message_id, dead.attempts, dead.locale.as_str()), (&accepted.id, 0, "sv-SE"));
        assert_eq!(store.message(&dead.message_id).await.unwrap().unwrap().recipient, "ada@example.com");
        assert!(claim(&store, "email", 11).await.is_empty(), "under a lease");
        let claimed = claim(&store, "email", 20).await.remove(0);
        assert_eq!(claimed.fence, dead.fence + 1);

        let sent = AfterAttempt::Ended(DeliveryState::Sent);
        let of_dead = store.record_message_attempt(&dead, &attempt(&dead, "sent"), sent).await.unwrap();
        assert_eq!(of_dead, CommitOutcome::Stale, "the claim is outdated");
        let later = AfterAttempt::DueAt(at(40));
        let recorded = store.record_message_attempt(&claimed, &attempt(&claimed, "postponed"), later).await;
        assert_eq!(recorded.unwrap(), CommitOutcome::Done);
        assert!(claim(&store, "email", 39).await.is_empty(), "not due yet");
        let again = claim(&store, "email", 40).await.remove(0);
        assert_eq!(again.attempts, 1);
        store.record_message_attempt(&again, &attempt(&again, "sent"), sent).await.unwrap();
        assert!(claim(&store, "email", 1_000_000).await.is_empty(), "it was sent");

        let attempts = store.message_attempts(&accepted.page_session_id).await.unwrap();
        let seen: Vec<_> = attempts.iter().map(|one| (one.number, one.outcome.as_str())).collect();
        assert_eq!(seen, [(1, "postponed"), (2, "sent")]);
        for (outcome, count) in [("postponed", 1), ("sent", 1), ("no_answer", 0)] {
            assert_eq!(store.message_attempts_with(&accepted.id, outcome).await.unwrap(), count, "{outcome}");
        }
        let backlog = store.deliveries_backlog().await.unwrap();
        assert_eq!(
            (backlog.waiting, backlog.oldest_accepted_at),
            (1, Some(at(10))),
            "the text message waits"
        );
    }
}

#[tokio::test]
async fn a_message_takes_its_delivery_and_its_attempts_with_it() {
    let folder = TempDir::new().unwrap();
    for database in databases(folder.path()).await {
        let store = database.open().await;
        for delete_by_retention in [true, false] {
            let message = accept(&store, "a", "email", 10).await;
            let claimed = claim(&store, "email", 10).await.remove(0);
            let later = AfterAttempt::DueAt(at(40));
            store.record_message_attempt(&claimed, &attempt(&claimed, "postponed"), later).await.unwrap();
            match delete_by_retention {
                true => {
                    let over =
                        store.retention_candidates(ExpiredKind::Messages, "", "~", at(1_000)).await.unwrap();
                    let over: Vec<_> = over.iter().collect();
                    store.remove(ExpiredKind::Messages, &over, None).await.unwrap();
                }
                false => store.clear_messages(&message.merchant_id).await.unwrap(),
            }
            assert!(store.message(&message.id).await.unwrap().is_none());
            assert!(store.message_attempts(&message.page_session_id).await.unwrap().is_empty());
            assert_eq!(store.deliveries_backlog().await.unwrap().waiting, 0);
        }
    }
}
