//! The examples of all operations, in an order in which each works. Their answers are the example answers of the
//! description, in `crates/kassa-openapi/src/answers.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method};
use kassa_domain::{Actor, Role};
use kassa_engine::{AccountCreation, Requester};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Answer, DemoShop, World, check_answer, journey_with};

use super::{check_copy, operations, root};

/// The file with the answers.
const ANSWERS: &str = "crates/kassa-openapi/src/answers.json";

/// The operations in order. One that creates something comes again before one that needs a new one.
const ORDER: &[&str] = &[
    "readClock",
    "setClock",
    "createPaymentSession",
    "readPaymentSession",
    "updatePaymentSession",
    "readBadge",
    "createPageSession",
    "readPageSession",
    "readPageLink",
    "distributePageSession",
    "readInbox",
    "clearInbox",
    "readDistributionToken",
    "createDistributionToken",
    "actAsConsumer",
    "listPageSessions",
    "readHistory",
    "redeliverSession",
    "readFeed",
    "readEvent",
    "redeliverEvent",
    "redeliverEvents",
    "exportSessions",
    "createPaymentSession",
    "createPageSession",
    "disablePageSession",
    "actAsConsumerOfShop",
    "createCustomerToken",
    "readCustomerToken",
    "placeTokenOrder",
    "cancelCustomerToken",
    "cancelAuthorization",
    "createPaymentSession",
    "actAsConsumerOfShop",
    "placeOrder",
    "readOrder",
    "acknowledgeOrder",
    "updateMerchantReferences",
    "updateCustomerDetails",
    "updateOrderAuthorization",
    "extendAuthorizationTime",
    "addOrderShippingInfo",
    "captureOrder",
    "listCaptures",
    "readCapture",
    "addCaptureShippingInfo",
    "triggerSendOut",
    "listDueDateOptions",
    "extendDueDate",
    "refundOrder",
    "readRefund",
    "releaseRemainingAuthorization",
    "createPaymentSession",
    "actAsConsumerOfShop",
    "placeOrder",
    "cancelOrder",
    "advanceClock",
    "readCallbackSettings",
    "putCallbackSettings",
    "readPaymentSettings",
    "putPaymentSettings",
    "createCallbackSecret",
    "listCallbackSecrets",
    "revokeCallbackSecret",
    "createOwnCredential",
    "listOwnCredentials",
    "revokeOwnCredential",
    "createMerchant",
    "changeMerchant",
    "listMerchants",
    "createCredential",
    "listCredentials",
    "revokeCredential",
    "setPaymentAccount",
    "listPaymentAccounts",
    "removePaymentAccount",
    "createProfile",
    "listProfiles",
    "readProfile",
    "replaceProfile",
    "deleteProfile",
    "showConsumer",
    "eraseConsumer",
    "readRateLimits",
    "putRateLimits",
    "clearRateLimits",
    "putFaults",
    "readFaults",
    "clearFaults",
    "putWeather",
    "readWeather",
    "clearWeather",
    "readJournal",
    "clearJournal",
    "createTestMerchant",
    "deleteTestMerchant",
    "resetLab",
    "importSessions",
];

/// The operations whose example needs a state that the examples do not bring about. Journeys of their own call them.
const ELSEWHERE: [(&str, &str); 3] = [
    ("settleOperation", "needs an operation that a remote payment system left without an outcome"),
    ("endFraudCheck", "needs an order that is pending"),
    ("answerManualIdCheck", "needs a page session whose staff checks a document"),
];

/// The operations whose example answer would be too long.
const TOO_LONG: [&str; 1] = ["exportSessions"];

#[test]
fn every_example_works_and_its_answer_is_recorded() {
    journey_with(DemoShop::Open, async |world| {
        let document = world.browser(Method::GET, "/openapi.json", Bytes::new()).await.json;
        let commands = commands(&document);
        let known: BTreeSet<&str> = ORDER.iter().copied().chain(ELSEWHERE.map(|(id, _)| id)).collect();
        assert_eq!(known, commands.keys().copied().collect(), "every operation has its place here");
        let mut shell = Shell::of_operator(&world).await;
        let mut answers = BTreeMap::new();
        for id in ORDER {
            let Call { method, path, command } = &commands[id];
            let answer = shell.run(command);
            assert!((200..300).contains(&answer.status), "{id} answers {}\n{command}", answer.text);
            check_answer(&world.url, method, path, &answer);
            if !TOO_LONG.contains(id) && (answer.json.is_object() || answer.json.is_array()) {
                answers.entry(*id).or_insert_with(|| as_example(&answer.json, &world.url));
            }
        }
        let recorded = serde_json::to_string_pretty(&answers).unwrap();
        check_copy(&root().join(ANSWERS), &(recorded + "\n"));
    });
}

/// The example call of an operation.
struct Call<'a> {
    method: Method,
    path: &'a str,
    command: &'a str,
}

