//! The operator's own account: choosing a password.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use kassa_engine::{OperatorPassword, PASSWORD_RULE, PasswordChoice};
use kassa_http::ApiError;
use kassa_wire::error::ErrorCode;

use crate::Console;
use crate::access::{Access, Form};
use crate::frame::{Content, Outcome, Place, answer};

#[derive(Template)]
#[template(path = "console/account.html")]
struct AccountPage<'a> {
    access: &'a Access,
    /// The operator's password. The operators of a sandbox have none.
    password: Option<OperatorPassword>,
}

pub(crate) async fn show(State(console): State<Console>, access: Access) -> Result<Response, ApiError> {
    respond(&console, &access, StatusCode::OK, None)
}

pub(crate) async fn choose_password(
    State(console): State<Console>,
    form: Form,
) -> Result<Response, ApiError> {
    let Form { mut access, fields } = form;
    let (status, outcome) = Outcome::of(choose(&console, &access, &fields).await)?;
    if status == StatusCode::OK {
        access.operator.password = OperatorPassword::Chosen;
    }
    respond(&console, &access, status, outcome)
}

async fn choose(
    console: &Console,
    access: &Access,
    fields: &kassa_http::Parameters,
) -> Result<Outcome, ApiError> {
    let text = |name| fields.text(name).unwrap_or_default();
    let (present, new) = (text("present"), text("new"));
    if new != text("again") {
        return Err(ApiError::refused(ErrorCode::BadValue, "The two new passwords differ"));
    }
    match console
        .accounts
        .choose_password(&access.operator, &access.secret, (present, new), &access.requester())
        .await?
    {
        PasswordChoice::Chosen => Ok(Outcome::Done(
            "Your new password is valid from now on. All your other sign-ins have ended.".to_string(),
        )),
        PasswordChoice::WrongPassword => {
            Err(ApiError::refused(ErrorCode::BadValue, "The present password is wrong"))
        }
        PasswordChoice::Unusable => Err(ApiError::refused(ErrorCode::BadValue, PASSWORD_RULE)),
    }
}

fn respond(
    console: &Console,
    access: &Access,
    status: StatusCode,
    outcome: Option<Outcome>,
) -> Result<Response, ApiError> {
    let password = (!console.is_open).then_some(access.operator.password);
    let body = AccountPage { access, password }.render()?;
    let content = Content { place: Place::Account, title: "Your account".to_string(), live: None, body };
    answer(console, access, status, outcome, &content)
}
