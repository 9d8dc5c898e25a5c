//! A browser only makes claims about a payment. A read at Klarna decides.

use std::time::Duration;

use serde_json::json;

use super::front::{Disturbance, front_journey, statuses};

#[test]
fn an_approved_payment_completes_the_session_with_the_token_that_was_read() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.press_pay(&opened).await;
        let token = front.authorize(&payment).await;
        assert_eq!(front.claim(&opened, "approved").await, "/outcome");
        let read = front.merchant.read(&opened.session).await;
        assert_eq!((&read["status"], &read["authorization_token"]), (&json!("COMPLETED"), &json!(token)));
        let callbacks = front.receiver.wait_for(2).await;
        assert_eq!(callbacks[1].json()["session"]["authorization_token"], json!(token));
        let told = front.history(&opened).await;
        assert_eq!(told["events"][1]["actor"], json!({"kind": "consumer"}));
        assert!(front.calls("POST").is_empty() && front.calls("DELETE").is_empty(), "nothing but reads");
    });
}

#[test]
fn the_page_loads_the_script_and_allows_its_sources_only() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        let page = front.look(&opened.page).await;
        let double = &front.double.url;
        assert!(page.text.contains(&format!("data-src=\"{double}/kp/lib/v1/api.js\"")), "{}", page.text);
        let client_token = front.at_the_double(&payment).await["client_token"].as_str().unwrap().to_string();
        assert!(page.text.contains(&client_token));
        let policy = page.header("content-security-policy");
        let allowed = |directive: &str| {
            let found = policy.split(';').find_map(|one| one.trim().strip_prefix(directive));
            found.unwrap_or_else(|| panic!("{directive} in {policy}")).trim().to_string()
        };
        assert!(allowed("script-src").starts_with("'nonce-") && allowed("script-src").ends_with(double));
        assert_eq!(allowed("frame-src"), format!("'self' {double}"));
        assert_eq!(allowed("connect-src"), format!("'self' {double}"));
        assert_eq!(allowed("style-src"), "'self' 'unsafe-inline'", "a nonce would switch inline styles off");
        assert_eq!(allowed("default-src"), "'none'");
        let report = allowed("report-uri");
        assert_eq!(report, format!("{}/policy-violations", opened.page));
        assert_eq!(front.send(&report, "blocked").await.status, 204);
        let metrics = front.look("/metrics").await.text;
        assert!(metrics.contains("kassa_page_policy_violations_total 1\n"), "{metrics}");
    });
}

#[test]
fn a_payment_that_began_at_klarna_is_confirmed_although_the_merchant_is_suspended() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.suspend_merchant().await;
        front.press_pay(&opened).await;
        front.disturb("GET", &[Disturbance::NoConnection; 2]);
        let unknown = front.look(&opened.page).await;
        assert_eq!(unknown.header("location"), format!("{}/confirming", opened.page), "{}", unknown.text);
        front.calm();
        front.authorize(&payment).await;
        let shown = front.look(&opened.page).await;
        assert!(shown.text.contains("outcome-completed"), "{}", shown.text);
        assert_eq!(front.status(&opened).await, "COMPLETED");
    });
}

#[test]
fn the_page_of_a_suspended_merchant_does_not_load_klarnas_form() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.suspend_merchant().await;
        let shown = front.look(&opened.page).await;
        assert_eq!(shown.status, 403);
        assert!(shown.text.contains("outcome-no-payments"), "{}", shown.text);
        assert!(!shown.text.contains("payment-form"), "{}", shown.text);
    });
}

#[test]
fn an_invented_approval_changes_nothing() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        assert_eq!(front.claim(&opened, "approved").await, "");
        assert_eq!(front.status(&opened).await, "IN_PROGRESS");
        assert_eq!(front.calls("POST").len(), 0);
        let metrics = front.look("/metrics").await.text;
        assert!(metrics.contains("kassa_payment_claims_contradicted_total 1\n"), "{metrics}");
        let nonsense = front.send(&format!("{}/claim", opened.page), "answer=paid").await;
        assert_eq!((nonsense.status, front.status(&opened).await.as_str()), (400, "IN_PROGRESS"));
    });
}

