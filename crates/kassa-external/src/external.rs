//! The payment system: what the engine asks, in the terms of the protocol.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use kassa_domain::operation::OperationKind;
use kassa_domain::payment_session::{
    AcquiringChannel, Authorization, AuthorizationPurpose, Offer, PaymentCompletion, PaymentSession,
    StartAnswer, StartedPayment,
};
use kassa_domain::{OperationId, OrderId, Timestamp};
use kassa_engine::{
    Captures, Clock, Monotonic, NoAnswer, Operation, Outcome, PaymentRead, PaymentSystem, Placement,
    Presentation, Random, ReadBudget, ReadCause, RedirectPayments, RedirectPresentation, Standing,
    StartAddresses, StartChoice, StartOutcome, UnreadableContent, new_uuid, order_operation_id,
    release_operation_id,
};
use kassa_wire::payments::PaymentSession as Content;
use kassa_wire::stored::Stored;
use serde::de::DeserializeOwned;
use url::Url;

use crate::adapter::{Adapter, Failed};
use crate::answers::{NotAnAnswer, OrderReply, ReadReply, ReleaseReply, StartReply, instant};
use crate::requests::{self, token_of};
use crate::setup::{ExternalRules, ExternalSetup};

/// The external payment system.
pub struct External {
    rules: ExternalRules,
    adapter: Adapter,
    budget: ReadBudget,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl External {
    pub(crate) fn new(setup: ExternalSetup, clock: Arc<dyn Clock>) -> Self {
        let ExternalSetup { rules, outgoing, random } = setup;
        let adapter = Adapter::new(rules.url.clone(), rules.secrets.clone(), outgoing, clock.clone());
        let budget = ReadBudget::new(rules.reads_per_second, clock.clone());
        Self { rules, adapter, budget, clock, random }
    }

    pub(crate) fn rules(&self) -> &ExternalRules {
        &self.rules
    }

    pub(crate) fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// A new id of a message, or of a start.
    pub(crate) fn new_id(&self) -> String {
        new_uuid(&*self.random, self.clock.system_now())
    }

    async fn read_started(
        &self,
        payment: &PaymentSession,
        started: &StartedPayment,
        deadline: Monotonic,
    ) -> Result<Standing, NoAnswer> {
        let timeout = self.adapter.within(self.rules.read_timeout, deadline);
        let reply = self.adapter.send(&self.new_id(), requests::read(payment, started), timeout).await;
        reply.map(|reply| standing(payment, reply)).map_err(Failed::into_no_answer)
    }

    async fn send_operation<R: DeserializeOwned + Into<Outcome>>(
        &self,
        operation: Operation<'_>,
        deadline: Monotonic,
    ) -> Outcome {
        let timeout = self.adapter.within(self.rules.order_timeout, deadline);
        let (key, request) = (operation.key.as_str(), operation.request.to_string());
        let reply: Result<R, Failed> = self.adapter.send(key, request, timeout).await;
        reply.map_or_else(Failed::into_outcome, Into::into)
    }

    /// Checks that a browser may be sent to a page.
    pub(crate) fn redirect(&self, url: &str) -> Result<String, NotAnAnswer> {
        let url = Url::parse(url).map_err(|_| NotAnAnswer::ForeignRedirect)?;
        let origin = url.origin().ascii_serialization();
        let has_user = !url.username().is_empty() || url.password().is_some();
        match self.rules.redirect_origins.contains(&origin) && !has_user {
            true => Ok(url.to_string()),
            false => Err(NotAnAnswer::ForeignRedirect),
        }
    }

    fn start_outcome(&self, reply: StartReply) -> Result<StartOutcome, NotAnAnswer> {
        match reply {
            StartReply::Started { payment_reference, redirect_url, expires_at } => {
                Ok(StartOutcome::Started(StartAnswer {
                    payment_reference: payment_reference.as_str().to_string(),
                    redirect_url: self.redirect(&redirect_url)?,
                    expires_at: instant(expires_at)?,
                }))
            }
            StartReply::Refused { reason } => Ok(StartOutcome::Refused(reason.into())),
        }
    }
}

impl PaymentSystem for External {
    fn offer(&self, payment: &PaymentSession) -> Result<Offer, UnreadableContent> {
        let content = Content::from_stored(&payment.body)?;
        let purpose = match content.allows_order() {
            true => AuthorizationPurpose::Order,
            false => AuthorizationPurpose::NoOrder,
        };
        let channel = AcquiringChannel::parse(&content.acquiring_channel());
        Ok(Offer {
            categories: self.rules.categories.clone(),
            channel: channel.unwrap_or(AcquiringChannel::Ecommerce),
            total_minor_units: content.order_amount,
            currency: content.purchase_currency.to_ascii_uppercase(),
            purpose,
        })
    }

