//! `GET /pay/{token}/live`: an open page learns at once that its order changed, or that there is nothing left to pay.
//! The clock of these tests is stopped, so no page finds a change by reading again.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::harness::{Answer, Page, World, journey};

/// A page that is open in a browser.
struct OpenPage {
    payment: String,
    session: String,
    /// The address that the page's script asks.
    live: String,
}

impl OpenPage {
    async fn open(world: &World) -> Self {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let session = world.page_session_of(&payment, json!({})).await;
        let page = Page::open(world, &session).await;
        Self { payment, session, live: live_address(&page.html) }
    }

    /// The page after it has warned that its link expires soon.
    fn warned(self) -> Self {
        Self { live: format!("{}&warned=1", self.live), ..self }
    }

    /// Follows the session until an event of this name arrives.
    async fn follow(&self, world: &Arc<World>, event: &str) -> JoinHandle<String> {
        let (world, live, event) = (world.clone(), self.live.clone(), format!("event: {event}\n"));
        let following = {
            let world = world.clone();
            tokio::spawn(async move { world.look_on_until(&live, &event).await })
        };
        world.wait_for_open_pages(1).await;
        following
    }

    async fn change_order(&self, world: &World) {
        let path = format!("/payments/v1/sessions/{}", self.payment);
        assert_eq!(world.merchant.post(&path, &other_order()).await.status, 204);
    }
}

fn live_address(html: &str) -> String {
    html.split_once("data-live=\"").expect("the page is live").1.split('"').next().unwrap().to_string()
}

fn other_order() -> Value {
    json!({"order_amount": 19998, "order_tax_amount": 3740, "order_lines": [
        {"name": "Running shoe", "quantity": 2, "unit_price": 9999, "tax_rate": 2300,
         "total_amount": 19998, "total_tax_amount": 3740}]})
}

async fn ask(world: &World, path: &str) -> Answer {
    world.looks(Method::GET, path, &[("accept", "text/html")]).await
}

async fn status(world: &World, page: &OpenPage) -> Value {
    world.merchant.read(&page.session).await["status"].clone()
}

#[test]
fn a_changed_order_reaches_an_open_page() {
    journey(|world| async move {
        let page = OpenPage::open(&world).await;
        assert_eq!(ask(&world, &page.live).await.status, 204);
        let following = page.follow(&world, "order").await;
        page.change_order(&world).await;
        let seen = following.await.unwrap();
        assert!(seen.contains("event: following\n"), "{seen}");
        assert!(!seen.contains("199,98"), "an event does not contain the order: {seen}");

        let changed = ask(&world, &page.live).await;
        assert_eq!(changed.status, 200);
        assert!(changed.text.contains("199,98\u{a0}kr") && changed.text.contains("data-testid=\"notice\""));
        let address = live_address(&changed.text);
        assert_ne!(address, page.live);
        assert_eq!(ask(&world, &address).await.status, 204);
        world.wait_for_open_pages(0).await;
    });
}

#[test]
fn an_open_page_learns_that_its_session_is_disabled() {
    journey(|world| async move {
        let page = OpenPage::open(&world).await;
        let following = page.follow(&world, "over").await;
        assert_eq!(world.merchant.delete(&format!("/hpp/v1/sessions/{}", page.session)).await.status, 204);
        following.await.unwrap();
        assert_eq!(ask(&world, &page.live).await.status, 205);
    });
}

#[test]
fn an_open_page_learns_that_a_sibling_was_paid() {
    journey(|world| async move {
        let page = OpenPage::open(&world).await;
        let following = page.follow(&world, "over").await;
        let sibling = world.page_session_of(&page.payment, json!({"place_order_mode": "PLACE_ORDER"})).await;
        Page::open(&world, &sibling).await.pay("customer@email.se", "123456").await;
        following.await.unwrap();
        assert_eq!(status(&world, &page).await, "COMPLETED");
    });
}

