//! Calls to Klarna's API with a merchant's account. A breaker for each base URL answers at once while Klarna is silent.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use kassa_domain::OrderId;
use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey};
use kassa_engine::{
    BaseUrl, CallBreakers, Clock, Monotonic, NoAnswer, Operation, Outcome, PaymentAccount, PaymentAccounts,
    PaymentRead, ReadBudget, ReadCause,
};
use kassa_outgoing::{Call, CallAnswer, CallError, LARGEST_ANSWER, Outgoing};

use crate::answers::{self, Failed, OrderAnswer};
use crate::klarna::KlarnaRules;

/// The longest wait for the short reference of a new order. Without it the page session is completed without the
/// reference, which scheduled reads add.
const REFERENCE_WITHIN: Duration = Duration::from_secs(2);

/// The API of Klarna.
pub(crate) struct Api {
    accounts: PaymentAccounts,
    clock: Arc<dyn Clock>,
    outgoing: Arc<dyn Outgoing>,
    allowed_base_urls: Vec<BaseUrl>,
    read_timeout: Duration,
    order_timeout: Duration,
    budget: ReadBudget,
    breakers: CallBreakers,
}

/// One call: its path, body and time.
struct Request {
    method: Method,
    path: String,
    body: Option<String>,
    timeout: Duration,
}

/// The account of a call, and the base URL that it is at.
struct Account<'a> {
    base_url: &'a str,
    account: PaymentAccount,
}

impl Api {
    pub(crate) fn new(
        rules: &KlarnaRules,
        accounts: PaymentAccounts,
        clock: Arc<dyn Clock>,
        outgoing: Arc<dyn Outgoing>,
    ) -> Self {
        Self {
            accounts,
            outgoing,
            allowed_base_urls: rules.allowed_base_urls.clone(),
            read_timeout: rules.read_timeout,
            order_timeout: rules.order_timeout,
            budget: ReadBudget::new(rules.reads_per_second, clock.clone()),
            breakers: CallBreakers::new(clock.clone()),
            clock,
        }
    }

    /// Whether the budget allows a read now.
    pub(crate) fn admits_read(&self, payment: &PaymentSession, cause: ReadCause) -> bool {
        self.budget.admits(payment, cause)
    }

    /// `GET /payments/v1/sessions/{session_id}`.
    pub(crate) async fn read(
        &self,
        payment: &PaymentSession,
        deadline: Monotonic,
    ) -> Result<PaymentRead, NoAnswer> {
        let request = Request {
            method: Method::GET,
            path: format!("/payments/v1/sessions/{}", payment.id),
            body: None,
            timeout: self.within(self.read_timeout, deadline),
        };
        match self.call(payment, request).await {
            Ok(answer) => answers::read(&answer),
            Err(failed) => Err(failed.into_no_answer()),
        }
    }

    /// `POST /payments/v1/authorizations/{token}/order`. The token makes the call idempotent, errors included.
    pub(crate) async fn place_order(
        &self,
        payment: &PaymentSession,
        operation: Operation<'_>,
        deadline: Monotonic,
    ) -> Outcome {
        let request = Request {
            method: Method::POST,
            path: format!("/payments/v1/authorizations/{}/order", operation.authorization.token.as_str()),
            body: Some(operation.request.to_string()),
            timeout: self.within(self.order_timeout, deadline),
        };
        let answer = match self.call(payment, request).await {
            Ok(answer) => answer,
            Err(failed) => return failed.into_outcome(),
        };
        match answers::ordered(&answer, operation.attempts) {
            OrderAnswer::Placed(order_id) => {
                let timeout = self.within(REFERENCE_WITHIN, deadline);
                let klarna_reference = self.klarna_reference(payment, &order_id, timeout).await;
                answers::placed(order_id, klarna_reference.ok())
            }
            OrderAnswer::Not(outcome) => outcome,
        }
    }

    /// Reads the short reference of an order again.
    pub(crate) async fn read_reference(
        &self,
        payment: &PaymentSession,
        order: &OrderId,
        deadline: Monotonic,
    ) -> Result<String, NoAnswer> {
        let timeout = self.within(self.read_timeout, deadline);
        self.klarna_reference(payment, order, timeout).await
    }

