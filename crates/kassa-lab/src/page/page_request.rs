//! A request for a page of a merchant's lab: the merchant, the page and its parameters.

use std::collections::HashMap;
use std::sync::Arc;

use crate::Lab;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use kassa_domain::merchant::Merchant;
use kassa_domain::{Actor, MerchantId};
use kassa_http::{ApiError, Caller, Parameters};
use kassa_wire::error::ErrorCode;

/// A page of the lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageKind {
    Sessions,
    Session(String),
    Faults,
    Inbox,
    Journal,
    Merchants,
}

impl PageKind {
    /// The pages with a tab, the end of the tab's test id, and its label.
    pub(super) const TABS: [(Self, &str, &str); 5] = [
        (Self::Sessions, "sessions", "Sessions"),
        (Self::Faults, "faults", "Faults"),
        (Self::Inbox, "inbox", "Inbox"),
        (Self::Journal, "journal", "Journal"),
        (Self::Merchants, "merchants", "Merchants"),
    ];

    fn of(path: &HashMap<String, String>) -> Option<Self> {
        if let Some(id) = path.get("session") {
            return Some(Self::Session(id.clone()));
        }
        match path.get("place").map(String::as_str) {
            None => Some(Self::Sessions),
            Some("faults" | "weather") => Some(Self::Faults),
            Some("inbox") => Some(Self::Inbox),
            Some("journal") => Some(Self::Journal),
            Some("merchants") => Some(Self::Merchants),
            Some(_) => None,
        }
    }

    /// Returns the page's path below the merchant's.
    fn path(&self) -> String {
        match self {
            Self::Sessions => String::new(),
            Self::Session(id) => format!("/sessions/{id}"),
            Self::Faults => "/faults".to_string(),
            Self::Inbox => "/inbox".to_string(),
            Self::Journal => "/journal".to_string(),
            Self::Merchants => "/merchants".to_string(),
        }
    }
}

/// The merchant whose lab is shown, and the page.
#[derive(Clone)]
pub(super) struct PageRequest {
    pub(super) lab: Lab,
    pub(super) merchant: Arc<Merchant>,
    pub(super) place: PageKind,
    /// The query parameters of the page's address.
    pub(super) parameters: Parameters,
}

impl FromRequestParts<Lab> for PageRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, lab: &Lab) -> Result<Self, ApiError> {
        let no_such_page = || ApiError::without_message(ErrorCode::NotFound);
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, lab).await;
        let Path(path) = path.map_err(|_| no_such_page())?;
        let merchant = path.get("merchant").map(MerchantId::new).ok_or_else(no_such_page)?;
        let merchant = merchant_with_page(lab, &merchant).await?.ok_or_else(|| {
            ApiError::refused(ErrorCode::NotFound, "There is no such merchant. It may have been deleted.")
        })?;
        let place = PageKind::of(&path).ok_or_else(no_such_page)?;
        let Ok(parameters) = Parameters::from_request_parts(parts, lab).await;
        Ok(Self { lab: lab.clone(), merchant, place, parameters })
    }
}

/// Returns the merchant if its lab has a page: the merchant that the page was opened for, or one that the lab created.
async fn merchant_with_page(lab: &Lab, id: &MerchantId) -> Result<Option<Arc<Merchant>>, ApiError> {
    let is_open =
        lab.page_merchant.get() == Some(id) || lab.controls.maker_of_test_merchant(id).await?.is_some();
    if !is_open {
        return Ok(None);
    }
    Ok(lab.accounts.merchant(id).await?)
}

impl PageRequest {
    /// Returns the merchant as a caller of the API, at the current time.
    pub(super) fn caller(&self) -> Caller {
        let now = self.lab.clock.now(&self.merchant.id);
        Caller { merchant: self.merchant.clone(), actor: Actor::Lab, now }
    }

    /// Returns the address of the current page, with its query.
    pub(super) fn address(&self) -> String {
        format!("{}?{}", self.href(&self.place), self.parameters)
    }

    /// Returns the address of a page of this merchant's lab.
    pub(super) fn href(&self, place: &PageKind) -> String {
        format!("/lab/of/{}{}", self.merchant.id, place.path())
    }

    /// Returns the address of a session's page.
    pub(super) fn session_href(&self, id: &str) -> String {
        self.href(&PageKind::Session(id.to_string()))
    }
}
