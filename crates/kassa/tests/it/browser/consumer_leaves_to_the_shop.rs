//! The way back to the shop: over other hosts, to an app, or to an app that is not installed.

use serde_json::json;

use super::scene::{APPROVED, FAILING, PayLink, Scene};

/// Every way to leave at once: the merchant URL, and what the consumer does.
const WAYS: [(&str, &str); 3] = [("success", APPROVED), ("error", FAILING), ("back", "")];

#[tokio::test]
async fn the_consumer_arrives_over_any_chain_of_hosts() {
    leave_over_hosts(&Scene::begin().await).await;
}

#[tokio::test]
async fn the_consumer_arrives_over_any_chain_of_hosts_without_javascript() {
    leave_over_hosts(&Scene::begin_without_scripts().await).await;
}

async fn leave_over_hosts(scene: &Scene) {
    for (way, email) in WAYS {
        let end = scene.shop.url_elsewhere(way);
        for address in [end.clone(), scene.shop.hop_to(&end), scene.shop.hop_to(&scene.shop.hop_to(&end))] {
            leave(scene, way, email, &address).await;
            scene.browser.see(&format!("shop-{way}")).await;
            assert_eq!(scene.browser.url().await, end);
        }
    }
}

#[tokio::test]
async fn a_consumer_without_the_app_sees_the_outcome_and_a_link() {
    let scene = Scene::begin().await;
    for (way, email) in WAYS {
        for address in ["myshop://done".to_string(), scene.shop.hop_to("myshop://done")] {
            // Chromium asks in a tab whether to open the app, and the tab waits for the answer.
            let tab = scene.browser.window.new_tab().await.unwrap();
            scene.browser.window.switch_to_window(tab).await.unwrap();
            let link = leave(&scene, way, email, &address).await;
            let outcome = match way {
                "success" => "outcome-completed",
                other => &format!("outcome-{other}"),
            };
            scene.browser.see(outcome).await;
            scene.browser.see("continue").await;
            assert_eq!(scene.browser.url().await, format!("{}/outcome", link.url));
        }
    }
}

#[tokio::test]
async fn a_host_with_a_placeholder_is_reached() {
    let scene = Scene::begin().await;
    let address = scene.shop.url_elsewhere("success").replace("www", "{{session_id}}");
    let link = leave(&scene, "success", APPROVED, &address).await;
    scene.browser.see("shop-success").await;
    assert_eq!(scene.browser.url().await, address.replace("{{session_id}}", &link.session));
}

/// Opens a new link whose merchant URL for this way is `address`, and follows that way.
async fn leave(scene: &Scene, way: &str, email: &str, address: &str) -> PayLink {
    let link = scene.link_of("ECOMMERCE", &json!({way: address})).await;
    scene.open(&link).await;
    match way {
        "back" => scene.browser.press("back").await,
        _ => scene.browser.pay_as(email).await,
    }
    link
}