    /// The short reference of an order, which the answer to its creation does not contain.
    async fn klarna_reference(
        &self,
        payment: &PaymentSession,
        order: &OrderId,
        timeout: Duration,
    ) -> Result<String, NoAnswer> {
        let path = format!("/ordermanagement/v1/orders/{order}");
        let request = Request { method: Method::GET, path, body: None, timeout };
        match self.call(payment, request).await {
            Ok(answer) => answers::klarna_reference(&answer),
            Err(failed) => Err(failed.into_no_answer()),
        }
    }

    /// `DELETE /payments/v1/authorizations/{token}`.
    pub(crate) async fn release(
        &self,
        payment: &PaymentSession,
        operation: Operation<'_>,
        deadline: Monotonic,
    ) -> Outcome {
        let request = Request {
            method: Method::DELETE,
            path: format!("/payments/v1/authorizations/{}", operation.authorization.token.as_str()),
            body: None,
            timeout: self.within(self.order_timeout, deadline),
        };
        match self.call(payment, request).await {
            Ok(answer) => answers::released(&answer),
            Err(failed) => failed.into_outcome(),
        }
    }

    /// The merchant's account at the base URL of a payment session.
    async fn account(&self, payment: &PaymentSession) -> Result<Account<'_>, NoAnswer> {
        let base_url = match &payment.system {
            PaymentSystemKey::Klarna { base_url } => base_url,
            PaymentSystemKey::Sandbox => return Err(NoAnswer::NoAccount("the sandbox".to_string())),
            PaymentSystemKey::External => {
                return Err(NoAnswer::NoAccount("the external payment system".to_string()));
            }
        };
        let allowed = self.allowed_base_urls.iter().find(|allowed| allowed.as_str() == base_url);
        let Some(base_url) = allowed else { return Err(NoAnswer::NoAccount(base_url.clone())) };
        match self.accounts.account_of(&payment.merchant_id, base_url).await {
            Ok(Some(account)) => Ok(Account { base_url: base_url.as_str(), account }),
            Ok(None) => Err(NoAnswer::NoAccount(base_url.as_str().to_string())),
            Err(error) => {
                tracing::error!(merchant_id = %payment.merchant_id, %error, "a payment account cannot be read");
                Err(NoAnswer::Silent(error.to_string()))
            }
        }
    }

    fn within(&self, timeout: Duration, deadline: Monotonic) -> Duration {
        let left_ms = deadline.ms_since(self.clock.monotonic_now()).max(0);
        timeout.min(Duration::from_millis(left_ms.unsigned_abs()))
    }

    async fn call(&self, payment: &PaymentSession, request: Request) -> Result<CallAnswer, Failed> {
        let account = self.account(payment).await.map_err(Failed::NoAccount)?;
        let breaker = self.breakers.of(account.base_url);
        if !breaker.admits(self.clock.monotonic_now()) {
            return Err(Failed::Paused);
        }
        let answer = self.outgoing.call(call(&account, request)).await;
        breaker.record(is_silent(&answer), self.clock.monotonic_now());
        answer.map_err(Failed::Call)
    }
}

/// Whether a call shows that Klarna is not working: no answer, or one of its own errors.
fn is_silent(answer: &Result<CallAnswer, CallError>) -> bool {
    answer.as_ref().map_or(true, |answer| answer.status.is_server_error())
}

/// The header `Authorization` of an account.
pub(crate) fn basic(PaymentAccount { username, password }: &PaymentAccount) -> String {
    format!("Basic {}", STANDARD.encode(format!("{username}:{}", password.as_str())))
}

fn call(Account { base_url, account }: &Account<'_>, request: Request) -> Call {
    let Request { method, path, body, timeout } = request;
    let mut headers = vec![(AUTHORIZATION.as_str(), basic(account)), (ACCEPT.as_str(), JSON.to_string())];
    if body.is_some() {
        headers.push((CONTENT_TYPE.as_str(), JSON.to_string()));
    }
    Call {
        // A call that may have moved money is repeated by its operation alone.
        is_repeatable: method == Method::GET,
        method,
        url: format!("{base_url}{path}"),
        headers,
        body: body.map(Bytes::from).unwrap_or_default(),
        timeout,
        answer_limit: LARGEST_ANSWER,
    }
}

const JSON: &str = "application/json";
