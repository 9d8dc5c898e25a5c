//! The outgoing network against addresses that it must not reach, receivers that misbehave, and TLS.

mod bad_receivers;
mod kept_connections;
mod malformed_heads;
mod names;
mod overslept;
mod proxies;
pub(crate) mod receiver;
mod refused_addresses;
mod tls;
pub(crate) mod tls_receiver;

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use ipnet::IpNet;
use kassa_outgoing::{
    AddressPolicy, Call, CallAnswer, CallError, CallErrorKind, LARGEST_ANSWER, Network, Outgoing,
    OutgoingPolicy, Ports,
};

/// A timeout that must expire in the test.
const SHORT: Duration = Duration::from_millis(200);

/// A timeout that must expire in the test, but only after the connection was made, even on a busy machine.
const ROOMY: Duration = Duration::from_secs(2);

/// A timeout that never expires, even on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// A repeatable call with a long timeout.
fn call(url: impl Into<String>) -> Call {
    Call {
        method: Method::POST,
        url: url.into(),
        headers: vec![("content-type", "application/json".to_string())],
        body: Bytes::from_static(b"{}"),
        timeout: LONG,
        answer_limit: LARGEST_ANSWER,
        is_repeatable: true,
    }
}

/// A `GET` call.
pub(crate) fn get(url: String) -> Call {
    Call { method: Method::GET, body: Bytes::new(), ..call(url) }
}

/// A network that may reach every address. The system resolves names.
fn open_network() -> Network {
    Network::new(OutgoingPolicy::for_this_machine()).unwrap()
}

/// A policy in which 127.0.0.2 represents the public internet. Every other address is refused as usual.
fn only_127_0_0_2() -> OutgoingPolicy {
    let allowed_networks = vec!["127.0.0.2/32".parse::<IpNet>().unwrap()];
    let addresses = AddressPolicy { allowed_networks, allowed_ports: Ports::Any, ..AddressPolicy::default() };
    OutgoingPolicy { addresses, allows_http: true, extra_root: None }
}

/// The answer's status and body.
fn said(answer: &Result<CallAnswer, CallError>) -> String {
    match answer {
        Ok(answer) => format!("{} {}", answer.status.as_u16(), String::from_utf8_lossy(&answer.body)),
        Err(error) => error.to_string(),
    }
}

/// Asserts the kind of a failure. Returns its detail.
#[track_caller]
fn failed_as(kind: CallErrorKind, answer: Result<CallAnswer, CallError>) -> String {
    let error = answer.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    assert!(!error.detail.contains('\n'));
    error.detail
}

async fn make(network: &Network, call: Call) -> Result<CallAnswer, CallError> {
    network.call(call).await
}
