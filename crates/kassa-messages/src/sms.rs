//! Text messages through a gateway over HTTP.

mod body;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Method, StatusCode};
use kassa_engine::{Messenger, OutgoingMessage, SendOutcome};
use kassa_outgoing::{Call, Outgoing};
use url::form_urlencoded;

pub use body::BodyFormat;

/// The time for one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// The part of an answer that is read, in bytes.
const ANSWER_LIMIT: usize = 4_096;

/// The gateway that sends text messages.
#[derive(Clone, Debug)]
pub enum SmsGateway {
    /// Any gateway that takes a message as one HTTP request.
    Http(HttpGateway),
    /// Twilio, or a gateway with the same API.
    Twilio(TwilioAccount),
}

/// A gateway that takes a message as one HTTP request, and accepts it with a 2xx answer.
#[derive(Clone)]
pub struct HttpGateway {
    /// Its URL.
    pub url: String,
    /// The value of the header `Authorization`, if the gateway asks for one.
    pub authorization: Option<String>,
    /// The format of the body.
    pub format: BodyFormat,
    /// The body, in which `{to}`, `{from}`, `{text}` and `{id}` are replaced.
    pub body: String,
    /// The sender that the consumer sees.
    pub from: String,
}

/// An account at Twilio.
#[derive(Clone)]
pub struct TwilioAccount {
    /// The base URL, such as `https://api.twilio.com`.
    pub url: String,
    /// The account's id (`AC...`).
    pub account: String,
    /// The secret of the account.
    pub auth_token: String,
    /// The sender that the consumer sees: a number, or the id of a messaging service.
    pub from: String,
}

impl fmt::Debug for HttpGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpGateway").field("from", &self.from).finish_non_exhaustive()
    }
}

impl fmt::Debug for TwilioAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioAccount").field("from", &self.from).finish_non_exhaustive()
    }
}

/// Sends text messages.
pub struct SmsSender {
    gateway: SmsGateway,
    outgoing: Arc<dyn Outgoing>,
}

impl SmsSender {
    /// A sender that uses this gateway.
    #[must_use]
    pub fn new(gateway: SmsGateway, outgoing: Arc<dyn Outgoing>) -> Self {
        Self { gateway, outgoing }
    }

    async fn attempt(&self, message: &OutgoingMessage) -> SendOutcome {
        let call = match &self.gateway {
            SmsGateway::Http(gateway) => gateway.call(message),
            SmsGateway::Twilio(account) => account.call(message),
        };
        match self.outgoing.call(call).await {
            Ok(answer) => outcome_of(answer.status),
            Err(error) if error.may_have_arrived() => SendOutcome::NoAnswer(error.kind.as_str().to_string()),
            Err(error) => SendOutcome::NotSent(error.kind.as_str().to_string()),
        }
    }
}

impl Messenger for SmsSender {
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> BoxFuture<'a, SendOutcome> {
        self.attempt(message).boxed()
    }
}

impl HttpGateway {
    fn call(&self, message: &OutgoingMessage) -> Call {
        let values = [
            ("{to}", message.recipient.as_str()),
            ("{from}", &self.from),
            ("{text}", &message.text),
            ("{id}", &message.id),
        ];
        let mut headers = vec![("content-type", self.format.content_type().to_string())];
        headers.extend(self.authorization.clone().map(|value| ("authorization", value)));
        post(self.url.clone(), headers, self.format.fill(&self.body, &values))
    }
}

impl TwilioAccount {
    fn call(&self, message: &OutgoingMessage) -> Call {
        let Self { url, account, auth_token, from } = self;
        let basic = STANDARD.encode(format!("{account}:{auth_token}"));
        let sender = if from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", &message.recipient)
            .append_pair(sender, from)
            .append_pair("Body", &message.text)
            .finish();
        let headers = vec![
            ("content-type", BodyFormat::Form.content_type().to_string()),
            ("authorization", format!("Basic {basic}")),
        ];
        post(format!("{url}/2010-04-01/Accounts/{account}/Messages.json"), headers, body)
    }
}

fn post(url: String, headers: Vec<(&'static str, String)>, body: String) -> Call {
    Call {
        method: Method::POST,
        url,
        headers,
        body: Bytes::from(body),
        timeout: CALL_TIMEOUT,
        answer_limit: ANSWER_LIMIT,
        is_repeatable: false,
    }
}

/// The outcome of an answer. A gateway that refuses the login refuses Kassa and not the message. An operator can
/// correct that, so the message is sent later.
fn outcome_of(status: StatusCode) -> SendOutcome {
    let detail = format!("the gateway answered {}", status.as_u16());
    match status.as_u16() {
        200..=299 => SendOutcome::Sent(detail),
        400 | 404 | 410 | 413 | 422 => SendOutcome::Refused(detail),
        _ => SendOutcome::Postponed(detail),
    }
}

#[cfg(test)]
mod tests;
