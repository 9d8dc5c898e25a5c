//! The frame of every page: the navigation, who is signed in, and the outcome of the last change.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kassa_developer_page::{Frame, page};
use kassa_domain::Permission;
use kassa_http::ApiError;

use crate::Console;
use crate::access::Access;

/// A page of the console that the navigation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    Sessions,
    Merchants,
    Operators,
    Account,
}

impl Place {
    /// The pages of the navigation, with address and label.
    const NAVIGATION: [(Self, &'static str, &'static str); 4] = [
        (Self::Overview, "/console", "Overview"),
        (Self::Sessions, "/console/sessions", "Sessions"),
        (Self::Merchants, "/console/merchants", "Merchants"),
        (Self::Operators, "/console/operators", "Operators"),
    ];
}

/// The outcome of a change, to be shown above the page's content.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// The change was made.
    Done(String),
    /// The change was refused.
    Refused(String),
    /// Secrets that are shown only now: label and value.
    Secrets { title: String, values: Vec<(&'static str, String)> },
}

impl Outcome {
    /// The outcome of a change that may have been refused. Faults stay errors.
    pub(crate) fn of(result: Result<Self, ApiError>) -> Result<(StatusCode, Option<Self>), ApiError> {
        match result {
            Ok(done) => Ok((StatusCode::OK, Some(done))),
            Err(error @ ApiError::Refused(..)) => {
                let status = StatusCode::from_u16(error.code().http_status());
                let outcome = Self::Refused(error.messages().join(". "));
                Ok((status.unwrap_or(StatusCode::BAD_REQUEST), Some(outcome)))
            }
            Err(error) => Err(error),
        }
    }
}

/// The content of a page.
pub(crate) struct Content {
    pub(crate) place: Place,
    pub(crate) title: String,
    /// The address whose changes the open page follows. `None` for a page that does not change by itself.
    pub(crate) live: Option<String>,
    /// HTML of another template, which has escaped it.
    pub(crate) body: String,
}

#[derive(Template)]
#[template(path = "console/page.html")]
struct ConsolePage<'a> {
    frame: &'a Frame,
    access: &'a Access,
    content: &'a Content,
    outcome: Option<Outcome>,
    is_sandbox: bool,
}

impl ConsolePage<'_> {
    fn is_current(&self, place: &Place) -> bool {
        self.content.place == *place
    }
}

/// Answers with a page.
pub(crate) fn answer(
    console: &Console,
    access: &Access,
    status: StatusCode,
    outcome: Option<Outcome>,
    content: &Content,
) -> Result<Response, ApiError> {
    let frame = Frame::new(&*console.random, console.links.base_url());
    written(console, access, &frame, (status, outcome), content)
}

/// Answers with a page that shows other pages of the console in frames.
pub(crate) fn answer_with_frames(
    console: &Console,
    access: &Access,
    content: &Content,
) -> Result<Response, ApiError> {
    let frame = Frame::new(&*console.random, console.links.base_url()).framing_own_pages();
    written(console, access, &frame, (StatusCode::OK, None), content)
}

fn written(
    console: &Console,
    access: &Access,
    frame: &Frame,
    (status, outcome): (StatusCode, Option<Outcome>),
    content: &Content,
) -> Result<Response, ApiError> {
    let shown = ConsolePage { frame, access, content, outcome, is_sandbox: console.is_open };
    Ok(page(status, frame, &shown)?)
}

/// The permissions of the signed-in operator, for templates.
pub(crate) struct Permissions {
    pub(crate) may_support: bool,
    pub(crate) may_administer: bool,
    pub(crate) form_secret: String,
}

impl Permissions {
    pub(crate) fn of(access: &Access) -> Self {
        Self {
            may_support: access.may(Permission::Support),
            may_administer: access.may(Permission::Administer),
            form_secret: access.operator.form_secret.clone(),
        }
    }
}
