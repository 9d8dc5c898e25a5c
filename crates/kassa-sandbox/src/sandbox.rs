//! The sandbox payment system. The consumer's e-mail address selects the outcome, as in the vendor's playground.

pub(crate) mod cart;
pub(crate) mod content;
pub(crate) mod fraud;
pub(crate) mod matching;
pub(crate) mod order;
pub(crate) mod payment_callbacks;
pub(crate) mod payment_method;
pub(crate) mod person;
pub(crate) mod slow_order;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kassa_domain::operation::OperationKind;
use kassa_domain::page_session::PaymentMethodCategory;
use kassa_domain::payment_session::{
    AcquiringChannel, Authorization, AuthorizationPurpose, CategoryVisibility, Offer, OfferedCategory,
    PaymentSession,
};
use kassa_domain::placed_order::{PlacedOrder, Verdict};
use kassa_domain::{OrderId, Timestamp};
use kassa_engine::{
    Approval, Captures, Consumer, Decision, EndedFraudCheck, LocalPayments, Missing, Monotonic, NoAnswer,
    Operation, Outcome, PaymentCall, PaymentRead, PaymentSystem, Placement, Presentation, Random, ReadCause,
    SignUp, Standing, UnreadableContent, new_authorization_token,
};
use kassa_store::StoredOrder;
use kassa_wire::cart::LARGEST_AMOUNT;
use kassa_wire::payments::PaymentSession as Content;
use kassa_wire::people::is_date_of_birth;
use kassa_wire::stored::Stored;
use serde::Deserialize;

use order::{NewOrder, OrderRecord};
use person::{ConsumerDetails, latest_date_of_birth};
use slow_order::SlowOrder;

/// The one-time code that is always rejected (docs/wire.md#sandbox-consumers). Any other six digits are accepted.
pub(crate) const WRONG_CODE: &str = "999999";

/// The tag of an e-mail address whose owner has to show an identity document in a shop.
const ID_CHECK_TAG: &str = "id_check";

/// The sandbox payment system (docs/wire.md#sandbox-consumers).
pub struct Sandbox {
    random: Arc<dyn Random>,
}

impl Sandbox {
    /// Creates the sandbox; its tokens and order numbers come from `random`.
    #[must_use]
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self { random }
    }

    /// Whether the staff has to check this consumer's identity document. Only a shop with staff can do so.
    fn asks_for_id(&self, payment: &PaymentSession, consumer: &Consumer) -> bool {
        let is_in_store = |offer: Offer| offer.channel == AcquiringChannel::InStore;
        tag(&consumer.email) == ID_CHECK_TAG && self.offer(payment).is_ok_and(is_in_store)
    }
}

/// Decides about a consumer who has filled in the form.
pub(crate) fn decide(random: &dyn Random, consumer: &Consumer, at: Timestamp) -> Decision {
    let missing = missing(consumer, at);
    if !missing.is_empty() {
        return Decision::Incomplete(missing);
    }
    match email_outcome(&consumer.email) {
        EmailOutcome::Denied => Decision::Declined("The sandbox declines this consumer.".to_string()),
        EmailOutcome::Error => Decision::Errored("The sandbox fails for this consumer.".to_string()),
        EmailOutcome::NewUser | EmailOutcome::None => Decision::Authorized(Approval {
            token: new_authorization_token(random, at),
            consumer: serde_json::to_string(&ConsumerDetails::by(consumer)).ok(),
        }),
    }
}

impl PaymentSystem for Sandbox {
    fn offer(&self, payment: &PaymentSession) -> Result<Offer, UnreadableContent> {
        let content = OfferedContent::from_stored(&payment.body)?;
        let channel = content.acquiring_channel.as_deref().and_then(AcquiringChannel::parse);
        Ok(Offer {
            categories: offered_categories(&content.offered_categories),
            purpose: content.purpose(),
            channel: channel.unwrap_or(AcquiringChannel::Ecommerce),
            total_minor_units: content.order_amount,
            currency: content.purchase_currency.to_ascii_uppercase(),
        })
    }

    fn presentation(&self, _payment: &PaymentSession) -> Result<Presentation, UnreadableContent> {
        Ok(Presentation::Fields)
    }

    fn admits_read(&self, _payment: &PaymentSession, _cause: ReadCause) -> bool {
        true
    }

