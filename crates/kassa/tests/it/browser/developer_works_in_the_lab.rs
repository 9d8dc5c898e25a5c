//! A developer uses the lab's pages with the mouse, with and without scripts. The pages update themselves.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::axe::everyone_can_read;
use super::scene::{PayLink, Scene};

#[tokio::test]
async fn the_lab_page_acts_on_a_session_and_shows_changes_made_elsewhere() {
    let scene = Scene::begin().await;
    let link = pick_a_session(&scene).await;
    scene.browser.press("act-enter").await;
    scene.browser.see_words("status", &["IN_PROGRESS"]).await;

    scene.browser.write("reason", "Half a sent").await;
    scene.merchant.act(&link.session, "back").await.expect(200);
    scene.browser.see_words("status", &["BACK"]).await;
    assert_eq!(scene.browser.value_of("reason").await, "Half a sent", "an update keeps unsent text");

    scene.browser.write("reason", "The card is lost").await;
    scene.browser.press("act-decline").await;
    scene.browser.see_words("told", &["the session is FAILED"]).await;
    scene.browser.see_words("timeline-event", &["Reason", "The card is lost"]).await;
    scene.browser.press("act-approve").await;
    scene.browser.see_words("status", &["COMPLETED"]).await;
    assert_eq!(scene.history_of(&link).await, ["IN_PROGRESS", "BACK", "FAILED", "COMPLETED"]);
    assert_eq!(scene.browser.url().await, lab(&scene, &format!("/sessions/{}", link.session)));
}

#[tokio::test]
async fn the_clock_is_frozen_and_advanced_until_the_session_expires() {
    let scene = Scene::begin().await;
    let link = pick_a_session(&scene).await;
    scene.browser.press("freeze").await;
    scene.browser.see_words("clock-state", &["FROZEN"]).await;
    scene.browser.press("advance-PT1H").await;
    scene.browser.see_words("fired", &["Nothing was due"]).await;
    scene.browser.press("more-clock").await;
    scene.browser.write("advance-count", "2").await;
    scene.browser.type_into("advance-unit", "days").await;
    scene.browser.press("advance-own").await;
    scene.browser.see_words("fired", &["the session expired, WAITING"]).await;
    scene.browser.see("expired").await;
    scene.merchant.get(&format!("/hpp/v1/sessions/{}", link.session)).await.expect(404);

    // The API sets the clock and unfreezes it, and the page shows that.
    let clock = json!({"now": "2026-05-01T12:00:00Z", "frozen": false});
    scene.merchant.call(http::Method::PUT, "/lab/v1/clock", &clock).await.unwrap().expect(200);
    scene.browser.see_words("clock-state", &["RUNS"]).await;
    scene.browser.see_words("now", &["2026-05-01 12:0"]).await;
}

#[tokio::test]
async fn the_form_for_a_fault_shows_only_the_fields_of_that_fault() {
    let scene = Scene::begin().await;
    scene.browser.visit(&lab(&scene, "/faults")).await;
    scene.browser.see("fair").await;
    let by = scene.browser.window.find(thirtyfour::By::Testid("callback-by")).await.unwrap();
    assert!(!by.is_displayed().await.unwrap(), "a drop has no delay");
    scene.browser.type_into("callback-fault", "delay").await;
    scene.browser.write("callback-by", "PT1M").await;
    scene.browser.press("add-callback-rule").await;
    scene.browser.see_words("rule", &["delay", "by PT1M"]).await;
    assert_eq!(faults(&scene).await["callbacks"], json!([{"do": "delay", "by": "PT1M"}]));
    scene.browser.write("callback-by", "a while").await;
    scene.browser.press("add-callback-rule").await;
    scene.browser.see_words("refused", &["Bad value: callbacks[1].by"]).await;
    scene.browser.write("call-path", "/hpp/*").await;
    scene.browser.press("add-call-rule").await;
    scene.browser.see_words("told", &["The rule is added"]).await;
    assert_eq!(scene.browser.value_of("call-path").await, "/hpp/*", "a form stays as it was filled in");
    assert_eq!(faults(&scene).await["calls"][0]["path"], "/hpp/*");
    scene.browser.press("clear-faults").await;
    scene.browser.see("fair").await;
    assert_eq!(faults(&scene).await["callbacks"], json!([]));
}

