//! A table of the calls that merchants and consumers make most often, in front of the router.
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
pub type StatefulHandler = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// The rules for every call of an API or of a page. A layer of the router has the same.
pub trait CallRules: Send + Sync {
    /// Answers a call of this handler. The future is large, so it is in a box: otherwise each function that awaits it
    /// would copy it.
    fn answer<'a>(&'a self, request: Request, handler: &'a StatefulHandler) -> BoxFuture<'a, Response>;
}

/// The rules for the calls of an API.
pub struct ApiRules {
    /// Names, measures and completes the calls.
    pub calls: Calls,
    /// Limits the calls of each merchant, unless there are no limits.
    pub limits: Option<RateLimitLayer>,
}

impl CallRules for ApiRules {
    fn answer<'a>(&'a self, request: Request, handler: &'a StatefulHandler) -> BoxFuture<'a, Response> {
        let Self { calls, limits } = self;
        match limits {
            None => Box::pin(answered(calls, request, &**handler)),
            Some(limits) => {
                Box::pin(answered(calls, request, |request| limited(limits, request, &**handler)))
            }
        }
    }
}

/// The table.
pub struct FrequentCalls(Vec<FrequentCall>);

/// One call of the table.
struct FrequentCall {
    method: Method,
    route: Arc<str>,
    /// The parts of the route before and after its parameter. Without a parameter, the second is `None`.
    around_parameter: (String, Option<String>),
    handler: StatefulHandler,
    rules: Arc<dyn CallRules>,
}

impl FrequentCall {
    fn new(rules: Arc<dyn CallRules>, (method, route, handler): (Method, String, StatefulHandler)) -> Self {
        let around_parameter = around_parameter(&route);
        let around_parameter = around_parameter
            .unwrap_or_else(|| panic!("the only parameter of a frequent path is a whole segment: {route}"));
        Self { method, around_parameter, handler, rules, route: route.into() }
    }

    /// The path of a request, if it is one of this call. The router decodes paths with escaped letters.
    fn path(&self, method: &Method, path: &str) -> Option<FrequentPath> {
        let (before, after) = &self.around_parameter;
        let rest = path.strip_prefix(before).filter(|_| *method == self.method)?;
        let parameter = match after {
            None if rest.is_empty() => None,
            None => return None,
            Some(after) => {
                Some(rest.strip_suffix(after).filter(|found| is_plain_segment(found))?.to_string())
            }
        };
        Some(FrequentPath { route: self.route.clone(), parameter })
    }
}

/// The parts of a route before and after its parameter. `None` if it has several, or one that is not a whole segment.
fn around_parameter(route: &str) -> Option<(String, Option<String>)> {
    let Some((before, rest)) = route.split_once('{') else { return Some((route.to_string(), None)) };
    let (_, after) = rest.split_once('}')?;
    let is_segment = before.ends_with('/') && (after.is_empty() || after.starts_with('/'));
    (is_segment && !after.contains('{')).then(|| (before.to_string(), Some(after.to_string())))
}

fn is_plain_segment(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '%'])
}

/// A request that the table found.
pub(crate) struct Found<'a> {
    call: &'a FrequentCall,
    path: FrequentPath,
}

impl FrequentCalls {
    /// A table of calls under these rules, each with its method, route and handler. A route is such as
    /// `/hpp/v1/sessions` or `/pay/{token}/back`.
    ///
    /// # Panics
    ///
    /// Panics if a route has several parameters, or one that is not a whole segment.
    #[must_use]
    pub fn under(
        rules: impl CallRules + 'static,
        calls: impl IntoIterator<Item = (Method, String, StatefulHandler)>,
    ) -> Self {
        let rules = Arc::new(rules);
        Self(calls.into_iter().map(|call| FrequentCall::new(rules.clone(), call)).collect())
    }

    /// The calls of both tables.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Looks for the call of a request.
    pub(crate) fn find(&self, request: &Request) -> Option<Found<'_>> {
        let (method, path) = (request.method(), request.uri().path());
        self.0.iter().find_map(|call| call.path(method, path).map(|path| Found { call, path }))
    }
}

impl<'a> Found<'a> {
    /// Answers the request.
    pub(crate) fn answer(self, mut request: Request) -> BoxFuture<'a, Response> {
        request.extensions_mut().insert(self.path);
        self.call.rules.answer(request, &self.call.handler)
    }
}

#[cfg(test)]
mod tests {
    use super::around_parameter;

    #[test]
    fn the_only_parameter_of_a_frequent_path_is_a_whole_segment() {
        let found = |before: &str, after: Option<&str>| Some((before.to_string(), after.map(str::to_string)));
        assert_eq!(around_parameter("/hpp/v1/sessions"), found("/hpp/v1/sessions", None));
        assert_eq!(around_parameter("/hpp/v1/sessions/{session_id}"), found("/hpp/v1/sessions/", Some("")));
        assert_eq!(around_parameter("/pay/{token}/back"), found("/pay/", Some("/back")));
        for route in ["/a/{token}/{id}", "/a/b{token}", "/a/{token}b", "/a/{token"] {
            assert_eq!(around_parameter(route), None, "{route}");
        }
    }
}
