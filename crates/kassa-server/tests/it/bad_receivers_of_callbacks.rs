//! Callbacks to bad receivers: the attempts of each, their times, their bytes, and their outcomes in the timeline.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{World, journey};
use crate::outgoing::receiver::{Full, Receiver, hold};
use crate::outgoing::tls_receiver::{self, Authority};

/// The time limit of an attempt that must end by itself, in milliseconds.
const ROOMY_MS: i64 = 10_000;

/// The time limit of an attempt that must time out, in milliseconds.
const SHORT_MS: i64 = 400;

/// An expected attempt: the seconds since the end of the previous one, and its outcome.
type Expected = (i64, &'static str);

/// Four attempts with the vendor's pauses and the same outcome.
const fn four_times(result: &'static str) -> [Expected; 4] {
    [(0, result), (5, result), (5, result), (5, result)]
}

/// The received bodies.
#[derive(Clone, Default)]
struct Bodies(Arc<Mutex<Vec<Vec<u8>>>>);

impl Bodies {
    /// Reads one call, and records its body.
    async fn read(&self, stream: &mut TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        self.0.lock().unwrap().push(body);
    }
}

/// A receiver that reads each call, and then calls `then` with the connection and the number of earlier calls.
async fn receiver<F: Future<Output = ()> + Send + 'static>(
    bodies: &Bodies,
    then: impl Fn(TcpStream, usize) -> F + Clone + Send + Sync + 'static,
) -> Receiver {
    let bodies = bodies.clone();
    Receiver::start(move |mut stream, earlier| {
        let (bodies, then) = (bodies.clone(), then.clone());
        async move {
            bodies.read(&mut stream).await;
            then(stream, earlier).await;
        }
    })
    .await
}

