//! The consumer's page without a browser: its content, its forms and its redirects.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use kassa_domain::lifecycle::Status;
use serde_json::json;

use crate::harness::{Page, World, journey};

async fn opened<'a>(world: &'a World, session: &str) -> Page<'a> {
    Page::open(world, session).await
}

#[test]
fn the_page_shows_the_order_and_redirects_to_the_merchant_after_the_payment() {
    journey(|world| async move {
        let session = world.page_session().await;
        let mut page = opened(&world, &session).await;
        assert_eq!(page.status, 200);
        assert!(page.has("pay-page") && page.has("back") && !page.has("cancel"));
        assert!(page.html.contains("222,99\u{a0}kr"), "the total as Sweden writes it");
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
        page.pay("customer@email.se", "123456").await;
        page.follow().await;
        let read = world.merchant.read(&session).await;
        let token = read["authorization_token"].as_str().unwrap();
        let success = format!("/success?sid={session}&token={token}&order=");
        assert!(page.location.ends_with(&success), "{}", page.location);
    });
}

#[test]
fn a_declined_payment_can_be_tried_again() {
    journey(|world| async move {
        let session = world.page_session().await;
        let mut page = opened(&world, &session).await;
        page.pay("customer+denied@email.se", "123456").await;
        page.follow().await;
        assert!(page.has("outcome-declined") && page.has("retry"));
        assert!(page.html.contains("/failure?sid="));
        assert_eq!(world.merchant.read(&session).await["status"], "FAILED");
        let mut page = opened(&world, &session).await;
        assert!(page.has("pay-page"));
        page.pay("customer@email.se", "123456").await;
        assert_eq!(world.merchant.read(&session).await["status"], "COMPLETED");
    });
}

#[test]
fn back_cancel_and_error_redirect_to_their_urls() {
    journey(|world| async move {
        for (channel, email, act, url, status) in [
            ("ECOMMERCE", "", "back", "/back?", "BACK"),
            ("ECOMMERCE", "customer+error@email.se", "pay", "/error?", "ERROR"),
            ("IN_STORE", "", "cancel", "/cancel?", "CANCELLED"),
            ("ECOMMERCE", "", "cancel", "/back?", "BACK"),
        ] {
            let session = world.page_session_with(json!({}), channel).await;
            let mut page = opened(&world, &session).await;
            match act {
                "pay" => page.pay(email, "123456").await,
                act => page.post(act, &[]).await,
            }
            page.follow().await;
            assert!(page.location.contains(url), "{act}: {}", page.location);
            assert_eq!(world.merchant.read(&session).await["status"], status);
        }
    });
}

#[test]
fn a_wrong_code_or_address_is_named_and_changes_nothing() {
    journey(|world| async move {
        let session = world.page_session().await;
        let mut page = opened(&world, &session).await;
        for (email, code, field) in [
            ("customer@email.se", "999999", "field-error-one-time-code"),
            ("customer@email.se", "12", "field-error-one-time-code"),
            ("nobody", "123456", "field-error-email"),
        ] {
            page.pay(email, code).await;
            assert_eq!(page.status, 422);
            assert!(page.has(field), "{field}");
        }
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
        page.pay("customer@email.se", "123 456").await;
        assert_eq!(world.merchant.read(&session).await["status"], "COMPLETED");
    });
}

#[test]
fn a_new_consumer_signs_up_first() {
    journey(|world| async move {
        let session = world.page_session().await;
        let mut page = opened(&world, &session).await;
        page.pay("customer+new_user@email.se", "123456").await;
        assert!(page.has("given-name"));
        let mut form = page.form("customer+new_user@email.se", "123456");
        form.extend([
            ("given_name", "Ada".into()),
            ("family_name", "L".into()),
            ("date_of_birth", "1815".into()),
        ]);
        page.post("pay", &form).await;
        assert!(page.has("field-error-date-of-birth"));
        form.retain(|(name, _)| *name != "date_of_birth");
        form.push(("date_of_birth", "1985-12-10".into()));
        page.post("pay", &form).await;
        assert_eq!(world.merchant.read(&session).await["status"], "COMPLETED");
    });
}

#[test]
fn the_stored_status_decides_which_page_is_shown() {
    journey(|world| async move {
        for (way, status, shown, http) in [
            (vec!["enter", "approve"], Status::Completed, "outcome-completed", 200),
            (vec!["enter", "cancel"], Status::Cancelled, "outcome-cancelled", 200),
        ] {
            let session = world.page_session_with(json!({}), "IN_STORE").await;
            for act in way {
                world.merchant.act(&session, act).await;
            }
            let page = opened(&world, &session).await;
            assert_eq!((page.status, page.has(shown)), (http, true), "{status}");
            // An outdated form of another tab leads to the same page.
            let mut stale = opened(&world, &session).await;
            stale.post("pay", &[]).await;
            assert_eq!(stale.status, 303);
            assert_eq!(world.merchant.read(&session).await["status"], status.as_str());
        }
    });
}

