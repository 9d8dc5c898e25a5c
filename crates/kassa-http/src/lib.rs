//! The parts that the handlers of every API share: the caller, the body and the query of a call, its answer and its
//! errors.

mod absent_apis;
mod answer;
mod api_error;
mod authentication;
mod body;
mod call_origin;
mod calls;
mod cookies;
mod cross_site;
mod frequent_calls;
mod idempotency_key;
mod link_base;
mod measured;
mod observation;
mod operations;
mod page_host;
mod parameters;
mod proxies;
mod public_paths;
mod rate_limit;
mod recorder;
mod request_log;
mod route;
mod served_routes;
mod traced;

pub use absent_apis::no_such_path;
pub use answer::{
    JSON, PassedOn, RETRY_AFTER_S, RequestSummary, add_headers, answer_to_panic, refuse,
    refuse_before_routing, refuse_while_starting, run_call, with_error_body,
};
pub use api_error::ApiError;
pub use authentication::{Caller, Operator};
pub use body::{Body, Json, LARGEST_BODY, body_timed_out};
pub use call_origin::CallOrigin;
pub use calls::Calls;
pub use cookies::cookie_in;
pub use cross_site::{CrossSiteCheck, surface_of};
pub use frequent_calls::{ApiRules, CallRules, FrequentCalls, StatefulHandler};
pub use idempotency_key::{IdempotencyKey, StoredAnswers, fingerprint};
pub use link_base::{CalledHost, LinkBase};
pub use measured::measure_call;
pub use observation::{
    FinishedRequest, RequestFacts, RequestObserver, RequestSubject, note_actor, note_authorization,
    note_page_session, note_page_session_id, note_payment_session, note_payment_session_id, note_snapshot,
    with_facts,
};
pub use operations::{HealthSlot, OperationalPaths, Operations};
pub use page_host::PageHost;
pub use parameters::Parameters;
pub use proxies::{is_among, is_local_and_direct, nearest_untrusted_address, refusal_without_proxy, shown};
pub use public_paths::{AsCalled, PublicPaths};
pub use rate_limit::{RateLimitLayer, limit_rate};
pub use request_log::{REQUEST_LOG, RequestLog};
pub use route::PathParameter;
pub use served_routes::{AnsweringService, CutConnection, ServedRoutes, listen};
pub use traced::RequestOrigin;
