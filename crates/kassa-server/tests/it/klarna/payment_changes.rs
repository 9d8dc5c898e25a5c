//! The payment session changes at Klarna while its page is open.

use serde_json::json;

use super::front::{Disturbance, front_journey, other_cart, statuses};

#[test]
fn another_cart_voids_the_authorization_and_the_page_shows_the_new_amount() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "PLACE_ORDER").await;
        front.press_pay(&opened).await;
        front.authorize(&payment).await;
        let update = format!("/payments/v1/sessions/{payment}");
        assert_eq!(front.double.merchant.post(&update, &other_cart()).await.status, 204);
        assert_eq!(front.claim(&opened, "approved").await, "");
        assert_eq!(front.status(&opened).await, "IN_PROGRESS");
        let page = front.look(&opened.page).await;
        assert!(page.text.contains("99,99"), "{}", page.text);
        front.authorize(&payment).await;
        front.claim(&opened, "approved").await;
        assert_eq!(front.status(&opened).await, "COMPLETED");
        let sent: serde_json::Value = serde_json::from_str(&front.calls("POST")[0]).unwrap();
        assert_eq!(sent["order_amount"], json!(9999));
    });
}

#[test]
fn an_order_of_the_merchant_completes_the_page_session_and_its_siblings() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        let sibling = front.opened(&payment, "NONE").await;
        let token = front.authorize(&payment).await;
        let placed = front.double.merchant.place(&token, &crate::harness::cart("ECOMMERCE")).await;
        assert_eq!(placed.status, 200, "{}", placed.text);
        front.look(&opened.page).await;
        for one in [&opened, &sibling] {
            let read = front.merchant.read(&one.session).await;
            assert_eq!(read["status"], "COMPLETED", "{read}");
            assert!(read.get("order_id").is_none() && read.get("authorization_token").is_none(), "{read}");
        }
        let again = front.create(&payment, json!({})).await;
        assert_eq!((again.status, &again.json["error_code"]), (404, &json!("SESSION_COMPLETED")));
    });
}

#[test]
fn while_klarna_is_down_the_page_says_so_and_reads_go_on() {
    front_journey(|front| async move {
        let payment = front.payment_session().await;
        let opened = front.opened(&payment, "NONE").await;
        front.disturb("GET /payments", &[Disturbance::NoConnection; 100]);
        for _ in 0..7 {
            let page = front.look(&opened.page).await;
            assert_eq!(page.status, 503, "{}", page.text);
            assert!(page.text.contains("data-testid=\"outcome-unavailable\""), "{}", page.text);
        }
        let reads = front.calls("GET /payments").len();
        assert_eq!(reads, 2 + 5, "after five failures no call is made for a while");
        assert_eq!(front.status(&opened).await, "IN_PROGRESS");
        front.calm();
        front.double.clock.advance(std::time::Duration::from_secs(11));
        assert_eq!(front.look(&opened.page).await.status, 200);
        assert_eq!(statuses(&front.history(&opened).await), ["IN_PROGRESS"]);
    });
}
