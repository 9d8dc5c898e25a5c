//! `/kassa/v1/payments/settings`: the payment method categories that a merchant's payment sessions offer, and the time
//! limit for consumers.

use axum::extract::State;
use http::StatusCode;
use kassa_domain::merchant::MerchantSettings;
use kassa_domain::page_session::PaymentMethodCategory;
use kassa_engine::Accounts;
use kassa_http::{ApiError, Body, CallOrigin, Caller, Json};
use kassa_wire::kassa::PaymentSettings;

pub(super) async fn settings(caller: Caller) -> Json<PaymentSettings> {
    Json(StatusCode::OK, shown(&caller.merchant.settings))
}

/// Replaces the settings. The categories apply to payment sessions that are created after this call, and the time limit
/// to pages that are opened after it.
pub async fn put_payment_settings(
    State(accounts): State<Accounts>,
    caller: Caller,
    origin: CallOrigin,
    body: Body,
) -> Result<Json<PaymentSettings>, ApiError> {
    let given: PaymentSettings = body.read()?;
    let categories = categories(&given.payment_method_categories)?;
    let timeout_s = given.consumer_timeout_s.and_then(|seconds| u32::try_from(seconds).ok());
    let change = |settings: &mut MerchantSettings| {
        settings.payment_method_categories.clone_from(&categories);
        settings.consumer_timeout_s = timeout_s;
        shown(settings)
    };
    Ok(Json(
        StatusCode::OK,
        accounts.change_settings(&caller.merchant.id, &origin.of(&caller.actor), change).await?,
    ))
}

/// Parses the categories. One that is named twice is kept once.
fn categories(words: &[String]) -> Result<Vec<PaymentMethodCategory>, ApiError> {
    let mut categories = Vec::new();
    let mut bad = Vec::new();
    for (index, word) in words.iter().enumerate() {
        match PaymentMethodCategory::parse(word) {
            Some(category) if categories.contains(&category) => {}
            Some(category) => categories.push(category),
            None => bad.push(format!("payment_method_categories[{index}]")),
        }
    }
    if bad.is_empty() { Ok(categories) } else { Err(ApiError::bad_values(bad)) }
}

fn shown(settings: &MerchantSettings) -> PaymentSettings {
    let categories = settings.payment_method_categories.iter();
    let payment_method_categories =
        categories.map(|category| category.as_str().to_ascii_lowercase()).collect();
    let consumer_timeout_s = settings.consumer_timeout_s.map(i64::from);
    PaymentSettings { payment_method_categories, consumer_timeout_s }
}
