//! Page sessions, and the one transaction that changes their status.

use kassa_domain::id_check::IdCheck;
use kassa_domain::lifecycle::{Event, Status};
use kassa_domain::page_session::{OrderReference, PageSession, Snapshot};
use kassa_domain::payment_session::Authorization;
use kassa_domain::{
    Actor, EventId, MerchantId, OperationId, OrderId, PageSessionId, PaymentSessionId, Timestamp,
};
use kassa_sql::{Column, Row, Sql, columns, sql};

use crate::callbacks::{insert_callback, insert_payment_callback, leased_callback, read_callback_state};
use crate::engine::{Answer, Guard, Statement, Unit};
use crate::operations::{NewOperation, OperationEnd, end_claimed, insert_operation, lock_operation};
use crate::order_references::{ReferenceSchedule, insert_reference_schedule};
use crate::orders::{IdempotentAnswer, IdempotentOutcome, SystemOrder, insert_order, keep_answer};
use crate::payment_sessions::{
    authorize_payment_session, complete_payment_session, insert_authorization, insert_completion,
    lock_payment_session,
};
use crate::reading::{ReadColumn as _, stored_json};
use crate::seal::{DataSeal, Purpose};
use crate::session_timers::{NewTimer, set_timer};
use crate::timeline::insert_note;
use crate::{ClaimedCallback, NewCallback, NewPaymentCallback, Note, Store, StoreError};

/// One status change, with everything that becomes durable together with it.
#[derive(Clone, Debug)]
pub struct Advance {
    /// The page session after the change: new status, version, `updated_at`, token and order.
    pub session: PageSession,
    /// The event that changes the status.
    pub event: Event,
    /// The actor that caused it.
    pub actor: Actor,
    /// The event's id.
    pub event_id: EventId,
    /// The body of every attempt of the callback, byte for byte.
    pub body: String,
    /// The callback, if the rules and the merchant's settings ask for one.
    pub callback: Option<NewCallback>,
    /// A note for the timeline.
    pub note: Option<Note>,
    /// The authorization that comes with the change.
    pub new_authorization: Option<NewAuthorization>,
    /// The end of the operation whose outcome causes the change.
    pub operation_end: Option<OperationEnd>,
    /// The operation that releases an authorization after the change.
    pub release: Option<NewOperation>,
    /// The reads of the short reference of the session's order, if it is not known yet.
    pub reference_reads: Option<ReferenceSchedule>,
    /// The event that time causes next.
    pub timer: Option<NewTimer>,
}

/// A new authorization. Its rows are committed with the status change, or not at all.
#[derive(Clone, Debug)]
pub struct NewAuthorization {
    /// The authorization: open, or already spent on `order`.
    pub authorization: Authorization,
    /// The version at which the payment session was read.
    pub payment_version: i64,
    /// The order, if the page places it.
    pub order: Option<SystemOrder>,
    /// The callbacks to the payment session's own URLs.
    pub callbacks: Vec<NewPaymentCallback>,
}

/// The outcome of an attempt to commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is durable.
    Done,
    /// Somebody else changed the page session or the payment session first. Read and decide again.
    Stale,
}

/// The outcome of an attempt to commit a status change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdvanceOutcome {
    /// It is durable.
    Done {
        /// The callback, if it was stored under the committer's lease and waits for no earlier callback.
        leased: Option<ClaimedCallback>,
    },
    /// Somebody else changed the page session or the payment session first. Read and decide again.
    Stale,
    /// Another node claimed the operation since, whose outcome causes the change. Leave the outcome to that node.
    ClaimedSince,
}

columns! {
    page_session {
        page_session_id, merchant_id, payment_session_id, status, version, created_at, updated_at, expires_at,
        merchant_urls, options, authorization_token, order_id, klarna_reference, open_operation_id, id_check,
    }
    snapshot {
        page_session_id, merchant_id, status, version, updated_at, expires_at, authorization_token, order_id,
        klarna_reference, open_operation_id, id_check,
    }
}

const PAGE_SESSION: Sql =
    sql!("select {page_session} from page_session where page_session_id = $1", page_session);

