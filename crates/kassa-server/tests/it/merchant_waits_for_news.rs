//! Cheap repeated reads: `ETag`, `If-None-Match`, and long polls with `Prefer: wait=N`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use tokio::io::AsyncWriteExt;
use tokio::task::{JoinHandle, JoinSet};

use crate::harness::{Answer, Merchant, World, journey};

async fn read(merchant: &Merchant, session: &str, headers: &[(&'static str, &str)]) -> Answer {
    merchant.call(Method::GET, &format!("/hpp/v1/sessions/{session}"), headers, Bytes::new()).await
}

/// Starts a long poll as a task of its own.
fn held_read(world: &Arc<World>, session: &str, tag: &str, wait: &str) -> JoinHandle<Answer> {
    let (merchant, session) = (world.merchant.clone(), session.to_string());
    let (tag, wait) = (tag.to_string(), wait.to_string());
    tokio::spawn(
        async move { read(&merchant, &session, &[("if-none-match", &tag), ("prefer", &wait)]).await },
    )
}

#[test]
fn an_unchanged_session_is_not_sent_again() {
    journey(|world| async move {
        let session = world.page_session().await;
        assert_eq!(read(&world.merchant, &session, &[]).await.header("etag"), "\"0\"");
        for held in ["\"0\"", "W/\"0\"", "\"7\", \"0\"", "*"] {
            let answer = read(&world.merchant, &session, &[("if-none-match", held)]).await;
            assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{held}");
            assert_eq!(answer.header("etag"), "\"0\"");
            assert_eq!(answer.header("klarna-correlation-id").len(), 36);
            assert_eq!(answer.header("content-type"), "");
        }
        for held in ["\"1\"", "\"x\"", "0"] {
            let answer = read(&world.merchant, &session, &[("if-none-match", held)]).await;
            assert_eq!((answer.status, answer.json["status"].as_str()), (200, Some("WAITING")), "{held}");
        }
        world.merchant.act(&session, "enter").await;
        let answer = read(&world.merchant, &session, &[("if-none-match", "\"0\"")]).await;
        assert_eq!((answer.status, answer.header("etag")), (200, "\"1\""));
        assert_eq!(read(&world.stranger, &session, &[("if-none-match", "\"1\"")]).await.status, 404);
    });
}

#[test]
fn a_long_poll_is_answered_at_the_change() {
    journey(|world| async move {
        let session = world.page_session().await;
        let held = held_read(&world, &session, "\"0\"", "wait=30");
        world.wait_for_long_polls(1).await;
        world.merchant.act(&session, "enter").await;
        let answer = held.await.unwrap();
        assert_eq!((answer.status, answer.json["status"].as_str()), (200, Some("IN_PROGRESS")));
        assert_eq!((answer.header("etag"), answer.header("preference-applied")), ("\"1\"", "wait=30"));
        world.wait_for_long_polls(0).await;
    });
}

#[test]
fn a_long_poll_ends_at_its_time_limit_and_after_a_minute_at_most() {
    journey(|world| async move {
        let session = world.page_session().await;
        for (asked, applied, seconds) in [("wait=5", "wait=5", 5), ("wait=3600", "wait=60", 60)] {
            let held = held_read(&world, &session, "\"0\"", asked);
            world.wait_for_long_polls(1).await;
            world.clock.advance(Duration::from_millis(seconds * 1000 - 1));
            world.wait_for_long_polls(1).await;
            assert!(!held.is_finished());
            world.clock.advance(Duration::from_millis(1));
            let answer = held.await.unwrap();
            assert_eq!((answer.status, answer.header("preference-applied")), (304, applied));
            assert_eq!(answer.header("etag"), "\"0\"");
        }
    });
}

#[test]
fn a_read_waits_only_if_it_has_the_current_tag() {
    journey(|world| async move {
        let session = world.page_session().await;
        let answer = read(&world.merchant, &session, &[("prefer", "wait=30")]).await;
        assert_eq!((answer.status, answer.header("preference-applied")), (200, ""));
        let anything = [("if-none-match", "*"), ("prefer", "wait=30")];
        assert_eq!(read(&world.merchant, &session, &anything).await.status, 304);
        let other = [("if-none-match", "\"9\""), ("prefer", "wait=30")];
        assert_eq!(read(&world.merchant, &session, &other).await.status, 200);
        assert_eq!(read(&world.stranger, &session, &other).await.status, 404);
    });
}

#[test]
fn a_session_that_expires_meanwhile_is_absent_at_that_instant() {
    journey(|world| async move {
        let session = world.page_session().await;
        world.clock.advance(Duration::from_millis(47 * 3_600_000 - 300));
        let held = held_read(&world, &session, "\"0\"", "wait=30");
        world.wait_for_long_polls(1).await;
        world.clock.advance(Duration::from_millis(300));
        assert_eq!(held.await.unwrap().status, 404);
    });
}

#[test]
fn a_change_by_another_process_is_seen_within_a_second() {
    journey(|world| async move {
        let session = world.page_session().await;
        let elsewhere = world.merchant_elsewhere().await;
        let held = held_read(&world, &session, "\"0\"", "wait=30");
        world.wait_for_long_polls(1).await;
        assert_eq!(elsewhere.act(&session, "enter").await.status, 200);
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(held.await.unwrap().json["status"], "IN_PROGRESS");
    });
}

/// The clock is frozen, so no node polls for changes.
#[test]
fn a_change_on_another_node_is_seen_at_once() {
    journey(|world| async move {
        if !world.exchanges_notices() {
            return;
        }
        let session = world.page_session().await;
        let elsewhere = world.merchant_elsewhere().await;
        let read_is_held = held_read(&world, &session, "\"0\"", "wait=30");
        let merchant = world.merchant.clone();
        let feed_is_held = tokio::spawn(async move { merchant.get("/kassa/v1/events?wait=30").await });
        world.wait_for_long_polls(2).await;
        assert_eq!(elsewhere.act(&session, "enter").await.status, 200);
        assert_eq!(read_is_held.await.unwrap().json["status"], "IN_PROGRESS");
        assert_eq!(feed_is_held.await.unwrap().json["events"][0]["status"], "IN_PROGRESS");
    });
}

#[test]
fn a_disconnected_client_ends_its_long_poll() {
    journey(|world| async move {
        let session = world.page_session().await;
        let address = world.url.strip_prefix("http://").unwrap();
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /hpp/v1/sessions/{session} HTTP/1.1\r\nhost: {address}\r\nauthorization: {}\r\n\
             if-none-match: \"0\"\r\nprefer: wait=30\r\n\r\n",
            world.merchant.authorization
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        world.wait_for_long_polls(1).await;
        drop(socket);
        world.wait_for_long_polls(0).await;
    });
}

#[test]
fn a_stop_answers_every_long_poll() {
    journey(|world| async move {
        let session = world.page_session().await;
        let held = held_read(&world, &session, "\"0\"", "wait=60");
        world.wait_for_long_polls(1).await;
        world.stop().await;
        assert_eq!(held.await.unwrap().status, 304);
    });
}

/// The clock is frozen, so only the notification of a commit can end a wait.
#[test]
fn no_change_is_missed_between_reading_and_waiting() {
    journey(|world| async move {
        let mut everybody = JoinSet::new();
        for _ in 0..12 {
            let session = world.page_session().await;
            for _ in 0..3 {
                everybody.spawn(follow_to_the_end(world.clone(), session.clone()));
            }
            let world = world.clone();
            everybody.spawn(async move {
                for act in ["enter", "back", "enter", "decline", "enter", "error", "enter", "approve"] {
                    assert_eq!(world.merchant.act(&session, act).await.status, 200);
                }
            });
        }
        while let Some(done) = everybody.join_next().await {
            done.unwrap();
        }
        world.wait_for_long_polls(0).await;
    });
}

async fn follow_to_the_end(world: Arc<World>, session: String) {
    let mut tag = "\"0\"".to_string();
    loop {
        let headers = [("if-none-match", tag.as_str()), ("prefer", "wait=60")];
        let answer = read(&world.merchant, &session, &headers).await;
        assert_eq!(answer.status, 200, "only a change ends the wait");
        if answer.json["status"] == "COMPLETED" {
            return;
        }
        tag = answer.header("etag").to_string();
    }
}

#[test]
fn of_six_hundred_long_polls_only_those_of_the_changed_session_are_answered() {
    journey(|world| async move {
        let mut waiting = JoinSet::new();
        let mut sessions = Vec::new();
        for _ in 0..60 {
            let session = world.page_session().await;
            for _ in 0..10 {
                let (world, session) = (world.clone(), session.clone());
                waiting.spawn(async move {
                    let answer = held_read(&world, &session, "\"0\"", "wait=60").await.unwrap();
                    (session, answer.status)
                });
            }
            sessions.push(session);
        }
        world.wait_for_long_polls(600).await;
        world.merchant.act(&sessions[17], "enter").await;
        for _ in 0..10 {
            assert_eq!(waiting.join_next().await.unwrap().unwrap(), (sessions[17].clone(), 200));
        }
        world.wait_for_long_polls(590).await;
        world.clock.advance(Duration::from_secs(60));
        while let Some(answered) = waiting.join_next().await {
            assert_eq!(answered.unwrap().1, 304);
        }
        world.wait_for_long_polls(0).await;
    });
}
