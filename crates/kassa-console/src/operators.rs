//! The operators: their roles, their creation, their end and their return.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use kassa_domain::{Permission, Role};
use kassa_engine::{AccountCreation, OperatorChange};
use kassa_http::{ApiError, Parameters};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::ListedOperator;

use crate::Console;
use crate::access::{Access, Form};
use crate::frame::{Content, Outcome, Permissions, Place, answer};

#[derive(Template)]
#[template(path = "console/operators.html")]
struct OperatorsPage<'a> {
    operators: Vec<ListedOperator>,
    /// The name of the operator who is signed in.
    own_name: &'a str,
    /// Whether an operator can sign in to the console with a password.
    allows_passwords: bool,
    permissions: Permissions,
}

impl OperatorsPage<'_> {
    fn roles() -> &'static [Role] {
        Role::ALL
    }

    /// Whether a role may do the least, so that nobody gets more by accident.
    fn is_least(role: &&Role) -> bool {
        **role == Role::ReadOnly
    }

    fn is_role(operator: &&ListedOperator, role: &Role) -> bool {
        Role::parse(&operator.role) == Some(*role)
    }

    /// Whether the operator signs in with OpenID Connect, so that the provider decides about role and password.
    fn is_at_provider(operator: &&ListedOperator) -> bool {
        operator.sign_in == "openid"
    }

    fn role_of(operator: &&ListedOperator) -> &'static str {
        Role::parse(&operator.role).map_or("unknown", Role::in_words)
    }
}

pub(crate) async fn show(State(console): State<Console>, access: Access) -> Result<Response, ApiError> {
    respond(&console, &access, StatusCode::OK, None).await
}

/// Makes the change of a form, and shows the same page with the outcome.
pub(crate) async fn act(State(console): State<Console>, form: Form) -> Result<Response, ApiError> {
    let Form { access, fields } = form;
    let (status, outcome) = Outcome::of(perform(&console, &access, &fields).await)?;
    respond(&console, &access, status, outcome).await
}

async fn perform(console: &Console, access: &Access, fields: &Parameters) -> Result<Outcome, ApiError> {
    access.require(Permission::Administer)?;
    let (accounts, by) = (&console.accounts, access.requester());
    let name = fields.text("name").unwrap_or_default();
    let role = || fields.text("role").and_then(Role::parse).ok_or_else(|| ApiError::bad_values(["role"]));
    let act = fields.text("do").unwrap_or_default();
    if act != "add" && name == access.operator.name.as_str() {
        let message = "Another admin must change your own access, so that somebody can always sign in";
        return Err(ApiError::refused(ErrorCode::Conflict, message));
    }
    match act {
        "add" => match accounts.create_operator(name, role()?, &by).await? {
            AccountCreation::New(made) => Ok(first_password(console, made.username, made.password)),
            AccountCreation::Taken => {
                Err(ApiError::refused(ErrorCode::Conflict, format!("An operator {name} exists already")))
            }
            AccountCreation::Unusable(fields) => {
                Err(ApiError::bad_values_by_rule(fields, "A name has letters, digits, - and _, 64 at most"))
            }
        },
        "set-role" => {
            let role = role()?;
            made(name, accounts.set_operator_role(name, role, &by).await?, |()| {
                Outcome::Done(format!("{name} is {} from the next request on.", role.in_words()))
            })
        }
        "reset" => made(name, accounts.reset_operator(name, &by).await?, |new| {
            first_password(console, new.username, new.password)
        }),
        "revoke" => match accounts.revoke_operator(name, &by).await? {
            true => Ok(Outcome::Done(format!("{name} cannot sign in any more."))),
            false => Err(no_operator()),
        },
        "restore" => made(name, accounts.restore_operator(name, &by).await?, |new| match new {
            Some(new) => first_password(console, new.username, new.password),
            None => Outcome::Done(format!("{name} may sign in again, with OpenID Connect.")),
        }),
        _ => Err(ApiError::bad_values(["do"])),
    }
}

fn first_password(console: &Console, name: String, password: String) -> Outcome {
    let title = match allows_passwords(console) {
        true => "At the first sign-in with this password, the operator chooses another one.",
        false => "The password is for calls of the API. Nobody can sign in to this console with a password.",
    };
    Outcome::Secrets { title: title.to_string(), values: vec![("Name", name), ("Password", password)] }
}

fn allows_passwords(console: &Console) -> bool {
    console.openid.as_ref().is_none_or(|provider| provider.settings().allows_passwords)
}

/// The outcome of a change of an operator.
fn made<T>(
    name: &str,
    change: OperatorChange<T>,
    words: impl FnOnce(T) -> Outcome,
) -> Result<Outcome, ApiError> {
    match change {
        OperatorChange::Made(answer) => Ok(words(answer)),
        OperatorChange::Unknown => Err(no_operator()),
        OperatorChange::AtProvider => Err(ApiError::refused(
            ErrorCode::Conflict,
            format!("{name} signs in with OpenID Connect: the provider decides about role and password"),
        )),
    }
}

fn no_operator() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "No operator with this name can be changed in this way")
}

async fn respond(
    console: &Console,
    access: &Access,
    status: StatusCode,
    outcome: Option<Outcome>,
) -> Result<Response, ApiError> {
    let operators = console.accounts.operators().await?;
    let own_name = access.operator.name.as_str();
    let (allows_passwords, permissions) = (allows_passwords(console), Permissions::of(access));
    let body = OperatorsPage { operators, own_name, allows_passwords, permissions }.render()?;
    let content = Content { place: Place::Operators, title: "Operators".to_string(), live: None, body };
    answer(console, access, status, outcome, &content)
}
