//! The shop itself: a merchant that knows Kassa by its address and a credential, and by nothing else.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use kassa_domain::MerchantId;
use kassa_domain::time::SECOND_MS;
use kassa_wire::headers::IDEMPOTENCY_KEY;
use kassa_wire::time::format_ms;
use tokio_util::sync::CancellationToken;

use super::basket::Basket;
use super::exchange::{Exchange, body_shown, telling};
use super::orders::{Opening, Order, Orders};
use super::trouble::Trouble;
use crate::app::{App, DEV_MERCHANT, DevCredential};
use crate::clock::Clock;
use crate::developer_page::{Frame, shortened, without_secret};
use crate::ids::{new_nonce, new_uuid};
use crate::random::Random;
use kassa_outgoing::{Call, CallAnswer, CallError, LARGEST_ANSWER, Outgoing};

/// How long the shop waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How the shop introduces itself.
const USER_AGENT: &str = concat!("KassaDemoShop/", env!("CARGO_PKG_VERSION"));

/// The shop. It holds no store: what it learns, it learns over HTTP, like any other merchant.
pub(crate) struct Shop {
    pub(super) orders: Orders,
    pub(super) base_url: String,
    /// Where this machine reaches Kassa: the base URL may lead elsewhere first, or be one for browsers alone.
    local_url: String,
    /// Ends the live views when the system stops.
    pub(super) stop: CancellationToken,
    pub(super) callback_secrets: Vec<String>,
    pub(super) clock: Arc<dyn Clock>,
    authorization: String,
    merchant_id: MerchantId,
    outgoing: Arc<dyn Outgoing>,
    random: Arc<dyn Random>,
}

/// One call to Kassa.
pub(super) struct Ask {
    /// What the shop wants, for the wire log.
    pub(super) purpose: &'static str,
    pub(super) method: Method,
    /// Absolute, as Kassa handed it out, or built from the base URL.
    pub(super) url: String,
    /// Empty where nothing is sent.
    pub(super) body: Vec<u8>,
    /// Makes a repeated call count once (spec 6.2).
    pub(super) idempotency_key: Option<String>,
}

impl Shop {
    /// Opens the shop of the account that `kassa dev` makes.
    pub(crate) fn open(app: &App, credential: &DevCredential) -> Self {
        let basic = STANDARD.encode(format!("{}:{}", credential.username, credential.password));
        Self {
            orders: Orders::default(),
            base_url: app.configuration.base_url.clone(),
            local_url: app.configuration.local_url.clone(),
            stop: app.stop.clone(),
            callback_secrets: vec![credential.callback_secret.clone()],
            clock: app.clock.clone(),
            authorization: format!("Basic {basic}"),
            merchant_id: MerchantId::new(DEV_MERCHANT),
            outgoing: app.outgoing.clone(),
            random: app.passing.clone(),
        }
    }

    /// Opens an order for a basket.
    pub(super) fn open_order(&self, basket: Basket) -> Arc<Order> {
        self.orders.open(Opening {
            basket,
            at: self.now(),
            secret: new_nonce(&*self.random),
            capture_key: self.new_key(),
            refund_key: self.new_key(),
        })
    }

    /// The shop's time, as the wire writes an instant. The lab may move it, as it moves Kassa's.
    pub(super) fn now(&self) -> String {
        format_ms(self.clock.now(&self.merchant_id).as_ms())
    }

    /// The shop's time in seconds since 1970.
    pub(super) fn now_s(&self) -> i64 {
        self.clock.now(&self.merchant_id).as_ms() / SECOND_MS
    }

    /// A fresh idempotency key.
    pub(super) fn new_key(&self) -> String {
        new_uuid(&*self.random, self.clock.now(&self.merchant_id))
    }

    /// What a page of the shop needs for its head.
    pub(super) fn frame(&self) -> Frame {
        Frame::new(&*self.random, &self.base_url)
    }

    /// An address of the API.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// An address of this system as this machine reaches it.
    pub(super) fn local_url(&self, url: &str) -> String {
        let path = url.strip_prefix(&self.base_url);
        path.map_or_else(|| url.to_string(), |path| format!("{}{path}", self.local_url))
    }

    /// Makes a call, logs it with the order, and gives the answer if it is a success.
    pub(super) async fn ask(&self, order: &Order, ask: Ask) -> Result<CallAnswer, Trouble> {
        let started_at = self.clock.monotonic_now();
        let answer = self.outgoing.call(self.call(&ask)).await;
        let duration_ms = self.clock.monotonic_now().ms_since(started_at);
        let exchange = self.exchange(&ask, &answer, duration_ms);
        order.log(exchange);
        let purpose = ask.purpose;
        match answer {
            Ok(answer) if answer.status.is_success() => Ok(answer),
            Ok(answer) => {
                let body = answer.body.to_vec();
                Err(Trouble::Refused { purpose, status: answer.status.as_u16(), body })
            }
            Err(error) => Err(Trouble::NoAnswer { purpose, reason: error.to_string() }),
        }
    }

    fn call(&self, ask: &Ask) -> Call {
        let mut headers = vec![("authorization", self.authorization.clone())];
        headers.extend(sent_headers(ask));
        let body = Bytes::from(ask.body.clone());
        Call {
            method: ask.method.clone(),
            url: self.local_url(&ask.url),
            headers,
            body,
            timeout: PATIENCE,
            answer_limit: LARGEST_ANSWER,
            is_repeatable: false,
        }
    }

    /// The call for the log. The credential never gets there.
    fn exchange(&self, ask: &Ask, answer: &Result<CallAnswer, CallError>, duration_ms: i64) -> Exchange {
        let sent_headers = sent_headers(ask).into_iter().map(|(name, value)| (name.to_string(), value));
        let got = answer.as_ref().ok();
        Exchange {
            number: 0,
            purpose: ask.purpose,
            method: ask.method.to_string(),
            path: shown_path(ask.url.strip_prefix(&self.base_url).unwrap_or(&ask.url)),
            sent_headers: sent_headers.collect(),
            sent: body_shown(&ask.body),
            status: got.map(|answer| answer.status.as_u16()),
            got_headers: got.map(|answer| telling(&answer.headers)).unwrap_or_default(),
            got: got.map(|answer| body_shown(&answer.body)).unwrap_or_default(),
            failure: answer.as_ref().err().map(ToString::to_string).unwrap_or_default(),
            duration_ms,
            times: 1,
        }
    }
}

fn sent_headers(ask: &Ask) -> Vec<(&'static str, String)> {
    let mut headers = vec![("user-agent", USER_AGENT.to_string())];
    if !ask.body.is_empty() {
        headers.push(("content-type", "application/json".to_string()));
    }
    headers.extend(ask.idempotency_key.clone().map(|key| (IDEMPOTENCY_KEY, key)));
    headers
}

/// A path in which an authorization token is not shown in full.
fn shown_path(path: &str) -> String {
    let mut segments: Vec<String> = path.split('/').map(str::to_string).collect();
    let token = segments.iter_mut().skip_while(|segment| *segment != "authorizations").nth(1);
    if let Some(token) = token {
        *token = shortened(token);
    }
    without_secret(&segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_path_is_shortened() {
        let path = "/payments/v1/authorizations/a1a8f727-2756-6058/order";
        assert_eq!(shown_path(path), "/payments/v1/authorizations/…6-6058/order");
        assert_eq!(shown_path("/hpp/v1/sessions/a1a8f727-2756"), "/hpp/v1/sessions/a1a8f727-2756");
    }
}
