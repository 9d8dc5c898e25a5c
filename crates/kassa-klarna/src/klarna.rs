//! The payment system: what the engine asks, in Klarna's terms.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use kassa_domain::operation::OperationKind;
use kassa_domain::payment_session::{Authorization, Offer, PaymentSession};
use kassa_domain::{OrderId, Timestamp};
use kassa_engine::{
    BaseUrl, Captures, Clock, Monotonic, NoAnswer, Operation, Outcome, PaymentAccounts, PaymentRead,
    PaymentSystem, Placement, Presentation, ReadCause, ScriptSources, UnreadableContent,
};
use kassa_outgoing::Outgoing;
use kassa_wire::stored::Stored;

use crate::api::Api;
use crate::content::KlarnaContent;
use crate::{order, script};

/// The configured rules for calls to Klarna, and for its script.
#[derive(Clone, Debug)]
pub struct KlarnaRules {
    /// The base URLs that may be called.
    pub allowed_base_urls: Vec<BaseUrl>,
    /// The address of the script that the page loads.
    pub script_url: String,
    /// The sources that the page allows beside those of the script.
    pub extra_sources: ScriptSources,
    /// The time for a read.
    pub read_timeout: Duration,
    /// The time for placing or releasing an order.
    pub order_timeout: Duration,
    /// Maximum number of reads per second, of each account.
    pub reads_per_second: u32,
}

/// Klarna as a payment system.
pub struct Klarna {
    rules: KlarnaRules,
    api: Api,
}

impl Klarna {
    /// Creates the payment system. Its calls go through `outgoing`, with the accounts of the merchants.
    #[must_use]
    pub fn new(
        rules: KlarnaRules,
        accounts: PaymentAccounts,
        clock: Arc<dyn Clock>,
        outgoing: Arc<dyn Outgoing>,
    ) -> Self {
        let api = Api::new(&rules, accounts, clock, outgoing);
        Self { rules, api }
    }
}

impl PaymentSystem for Klarna {
    fn offer(&self, payment: &PaymentSession) -> Result<Offer, UnreadableContent> {
        Ok(KlarnaContent::from_stored(&payment.body)?.offer())
    }

    fn presentation(&self, payment: &PaymentSession) -> Result<Presentation, UnreadableContent> {
        let content = KlarnaContent::from_stored(&payment.body)?;
        Ok(Presentation::Script(script::presentation(&self.rules, content.client_token)))
    }

    fn admits_read(&self, payment: &PaymentSession, cause: ReadCause) -> bool {
        self.api.admits_read(payment, cause)
    }

    fn read<'a>(
        &'a self,
        payment: &'a PaymentSession,
        deadline: Monotonic,
    ) -> BoxFuture<'a, Result<PaymentRead, NoAnswer>> {
        Box::pin(self.api.read(payment, deadline))
    }

    fn placement(
        &self,
        authorization: &Authorization,
        captures: Captures,
        _at: Timestamp,
    ) -> Result<Placement, UnreadableContent> {
        Ok(Placement::ByOperation(order::request(&authorization.body, captures)?))
    }

    fn release(&self, _authorization: &Authorization) -> Option<String> {
        // The token in the path is the whole request.
        Some(String::new())
    }

    fn carry_out<'a>(
        &'a self,
        payment: &'a PaymentSession,
        operation: Operation<'a>,
        deadline: Monotonic,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match operation.kind {
                OperationKind::PlaceOrder => self.api.place_order(payment, operation, deadline).await,
                OperationKind::Release => self.api.release(payment, operation, deadline).await,
            }
        })
    }

    fn read_reference<'a>(
        &'a self,
        payment: &'a PaymentSession,
        order: &'a OrderId,
        deadline: Monotonic,
    ) -> BoxFuture<'a, Result<Option<String>, NoAnswer>> {
        Box::pin(async move { self.api.read_reference(payment, order, deadline).await.map(Some) })
    }
}