fn commands(document: &Value) -> BTreeMap<&str, Call<'_>> {
    let calls = operations(document).into_iter().map(|(path, method, operation)| {
        let command = operation["x-codeSamples"][0]["source"].as_str().unwrap();
        (operation["operationId"].as_str().unwrap(), Call { method, path, command })
    });
    calls.collect()
}

/// A shell in which a reader pastes one command after the other.
struct Shell {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Shell {
    async fn of_operator(world: &World) -> Self {
        let made = world
            .app()
            .accounts()
            .create_operator("alice", Role::Admin, &Requester::in_process(Actor::CommandLine))
            .await
            .unwrap();
        let AccountCreation::New(operator) = made else { panic!("alice is new") };
        let folder = TempDir::new().unwrap();
        // curl writes the head of each answer to this file, too.
        std::fs::write(folder.path().join(".curlrc"), "dump-header = \"head\"\nsilent\n").unwrap();
        let variables =
            [("KASSA_OPERATOR", operator.username), ("KASSA_OPERATOR_PASSWORD", operator.password)];
        let variables = variables.map(|(name, value)| (name.to_string(), value));
        Self { folder, variables: BTreeMap::from(variables) }
    }

    /// Runs a command, and keeps the variable that it sets.
    fn run(&mut self, command: &str) -> Answer {
        let variable = command.split_once("=$(").map(|(name, _)| name);
        let kept = variable.map(|name| format!("\nprintf %s \"${name}\" >kept")).unwrap_or_default();
        let script = format!("set -euo pipefail\n{command}{kept}\n");
        let folder = self.folder.path();
        let mut bash = Command::new("bash");
        bash.args(["-c", &script]).current_dir(folder).env("HOME", folder).envs(&self.variables);
        let output = bash.output().unwrap();
        let file = command.split_once(" -o ").map(|(_, file)| std::fs::read(folder.join(file)).unwrap());
        let said = file.unwrap_or_else(|| [output.stdout, output.stderr].concat());
        assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&said));
        if let Some(name) = variable {
            let value = std::fs::read_to_string(folder.join("kept")).unwrap();
            self.variables.insert(name.to_string(), value);
        }
        let head = std::fs::read_to_string(folder.join("head")).unwrap();
        answer(&head, &String::from_utf8(said).unwrap())
    }
}

/// The answer with this head, of which a command showed the body.
fn answer(head: &str, said: &str) -> Answer {
    let text = said.split_once(head).map_or(said, |(_, body)| body).to_string();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, bytes: Bytes::from(text.clone()), text, json }
}

/// An answer as an example that is the same in every run: without attempts of callbacks, and without what this run
/// chose at random.
fn as_example(answer: &Value, url: &str) -> Value {
    let host = url.trim_start_matches("http://");
    let text = answer.to_string().replace(url, "https://kassa.example").replace(host, "kassa.example");
    let mut example = serde_json::from_str(&text).unwrap();
    settle(&mut example, "");
    example
}

fn settle(json: &mut Value, field: &str) {
    match json {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| settle(value, name)),
        Value::Array(values) if field == "attempts" => values.clear(),
        Value::Array(values) => {
            // One of a kind shows what a list contains.
            values.truncate(2);
            values.iter_mut().for_each(|value| settle(value, field));
        }
        Value::String(text) => *text = settled(text, field),
        Value::Number(_) if field == "duration_ms" => *json = json!(12),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Secrets, ids and instants are replaced by samples.
fn settled(text: &str, field: &str) -> String {
    match field {
        "password" => "zZ9vK3mJc1pWq0sT7uYbX4nRh2LdEaGf8oIiQkCwV5M".to_string(),
        "secret" | "callback_secret" => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_string(),
        "client_token" | "token" => "eyJhbGciOiJub25lIn0.eyJzZXNzaW9uX2lkIjoi...".to_string(),
        "ends_with" => "LaSw".to_string(),
        "cursor" => "ZTI".to_string(),
        "klarna_reference" => format!("K4MADNY1{}", text.get(8..).unwrap_or_default()),
        "username" => match text.split_once('_') {
            Some((merchant, _)) => format!("{merchant}_4964866d"),
            None => text.to_string(),
        },
        "user-agent" => "curl/8.14.1".to_string(),
        _ => with_sample_ids(text),
    }
}

/// Replaces each UUID by the same sample.
fn with_sample_ids(text: &str) -> String {
    const SAMPLE: &str = "0b1d9815-165e-42e2-8867-35bc03789e00";
    let is_id = |text: &str| {
        text.len() == SAMPLE.len()
            && text.bytes().zip(SAMPLE.bytes()).all(|(byte, sample)| match sample {
                b'-' => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    };
    let mut sampled = text.to_string();
    for start in 0..text.len() {
        if text.get(start..start + SAMPLE.len()).is_some_and(is_id) {
            sampled.replace_range(start..start + SAMPLE.len(), SAMPLE);
        }
    }
    sampled
}
