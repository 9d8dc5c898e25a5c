//! The actions of operators for a page session: they redeliver callbacks, disable it, send its link, and settle a stuck
//! operation.

use axum::extract::{Path, State};
use axum::response::Response;
use kassa_domain::lifecycle::Status;
use kassa_domain::page_session::OrderReference;
use kassa_domain::{OrderId, Permission};
use kassa_engine::{Advanced, SettleOutcome, StuckVerdict};
use kassa_http::{ApiError, Body, CallOrigin, Parameters};
use kassa_wire::error::ErrorCode;
use serde_json::{Value, json};

use crate::Console;
use crate::access::{Access, Form};
use crate::frame::Outcome;
use crate::session::{Shown, respond};

/// Makes the change of a form, and shows the same page with the outcome.
pub(crate) async fn act(
    State(console): State<Console>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ApiError> {
    let Form { access, fields } = form;
    let (status, outcome) = Outcome::of(perform(&console, &access, &id, &fields).await)?;
    respond(&console, &access, &id, status, outcome).await
}

async fn perform(
    console: &Console,
    access: &Access,
    id: &str,
    fields: &Parameters,
) -> Result<Outcome, ApiError> {
    let act = fields.text("do").unwrap_or_default();
    access.require(if act == "settle" { Permission::Administer } else { Permission::Support })?;
    let shown = Shown::find(console, access, id).await?;
    match act {
        "redeliver" => redeliver(console, access, shown, fields).await,
        "redeliver-all" => redeliver_all(console, access, shown).await,
        "disable" => disable(console, shown).await,
        "send" => send(console, shown, fields).await,
        "settle" => settle(console, access, shown, fields).await,
        _ => Err(ApiError::bad_values(["do"])),
    }
}

async fn redeliver(
    console: &Console,
    access: &Access,
    shown: Shown,
    fields: &Parameters,
) -> Result<Outcome, ApiError> {
    let event = Path(fields.text("event").unwrap_or_default().to_string());
    let (engine, reads) = (State(console.engine.clone()), State(console.reads.clone()));
    let origin = CallOrigin(access.origin.clone());
    let read = kassa_api::redeliver_event(engine, reads, shown.caller, origin, event).await?.1.event;
    Ok(Outcome::Done(format!("The callback of event {} is sent again.", read.sequence)))
}

async fn redeliver_all(console: &Console, access: &Access, shown: Shown) -> Result<Outcome, ApiError> {
    let Shown { session, caller } = shown;
    let by = access.requester();
    let redelivered = console.engine.redeliver_session(&caller.merchant.id, &session.id, &by).await?;
    Ok(Outcome::Done(match redelivered.count {
        0 => "There is no callback that Kassa gave up on.".to_string(),
        1 => "1 callback is sent again.".to_string(),
        count => format!("{count} callbacks are sent again."),
    }))
}

async fn disable(console: &Console, shown: Shown) -> Result<Outcome, ApiError> {
    let Shown { session, caller } = shown;
    match console.engine.disable(session, caller.actor).await? {
        Advanced::Moved(_) | Advanced::Stayed(_) => {
            Ok(Outcome::Done("The page session is disabled: nobody can pay on it any more.".to_string()))
        }
        Advanced::Refused(session) if session.status == Status::Disabled => {
            Ok(Outcome::Done("The page session was disabled before.".to_string()))
        }
        Advanced::Refused(session) | Advanced::Outdated(session) => {
            let message = format!("The page session is {} and cannot be disabled", session.status);
            Err(ApiError::refused(ErrorCode::SessionEnded, message))
        }
        Advanced::Confirming(_) => {
            let message = "An order is being placed, and its outcome is not known yet. Try again later";
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
        Advanced::Gone => Err(ApiError::refused(ErrorCode::NotFound, "The page session has expired")),
    }
}

/// Sends the link of the page, as the merchant's own call does.
async fn send(console: &Console, shown: Shown, fields: &Parameters) -> Result<Outcome, ApiError> {
    let body = Body::of(&distribution(fields)?)?;
    let path = Path(shown.session.id.as_str().to_string());
    let (engine, reads) = (State(console.engine.clone()), State(console.reads.clone()));
    let (links, languages) = (State(console.links.clone()), State(console.languages.clone()));
    kassa_api::distribute(engine, reads, links, languages, shown.caller, path, body).await?;
    Ok(Outcome::Done("The link is on its way.".to_string()))
}

/// The body of the merchant's call for the same message.
fn distribution(fields: &Parameters) -> Result<Value, ApiError> {
    let to = fields.text("to").unwrap_or_default().trim();
    if to.contains('@') {
        return Ok(json!({ "method": "email", "contact_information": { "email": to } }));
    }
    let country = fields.text("country").unwrap_or_default().trim().to_uppercase();
    if country.is_empty() {
        let message = "A message to a phone needs the country of the number, such as SE";
        return Err(ApiError::refused(ErrorCode::MissingContactData, message));
    }
    let contact = json!({ "phone": to, "phone_country": country });
    Ok(json!({ "method": "sms", "contact_information": contact }))
}

async fn settle(
    console: &Console,
    access: &Access,
    shown: Shown,
    fields: &Parameters,
) -> Result<Outcome, ApiError> {
    let order = fields.text("order_id").unwrap_or_default().trim();
    let reference = fields.text("klarna_reference").unwrap_or_default().trim();
    let verdict = match (fields.text("verdict"), order, reference) {
        (Some("not-ordered"), "", "") => StuckVerdict::NotOrdered,
        (Some("ordered"), order, reference) if !order.is_empty() && !reference.is_empty() => {
            let (order_id, klarna_reference) = (OrderId::new(order), reference.to_string());
            StuckVerdict::Ordered(OrderReference { order_id, klarna_reference })
        }
        (_, _, _) => {
            let rule = "Give the id and the short reference of the order if it exists, and neither if not";
            return Err(ApiError::refused(ErrorCode::BadValue, rule));
        }
    };
    match console.engine.settle_stuck(&shown.session.id, verdict, &access.requester()).await? {
        SettleOutcome::Settled(session) => {
            Ok(Outcome::Done(format!("The operation is settled: the page session is {}.", session.status)))
        }
        SettleOutcome::Contradiction(session) => {
            let message = format!("The page session is {}, which contradicts this outcome", session.status);
            Err(ApiError::refused(ErrorCode::Conflict, message))
        }
        SettleOutcome::NothingStuck => {
            Err(ApiError::refused(ErrorCode::NotFound, "The page session has no stuck payment operation"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_decides_how_a_link_is_sent() {
        let email = distribution(&Parameters::of(b"to=ada%40example.se")).unwrap();
        assert_eq!(email["method"], "email");
        let phone = distribution(&Parameters::of(b"to=0701234567&country=se")).unwrap();
        assert_eq!(phone["contact_information"]["phone_country"], "SE");
        assert!(distribution(&Parameters::of(b"to=0701234567")).is_err());
    }
}
