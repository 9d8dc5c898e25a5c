//! The merchants, and the creation of one.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use kassa_domain::Permission;
use kassa_engine::{AccountCreation, NAME_RULE};
use kassa_http::{ApiError, Parameters};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::ListedMerchant;

use crate::Console;
use crate::access::{Access, Form};
use crate::frame::{Content, Outcome, Permissions, Place, answer};

#[derive(Template)]
#[template(path = "console/merchants.html")]
struct MerchantsPage {
    merchants: Vec<ListedMerchant>,
    permissions: Permissions,
}

pub(crate) async fn show(State(console): State<Console>, access: Access) -> Result<Response, ApiError> {
    respond(&console, &access, StatusCode::OK, None).await
}

pub(crate) async fn create(State(console): State<Console>, form: Form) -> Result<Response, ApiError> {
    let Form { access, fields } = form;
    let (status, outcome) = Outcome::of(add(&console, &access, &fields).await)?;
    respond(&console, &access, status, outcome).await
}

async fn add(console: &Console, access: &Access, fields: &Parameters) -> Result<Outcome, ApiError> {
    access.require(Permission::Administer)?;
    let (id, name) =
        (fields.text("merchant_id").unwrap_or_default(), fields.text("name").unwrap_or_default());
    match console.accounts.create_merchant(id, name, &access.requester()).await? {
        AccountCreation::New(made) => Ok(Outcome::Secrets {
            title: format!("The merchant {} is created.", made.merchant_id),
            values: vec![
                ("Username", made.username),
                ("Password", made.password),
                ("Callback secret", made.callback_secret),
            ],
        }),
        AccountCreation::Taken => {
            Err(ApiError::refused(ErrorCode::Conflict, format!("The merchant {id} exists already")))
        }
        AccountCreation::Unusable(fields) => {
            let rule = format!("An id has letters, digits, - and _, 64 at most. {NAME_RULE}");
            Err(ApiError::bad_values_by_rule(fields, &rule))
        }
    }
}

async fn respond(
    console: &Console,
    access: &Access,
    status: StatusCode,
    outcome: Option<Outcome>,
) -> Result<Response, ApiError> {
    let merchants = console.accounts.merchants_by_id().await?;
    let body = MerchantsPage { merchants, permissions: Permissions::of(access) }.render()?;
    let content = Content { place: Place::Merchants, title: "Merchants".to_string(), live: None, body };
    answer(console, access, status, outcome, &content)
}