const SNAPSHOT: Sql = sql!("select {snapshot} from page_session where page_session_id = $1", snapshot);

impl Store {
    /// Stores a new page session.
    pub async fn create_page_session(&self, session: &PageSession) -> Result<(), StoreError> {
        self.run_unguarded(Unit::of(insert_page_session(session)?)).await.map(drop)
    }

    /// Stores a new page session together with the answer of its key, unless the key was used.
    pub async fn create_page_session_once(
        &self,
        session: &PageSession,
        answer: &IdempotentAnswer,
    ) -> Result<IdempotentOutcome, StoreError> {
        let mut unit = Unit::of(keep_answer(&self.seal, &session.merchant_id, answer));
        unit.push(insert_page_session(session)?);
        match self.run(unit).await? {
            Answer::Committed(_) => Ok(IdempotentOutcome::Done),
            Answer::Refused(_) => Ok(IdempotentOutcome::KeyUsed),
        }
    }

    /// The page session with this id.
    pub async fn page_session(&self, id: &PageSessionId) -> Result<Option<PageSession>, StoreError> {
        let statement = Statement::new(PAGE_SESSION, [id.as_str().into()]);
        self.row(statement, |row| read_page_session(&self.seal, row)).await
    }

    /// The fields of this page session that a merchant sees. Costs less than reading the whole session.
    pub async fn snapshot(&self, id: &PageSessionId) -> Result<Option<Snapshot>, StoreError> {
        let statement = Statement::new(SNAPSHOT, [id.as_str().into()]);
        self.row(statement, |row| read_snapshot(&self.seal, row)).await
    }

    /// Commits a status change, guarded by the version before it.
    pub async fn commit(&self, advance: &Advance) -> Result<AdvanceOutcome, StoreError> {
        match self.run(advance_unit(&self.seal, advance)?).await? {
            Answer::Committed(rows) => {
                let state =
                    rows.into_iter().next().map(|mut row| read_callback_state(&mut row)).transpose()?;
                let stored = advance.callback.as_ref().zip(state);
                let leased =
                    stored.and_then(|(callback, state)| leased_callback(&advance.session, callback, state));
                Ok(AdvanceOutcome::Done { leased })
            }
            Answer::Refused(Guard::PageSession | Guard::PaymentSession) => Ok(AdvanceOutcome::Stale),
            Answer::Refused(Guard::Operation) => Ok(AdvanceOutcome::ClaimedSince),
            Answer::Refused(guard) => Err(StoreError::Fault(format!("unexpected guard {guard:?}").into())),
        }
    }

    /// The completed payment sessions whose page sessions are not completed yet.
    pub async fn completions(&self) -> Result<Vec<PaymentSessionId>, StoreError> {
        let statement = Statement::new("select payment_session_id from completion order by completed_at", []);
        self.rows(statement, |row| Ok(PaymentSessionId::new(row.only::<String>()?))).await
    }

    /// The page sessions of a payment session that are still open.
    pub async fn open_page_sessions(&self, of: &PaymentSessionId) -> Result<Vec<PageSessionId>, StoreError> {
        let statement = Statement::new(
            "select page_session_id from page_session
             where payment_session_id = $1 and status not in ('COMPLETED', 'CANCELLED', 'DISABLED')
             order by page_session_id",
            [of.as_str().into()],
        );
        self.rows(statement, |row| Ok(PageSessionId::new(row.only::<String>()?))).await
    }

    /// Deletes the record of a completion, after all page sessions were completed.
    pub async fn finish_completion(&self, of: &PaymentSessionId) -> Result<(), StoreError> {
        let sql = "delete from completion where payment_session_id = $1";
        self.run_unguarded(Unit::of(Statement::new(sql, [of.as_str().into()]))).await.map(drop)
    }
}

