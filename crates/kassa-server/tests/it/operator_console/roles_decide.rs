//! Each role sees everything, and changes what it may.

use kassa_domain::{Actor, Role};
use kassa_engine::{OperatorChange, Requester};
use serde_json::{Value, json};

use super::desk::{Desk, new_operator};
use crate::harness::{World, journey, live_journey};

/// The fields of a form.
type Fields = Vec<(&'static str, &'static str)>;

/// Every change of the console: the page, the form, and the role that it needs.
fn changes(session: &str) -> Vec<(String, Fields, Role)> {
    let of_session = format!("/console/sessions/{session}");
    let form = |act, more: &[(&'static str, &'static str)]| -> Fields {
        [("do", act)].into_iter().chain(more.iter().copied()).collect()
    };
    vec![
        (of_session.clone(), form("redeliver-all", &[]), Role::Support),
        (of_session.clone(), form("send", &[("to", "ada@example.se")]), Role::Support),
        (of_session.clone(), form("settle", &[("verdict", "not-ordered")]), Role::Admin),
        (of_session, form("disable", &[]), Role::Support),
        ("/console/merchants".to_string(), vec![("merchant_id", "PK9"), ("name", "Shoes")], Role::Admin),
        ("/console/merchants/stranger".to_string(), form("rename", &[("name", "Shoes")]), Role::Admin),
        ("/console/merchants/stranger".to_string(), form("add-credential", &[]), Role::Admin),
        (
            "/console/merchants/stranger".to_string(),
            form("revoke-credential", &[("username", "stranger_1")]),
            Role::Admin,
        ),
        ("/console/operators".to_string(), form("add", &[("name", "new"), ("role", "SUPPORT")]), Role::Admin),
        (
            "/console/operators".to_string(),
            form("set-role", &[("name", "other"), ("role", "SUPPORT")]),
            Role::Admin,
        ),
        ("/console/operators".to_string(), form("reset", &[("name", "other")]), Role::Admin),
        ("/console/operators".to_string(), form("revoke", &[("name", "other")]), Role::Admin),
        ("/console/operators".to_string(), form("restore", &[("name", "other")]), Role::Admin),
    ]
}

const fn rank(role: Role) -> u8 {
    match role {
        Role::ReadOnly => 0,
        Role::Support => 1,
        Role::Admin => 2,
    }
}

#[test]
fn each_change_needs_its_role() {
    journey(|world| async move {
        for role in [Role::ReadOnly, Role::Support, Role::Admin] {
            let session = world.page_session().await;
            new_operator_if_missing(&world).await;
            let desk = Desk::of(&world, &format!("op-{}", rank(role)), role).await;
            for (path, form, needed) in changes(&session) {
                let answer = desk.post(&path, &form).await;
                let is_refused_for_role = answer.status == 403 && answer.text.contains("does not allow this");
                assert_eq!(is_refused_for_role, rank(role) < rank(needed), "{role:?} {path} {form:?}");
                assert!(answer.status < 500, "{path} {form:?}: {}", answer.text);
            }
            let status = world.merchant.read(&session).await["status"].clone();
            let expected = if role == Role::ReadOnly { "WAITING" } else { "DISABLED" };
            assert_eq!(status, expected, "{role:?}");
        }
    });
}

async fn new_operator_if_missing(world: &World) {
    let known = world.app().accounts().operators().await.unwrap();
    if known.iter().all(|operator| operator.username != "other") {
        new_operator(world, "other", Role::ReadOnly).await;
    }
}

#[test]
fn every_role_sees_every_page_and_a_page_shows_only_the_buttons_of_the_role() {
    journey(|world| async move {
        let session = world.page_session().await;
        let paths = [
            ("/console".to_string(), ""),
            ("/console/sessions".to_string(), ""),
            (format!("/console/sessions/{session}"), "value=\"disable\""),
            ("/console/merchants".to_string(), "Create a merchant"),
            ("/console/merchants/merchant".to_string(), "value=\"rename\""),
            ("/console/operators".to_string(), "Create an operator"),
            ("/console/account".to_string(), ""),
        ];
        for (name, role) in [("r", Role::ReadOnly), ("s", Role::Support), ("a", Role::Admin)] {
            let desk = Desk::of(&world, name, role).await;
            for (path, button) in &paths {
                let page = desk.open(path).await;
                assert_eq!(page.status, 200, "{path}: {}", page.text);
                let is_for_support = *button == "value=\"disable\"";
                let is_allowed = role == Role::Admin || is_for_support && role == Role::Support;
                assert_eq!(
                    page.text.contains(*button) && !button.is_empty(),
                    is_allowed && !button.is_empty(),
                    "{role:?} {path}"
                );
            }
            assert_eq!(desk.open("/console/sessions/unknown").await.status, 404);
            assert_eq!(desk.open("/console/nothing").await.status, 404);
        }
    });
}

#[test]
fn a_changed_role_counts_from_the_next_request_on_and_over_the_api() {
    journey(|world| async move {
        let accounts = world.app().accounts();
        let password = new_operator(&world, "bob", Role::ReadOnly).await;
        let api = world.anyone_as("bob", &password);
        let body = json!({"merchant_id": "PK9", "name": "Shoe Shop"});
        let refused = api.post("/kassa/v1/merchants", &body).await;
        assert_eq!((refused.status, refused.json["error_code"].as_str()), (403, Some("FORBIDDEN")));
        assert_eq!(api.get("/kassa/v1/merchants").await.status, 403);
        let by = Requester::in_process(Actor::CommandLine);
        let changed = accounts.set_operator_role("bob", Role::Admin, &by).await.unwrap();
        assert_eq!(changed, OperatorChange::Made(()));
        assert_eq!(api.post("/kassa/v1/merchants", &body).await.status, 201);
        let changed = accounts.set_operator_role("nobody", Role::Admin, &by).await.unwrap();
        assert_eq!(changed, OperatorChange::Unknown);
    });
}

#[test]
fn an_operators_help_is_in_the_history_with_the_operators_name() {
    live_journey(|world| async move {
        let session = world.page_session().await;
        let desk = Desk::of(&world, "ada", Role::Support).await;
        let path = format!("/console/sessions/{session}");
        let sent = desk.post(&path, &[("do", "send"), ("to", "ada@example.se")]).await;
        assert!(sent.text.contains("The link is on its way."), "{}", sent.text);
        let refused = desk.post(&path, &[("do", "send"), ("to", "0701234567")]).await;
        assert!(refused.text.contains("A message to a phone needs the country"), "{}", refused.text);
        let disabled = desk.post(&path, &[("do", "disable")]).await;
        assert!(disabled.text.contains("nobody can pay on it any more"), "{}", disabled.text);
        let history = world.history(&session).await;
        let disabling: &Value = &history["events"][0];
        assert_eq!(disabling["event"], "MerchantDisabled");
        assert_eq!(disabling["actor"], json!({"kind": "operator", "name": "ada"}));
        assert!(desk.open(&path).await.text.contains("by operator ada"));
    });
}