    fn read<'a>(
        &'a self,
        payment: &'a PaymentSession,
        _deadline: Monotonic,
    ) -> BoxFuture<'a, Result<PaymentRead, NoAnswer>> {
        let standing = match (&payment.completion, &payment.authorization_token) {
            (Some(completion), _) => Standing::Completed { order: completion.clone().order() },
            (None, Some(token)) => Standing::Authorized { token: token.clone() },
            (None, None) => Standing::Open,
        };
        Box::pin(async { Ok(PaymentRead { standing, content: None }) })
    }

    fn placement(
        &self,
        authorization: &Authorization,
        captures: Captures,
        at: Timestamp,
    ) -> Result<Placement, UnreadableContent> {
        let content = Content::from_stored(&authorization.body)?;
        let slow = order::consumer_details(authorization)?.email().and_then(SlowOrder::of);
        let order = NewOrder::of(authorization, content, captures)?.place(&*self.random, at)?;
        Ok(match slow {
            None => Placement::Here(Box::new(order)),
            Some(slow) => Placement::ByOperation(slow.request(order)?),
        })
    }

    fn release(&self, _authorization: &Authorization) -> Option<String> {
        // An authorization is stored together with the status change, so a lost race leaves nothing to release.
        None
    }

    fn carry_out<'a>(
        &'a self,
        _payment: &'a PaymentSession,
        operation: Operation<'a>,
        _deadline: Monotonic,
    ) -> BoxFuture<'a, Outcome> {
        let outcome = match operation.kind {
            OperationKind::PlaceOrder => slow_order::place(operation),
            OperationKind::Release => Outcome::Released,
        };
        Box::pin(async { outcome })
    }

    fn read_reference<'a>(
        &'a self,
        _payment: &'a PaymentSession,
        _order: &'a OrderId,
        _deadline: Monotonic,
    ) -> BoxFuture<'a, Result<Option<String>, NoAnswer>> {
        // An order has its reference from the beginning, unless an operator settled it without one.
        Box::pin(async { Ok(None) })
    }
}

impl LocalPayments for Sandbox {
    fn submit<'a>(
        &'a self,
        payment: &'a PaymentSession,
        consumer: &'a Consumer,
        at: Timestamp,
    ) -> BoxFuture<'a, Decision> {
        let mut decision = decide(&*self.random, consumer, at);
        if let Decision::Authorized(approval) = &decision
            && self.asks_for_id(payment, consumer)
        {
            decision = Decision::IdCheck(approval.clone());
        }
        Box::pin(async { decision })
    }

    fn placed_order(&self, order: &StoredOrder) -> Result<PlacedOrder, UnreadableContent> {
        Ok(OrderRecord::of(order)?.money)
    }

    fn call_about_authorization(
        &self,
        authorization: &Authorization,
    ) -> Result<Option<PaymentCall>, UnreadableContent> {
        Ok(payment_callbacks::about_authorization(authorization)?)
    }

    fn calls_about_order(&self, order: &StoredOrder) -> Result<Vec<PaymentCall>, UnreadableContent> {
        Ok(payment_callbacks::about_order(order)?)
    }

    fn end_fraud_check(
        &self,
        order: &StoredOrder,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Option<EndedFraudCheck>, UnreadableContent> {
        let mut record = OrderRecord::of(order)?;
        if record.money.end_fraud_check(verdict, now).is_err() {
            return Ok(None);
        }
        let notification = payment_callbacks::notification(&order.reference.order_id, verdict);
        Ok(Some(EndedFraudCheck { body: serde_json::to_string(&record)?, notification }))
    }
}

/// The outcome that an e-mail address selects, in any letter case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EmailOutcome {
    Denied,
    Error,
    NewUser,
    None,
}

/// Returns the tag of an e-mail address: the text between `+` and `@`, in lower case.
pub(crate) fn tag(email: &str) -> String {
    let tag = email.split_once('@').and_then(|(name, _)| name.split_once('+')).map_or("", |(_, tag)| tag);
    tag.to_ascii_lowercase()
}

fn email_outcome(email: &str) -> EmailOutcome {
    match tag(email).as_str() {
        "denied" => EmailOutcome::Denied,
        "error" => EmailOutcome::Error,
        "new_user" | "require_signup" => EmailOutcome::NewUser,
        _ => EmailOutcome::None,
    }
}

