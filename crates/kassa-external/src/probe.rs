//! Checks an adapter: starts a payment twice with one key, reads it and releases it, and asks for an order with an
//! authorization that does not exist. No consumer pays, so no money moves.

use std::fmt::Debug;

use kassa_domain::payment_session::{
    AUTHORIZATION_LIFETIME_MS, Authorization, AuthorizationState, StartedPayment,
};
use kassa_domain::payment_session::{PaymentSession, PaymentSystemKey, StartAnswer};
use kassa_domain::time::{MINUTE_MS, SECOND_MS};
use kassa_domain::{MerchantId, OperationId, PageSessionId, PaymentSessionId};
use kassa_engine::{Captures, StartAddresses, StartChoice, order_operation_id, release_operation_id};
use kassa_wire::payments::PaymentSession as Content;
use kassa_wire::signature::secret_text;
use kassa_wire::stored::Stored as _;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::adapter::{Adapter, Failed, Sent};
use crate::answers::{NotAnAnswer, OrderReply, ReadReply, ReleaseReply, StartReply};
use crate::external::External;
use crate::requests::{self, token_of};

/// The time for one call.
const CALL_MS: i64 = 15 * SECOND_MS;

/// One check of the adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeStep {
    /// The rule that was checked.
    pub rule: &'static str,
    /// The result.
    pub finding: ProbeFinding,
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeFinding {
    /// The adapter follows the rule.
    Right,
    /// It does not: the text says what it did.
    Wrong(String),
}

/// The payment of the probe.
struct Probe<'a> {
    external: &'a External,
    payment: PaymentSession,
    content: Content,
    started: StartedPayment,
    addresses: StartAddresses,
    steps: Vec<ProbeStep>,
}

/// Checks the adapter with a payment of one unit of `currency`. The steps come in their order; a later step may be
/// missing if an earlier one was wrong.
pub async fn probe(
    external: &External,
    currency: &str,
    country: &str,
    addresses: StartAddresses,
) -> Vec<ProbeStep> {
    let mut probe = Probe::new(external, currency, country, addresses);
    if !probe.unknown_payment().await {
        return probe.steps;
    }
    probe.signatures().await;
    probe.unknown_authorization().await;
    if probe.start().await {
        probe.release().await;
    }
    probe.steps
}

impl<'a> Probe<'a> {
    fn new(external: &'a External, currency: &str, country: &str, addresses: StartAddresses) -> Self {
        let body = json!({
            "purchase_country": country, "purchase_currency": currency, "order_amount": 100,
            "merchant_reference1": "kassa-probe",
            "order_lines": [{"name": "Probe", "quantity": 1, "unit_price": 100, "total_amount": 100}],
        })
        .to_string();
        let now = external.clock().system_now();
        let payment = PaymentSession {
            id: PaymentSessionId::new(external.new_id()),
            system: PaymentSystemKey::External,
            merchant_id: MerchantId::new("kassa-probe"),
            version: 0,
            created_at: now,
            expires_at: now.plus_ms(AUTHORIZATION_LIFETIME_MS),
            authorization_token: None,
            completion: None,
            started: None,
            body: body.clone(),
        };
        let content = Content::from_stored(&body).expect("the probe's cart is a payment session");
        let category =
            external.rules().categories.first().map_or("pay_now", |first| first.identifier.as_str());
        let started = StartedPayment {
            key: OperationId::new(external.new_id()),
            page_session_id: PageSessionId::new(external.new_id()),
            category: category.to_string(),
            body,
            request: String::new(),
            answer: Some(StartAnswer {
                payment_reference: "kassa-probe-unknown".to_string(),
                redirect_url: String::new(),
                expires_at: None,
            }),
        };
        Self { external, payment, content, started, addresses, steps: Vec::new() }
    }

    /// A request that Kassa did not sign now must not be carried out.
    async fn signatures(&mut self) {
        let forged = [secret_text(b"this is not the secret of Kassa")];
        let own = self.external.rules().secrets.clone();
        let now_s = self.external.clock().system_now().as_ms() / SECOND_MS;
        let attempts = [
            ("a forged signature is refused", Sent { secrets: &forged, at_s: now_s }),
            ("a request without a signature is refused", Sent { secrets: &[], at_s: now_s }),
            (
                "a request of ten minutes ago is refused",
                Sent { secrets: &own, at_s: now_s - 10 * MINUTE_MS / SECOND_MS },
            ),
        ];
        for (rule, sent) in attempts {
            let body = requests::read(&self.payment, &self.started);
            let status = self.adapter().status_of(&self.external.new_id(), body, sent).await;
            let finding = match status {
                Ok(200) => ProbeFinding::Wrong(
                    "the adapter answered 200: verify the signature and the time".to_string(),
                ),
                Ok(_) => ProbeFinding::Right,
                Err(error) => ProbeFinding::Wrong(error.to_string()),
            };
            self.steps.push(ProbeStep { rule, finding });
        }
    }

