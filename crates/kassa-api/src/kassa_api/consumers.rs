//! `/kassa/v1/consumers`: the stored data of one consumer, for admins. The address is in the body, because URLs are
//! logged by proxies.

use super::accounts::no_merchant;
use axum::extract::State;
use http::StatusCode;
use kassa_engine::{Accounts, ConsumerErasure, ConsumerSearch, Consumers, WrongIdentity, consumer_search};
use kassa_http::{ApiError, Body, CallOrigin, Json, Operator};
use kassa_wire::kassa::{ConsumerData, ConsumerErasureReport, ConsumerErasureRequest, ConsumerQuery};

pub(super) async fn show(
    State(consumers): State<Consumers>,
    State(accounts): State<Accounts>,
    _operator: Operator,
    body: Body,
) -> Result<Json<ConsumerData>, ApiError> {
    let ConsumerQuery { email, phone, merchant_id } = body.read()?;
    let search =
        consumer_search(email.as_deref(), phone.as_deref(), merchant_id.as_deref()).map_err(wrong)?;
    require_merchant(&accounts, &search).await?;
    Ok(Json(StatusCode::OK, consumers.show(&search).await?))
}

pub(super) async fn erase(
    State(consumers): State<Consumers>,
    State(accounts): State<Accounts>,
    operator: Operator,
    origin: CallOrigin,
    body: Body,
) -> Result<Json<ConsumerErasureReport>, ApiError> {
    let ConsumerErasureRequest { include_open, dry_run, email, phone, merchant_id } = body.read()?;
    let search =
        consumer_search(email.as_deref(), phone.as_deref(), merchant_id.as_deref()).map_err(wrong)?;
    require_merchant(&accounts, &search).await?;
    let erasure = ConsumerErasure { search, includes_open: include_open, is_dry_run: dry_run };
    Ok(Json(StatusCode::OK, consumers.erase(&erasure, &origin.of(&operator.actor)).await?))
}

/// Refuses a search in the data of a merchant that does not exist, because it would find nothing.
async fn require_merchant(accounts: &Accounts, search: &ConsumerSearch) -> Result<(), ApiError> {
    match &search.merchant {
        Some(id) if accounts.merchant(id).await?.is_none() => Err(no_merchant()),
        Some(_) | None => Ok(()),
    }
}

fn wrong(why: WrongIdentity) -> ApiError {
    let fields = match why {
        WrongIdentity::Nothing => vec!["email", "phone"],
        WrongIdentity::Email => vec!["email"],
        WrongIdentity::Phone => vec!["phone"],
    };
    ApiError::bad_values_by_rule(fields, &why.to_string())
}
