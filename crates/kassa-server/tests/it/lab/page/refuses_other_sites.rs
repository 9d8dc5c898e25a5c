//! Access to the page: it asks for no password, and refuses every request that another site may have caused.

use bytes::Bytes;
use http::Method;
use kassa_lab::lab_page_paths;

use super::{LAB, open, page_of};
use crate::harness::journey;
use crate::lab::in_process::InProcess;
use crate::lab::session_after;

#[test]
fn the_page_is_closed_unless_it_was_opened() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let world = InProcess::start(7).await;
        for path in lab_page_paths() {
            let path = path.replace("{merchant}", "merchant").replace("{place}", "faults");
            let answer = world.merchant.page(&path).await;
            assert!(answer.contains("NOT_FOUND") && !answer.contains("<html"), "{path}: {answer}");
        }
    });
}

#[test]
fn the_page_opens_with_the_merchant_it_was_opened_for_and_shows_no_others() {
    journey(async |world| {
        let answer = world.browser(Method::GET, "/lab", Bytes::new()).await;
        assert_eq!((answer.status, answer.header("location")), (303, LAB));
        for path in ["/lab/of/stranger", "/lab/of/stranger/export", "/lab/of/nobody", "/lab/of/merchant/moon"]
        {
            let answer = world.browser(Method::GET, path, Bytes::new()).await;
            assert!(
                answer.status == 404 && answer.text.contains("Not in the lab"),
                "{path}: {}",
                answer.text
            );
        }
        let session = world.stranger.payment_session("ECOMMERCE").await;
        let answer = world.browser(Method::GET, &page_of(&session), Bytes::new()).await;
        assert_eq!(answer.status, 404, "another merchant's session is not there");
    });
}

#[test]
fn another_site_can_neither_press_a_button_nor_read_a_page() {
    journey(async |world| {
        let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")];
        let pressed = Bytes::from_static(b"do=freeze");
        let anyone = world.anyone_with("");
        assert_eq!(anyone.call(Method::POST, LAB, &foreign, pressed.clone()).await.status, 403);
        for method in [Method::GET, Method::POST] {
            let made_to_lead_here = [("host", "elsewhere.example"), ("origin", "http://elsewhere.example")];
            let answer = anyone.call(method.clone(), LAB, &made_to_lead_here, pressed.clone()).await;
            assert_eq!(answer.status, 403, "{method}");
        }
        assert_eq!(world.merchant.get("/lab/v1/clock").await.json["frozen"], false, "nothing was done");
    });
}

#[test]
fn pages_carry_a_strict_policy_and_show_no_secret() {
    journey(async |world| {
        let session = session_after(&world, "approve").await;
        let token = world.merchant.read(&session).await["authorization_token"].as_str().unwrap().to_string();
        let paths = ["", "/faults", "/inbox", "/journal", "/merchants", "/moon"];
        let paths = paths.iter().map(|path| format!("{LAB}{path}")).chain([page_of(&session)]);
        for path in paths {
            let answer = world.browser(Method::GET, &path, Bytes::new()).await;
            let policy = answer.header("content-security-policy");
            let is_strict = policy.starts_with("default-src 'none'") && !policy.contains("unsafe");
            assert!(is_strict && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            for secret in ["Basic ", "whsec_", " style=", " onclick=", "<script>", &token] {
                assert!(!answer.text.contains(secret), "{path} shows {secret}");
            }
        }
        for file in ["developer.css", "lab.css", "live.js", "lab.js", "kassa.svg"] {
            open(&world, &format!("/lab/assets/{file}")).await;
        }
    });
}
