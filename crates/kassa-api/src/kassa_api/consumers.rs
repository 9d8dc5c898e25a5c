//! `/kassa/v1/consumers`: the stored data of one consumer, for admins. The address is in the body, because URLs are
//! logged by proxies.

use axum::extract::State;
use http::StatusCode;
use kassa_engine::{ConsumerErasure, Consumers, WrongIdentity, consumer_search};
use kassa_http::{ApiError, Body, CallOrigin, Json, Operator};
use kassa_wire::kassa::{ConsumerData, ConsumerErasureReport, ConsumerErasureRequest, ConsumerQuery};

pub(super) async fn show(
    State(consumers): State<Consumers>,
    _operator: Operator,
    body: Body,
) -> Result<Json<ConsumerData>, ApiError> {
    let ConsumerQuery { email, phone, merchant_id } = body.read()?;
    let search =
        consumer_search(email.as_deref(), phone.as_deref(), merchant_id.as_deref()).map_err(wrong)?;
    Ok(Json(StatusCode::OK, consumers.show(&search).await?))
}

pub(super) async fn erase(
    State(consumers): State<Consumers>,
    operator: Operator,
    origin: CallOrigin,
    body: Body,
) -> Result<Json<ConsumerErasureReport>, ApiError> {
    let ConsumerErasureRequest { include_open, dry_run, email, phone, merchant_id } = body.read()?;
    let search =
        consumer_search(email.as_deref(), phone.as_deref(), merchant_id.as_deref()).map_err(wrong)?;
    let erasure = ConsumerErasure { search, includes_open: include_open, is_dry_run: dry_run };
    Ok(Json(StatusCode::OK, consumers.erase(&erasure, &origin.of(&operator.actor)).await?))
}

fn wrong(why: WrongIdentity) -> ApiError {
    let fields = match why {
        WrongIdentity::Nothing => vec!["email", "phone"],
        WrongIdentity::Email => vec!["email"],
        WrongIdentity::Phone => vec!["phone"],
    };
    ApiError::bad_values_by_rule(fields, &why.to_string())
}
