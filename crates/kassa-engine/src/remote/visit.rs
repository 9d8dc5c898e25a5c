//! The consumer opens the page.

use kassa_domain::Actor;
use kassa_domain::confirmation::FIRST_READ_AFTER_ENTRY_MS;
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::PageSession;
use kassa_domain::payment_session::{Offer, PaymentSession};
use kassa_domain::time::SECOND_MS;
use kassa_store::PayButton;

use super::claim::present;
use super::evidence::{Applied, apply};
use super::{read_payment, schedule, stored_payment};
use crate::advance::{Advanced, Occurrence, advance};
use crate::error::EngineError;
use crate::parts::EngineParts;

/// The time for the read when the consumer opens the page.
const READ_MS: i64 = 3 * SECOND_MS;

/// A page session that the consumer opened, with the payment session that it hosts.
pub struct Visit {
    /// The outcome for the page session.
    pub advanced: Advanced,
    /// The payment session.
    pub payment: PaymentSession,
    /// Its amount, and the ways to pay.
    pub offer: Offer,
    /// Whether the consumer can pay now.
    pub reachability: Reachability,
}

/// Whether the payment system answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// It answered, or it is this system.
    Reached,
    /// It did not answer.
    NotReached,
    /// It did not answer, and the consumer has pressed Pay before: the payment may be authorized.
    NotReachedAfterPay,
}

/// The consumer opens the page. A payment that was authorized or completed meanwhile changes the page session first.
pub(crate) async fn visit(
    engine: &EngineParts,
    session: PageSession,
    actor: Actor,
) -> Result<Visit, EngineError> {
    let payment = stored_payment(engine, &session).await?;
    if payment.system.is_remote() && !session.status.is_final() {
        return visit_remote(engine, session, payment, actor).await;
    }
    let advanced = enter(engine, session, &payment, actor).await?;
    visited(engine, advanced, payment, Reachability::Reached)
}

async fn visit_remote(
    engine: &EngineParts,
    session: PageSession,
    payment: PaymentSession,
    actor: Actor,
) -> Result<Visit, EngineError> {
    let deadline = engine.clock.monotonic_now().plus_ms(READ_MS);
    let stored = payment.clone();
    let (session, payment, reachability) = match read_payment(engine, payment, deadline).await? {
        Err(_) => {
            let reachability = match engine.store.pay_button(&session.id).await? {
                PayButton::Pressed => Reachability::NotReachedAfterPay,
                PayButton::NotPressed => Reachability::NotReached,
            };
            (session, stored, reachability)
        }
        Ok(fresh) => match apply(engine, session, present(&fresh)).await? {
            Applied::Advanced(advanced) => {
                return visited(engine, *advanced, fresh.payment, Reachability::Reached);
            }
            Applied::Gone(_) => {
                return visited(engine, Advanced::Gone, fresh.payment, Reachability::Reached);
            }
            Applied::Nothing(session) => (session, fresh.payment, Reachability::Reached),
        },
    };
    let was = session.status;
    let advanced = enter(engine, session, &payment, actor).await?;
    if let Advanced::Moved(session) = &advanced
        && was == Status::Waiting
    {
        let schedule = schedule(engine, &payment, FIRST_READ_AFTER_ENTRY_MS, PayButton::NotPressed);
        engine.store.start_confirmation(session, schedule).await?;
    }
    visited(engine, advanced, payment, reachability)
}

fn visited(
    engine: &EngineParts,
    advanced: Advanced,
    payment: PaymentSession,
    reachability: Reachability,
) -> Result<Visit, EngineError> {
    let offer = engine.payment_systems.of(&payment)?.offer(&payment)?;
    Ok(Visit { advanced, payment, offer, reachability })
}

/// If an order completed the payment session meanwhile, the node completes the page session.
async fn enter(
    engine: &EngineParts,
    session: PageSession,
    payment: &PaymentSession,
    actor: Actor,
) -> Result<Advanced, EngineError> {
    match payment.completion.clone() {
        Some(completion) => {
            let occurrence = Occurrence::PaymentSessionCompleted(completion);
            advance(engine, session, occurrence, Actor::System).await
        }
        None => advance(engine, session, Occurrence::ConsumerEntered, actor).await,
    }
}
