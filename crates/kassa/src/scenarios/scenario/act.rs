//! What can be done in a step: by the consumer, by the merchant, to time, to the weather, to the shop.

use std::fmt;

use http::Method;
use kassa_wire::lab::Weather;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Step;

/// What is done in a step.
#[derive(Debug)]
pub(in crate::scenarios) enum Act {
    /// Nothing: it is only looked.
    Look,
    Create(Creation),
    Consumer(Consumer),
    Call(Call),
    /// The clock is moved by an ISO 8601 duration.
    Advance(String),
    Weather(Weather),
    /// How the shop answers callbacks from now on: one after the other, the last of them for good.
    Shop(Vec<ShopAnswer>),
    AtOnce(Vec<Step>),
}

/// A page session, and the payment session that it hosts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::scenarios) struct Creation {
    /// Changes of the cart.
    #[serde(default)]
    pub(in crate::scenarios) cart: Map<String, Value>,
    /// Changes of the body that creates the page session.
    #[serde(default)]
    pub(in crate::scenarios) session: Map<String, Value>,
    /// Hosts this payment session instead of a new one.
    pub(in crate::scenarios) hosts: Option<String>,
}

/// What the consumer does.
#[derive(Debug)]
pub(in crate::scenarios) struct Consumer {
    pub(in crate::scenarios) does: Verb,
    /// Of `pay`: decides the outcome, as the vendor's playground does.
    pub(in crate::scenarios) email: String,
    /// Of `decline` and `error`.
    pub(in crate::scenarios) reason: Option<String>,
    /// Whether the browser follows the redirect to the shop.
    pub(in crate::scenarios) returns: bool,
}

/// What the consumer can do: on the page itself, or by an act of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenarios) enum Verb {
    /// Opens the page.
    Open,
    /// Sends the form of the page as it was last opened.
    Pay,
    Enter,
    Approve,
    Decline,
    Error,
    Back,
    Cancel,
}

impl Verb {
    /// The word for it, which is also the name of the lab's act.
    pub(in crate::scenarios) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pay => "pay",
            Self::Enter => "enter",
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::Error => "error",
            Self::Back => "back",
            Self::Cancel => "cancel",
        }
    }
}

/// A call of the merchant.
#[derive(Debug)]
pub(in crate::scenarios) struct Call {
    pub(in crate::scenarios) method: Method,
    pub(in crate::scenarios) path: String,
    pub(in crate::scenarios) body: Option<Value>,
    /// Where it is given, the body is the cart with these changes.
    pub(in crate::scenarios) cart: Option<Map<String, Value>>,
    pub(in crate::scenarios) idempotency_key: Option<String>,
    pub(in crate::scenarios) by: By,
}

/// Who calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenarios) enum By {
    #[default]
    Merchant,
    /// Another merchant of the same Kassa.
    Stranger,
    /// Somebody with the merchant's username and a wrong password.
    Nobody,
}

/// How the shop answers a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "an HTTP status, or \"silence\"")]
pub(in crate::scenarios) enum ShopAnswer {
    Status(u16),
    Word(ShopWord),
}

/// How the shop does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenarios) enum ShopWord {
    Silence,
}

impl fmt::Display for ShopAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::Word(ShopWord::Silence) => f.write_str("silence"),
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Look => f.write_str("look"),
            Self::Create(_) => f.write_str("create a session"),
            Self::Consumer(consumer) => write!(f, "consumer {}", consumer.does.as_str()),
            Self::Call(call) => write!(f, "call {} {}", call.method, call.path),
            Self::Advance(by) => write!(f, "advance {by}"),
            Self::Weather(weather) => {
                let callbacks = weather.callbacks.iter().map(|rule| rule.fault.as_str());
                let faults: Vec<&str> =
                    callbacks.chain(weather.calls.iter().map(|rule| rule.fault.as_str())).collect();
                write!(
                    f,
                    "weather {}",
                    if faults.is_empty() { "fair".to_string() } else { faults.join(", ") }
                )
            }
            Self::Shop(answers) => {
                let answers: Vec<String> = answers.iter().map(ToString::to_string).collect();
                write!(f, "shop answers {}", answers.join(", "))
            }
            Self::AtOnce(steps) => {
                let acts: Vec<String> = steps.iter().map(|step| step.act.to_string()).collect();
                write!(f, "at once {}", acts.join(" | "))
            }
        }
    }
}
