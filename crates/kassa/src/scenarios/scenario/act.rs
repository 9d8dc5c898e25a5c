//! The acts of a step: of the consumer and the merchant, and changes to the clock, the faults and the shop.

use std::fmt;

use http::Method;
use kassa_wire::lab::FaultRules;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Step;

/// The act of a step.
#[derive(Debug)]
pub(in crate::scenarios) enum Act {
    /// No act: the step has only expectations.
    Look,
    Create(Creation),
    Consumer(Consumer),
    Call(Call),
    /// Moves the clock by an ISO 8601 duration.
    Advance(String),
    /// Replaces the faults.
    Faults(FaultRules),
    /// The shop's answers to the next callbacks, in order. The last answer is repeated.
    Shop(Vec<ShopAnswer>),
    AtOnce(Vec<Step>),
}

/// Creates a page session, and the payment session that it hosts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::scenarios) struct Creation {
    /// Changes to the cart.
    #[serde(default)]
    pub(in crate::scenarios) cart: Map<String, Value>,
    /// Changes to the body that creates the page session.
    #[serde(default)]
    pub(in crate::scenarios) session: Map<String, Value>,
    /// The id of an existing payment session to host instead of a new one.
    pub(in crate::scenarios) hosts: Option<String>,
}

/// An act of the consumer.
#[derive(Debug)]
pub(in crate::scenarios) struct Consumer {
    pub(in crate::scenarios) does: Verb,
    /// For `pay`: the e-mail address, which decides the outcome as on the vendor's playground.
    pub(in crate::scenarios) email: String,
    /// For `decline` and `error`.
    pub(in crate::scenarios) reason: Option<String>,
    /// Whether the browser follows the redirect to the shop.
    pub(in crate::scenarios) returns: bool,
}

/// The consumer's verbs. `open` and `pay` use the page itself; the others use the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenarios) enum Verb {
    /// Opens the page.
    Open,
    /// Sends the form of the page that was opened last.
    Pay,
    Enter,
    Approve,
    Decline,
    Error,
    Back,
    Cancel,
}

impl Verb {
    /// The verb in a scenario file, which is also the name of the lab's act.
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

/// An API call of the merchant.
#[derive(Debug)]
pub(in crate::scenarios) struct Call {
    pub(in crate::scenarios) method: Method,
    pub(in crate::scenarios) path: String,
    pub(in crate::scenarios) body: Option<Value>,
    /// Changes to the cart. If they are given, the changed cart is the body.
    pub(in crate::scenarios) cart: Option<Map<String, Value>>,
    pub(in crate::scenarios) idempotency_key: Option<String>,
    pub(in crate::scenarios) by: By,
}

/// The caller of the API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenarios) enum By {
    #[default]
    Merchant,
    /// Another merchant of the same Kassa.
    Stranger,
    /// A caller with the merchant's username and a wrong password.
    Nobody,
}

/// The shop's answer to a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "an HTTP status, or \"silence\"")]
pub(in crate::scenarios) enum ShopAnswer {
    Status(u16),
    Word(ShopWord),
}

/// An answer that has no HTTP status.
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
            Self::Faults(rules) => {
                let callbacks = rules.callbacks.iter().map(|rule| rule.fault.as_str());
                let faults: Vec<&str> =
                    callbacks.chain(rules.calls.iter().map(|rule| rule.fault.as_str())).collect();
                write!(f, "faults {}", if faults.is_empty() { "none".to_string() } else { faults.join(", ") })
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
