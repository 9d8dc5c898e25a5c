//! The delivery of messages to consumers: claimed under a lease with a fence. Each attempt is recorded with its
//! outcome.

use kassa_domain::{PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::callbacks::NO_LEASE;
use crate::engine::{Answer, Guard, Statement, Unit};
use crate::messages::{read_message, select_message};
use crate::reading::ReadColumn as _;
use crate::{CommitOutcome, Message, Store, StoreError};

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// An attempt is due, or will be.
    Due,
    /// The server or the gateway accepted the message.
    Sent,
    /// It refused the message for good, or it did not accept it in time.
    Failed,
    /// There is nothing left to pay, so the message was not sent.
    Dropped,
}

/// The delivery of a new message.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// The locale of the message, such as `sv-SE`.
    pub locale: String,
    /// When it was accepted, by the time of leases. The first attempt is due at once.
    pub accepted_at: Timestamp,
}

/// A delivery under a lease.
#[derive(Clone, Debug)]
pub struct ClaimedDelivery {
    /// The message's id.
    pub message_id: String,
    /// The page session whose link the message contains.
    pub page_session_id: PageSessionId,
    /// The locale of the message.
    pub locale: String,
    /// The number of attempts that have ended.
    pub attempts: i64,
    /// When the message was accepted, by the time of leases.
    pub accepted_at: Timestamp,
    /// The number of the claim. A write under an older one changes nothing.
    pub fence: i64,
}

/// An attempt to send a message, which has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageAttempt {
    /// The message's id.
    pub message_id: String,
    /// 1 for the first attempt.
    pub number: i64,
    /// When it began, by the merchant's clock.
    pub began_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The outcome, in a word.
    pub outcome: String,
    /// The codes of the answer, or the kind of failure.
    pub detail: String,
}

/// The state of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterAttempt {
    /// The next attempt is due then, by the time of leases.
    DueAt(Timestamp),
    /// There is none.
    Ended(DeliveryState),
}

/// The deliveries of the whole database that have not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveriesBacklog {
    /// Their number.
    pub waiting: i64,
    /// When the oldest one was accepted.
    pub oldest_accepted_at: Option<Timestamp>,
}

columns! {
    claimed_delivery {
        message_id = "message_delivery.message_id",
        page_session_id = "message_delivery.page_session_id",
        locale = "message_delivery.locale",
        attempts = "message_delivery.attempts",
        accepted_at = "message_delivery.accepted_at",
        fence = "message_delivery.fence",
    }
    message_attempt { message_id, number, began_at, duration_ms, outcome, detail }
    deliveries_backlog { waiting = "count(*)", oldest_accepted_at = "min(accepted_at)" }
}

impl DeliveryState {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "DUE",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
            Self::Dropped => "DROPPED",
        }
    }
}

impl Store {
    /// Claims deliveries of a channel that are due at `now` and have no lease, at most `limit` of them, longest due
    /// first. If there are none, it only reads, because a node asks once a second.
    pub async fn claim_deliveries(
        &self,
        channel: &str,
        (now, leased_until): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        let due = Statement::new(
            "select 1 from message_delivery
             where channel = $1 and state = 'DUE' and due_at <= $2 and leased_until <= $2 limit 1",
            [channel.into(), now.as_ms().into()],
        );
        if self.row(due, |row| Ok(row.only::<i64>()?)).await?.is_none() {
            return Ok(Vec::new());
        }
        let claim = Statement::new(
            sql!(
                "update message_delivery set leased_until = $1, fence = fence + 1
                 where message_id in (
                   select message_id from message_delivery
                   where channel = $2 and state = 'DUE' and due_at <= $3 and leased_until <= $3
                   order by due_at limit $4 {skip locked})
                 returning {claimed_delivery}",
                claimed_delivery
            ),
            [leased_until.as_ms().into(), channel.into(), now.as_ms().into(), limit.into()],
        );
        let rows = self.run_unguarded(Unit::of(claim)).await?;
        rows.into_iter().map(|mut row| read_claimed(&mut row)).collect()
    }

    /// The message of a delivery; `None` if it was deleted.
    pub async fn message(&self, id: &str) -> Result<Option<Message>, StoreError> {
        self.row(select_message(id), |row| read_message(&self.seal, row)).await
    }

    /// The number of attempts to send a message that had this outcome.
    pub async fn message_attempts_with(&self, message_id: &str, outcome: &str) -> Result<i64, StoreError> {
        let statement = Statement::new(
            "select count(*) from message_attempt where message_id = $1 and outcome = $2",
            [message_id.into(), outcome.into()],
        );
        Ok(self.row(statement, |row| Ok(row.only::<i64>()?)).await?.unwrap_or_default())
    }

