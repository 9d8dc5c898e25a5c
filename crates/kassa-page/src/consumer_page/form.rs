//! The fields of the pay form.

use super::pages::Pages;
use axum::Form;
use axum::extract::{FromRequest as _, Request};
use serde::Deserialize;

/// The form of the pay page. Fields that the browser omits are empty.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct PayForm {
    pub(super) payment_method_category: String,
    pub(super) email: String,
    pub(super) one_time_code: String,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) date_of_birth: Option<String>,
    /// The hash of the order that the consumer saw. The page's form always contains it.
    pub(super) order_seen: String,
    /// The language that the consumer chose, if that button sent the form.
    pub(super) language: Option<String>,
    /// Present if the page offered the other categories after a decline.
    pub(super) fell_back: Option<String>,
}

impl PayForm {
    /// Reads the form in which a consumer presses Back or Cancel. A form that cannot be read counts as empty, because
    /// Back and Cancel work in any case.
    pub(super) async fn left_behind(request: Request, pages: &Pages) -> Self {
        Form::<Self>::from_request(request, pages).await.map(|Form(form)| form).unwrap_or_default()
    }

    /// Whether the consumer chose a way to pay, or was offered others after a decline.
    pub(super) fn has_choice(&self) -> bool {
        !self.payment_method_category.is_empty() || self.fell_back.is_some()
    }

    /// Whether the consumer typed anything that the page shows again.
    pub(super) fn is_filled_in(&self) -> bool {
        let sign_up = [&self.given_name, &self.family_name, &self.date_of_birth];
        !self.email.is_empty() || sign_up.into_iter().flatten().any(|value| !value.is_empty())
    }
}
