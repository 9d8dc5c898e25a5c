//! The tracker's status page, on a phone and a desktop, in light and in dark, empty and full.

use serde_json::json;

use super::axe::everyone_can_read;
use super::window::{Browser, Colours, Screen, Scripts};
use crate::harness::{Dev, Merchant};
use crate::tracking::Settings;

#[tokio::test]
async fn the_status_page_is_readable_empty_and_full() {
    let dev = Dev::start();
    let tracker = Settings::for_dev(&dev).reading_eagerly().start();
    let browser = Browser::start(Scripts::Run).await;
    look_at_it(&browser, &tracker.private.url).await;
    for (number, acts) in
        [&[][..], &["enter"], &["enter", "decline"], &["enter", "approve"]].iter().enumerate()
    {
        let id = lived(&dev.merchant(), acts).await;
        let registration =
            json!({"session_id": id, "reference": format!("order-{number}-{}", "long".repeat(20))});
        tracker.private.post("/sessions", &registration).await.expect(201);
    }
    while tracker.metric("kassa_track_sessions{verdict=\"final\"}").await == 0 {}
    look_at_it(&browser, &tracker.private.url).await;
}

async fn look_at_it(browser: &Browser, url: &str) {
    browser.visit(url).await;
    everyone_can_read(browser).await;
    browser.show_on(Screen::Phone, Colours::Light).await;
    let fits = "return document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(browser.run(fits).await, true, "it is wider than a phone");
}

async fn lived(merchant: &Merchant, acts: &[&str]) -> String {
    let id = merchant.page_session(&json!({}), &json!({})).await;
    for act in acts {
        merchant.act(&id, act).await.expect(200);
    }
    id
}
