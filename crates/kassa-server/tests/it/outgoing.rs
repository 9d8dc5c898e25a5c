//! The outgoing network against what it may meet: addresses it must not reach, receivers that misbehave, TLS.

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

/// A timeout that is meant to run out, whatever happens before.
const SHORT: Duration = Duration::from_millis(200);

/// A timeout that is meant to run out after the connection stands, also on a busy machine.
const ROOMY: Duration = Duration::from_secs(2);

/// A timeout that no busy machine reaches.
const LONG: Duration = Duration::from_secs(60);

/// A call that may be repeated, with time enough.
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

/// A call that asks for something.
pub(crate) fn get(url: String) -> Call {
    Call { method: Method::GET, body: Bytes::new(), ..call(url) }
}

/// A network that may reach everything, names resolved by the system.
fn open_network() -> Network {
    Network::new(OutgoingPolicy::for_this_machine()).unwrap()
}

/// A policy under which 127.0.0.2 stands for the public internet, and all else is as refused as ever.
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

/// Insists on a kind of failure; answers its detail.
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
