//! The engine: status changes, the consumer's actions, callbacks, retention, accounts and long polls.
//!
//! The engine decides and stores; it speaks no HTTP to callers. Each capability is a small value that a router can ask
//! for, so that its signature says what it can access. Only the engine changes a status: `advance` is private to it.

mod accounts;
mod advance;
mod audit;
mod callbacks;
mod capabilities;
mod change_log;
mod clock;
mod consumer;
mod consumers;
mod courier;
mod encryption;
mod engine;
mod error;
mod expiry;
mod health;
mod id_check;
mod ids;
mod keys;
mod limits;
mod links;
mod log_throttle;
mod merchant_limits;
mod merchant_links;
mod messages;
mod metrics;
mod mode;
mod news;
mod notifications;
mod operations;
mod pace;
mod page_rules;
mod parts;
mod payment_accounts;
mod payment_system;
mod payments;
mod profiles;
mod random;
mod rate_limits;
mod reads;
mod redelivery;
mod remote;
mod requests;
mod session_timers;
mod shared_time;
mod snapshot;
mod suspension;
mod test_controls;
mod timeline;
mod traces;

pub use accounts::{
    AccountCreation, Accounts, AdmittedLogin, Audience, CallerFingerprint, DEV_MERCHANT, DevAccount,
    DevCredential, LoggedIn, Login, LoginFailure, NAME_RULE, OpenIdAttempt, OpenIdPerson, OpenIdSignIn,
    OperatorChange, OperatorPassword, PASSWORD_RULE, PasswordChoice, RevokeOutcome, SandboxAccounts,
    SignedInOperator, is_name,
};
pub use advance::Advanced;
pub use audit::{
    Act, ActKind, AuditExport, AuditProblem, AuditTrail, ExportFilter, FileCheck, FileProblem, Progress,
    Requester, VerifiedTrail, VerifyError,
};
pub use callbacks::Delivery;
pub use capabilities::{Capabilities, EngineSetup};
pub use change_log::{CALLBACK_LOG, STATUS_LOG};
pub use clock::{Clock, Monotonic, SystemClock};
pub use consumer::Paid;
pub use consumers::{ConsumerErasure, Consumers, WrongSearch};
pub use courier::{AttemptOutcome, Courier, NetworkCourier};
pub use engine::{Engine, PageSessionCreation};
pub use error::EngineError;
pub use expiry::ClassRetention;
pub use health::{Health, NoMetrics, NotReady};
pub use ids::{
    first_uuid_of, new_authorization_token, new_klarna_reference, new_nonce, new_order_id,
    new_page_session_id, new_payment_session_id, new_secret, new_uuid,
};
pub use kassa_domain::page_session::{ShopColors, ShopLinks};
pub use kassa_store::{ConsumerSearch, SealScope, WrongIdentity};
pub use kassa_wire::audit::ActOrigin;
pub use limits::LimitPause;
pub use links::{Links, caller_address, reached_at};
pub use log_throttle::LogThrottle;
pub use merchant_links::{
    AppSchemes, as_uri, is_app_scheme, is_picture, link_source, picture_source, start_page,
};
pub use messages::{MessageChannel, Messenger, Messengers, OutgoingMessage, SendOutcome};
pub use metrics::{
    CallPace, DROPPED_LOG_LINES, HttpMetrics, MeasuredCall, MetricDescription, OpenIdResult,
    PaymentCallMetrics, PaymentCallOrigin, RefusalReason, metric_descriptions,
};
pub use mode::Mode;
pub use news::{LONGEST_WAIT_S, News, NewsSubscription, READ_AGAIN_MS, WaitOutcome};
pub use operations::{SettleOutcome, StuckVerdict, order_operation_id, release_operation_id};
pub use page_rules::{BadFields, is_shop_link, merchant_urls, page_options, shop_colors, shop_links};
pub use payment_accounts::{
    ACCOUNT_RULE, AccountKeys, BaseUrl, OnlyAccount, PaymentAccount, PaymentAccountError, PaymentAccounts,
    Reencryption, SetAccountOutcome, UnreadableAccount, UnreadableRow, WrongAccountKeys, WrongBaseUrl,
};
pub use payment_system::{
    Approval, CallBreaker, CallBreakers, Captures, Consumer, Decision, EndedFraudCheck, LocalPayments,
    Missing, NoAnswer, Operation, Outcome, PaymentCall, PaymentRead, PaymentSystem, PaymentSystems,
    Placement, Presentation, ReadBudget, ReadCause, RedirectPayments, RedirectPresentation,
    ScriptPresentation, ScriptSources, SignUp, Standing, StartAddresses, StartChoice, StartOutcome,
    UnreadableContent,
};
pub use payments::Payments;
pub use profiles::{AppliedProfile, FilledCreation, ProfileChange, Profiles};
pub use random::{Random, SeededRandom, SystemRandom};
pub use rate_limits::{CountedCall, RateCategory, RateLimits, Rates};
pub use reads::Reads;
pub use redelivery::RedeliveryError;
pub use remote::{Adoption, ClaimKind, PaymentClaim, PaymentStart, Reachability, Visit};
pub use requests::{RequestRecord, Requests};
pub use snapshot::{session_snapshot, session_status};
pub use test_controls::{FraudCheckEnd, TestControls};
pub use timeline::{HistoryRows, SessionHistory, Timelines, history_actor, history_attempt};
pub use traces::{
    FinishedSpan, OpenSpan, SpanKind, SpanPlace, SpanSink, SpanValue, TraceParent, Traces, within,
};
