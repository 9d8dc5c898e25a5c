//! Links that cannot be paid: disabled, expired and unknown ones. Each has a page with the reason.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::axe::everyone_can_read;
use super::scene::{APPROVED, PayLink, Scene};
use super::window::Chromium;
use crate::harness::Dev;

#[tokio::test]
async fn a_session_disabled_on_an_open_page_cannot_be_paid() {
    let scene = Scene::begin_without_scripts().await;
    let link = scene.open_link().await;
    scene.browser.fill(APPROVED).await;
    scene.disable(&link).await;
    scene.browser.press("pay").await;
    scene.browser.see("outcome-disabled").await;
    scene.browser.see("shop-name").await;
    assert!(!scene.browser.has("retry").await);

    scene.open(&link).await;
    scene.browser.see("outcome-disabled").await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "DISABLED"]);
}

#[tokio::test]
async fn back_on_a_disabled_session_shows_the_disabled_page() {
    let scene = Scene::begin_without_scripts().await;
    let link = scene.open_link().await;
    scene.disable(&link).await;
    scene.browser.press("back").await;
    scene.browser.see("outcome-disabled").await;
    scene.browser.press("continue").await;
    scene.browser.see("shop-back").await;
}

#[tokio::test]
async fn a_session_that_expires_on_an_open_page_cannot_be_paid() {
    let data = TempDir::new().unwrap();
    let scene = Scene::begin_with(Dev::start_on(data.path()), Chromium::WithoutScripts).await;
    let link = scene.open_link().await;
    scene.browser.fill(APPROVED).await;
    let_expire(&link, data.path());
    scene.browser.press("pay").await;
    scene.browser.see("outcome-expired").await;

    scene.open(&link).await;
    scene.browser.see("outcome-expired").await;
    scene.browser.see("shop-name").await;
    assert_eq!(scene.browser.run("return document.documentElement.lang").await, "sv-SE");
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS"]);
}

/// Moves the expiry of the session into the past, directly in the database.
fn let_expire(link: &PayLink, data: &Path) {
    let database = rusqlite::Connection::open(data.join("kassa.db")).unwrap();
    database.busy_timeout(Duration::from_secs(5)).unwrap();
    let sql = "update page_session set expires_at = created_at where page_session_id = ?1";
    assert_eq!(database.execute(sql, [&link.session]).unwrap(), 1);
}

#[tokio::test]
async fn an_unknown_link_shows_the_not_found_page() {
    let scene = Scene::begin().await;
    let link = scene.link().await;
    for url in [format!("{}x", link.url), format!("{}/pay/nothing", scene.dev.url())] {
        scene.browser.visit(&url).await;
        scene.browser.see("outcome-not-found").await;
    }
    assert_eq!(scene.status_of(&link).await, "WAITING");
    everyone_can_read(&scene.browser).await;
}
