//! Sends a merchant's call to Klarna, once, and waits for the answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, StatusCode};
use kassa_domain::MerchantId;
use kassa_domain::time::SECOND_MS;
use kassa_engine::{
    BaseUrl, Clock, LogThrottle, OnlyAccount, PaymentAccount, PaymentAccountError, PaymentAccounts,
};
use kassa_http::ApiError;
use kassa_outgoing::{Call, CallAnswer, Outgoing};
use kassa_wire::error::ErrorCode;
use kassa_wire::headers::CORRELATION_ID;
use url::Url;

use super::failed::{self, NotAnswered};
use super::headers;
use crate::api::basic;
use crate::klarna::KlarnaRules;

/// The time for the whole exchange. Klarna itself ends its calls after 59 seconds.
const ANSWER_WITHIN_MS: i64 = 60 * SECOND_MS;

/// The time for the head of the answer: a little shorter, so that the network says whether there was a connection.
const HEAD_WITHIN: Duration = Duration::from_millis(59_500);

/// The largest answer that is passed on, in bytes.
const LARGEST_PASSED_ON: usize = 8_000_000;

/// Sends merchants' calls to Klarna.
#[derive(Clone)]
pub struct Forwarder(Arc<Parts>);

struct Parts {
    allowed_base_urls: Vec<BaseUrl>,
    accounts: PaymentAccounts,
    clock: Arc<dyn Clock>,
    outgoing: Arc<dyn Outgoing>,
    refused_log: LogThrottle,
    failed_log: LogThrottle,
}

/// A call of a merchant: its path with the query, and its bytes.
pub(super) struct ToForward {
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Klarna's answer, and where it comes from.
pub(super) struct Answered {
    pub(super) answer: CallAnswer,
    pub(super) base_url: BaseUrl,
}

impl Forwarder {
    /// Creates a forwarder to the base URLs that the rules allow.
    #[must_use]
    pub fn new(
        rules: &KlarnaRules,
        accounts: PaymentAccounts,
        clock: Arc<dyn Clock>,
        outgoing: Arc<dyn Outgoing>,
    ) -> Self {
        Self(Arc::new(Parts {
            allowed_base_urls: rules.allowed_base_urls.clone(),
            accounts,
            clock,
            outgoing,
            refused_log: LogThrottle::default(),
            failed_log: LogThrottle::default(),
        }))
    }

    /// Sends a call with the only account of the merchant. It is never sent again.
    pub(super) async fn forward(&self, merchant: &MerchantId, call: ToForward) -> Result<Answered, ApiError> {
        let base_url = self.only_base_url(merchant).await?;
        let url = unchanged(&base_url, &call.target)?;
        let account = self.account(merchant, &base_url).await?;
        let method = call.method.clone();
        match self.exchange(url, account, call).await {
            Ok(answer) => {
                self.log_answer(merchant, &method, &answer);
                Ok(Answered { answer, base_url })
            }
            Err(not_answered) => {
                if let Some(left_out) = self.0.failed_log.may_log(self.0.clock.monotonic_now()) {
                    tracing::warn!(%merchant, %base_url, %method, %not_answered, left_out, "a merchant's call to \
                                                                       Klarna has no answer; it is not repeated");
                }
                Err(not_answered.into())
            }
        }
    }

    async fn only_base_url(&self, merchant: &MerchantId) -> Result<BaseUrl, ApiError> {
        match self.0.accounts.only_account(merchant).await? {
            OnlyAccount::At(base_url) if self.0.allowed_base_urls.contains(&base_url) => Ok(base_url),
            OnlyAccount::At(base_url) => Err(failed::not_allowed(&base_url)),
            OnlyAccount::Missing => Err(failed::no_account()),
            OnlyAccount::OneOf(base_urls) => Err(failed::ambiguous(&base_urls)),
        }
    }

