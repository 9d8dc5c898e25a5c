//! Calls a running Kassa over HTTP with a merchant's credential.

use std::time::Duration;

use anyhow::{Context, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use clap::Args;
use http::{Method, StatusCode};
use kassa_outgoing::{
    Call, CallError, CallErrorKind, LARGEST_ANSWER, Network, Outgoing, OutgoingPolicy, ProxyRules,
};
use kassa_wire::one_line::one_line;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::environment::{shown, trimmed, url_of_option, variable};
use crate::failure::Failure;
use crate::output::print;
use crate::stop::Stop;

/// The time for one call.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// The published credential of `kassa dev`.
const PUBLISHED: (&str, &str) = ("PK00000_dev", "dev");

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
    #[arg(long, env = "KASSA_USERNAME", default_value = PUBLISHED.0, value_parser = trimmed)]
    pub(crate) username: String,
    /// Password of the merchant's credential.
    #[arg(long, env = "KASSA_PASSWORD", default_value = PUBLISHED.1, hide_env_values = true, allow_hyphen_values = true,
          value_parser = trimmed)]
    pub(crate) password: String,
}

impl Credential {
    /// Names the credential for messages, without its password.
    fn shown(&self) -> String {
        let origin = match () {
            () if (&*self.username, &*self.password) == PUBLISHED => "the default, which fits kassa dev",
            () if variable("KASSA_USERNAME").as_deref() == Some(&*self.username) => "from KASSA_USERNAME",
            () if self.username == PUBLISHED.0 => "the default, with another password",
            () => "from --username",
        };
        format!("{} ({origin})", one_line(&self.username))
    }

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
        self.try_call(method, path, body)?.map_err(|refusal| self.explained(&refusal))
    }

    /// Makes one call, for a caller that explains the refusal itself.
    pub(crate) fn try_call(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Result<Value, Refusal>, Failure> {
        runtime()?.block_on(self.send(&network()?, method, path, body))
    }

    /// Whether there is something at a path. Only the status 404 says that there is nothing.
    pub(crate) fn has(&self, path: &str) -> Result<bool, Failure> {
        match self.try_call(Method::GET, path, &Value::Null)? {
            Ok(_) => Ok(true),
            Err(refusal) if refusal.status == StatusCode::NOT_FOUND => Ok(false),
            Err(refusal) => Err(self.explained(&refusal)),
        }
    }

    /// The URL of a path, without a user or a password that the base URL may have.
    pub(crate) fn url_of(&self, path: &str) -> String {
        format!("{}{path}", shown(&self.url))
    }

    /// The base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The credential.
    pub(crate) const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The username of the credential.
    pub(crate) fn username(&self) -> &str {
        &self.credential.username
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
        self.send(network, method, path, body).await?.map_err(|refusal| self.explained(&refusal))
    }

    async fn send(
        &self,
        network: &Network,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Result<Value, Refusal>, Failure> {
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
        let answer = network.call(call).await.map_err(|error| self.without_answer(&error))?;
        let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let is_success = answer.status.is_success();
        Ok(if is_success { Ok(said) } else { Err(Refusal { status: answer.status, said }) })
    }

    fn without_answer(&self, error: &CallError) -> anyhow::Error {
        match error.kind {
            CallErrorKind::ConnectFailed
            | CallErrorKind::NameNotResolved
            | CallErrorKind::NoPublicAddress
            | CallErrorKind::NotHttp => anyhow!("{} ({error})", no_kassa_at(&self.url)),
            CallErrorKind::Refused | CallErrorKind::NotCallable | CallErrorKind::Fault => {
                anyhow!("{} was not called: {error}. Check --url or KASSA_URL", shown(&self.url))
            }
            CallErrorKind::TlsFailed => anyhow!(
                "{} gives no answer: {error}. If it has a certificate of its own, set SSL_CERT_FILE to the file of its \
                 authority, which kassa dev --tls prints",
                shown(&self.url)
            ),
            CallErrorKind::TimedOut | CallErrorKind::ConnectionLost => {
                anyhow!("{} gives no answer: {error}. Check --url or KASSA_URL", shown(&self.url))
            }
        }
    }

    /// The failure of a call that Kassa refused.
    pub(crate) fn explained(&self, refusal: &Refusal) -> Failure {
        let status = refusal.status;
        if status == StatusCode::UNAUTHORIZED {
            return Failure::Fault(anyhow!(
                "{} refuses the credential {}: the password is wrong, or there is no such credential. To use another \
                 one, give --username and --password, or set KASSA_USERNAME and KASSA_PASSWORD",
                shown(&self.url),
                self.credential.shown()
            ));
        }
        Failure::Fault(refusal.in_words().unwrap_or_else(|| {
            anyhow!("{} answered {status}, but not as Kassa does: check --url", shown(&self.url))
        }))
    }
}

/// An answer that refuses a call.
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    said: Value,
}

impl Refusal {
    /// The messages and the code of Kassa's error body; `None` if the answer has none.
    fn in_words(&self) -> Option<anyhow::Error> {
        let messages = self.said["error_messages"].as_array().into_iter().flatten();
        let messages: Vec<&str> = messages.filter_map(Value::as_str).collect();
        let code = one_line(self.said["error_code"].as_str()?);
        Some(match messages.is_empty() {
            true => anyhow!("{code} ({})", self.status),
            false => anyhow!("{} ({code})", one_line(&messages.join("; "))),
        })
    }

    /// The same words, as the beginning of a longer message.
    pub(crate) fn words(&self) -> String {
        self.in_words().map_or_else(|| self.status.to_string(), |error| error.to_string())
    }
}

/// The message that no Kassa answers at this URL.
pub(crate) fn no_kassa_at(url: &str) -> String {
    format!(
        "No Kassa answers at {}. Start one: kassa dev. If it runs at another address, give --url or KASSA_URL",
        shown(url)
    )
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