fn missing(consumer: &Consumer, at: Timestamp) -> Vec<Missing> {
    let mut missing = Vec::new();
    if !looks_like_email(&consumer.email) {
        missing.push(Missing::Email);
    }
    let code = consumer.one_time_code.trim();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) || code == WRONG_CODE {
        missing.push(Missing::OneTimeCode);
    }
    if missing.is_empty() && email_outcome(&consumer.email) == EmailOutcome::NewUser {
        match &consumer.sign_up {
            None => missing.push(Missing::SignUp),
            Some(sign_up) => missing.extend(missing_of_sign_up(sign_up, at)),
        }
    }
    missing
}

fn missing_of_sign_up(sign_up: &SignUp, at: Timestamp) -> Vec<Missing> {
    let is_born = is_date_of_birth(sign_up.date_of_birth.trim(), &latest_date_of_birth(at));
    let fields = [
        (Missing::GivenName, !sign_up.given_name.trim().is_empty()),
        (Missing::FamilyName, !sign_up.family_name.trim().is_empty()),
        (Missing::DateOfBirth, is_born),
    ];
    fields.into_iter().filter(|(_, is_given)| !is_given).map(|(field, _)| field).collect()
}

fn looks_like_email(text: &str) -> bool {
    let text = text.trim();
    text.len() <= 254
        && !text.contains(char::is_whitespace)
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
        })
}

/// The fields of a payment session's content that an offer needs.
#[derive(Deserialize)]
struct OfferedContent {
    acquiring_channel: Option<String>,
    order_amount: i64,
    purchase_currency: String,
    intent: Option<String>,
    /// The merchant's choice, from when the payment session was created.
    #[serde(default)]
    offered_categories: Vec<PaymentMethodCategory>,
}

impl Stored for OfferedContent {
    const NAME: &'static str = "payment session";
}

impl OfferedContent {
    fn purpose(&self) -> AuthorizationPurpose {
        let is_for_token =
            self.intent.as_deref().is_some_and(|intent| intent.eq_ignore_ascii_case("tokenize"));
        if is_for_token || !can_be_captured(self.order_amount) {
            AuthorizationPurpose::NoOrder
        } else {
            AuthorizationPurpose::Order
        }
    }
}

/// Whether an order over this amount can be captured in full: one capture takes no more.
pub(crate) fn can_be_captured(order_amount: i64) -> bool {
    (0..=LARGEST_AMOUNT).contains(&order_amount)
}

/// Returns the categories that a payment session offers: those that the merchant chose, or else all six, of which pages
/// show three unless they ask for others (docs/wire.md#page-options).
pub(crate) fn offered_categories(chosen: &[PaymentMethodCategory]) -> Vec<OfferedCategory> {
    let offered = |category: PaymentMethodCategory, visibility| OfferedCategory {
        identifier: category.as_str().to_ascii_lowercase(),
        name: category_name(category).to_string(),
        visibility,
    };
    if chosen.is_empty() {
        return CATEGORIES.map(|(category, visibility)| offered(category, visibility)).into();
    }
    chosen.iter().map(|category| offered(*category, CategoryVisibility::ByDefault)).collect()
}

const CATEGORIES: [(PaymentMethodCategory, CategoryVisibility); 6] = [
    (PaymentMethodCategory::PayLater, CategoryVisibility::ByDefault),
    (PaymentMethodCategory::PayOverTime, CategoryVisibility::ByDefault),
    (PaymentMethodCategory::PayNow, CategoryVisibility::ByDefault),
    (PaymentMethodCategory::DirectDebit, CategoryVisibility::OnRequest),
    (PaymentMethodCategory::DirectBankTransfer, CategoryVisibility::OnRequest),
    (PaymentMethodCategory::Klarna, CategoryVisibility::OnRequest),
];

fn category_name(category: PaymentMethodCategory) -> &'static str {
    match category {
        PaymentMethodCategory::PayLater => "Pay later",
        PaymentMethodCategory::PayOverTime => "Pay over time",
        PaymentMethodCategory::PayNow => "Pay now",
        PaymentMethodCategory::DirectDebit => "Direct debit",
        PaymentMethodCategory::DirectBankTransfer => "Direct bank transfer",
        PaymentMethodCategory::Klarna => "Klarna",
    }
}