    fn presentation(&self, _payment: &PaymentSession) -> Result<Presentation, UnreadableContent> {
        Ok(Presentation::Redirect(RedirectPresentation { origins: self.rules.redirect_origins.clone() }))
    }

    /// Reads that need no call are not limited.
    fn admits_read(&self, payment: &PaymentSession, cause: ReadCause) -> bool {
        answered_start(payment).is_none() || self.budget.admits(payment, cause)
    }

    /// A payment that has an order is complete, without a call. A payment whose page nobody knows yet is open: no
    /// consumer can have paid it, and the request to start it may still be under way.
    fn read<'a>(
        &'a self,
        payment: &'a PaymentSession,
        deadline: Monotonic,
    ) -> BoxFuture<'a, Result<PaymentRead, NoAnswer>> {
        Box::pin(async move {
            let standing = match (&payment.completion, answered_start(payment)) {
                (Some(completion), _) => {
                    Standing::Completed { order: PaymentCompletion::order(completion.clone()) }
                }
                (None, None) => Standing::Open,
                (None, Some(started)) => self.read_started(payment, started, deadline).await?,
            };
            Ok(PaymentRead { standing, content: None })
        })
    }

    /// Each order has a reference from the beginning: without one of the payment system, its id.
    fn read_reference<'a>(
        &'a self,
        _payment: &'a PaymentSession,
        _order: &'a OrderId,
        _deadline: Monotonic,
    ) -> BoxFuture<'a, Result<Option<String>, NoAnswer>> {
        Box::pin(async { Ok(None) })
    }

    fn placement(
        &self,
        authorization: &Authorization,
        captures: Captures,
        _at: Timestamp,
    ) -> Result<Placement, UnreadableContent> {
        let content = Content::from_stored(&authorization.body)?;
        let key = order_operation_id(&authorization.token);
        Ok(Placement::ByOperation(requests::place_order(authorization, &content, &key, captures)))
    }

    fn release(&self, authorization: &Authorization) -> Option<String> {
        Some(requests::release(authorization, &release_operation_id(&authorization.token)))
    }

    fn carry_out<'a>(
        &'a self,
        _payment: &'a PaymentSession,
        operation: Operation<'a>,
        deadline: Monotonic,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match operation.kind {
                OperationKind::PlaceOrder => self.send_operation::<OrderReply>(operation, deadline).await,
                OperationKind::Release => self.send_operation::<ReleaseReply>(operation, deadline).await,
            }
        })
    }
}

impl RedirectPayments for External {
    fn start_request(
        &self,
        payment: &PaymentSession,
        key: &OperationId,
        choice: StartChoice<'_>,
    ) -> Result<String, UnreadableContent> {
        Ok(requests::start(payment, &Content::from_stored(&payment.body)?, key, choice)?)
    }

    fn start<'a>(
        &'a self,
        started: &'a StartedPayment,
        addresses: &'a StartAddresses,
        deadline: Monotonic,
    ) -> BoxFuture<'a, StartOutcome> {
        Box::pin(async move {
            let request = match requests::start_with(&started.request, addresses) {
                Ok(request) => request,
                Err(error) => return StartOutcome::Unknown(error.to_string()),
            };
            let timeout = self.adapter.within(Duration::MAX, deadline);
            let reply = self.adapter.send(started.key.as_str(), request, timeout).await;
            let outcome = reply.and_then(|reply| Ok(self.start_outcome(reply)?));
            outcome.unwrap_or_else(|failed| StartOutcome::Unknown(failed.to_string()))
        })
    }

    fn release_started(
        &self,
        payment: &PaymentSession,
        started: &StartedPayment,
        key: &OperationId,
    ) -> String {
        requests::release_started(payment, started, key)
    }
}

/// The started payment of a payment session that has no order, if Kassa knows its page.
fn answered_start(payment: &PaymentSession) -> Option<&StartedPayment> {
    let started = payment.started.as_ref().filter(|started| started.answer.is_some());
    started.filter(|_| payment.completion.is_none())
}

/// The state of a payment by the answer to a read.
fn standing(payment: &PaymentSession, reply: ReadReply) -> Standing {
    match reply {
        ReadReply::Open => Standing::Open,
        ReadReply::Authorized { authorization } => {
            Standing::Authorized { token: token_of(&payment.id, authorization.as_str()) }
        }
        ReadReply::Completed(order) => Standing::Completed { order: Some(order.into_reference()) },
        ReadReply::Declined { reason } => Standing::Declined(reason.into()),
        ReadReply::Cancelled | ReadReply::Gone => Standing::Abandoned,
    }
}