    /// Returns whether the adapter answered.
    async fn unknown_payment(&mut self) -> bool {
        let rule = "an unknown payment has no authorization and no order";
        let answer = self.read().await;
        if let Err(Failed::NotAnAnswer(NotAnAnswer::Status(401))) = &answer {
            let advice = "the adapter refuses Kassa's signature: its secret differs from secret_file, or its clock is \
                          wrong";
            self.steps.push(ProbeStep { rule, finding: ProbeFinding::Wrong(advice.to_string()) });
            return false;
        }
        self.expect(rule, &answer, |answer| matches!(answer, ReadReply::Gone | ReadReply::Open));
        answer.is_ok()
    }

    async fn unknown_authorization(&mut self) {
        let token = token_of(&self.payment.id, "kassa-probe-unknown");
        let authorization = Authorization {
            state: AuthorizationState::Open,
            ..Authorization::of(&self.payment, token, "pay_now", self.payment.created_at)
        };
        let key = order_operation_id(&authorization.token);
        let request = requests::place_order(&authorization, &self.content, &key, Captures::AtOnce);
        for rule in [
            "an order with an unknown authorization is refused",
            "the same order again is refused in the same way",
        ] {
            let answer = self.send(key.as_str(), request.clone()).await;
            self.expect(
                rule,
                &answer,
                |answer| matches!(answer, OrderReply::Refused(refusal) if refusal.authorization_is_void),
            );
        }
    }

    /// Returns whether a payment was started.
    async fn start(&mut self) -> bool {
        let key = self.started.key.clone();
        let choice = StartChoice { category: &self.started.category, consumer_ip: None };
        let recorded = requests::start(&self.payment, &self.content, &key, choice);
        let request = recorded.and_then(|recorded| requests::start_with(&recorded, &self.addresses));
        let request = request.expect("the probe's request is JSON");
        let (first, second) = futures_util::join!(
            self.send::<StartReply>(key.as_str(), request.clone()),
            self.send::<StartReply>(key.as_str(), request.clone())
        );
        self.expect("a payment can be started", &first, |answer| {
            matches!(answer, StartReply::Started { .. })
        });
        let is_same = matches!((&first, &second), (Ok(first), Ok(second)) if first == second);
        let finding = match is_same {
            true => ProbeFinding::Right,
            false => ProbeFinding::Wrong(format!("{} and {}", described(&first), described(&second))),
        };
        self.steps
            .push(ProbeStep { rule: "two starts with one key, at the same time, have one answer", finding });
        let Ok(StartReply::Started { payment_reference, redirect_url, expires_at: _ }) = first else {
            return false;
        };
        let finding = match self.external.redirect(&redirect_url) {
            Ok(_) => ProbeFinding::Right,
            Err(error) => ProbeFinding::Wrong(error.to_string()),
        };
        self.steps.push(ProbeStep { rule: "the consumer is sent to one of redirect_origins", finding });
        let payment_reference = payment_reference.as_str().to_string();
        self.started.answer = Some(StartAnswer { payment_reference, redirect_url, expires_at: None });
        let answer = self.read().await;
        self.expect("a started payment is open", &answer, |answer| *answer == ReadReply::Open);
        true
    }

    async fn release(&mut self) {
        let key = release_operation_id(&token_of(&self.payment.id, self.started.key.as_str()));
        let request = requests::release_started(&self.payment, &self.started, &key);
        for rule in ["a started payment can be released", "it can be released again"] {
            let answer = self.send::<ReleaseReply>(key.as_str(), request.clone()).await;
            self.expect(rule, &answer, |answer| *answer == ReleaseReply::Released);
        }
        let answer = self.read().await;
        self.expect("a released payment is over", &answer, |answer| {
            matches!(answer, ReadReply::Cancelled | ReadReply::Gone | ReadReply::Declined { .. })
        });
    }

    fn adapter(&self) -> &Adapter {
        self.external.adapter()
    }

    async fn read(&self) -> Result<ReadReply, Failed> {
        self.send(&self.external.new_id(), requests::read(&self.payment, &self.started)).await
    }

    async fn send<T: DeserializeOwned>(&self, id: &str, body: String) -> Result<T, Failed> {
        let deadline = self.external.clock().monotonic_now().plus_ms(CALL_MS);
        let adapter = self.adapter();
        adapter.send(id, body, adapter.within(self.external.rules().order_timeout, deadline)).await
    }

    fn expect<T: Debug>(
        &mut self,
        rule: &'static str,
        answer: &Result<T, Failed>,
        is_right: impl Fn(&T) -> bool,
    ) {
        let finding = match answer {
            Ok(answer) if is_right(answer) => ProbeFinding::Right,
            other => ProbeFinding::Wrong(described(other)),
        };
        self.steps.push(ProbeStep { rule, finding });
    }
}

fn described<T: Debug>(answer: &Result<T, Failed>) -> String {
    match answer {
        Ok(answer) => format!("the answer is {answer:?}"),
        Err(failed) => failed.to_string(),
    }
}
