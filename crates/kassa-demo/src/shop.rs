//! The shop: a merchant that knows only Kassa's address and a credential.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use kassa_domain::MerchantId;
use kassa_domain::time::SECOND_MS;
use kassa_engine::{Clock, DEV_MERCHANT, DevCredential, Random, caller_address, new_nonce, new_uuid};
use kassa_wire::headers::IDEMPOTENCY_KEY;
use kassa_wire::time::format_ms;
use tokio_util::sync::CancellationToken;

use super::basket::Basket;
use super::call_failure::CallFailure;
use super::exchange::{Exchange, body_shown, logged_headers};
use super::orders::{Order, OrderTerms, Orders};
use kassa_developer_page::{Frame, shortened, without_secret};
use kassa_outgoing::{Call, CallAnswer, CallError, LARGEST_ANSWER, Outgoing};

/// Timeout of one call to Kassa.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The shop's `User-Agent`.
const USER_AGENT: &str = concat!("KassaDemoShop/", env!("CARGO_PKG_VERSION"));

/// The parts from which the shop is made.
pub struct ShopSetup {
    /// The address at which browsers reach Kassa.
    pub base_url: String,
    /// The address at which this machine reaches Kassa.
    pub local_url: String,
    /// Cancelled when the node stops. Live views end.
    pub stop: CancellationToken,
    /// The clock. The lab's clock for the merchant applies to the shop, too.
    pub clock: Arc<dyn Clock>,
    /// Outgoing HTTP.
    pub outgoing: Arc<dyn Outgoing>,
    /// The source of the shop's secrets and keys.
    pub random: Arc<dyn Random>,
}

/// The shop. It has no access to the database: like any merchant, it reads and changes everything over HTTP.
pub struct Shop {
    pub(super) orders: Orders,
    pub(super) base_url: String,
    /// The address at which this machine reaches Kassa. The base URL may be for browsers only.
    local_url: String,
    /// Ends the live views when the node stops.
    pub(super) stop: CancellationToken,
    pub(super) callback_secrets: Vec<String>,
    /// The merchant's credential, for the first page.
    pub(super) credential: DevCredential,
    pub(super) clock: Arc<dyn Clock>,
    authorization: String,
    merchant_id: MerchantId,
    outgoing: Arc<dyn Outgoing>,
    random: Arc<dyn Random>,
}

/// One call to Kassa.
pub(super) struct ShopCall {
    /// The purpose, for the wire log.
    pub(super) purpose: &'static str,
    pub(super) method: Method,
    /// An absolute URL: from an answer of Kassa, or built from the base URL.
    pub(super) url: String,
    /// The request body; empty if there is none.
    pub(super) body: Vec<u8>,
    /// The idempotency key, so that a repeated call counts once (docs/wire.md#idempotency-keys).
    pub(super) idempotency_key: Option<String>,
}

impl Shop {
    /// Creates the shop for the account that `kassa dev` creates.
    #[must_use]
    pub fn open(setup: ShopSetup, credential: &DevCredential) -> Self {
        let basic = STANDARD.encode(format!("{}:{}", credential.username, credential.password));
        let ShopSetup { base_url, local_url, stop, clock, outgoing, random } = setup;
        Self {
            orders: Orders::default(),
            base_url,
            local_url,
            stop,
            callback_secrets: vec![credential.callback_secret.clone()],
            credential: credential.clone(),
            clock,
            authorization: format!("Basic {basic}"),
            merchant_id: MerchantId::new(DEV_MERCHANT),
            outgoing,
            random,
        }
    }

    /// Opens an order for a basket.
    pub(super) fn open_order(&self, basket: Basket) -> Arc<Order> {
        self.orders.open(OrderTerms {
            basket,
            at: self.now(),
            secret: new_nonce(&*self.random),
            capture_key: self.new_key(),
            refund_key: self.new_key(),
        })
    }

    /// Returns the shop's time in the wire's format. The lab's clock for the merchant applies to the shop, too.
    pub(super) fn now(&self) -> String {
        format_ms(self.clock.now(&self.merchant_id).as_ms())
    }

