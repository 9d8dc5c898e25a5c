//! The consumer pays on a page of an external payment system: the public simulator of PayU, behind the example adapter.

use serde_json::{Value, json};
use thirtyfour::By;

use super::axe::everyone_can_read;
use super::shop::Shop;
use super::window::{Browser, Chromium, Colours, Screen};
use crate::external::front::Front;
use crate::harness::Node;

struct PayUScene {
    browser: Browser,
    shop: Shop,
    _node: Node,
    front: Front,
}

impl PayUScene {
    /// `None` if the simulator is not installed.
    async fn begin(chromium: Chromium) -> Option<Self> {
        let front = Front::start()?;
        let node = front.node();
        Some(Self { browser: Browser::start(chromium).await, shop: Shop::open().await, _node: node, front })
    }

    /// Opens the page of a new session. Returns its id.
    async fn open(&self, locale: &str) -> String {
        let created = self.front.page_session(locale, &self.shop.urls()).await;
        self.browser.visit(created.word("redirect_url")).await;
        self.browser.see_ready("pay").await;
        created.word("session_id").to_string()
    }

    /// Decides on the simulator's page.
    async fn decide(&self, action: &str) {
        kassa_testkit::eventually("the page of PayU", async || {
            let url = self.browser.url().await;
            if url.starts_with(&self.front.simulator.origin) { Ok(()) } else { Err(url) }
        })
        .await;
        let button = format!("button[value={action}]");
        self.browser.window.find(By::Css(button)).await.unwrap().click().await.unwrap();
    }

    async fn read(&self, session: &str) -> Value {
        self.front.merchant().read(session).await
    }
}

#[tokio::test]
async fn the_consumer_pays_on_a_phone_and_on_a_desktop_with_and_without_scripts() {
    for chromium in [Chromium::Whole, Chromium::WithoutScripts] {
        let Some(scene) = PayUScene::begin(chromium).await else { return };
        for (screen, locale) in [(Screen::Phone, "pl-PL"), (Screen::Desktop, "de-DE")] {
            scene.browser.show_on(screen, Colours::Light).await;
            let session = scene.open(locale).await;
            if chromium == Chromium::Whole {
                everyone_can_read(&scene.browser).await;
            }
            scene.browser.press("pay").await;
            scene.decide("approve").await;
            scene.browser.see("shop-success").await;
            let read = scene.read(&session).await;
            assert_eq!(read["status"], json!("COMPLETED"), "{chromium:?}: {read}");
            assert!(read["order_id"].is_string(), "{read}");
        }
    }
}

#[tokio::test]
async fn a_rejected_consumer_may_try_again() {
    let Some(scene) = PayUScene::begin(Chromium::Whole).await else { return };
    let session = scene.open("pl-PL").await;
    scene.browser.press("pay").await;
    scene.decide("reject").await;
    scene.browser.see("outcome-declined").await;
    assert_eq!(scene.read(&session).await["status"], json!("FAILED"));
    scene.browser.press_and_leave("retry").await;
    scene.browser.press("pay").await;
    scene.decide("approve").await;
    scene.browser.see("shop-success").await;
    assert_eq!(scene.read(&session).await["status"], json!("COMPLETED"));
}