#[test]
fn a_decline_fails_the_session_and_a_later_approval_completes_it() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.press_pay(&opened).await;
        assert_eq!(front.claim(&opened, "declined").await, "/outcome");
        assert_eq!(front.status(&opened).await, "FAILED");
        let shown = front.look(&format!("{}/outcome", opened.page)).await;
        assert!(shown.text.contains("data-testid=\"outcome-declined\""), "{}", shown.text);
        let token = front.authorize(&payment).await;
        let told = front.becomes(&opened, "COMPLETED").await;
        assert_eq!(statuses(&told), ["IN_PROGRESS", "FAILED", "COMPLETED"]);
        assert_eq!(told["events"][2]["actor"], json!({"kind": "system"}));
        assert_eq!(front.merchant.read(&opened.session).await["authorization_token"], json!(token));
    });
}

#[test]
fn a_decline_that_the_read_contradicts_completes_the_session() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.authorize(&payment).await;
        assert_eq!(front.claim(&opened, "declined").await, "/outcome");
        assert_eq!(front.status(&opened).await, "COMPLETED");
    });
}

#[test]
fn a_script_that_fails_makes_the_session_an_error() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        let told = front.send(&format!("{}/claim", opened.page), "answer=failed").await;
        assert_eq!(told.json["next"], json!(format!("{}/outcome", opened.page)));
        let history = front.history(&opened).await;
        assert_eq!(statuses(&history), ["IN_PROGRESS", "ERROR"]);
        assert!(history["notes"][0]["detail"].as_str().unwrap().contains("script"), "{history}");
    });
}

#[test]
fn without_an_answer_of_klarna_the_payment_is_being_confirmed() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.press_pay(&opened).await;
        front.authorize(&payment).await;
        front.disturb("GET /payments", &[Disturbance::Status(502), Disturbance::NoConnection]);
        assert_eq!(front.claim(&opened, "approved").await, "/confirming");
        let shown = front.look(&format!("{}/confirming", opened.page)).await;
        assert!(shown.text.contains("data-testid=\"outcome-confirming\""), "{}", shown.text);
        assert!(!shown.text.contains("data-testid=\"retry\""));
        assert_eq!(front.status(&opened).await, "IN_PROGRESS");
        front.becomes(&opened, "COMPLETED").await;
        let later = front.look(&format!("{}/confirming", opened.page)).await;
        assert_eq!(
            (later.status, later.header("location")),
            (303, format!("{}/outcome", opened.page).as_str())
        );
    });
}

#[test]
fn a_consumer_who_closes_the_browser_after_paying_has_paid() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.press_pay(&opened).await;
        front.authorize(&payment).await;
        let told = front.becomes(&opened, "COMPLETED").await;
        assert_eq!(statuses(&told), ["IN_PROGRESS", "COMPLETED"]);
        assert_eq!(front.at_the_double(&payment).await["status"], "complete");
    });
}

#[test]
fn a_payment_that_was_authorized_before_the_page_was_opened_counts() {
    front_journey(|front| async move {
        for (mode, is_completed_by) in [("NONE", "authorization_token"), ("PLACE_ORDER", "order_id")] {
            let payment = front.payment_session().await;
            let created = front.create(&payment, json!({"place_order_mode": mode})).await;
            front.authorize(&payment).await;
            let page = created.json["redirect_url"].as_str().unwrap().strip_prefix(&front.url).unwrap();
            assert_eq!(front.look(page).await.status, 200);
            let session = created.json["session_id"].as_str().unwrap();
            let read = front.merchant.read(session).await;
            assert!(read["status"] == "COMPLETED" && read[is_completed_by].is_string(), "{read}");
        }
        assert_eq!(front.calls("DELETE").len(), 0, "nothing is released");
    });
}

#[test]
fn a_payment_is_found_although_the_browser_never_said_a_word() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.authorize(&payment).await;
        let minute = Duration::from_secs(60);
        front.until(&opened, minute, |history| statuses(history).last() == Some(&"COMPLETED")).await;
    });
}
