//! The tracker's status page, on a phone and a desktop, in light and in dark, empty and full.

use serde_json::json;

use super::axe::everyone_can_read;
use super::window::{Browser, Chromium, Colours, Screen};
use crate::harness::{Dev, Merchant};
use crate::tracking::Settings;

#[tokio::test]
async fn the_trackers_status_page_is_accessible_empty_and_full() {
    let dev = Dev::start();
    let tracker = Settings::for_dev(&dev).reading_eagerly().start();
    let browser = Browser::start(Chromium::Shell).await;
    check_page(&browser, &tracker.private.url).await;
    for (number, acts) in
        [&[][..], &["enter"], &["enter", "decline"], &["enter", "approve"]].iter().enumerate()
    {
        let id = session_after(&dev.merchant(), acts).await;
        let registration =
            json!({"session_id": id, "reference": format!("order-{number}-{}", "long".repeat(20))});
        tracker.private.post("/sessions", &registration).await.expect(201);
    }
    while tracker.metric("kassa_track_sessions{verdict=\"final\"}").await == 0 {}
    check_page(&browser, &tracker.private.url).await;
}

async fn check_page(browser: &Browser, url: &str) {
    browser.visit(url).await;
    everyone_can_read(browser).await;
    browser.show_on(Screen::Phone, Colours::Light).await;
    let fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    assert_eq!(browser.run(fits).await, true, "the page is wider than a phone");
}

async fn session_after(merchant: &Merchant, acts: &[&str]) -> String {
    let id = merchant.page_session(&json!({}), &json!({})).await;
    for act in acts {
        merchant.act(&id, act).await.expect(200);
    }
    id
}
