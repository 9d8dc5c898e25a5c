//! The route of a request, and the parameter in its path: from the table of frequent calls, or from the router.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Path};
use axum::response::{IntoResponse as _, Response};
use http::Extensions;
use http::request::Parts;

/// The route of a request that the table found, and the parameter in its path. An extension of the request.
#[derive(Clone)]
pub(crate) struct FrequentPath {
    /// The pattern of the path.
    pub(crate) route: Arc<str>,
    /// The parameter, until the handler takes it.
    pub(crate) parameter: Option<String>,
}

/// The route of a request: the pattern of its path.
pub(crate) enum Route {
    /// The table found it.
    Frequent(Arc<str>),
    /// The router found it.
    Matched(MatchedPath),
    /// No route fits.
    Unknown,
}

impl Route {
    /// The route of a request with these extensions.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        match (extensions.get::<FrequentPath>(), extensions.get::<MatchedPath>()) {
            (Some(path), _) => Self::Frequent(path.route.clone()),
            (None, Some(path)) => Self::Matched(path.clone()),
            (None, None) => Self::Unknown,
        }
    }

    /// The pattern.
    pub(crate) fn known(&self) -> Option<&str> {
        match self {
            Self::Frequent(route) => Some(route),
            Self::Matched(path) => Some(path.as_str()),
            Self::Unknown => None,
        }
    }

    /// The pattern; `none` if no route fits.
    pub(crate) fn as_str(&self) -> &str {
        self.known().unwrap_or("none")
    }
}

/// The only parameter in a path.
pub struct PathParameter(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathParameter {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        if let Some(parameter) =
            parts.extensions.get_mut::<FrequentPath>().and_then(|path| path.parameter.take())
        {
            return Ok(Self(parameter));
        }
        match Path::from_request_parts(parts, state).await {
            Ok(Path(parameter)) => Ok(Self(parameter)),
            Err(rejection) => Err(rejection.into_response()),
        }
    }
}