/// A receiver that answers each call with these bytes, and closes.
async fn answering(bodies: &Bodies, answer: &'static str) -> Receiver {
    receiver(bodies, move |mut stream, _| async move {
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await
}

/// Delivers one callback to a URL, each attempt as soon as it is due, and compares the timeline with the expectation.
/// Returns the event.
async fn deliver(world: &World, url: &str, timeout_ms: i64, expected: &[Expected]) -> Value {
    let schedule = json!({"retry_schedule": {"waits_ms": [5000, 5000, 5000], "timeout_ms": timeout_ms}});
    let body = Bytes::from(schedule.to_string());
    let answer = world.merchant.call(Method::PUT, "/kassa/v1/callbacks/settings", &[], body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = session_calling(world, url).await;
    world.merchant.act(&session, "enter").await;
    for (number, (wait_s, _)) in expected.iter().enumerate() {
        if *wait_s > 0 {
            // One millisecond early, no attempt begins: its recorded time would show it.
            world.clock.advance(Duration::from_millis(u64::try_from(wait_s * 1000 - 1).unwrap()));
            for _ in 0..20 {
                world.history(&session).await;
            }
            world.clock.advance(Duration::from_millis(1));
        }
        world.attempted(&session, number + 1).await;
    }
    world.clock.advance(Duration::from_secs(7200));
    let event = world.attempted(&session, expected.len()).await;
    assert_eq!(timeline(&event), expected);
    event
}

async fn session_calling(world: &World, url: &str) -> String {
    let payment = world.merchant.payment_session("ECOMMERCE").await;
    let body = json!({
        "payment_session_url": format!("{}/payments/v1/sessions/{payment}", world.url),
        "merchant_urls": {"status_update": url},
    });
    let created = world.merchant.post("/hpp/v1/sessions", &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    created.json["session_id"].as_str().unwrap().to_string()
}

/// For each attempt: the seconds since the end of the previous one, and the status or the kind of failure.
fn timeline(event: &Value) -> Vec<(i64, &str)> {
    let started_ms =
        |attempt: &Value| kassa_wire::time::parse_ms(attempt["started_at"].as_str().unwrap()).unwrap();
    let attempts = event["attempts"].as_array().unwrap();
    let mut ended_ms = attempts.first().map_or(0, started_ms);
    attempts
        .iter()
        .map(|attempt| {
            let waited_ms = started_ms(attempt) - ended_ms;
            assert_eq!(waited_ms % 1000, 0, "{attempt}");
            ended_ms = started_ms(attempt) + attempt["duration_ms"].as_i64().unwrap();
            (waited_ms / 1000, result(attempt))
        })
        .collect()
}

fn result(attempt: &Value) -> &str {
    match attempt["status"].as_i64() {
        Some(200) => "200",
        Some(301) => "301",
        Some(410) => "410",
        Some(429) => "429",
        Some(500) => "500",
        Some(other) => panic!("{other}"),
        None => attempt["failure_kind"].as_str().unwrap(),
    }
}

/// Asserts that this many calls arrived, all with the bytes of this event.
fn came(bodies: &Bodies, count: usize, event: &Value) {
    let bodies = bodies.0.lock().unwrap();
    assert_eq!(bodies.len(), count);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "every attempt sends the same bytes");
    let body: Value = serde_json::from_slice(&bodies[0]).unwrap();
    assert_eq!(body["event_id"], event["event_id"]);
}

#[test]
fn a_receiver_that_never_accepts() {
    journey(|world| async move {
        let full = Full::start([127, 0, 0, 1].into()).await;
        let url = format!("http://{}/", full.address);
        let event = deliver(&world, &url, SHORT_MS, &four_times("timed_out")).await;
        assert_eq!(event["attempts"][0]["failure"], "no connection within 400 ms");
        assert_eq!(event["callback"], "GIVEN_UP");
    });
}

#[test]
fn a_receiver_that_accepts_and_hangs() {
    journey(|world| async move {
        let bodies = Bodies::default();
        let receiver = receiver(&bodies, |stream, _| hold(stream)).await;
        let event = deliver(&world, &receiver.url(), SHORT_MS, &four_times("timed_out")).await;
        assert_eq!(event["attempts"][0]["failure"], "no answer within 400 ms");
        assert_eq!(event["callback"], "GIVEN_UP");
        came(&bodies, 4, &event);
    });
}

#[test]
fn a_receiver_that_answers_500_three_times_and_then_200() {
    journey(|world| async move {
        let bodies = Bodies::default();
        let receiver = receiver(&bodies, |mut stream, earlier| async move {
            let answer = match earlier {
                0..3 => "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 4\r\n\r\noops",
                _ => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let expected = [(0, "500"), (5, "500"), (5, "500"), (5, "200")];
        let event = deliver(&world, &receiver.url(), ROOMY_MS, &expected).await;
        assert_eq!(event["attempts"][0]["answer_body"], "oops");
        assert_eq!(event["callback"], "DELIVERED");
        came(&bodies, 4, &event);
    });
}

#[test]
fn a_receiver_that_sends_its_head_byte_by_byte() {
    journey(|world| async move {
        let bodies = Bodies::default();
        let receiver = receiver(&bodies, |mut stream, _| async move {
            let mut beat = tokio::time::interval(Duration::from_millis(20));
            for byte in b"HTTP/1.1 200 OK\r\nx-slow: ".iter().chain(std::iter::repeat(&b'x')) {
                beat.tick().await;
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
            }
        })
        .await;
        let event = deliver(&world, &receiver.url(), SHORT_MS, &four_times("timed_out")).await;
        assert_eq!(event["callback"], "GIVEN_UP");
        came(&bodies, 4, &event);
    });
}

#[test]
fn a_receiver_that_sends_an_endless_body() {
    journey(|world| async move {
        let bodies = Bodies::default();
        let receiver = receiver(&bodies, |mut stream, _| async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        })
        .await;
        let event = deliver(&world, &receiver.url(), ROOMY_MS, &[(0, "200")]).await;
        assert_eq!(
            event["attempts"][0]["answer_body"].as_str().unwrap().len(),
            4096,
            "the beginning is kept"
        );
        assert_eq!(event["callback"], "DELIVERED", "its head said so");
        came(&bodies, 1, &event);
    });
}

#[test]
fn a_receiver_that_closes_early() {
    journey(|world| async move {
        let bodies = Bodies::default();
        let receiver = receiver(&bodies, |mut stream, _| async move {
            stream.write_all(b"HTTP/1.1 200 O").await.unwrap();
        })
        .await;
        let event = deliver(&world, &receiver.url(), ROOMY_MS, &four_times("connection_lost")).await;
        assert_eq!(event["callback"], "GIVEN_UP");
        came(&bodies, 4, &event);
    });
}

#[test]
fn a_receiver_that_answers_301() {
    journey(|world| async move {
        let (bodies, elsewhere) = (Bodies::default(), Bodies::default());
        let target = answering(&elsewhere, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let location: &'static str = format!(
            "HTTP/1.1 301 Moved Permanently\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
            target.url()
        )
        .leak();
        let receiver = answering(&bodies, location).await;
        let event = deliver(&world, &receiver.url(), ROOMY_MS, &four_times("301")).await;
        assert_eq!(event["attempts"][0]["answer_headers"]["location"], target.url());
        assert_eq!(event["callback"], "GIVEN_UP");
        came(&bodies, 4, &event);
        assert_eq!(target.accepted(), 0, "redirects are not followed");
    });
}

#[test]
fn a_receiver_that_answers_410() {
    journey(|world| async move {
        let bodies = Bodies::default();
        let receiver = answering(&bodies, "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").await;
        let event = deliver(&world, &receiver.url(), ROOMY_MS, &[(0, "410")]).await;
        assert_eq!(event["callback"], "GIVEN_UP");
        came(&bodies, 1, &event);
    });
}

#[test]
fn a_receiver_that_answers_429_with_retry_after() {
    journey(|world| async move {
        let bodies = Bodies::default();
        let receiver = receiver(&bodies, |mut stream, earlier| async move {
            let retry_after =
                ["retry-after: 30\r\n", "retry-after: 86400\r\n", "retry-after: 1\r\n", ""][earlier];
            let answer = format!("HTTP/1.1 429 Too Many Requests\r\n{retry_after}content-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        // A day is too long: the limit is an hour. A second is shorter than the pause of the schedule.
        let expected = [(0, "429"), (30, "429"), (3600, "429"), (5, "429")];
        let event = deliver(&world, &receiver.url(), ROOMY_MS, &expected).await;
        assert_eq!(event["attempts"][0]["answer_headers"]["retry-after"], "30");
        assert_eq!(event["callback"], "GIVEN_UP");
        came(&bodies, 4, &event);
    });
}

#[test]
fn a_receiver_that_answers_500_with_a_date_as_retry_after() {
    journey(|world| async move {
        let bodies = Bodies::default();
        let receiver = receiver(&bodies, |mut stream, earlier| async move {
            let headers = [
                // The date is compared with the receiver's own clock, even if that is wrong.
                "retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\ndate: Wed, 21 Oct 2015 07:27:00 GMT\r\n",
                // The limit is an hour.
                "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
                // A date in the past asks for no pause.
                "retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n",
                "",
            ][earlier];
            let answer = format!("HTTP/1.1 500 Down\r\n{headers}content-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let expected = [(0, "500"), (60, "500"), (3600, "500"), (5, "500")];
        let event = deliver(&world, &receiver.url(), ROOMY_MS, &expected).await;
        assert_eq!(event["callback"], "GIVEN_UP");
        came(&bodies, 4, &event);
    });
}

#[test]
fn a_receiver_that_answers_with_a_malformed_header() {
    for header in ["set-cookie: a=b\u{1}c", "x-frame-options : DENY", "x-nul: \0", "content-length: five"] {
        journey(move |world| async move {
            let bodies = Bodies::default();
            let answer = format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n").leak();
            let receiver = answering(&bodies, answer).await;
            let event = deliver(&world, &receiver.url(), ROOMY_MS, &[(0, "200")]).await;
            assert_eq!(event["callback"], "DELIVERED", "{header:?}");
            came(&bodies, 1, &event);
        });
    }
}

#[test]
fn a_receiver_that_resets_the_connection() {
    journey(|world| async move {
        let bodies = Bodies::default();
        let receiver = receiver(&bodies, |stream, _| async move {
            stream.set_zero_linger().unwrap();
        })
        .await;
        let event = deliver(&world, &receiver.url(), ROOMY_MS, &four_times("connection_lost")).await;
        let failure = event["attempts"][0]["failure"].as_str().unwrap();
        assert!(failure.contains("Connection reset by peer"), "{failure}");
        assert_eq!(event["callback"], "GIVEN_UP");
        came(&bodies, 4, &event);
    });
}

#[test]
fn a_receiver_that_presents_a_bad_certificate() {
    journey(|world| async move {
        let receiver = tls_receiver::start(Authority::new().server("localhost", &["h2"]), 0).await;
        let url = format!("https://localhost:{}/", receiver.address.port());
        let event = deliver(&world, &url, ROOMY_MS, &four_times("tls_failed")).await;
        let failure = event["attempts"][0]["failure"].as_str().unwrap();
        assert!(failure.contains("UnknownIssuer"), "{failure}");
        assert_eq!(event["callback"], "GIVEN_UP");
    });
}
