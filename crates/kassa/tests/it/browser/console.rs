//! The browser's console.

use std::sync::{Arc, Mutex};

use kassa_testkit::eventually;
use serde_json::{Value, json};
use thirtyfour::common::command::{Command, ExtensionCommand};
use thirtyfour::prelude::*;

use super::window::Browser;

/// Reads the entries since the last reading, as chromedriver offers it beside the standard.
#[derive(Debug)]
struct ReadConsole;

impl ExtensionCommand for ReadConsole {
    fn parameters_json(&self) -> Option<Value> {
        Some(json!({"type": "browser"}))
    }

    fn method(&self) -> http::Method {
        http::Method::POST
    }

    fn endpoint(&self) -> Arc<str> {
        "/se/log".into()
    }
}

impl Browser {
    /// The errors and warnings in the console since the last call, up to one that contains these words.
    pub async fn complaints_until(&self, words: &str) -> Vec<String> {
        let found = Mutex::new(Vec::new());
        eventually(&format!("the console entry {words}"), async || {
            let new = self.complaints().await;
            let mut found = found.lock().unwrap();
            found.extend(new);
            if found.iter().any(|entry| entry.contains(words)) { Ok(()) } else { Err(format!("{found:?}")) }
        })
        .await;
        found.into_inner().unwrap()
    }

    async fn complaints(&self) -> Vec<String> {
        let command = Command::ExtensionCommand(Box::new(ReadConsole));
        let entries: Vec<Value> = self.window.cmd(command).await.unwrap().value().unwrap();
        let bad =
            entries.iter().filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")));
        bad.map(|entry| entry["message"].as_str().unwrap().to_string()).collect()
    }

    /// Goes into the frame with this id. Elements are found there until [`Browser::leave_frames`].
    pub async fn enter_frame(&self, id: &str) {
        let frame = self.window.query(By::Id(id)).first().await.unwrap();
        frame.enter_frame().await.unwrap();
    }

    /// Goes back to the page.
    pub async fn leave_frames(&self) {
        self.window.enter_default_frame().await.unwrap();
    }
}