    /// Returns the shop's time in seconds since 1970.
    pub(super) fn now_s(&self) -> i64 {
        self.clock.now(&self.merchant_id).as_ms() / SECOND_MS
    }

    /// Creates an idempotency key.
    pub(super) fn new_key(&self) -> String {
        new_uuid(&*self.random, self.clock.now(&self.merchant_id))
    }

    /// Returns the frame of a page.
    pub(super) fn frame(&self) -> Frame {
        Frame::new(&*self.random, &self.base_url)
    }

    /// Returns the URL of a path, as the consumer's browser reaches it.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", caller_address().as_deref().unwrap_or(&self.base_url))
    }

    /// An address of this system as the consumer's browser reaches it. The shop calls Kassa at the local address, so
    /// the answers may contain links to it.
    pub(super) fn for_browser(&self, url: &str) -> String {
        let path = caller_address().and_then(|_| url.strip_prefix(&self.local_url));
        path.map_or_else(|| url.to_string(), |path| self.url(path))
    }

    /// An address of this system as this machine reaches it.
    pub(super) fn local_url(&self, url: &str) -> String {
        let of_caller = caller_address().and_then(|address| url.strip_prefix(&address));
        let path = of_caller.or_else(|| url.strip_prefix(&self.base_url));
        path.map_or_else(|| url.to_string(), |path| format!("{}{path}", self.local_url))
    }

    /// Makes a call, logs it with the order, and returns the answer if it is a success.
    pub(super) async fn send(&self, order: &Order, call: ShopCall) -> Result<CallAnswer, CallFailure> {
        let started_at = self.clock.monotonic_now();
        let answer = self.outgoing.call(self.call(&call)).await;
        let duration_ms = self.clock.monotonic_now().ms_since(started_at);
        let entry = self.log_entry(&call, &answer, duration_ms);
        order.log(entry);
        let purpose = call.purpose;
        match answer {
            Ok(answer) if answer.status.is_success() => Ok(answer),
            Ok(answer) => {
                let body = answer.body.to_vec();
                Err(CallFailure::Refused { purpose, status: answer.status.as_u16(), body })
            }
            Err(error) => Err(CallFailure::NoAnswer { purpose, reason: error.to_string() }),
        }
    }

    fn call(&self, call: &ShopCall) -> Call {
        let mut headers = vec![("authorization", self.authorization.clone())];
        headers.extend(sent_headers(call));
        let body = Bytes::from(call.body.clone());
        Call {
            method: call.method.clone(),
            url: self.local_url(&call.url),
            headers,
            body,
            timeout: CALL_TIMEOUT,
            answer_limit: LARGEST_ANSWER,
            is_repeatable: false,
        }
    }

    /// Builds the log's entry of a call, without the credential.
    fn log_entry(
        &self,
        call: &ShopCall,
        answer: &Result<CallAnswer, CallError>,
        duration_ms: i64,
    ) -> Exchange {
        let sent_headers = sent_headers(call).into_iter().map(|(name, value)| (name.to_string(), value));
        let got = answer.as_ref().ok();
        Exchange {
            number: 0,
            purpose: call.purpose,
            method: call.method.to_string(),
            path: shown_path(call.url.strip_prefix(&self.base_url).unwrap_or(&call.url)),
            sent_headers: sent_headers.collect(),
            sent: body_shown(&call.body),
            status: got.map(|answer| answer.status.as_u16()),
            got_headers: got.map(|answer| logged_headers(&answer.headers)).unwrap_or_default(),
            got: got.map(|answer| body_shown(&answer.body)).unwrap_or_default(),
            failure: answer.as_ref().err().map(ToString::to_string).unwrap_or_default(),
            duration_ms,
            times: 1,
        }
    }
}

fn sent_headers(call: &ShopCall) -> Vec<(&'static str, String)> {
    let mut headers = vec![("user-agent", USER_AGENT.to_string())];
    if !call.body.is_empty() {
        headers.push(("content-type", "application/json".to_string()));
    }
    headers.extend(call.idempotency_key.clone().map(|key| (IDEMPOTENCY_KEY, key)));
    headers
}

/// Returns the path with its authorization token shortened.
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