#[tokio::test]
async fn an_exported_file_is_imported_after_a_reset() {
    let scene = Scene::begin().await;
    let link = scene.link().await;
    let file = scene.merchant.get("/lab/v1/export").await.expect(200);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.json");
    std::fs::write(&path, &file.text).unwrap();

    scene.browser.visit(&lab(&scene, "/merchants")).await;
    scene.browser.press("reset").await;
    scene.browser.press("reset-sure").await;
    scene.browser.see_words("told", &["All data of the merchant is deleted"]).await;
    scene.browser.type_into("import-choose", path.to_str().unwrap()).await;
    scene.browser.press("import").await;
    scene.browser.see_words("told", &["Imported sessions: 1."]).await;
    assert_eq!(scene.status_of(&link).await, "WAITING");
}

#[tokio::test]
async fn the_labs_buttons_work_without_javascript() {
    let scene = Scene::begin_without_scripts().await;
    let link = pick_a_session(&scene).await;
    scene.browser.press("act-enter").await;
    scene.browser.see_words("status", &["IN_PROGRESS"]).await;
    scene.browser.write("reason", "The card is lost").await;
    scene.browser.press("act-decline").await;
    scene.browser.see_words("timeline-event", &["The card is lost"]).await;
    scene.browser.press("advance-PT1H").await;
    scene.browser.see("fired").await;
    scene.browser.press("tab-merchants").await;
    scene.browser.write("merchant-name", "Shoe Shop").await;
    scene.browser.press("make-merchant").await;
    scene.browser.press("to-made").await;
    scene.browser.see_words("whose", &["Shoe Shop"]).await;
    assert_eq!(scene.status_of(&link).await, "FAILED");
}

#[tokio::test]
async fn the_labs_pages_are_accessible() {
    let scene = Scene::begin().await;
    let link = scene.link().await;
    scene.merchant.act(&link.session, "enter").await.expect(200);
    let message = json!({"method": "email", "contact_information": {"email": "jane@example.org"}});
    let distribution = format!("/hpp/v1/sessions/{}/distribution", link.session);
    scene.merchant.post(&distribution, &message).await.expect(201);
    scene.merchant.act(&link.session, "decline").await.expect(200);

    scene.browser.visit(&format!("{}/demo", scene.dev.url())).await;
    scene.browser.press("lab").await;
    scene.browser.press("session").await;
    scene.browser.press("more-clock").await;
    scene.browser.press("advance-PT47H").await;
    scene.browser.see("fired").await;
    everyone_can_read(&scene.browser).await;
    scene.browser.press("tab-faults").await;
    scene.browser.press("add-call-rule").await;
    scene.browser.see("rule").await;
    everyone_can_read(&scene.browser).await;
    for (tab, seen) in [("inbox", "message"), ("journal", "entry"), ("merchants", "make-merchant")] {
        scene.browser.press(&format!("tab-{tab}")).await;
        scene.browser.see(seen).await;
        scene
            .browser
            .run("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
            .await;
        everyone_can_read(&scene.browser).await;
    }
    scene.browser.press("make-merchant").await;
    scene.browser.see("made").await;
    everyone_can_read(&scene.browser).await;
}

/// Returns a URL in the lab of the merchant that `kassa dev` creates.
fn lab(scene: &Scene, path: &str) -> String {
    format!("{}/lab/of/PK00000{path}", scene.dev.url())
}

/// Creates a session and opens it from the list.
async fn pick_a_session(scene: &Scene) -> PayLink {
    let link = scene.link().await;
    scene.browser.visit(&format!("{}/lab", scene.dev.url())).await;
    scene.browser.press("session").await;
    scene.browser.see_words("status", &["WAITING"]).await;
    link
}

async fn faults(scene: &Scene) -> Value {
    scene.merchant.get("/lab/v1/faults").await.expect(200).json
}
