//! The merchants that the lab created, and the actions on all data of a merchant: reset, export and import.

use askama::Template;
use axum::extract::{Path, State};
use kassa_domain::MerchantId;
use kassa_http::{ApiError, Body, Parameters};
use kassa_store::TestMerchant;
use kassa_wire::lab::TestMerchantCreation;

use super::acts::ActionResult;
use super::sessions::end_of;
use super::visit::{Place, Visit};
use crate::{export, merchants};

/// Maximum number of merchants in the list. It shows the newest.
const LISTED: i64 = 100;

#[derive(Template)]
#[template(path = "lab/merchants.html")]
struct Merchants<'a> {
    visit: &'a Visit,
    /// The merchant whose lab `/lab` opens.
    own: &'a MerchantId,
    made: Vec<TestMerchant>,
}

impl Merchants<'_> {
    fn is_here(&self, id: &MerchantId) -> bool {
        self.visit.merchant.id == *id
    }
}

pub(super) async fn render(visit: &Visit) -> Result<String, ApiError> {
    let own = visit.lab.page_merchant.get().unwrap_or(&visit.merchant.id);
    let made = visit.lab.controls.test_merchants(LISTED).await?;
    Ok(Merchants { visit, own, made }.render()?)
}

pub(super) async fn make(visit: &Visit, form: &Parameters) -> Result<ActionResult, ApiError> {
    let asked = TestMerchantCreation { name: form.text("name").map(str::to_string) };
    let made = merchants::make(State(visit.lab.clone()), visit.caller(), Body::of(&asked)?).await?;
    Ok(ActionResult::Made(made.1))
}

/// Deletes a merchant by the same call that the merchant may make itself.
pub(super) async fn throw_away(visit: &Visit, form: &Parameters) -> Result<ActionResult, ApiError> {
    let id = form.text("merchant").unwrap_or_default().to_string();
    let found = visit.lab.accounts.merchant(&MerchantId::new(&id)).await?;
    let merchant = found.ok_or_else(|| ApiError::bad_values(["merchant"]))?;
    let caller = Visit { merchant, place: Place::Merchants, ..visit.clone() }.caller();
    merchants::throw_away(State(visit.lab.clone()), caller, Path(id)).await?;
    ActionResult::done("The merchant and all its data are deleted.")
}

pub(super) async fn reset(visit: &Visit) -> Result<ActionResult, ApiError> {
    merchants::reset(State(visit.lab.clone()), visit.caller()).await?;
    ActionResult::done("All data of the merchant is deleted. The credential and the secrets stay.")
}

pub(super) async fn import(visit: &Visit, form: &Parameters) -> Result<ActionResult, ApiError> {
    let file = form.text("file").unwrap_or_default().as_bytes().to_vec();
    let done = export::import(State(visit.lab.clone()), visit.caller(), Body(file.into())).await?;
    ActionResult::done(format!("Imported sessions: {}.", done.1.sessions))
}
