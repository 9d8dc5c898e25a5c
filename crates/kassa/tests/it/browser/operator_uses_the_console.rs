//! Operators use the console in a browser, in each role, with and without scripts. Everybody can read its pages.

use serde_json::json;

use super::axe::everyone_can_read;
use super::scene::Scene;

/// Opens the console in a role.
async fn sign_in(scene: &Scene, role: &str) {
    scene.browser.visit(&format!("{}/console", scene.dev.url())).await;
    scene.browser.press(&format!("as-{role}")).await;
    scene.browser.see("role").await;
}

#[tokio::test]
async fn support_finds_a_page_session_follows_it_and_disables_it() {
    let scene = Scene::begin().await;
    let link = scene.link().await;
    sign_in(&scene, "SUPPORT").await;
    scene.browser.write("quick", &link.session).await;
    scene.browser.press("find-quick").await;
    scene.browser.see_words("found-by", &["page session"]).await;
    scene.browser.press("open").await;
    scene.browser.see_words("status", &["WAITING"]).await;
    scene.merchant.act(&link.session, "enter").await.expect(200);
    scene.browser.see_words("status", &["IN_PROGRESS"]).await;
    scene.browser.press("more-disable").await;
    scene.browser.press("disable").await;
    scene.browser.see_words("told", &["nobody can pay on it any more"]).await;
    scene.browser.see_words("status", &["DISABLED"]).await;
    assert_eq!(scene.status_of(&link).await, "DISABLED");
    assert!(!scene.browser.has("create-merchant").await);
}

#[tokio::test]
async fn an_admin_creates_a_merchant_and_an_operator() {
    let scene = Scene::begin().await;
    sign_in(&scene, "ADMIN").await;
    scene.browser.visit(&format!("{}/console/merchants", scene.dev.url())).await;
    scene.browser.write("merchant-id", "PK9").await;
    scene.browser.write("merchant-name", "Shoe Shop").await;
    scene.browser.press("create-merchant").await;
    scene.browser.see_words("secrets", &["only time", "Password"]).await;
    scene.browser.see_words("merchant", &["Shoe Shop"]).await;
    scene.browser.visit(&format!("{}/console/operators", scene.dev.url())).await;
    scene.browser.write("operator-name", "bob").await;
    scene.browser.press("create-operator").await;
    scene.browser.see_words("secrets", &["bob", "Password"]).await;
    scene.browser.see_words("operator", &["bob", "read only"]).await;
    scene.browser.press("sign-out").await;
    scene.browser.see("as-ADMIN").await;
}

#[tokio::test]
async fn an_admin_creates_a_profile_and_sees_how_the_page_looks_with_it() {
    let scene = Scene::begin().await;
    sign_in(&scene, "ADMIN").await;
    scene.browser.visit(&format!("{}/console/merchants/PK00000", scene.dev.url())).await;
    scene.browser.press("new-profile").await;
    scene.browser.see("save").await;
    everyone_can_read(&scene.browser).await;
    scene.browser.write("name", "Web shop").await;
    scene.browser.write("new-profile-id", "web-shop").await;
    scene.browser.write("options.page_title", "Your tent is waiting").await;
    scene.browser.write("colors.accent", "#ffcc00").await;
    scene.browser.write("colors.background", "#3b0764").await;
    scene.browser.press("save").await;
    scene.browser.see_words("profile-id", &["web-shop"]).await;
    everyone_can_read(&scene.browser).await;
    scene.browser.press("preview").await;
    scene.browser.see("sample-desktop").await;
    scene.browser.see_words("colors", &["#ffcc00", "#3b0764"]).await;
    everyone_can_read(&scene.browser).await;
    let path = "console/merchants/PK00000/profiles/web-shop/sample?language=sv";
    scene.browser.visit(&format!("{}/{path}", scene.dev.url())).await;
    assert!(scene.browser.text().await.contains("Your tent is waiting"));
    everyone_can_read(&scene.browser).await;
    scene.browser.press("pay").await;
    assert!(scene.browser.url().await.contains(path), "the form leads nowhere");
}

#[tokio::test]
async fn a_reader_sees_a_page_session_and_no_button_without_scripts() {
    let scene = Scene::begin_without_scripts().await;
    let link = scene.link().await;
    sign_in(&scene, "READ_ONLY").await;
    scene.browser.visit(&format!("{}/console/sessions/{}", scene.dev.url(), link.session)).await;
    scene.browser.see("no-actions").await;
    assert!(!scene.browser.has("disable").await);
    scene.browser.press("sign-out").await;
    scene.browser.see("as-READ_ONLY").await;
}

#[tokio::test]
async fn every_page_of_the_console_is_accessible() {
    let scene = Scene::begin().await;
    let link = scene.link_of("ECOMMERCE", &json!({"status_update": "http://127.0.0.1:9/gone"})).await;
    scene.merchant.act(&link.session, "enter").await.expect(200);
    scene.merchant.act(&link.session, "decline").await.expect(200);
    scene.browser.visit(&format!("{}/console", scene.dev.url())).await;
    everyone_can_read(&scene.browser).await;
    sign_in(&scene, "ADMIN").await;
    for path in ["", "/sessions", "/merchants", "/merchants/PK00000", "/operators", "/account", "/nothing"] {
        scene.browser.visit(&format!("{}/console{path}", scene.dev.url())).await;
        everyone_can_read(&scene.browser).await;
    }
    scene.browser.visit(&format!("{}/console/sessions/{}", scene.dev.url(), link.session)).await;
    scene.browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true })").await;
    everyone_can_read(&scene.browser).await;
}
