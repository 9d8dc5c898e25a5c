//! The facts behind the console's overview. Each statement reads a bounded number of the newest rows, so that its cost
//! does not grow with history.

use kassa_domain::callback::CallbackState;
use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_sql::{Row, Sql, columns, sql};

use crate::engine::Statement;
use crate::reading::ReadColumn as _;
use crate::{Store, StoreError};

/// Maximum number of attempts that are read for one session of the sample.
const ATTEMPTS_OF_A_SESSION: i64 = 5;

/// One of the newest page sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFact {
    /// Its id.
    pub id: PageSessionId,
    /// Its status.
    pub status: Status,
    /// When it was created.
    pub created_at: Timestamp,
    /// Whether the consumer ever tried to pay.
    pub tried_to_pay: bool,
    /// Whether the consumer ever opened the page.
    pub was_opened: bool,
}

/// An attempt of a callback of one of the newest page sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptFact {
    /// Scheme, host and port of its URL.
    pub origin: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The HTTP status of the answer, where one came.
    pub answer_status: Option<i64>,
    /// The reason, where no answer came.
    pub failure: Option<String>,
    /// The state of its callback now.
    pub callback_state: CallbackState,
}

/// An endpoint with callbacks that failed and will be attempted again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryingEndpoint {
    /// Scheme, host and port.
    pub origin: String,
    /// The callbacks that wait for another attempt. Only the first 10,000 waiting callbacks are counted.
    pub callbacks: i64,
    /// When the next attempt is due.
    pub next_due_at: Timestamp,
}

/// A payment operation that an operator must settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StuckOperation {
    /// The page session.
    pub page_session_id: PageSessionId,
    /// The owning merchant.
    pub merchant_id: MerchantId,
    /// The kind, such as `PLACE_ORDER`.
    pub kind: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The outcome of the latest attempt, in words.
    pub last_outcome: Option<String>,
}

columns! {
    session_fact {
        page_session_id = "s.page_session_id",
        status = "s.status",
        created_at = "s.created_at",
        events = "(select string_agg(e.event, ' ') from status_event e
                   where e.page_session_id = s.page_session_id)",
    }
    attempt_fact {
        origin = "coalesce(c.origin, c.endpoint)",
        started_at = "a.started_at",
        ended_at = "a.ended_at",
        answer_status = "a.answer_status",
        failure = "a.failure",
        callback_state = "c.state",
    }
    retrying {
        origin = "coalesce(waiting.origin, waiting.endpoint)",
        callbacks = "count(*)",
        next_due_at = "min(waiting.due_at)",
    }
    stuck { page_session_id, merchant_id, kind, recorded_at, last_outcome }
}

/// The newest page sessions, with a limit.
macro_rules! newest {
    ($of:literal, $limit:literal) => {
        concat!("(select * from page_session ", $of, " order by page_session_id desc limit ", $limit, ") s")
    };
}

const SESSIONS: Sql = sql!(concat!("select {session_fact} from ", newest!("", "$1")), session_fact);
const SESSIONS_OF_MERCHANT: Sql =
    sql!(concat!("select {session_fact} from ", newest!("where merchant_id = $1", "$2")), session_fact);

/// Attempts of callbacks of page sessions from an id on, newest page sessions first.
const ATTEMPTS: Sql = sql!(
    "select {attempt_fact}
     from (
       select * from callback_attempt where page_session_id >= $1 order by page_session_id desc limit $2) a
     join callback c on c.page_session_id = a.page_session_id and c.sequence = a.sequence
     where $3 = '' or c.merchant_id = $3
     order by a.started_at",
    attempt_fact
);

