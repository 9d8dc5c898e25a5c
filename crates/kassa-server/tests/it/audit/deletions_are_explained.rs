//! Retention, and the deletions of the lab, do not break the trail. Its entries are kept.

use std::time::Duration;

use kassa_testkit::eventually;
use serde_json::json;

use super::{acts, changes, paid_session, problem, verify};
use crate::harness::{World, journey};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Moves the clock on until a session is deleted.
async fn until_expired(world: &World, session: &str) {
    let path = format!("/kassa/v1/sessions/{session}/events");
    eventually("the end of retention", async || {
        world.clock.advance(Duration::from_secs(3600));
        world.merchant.get(&path).await.status == 404
    })
    .await;
}

#[test]
fn the_entries_of_an_expired_session_are_kept_and_verified() {
    journey(|world| async move {
        let session = paid_session(&world).await;
        assert_eq!(changes(world.app()).await.len(), 3);
        world.clock.advance(95 * DAY);
        let young = paid_session(&world).await;
        until_expired(&world, &session).await;
        let kept = changes(world.app()).await;
        assert_eq!(kept.iter().filter(|change| change.session_id == session).count(), 3);
        let expired: Vec<_> =
            acts(world.app()).await.into_iter().filter(|act| act.act == "sessions_expired").collect();
        assert_eq!(expired.len(), 1, "one act for the run that deleted something");
        assert_eq!((expired[0].actor.kind.as_str(), problem(world.app(), &[]).await), ("system", None));

        let delete = format!(
            "delete from status_event where page_session_id = '{young}';
             delete from page_session where page_session_id = '{young}'"
        );
        world.database().tamper(&delete).await;
        let found = problem(world.app(), &[]).await.unwrap();
        assert!(found.contains("no retention and no deletion in the trail covers it"), "{found}");
        assert!(found.contains(&young), "{found}");
    });
}

#[test]
fn a_reset_and_a_deletion_of_a_test_merchant_are_explained_by_their_acts() {
    journey(|world| async move {
        paid_session(&world).await;
        changes(world.app()).await;
        assert_eq!(world.merchant.post("/lab/v1/reset", &json!({})).await.status, 204);
        paid_session(&world).await;
        assert_eq!(changes(world.app()).await.len(), 6);
        assert_eq!(problem(world.app(), &[]).await, None);
        // Events that are deleted before they are chained.
        paid_session(&world).await;
        assert_eq!(world.merchant.post("/lab/v1/reset", &json!({})).await.status, 204);
        paid_session(&world).await;
        assert_eq!(problem(world.app(), &[]).await, None, "also before they are chained");
        assert_eq!(changes(world.app()).await.len(), 9);
        assert_eq!(problem(world.app(), &[]).await, None);

        let made = world.merchant.post("/lab/v1/merchants", &json!({})).await.json;
        let id = made["merchant_id"].as_str().unwrap();
        acts(world.app()).await;
        assert_eq!(world.merchant.delete(&format!("/lab/v1/merchants/{id}")).await.status, 204);
        acts(world.app()).await;
        assert_eq!(problem(world.app(), &[]).await, None);
    });
}

#[test]
fn a_shortened_chain_is_verified_from_its_first_entry_on() {
    journey(|world| async move {
        let old = paid_session(&world).await;
        changes(world.app()).await;
        let noted = verify(world.app(), &[]).await.unwrap().heads;
        world.clock.advance(10 * DAY);
        let young = paid_session(&world).await;
        changes(world.app()).await;
        let node =
            world.app_with(|configuration| configuration.audit_retention_ms = Some(5 * 24 * 3_600_000)).await;
        node.engine().shorten_trail_now().await.unwrap();
        let kept = changes(&node).await;
        assert!(kept.iter().all(|change| change.session_id == young) && kept.len() == 3, "{kept:?}");
        let shortened: Vec<_> =
            acts(&node).await.into_iter().filter(|act| act.act == "trail_shortened").collect();
        assert_eq!((shortened.len(), &shortened[0].details["position"]), (1, &json!(3)));
        assert_eq!(problem(&node, &noted).await, None, "the noted head is the last removed entry");
        assert_eq!(world.history(&old).await["events"].as_array().unwrap().len(), 3, "the session is there");

        let changed = "update audit_entry set recorded_at = recorded_at + 1 where position = 4
             and chain = 'merchant/merchant'";
        world.database().tamper(changed).await;
        let found = problem(&node, &[]).await.unwrap();
        assert!(found.contains("chain merchant/merchant, entry 4: its hash does not fit"), "{found}");
        let back = "update audit_entry set recorded_at = recorded_at - 1 where position = 4
             and chain = 'merchant/merchant'";
        world.database().tamper(back).await;
        let removed = "delete from audit_entry where position = 4 and chain = 'merchant/merchant';
             update audit_chain set removed_position = 4 where chain = 'merchant/merchant'";
        world.database().tamper(removed).await;
        let found = problem(&node, &[]).await.unwrap();
        assert_eq!(found, "chain merchant/merchant: the entries up to 4 were removed");
    });
}
