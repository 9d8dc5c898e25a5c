//! Calls a running Kassa over HTTP with a merchant's credential.

use std::time::Duration;

use anyhow::{Context, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use clap::Args;
use http::{Method, StatusCode};
use kassa_outgoing::{Call, LARGEST_ANSWER, Network, Outgoing, OutgoingPolicy, ProxyRules};
use kassa_wire::one_line::one_line;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::environment::{shown, trimmed, url_of_option};
use crate::failure::Failure;
use crate::output::print;
use crate::stop::Stop;

/// The time for one call.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// The options that name the Kassa to call and the credential. The defaults fit `kassa dev`.
#[derive(Args)]
pub(crate) struct Remote {
    /// Base URL of the running Kassa.
    #[arg(long, env = "KASSA_URL", hide_env_values = true, default_value = "http://127.0.0.1:8080")]
    #[arg(value_parser = url_of_option)]
    url: String,
    #[command(flatten)]
    credential: Credential,
    /// Print the answer as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A merchant's credential for the API. The default is the published credential of `kassa dev`.
#[derive(Args, Clone)]
pub(crate) struct Credential {
    /// Username of the merchant's credential.
    #[arg(long, env = "KASSA_USERNAME", default_value = "PK00000_dev", value_parser = trimmed)]
    pub(crate) username: String,
    /// Password of the merchant's credential.
    #[arg(long, env = "KASSA_PASSWORD", default_value = "dev", hide_env_values = true, allow_hyphen_values = true,
          value_parser = trimmed)]
    pub(crate) password: String,
}

impl Credential {
    /// The headers of a call with a JSON body.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let basic = STANDARD.encode(format!("{}:{}", self.username, self.password));
        vec![("authorization", format!("Basic {basic}")), ("content-type", "application/json".to_string())]
    }
}

impl Remote {
    pub(crate) fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, &Value::Null)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::POST, path, body)
    }

    pub(crate) fn delete(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::DELETE, path, &Value::Null)
    }

    /// Prints an answer as JSON if the user asked for it, and otherwise as `for_people` formats it.
    pub(crate) fn print(
        &self,
        answer: &Value,
        for_people: impl FnOnce(&Value) -> String,
    ) -> Result<(), Failure> {
        if self.json { print(answer) } else { print(for_people(answer)) }
    }

    fn call(&self, method: Method, path: &str, body: &Value) -> Result<Value, Failure> {
        runtime()?.block_on(self.ask(&network()?, method, path, body))
    }

    /// Reads paths one after the other, until one of the signals or until the reader closes the pipe. `show` gets each
    /// answer, and returns the next path.
    pub(crate) fn follow(
        &self,
        mut path: String,
        mut show: impl FnMut(&Value) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        let network = network()?;
        runtime()?.block_on(async {
            let mut stop = Stop::listen()?;
            loop {
                let answer = tokio::select! {
                    answer = self.ask(&network, Method::GET, &path, &Value::Null) => answer?,
                    () = stop.asked_for() => return Ok(()),
                };
                path = show(&answer)?;
            }
        })
    }

    async fn ask(
        &self,
        network: &Network,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        let method_is_safe = method.is_safe();
        let call = Call {
            method,
            url: format!("{}{path}", self.url.trim_end_matches('/')),
            headers: self.credential.headers(),
            body: if body.is_null() { Bytes::new() } else { body.to_string().into() },
            timeout: TIMEOUT,
            answer_limit: LARGEST_ANSWER,
            is_repeatable: method_is_safe,
        };
        let answer = network.call(call).await.map_err(|error| {
            anyhow!(
                "{} does not answer: {error}. Is Kassa running there? Say where with --url.",
                shown(&self.url)
            )
        })?;
        let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        if answer.status.is_success() {
            return Ok(said);
        }
        Err(Failure::Fault(self.refusal(answer.status, &said)))
    }

    fn refusal(&self, status: StatusCode, said: &Value) -> anyhow::Error {
        if status == StatusCode::UNAUTHORIZED {
            let username = &self.credential.username;
            return anyhow!(
                "the password of {username} is wrong, or there is no such credential: give --username and --password"
            );
        }
        let messages: Vec<&str> =
            said["error_messages"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match (said["error_code"].as_str().map(one_line), messages.is_empty()) {
            (Some(code), true) => anyhow!("{code} ({status})"),
            (Some(code), false) => anyhow!("{} ({code})", one_line(&messages.join("; "))),
            (None, _) => {
                anyhow!("{} answered {status}, but not as Kassa does: check --url", shown(&self.url))
            }
        }
    }
}

fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.context("no runtime could be started")?)
}

fn network() -> Result<Network, Failure> {
    let network = Network::with_proxies(OutgoingPolicy::for_this_machine(), ProxyRules::of_environment());
    Ok(network.context("the platform's TLS roots cannot be used")?)
}

/// The query of a path, with encoded values.
pub(crate) fn query(parameters: &[(&str, Option<String>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::from("?"));
    for (name, value) in parameters {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

/// Encodes one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
