//! `kassa listen`: receives callbacks on this machine, verifies and prints them. It can also forward them or fail.

use std::io::{IsTerminal, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use kassa_client::client::Dependencies;
use kassa_client::ledger::RecordOutcome;
use kassa_client::listen::{ListenOptions, ReceivedCall, ShowCall, listen};
use kassa_client::receiver::{Outcome, Receiver, ReceiverError, SignatureRule, UrlSecret, VerifiedCallback};
use kassa_wire::one_line::one_line;
use serde_json::{Value, json};

use crate::environment::{http_url, trimmed};
use crate::failure::Failure;
use crate::listen_address;
use crate::output::standard_output;
use crate::stop::Stop;

/// The options of `kassa listen`.
#[derive(Args)]
pub(crate) struct Options {
    /// Address to listen on: `localhost:8090`, or `:8090` for every IPv4 address. Port 0 picks a free port.
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS", value_parser = listen_address::parse)]
    listen: SocketAddr,
    /// Secret that signs the callbacks (`whsec_...`, as `kassa dev` prints it). Give both secrets during a rotation.
    #[arg(long, env = "KASSA_CALLBACK_SECRET", hide_env_values = true, value_delimiter = ',',
          allow_hyphen_values = true, value_parser = trimmed)]
    secret: Vec<String>,
    /// Value that the URL's `secret` parameter must have, for a service that does not sign.
    #[arg(long, env = "KASSA_URL_SECRET", hide_env_values = true, value_delimiter = ',',
          allow_hyphen_values = true, value_parser = trimmed)]
    url_secret: Vec<String>,
    /// Forward authentic callbacks to this URL, and answer with its answer. `http://` may be left out:
    /// `localhost:3000/callbacks`.
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,
    /// Answer with this status instead of accepting the callback, so that the sender repeats it.
    #[arg(long, value_name = "STATUS", num_args = 0..=1, default_missing_value = "500",
          value_parser = clap::value_parser!(u16).range(300..600))]
    fail: Option<u16>,
    /// Fail only this many calls, then accept callbacks.
    #[arg(long, value_name = "COUNT", requires = "fail")]
    fail_first: Option<u32>,
    /// Print each call as a line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let receiver = receiver(&options.secret, &options.url_secret)?;
    let forward_to = options.forward_to.as_deref().map(http_url).transpose();
    let forward_to = forward_to.map_err(|error| Failure::Usage(format!("--forward-to: {error}")))?;
    let socket = TcpListener::bind(options.listen)
        .map_err(|error| Failure::Usage(format!("cannot listen on {}: {error}", options.listen)))?;
    let url = format!("http://{}", socket.local_addr().context("the listener has no address")?);
    let dependencies = Dependencies::system().context("the platform's TLS roots cannot be used")?;
    let listening = ListenOptions {
        forward_to,
        fail_with: options.fail,
        fail_first: options.fail_first,
        ..ListenOptions::default()
    };
    let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
    let _entered = runtime.enter();
    let mut stop = Stop::listen()?;
    if options.json {
        print(&json!({ "url": url }).to_string());
    } else {
        print(&format!("Listening on {url}. Every path accepts callbacks. Press Ctrl-C to stop."));
    }
    let listening = listen(socket, receiver, dependencies, listening, show(options.json));
    runtime.block_on(async {
        tokio::select! {
            served = listening => Ok(served.context("the listener failed")?),
            () = stop.asked_for() => Ok(()),
        }
    })
}

/// Creates a receiver that demands a signature, a secret in the URL, or both, depending on the configured secrets.
pub(crate) fn receiver(secrets: &[String], url_secrets: &[String]) -> Result<Receiver, Failure> {
    let signature = match secrets {
        [] => SignatureRule::Unused,
        _ => SignatureRule::Required(secrets.to_vec()),
    };
    let url_secret = match url_secrets {
        [] => UrlSecret::Unused,
        _ => UrlSecret::Shared(url_secrets.iter().map(|secret| secret.trim().to_string()).collect()),
    };
    Receiver::new(url_secret, signature).map_err(|error| match error {
        ReceiverError::NoVerification => {
            Failure::Usage(format!("{error}. Give a callback secret or a URL secret"))
        }
        ReceiverError::Secret(_) => Failure::Usage(error.to_string()),
    })
}

fn show(as_json: bool) -> ShowCall {
    let is_colored = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    Arc::new(move |seen| {
        let line = if as_json { as_value(seen).to_string() } else { for_people(seen, is_colored) };
        print(&line);
    })
}

fn as_value(seen: &ReceivedCall) -> Value {
    let (event_id, session) = match &seen.verdict {
        Ok(VerifiedCallback::Update(callback)) => (json!(callback.event_id), json!(callback.session)),
        Ok(VerifiedCallback::Prompt { session_id }) => (Value::Null, json!({ "session_id": session_id })),
        Err(_) => (Value::Null, Value::Null),
    };
    json!({
        "event_id": event_id, "session": session, "outcome": outcome(seen), "answered": seen.answered,
        "forwarding_failed": seen.forwarding_failed.as_ref().map(ToString::to_string),
    })
}

fn for_people(seen: &ReceivedCall, is_colored: bool) -> String {
    let summary = match &seen.verdict {
        Ok(VerifiedCallback::Update(callback)) => {
            let session = &callback.session;
            format!("{:<12} {}  event {}", session.status().as_str(), session.session_id, callback.event_id)
        }
        Ok(VerifiedCallback::Prompt { session_id }) => format!("empty body; read session {session_id}"),
        Err(_) => String::new(),
    };
    let forwarding =
        seen.forwarding_failed.as_ref().map_or(String::new(), |why| format!("; not forwarded: {why}"));
    let color = match seen.answered {
        200..=299 => "32",
        400..=499 => "31",
        _ => "33",
    };
    let answered = if is_colored {
        format!("\u{1b}[{color}m{}\u{1b}[0m", seen.answered)
    } else {
        seen.answered.to_string()
    };
    // Text of the caller must not end the line or control the terminal.
    format!("{answered}  {}", one_line(&format!("{summary}  {}{forwarding}", outcome(seen))))
}

fn outcome(seen: &ReceivedCall) -> String {
    match &seen.outcome {
        Outcome::Recorded(RecordOutcome::New) => "new".to_string(),
        Outcome::Recorded(RecordOutcome::Duplicate) => "duplicate".to_string(),
        Outcome::Recorded(RecordOutcome::Stale) => "older than the known status".to_string(),
        Outcome::Prompted => "a read is due".to_string(),
        Outcome::Refused(refusal) => format!("refused: {refusal}"),
        Outcome::NotDurable(error) => error.to_string(),
    }
}

/// Prints a line. A slow reader or a closed pipe does not stop the listener.
fn print(line: &str) {
    let _ = standard_output().write_all(format!("{line}\n").as_bytes());
}
