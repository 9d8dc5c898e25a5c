//! The ids and tokens of a recording, each with the one that the service gave in the replay.

use serde_json::Value;
use url::Url;

use super::exchange::RecordedAnswer;
use super::variable::{is_id, is_variable_name};
use crate::scenarios::world::Answer;

/// The fewest characters of an id. A shorter text could be a part of another word.
const SHORTEST_ID: usize = 6;

/// Pairs of a recorded id and the id in the replay.
#[derive(Debug, Default)]
pub(super) struct Identities {
    pairs: Vec<(String, String)>,
}

impl Identities {
    /// Learns from an answer: each id of the recorded one is the id at the same place of the other one.
    pub(super) fn learn(&mut self, recorded: &RecordedAnswer, seen: &Answer) {
        self.learn_value("", &recorded.body, &seen.body);
        for (name, recorded) in &recorded.names {
            if let Some(seen) = seen.headers.get(*name).and_then(|value| value.to_str().ok()) {
                self.learn_text(name, recorded, seen);
            }
        }
    }

    /// Adds a pair. The longest recorded ids are replaced first.
    pub(super) fn add(&mut self, recorded: &str, seen: &str) {
        if recorded.len() >= SHORTEST_ID && recorded != seen && !self.knows(recorded) {
            self.pairs.push((recorded.to_string(), seen.to_string()));
            self.pairs.sort_by_key(|(recorded, _)| std::cmp::Reverse(recorded.len()));
        }
    }

    pub(super) fn knows(&self, recorded: &str) -> bool {
        self.pairs.iter().any(|(known, _)| known == recorded)
    }

    /// A text with the ids of the replay in place of the recorded ones.
    pub(super) fn replaced(&self, text: &str) -> String {
        self.pairs.iter().fold(text.to_string(), |text, (recorded, seen)| text.replace(recorded, seen))
    }

    fn learn_value(&mut self, name: &str, recorded: &Value, seen: &Value) {
        match (recorded, seen) {
            (Value::Object(recorded), Value::Object(seen)) => {
                for (name, recorded) in recorded {
                    self.learn_value(name, recorded, seen.get(name).unwrap_or(&Value::Null));
                }
            }
            (Value::Array(recorded), Value::Array(seen)) => {
                for (recorded, seen) in recorded.iter().zip(seen) {
                    self.learn_value(name, recorded, seen);
                }
            }
            (Value::String(recorded), Value::String(seen)) => self.learn_text(name, recorded, seen),
            _ => {}
        }
    }

    fn learn_text(&mut self, name: &str, recorded: &str, seen: &str) {
        match (segments(recorded), segments(seen)) {
            (Some(recorded), Some(seen)) if recorded.len() == seen.len() => {
                for (recorded, seen) in recorded.iter().zip(&seen).filter(|(recorded, _)| is_id(recorded)) {
                    self.add(recorded, seen);
                }
            }
            (Some(_), _) | (_, Some(_)) => {}
            (None, None) if is_id(recorded) || is_variable_name(name) => self.add(recorded, seen),
            (None, None) => {}
        }
    }
}

/// The parts of the path of a URL.
fn segments(text: &str) -> Option<Vec<String>> {
    let url = Url::parse(text).ok().filter(Url::has_host)?;
    Some(url.path_segments()?.map(str::to_string).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_learned_by_their_place_and_replaced_in_texts() {
        let recorded = json!({
            "session_id": "f52fc7d6-ee28-9c04-8674-8f7b8cdca5d4",
            "klarna_reference": "X438HG0Q",
            "session_url": "https://api.klarna.com/hpp/v1/sessions/a52fc7d6-ee28-9c04-8674-8f7b8cdca5d4",
            "status": "WAITING",
        });
        let seen = json!({
            "session_id": "s1", "klarna_reference": "K1", "session_url": "http://127.0.0.1/hpp/v1/sessions/s2",
            "status": "COMPLETED",
        });
        let mut identities = Identities::default();
        let recorded = RecordedAnswer { status: 200, body: recorded, names: Vec::new() };
        identities.learn(&recorded, &Answer { body: seen, ..Answer::default() });
        let text = "/hpp/v1/sessions/f52fc7d6-ee28-9c04-8674-8f7b8cdca5d4/X438HG0Q?status=WAITING";
        assert_eq!(identities.replaced(text), "/hpp/v1/sessions/s1/K1?status=WAITING");
        assert_eq!(identities.replaced("a52fc7d6-ee28-9c04-8674-8f7b8cdca5d4"), "s2");
    }
}