fn insert_page_session(session: &PageSession) -> Result<Statement, StoreError> {
    Ok(Statement::new(
        sql!(
            "insert into page_session (page_session_id, merchant_id, payment_session_id, status, version,
               created_at, updated_at, expires_at, merchant_urls, options)
             {values}$1, $2, $3, $4, $5, $6, $7, $8, $9, $10{end}{many: from given}"
        ),
        [
            session.id.as_str().into(),
            session.merchant_id.as_str().into(),
            session.payment_session_id.as_str().into(),
            session.status.as_str().into(),
            session.version.into(),
            session.created_at.as_ms().into(),
            session.updated_at.as_ms().into(),
            session.expires_at.as_ms().into(),
            serde_json::to_string(&session.merchant_urls)?.into(),
            serde_json::to_string(&session.options)?.into(),
        ],
    ))
}

fn advance_unit(seal: &DataSeal, advance: &Advance) -> Result<Unit, StoreError> {
    let (id, end) = (&advance.session.id, advance.operation_end.as_ref());
    let update = update_page_session(seal, &advance.session, end)?;
    let mut locks = Unit::default().contending_for(id.as_str());
    if let Some(new_authorization) = &advance.new_authorization {
        let payment_id = &advance.session.payment_session_id;
        locks = locks.contending_for(payment_id.as_str());
        locks.push(lock_payment_session(payment_id, new_authorization.payment_version));
    }
    if let Some(end) = end {
        locks.push(lock_operation(id, end));
    }
    let mut unit = locks;
    unit.push(update);
    unit.push(insert_event(seal, advance));
    if let Some(callback) = &advance.callback {
        unit.push(insert_callback(&advance.session, callback));
    }
    if let Some(note) = &advance.note {
        unit.push(insert_note(&advance.session.id, note));
    }
    if let Some(new_authorization) = &advance.new_authorization {
        push_new_authorization(seal, &mut unit, new_authorization, advance.session.updated_at);
    }
    if let Some(end) = &advance.operation_end {
        unit.push(end_claimed(&advance.session.id, end));
    }
    if let Some(release) = &advance.release {
        unit.push(insert_operation(seal, release)?);
    }
    if let Some(schedule) = advance.reference_reads {
        unit.push(insert_reference_schedule(&advance.session, schedule));
    }
    if let Some(timer) = advance.timer {
        unit.push(set_timer(&advance.session, timer));
    }
    Ok(unit)
}

/// Adds the rows of an authorization to a unit that has locked its payment session.
pub(crate) fn push_new_authorization(
    seal: &DataSeal,
    unit: &mut Unit,
    new_authorization: &NewAuthorization,
    at: Timestamp,
) {
    let authorization = &new_authorization.authorization;
    unit.push(insert_authorization(seal, authorization));
    match &new_authorization.order {
        None => unit.push(authorize_payment_session(seal, authorization, new_authorization.payment_version)),
        Some(order) => {
            let (of, version) = (&authorization.payment_session_id, new_authorization.payment_version);
            unit.push(complete_payment_session(seal, of, version, &authorization.token, order.reference()));
            match order {
                SystemOrder::Local(row) => unit.push(insert_order(seal, row)),
                SystemOrder::Remote(_) => {}
            }
            unit.push(insert_completion(&authorization.payment_session_id, at));
        }
    }
    for callback in &new_authorization.callbacks {
        unit.push(insert_payment_callback(seal, callback));
    }
}

/// Changes a page session, guarded by its version and by its open operation: the one that `end` ends, or none.
fn update_page_session(
    seal: &DataSeal,
    session: &PageSession,
    end: Option<&OperationEnd>,
) -> Result<Statement, StoreError> {
    let id_check = session.id_check.as_ref().map(serde_json::to_string).transpose()?;
    let statement = Statement::new(
        sql!(
            "update page_session set status = $1, version = $2, updated_at = $3, authorization_token = $4,
           order_id = $5, klarna_reference = $6, id_check = $7, open_operation_id = null{many: from given}
         where page_session_id = $8{many: and page_session_id = any (array(select p8 from given))}
           and version = $9 and coalesce(open_operation_id, '') = $10{and met}"
        ),
        [
            session.status.as_str().into(),
            session.version.into(),
            session.updated_at.as_ms().into(),
            session.authorization_token.as_ref().map(|token| seal.seal_token(token)).into(),
            session.order.as_ref().map(|order| order.order_id.as_str()).into(),
            session.order.as_ref().map(|order| order.klarna_reference.as_str()).into(),
            seal.seal_optional(Purpose::IdCheck, id_check.as_deref()),
            session.id.as_str().into(),
            (session.version - 1).into(),
            end.map_or("", |end| end.id.as_str()).into(),
        ],
    );
    Ok(statement.guarding(Guard::PageSession))
}

