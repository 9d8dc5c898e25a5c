//! Who calls: HTTP Basic with a merchant's credential (spec 7).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use kassa_domain::merchant::Merchant;
use kassa_domain::{MerchantId, Timestamp};
use kassa_wire::error::ErrorCode;

use crate::api_error::ApiError;
use crate::app::App;

/// The merchant that calls, and the time as it is for it.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) merchant: Arc<Merchant>,
    pub(crate) now: Timestamp,
}

impl Caller {
    /// Whether a row belongs to the caller. What does not is answered as if it were absent.
    pub(crate) fn owns(&self, merchant: &MerchantId) -> bool {
        self.merchant.id == *merchant
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        // The lab asks before the handler does.
        if let Some(known) = parts.extensions.remove::<Self>() {
            return Ok(known);
        }
        let unauthorized = || ApiError::bare(ErrorCode::Unauthorized);
        let (username, password) = basic(parts).ok_or_else(unauthorized)?;
        let found = app.merchants.credential(&username).await?;
        // An unknown name costs as much as a wrong password.
        let hash = found.as_ref().map_or("", |found| &found.1.secret_hash);
        let is_right = app.keys.is_secret_of(&password, hash);
        let found = found.ok_or_else(unauthorized)?;
        let (merchant, credential) = &*found;
        if !is_right || credential.revoked_at.is_some() {
            return Err(unauthorized());
        }
        Ok(Self { merchant: merchant.clone(), now: app.clock.now(&merchant.id) })
    }
}

/// Name and password of the call.
pub(crate) fn basic(parts: &Parts) -> Option<(String, String)> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (username, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((username.to_string(), password.to_string()))
}
