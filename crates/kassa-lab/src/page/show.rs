//! The lab's pages: a frame with the clock, the result of the last action, and the content of the current page.

use crate::Lab;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{ACCEPT, CONTENT_DISPOSITION};
use http::{HeaderMap, HeaderValue, StatusCode};
use kassa_http::{ApiError, Body, Parameters};
use kassa_wire::error::ErrorCode;

use super::acts::{ActionResult, perform};
use super::clock::ClockView;
use super::visit::{Place, Visit};
use super::{faults, inbox, journal, live, merchants, session, sessions};
use crate::export;
use kassa_developer_page::{Frame, page};

/// Redirects to the lab of the merchant that the page was opened for.
pub(super) async fn to_own(State(lab): State<Lab>) -> Result<Redirect, ApiError> {
    let own = &lab.page_merchant.get().ok_or_else(|| ApiError::bare(ErrorCode::NotFound))?;
    Ok(Redirect::to(&format!("/lab/of/{own}")))
}

/// Shows a page. If `Accept` asks for server-sent events, it sends the page's changes instead.
pub(super) async fn show(visit: Visit, headers: HeaderMap) -> Result<Response, ApiError> {
    let wants_events = headers.get(ACCEPT).is_some_and(|accept| accept == "text/event-stream");
    if wants_events {
        Ok(live::live(visit)?.into_response())
    } else {
        answer(&visit, StatusCode::OK, None).await
    }
}

/// Runs the action of a form, and shows the same page with the result.
pub(super) async fn act(visit: Visit, body: Body) -> Result<Response, ApiError> {
    let (status, result) = match perform(&visit, &Parameters::of(&body.0)).await {
        Ok(result) => (StatusCode::OK, result),
        Err(error @ ApiError::Refused(..)) => {
            let status = StatusCode::from_u16(error.code().http_status());
            (status.unwrap_or(StatusCode::BAD_REQUEST), ActionResult::Refused(error.messages().join(". ")))
        }
        Err(error) => return Err(error),
    };
    answer(&visit, status, Some(result)).await
}

/// Downloads the export of one session or of all sessions.
pub(super) async fn export(visit: Visit) -> Result<Response, ApiError> {
    let named = visit.parameters.text("session").unwrap_or(visit.merchant.id.as_str());
    let is_id = named.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"kassa-{named}.json\""))
        .ok()
        .filter(|_| is_id)
        .ok_or_else(|| ApiError::bad_values(["session"]))?;
    let file = export::export(State(visit.lab.clone()), visit.caller(), visit.parameters.clone()).await?;
    Ok(([(CONTENT_DISPOSITION, disposition)], file).into_response())
}

pub(super) async fn asset(Path(file): Path<String>) -> Result<Response, ApiError> {
    kassa_developer_page::asset(&file).ok_or_else(|| ApiError::bare(ErrorCode::NotFound))
}

#[derive(Template)]
#[template(path = "lab/page.html")]
struct LabPage<'a> {
    frame: &'a Frame,
    visit: &'a Visit,
    face: ClockView,
    result: Option<ActionResult>,
    has_demo: bool,
    /// HTML of another template, which has escaped it.
    body: String,
}

impl LabPage<'_> {
    fn is_here(&self, tab: &Place) -> bool {
        let place = &self.visit.place;
        place == tab || *tab == Place::Sessions && matches!(place, Place::Session(_))
    }
}

async fn answer(
    visit: &Visit,
    status: StatusCode,
    result: Option<ActionResult>,
) -> Result<Response, ApiError> {
    let lab = &visit.lab;
    let frame = Frame::new(&*lab.random, lab.links.base_url());
    let shown = LabPage {
        frame: &frame,
        visit,
        face: ClockView::of(visit)?,
        result,
        has_demo: lab.has_demo(),
        body: render_place(visit).await?,
    };
    Ok(page(status, &frame, &shown)?)
}

/// Renders the content of a page. It changes only when something has happened.
pub(super) async fn render_place(visit: &Visit) -> Result<String, ApiError> {
    match &visit.place {
        Place::Sessions => sessions::render(visit, None).await,
        Place::Session(id) => {
            let story = session::render(visit, id).await?;
            sessions::render(visit, Some((id, story))).await
        }
        Place::Faults => faults::render(visit).await,
        Place::Inbox => inbox::render(visit).await,
        Place::Journal => journal::render(visit),
        Place::Merchants => merchants::render(visit).await,
    }
}
