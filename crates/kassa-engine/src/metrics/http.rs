//! Metrics of the calls that a node answers.
//!
//! The labels are bounded: `route` is a pattern of the router and never a path, and other labels come from fixed
//! lists. The counters of a route are looked up once for each call, and a lookup copies no text.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use http::Method;
use parking_lot::RwLock;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use tokio::time::Instant;

use super::catalogue::MetricGroup;

/// The bounds of the histogram, in seconds: from half a millisecond to ten seconds.
const BOUNDS_S: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The methods that have a label of their own. The last one is the label of every other method.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];

/// The statuses that have a label of their own.
const STATUSES: [u16; 31] = [
    101, 200, 201, 202, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412,
    413, 415, 422, 429, 431, 500, 501, 502, 503, 504,
];

/// The label of a call whose caller closed the connection before the answer.
const NO_ANSWER: &str = "none";

/// Maximum number of routes with lines of their own. A router has about a hundred.
const MOST_ROUTES: usize = 500;

/// The route of all others.
const OTHER_ROUTE: &str = "other";

/// The route of calls that no route matches.
const NO_ROUTE: &str = "none";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Routed {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    reason: &'static str,
}

/// The reason why a listener refused a request before it reached a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// The listener, or the caller's share of it, has no place for another connection.
    NoPlace,
    /// The caller has too many calls in flight.
    TooManyCalls,
    /// The head of the request cannot be read, or is too large.
    BadHead,
    /// The body did not arrive in time.
    SlowBody,
}

impl RefusalReason {
    const ALL: [Self; 4] = [Self::NoPlace, Self::TooManyCalls, Self::BadHead, Self::SlowBody];

    const fn as_str(self) -> &'static str {
        match self {
            Self::NoPlace => "no_place",
            Self::TooManyCalls => "too_many_calls",
            Self::BadHead => "bad_head",
            Self::SlowBody => "slow_body",
        }
    }
}

/// The counters of the calls that a node answers. A clone shares the figures.
#[derive(Clone, Default)]
pub struct HttpMetrics(Arc<Counters>);

struct Counters {
    answered: Family<Answered, Counter>,
    seconds: Family<Routed, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    refused: Family<Refused, Counter>,
    routes: RwLock<HashMap<Box<str>, Arc<Route>>>,
}

impl Default for Counters {
    fn default() -> Self {
        let refused = Family::<Refused, Counter>::default();
        for reason in RefusalReason::ALL {
            // Each is exported from the start, so that the first refusals already have a rate.
            let _ = refused.get_or_create(&Refused { reason: reason.as_str() });
        }
        Self {
            refused,
            answered: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BOUNDS_S)),
            in_flight: Gauge::default(),
            routes: RwLock::default(),
        }
    }
}

/// The counters of one route, each made when it is first needed.
struct Route {
    name: Box<str>,
    methods: [OfMethod; METHODS.len()],
}

/// The counters of one method of a route. The last two are of other statuses, and of calls without an answer.
struct OfMethod {
    seconds: OnceLock<Histogram>,
    answered: [OnceLock<Counter>; STATUSES.len() + 2],
}

impl Default for OfMethod {
    fn default() -> Self {
        Self { seconds: OnceLock::new(), answered: [const { OnceLock::new() }; STATUSES.len() + 2] }
    }
}

/// Whether the time of a call says something about this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallPace {
    /// The node answers as fast as it can.
    Immediate,
    /// The caller asked the node to wait for news.
    LongPoll,
}

impl HttpMetrics {
    pub(super) fn describe_in(&self, group: &mut MetricGroup<'_>) {
        let Counters { answered, seconds, in_flight, refused, .. } = &*self.0;
        group.add_with(
            "http_requests",
            &["route", "method", "status"],
            "Calls that were answered; `status` is `none` if the caller closed the connection before the answer",
            answered.clone(),
        );
        group.add_with(
            "http_request_duration_seconds",
            &["route", "method"],
            "Time from the head of a call to the head of its answer, without long polls",
            seconds.clone(),
        );
        group.add("http_requests_in_flight", "Calls that are being answered now", in_flight.clone());
        group.add_with(
            "http_refused_requests",
            &["reason"],
            "Requests that the listener refused before a route: `no_place` and `too_many_calls` (503), `bad_head` \
             (400, 431), `slow_body` (408)",
            refused.clone(),
        );
    }

    /// The listener refused a request.
    pub fn refused(&self, reason: RefusalReason) {
        self.0.refused.get_or_create(&Refused { reason: reason.as_str() }).inc();
    }

