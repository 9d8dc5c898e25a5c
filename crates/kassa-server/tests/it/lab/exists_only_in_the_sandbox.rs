//! The lab exists only in the sandbox: in live mode its paths answer like unknown paths.

use bytes::Bytes;
use http::Method;
use kassa_lab::{lab_page_paths, lab_paths};

use crate::harness::{World, journey, live_journey};

const METHODS: [Method; 5] = [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::PATCH];

/// Calls these paths with every method, with a merchant's credential and without one. Returns the answers.
async fn walk(world: &World, paths: Vec<&str>) -> Vec<(String, u16)> {
    let mut answers = Vec::new();
    for path in paths {
        let path =
            path.replace("{merchant}", "merchant").replace("{place}", "faults").replace("{session}", "1");
        let path = path
            .replace("{file}", "lab.css")
            .replace("{session_id}", "1")
            .replace("{act}", "enter")
            .replace("{id}", "1");
        for method in METHODS {
            for caller in [world.merchant.clone(), world.anyone_with("")] {
                let answer = caller.call(method.clone(), &path, &[], Bytes::new()).await;
                let body = format!("{method} {path} {}", answer.json["error_messages"]);
                answers.push((body, answer.status));
            }
        }
    }
    answers
}

#[test]
fn in_live_mode_every_path_is_404() {
    live_journey(async |world| {
        let paths = [lab_paths(), lab_page_paths()].concat();
        for (call, status) in walk(&world, paths).await {
            assert_eq!(status, 404, "{call}");
            assert!(call.ends_with(" []"), "nobody is told more than of a path that never was: {call}");
        }
        assert_eq!(world.merchant.get("/lab/v1/journal").await.error(), "404 NOT_FOUND []");
        assert_eq!(world.merchant.get("/kassa/v1/sessions").await.status, 200, "the rest is there");
    });
}

#[test]
fn in_the_sandbox_every_path_is_there() {
    journey(async |world| {
        let answers = walk(&world, lab_paths()).await;
        for path in lab_paths() {
            let path = path.split('{').next().unwrap();
            let is_there = |(call, status): &(String, u16)| call.contains(path) && *status == 401;
            assert!(answers.iter().any(is_there), "{path} asks who calls");
        }
    });
}
