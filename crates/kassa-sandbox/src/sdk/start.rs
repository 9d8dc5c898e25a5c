//! `POST /kp/v1/sessions/{session_id}/load` and `start`: the content of a frame. Both apply the order data that the
//! page gave, as the vendor's SDK does.

use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use kassa_domain::Actor;
use kassa_domain::payment_session::{CategoryVisibility, OfferedCategory, PaymentSession};
use kassa_engine::Payments;
use kassa_http::{ApiError, Body, Json};
use kassa_store::CommitOutcome;
use kassa_wire::sdk::{SdkCategory, SdkLoad, SdkPayment, SdkStart};
use kassa_wire::stored::Stored;
use serde_json::Value;

use super::outcome::SdkBehaviour;
use super::session::{OpenSession, open_session, read_open};
use crate::payments_api::sessions::{UpdateRefusal, apply_update, store_update};
use crate::sandbox::content::StoredContent;
use crate::sandbox::offered_categories;

/// The fields that a page in the browser may change. It never changes URLs or references.
const FIELDS_OF_PAGES: [&str; 9] = [
    "purchase_country",
    "purchase_currency",
    "locale",
    "order_amount",
    "order_tax_amount",
    "order_lines",
    "billing_address",
    "shipping_address",
    "customer",
];

/// The page shows a widget. `show_form` is `false` if the consumer cannot pay with any of the categories.
pub(super) async fn load(
    State(payments): State<Payments>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SdkPayment>, ApiError> {
    let session = open_session(&payments, &headers, &id).await?;
    let SdkLoad { payment_method_categories: asked, data } = body.read()?;
    let mut shown = updated(&payments, session, data).await?;
    if let Some(asked) = asked.filter(|asked| !asked.is_empty()) {
        shown.payment.payment_method_categories = shown.offered;
        shown.payment.payment_method_categories.retain(|category| asked.contains(&category.identifier));
    }
    shown.payment.show_form &= !shown.payment.payment_method_categories.is_empty();
    Ok(Json(StatusCode::OK, shown.payment))
}

/// The consumer is about to authorize.
pub(super) async fn start(
    State(payments): State<Payments>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SdkPayment>, ApiError> {
    let session = open_session(&payments, &headers, &id).await?;
    let SdkStart { data } = body.read_or_default()?;
    Ok(Json(StatusCode::OK, updated(&payments, session, data).await?.payment))
}

/// The content of a frame, with every category that the payment session offers.
struct Shown {
    payment: SdkPayment,
    offered: Vec<SdkCategory>,
}

/// Applies the data of the page. If a field cannot be used, nothing changes, and the answer names the field.
async fn updated(payments: &Payments, session: OpenSession, data: Option<Value>) -> Result<Shown, ApiError> {
    let OpenSession { mut payment, merchant_name, now } = session;
    let mut invalid_fields = Vec::new();
    if let Some(update) = data.and_then(of_page) {
        loop {
            let updated = match apply_update(&payment, update.clone(), now) {
                Ok(updated) => updated,
                Err(UpdateRefusal::BadFields(fields)) => {
                    invalid_fields = fields;
                    break;
                }
                Err(refusal @ UpdateRefusal::Fault(_)) => return Err(refusal.into()),
            };
            let committed = store_update(payments, &payment, &updated, &Actor::Consumer).await?;
            payment = read_open(payments, &payment.id).await?;
            if committed == CommitOutcome::Done {
                break;
            }
        }
    }
    Ok(shown(&payment, merchant_name, invalid_fields)?)
}

/// The fields of the page's data that it may change. `None` if there is none.
fn of_page(data: Value) -> Option<Value> {
    let Value::Object(mut fields) = data else { return None };
    fields.retain(|name, _| FIELDS_OF_PAGES.contains(&name.as_str()));
    (!fields.is_empty()).then_some(Value::Object(fields))
}

fn shown(
    payment: &PaymentSession,
    merchant_name: String,
    invalid_fields: Vec<String>,
) -> Result<Shown, serde_json::Error> {
    let stored = StoredContent::from_stored(&payment.body)?;
    let offered = offered_categories(&stored.offered_categories);
    let content = stored.session;
    let email = content.billing_address.as_ref().and_then(|address| address.email.clone());
    let behaviour = email.as_deref().map_or(SdkBehaviour::Usual, SdkBehaviour::of);
    let by_default = offered.iter().filter(|offered| offered.visibility == CategoryVisibility::ByDefault);
    Ok(Shown {
        payment: SdkPayment {
            show_form: behaviour != SdkBehaviour::NotOffered,
            invalid_fields,
            popup_blocked: behaviour == SdkBehaviour::PopupBlocked,
            merchant_name,
            locale: content.locale().to_string(),
            order_amount: content.order_amount,
            purchase_currency: content.purchase_currency.to_ascii_uppercase(),
            payment_method_categories: by_default.map(category).collect(),
            email,
        },
        offered: offered.iter().map(category).collect(),
    })
}

fn category(offered: &OfferedCategory) -> SdkCategory {
    SdkCategory { identifier: offered.identifier.clone(), name: offered.name.clone() }
}
