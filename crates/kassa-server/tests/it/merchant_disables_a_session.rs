//! `DELETE /hpp/v1/sessions/{session_id}`.

use crate::harness::journey;

#[test]
fn an_open_session_is_disabled_and_disabling_it_again_succeeds() {
    journey(|world| async move {
        let session = world.page_session().await;
        let path = format!("/hpp/v1/sessions/{session}");
        for _ in 0..2 {
            let answer = world.merchant.delete(&path).await;
            assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        }
        assert_eq!(world.merchant.read(&session).await["status"], "DISABLED");
        assert_eq!(world.stranger.delete(&path).await.status, 404);
    });
}

#[test]
fn a_completed_or_cancelled_session_cannot_be_disabled() {
    journey(|world| async move {
        for (act, status) in [("approve", "COMPLETED"), ("cancel", "CANCELLED")] {
            let session = world.page_session_with(serde_json::json!({}), "IN_STORE").await;
            world.merchant.act(&session, "enter").await;
            world.merchant.act(&session, act).await;
            let answer = world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await;
            let message = format!(r#"["The session is {status} and cannot be disabled"]"#);
            assert_eq!(answer.error(), format!("400 CONSTRAINT_VIOLATION {message}"));
        }
    });
}

#[test]
fn disabling_sends_no_callback() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.merchant.act(&session, "enter").await;
        world.receiver.wait_for(1).await;
        world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await;
        let history = world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json;
        assert_eq!(history["events"][1]["event"], "MerchantDisabled");
        assert!(history["events"][1].get("callback").is_none());
    });
}
