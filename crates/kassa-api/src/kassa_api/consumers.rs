//! `/kassa/v1/consumers`: the stored data of one consumer, for admins. The address is in the body, because URLs are
//! logged by proxies.

use super::accounts::no_merchant;
use axum::extract::State;
use http::StatusCode;
use kassa_engine::{ConsumerErasure, Consumers, WrongIdentity, WrongSearch};
use kassa_http::{ApiError, Body, CallOrigin, Json, Operator};
use kassa_wire::kassa::{ConsumerData, ConsumerErasureReport, ConsumerErasureRequest, ConsumerQuery};

pub(super) async fn show(
    State(consumers): State<Consumers>,
    _operator: Operator,
    body: Body,
) -> Result<Json<ConsumerData>, ApiError> {
    let ConsumerQuery { email, phone, merchant_id } = body.read()?;
    let search = consumers.search(email.as_deref(), phone.as_deref(), merchant_id.as_deref()).await;
    Ok(Json(StatusCode::OK, consumers.show(&search.map_err(wrong)?).await?))
}

pub(super) async fn erase(
    State(consumers): State<Consumers>,
    operator: Operator,
    origin: CallOrigin,
    body: Body,
) -> Result<Json<ConsumerErasureReport>, ApiError> {
    let ConsumerErasureRequest { include_open, dry_run, skip_unreadable, email, phone, merchant_id } =
        body.read()?;
    let search = consumers.search(email.as_deref(), phone.as_deref(), merchant_id.as_deref()).await;
    let erasure = ConsumerErasure {
        search: search.map_err(wrong)?,
        includes_open: include_open,
        is_dry_run: dry_run,
        skips_unreadable: skip_unreadable,
    };
    Ok(Json(StatusCode::OK, consumers.erase(&erasure, &origin.of(&operator.actor)).await?))
}

fn wrong(why: WrongSearch) -> ApiError {
    match why {
        WrongSearch::Identity(why) => {
            let fields = match why {
                WrongIdentity::Nothing => vec!["email", "phone"],
                WrongIdentity::Email => vec!["email"],
                WrongIdentity::Phone => vec!["phone"],
            };
            ApiError::bad_values_by_rule(fields, &why.to_string())
        }
        WrongSearch::UnknownMerchant(_) => no_merchant(),
        WrongSearch::Store(error) => error.into(),
    }
}
