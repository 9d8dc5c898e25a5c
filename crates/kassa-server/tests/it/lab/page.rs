//! The lab's page without a browser: each button has the same effect as the API.

mod moves_the_clock_and_sets_faults;
mod refuses_other_sites;
mod shows_messages_and_journal;
mod shows_sessions;
mod switches_merchants;

use bytes::Bytes;
use http::Method;

use crate::harness::{Answer, World};

const LAB: &str = "/lab/of/merchant";

/// Returns the address of a session's page.
fn page_of(session: &str) -> String {
    format!("{LAB}/sessions/{session}")
}

/// Opens a page.
async fn open(world: &World, path: &str) -> String {
    let answer = world.browser(Method::GET, path, Bytes::new()).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

/// Posts a form of a page. The answer is the page with the result.
async fn press(world: &World, page: &str, fields: &[(&str, &str)]) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    world.browser(Method::POST, page, form.into()).await
}

/// Posts a form, and checks that the page contains these words.
async fn press_and_see(world: &World, page: &str, fields: &[(&str, &str)], words: &str) -> String {
    let answer = press(world, page, fields).await;
    assert!(answer.status == 200 && answer.text.contains(words), "{} {}", answer.status, answer.text);
    answer.text
}