    /// A call begins. `route` is the pattern of its route, if there is one.
    #[must_use]
    pub fn begin(&self, route: Option<&str>, method: &Method, pace: CallPace) -> MeasuredCall {
        let route = self.route(route.unwrap_or(NO_ROUTE));
        self.0.in_flight.inc();
        let counters = self.0.clone();
        MeasuredCall {
            counters,
            route,
            method: place_of(method),
            pace,
            began_at: Instant::now(),
            status: None,
        }
    }

    fn route(&self, name: &str) -> Arc<Route> {
        if let Some(route) = self.0.routes.read().get(name) {
            return route.clone();
        }
        let mut routes = self.0.routes.write();
        let name = if routes.len() < MOST_ROUTES { name } else { OTHER_ROUTE };
        let new = || Arc::new(Route { name: name.into(), methods: Default::default() });
        routes.entry(name.into()).or_insert_with(new).clone()
    }
}

/// A call that is being answered. It is counted when this value is dropped.
pub struct MeasuredCall {
    counters: Arc<Counters>,
    route: Arc<Route>,
    method: usize,
    pace: CallPace,
    began_at: Instant,
    status: Option<u16>,
}

impl MeasuredCall {
    /// The call is answered with this status.
    pub fn answered(mut self, status: u16) {
        self.status = Some(status);
    }

    fn count(&self, place: usize, status: impl FnOnce() -> String) {
        let of_method = &self.route.methods[self.method];
        let labels = || Answered {
            route: self.route.name.to_string(),
            method: METHODS[self.method],
            status: status(),
        };
        of_method.answered[place].get_or_init(|| self.counters.answered.get_or_create_owned(&labels())).inc();
    }

    fn time(&self) {
        let of_method = &self.route.methods[self.method];
        let labels = || Routed { route: self.route.name.to_string(), method: METHODS[self.method] };
        let seconds = of_method.seconds.get_or_init(|| self.counters.seconds.get_or_create_owned(&labels()));
        seconds.observe(self.began_at.elapsed().as_secs_f64());
    }
}

impl Drop for MeasuredCall {
    fn drop(&mut self) {
        self.counters.in_flight.dec();
        let Some(status) = self.status else {
            return self.count(STATUSES.len() + 1, || NO_ANSWER.to_string());
        };
        match STATUSES.binary_search(&status) {
            Ok(place) => self.count(place, || status.to_string()),
            Err(_) => self.count(STATUSES.len(), || "other".to_string()),
        }
        match self.pace {
            CallPace::Immediate => self.time(),
            CallPace::LongPoll => {}
        }
    }
}

fn place_of(method: &Method) -> usize {
    METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that calls with these routes, methods and statuses make.
    fn lines(calls: impl IntoIterator<Item = (String, String, u16)>) -> usize {
        let metrics = HttpMetrics::default();
        for (route, method, status) in calls {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            metrics.begin(Some(&route), &method, CallPace::Immediate).answered(status);
        }
        let mut catalogue = super::super::catalogue::Catalogue::new();
        metrics.describe_in(&mut catalogue.group("kassa"));
        let mut page = String::new();
        prometheus_client::encoding::text::encode(&mut page, catalogue.registry()).unwrap();
        page.lines().filter(|line| line.starts_with("kassa_http_requests_total")).count()
    }

    #[test]
    fn strange_methods_and_statuses_share_a_label() {
        let method = |number: u16| (String::from("/hpp"), format!("M{number}"), 200);
        assert_eq!(lines((0..1000).map(method)), 1);
        let status = |status: u16| (String::from("/hpp"), String::from("GET"), status);
        assert_eq!(lines((100..1000).map(status)), STATUSES.len() + 1);
    }

    #[test]
    fn more_routes_than_a_router_has_share_a_label() {
        let route = |number: usize| (format!("/{number}"), String::from("GET"), 200);
        assert_eq!(lines((0..2 * MOST_ROUTES).map(route)), MOST_ROUTES + 1);
    }

    #[test]
    fn every_status_of_an_error_has_its_own_label() {
        for code in kassa_wire::error::ErrorCode::ALL {
            assert!(STATUSES.binary_search(&code.http_status()).is_ok(), "{}", code.http_status());
        }
        assert!(STATUSES.is_sorted());
    }

    #[test]
    fn a_caller_that_leaves_is_counted() {
        let metrics = HttpMetrics::default();
        drop(metrics.begin(Some("/hpp"), &Method::GET, CallPace::Immediate));
        let labels = Answered { route: "/hpp".to_string(), method: "GET", status: NO_ANSWER.to_string() };
        assert_eq!(metrics.0.answered.get_or_create(&labels).get(), 1);
        assert_eq!(metrics.0.in_flight.get(), 0);
    }
}
