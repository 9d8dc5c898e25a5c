//! The lab's page, as a browser without scripts uses it: each button does what the API does.

mod keeps_strangers_out;
mod moves_time_and_weather;
mod shows_messages_and_journal;
mod shows_sessions;
mod switches_merchants;

use bytes::Bytes;
use http::Method;

use crate::harness::{Answer, World};

const LAB: &str = "/lab/of/merchant";

/// The page of a session.
fn page_of(session: &str) -> String {
    format!("{LAB}/sessions/{session}")
}

/// Opens a page.
async fn open(world: &World, path: &str) -> String {
    let answer = world.browser(Method::GET, path, Bytes::new()).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

/// Presses a button of a form on a page, which is answered with the page and what came of it.
async fn press(world: &World, page: &str, fields: &[(&str, &str)]) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    world.browser(Method::POST, page, form.into()).await
}

/// Presses a button, and sees these words.
async fn press_and_see(world: &World, page: &str, fields: &[(&str, &str)], words: &str) -> String {
    let answer = press(world, page, fields).await;
    assert!(answer.status == 200 && answer.text.contains(words), "{} {}", answer.status, answer.text);
    answer.text
}
