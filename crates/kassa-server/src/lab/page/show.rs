//! The pages: one frame around each place, with the clock, what was said, and what is to be seen there.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{ACCEPT, CONTENT_DISPOSITION};
use http::{HeaderMap, HeaderValue, StatusCode};
use kassa_wire::error::ErrorCode;

use super::acts::{Told, perform};
use super::clock::Face;
use super::visit::{Place, Visit};
use super::{inbox, journal, live, merchants, session, sessions, weather};
use crate::api_error::ApiError;
use crate::app::App;
use crate::body::Body;
use crate::developer_page::{self, Frame, page};
use crate::lab::{export, own_lab};
use crate::parameters::Parameters;

/// The lab of the merchant that the page was opened for.
pub(super) async fn to_own(State(app): State<App>) -> Result<Redirect, ApiError> {
    let own = own_lab(&app)?.page_of.get().ok_or_else(|| ApiError::bare(ErrorCode::NotFound))?;
    Ok(Redirect::to(&format!("/lab/of/{own}")))
}

/// A page, or, where server-sent events are asked for, what changes on it.
pub(super) async fn show(visit: Visit, headers: HeaderMap) -> Result<Response, ApiError> {
    let wants_events = headers.get(ACCEPT).is_some_and(|accept| accept == "text/event-stream");
    if wants_events {
        Ok(live::live(visit)?.into_response())
    } else {
        answer(&visit, StatusCode::OK, None).await
    }
}

/// Does what a form asks for, and shows the same page again with what came of it.
pub(super) async fn act(visit: Visit, body: Body) -> Result<Response, ApiError> {
    let (status, told) = match perform(&visit, &Parameters::of(&body.0)).await {
        Ok(told) => (StatusCode::OK, told),
        Err(error @ ApiError::Refused(..)) => {
            let status = StatusCode::from_u16(error.code().http_status());
            (status.unwrap_or(StatusCode::BAD_REQUEST), Told::Refused(error.messages().join(". ")))
        }
        Err(error) => return Err(error),
    };
    answer(&visit, status, Some(told)).await
}

/// The file of a session, or of everything.
pub(super) async fn export(visit: Visit) -> Result<Response, ApiError> {
    let named = visit.parameters.text("session").unwrap_or(visit.merchant.id.as_str());
    let is_id = named.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"kassa-{named}.json\""))
        .ok()
        .filter(|_| is_id)
        .ok_or_else(|| ApiError::bad_values(["session"]))?;
    let file = export::export(State(visit.app.clone()), visit.caller(), visit.parameters.clone()).await?;
    Ok(([(CONTENT_DISPOSITION, disposition)], file).into_response())
}

pub(super) async fn asset(Path(file): Path<String>) -> Result<Response, ApiError> {
    developer_page::asset(&file).ok_or_else(|| ApiError::bare(ErrorCode::NotFound))
}

#[derive(Template)]
#[template(path = "lab/page.html")]
struct LabPage<'a> {
    frame: &'a Frame,
    visit: &'a Visit,
    face: Face,
    told: Option<Told>,
    has_demo: bool,
    /// Written by a template of its own, and escaped there.
    body: String,
}

impl LabPage<'_> {
    fn is_here(&self, tab: &Place) -> bool {
        let place = &self.visit.place;
        place == tab || *tab == Place::Sessions && matches!(place, Place::Session(_))
    }
}

async fn answer(visit: &Visit, status: StatusCode, told: Option<Told>) -> Result<Response, ApiError> {
    let app = &visit.app;
    let frame = Frame::new(&*app.passing, &app.configuration.base_url);
    let shown = LabPage {
        frame: &frame,
        visit,
        face: Face::of(visit)?,
        told,
        has_demo: app.demo.get().is_some(),
        body: written(visit).await?,
    };
    Ok(page(status, &frame, &shown)?)
}

/// What is to be seen at a place. It changes only where something has happened.
pub(super) async fn written(visit: &Visit) -> Result<String, ApiError> {
    match &visit.place {
        Place::Sessions => sessions::written(visit, None).await,
        Place::Session(id) => {
            let story = session::written(visit, id).await?;
            sessions::written(visit, Some((id, story))).await
        }
        Place::Weather => weather::written(visit).await,
        Place::Inbox => inbox::written(visit).await,
        Place::Journal => journal::written(visit),
        Place::Merchants => merchants::written(visit).await,
    }
}
