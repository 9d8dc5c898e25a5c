//! `POST /hpp/v1/sessions/{session_id}/distribution` (docs/wire.md#distribution-and-qr-codes), and the token of the
//! distribution module.

use axum::extract::{Path, State};
use http::StatusCode;
use kassa_domain::page_session::PageSession;
use kassa_engine::{Engine, Links, MessageChannel, Reads, new_uuid};
use kassa_http::{ApiError, Body, Caller, Json};
use kassa_i18n::{Languages, Texts};
use kassa_store::Message;
use kassa_wire::Nothing;
use kassa_wire::error::ErrorCode;
use kassa_wire::hpp::{Contact, Distribution, DistributionToken};
use kassa_wire::one_line::{breaks_a_line, one_line};
use kassa_wire::payments::PaymentSession;
use kassa_wire::stored::Stored;

use super::contact::{WrongNumber, international_number, is_email_address};
use super::create::distribution_token;
use super::own_session;

/// The longest access id, in characters.
const LONGEST_ACCESS_ID: usize = 255;

/// Accepts a distribution. A worker sends the message, in the language of the session. In the sandbox it goes to the
/// lab's inbox.
///
/// Answers 201 with `{}`: the one answer that every known client accepts (docs/wire.md#distribution-answers).
pub async fn distribute(
    State(engine): State<Engine>,
    State(reads): State<Reads>,
    State(links): State<Links>,
    State(languages): State<Languages>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<Nothing>, ApiError> {
    let session = own_session(&reads, &caller, id).await?;
    let distribution: Distribution = body.read()?;
    let (channel, recipient) = recipient(&distribution)?;
    if !engine.offers(channel) {
        return Err(not_offered(channel));
    }
    if session.status.is_final() {
        let message = format!("The session is {} and cannot be distributed", session.status);
        return Err(ApiError::refused(ErrorCode::SessionEnded, message));
    }
    caller.require_takes_payments()?;
    let too_many = "Too many messages about this session or to this recipient: try again later";
    let admitted = engine.admit_message(&session, channel, &recipient);
    admitted.map_err(|paused| ApiError::too_many(too_many, paused))?;
    let (payment, _) = engine.hosted(&session).await?;
    let payment = PaymentSession::from_stored(&payment.body)?;
    let link = links.page_url(&session.id);
    let id = new_uuid(engine.random(), caller.now);
    let to = Address { channel, recipient, link };
    let message = message(id, &caller, &session, to, languages.of(payment.locale()));
    engine.accept_message(&message, (channel, payment.locale()), &caller.actor).await?;
    Ok(Json(StatusCode::CREATED, Nothing {}))
}

/// A fresh token for the distribution module.
pub(super) async fn module_token(
    State(reads): State<Reads>,
    State(links): State<Links>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DistributionToken>, ApiError> {
    let session = own_session(&reads, &caller, id).await?;
    Ok(Json(StatusCode::OK, DistributionToken { token: distribution_token(&links, &session) }))
}

/// Refuses a message that nobody would receive.
fn not_offered(channel: MessageChannel) -> ApiError {
    let name = channel.as_str();
    let rule =
        format!("this system sends no messages by {name}; an operator can turn them on in [messages.{name}]");
    ApiError::bad_values_by_rule(["method"], &rule)
}

/// The channel and the address to send to.
fn recipient(distribution: &Distribution) -> Result<(MessageChannel, String), ApiError> {
    let method = distribution.method.as_deref().map(str::to_ascii_lowercase);
    let contact = distribution.contact_information.clone();
    let has_good_template = distribution
        .template
        .as_deref()
        .is_none_or(|t| t.is_empty() || t.eq_ignore_ascii_case("INSTORE_PURCHASE"));
    let mut problems = Vec::new();
    let channel = match method.as_deref() {
        Some("email") => Some(email as fn(&Contact) -> _),
        Some("sms" | "two_way_sms") => Some(sms as fn(&Contact) -> _),
        Some("token") => Some(token as fn(&Contact) -> _),
        Some(_) | None => None,
    };
    if channel.is_none() {
        problems.push("method");
    }
    if contact.is_none() {
        problems.push("contact_information");
    }
    if !has_good_template {
        problems.push("template");
    }
    match (channel, contact) {
        (Some(channel), Some(contact)) if problems.is_empty() => channel(&contact),
        _ => Err(ApiError::bad_values(problems)),
    }
}

fn email(contact: &Contact) -> Result<(MessageChannel, String), ApiError> {
    let email = given(contact.email.as_deref(), "contact_information.email")?;
    match is_email_address(&email) {
        true => Ok((MessageChannel::Email, email)),
        false => Err(ApiError::bad_values(["contact_information.email"])),
    }
}

/// Reads a phone number of a country, and returns it in international form.
fn sms(contact: &Contact) -> Result<(MessageChannel, String), ApiError> {
    let phone = given(contact.phone.as_deref(), "contact_information.phone")?;
    let country = given(contact.phone_country.as_deref(), "contact_information.phone_country")?;
    match international_number(&phone, &country) {
        Ok(number) => Ok((MessageChannel::Sms, number)),
        Err(WrongNumber::Country) => Err(ApiError::refused(
            ErrorCode::UnsupportedCountry,
            "Bad value: contact_information.phone_country",
        )),
        Err(WrongNumber::Number) => Err(ApiError::bad_values(["contact_information.phone"])),
    }
}

fn token(contact: &Contact) -> Result<(MessageChannel, String), ApiError> {
    let access_id = given(contact.access_id.as_deref(), "contact_information.access_id")?;
    let is_good = access_id.chars().count() <= LONGEST_ACCESS_ID && !access_id.contains(breaks_a_line);
    if is_good {
        Ok((MessageChannel::Token, access_id))
    } else {
        Err(ApiError::bad_values(["contact_information.access_id"]))
    }
}

fn given(value: Option<&str>, path: &str) -> Result<String, ApiError> {
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    let missing =
        || ApiError::refused(ErrorCode::MissingContactData, format!("Missing contact data: {path}"));
    value.map(str::to_string).ok_or_else(missing)
}

/// The destination of a message, and the link that it contains.
struct Address {
    channel: MessageChannel,
    recipient: String,
    link: String,
}

fn message(id: String, caller: &Caller, session: &PageSession, to: Address, texts: &Texts) -> Message {
    let Address { channel, recipient, link } = to;
    // A name that was stored under older rules may have more than one line.
    let shop = one_line(&caller.merchant.name);
    Message {
        id,
        merchant_id: caller.merchant.id.clone(),
        page_session_id: session.id.clone(),
        channel: channel.as_str().to_string(),
        recipient,
        subject: if channel == MessageChannel::Email { texts.message_subject(&shop) } else { String::new() },
        body: texts.message_text(&shop, &link),
        link,
        created_at: caller.now,
    }
}
