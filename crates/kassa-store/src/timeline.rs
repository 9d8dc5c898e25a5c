//! The history of one page session: its events, the attempts of their callbacks, and notes.

use kassa_domain::callback::CallbackState;
use kassa_domain::lifecycle::Status;
use kassa_domain::{Actor, EventId, PageSessionId, Timestamp};
use kassa_sql::{Row, columns, sql};

use crate::engine::{Statement, Unit};
use crate::reading::ReadColumn as _;
use crate::seal::{DataSeal, Purpose};
use crate::{Store, StoreError};

/// One status change, and the state of its callback.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// Its place among the session's events, from 1.
    pub sequence: i64,
    /// Names it.
    pub event_id: EventId,
    /// The event.
    pub event: String,
    /// The status after it.
    pub status: Status,
    /// When.
    pub occurred_at: Timestamp,
    /// The actor; `None` if an older node stored it, or a newer one with a kind that is unknown here.
    pub actor: Option<Actor>,
    /// The body of its callback.
    pub body: String,
    /// The state of its callback; `None` if the event has none.
    pub callback_state: Option<CallbackState>,
    /// The URL of its callback.
    pub callback_url: Option<String>,
    /// When the next attempt of its callback is due, or when the callback was settled.
    pub callback_due_at: Option<Timestamp>,
}

/// One HTTP call of a callback.
#[derive(Clone, Debug)]
pub struct AttemptRow {
    /// The event that it delivers.
    pub sequence: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The HTTP status of the answer, where one came.
    pub answer_status: Option<i64>,
    /// The answer's headers of interest, as one JSON object.
    pub answer_headers: Option<String>,
    /// The beginning of the answer's body.
    pub answer_body: Option<String>,
    /// One word for the kind of failure, where no answer came.
    pub failure_kind: Option<String>,
    /// The reason, in one line.
    pub failure: Option<String>,
}

/// Something the timeline says beside the status changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// One word, such as `AuthorizationReleased`.
    pub kind: &'static str,
    /// One sentence.
    pub detail: String,
    /// The actor.
    pub actor: Actor,
}

/// A note as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteRow {
    /// When.
    pub at: Timestamp,
    /// The kind, in one word.
    pub kind: String,
    /// The text, in one sentence.
    pub detail: String,
    /// The actor; `None` if an older node stored it, or a newer one with a kind that is unknown here.
    pub actor: Option<Actor>,
}

columns! {
    event_row {
        sequence = "e.sequence",
        event_id = "e.event_id",
        event = "e.event",
        status = "e.status",
        occurred_at = "e.occurred_at",
        actor_kind = "e.actor_kind",
        actor_name = "e.actor_name",
        body = "e.body",
        callback_state = "c.state",
        callback_url = "c.url",
        callback_due_at = "c.due_at",
    }
    attempt_row {
        sequence, started_at, ended_at, answer_status, answer_headers, answer_body, failure_kind, failure,
    }
    note { noted_at, kind, detail, actor_kind, actor_name }
}

impl Store {
    /// Adds a note to a session's timeline.
    pub async fn add_note(&self, of: &PageSessionId, note: &Note) -> Result<(), StoreError> {
        self.run_unguarded(Unit::of(insert_note(of, note))).await.map(drop)
    }

    /// The session's events in order.
    pub async fn events(&self, of: &PageSessionId) -> Result<Vec<EventRow>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {event_row}
             from status_event e left join callback c
               on c.page_session_id = e.page_session_id and c.sequence = e.sequence
             where e.page_session_id = $1 order by e.sequence",
                event_row
            ),
            [of.as_str().into()],
        );
        self.rows(statement, |row| read_event(&self.seal, row)).await
    }

    /// The attempts of all callbacks of the session, in order.
    pub async fn attempts(&self, of: &PageSessionId) -> Result<Vec<AttemptRow>, StoreError> {
        let statement = Statement::new(
            sql!(
                "select {attempt_row}
             from callback_attempt where page_session_id = $1 order by started_at, sequence",
                attempt_row
            ),
            [of.as_str().into()],
        );
        self.rows(statement, |row| read_attempt(&self.seal, row)).await
    }

    /// The session's notes in order.
    pub async fn notes(&self, of: &PageSessionId) -> Result<Vec<NoteRow>, StoreError> {
        let statement = Statement::new(
            sql!("select {note} from note where page_session_id = $1 order by noted_at", note),
            [of.as_str().into()],
        );
        self.rows(statement, read_note).await
    }
}

pub(crate) fn insert_note(of: &PageSessionId, note: &Note) -> Statement {
    Statement::new(
        sql!(
            "insert into note (page_session_id, noted_at, kind, detail, actor_kind, actor_name)
         {values}$1, $2, $3, $4, $5, $6{end}{many: from given}"
        ),
        [
            of.as_str().into(),
            note.at.as_ms().into(),
            note.kind.into(),
            note.detail.as_str().into(),
            note.actor.kind().into(),
            note.actor.name().into(),
        ],
    )
}

fn read_event(seal: &DataSeal, row: &mut Row) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        sequence: row.get(event_row::sequence)?,
        event_id: EventId::new(row.text(event_row::event_id)?),
        event: row.get(event_row::event)?,
        status: row.word(event_row::status, Status::parse)?,
        occurred_at: row.instant(event_row::occurred_at)?,
        actor: row.actor(event_row::actor_kind, event_row::actor_name)?,
        body: seal.text(row, event_row::body, Purpose::EventBody)?,
        callback_state: row.optional_word(event_row::callback_state, CallbackState::parse)?,
        callback_url: row.get(event_row::callback_url)?,
        callback_due_at: row.get::<Option<i64>>(event_row::callback_due_at)?.map(Timestamp::from_ms),
    })
}

fn read_note(row: &mut Row) -> Result<NoteRow, StoreError> {
    Ok(NoteRow {
        at: row.instant(note::noted_at)?,
        kind: row.get(note::kind)?,
        detail: row.get(note::detail)?,
        actor: row.actor(note::actor_kind, note::actor_name)?,
    })
}

fn read_attempt(seal: &DataSeal, row: &mut Row) -> Result<AttemptRow, StoreError> {
    Ok(AttemptRow {
        sequence: row.get(attempt_row::sequence)?,
        started_at: row.instant(attempt_row::started_at)?,
        ended_at: row.instant(attempt_row::ended_at)?,
        answer_status: row.get(attempt_row::answer_status)?,
        answer_headers: seal.optional_text(row, attempt_row::answer_headers, Purpose::AnswerHeaders)?,
        answer_body: seal.optional_text(row, attempt_row::answer_body, Purpose::AnswerBody)?,
        failure_kind: row.get(attempt_row::failure_kind)?,
        failure: row.get(attempt_row::failure)?,
    })
}
