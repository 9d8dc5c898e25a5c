//! The disk is full: changes are refused and not reported, reads succeed, and changes succeed again when there is
//! space.

use std::process::{Command, Stdio};

use http::Method;
use kassa_testkit::eventually;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Answer, Dev, Merchant, cart, kassa};

/// The largest file that the process may write, in blocks of 512 bytes: the database, and little more.
const BLOCKS: u32 = 4096;

#[tokio::test]
async fn a_full_disk_refuses_changes_until_there_is_space() {
    let data = TempDir::new().unwrap();
    let dev = Dev::launch(limited(), &["--data", data.path().to_str().unwrap()]);
    let merchant = dev.merchant();
    let created = merchant.page_session_for(&cart("ECOMMERCE"), &json!({}), &json!({})).await;
    let (session, page) = (created.word("session_id"), created.word("redirect_url"));
    let before = merchant.act(session, "enter").await.expect(200).json;

    let refused = fill(&merchant).await;
    assert_is_unavailable(&refused);
    assert_is_unavailable(&merchant.act(session, "approve").await);
    assert_eq!(merchant.read(session).await, before, "reads go on, and nothing was told");
    page_offers_to_try_again(&merchant, page).await;
    is_ready_with(&merchant, 503).await;
    assert_eq!(merchant.get("/healthz").await.status, 200);

    give_space(dev.process_id());
    let after = merchant.act(session, "approve").await.expect(200).json;
    assert_eq!(after["status"], "COMPLETED");
    is_ready_with(&merchant, 200).await;
    dev.kill();
    assert_eq!(Dev::start_on(data.path()).merchant().read(session).await, after);
}

/// The command with a limit on file sizes. It ignores the signal about the limit, so that the write fails.
fn limited() -> Command {
    let kassa = kassa();
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -S -f {BLOCKS}; exec \"$0\" \"$@\"");
    command.args(["-c", &script]).arg(kassa.get_program()).stdin(Stdio::null()).env_remove("KASSA_LOG");
    command
}

/// The page is in the language of the session, and keeps the consumer's input for another try.
async fn page_offers_to_try_again(merchant: &Merchant, page: &str) {
    let path = &page[page.find("/pay/").unwrap()..];
    let form = "payment_method_category=pay_now&email=customer%40email.se&one_time_code=123456";
    let answer = merchant.browse(&format!("{path}/pay"), Some(form)).await.unwrap().expect(503);
    assert!(answer.text.contains("<html lang=\"sv-SE\""), "{}", answer.text);
    assert!(answer.text.contains(&format!("href=\"{path}\" data-testid=\"retry\"")), "{}", answer.text);
    assert!(answer.header("set-cookie").contains("email=customer%40email.se"));
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
}

/// Asks until the status is this. A node checks readiness once per second, with a write that may still find a free page
/// for a while.
async fn is_ready_with(merchant: &Merchant, status: u16) {
    eventually(&format!("readiness {status}"), async || merchant.get("/readyz").await.status == status).await;
}

/// Creates payment sessions until one is refused.
async fn fill(merchant: &Merchant) -> Answer {
    let mut cart = cart("ECOMMERCE");
    cart["merchant_data"] = "x".repeat(6000).into();
    for _ in 0..1000 {
        let answer = merchant.call(Method::POST, "/payments/v1/sessions", &cart).await.unwrap();
        if answer.status != 200 {
            return answer;
        }
    }
    panic!("the disk never was full");
}

fn assert_is_unavailable(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.word("error_code")),
        (503, "TEMPORARILY_UNAVAILABLE"),
        "{}",
        answer.text
    );
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    assert_eq!(answer.word("correlation_id"), answer.header("klarna-correlation-id"));
}

fn give_space(process_id: u32) {
    let process_id = process_id.to_string();
    let raised = Command::new("prlimit").args(["--pid", &process_id, "--fsize=unlimited:"]).status().unwrap();
    assert!(raised.success());
}
