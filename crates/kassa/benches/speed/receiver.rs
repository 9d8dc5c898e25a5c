//! The receiver of `kassa track`: the cost of a callback that is verified, stored and synced before the answer 204.

use std::time::Duration;

use kassa_wire::signature::sign;
use tempfile::TempDir;

use crate::client::Request;
use crate::figure::{Round, Target, median_cpu, median_rate, print_alone, print_ratio};
use crate::postgres::Postgres;
use crate::process::Process;
use crate::requests::charge;

const ROUNDS: usize = 5;

/// The number of callbacks in one round.
const CALLBACKS: usize = 10_000;

/// One callback in this many is sent twice.
const TWICE_EACH: usize = 5;

const SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiBhIG1lYXN1cmVtZW50";

/// The age of a signature that the receiver tolerates, in seconds. A round must not take longer.
const TOLERATED_S: i64 = 300;

pub async fn measure() {
    let folder = TempDir::new().unwrap();
    measure_on("", &folder.path().join("tracker.db").display().to_string(), None).await;
    let postgres = Postgres::start();
    measure_on(", on PostgreSQL", &postgres.schema("tracker"), Some(&postgres)).await;
}

/// Measures on one engine. The CPU time of a PostgreSQL has its own row.
async fn measure_on(engine: &str, state: &str, postgres: Option<&Postgres>) {
    let folder = TempDir::new().unwrap();
    let receiver = Process::track(folder.path(), &settings(state));
    let bare_http = Process::bare(&["bare-http"]);
    let (mut bare, mut figures, mut of_postgres) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let at_s = now_s();
        let repeats = |number: usize| usize::from(number % TWICE_EACH == 1);
        let numbers = (0..CALLBACKS).map(|number| round * CALLBACKS + number - repeats(number));
        let callbacks: Vec<Request> = numbers.map(|number| callback(number, at_s)).collect();
        bare.push(charge(&bare_http, callbacks.clone(), 200).await);
        let cpu_of_postgres = || postgres.map_or(Duration::ZERO, Postgres::cpu);
        let before = cpu_of_postgres();
        let figure = charge(&receiver, callbacks, 204).await;
        of_postgres.push(Round { cpu: cpu_of_postgres().saturating_sub(before), ..figure });
        figures.push(figure);
        assert!(now_s() - at_s < TOLERATED_S, "the signatures of a round grew too old");
    }
    let name = |what: &str| format!("receive a callback, durably{engine}: {what}");
    print_ratio(&name("CPU"), median_cpu(&bare), median_cpu(&figures), "us", Target::None);
    print_ratio(&name("throughput"), median_rate(&bare), median_rate(&figures), "/s", Target::None);
    if postgres.is_some() {
        print_alone(&name("CPU of PostgreSQL"), median_cpu(&of_postgres), "us", Target::None);
    }
}

/// The tracker's settings. Changes settle for an hour, so that the tracker delivers none during the measurement.
fn settings(state: &str) -> String {
    format!(
        "service = \"http://127.0.0.1:1\"\nusername = \"user\"\npassword = \"password\"\nstate = \"{state}\"\n\
         callbacks = \"127.0.0.1:0\"\ncallback_secrets = [\"{SECRET}\"]\n\
         [tracker]\nsettle_ms = 3600000\n[tracker.pace]\nguarding_ms = 3600000\n"
    )
}

fn callback(number: usize, at_s: i64) -> Request {
    let event = format!("270b2adc-35a4-4524-800a-{number:012}");
    let body = format!(
        r#"{{"event_id":"{event}","session":{{"session_id":"35bde117-ce5f-774f-9bcb-{number:012}","status":"IN_PROGRESS","updated_at":"2019-05-13T14:51:46.288Z"}}}}"#
    );
    let signature = sign(&[SECRET], &event, at_s, body.as_bytes());
    Request::new("POST", "/callbacks", &body)
        .with(&format!("webhook-id: {event}"))
        .with(&format!("webhook-timestamp: {at_s}"))
        .with(&format!("webhook-signature: {signature}"))
}

#[expect(clippy::disallowed_methods, reason = "the receiver's process has the machine's clock")]
fn now_s() -> i64 {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since_1970.as_secs()).unwrap()
}
