//! One merchant: its name, its credentials, the secrets that sign its callbacks, and its payment accounts.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use kassa_domain::merchant::Merchant;
use kassa_domain::{MerchantId, Permission, Timestamp};
use kassa_engine::NAME_RULE;
use kassa_http::{ApiError, Parameters};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{ListedCredential, ListedPaymentAccount};

use crate::Console;
use crate::access::{Access, Form};
use crate::frame::{Content, Outcome, Permissions, Place, answer};
use crate::sessions::readable;

#[derive(Template)]
#[template(path = "console/merchant.html")]
struct MerchantPage {
    merchant: Arc<Merchant>,
    credentials: Vec<ListedCredential>,
    secrets: Vec<Secret>,
    payment_accounts: Vec<ListedPaymentAccount>,
    permissions: Permissions,
}

/// A callback secret, without the secret itself.
struct Secret {
    id: String,
    created_at: String,
    ends_with: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    access: Access,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    respond(&console, &access, &id, StatusCode::OK, None).await
}

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
    access.require(Permission::Administer)?;
    let id = MerchantId::new(id);
    let (accounts, by) = (&console.accounts, access.requester());
    match fields.text("do").unwrap_or_default() {
        "rename" => {
            let name = fields.text("name").unwrap_or_default();
            match accounts.rename_merchant(&id, name, &by).await? {
                None => Err(no_merchant()),
                Some(false) => Err(ApiError::refused(ErrorCode::BadValue, NAME_RULE)),
                Some(true) => Ok(Outcome::Done(format!("Consumers read {name} from now on."))),
            }
        }
        "add-credential" => {
            let made = accounts.create_credential(id.as_str(), &by).await?.ok_or_else(no_merchant)?;
            Ok(Outcome::Secrets {
                title: "The credential is created. The others stay valid.".to_string(),
                values: vec![("Username", made.username), ("Password", made.password)],
            })
        }
        "revoke-credential" => {
            let username = fields.text("username").unwrap_or_default();
            match accounts.revoke_credential_of(&id, username, &by).await? {
                true => Ok(Outcome::Done(format!("The credential {username} is refused from now on."))),
                false => {
                    Err(ApiError::refused(ErrorCode::NotFound, "No active credential has this username"))
                }
            }
        }
        _ => Err(ApiError::bad_values(["do"])),
    }
}

async fn respond(
    console: &Console,
    access: &Access,
    id: &str,
    status: StatusCode,
    outcome: Option<Outcome>,
) -> Result<Response, ApiError> {
    let id = MerchantId::new(id);
    let merchant = console.accounts.merchant(&id).await?.ok_or_else(no_merchant)?;
    let secrets = merchant.settings.callback_secrets.iter().map(|secret| Secret {
        id: secret.id.clone(),
        created_at: readable(secret.created_at),
        ends_with: last_letters(&secret.secret),
    });
    let page = MerchantPage {
        secrets: secrets.collect(),
        credentials: console.accounts.credentials_of(id.as_str()).await?,
        payment_accounts: console.payment_accounts.list(&id).await?,
        permissions: Permissions::of(access),
        merchant,
    };
    let title = format!("Merchant {}", page.merchant.name);
    let content = Content { place: Place::Merchants, title, live: None, body: page.render()? };
    answer(console, access, status, outcome, &content)
}

fn last_letters(secret: &str) -> String {
    let mut letters: Vec<char> = secret.chars().rev().take(4).collect();
    letters.reverse();
    letters.into_iter().collect()
}

fn no_merchant() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "There is no such merchant")
}

/// The time of an account's list, for people.
pub(crate) fn time_of(text: &str) -> String {
    kassa_wire::time::parse_ms(text).map_or_else(|| text.to_string(), |ms| readable(Timestamp::from_ms(ms)))
}
