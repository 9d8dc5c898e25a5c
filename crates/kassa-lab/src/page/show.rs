//! The lab's pages: a frame with the clock, the result of the last action, and the content of the current page.

use crate::Lab;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{ACCEPT, CONTENT_DISPOSITION};
use http::{HeaderMap, HeaderValue, StatusCode};
use kassa_http::{ApiError, Body, Parameters};
use kassa_wire::error::ErrorCode;

use super::actions::{ActionResult, perform};
use super::clock::ClockView;
use super::page_request::{PageKind, PageRequest};
use super::{faults, inbox, journal, live, merchants, session, sessions};
use crate::export;
use kassa_developer_page::{Frame, page};

/// Redirects to the lab of the merchant that the page was opened for.
pub(super) async fn redirect_to_default_merchant(State(lab): State<Lab>) -> Result<Redirect, ApiError> {
    let own = &lab.page_merchant.get().ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))?;
    Ok(Redirect::to(&format!("/lab/of/{own}")))
}

/// Shows a page. If `Accept` asks for server-sent events, it sends the page's changes instead.
pub(super) async fn show(page_request: PageRequest, headers: HeaderMap) -> Result<Response, ApiError> {
    let wants_events = headers.get(ACCEPT).is_some_and(|accept| accept == "text/event-stream");
    if wants_events {
        Ok(live::live(page_request)?.into_response())
    } else {
        answer(&page_request, StatusCode::OK, None).await
    }
}

/// Runs the action of a form, and shows the same page with the result.
pub(super) async fn act(page_request: PageRequest, body: Body) -> Result<Response, ApiError> {
    let (status, result) = match perform(&page_request, &Parameters::of(&body.0)).await {
        Ok(result) => (StatusCode::OK, result),
        Err(error @ ApiError::Refused(..)) => {
            let status = StatusCode::from_u16(error.code().http_status());
            (status.unwrap_or(StatusCode::BAD_REQUEST), ActionResult::Refused(error.messages().join(". ")))
        }
        Err(error) => return Err(error),
    };
    answer(&page_request, status, Some(result)).await
}

/// Downloads the export of one session or of all sessions.
pub(super) async fn export(page_request: PageRequest) -> Result<Response, ApiError> {
    let named = page_request.parameters.text("session").unwrap_or(page_request.merchant.id.as_str());
    let is_id = named.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"kassa-{named}.json\""))
        .ok()
        .filter(|_| is_id)
        .ok_or_else(|| ApiError::bad_values(["session"]))?;
    let file = export::export(
        State(page_request.lab.clone()),
        page_request.caller(),
        page_request.parameters.clone(),
    )
    .await?;
    Ok(([(CONTENT_DISPOSITION, disposition)], file).into_response())
}

pub(super) async fn asset(Path(file): Path<String>) -> Result<Response, ApiError> {
    kassa_developer_page::asset(&file).ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))
}

#[derive(Template)]
#[template(path = "lab/page.html")]
struct LabPage<'a> {
    frame: &'a Frame,
    page_request: &'a PageRequest,
    face: ClockView,
    result: Option<ActionResult>,
    has_demo: bool,
    /// HTML of another template, which has escaped it.
    body: String,
}

impl LabPage<'_> {
    fn is_current(&self, tab: &PageKind) -> bool {
        let place = &self.page_request.place;
        place == tab || *tab == PageKind::Sessions && matches!(place, PageKind::Session(_))
    }
}

async fn answer(
    page_request: &PageRequest,
    status: StatusCode,
    result: Option<ActionResult>,
) -> Result<Response, ApiError> {
    let lab = &page_request.lab;
    let frame = Frame::new(&*lab.random, lab.links.base_url());
    let shown = LabPage {
        frame: &frame,
        page_request,
        face: ClockView::of(page_request)?,
        result,
        has_demo: lab.has_demo(),
        body: render_place(page_request).await?,
    };
    Ok(page(status, &frame, &shown)?)
}

/// Renders the content of a page. It changes only when something has happened.
pub(super) async fn render_place(page_request: &PageRequest) -> Result<String, ApiError> {
    match &page_request.place {
        PageKind::Sessions => sessions::render(page_request, None).await,
        PageKind::Session(id) => {
            let story = session::render(page_request, id).await?;
            sessions::render(page_request, Some((id, story))).await
        }
        PageKind::Faults => faults::render(page_request).await,
        PageKind::Inbox => inbox::render(page_request).await,
        PageKind::Journal => journal::render(page_request),
        PageKind::Merchants => merchants::render(page_request).await,
    }
}
