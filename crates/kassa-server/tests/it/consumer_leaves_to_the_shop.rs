//! The way from the page to the shop: a browser gets a page that leads there, a program gets a redirect.

use http::Method;
use serde_json::json;

use crate::harness::{Answer, Page, World, journey};

/// The `Accept` header of a browser that goes to a page.
const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

#[test]
fn a_browser_leaves_through_a_page_of_ours_that_a_form_may_lead_to() {
    journey(|world| async move {
        let shop = "https://shop.example/thanks?a=1&b=2";
        let (page, outcome) = paid(&world, json!({"success": shop}), &[BROWSER]).await;
        let policy = page.header("content-security-policy").to_string();
        assert!(policy.contains("; form-action 'self'; "), "{policy}");
        assert_eq!((outcome.status, outcome.header("location")), (200, ""));
        let escaped = shop.replace('&', "&#38;");
        assert!(
            outcome.text.contains(&format!("<meta http-equiv=\"refresh\" content=\"0;url={escaped}\">")),
            "{}",
            outcome.text
        );
        assert!(outcome.text.contains(&format!("href=\"{escaped}\" data-testid=\"continue\"")));
    });
}

#[test]
fn a_browser_that_sends_only_its_mode_leaves_through_the_page() {
    journey(|world| async move {
        let shop = json!({"success": "https://shop.example/"});
        for headers in [
            [("sec-fetch-mode", "navigate"), ("sec-fetch-site", "same-origin")],
            [("accept", "application/xhtml+xml"), ("accept-language", "sv")],
        ] {
            let (_, outcome) = paid(&world, shop.clone(), &headers).await;
            assert_eq!((outcome.status, outcome.header("location")), (200, ""), "{headers:?}");
        }
    });
}

#[test]
fn a_program_gets_a_redirect_to_the_merchant() {
    journey(|world| async move {
        for headers in [
            vec![],
            vec![("accept", "*/*")],
            vec![("accept", "application/json")],
            vec![("accept", "*/*"), ("sec-fetch-mode", "cors")],
        ] {
            let shop = "https://shop.example/thanks";
            let (_, outcome) = paid(&world, json!({"success": shop}), &headers).await;
            assert_eq!((outcome.status, outcome.header("location")), (303, shop), "{headers:?}");
            assert_eq!(outcome.header("vary"), "accept, sec-fetch-mode");
        }
    });
}

#[test]
fn location_is_a_uri_in_ascii() {
    journey(|world| async move {
        for (given, location) in [
            (
                "https://shop.example/kassa/tack-för-köpet?nej=å#ö",
                "https://shop.example/kassa/tack-f%C3%B6r-k%C3%B6pet?nej=%C3%A5#%C3%B6",
            ),
            ("https://blåbär.example/ok", "https://xn--blbr-noae.example/ok"),
            ("https://shop.example/thank you?a=b c", "https://shop.example/thank%20you?a=b%20c"),
            ("https://shop.example/a\"<b>?c=`d|{e}^", "https://shop.example/a%22%3Cb%3E?c=`d|{e}^"),
            ("https:\\\\shop.example\\ok", "https://shop.example/ok"),
            ("https:shop.example/ok", "https://shop.example/ok"),
            (" https://shop.example/ok ", "https://shop.example/ok"),
            ("http://[::1]:3000/ok", "http://[::1]:3000/ok"),
            ("myshop://tack/för dig", "myshop://tack/f%C3%B6r%20dig"),
            ("com.example.app:/tack för", "com.example.app:/tack%20f%C3%B6r"),
            ("com.example.app:tack för", "com.example.app:tack%20f%C3%B6r"),
            ("https://shop.example/100%?b=%C3%A5&a[]=1", "https://shop.example/100%?b=%C3%A5&a[]=1"),
            ("HTTPS://Shop.Example:443/../ok", "HTTPS://Shop.Example:443/../ok"),
        ] {
            let (_, outcome) = paid(&world, json!({"success": given}), &[]).await;
            let bytes = outcome.headers["location"].as_bytes();
            assert_eq!(String::from_utf8_lossy(bytes), location, "{given}");
        }
    });
}

#[test]
fn a_placeholder_may_stand_in_the_host() {
    journey(|world| async move {
        for url in ["https://{{session_id}}.shop.example/", "https://%7B%7Bsession_id%7D%7D.shop.example/"] {
            let urls = json!({"success": url, "back": url, "error": url});
            let session = world.page_session_to(urls).await;
            let mut page = Page::open(&world, &session).await;
            page.pay("customer@email.se", "123456").await;
            page.follow().await;
            assert_eq!(page.location, format!("https://{session}.shop.example/"));
        }
    });
}

#[test]
fn a_host_that_stays_a_placeholder_is_refused() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        for url in
            ["https://{{nothing}}.example/", "{{session_id}}", "https://{{order_id}}/", "https://..example/"]
        {
            let body = json!({
                "payment_session_url": format!("{}/payments/v1/sessions/{payment}", world.url),
                "merchant_urls": {"back": url},
            });
            let answer = world.merchant.post("/hpp/v1/sessions", &body).await;
            assert!(answer.error().starts_with("400 BAD_VALUE [\"Bad value: merchant_urls.back\""), "{url}");
        }
    });
}

/// Pays for a new session with these merchant URLs. Returns its page, and the outcome as asked for with these headers.
async fn paid<'a>(
    world: &'a World,
    merchant_urls: serde_json::Value,
    headers: &[(&'static str, &str)],
) -> (Page<'a>, Answer) {
    let session = world.page_session_to(merchant_urls).await;
    let mut page = Page::open(world, &session).await;
    let path = page.path().to_string();
    let opened = Page::open_link(world, &path).await;
    page.pay("customer@email.se", "123456").await;
    assert_eq!((page.status, page.location.as_str()), (303, &*format!("{path}/outcome")));
    let outcome = world.looks(Method::GET, &page.location, headers).await;
    (opened, outcome)
}
