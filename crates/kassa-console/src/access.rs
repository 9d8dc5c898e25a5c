//! The operator behind a request, and the changes that the operator may make.

use std::net::IpAddr;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{Method, Uri};
use kassa_domain::{Actor, Permission};
use kassa_engine::{ActOrigin, OperatorPassword, Requester, SignedInOperator};
use kassa_http::{ApiError, Body, Parameters};
use kassa_wire::error::ErrorCode;
use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

use crate::Console;
use crate::cookie::{SESSION, Transport};

/// The page on which operators choose a password.
pub(crate) const ACCOUNT: &str = "/console/account";

/// The field of each form that proves that a page of the console sent it.
const FORM_SECRET: &str = "form_secret";

/// The correlation id of a request, as an extension of it.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// The operator who is signed in.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) operator: SignedInOperator,
    /// The secret in the browser's cookie.
    pub(crate) secret: String,
    /// The origin of the request, for the audit trail.
    pub(crate) origin: ActOrigin,
}

/// The reason why a request has no access.
pub(crate) enum NoAccess {
    /// No operator is signed in. A page leads to the sign-in, and from there back.
    SignInFirst {
        back_to: String,
    },
    /// The operator must choose a password first.
    ChoosePasswordFirst,
    Refused(ApiError),
}

impl From<ApiError> for NoAccess {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl IntoResponse for NoAccess {
    fn into_response(self) -> Response {
        match self {
            Self::SignInFirst { back_to } => {
                let query =
                    form_urlencoded::Serializer::new(String::new()).append_pair("to", &back_to).finish();
                Redirect::to(&format!("/console/sign-in?{query}")).into_response()
            }
            Self::ChoosePasswordFirst => Redirect::to(ACCOUNT).into_response(),
            Self::Refused(error) => error.into_response(),
        }
    }
}

impl Access {
    /// The operator as the actor of a change.
    pub(crate) fn actor(&self) -> Actor {
        self.operator.actor()
    }

    /// The operator who asks for an administrative act.
    pub(crate) fn requester(&self) -> Requester {
        Requester { actor: self.actor(), origin: self.origin.clone() }
    }

    /// Whether the operator may make changes of this kind.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.operator.role.may(permission)
    }

    /// Refuses a change that the operator's role does not allow.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), ApiError> {
        if self.may(permission) {
            return Ok(());
        }
        let role = self.operator.role.in_words();
        Err(ApiError::refused(
            ErrorCode::Forbidden,
            format!("Your role is {role}, which does not allow this"),
        ))
    }
}

impl FromRequestParts<Console> for Access {
    type Rejection = NoAccess;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, NoAccess> {
        let back_to = if parts.method == Method::GET { address_of(&parts.uri) } else { String::new() };
        let Some(access) = signed_in(console, parts).await? else {
            return Err(NoAccess::SignInFirst { back_to });
        };
        let may_wait = console.is_open || parts.uri.path() == ACCOUNT;
        if access.operator.password == OperatorPassword::Generated && !may_wait {
            return Err(NoAccess::ChoosePasswordFirst);
        }
        Ok(access)
    }
}

/// The operator who is signed in, if there is one.
pub(crate) async fn signed_in(console: &Console, parts: &Parts) -> Result<Option<Access>, ApiError> {
    let Some(secret) = SESSION.value_in(&parts.headers, Transport::of(console.links.base_url())) else {
        return Ok(None);
    };
    let operator = console.accounts.signed_in(&secret).await?;
    let origin = origin_of(console, parts);
    Ok(operator.map(|operator| Access { operator, secret, origin }))
}

/// The address of the caller.
pub(crate) fn client_of(console: &Console, parts: &Parts) -> Option<IpAddr> {
    console.calls.client(&parts.headers, &parts.extensions)
}

/// The origin of a request, for the audit trail.
pub(crate) fn origin_of(console: &Console, parts: &Parts) -> ActOrigin {
    let address = client_of(console, parts).map(|address| address.to_string());
    ActOrigin::Console { address, correlation_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()) }
}

fn address_of(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(String::new, |address| address.as_str().to_string())
}

/// A form that the signed-in operator sent from a page of the console.
pub(crate) struct Form {
    pub(crate) access: Access,
    pub(crate) fields: Parameters,
}

impl FromRequest<Console> for Form {
    type Rejection = NoAccess;

    async fn from_request(request: Request, console: &Console) -> Result<Self, NoAccess> {
        let (mut parts, body) = request.into_parts();
        let access = Access::from_request_parts(&mut parts, console).await?;
        let body = Body::from_request(Request::from_parts(parts, body), console).await?;
        let fields = Parameters::of(&body.0);
        let given = fields.text(FORM_SECRET).unwrap_or_default();
        if !bool::from(given.as_bytes().ct_eq(access.operator.form_secret.as_bytes())) {
            let message = "The form is from an earlier sign-in. Load the page again, and repeat the change";
            return Err(ApiError::refused(ErrorCode::Forbidden, message).into());
        }
        Ok(Self { access, fields })
    }
}
