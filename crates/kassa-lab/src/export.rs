//! `GET /lab/v1/export` and `POST /lab/v1/import`: move the history of sessions to another machine.

use crate::Lab;
use axum::extract::State;
use http::StatusCode;
use kassa_domain::AuthorizationToken;
use kassa_http::{ApiError, Body, CallOrigin, Caller, Json, Parameters};
use kassa_store::{ImportOutcome, schema};
use kassa_wire::callback::StatusUpdate;
use kassa_wire::error::ErrorCode;
use kassa_wire::lab::{Export, ImportDone};
use kassa_wire::stored::Stored;
use kassa_wire::time::format_ms;

use super::journal::Entry;
use kassa_api::any_own_session;

/// Maximum size of an imported file, in bytes.
pub(super) const LARGEST_FILE: usize = 64_000_000;

pub(super) async fn export(
    State(lab): State<Lab>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Export>, ApiError> {
    let one = match parameters.one("session")? {
        Some(id) => Some(any_own_session(&lab.reads, &caller, id.to_string()).await?),
        None => None,
    };
    let names = one.as_ref().map(|session| {
        let token = session.authorization_token.as_ref().map(AuthorizationToken::as_str);
        let order = session.order.as_ref().map(|order| order.order_id.as_str());
        let ids = [Some(session.id.as_str()), Some(session.payment_session_id.as_str()), token, order];
        ids.into_iter().flatten().collect::<Vec<_>>()
    });
    let entries = lab.merchant_lab(&caller.merchant.id).journal.entries();
    let concerning = entries.iter().filter(|entry| names.as_ref().is_none_or(|names| entry.mentions(names)));
    let export = Export {
        schema: schema(),
        exported_at: format_ms(caller.now.as_ms()),
        tables: lab.controls.export(&caller.merchant.id, one.as_ref().map(|session| &session.id)).await?,
        journal: concerning.map(|entry| entry.as_read()).collect(),
    };
    Ok(Json(StatusCode::OK, export))
}

pub(super) async fn import(
    State(lab): State<Lab>,
    caller: Caller,
    origin: CallOrigin,
    body: Body,
) -> Result<Json<ImportDone>, ApiError> {
    let file: Export = body.read_file()?;
    if file.schema != schema() {
        let message = "The file was written by a Kassa with another schema";
        return Err(ApiError::refused(ErrorCode::BadRequest, message));
    }
    let entries = journal_entries(&file)?;
    check_events(&file)?;
    let merchant = &caller.merchant.id;
    let sessions = match lab.controls.import(merchant, &file.tables, &origin.of(&caller.actor)).await? {
        ImportOutcome::Done(sessions) => sessions,
        ImportOutcome::AlreadyThere => {
            return Err(ApiError::refused(
                ErrorCode::Conflict,
                "Import conflict: some of these sessions already exist",
            ));
        }
        ImportOutcome::Unreadable(path) => return Err(ApiError::bad_values([path])),
    };
    if lab.clock.is_own(merchant) {
        lab.controls.give_callbacks_own_time(merchant, &caller.actor).await?;
    }
    let merchant_lab = lab.merchant_lab(&caller.merchant.id);
    entries.into_iter().for_each(|entry| merchant_lab.journal.keep(entry));
    Ok(Json(StatusCode::CREATED, ImportDone { sessions }))
}

fn journal_entries(file: &Export) -> Result<Vec<Entry>, ApiError> {
    let entries = file.journal.iter().enumerate().map(|(place, entry)| {
        Entry::from_read(entry).ok_or_else(|| ApiError::bad_values([format!("journal[{place}]")]))
    });
    entries.collect()
}

/// Checks that the body of each event's callback is readable, because the feed shows it.
fn check_events(file: &Export) -> Result<(), ApiError> {
    let events = file.tables.get("status_event").and_then(|rows| rows.as_array()).into_iter().flatten();
    let is_unreadable = |row: &serde_json::Value| {
        let body = row["body"].as_str().unwrap_or_default();
        StatusUpdate::from_stored(body).is_err()
    };
    let unreadable = events.enumerate().filter(|(_, row)| is_unreadable(row));
    let paths: Vec<_> = unreadable.map(|(place, _)| format!("tables.status_event[{place}].body")).collect();
    if paths.is_empty() { Ok(()) } else { Err(ApiError::bad_values(paths)) }
}
