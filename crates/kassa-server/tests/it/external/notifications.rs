//! Notifications only make a read due.

use serde_json::json;

use super::front::external_journey;
use super::system::{SECRETS, Standing};

#[test]
fn a_notification_leads_to_a_read_at_once() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Authorized);
        for _ in 0..2 {
            let told = front.notify(&json!({"payment_id": payment, "more": 1}), SECRETS[1], -299).await;
            assert_eq!(told.status, 204, "{}", told.text);
        }
        front.becomes(&opened, "COMPLETED").await;
        assert_eq!(front.system.orders_of(&payment), 1);
        let late = front.notify(&json!({"payment_id": payment}), SECRETS[1], 0).await;
        assert_eq!(late.status, 204);
    });
}

#[test]
fn a_forged_or_unreadable_notification_causes_no_read() {
    external_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.go_to_pay(&opened).await;
        front.system.set(&payment, Standing::Authorized);
        let about = json!({"payment_id": payment});
        for (secret, off_s) in [(SECRETS[0], 0), (&b"another"[..], 0), (SECRETS[1], -301), (SECRETS[1], 301)]
        {
            assert_eq!(front.notify(&about, secret, off_s).await.status, 401, "{off_s}");
        }
        let unsigned = front.anyone.post("/kassa/v1/payment-notifications", &about).await;
        assert_eq!(unsigned.status, 401, "{}", unsigned.text);
        for body in [json!({}), json!({"payment_id": 7}), json!({"payment_id": ""}), json!([])] {
            assert_eq!(front.notify(&body, SECRETS[1], 0).await.status, 400, "{body}");
        }
        let unknown = front.notify(&json!({"payment_id": "unknown"}), SECRETS[1], 0).await;
        assert_eq!(unknown.status, 204, "it does not tell whether a payment exists");
        assert!(front.requests("read").is_empty());
        assert_eq!(front.status(&opened).await, "IN_PROGRESS");
    });
}