impl Store {
    /// The newest page sessions, of all merchants or of one, at most `limit`, newest first.
    pub async fn newest_session_facts(
        &self,
        of: Option<&MerchantId>,
        limit: i64,
    ) -> Result<Vec<SessionFact>, StoreError> {
        let sql = if of.is_some() { SESSIONS_OF_MERCHANT } else { SESSIONS };
        let values = of.map(|merchant| merchant.as_str().into()).into_iter().chain([limit.into()]);
        let mut facts = self.rows(Statement::new(sql, values), read_session_fact).await?;
        facts.sort_by(|one, other| other.id.as_str().cmp(one.id.as_str()));
        Ok(facts)
    }

    /// The attempts of the callbacks of these page sessions: the oldest is the one with this id, and there are so many.
    pub async fn attempt_facts(
        &self,
        of: Option<&MerchantId>,
        oldest: &PageSessionId,
        sessions: i64,
    ) -> Result<Vec<AttemptFact>, StoreError> {
        let merchant = of.map_or("", MerchantId::as_str);
        let values = [oldest.as_str().into(), (sessions * ATTEMPTS_OF_A_SESSION).into(), merchant.into()];
        self.rows(Statement::new(ATTEMPTS, values), read_attempt_fact).await
    }

    /// The endpoints whose callbacks failed and will be attempted again, those with the most callbacks first.
    pub async fn retrying_endpoints(&self) -> Result<Vec<RetryingEndpoint>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {retrying}
                 from (select * from callback where state = 'DUE' limit 10000) waiting
                 where waiting.attempts > 0
                 group by coalesce(waiting.origin, waiting.endpoint)
                 order by count(*) desc, coalesce(waiting.origin, waiting.endpoint) limit 50",
                retrying
            ),
            [],
        );
        self.rows(statement, read_retrying).await
    }

    /// The payment operations that an operator must settle, oldest first.
    pub async fn stuck_operations(&self) -> Result<Vec<StuckOperation>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {stuck} from payment_operation where state = 'STUCK' order by recorded_at limit 50",
                stuck
            ),
            [],
        );
        self.rows(statement, read_stuck).await
    }
}

/// The events by which a payment system answered a consumer who tried to pay.
const ANSWERS: [Event; 3] = [Event::PaymentAuthorized, Event::PaymentDeclined, Event::PaymentErrored];

fn read_session_fact(row: &mut Row) -> Result<SessionFact, StoreError> {
    let events: Option<String> = row.get(session_fact::events)?;
    let events = events.unwrap_or_default();
    let has = |event: Event| events.split(' ').any(|name| name == event.name());
    Ok(SessionFact {
        id: PageSessionId::new(row.text(session_fact::page_session_id)?),
        status: row.word(session_fact::status, Status::parse)?,
        created_at: row.instant(session_fact::created_at)?,
        tried_to_pay: ANSWERS.into_iter().any(has),
        was_opened: has(Event::ConsumerEntered),
    })
}

fn read_attempt_fact(row: &mut Row) -> Result<AttemptFact, StoreError> {
    Ok(AttemptFact {
        origin: row.get(attempt_fact::origin)?,
        started_at: row.instant(attempt_fact::started_at)?,
        ended_at: row.instant(attempt_fact::ended_at)?,
        answer_status: row.get(attempt_fact::answer_status)?,
        failure: row.get(attempt_fact::failure)?,
        callback_state: row.word(attempt_fact::callback_state, CallbackState::parse)?,
    })
}

fn read_retrying(row: &mut Row) -> Result<RetryingEndpoint, StoreError> {
    Ok(RetryingEndpoint {
        origin: row.get(retrying::origin)?,
        callbacks: row.get(retrying::callbacks)?,
        next_due_at: row.instant(retrying::next_due_at)?,
    })
}

fn read_stuck(row: &mut Row) -> Result<StuckOperation, StoreError> {
    Ok(StuckOperation {
        page_session_id: PageSessionId::new(row.text(stuck::page_session_id)?),
        merchant_id: MerchantId::new(row.text(stuck::merchant_id)?),
        kind: row.get(stuck::kind)?,
        recorded_at: row.instant(stuck::recorded_at)?,
        last_outcome: row.get(stuck::last_outcome)?,
    })
}