    /// Records an attempt that has ended, and what follows. `Stale` if another node claimed the delivery since.
    pub async fn record_message_attempt(
        &self,
        claimed: &ClaimedDelivery,
        attempt: &MessageAttempt,
        after: AfterAttempt,
    ) -> Result<CommitOutcome, StoreError> {
        let mut unit = Unit::of(end_claim(claimed, attempt.number, after));
        unit.push(insert_attempt(&claimed.page_session_id, attempt));
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(CommitOutcome::Done),
            Answer::Refused(_) => Ok(CommitOutcome::Stale),
        }
    }

    /// Ends a claim without an attempt: the message is not sent any more, or an attempt is due later.
    pub async fn end_delivery_claim(
        &self,
        claimed: &ClaimedDelivery,
        after: AfterAttempt,
    ) -> Result<(), StoreError> {
        self.run(Unit::of(end_claim(claimed, claimed.attempts, after))).await.map(drop)
    }

    /// The attempts to send the messages about a page session, oldest first.
    pub async fn message_attempts(&self, of: &PageSessionId) -> Result<Vec<MessageAttempt>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {message_attempt} from message_attempt where page_session_id = $1
                 order by message_id, number",
                message_attempt
            ),
            [of.as_str().into()],
        );
        self.rows(statement, read_attempt).await
    }

    /// The deliveries that have not ended, of the whole database.
    pub async fn deliveries_backlog(&self) -> Result<DeliveriesBacklog, StoreError> {
        let statement = Statement::new(
            sql!("select {deliveries_backlog} from message_delivery where state = 'DUE'", deliveries_backlog),
            [],
        );
        Ok(self.row(statement, read_backlog).await?.unwrap_or_default())
    }
}

/// Inserts the delivery of a message, as a part of the unit that stores the message.
pub(crate) fn insert_delivery(message: &Message, new: &NewDelivery) -> Statement {
    Statement::new(
        "insert into message_delivery (message_id, page_session_id, channel, locale, state, attempts, accepted_at,
           due_at, leased_until, fence)
         values ($1, $2, $3, $4, 'DUE', 0, $5, $5, $6, 0)",
        [
            message.id.as_str().into(),
            message.page_session_id.as_str().into(),
            message.channel.as_str().into(),
            new.locale.as_str().into(),
            new.accepted_at.as_ms().into(),
            NO_LEASE.as_ms().into(),
        ],
    )
}

fn end_claim(claimed: &ClaimedDelivery, attempts: i64, after: AfterAttempt) -> Statement {
    let (state, due_at) = match after {
        AfterAttempt::DueAt(at) => (DeliveryState::Due, at),
        AfterAttempt::Ended(state) => (state, claimed.accepted_at),
    };
    Statement::new(
        "update message_delivery set state = $1, attempts = $2, due_at = $3, leased_until = $4
         where message_id = $5 and fence = $6",
        [
            state.as_str().into(),
            attempts.into(),
            due_at.as_ms().into(),
            NO_LEASE.as_ms().into(),
            claimed.message_id.as_str().into(),
            claimed.fence.into(),
        ],
    )
    .guarding(Guard::Delivery)
}

fn insert_attempt(of: &PageSessionId, attempt: &MessageAttempt) -> Statement {
    Statement::new(
        sql!(
            "insert into message_attempt (message_id, number, page_session_id, began_at, duration_ms, outcome, detail)
             {values}$1, $2, $3, $4, $5, $6, $7{end}"
        ),
        [
            attempt.message_id.as_str().into(),
            attempt.number.into(),
            of.as_str().into(),
            attempt.began_at.as_ms().into(),
            attempt.duration_ms.into(),
            attempt.outcome.as_str().into(),
            attempt.detail.as_str().into(),
        ],
    )
}

fn read_claimed(row: &mut Row) -> Result<ClaimedDelivery, StoreError> {
    Ok(ClaimedDelivery {
        message_id: row.get(claimed_delivery::message_id)?,
        page_session_id: PageSessionId::new(row.text(claimed_delivery::page_session_id)?),
        locale: row.get(claimed_delivery::locale)?,
        attempts: row.get(claimed_delivery::attempts)?,
        accepted_at: row.instant(claimed_delivery::accepted_at)?,
        fence: row.get(claimed_delivery::fence)?,
    })
}

fn read_attempt(row: &mut Row) -> Result<MessageAttempt, StoreError> {
    Ok(MessageAttempt {
        message_id: row.get(message_attempt::message_id)?,
        number: row.get(message_attempt::number)?,
        began_at: row.instant(message_attempt::began_at)?,
        duration_ms: row.get(message_attempt::duration_ms)?,
        outcome: row.get(message_attempt::outcome)?,
        detail: row.get(message_attempt::detail)?,
    })
}

fn read_backlog(row: &mut Row) -> Result<DeliveriesBacklog, StoreError> {
    Ok(DeliveriesBacklog {
        waiting: row.get(deliveries_backlog::waiting)?,
        oldest_accepted_at: row.optional_instant(deliveries_backlog::oldest_accepted_at)?,
    })
}