#[test]
fn an_open_page_learns_that_its_link_expired() {
    journey(|world| async move {
        let page = OpenPage::open(&world).await;
        let page = page.warned();
        let following = page.follow(&world, "over").await;
        world.clock.advance(Duration::from_secs(47 * 3_600 - 1));
        assert_eq!(ask(&world, &page.live).await.status, 204);
        world.clock.advance(Duration::from_secs(1));
        following.await.unwrap();
        assert_eq!(ask(&world, &page.live).await.status, 205);
    });
}

#[test]
fn back_in_another_tab_neither_closes_an_open_page_nor_is_undone_by_it() {
    journey(|world| async move {
        let page = OpenPage::open(&world).await;
        let following = page.follow(&world, "over").await;
        world.merchant.act(&page.session, "back").await;
        assert_eq!(ask(&world, &page.live).await.status, 204);
        assert!(!following.is_finished(), "the page is still open");
        page.change_order(&world).await;
        assert_eq!(ask(&world, &page.live).await.status, 200);
        assert_eq!(status(&world, &page).await, "BACK");
        following.abort();
    });
}

#[test]
fn following_is_not_in_the_timeline() {
    journey(|world| async move {
        let page = OpenPage::open(&world).await;
        ask(&world, &page.live).await;
        let following = page.follow(&world, "over").await;
        world.merchant.delete(&format!("/hpp/v1/sessions/{}", page.session)).await;
        following.await.unwrap();
        let has_deletion = |history: &Value| history["timeline"].to_string().contains("\"DELETE\"");
        let history = world.history_when(&page.session, "the deletion is recorded", has_deletion).await;
        let timeline = history["timeline"].to_string();
        assert!(timeline.contains("/pay/{token}\"") && !timeline.contains("/live"), "{timeline}");
    });
}

#[test]
fn a_change_by_another_process_reaches_an_open_page_within_seconds() {
    journey(|world| async move {
        let page = OpenPage::open(&world).await;
        let elsewhere = world.merchant_elsewhere().await;
        let following = page.follow(&world, "over").await;
        let path = format!("/hpp/v1/sessions/{}", page.session);
        assert_eq!(elsewhere.delete(&path).await.status, 204);
        if !world.exchanges_notices() {
            world.clock.advance(Duration::from_secs(5));
        }
        following.await.unwrap();
    });
}

#[test]
fn a_changed_order_on_another_node_reaches_an_open_page_at_once() {
    journey(|world| async move {
        if !world.exchanges_notices() {
            return;
        }
        let page = OpenPage::open(&world).await;
        let elsewhere = world.merchant_elsewhere().await;
        let following = page.follow(&world, "order").await;
        let path = format!("/payments/v1/sessions/{}", page.payment);
        assert_eq!(elsewhere.post(&path, &other_order()).await.status, 204);
        following.await.unwrap();
    });
}

#[test]
fn a_page_that_offers_the_other_categories_keeps_them() {
    journey(|world| async move {
        let payment = world.merchant.payment_session("ECOMMERCE").await;
        let options = json!({"payment_method_category": "PAY_LATER", "payment_fallback": true});
        let session = world.page_session_of(&payment, options).await;
        let mut page = Page::open(&world, &session).await;
        page.pay("customer+denied@email.se", "123456").await;
        assert!(page.has("category-pay_now") && !page.has("category-pay_later"));
        let path = format!("/payments/v1/sessions/{payment}");
        assert_eq!(world.merchant.post(&path, &other_order()).await.status, 204);
        let changed =
            ask(&world, &live_address(&page.html).replace("&amp;", "&").replace("&#38;", "&")).await;
        assert!(changed.text.contains("category-pay_now") && !changed.text.contains("category-pay_later"));
    });
}

/// The lab can stop a merchant's clock at any instant.
#[test]
fn a_page_whose_clock_is_stopped_just_before_the_expiry_does_not_read_without_end() {
    journey(|world| async move {
        let page = OpenPage::open(&world).await;
        let until_almost = Duration::from_millis(47 * 3_600_000 - 1);
        world.clock.advance(until_almost);
        let page = page.warned();
        let following = page.follow(&world, "over").await;
        world.clock.advance(Duration::from_millis(999));
        assert!(!following.is_finished(), "it reads again after a second");
        world.clock.advance(Duration::from_millis(1));
        following.await.unwrap();
    });
}
