//! Every page is in the language of the session, with the shop's name and a way back. A link that leads to no session
//! is answered in the language of the browser.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::harness::{Answer, journey};

const GERMAN: (&str, &str) = ("accept-language", "zh, de-DE;q=0.8, en;q=0.5");

/// Asserts that the page is Swedish and names the shop.
#[track_caller]
fn is_of_the_session(answer: &Answer, case: &str) {
    assert!(answer.header("content-type").starts_with("text/html"), "{case}: {}", answer.text);
    assert!(answer.text.contains("<html lang=\"sv-SE\" dir=\"ltr\">"), "{case}: {}", answer.text);
    assert!(answer.text.contains("data-testid=\"shop-name\">merchant<"), "{case}: {}", answer.text);
}

#[test]
fn a_disabled_and_an_expired_link_lead_back_to_the_shop() {
    journey(|world| async move {
        let shop = world.receiver.url();
        let session = world.page_session().await;
        let link = world.page_of(&session);
        world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await;
        let disabled = world.looks(Method::GET, &link, &[GERMAN]).await;
        is_of_the_session(&disabled, "disabled");
        assert!(disabled.text.contains("data-testid=\"outcome-disabled\""));
        let session = world.page_session().await;
        let link = world.page_of(&session);
        world.clock.advance(Duration::from_secs(49 * 3600));
        let expired = world.looks(Method::GET, &link, &[GERMAN]).await;
        is_of_the_session(&expired, "expired");
        assert!(expired.text.contains("data-testid=\"outcome-expired\"") && !expired.text.contains("retry"));
        for page in [disabled, expired] {
            assert!(page.text.contains(&format!("href=\"{shop}/back?")), "{}", page.text);
            assert!(page.text.contains("data-testid=\"continue\""), "{}", page.text);
        }
    });
}

#[test]
fn without_a_back_url_the_way_back_is_the_start_page_of_the_shop() {
    journey(|world| async move {
        for (urls, start) in [
            (json!({"success": "https://blåbär.example/tack?a=1"}), Some("https://xn--blbr-noae.example/")),
            (json!({"cancel": "http://[::1]:3000/cancel"}), Some("http://[::1]:3000/")),
            (json!({"success": "myshop://paid"}), None),
            (
                json!({"success": "myshop://paid", "error": "http://localhost:3000/e"}),
                Some("http://localhost:3000/"),
            ),
        ] {
            let session = world.page_session_to(urls).await;
            world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await;
            let page = world.looks(Method::GET, &world.page_of(&session), &[]).await;
            let link = start.map(|start| format!("href=\"{start}\" data-testid=\"continue\""));
            match link {
                Some(link) => assert!(page.text.contains(&link), "{link} in {}", page.text),
                None => assert!(!page.text.contains("continue"), "{}", page.text),
            }
        }
    });
}

#[test]
fn an_unknown_path_below_a_link_leads_back_to_the_page() {
    journey(|world| async move {
        let session = world.page_session().await;
        let link = world.page_of(&session);
        for (method, path, status) in [
            (Method::GET, format!("{link}/nothing"), 404),
            (Method::GET, format!("{link}/outcome/more"), 404),
            (Method::GET, format!("{link}/%FF"), 404),
            (Method::PUT, format!("{link}/pay"), 405),
            (Method::POST, format!("{link}/outcome"), 405),
        ] {
            let answer = world.looks(method, &path, &[GERMAN]).await;
            assert_eq!(answer.status, status, "{path}");
            is_of_the_session(&answer, &path);
            assert!(
                answer.text.contains(&format!("href=\"{link}\" data-testid=\"retry\"")),
                "{}",
                answer.text
            );
            assert_eq!(answer.header("allow").is_empty(), status != 405, "{path}");
        }
        assert_eq!(world.merchant.read(&session).await["status"], "WAITING");
    });
}

#[test]
fn a_form_that_cannot_be_read_is_an_error_with_a_way_back() {
    journey(|world| async move {
        let session = world.page_session().await;
        let link = world.page_of(&session);
        let form = "application/x-www-form-urlencoded";
        for (content_type, body) in [
            ("application/json", "{}".to_string()),
            (form, "a".repeat(20_000)),
            (form, "email=a&email=b".to_string()),
        ] {
            let headers = [("content-type", content_type), GERMAN];
            let answer = world.sends(Method::POST, &format!("{link}/pay"), &headers, body.into()).await;
            assert_eq!(answer.status, 400, "{content_type}");
            is_of_the_session(&answer, content_type);
            assert!(
                answer.text.contains("outcome-error") && answer.text.contains("retry"),
                "{}",
                answer.text
            );
        }
    });
}

#[test]
fn a_link_that_leads_nowhere_is_answered_in_the_language_of_the_browser() {
    journey(|world| async move {
        for path in [
            "/pay/nothing",
            "/pay/AAAAAAAAAAAAAAAAAAAAAA",
            "/pay/AAAAAAAAAAAAAAAAAAAAAA/outcome",
            "/pay/nothing/pay",
            "/pay/nothing/qr",
            "/distributions/nothing",
            "/distributions/AAAAAAAAAAAAAAAAAAAAAA/send",
            "/pay/%FF",
            "/pay/%FF/outcome",
            "/pay/%0A/pay",
            "/pay/%0A/qr",
            "/pay/%C3%A5/pay",
            "/pay/%2F%2Fevil.example/pay",
            "/pay",
            "/pay/",
            "/pay/a/b/c/d",
        ] {
            let answer = world.looks(Method::GET, path, &[GERMAN]).await;
            assert_eq!(answer.status, 404, "{path}: {}", answer.text);
            assert!(answer.text.contains("<html lang=\"de\" dir=\"ltr\">"), "{path}: {}", answer.text);
            assert!(answer.text.contains("data-testid=\"outcome-not-found\""), "{path}");
            assert!(!answer.header("klarna-correlation-id").is_empty(), "{path}");
        }
    });
}