#[test]
fn disabled_expired_and_unknown_links_have_their_own_pages() {
    journey(|world| async move {
        let session = world.page_session().await;
        let mut open_tab = opened(&world, &session).await;
        world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await;
        open_tab.pay("customer@email.se", "123456").await;
        open_tab.follow().await;
        assert_eq!((open_tab.status, open_tab.has("outcome-disabled")), (410, true));
        let session = world.page_session().await;
        let mut open_tab = opened(&world, &session).await;
        world.clock.advance(Duration::from_secs(47 * 3600));
        assert!(opened(&world, &session).await.has("outcome-expired"));
        open_tab.pay("customer@email.se", "123456").await;
        assert_eq!((open_tab.status, open_tab.has("outcome-expired")), (410, true));
        let unknown = Page::open_link(&world, "/pay/AAAAAAAAAAAAAAAAAAAAAA").await;
        assert_eq!((unknown.status, unknown.has("outcome-not-found")), (404, true));
    });
}

#[test]
fn a_changed_order_is_shown_again_before_it_is_paid() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let session = world.page_session_of(&payment, json!({})).await;
        let mut page = opened(&world, &session).await;
        let update = json!({"order_amount": 9999, "order_tax_amount": 1870, "order_lines": [
            {"name": "Running shoe", "quantity": 1, "unit_price": 9999, "tax_rate": 2300,
             "total_amount": 9999, "total_tax_amount": 1870}]});
        assert_eq!(
            world.merchant.post(&format!("/payments/v1/sessions/{payment}"), &update).await.status,
            204
        );
        page.pay("customer@email.se", "123456").await;
        assert!(page.has("notice") && page.html.contains("99,99\u{a0}kr"));
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
        page.pay("customer@email.se", "123456").await;
        assert_eq!(world.merchant.read(&session).await["status"], "COMPLETED");
    });
}

#[test]
fn payment_fallback_offers_the_other_categories_after_a_decline() {
    journey(|world| async move {
        let options = json!({"payment_method_category": "PAY_LATER", "payment_fallback": true});
        let session = world.page_session_with(options, "ECOMMERCE").await;
        let mut page = opened(&world, &session).await;
        assert!(page.has("category-pay_later") && !page.has("category-pay_now"));
        page.pay("customer+denied@email.se", "123456").await;
        assert!(page.has("notice") && page.has("category-pay_now") && !page.has("category-pay_later"));
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
        page.pay("customer+denied@email.se", "123456").await;
        assert_eq!(world.merchant.read(&session).await["status"], "FAILED");
    });
}

#[test]
fn the_content_security_policy_allows_only_own_files_and_own_forms() {
    journey(|world| async move {
        let options =
            json!({"logo_url": "https://cdn.example/logo.svg", "page_title": "<script>alert(1)</script>"});
        let session = world.page_session_with(options, "ECOMMERCE").await;
        let page = opened(&world, &session).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'nonce-"), "{policy}");
        assert!(policy.contains("img-src 'self';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("; form-action 'self'; "), "{policy}");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert!(!page.html.contains("<script>alert"));
    });
}

#[test]
fn a_session_stored_under_older_rules_writes_no_policy_and_leads_nowhere_that_is_not_allowed() {
    journey(|world| async move {
        let options = json!({
            "logo_url": "https://cdn.example/logo.svg",
            "background_images": [{"url": "https://cdn.example/shoes.jpg", "width": 900}],
        });
        let session = world.page_session_with(options, "ECOMMERCE").await;
        let export = world.merchant.get("/lab/v1/export").await.text;
        let shop = world.receiver.url();
        let older = export
            .replace("https://cdn.example/logo.svg", "https://a;script-src/logo.svg")
            .replace("https://cdn.example/shoes.jpg", "https://*/shoes.jpg")
            .replace(&format!("{shop}/back"), "search-ms:query=x")
            .replace(&format!("{shop}/cancel"), "https://b;form-action/cancel");
        assert_eq!(world.merchant.post("/lab/v1/reset", &json!({})).await.status, 204);
        let import = Bytes::from(older);
        let answer = world.merchant.call(Method::POST, "/lab/v1/import", &[], import).await;
        assert_eq!(answer.status, 201, "{}", answer.text);

        let mut page = opened(&world, &session).await;
        let policy = page.header("content-security-policy").to_string();
        let directives: Vec<&str> = policy.split("; ").collect();
        let names: Vec<&str> = directives.iter().map(|one| one.split(' ').next().unwrap()).collect();
        let expected = [
            "default-src",
            "script-src",
            "style-src",
            "img-src",
            "connect-src",
            "form-action",
            "base-uri",
            "frame-ancestors",
        ];
        assert_eq!(names, expected, "{policy}");
        assert_eq!(directives[3], "img-src 'self'", "{policy}");
        assert_eq!(directives[5], "form-action 'self'", "{policy}");
        page.post("back", &[]).await;
        page.follow().await;
        assert_eq!(page.status, 200, "a page is shown: {}", page.location);
        assert!(!page.html.contains("search-ms"), "{}", page.html);
    });
}

#[test]
fn the_qr_code_contains_the_pages_address() {
    journey(|world| async move {
        let session = world.page_session().await;
        let page = opened(&world, &session).await;
        let link = page.link();
        let png = world.merchant.get(&format!("{}/qr", page.path())).await;
        assert_eq!(png.header("content-type"), "image/png");
        assert_eq!(crate::harness::decoded_qr(&png.bytes), link);
        let accept = [("accept", "image/svg+xml")];
        let path = format!("{}/qr", page.path());
        let svg = world.merchant.call(http::Method::GET, &path, &accept, bytes::Bytes::new()).await;
        assert_eq!(svg.header("content-type"), "image/svg+xml");
        assert!(svg.text.contains("<svg"));
    });
}
