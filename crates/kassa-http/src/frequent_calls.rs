//! A table of the calls that merchants make most often, in front of the router.
//!
//! The router's own work is a fifth of the CPU of a read: it looks for the route, keeps its parameters, and copies and
//! boxes each layer. The table runs the same handlers under the same rules without that work. All other calls are left
//! to the router (docs/decisions/0086-frequent-calls-need-no-router.md).

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use futures_util::future::BoxFuture;
use http::Method;

use crate::answer::answered;
use crate::calls::Calls;
use crate::rate_limit::{RateLimitLayer, limited};
use crate::route::FrequentPath;

/// A handler that has its state.
type StatefulHandler = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// The table, and the rules for its calls.
pub struct FrequentCalls {
    /// Names, measures and completes the calls.
    pub calls: Calls,
    /// Limits the calls of each merchant, unless there are no limits.
    pub limits: Option<RateLimitLayer>,
    /// The calls.
    pub table: Vec<FrequentCall>,
}

/// One call of the table.
pub struct FrequentCall {
    method: Method,
    route: Arc<str>,
    /// The part of the route before its parameter.
    prefix: String,
    has_parameter: bool,
    answer: StatefulHandler,
}

impl FrequentCall {
    /// A call with a route such as `/hpp/v1/sessions` or `/hpp/v1/sessions/{session_id}`: it has no parameter, or one
    /// at its end.
    #[must_use]
    pub fn new((method, route, answer): (Method, String, StatefulHandler)) -> Self {
        let (prefix, has_parameter) = match route.split_once('{') {
            Some((prefix, _)) => (prefix, true),
            None => (&*route, false),
        };
        Self { method, prefix: prefix.to_string(), has_parameter, answer, route: route.into() }
    }

    /// The path of a request, if it is one of this call. The router decodes paths with escaped letters.
    fn path(&self, method: &Method, path: &str) -> Option<FrequentPath> {
        let rest = path.strip_prefix(&self.prefix).filter(|_| *method == self.method)?;
        let fits = match self.has_parameter {
            true => !rest.is_empty() && !rest.contains(['/', '%']),
            false => rest.is_empty(),
        };
        let parameter = self.has_parameter.then(|| rest.to_string());
        fits.then(|| FrequentPath { route: self.route.clone(), parameter })
    }
}

/// A request that the table found.
pub(crate) struct Found<'a> {
    all: &'a FrequentCalls,
    call: &'a FrequentCall,
    path: FrequentPath,
}

impl FrequentCalls {
    /// Looks for the call of a request.
    pub(crate) fn find(&self, request: &Request) -> Option<Found<'_>> {
        let (method, path) = (request.method(), request.uri().path());
        self.table.iter().find_map(|call| call.path(method, path).map(|path| Found { all: self, call, path }))
    }
}

impl<'a> Found<'a> {
    /// Answers the request under the rules for every call of an API. The future is large, so it is in a box: otherwise
    /// each function that awaits it would copy it.
    pub(crate) fn answer(self, mut request: Request) -> BoxFuture<'a, Response> {
        let Self { all: FrequentCalls { calls, limits, .. }, call, path } = self;
        request.extensions_mut().insert(path);
        match limits {
            None => Box::pin(answered(calls, request, &*call.answer)),
            Some(limits) => {
                Box::pin(answered(calls, request, |request| limited(limits, request, &*call.answer)))
            }
        }
    }
}
