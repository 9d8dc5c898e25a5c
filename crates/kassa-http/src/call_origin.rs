//! The origin of a call that asks for an administrative act, for the audit trail.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use kassa_domain::Actor;
use kassa_engine::{ActOrigin, Requester};

use crate::calls::Calls;

/// The correlation id of a call, as an extension of the request. Only calls that may be administrative acts have it,
/// because it costs an allocation.
#[derive(Clone)]
pub(crate) struct CallId(Arc<str>);

impl CallId {
    /// The extension for a call, if its path may be that of an administrative act.
    pub(crate) fn of(path: &str, correlation_id: &str) -> Option<Self> {
        let is_administrative = path.starts_with("/kassa/v1/") || path.starts_with("/lab/");
        is_administrative.then(|| Self(correlation_id.into()))
    }
}

/// The origin of a call.
#[derive(Clone)]
pub struct CallOrigin(pub ActOrigin);

impl CallOrigin {
    /// The requester of the acts of this call.
    #[must_use]
    pub fn of(self, actor: &Actor) -> Requester {
        Requester { actor: actor.clone(), origin: self.0 }
    }
}

impl<S> FromRequestParts<S> for CallOrigin
where
    S: Send + Sync,
    Calls: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let address = Calls::from_ref(state).client(&parts.headers, &parts.extensions);
        let correlation_id = parts.extensions.get::<CallId>().map(|id| id.0.to_string());
        Ok(Self(ActOrigin::Api { address: address.map(|address| address.to_string()), correlation_id }))
    }
}
