//! The secrets of both directions, the authorization token and the address of the page appear in no log and no dump of
//! the database.

use std::fs::File;

use kassa_store::simulation::Database;
use kassa_testkit::eventually;
use serde_json::json;

use super::front::{Front, PayUPages};
use crate::harness::cart;

const PRESS_PAY: &str = "payment_method_category=pay_now";

/// Pays in the browser, with an approval at PayU.
async fn pay(front: &Front, pages: &PayUPages, page: &str) {
    front.browser().browse(page, None).await.unwrap().expect(200);
    let started = front.browser().browse(&format!("{page}/pay"), Some(PRESS_PAY)).await.unwrap().expect(303);
    pages.hold(&pages.order_in(started.header("location")).unwrap()).await;
    front.browser().browse(&format!("{page}/returned"), None).await.unwrap().expect(303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_the_log_or_in_the_database() {
    let Some(front) = Front::start() else { return };
    let folder = front.configuration.folder().to_path_buf();
    let log = folder.join("log");
    let _node = front.node_with(|command| {
        command.env("KASSA_LOG", "trace").stderr(File::create(&log).unwrap());
    });
    let pages = front.payu_pages();
    let mut secrets = ["secret", "notification-secret", "account-keys"]
        .map(|name| (name, std::fs::read_to_string(folder.join(name)).unwrap().trim().to_string()))
        .to_vec();
    let ordered = front.page_session("pl-PL", &json!({})).await;
    let handed_out = front.page_session_with("pl-PL", &json!({}), "NONE").await;
    for created in [&ordered, &handed_out] {
        let page = front.path_of(created.word("redirect_url"));
        secrets.push(("the token of the page", page.strip_prefix("/pay/").unwrap().to_string()));
        pay(&front, &pages, &page).await;
        eventually("a completed session", async || {
            let read = front.merchant().read(created.word("session_id")).await;
            if read["status"] == "COMPLETED" { Ok(()) } else { Err(read) }
        })
        .await;
    }
    let read = front.merchant().read(handed_out.word("session_id")).await;
    let token = read["authorization_token"].as_str().unwrap().to_string();
    let path = format!("/payments/v1/authorizations/{token}/order");
    front.merchant().post(&path, &cart("ECOMMERCE")).await.expect(200);
    secrets.push(("the authorization token", token));
    let log = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
    let dump = Database::File(folder.join("kassa.db")).dump().await;
    assert!(log.contains("TRACE") && dump.contains("sealed:"), "there is something to search");
    for (what, secret) in secrets {
        assert_eq!(log.lines().find(|line| line.contains(&secret)), None, "{what} is in the log");
        assert_eq!(dump.lines().find(|line| line.contains(&secret)), None, "{what} is in the database");
    }
}