fn insert_event(seal: &DataSeal, advance: &Advance) -> Statement {
    Statement::new(
        sql!(
            "insert into status_event (page_session_id, sequence, event_id, merchant_id, event, status,
           occurred_at, body, actor_kind, actor_name)
         {values}$1, $2, $3, $4, $5, $6, $7, $8, $9, $10{end}{many: from given}"
        ),
        [
            advance.session.id.as_str().into(),
            advance.session.version.into(),
            advance.event_id.as_str().into(),
            advance.session.merchant_id.as_str().into(),
            advance.event.name().into(),
            advance.session.status.as_str().into(),
            advance.session.updated_at.as_ms().into(),
            seal.seal(Purpose::EventBody, &advance.body).into(),
            advance.actor.kind().into(),
            advance.actor.name().into(),
        ],
    )
}

fn read_page_session(seal: &DataSeal, row: &mut Row) -> Result<PageSession, StoreError> {
    Ok(PageSession {
        id: PageSessionId::new(row.text(page_session::page_session_id)?),
        merchant_id: MerchantId::new(row.text(page_session::merchant_id)?),
        payment_session_id: PaymentSessionId::new(row.text(page_session::payment_session_id)?),
        status: row.word(page_session::status, Status::parse)?,
        version: row.get(page_session::version)?,
        created_at: row.instant(page_session::created_at)?,
        updated_at: row.instant(page_session::updated_at)?,
        expires_at: row.instant(page_session::expires_at)?,
        merchant_urls: row.json(page_session::merchant_urls)?,
        options: row.json(page_session::options)?,
        authorization_token: seal.optional_token(row, page_session::authorization_token)?,
        order: read_order_reference(row, page_session::order_id, page_session::klarna_reference)?,
        open_operation: row.get::<Option<String>>(page_session::open_operation_id)?.map(OperationId::new),
        id_check: read_id_check(seal, row, page_session::id_check)?,
    })
}

fn read_snapshot(seal: &DataSeal, row: &mut Row) -> Result<Snapshot, StoreError> {
    Ok(Snapshot {
        id: PageSessionId::new(row.text(snapshot::page_session_id)?),
        merchant_id: MerchantId::new(row.text(snapshot::merchant_id)?),
        status: row.word(snapshot::status, Status::parse)?,
        version: row.get(snapshot::version)?,
        updated_at: row.instant(snapshot::updated_at)?,
        expires_at: row.instant(snapshot::expires_at)?,
        authorization_token: seal.optional_token(row, snapshot::authorization_token)?,
        order: read_order_reference(row, snapshot::order_id, snapshot::klarna_reference)?,
        has_open_operation: row.get::<Option<String>>(snapshot::open_operation_id)?.is_some(),
        id_challenge: read_id_check(seal, row, snapshot::id_check)?.map(|check| check.challenge),
    })
}

fn read_id_check(seal: &DataSeal, row: &mut Row, column: Column) -> Result<Option<IdCheck>, StoreError> {
    let text = seal.optional_text(row, column, Purpose::IdCheck)?;
    Ok(text.map(|text| stored_json(&text)).transpose()?)
}

/// Reads the two columns that name an order: both are set, or neither.
pub(crate) fn read_order_reference(
    row: &mut Row,
    order_id: Column,
    klarna_reference: Column,
) -> Result<Option<OrderReference>, StoreError> {
    let order_id = row.get::<Option<String>>(order_id)?.map(OrderId::new);
    let both = order_id.zip(row.get(klarna_reference)?);
    Ok(both.map(|(order_id, klarna_reference)| OrderReference { order_id, klarna_reference }))
}