    async fn account(&self, merchant: &MerchantId, base_url: &BaseUrl) -> Result<PaymentAccount, ApiError> {
        match self.0.accounts.account_of(merchant, base_url).await {
            Ok(Some(account)) => Ok(account),
            Ok(None) => Err(failed::no_account()),
            Err(PaymentAccountError::Store(error)) => Err(error.into()),
            Err(PaymentAccountError::Unreadable(why)) => {
                Err(ApiError::Fault(format!("the payment account of {merchant} at {base_url}: {why}")))
            }
        }
    }

    async fn exchange(
        &self,
        url: String,
        account: PaymentAccount,
        ToForward { method, target: _, headers, body }: ToForward,
    ) -> Result<CallAnswer, NotAnswered> {
        let deadline = self.0.clock.monotonic_now().plus_ms(ANSWER_WITHIN_MS);
        let call = Call {
            // Only a read is made once more, and only if the connection that it reused had ended.
            is_repeatable: method.is_safe(),
            method,
            url,
            headers: vec![(AUTHORIZATION.as_str(), basic(&account))],
            body,
            timeout: HEAD_WITHIN,
            answer_limit: LARGEST_PASSED_ON,
        };
        let answering = self.0.outgoing.call_with_headers(call, headers::of_call(&headers));
        match select(answering, self.0.clock.sleep_until(deadline)).await {
            Either::Left((Ok(answer), _)) if answer.is_whole => Ok(answer),
            Either::Left((Ok(answer), _)) if answer.body.len() >= LARGEST_PASSED_ON => {
                Err(NotAnswered::TooLarge(answer.status))
            }
            Either::Left((Ok(answer), _)) => Err(NotAnswered::Incomplete(answer.status)),
            Either::Left((Err(error), _)) => Err(NotAnswered::Failed(error)),
            Either::Right(((), _)) => Err(NotAnswered::Late),
        }
    }

    fn log_answer(&self, merchant: &MerchantId, method: &Method, answer: &CallAnswer) {
        let status = answer.status.as_u16();
        let id = answer.headers.get(CORRELATION_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
        tracing::debug!(%merchant, %method, status, klarna_correlation_id = id, "passed on to Klarna");
        if answer.status == StatusCode::UNAUTHORIZED
            && let Some(left_out) = self.0.refused_log.may_log(self.0.clock.monotonic_now())
        {
            tracing::warn!(%merchant, klarna_correlation_id = id, left_out, "Klarna refuses the credentials of a \
                                                  merchant's payment account: set it with kassa payment-account set");
        }
    }
}

/// The URL at Klarna, if the path and the query can be sent as they came. A path with dot segments, for instance, would
/// become another path.
fn unchanged(base_url: &BaseUrl, target: &str) -> Result<String, ApiError> {
    let url = format!("{base_url}{target}");
    match Url::parse(&url) {
        Ok(parsed) if parsed.as_str() == url && target.starts_with('/') => Ok(url),
        Ok(_) | Err(_) => Err(ApiError::refused(
            ErrorCode::BadRequest,
            "The path or the query cannot be passed on as it is: percent-encode it, without . and .. as segments",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_that_stays_the_same_is_passed_on() {
        let base_url: BaseUrl = "https://api.klarna.com".parse().unwrap();
        let read = |target: &str| unchanged(&base_url, target).ok();
        for target in [
            "/payments/v1/sessions",
            "/payments/v1/sessions/",
            "/payments/v1/authorizations/a%2Fb/order?x=1&y=%20z&&",
            "/ordermanagement/v1/orders//captures",
            "/ordermanagement/v1/orders/%C3%A4?",
        ] {
            assert_eq!(read(target), Some(format!("https://api.klarna.com{target}")), "{target}");
        }
        for target in [
            "/payments/v1/../../hpp/v1/sessions",
            "/payments/v1/%2e%2E/x",
            "/payments/v1/./x",
            "/payments/v1/..\\x",
            "/payments/v1/sessions?x='1'",
            "/payments/v1/{x}",
            "@elsewhere.example/payments/v1/x",
            ".elsewhere.example/payments/v1/x",
            ":8443/payments/v1/x",
        ] {
            assert_eq!(read(target), None, "{target}");
        }
    }
}
