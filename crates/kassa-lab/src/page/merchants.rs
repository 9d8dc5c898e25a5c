//! The merchants that the lab created, and the actions on all data of a merchant: reset, export and import.

use askama::Template;
use axum::extract::{Path, State};
use kassa_domain::MerchantId;
use kassa_engine::ActOrigin;
use kassa_http::{ApiError, Body, CallOrigin, Parameters};
use kassa_store::TestMerchant;
use kassa_wire::lab::TestMerchantCreation;

use super::actions::ActionResult;
use super::page_request::{PageKind, PageRequest};
use super::sessions::id_suffix;
use crate::{export, merchants};

/// Maximum number of merchants in the list. It shows the newest.
const LISTED: i64 = 100;

#[derive(Template)]
#[template(path = "lab/merchants.html")]
struct Merchants<'a> {
    page_request: &'a PageRequest,
    /// The merchant whose lab `/lab` opens.
    own: &'a MerchantId,
    made: Vec<TestMerchant>,
}

impl Merchants<'_> {
    fn is_current(&self, id: &MerchantId) -> bool {
        self.page_request.merchant.id == *id
    }
}

pub(super) async fn render(page_request: &PageRequest) -> Result<String, ApiError> {
    let own = page_request.lab.page_merchant.get().unwrap_or(&page_request.merchant.id);
    let made = page_request.lab.controls.test_merchants(LISTED).await?;
    Ok(Merchants { page_request, own, made }.render()?)
}

pub(super) async fn create_merchant(
    page_request: &PageRequest,
    form: &Parameters,
) -> Result<ActionResult, ApiError> {
    let asked = TestMerchantCreation { name: form.text("name").map(str::to_string) };
    let made = merchants::create_merchant(
        State(page_request.lab.clone()),
        page_request.caller(),
        origin(),
        Body::of(&asked)?,
    )
    .await?;
    Ok(ActionResult::Made(made.1))
}

/// Deletes a merchant by the same call that the merchant may make itself.
pub(super) async fn delete_merchant(
    page_request: &PageRequest,
    form: &Parameters,
) -> Result<ActionResult, ApiError> {
    let id = form.text("merchant").unwrap_or_default().to_string();
    let found = page_request.lab.accounts.merchant(&MerchantId::new(&id)).await?;
    let merchant = found.ok_or_else(|| ApiError::bad_values(["merchant"]))?;
    let caller = PageRequest { merchant, place: PageKind::Merchants, ..page_request.clone() }.caller();
    merchants::delete_merchant(State(page_request.lab.clone()), caller, origin(), Path(id)).await?;
    ActionResult::done("The merchant and all its data are deleted.")
}

pub(super) async fn reset(page_request: &PageRequest) -> Result<ActionResult, ApiError> {
    merchants::reset(State(page_request.lab.clone()), page_request.caller(), origin()).await?;
    ActionResult::done("All data of the merchant is deleted. The credential and the secrets stay.")
}

pub(super) async fn import(page_request: &PageRequest, form: &Parameters) -> Result<ActionResult, ApiError> {
    let file = form.text("file").unwrap_or_default().as_bytes().to_vec();
    let done =
        export::import(State(page_request.lab.clone()), page_request.caller(), origin(), Body(file.into()))
            .await?;
    ActionResult::done(format!("Imported sessions: {}.", done.1.sessions))
}

fn origin() -> CallOrigin {
    CallOrigin(ActOrigin::Lab)
}
