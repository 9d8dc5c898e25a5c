//! Reads the history of a page session. Attempts are recorded after the receiver got them, so tests wait for the
//! record.

use kassa_testkit::eventually;
use serde_json::Value;

use super::World;

impl World {
    /// The history of a page session.
    pub async fn history(&self, session: &str) -> Value {
        self.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json
    }

    /// Reads the history until it fulfils a condition.
    pub async fn history_when(&self, session: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || {
            let history = self.history(session).await;
            if is_so(&history) { Ok(history) } else { Err(history) }
        })
        .await
    }

    /// Waits until exactly this many attempts of the session's first event are recorded. Returns the event.
    pub async fn attempted(&self, session: &str, count: usize) -> Value {
        let attempts = |history: &Value| history["events"][0]["attempts"].as_array().map_or(0, Vec::len);
        let what = format!("attempt {count}");
        let history = self.history_when(session, &what, |history| attempts(history) >= count).await;
        assert_eq!(attempts(&history), count, "{history}");
        history["events"][0].clone()
    }
}
