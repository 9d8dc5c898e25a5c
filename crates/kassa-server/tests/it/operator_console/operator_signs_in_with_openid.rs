//! Operators sign in with OpenID Connect: their rows, their roles, their end, and their sign-out.

use kassa_domain::{Actor, Role};
use kassa_engine::Requester;
use kassa_wire::audit::ActOrigin;
use serde_json::json;

use super::desk::{Desk, new_operator};
use super::openid_provider::{Asked, Provider, sent_away};
use crate::audit::{acts, problem};
use crate::harness::journey;

#[test]
fn a_person_with_a_group_signs_in_and_is_an_operator() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let mut desk = Desk::at(&world, &node);
        let page = desk.open("/console/sessions?q=A-1").await;
        assert_eq!(page.header("location"), "/console/sign-in?to=%2Fconsole%2Fsessions%3Fq%3DA-1");
        let page = desk.open(page.header("location")).await;
        let button = "href=\"/console/sign-in/openid?to=%2Fconsole%2Fsessions%3Fq%3DA-1\"";
        assert!(page.text.contains(button) && page.text.contains("Sign in with Acme"), "{}", page.text);
        assert!(page.header("content-security-policy").contains("form-action 'self' "), "forms stay here");
        assert_eq!(provider.calls_of("/keys"), 0, "the provider is asked when somebody signs in");

        let location = sent_away(&mut desk, "/console/sessions?q=A-1").await;
        let secrets: Vec<_> = ["state", "nonce", "code_challenge"]
            .map(|name| Asked::of(&location).get(name).to_string())
            .into();
        assert!(secrets.iter().all(|secret| secret.len() == 43), "{location}");
        assert!(secrets.iter().all(|secret| !desk.cookie().contains(secret)), "the cookie is encrypted");
        let back = desk.go(&provider.authorize(&location)).await;
        assert_eq!((back.status, back.header("location")), (303, "/console/sessions?q=A-1"));
        assert_eq!(back.header("cache-control"), "no-store");
        assert!(!desk.cookie().contains("kassa_openid"), "the sign-in no longer waits");
        let account = desk.open("/console/account").await.text;
        assert!(account.contains("ada@shop.example") && account.contains("You sign in with OpenID Connect"));
        assert!(desk.open("/console/operators").await.text.contains("Create an operator"), "Ada is an admin");

        let another = provider.sign_in(&mut Desk::at(&world, &node), "//evil.example").await;
        assert_eq!(another.header("location"), "/console", "a sign-in leads to pages of the console only");
        assert_eq!(world.app().accounts().operators().await.unwrap().len(), 1, "it is the same operator");
    });
}

#[test]
fn the_provider_decides_about_the_role_from_the_next_sign_in_on() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let mut desk = Desk::at(&world, &node);
        for (groups, role) in
            [(json!(["staff"]), "read only"), (json!(["staff", "kassa-support"]), "support")]
        {
            provider.claims(&json!({ "groups": groups }));
            assert_eq!(provider.sign_in(&mut desk, "/console").await.status, 303);
            assert!(desk.open("/console/account").await.text.contains(role));
        }
        provider.claims(&json!({ "groups": [] }));
        assert!(desk.open("/console/account").await.text.contains("support"), "until the next sign-in");
        let refused = provider.sign_in(&mut Desk::at(&world, &node), "/console").await;
        assert_eq!(refused.status, 403);
        assert!(
            refused.text.contains("none of your groups has a role here (claim groups)"),
            "{}",
            refused.text
        );
        let known: Vec<_> =
            acts(world.app()).await.into_iter().filter(|act| act.object == "ada@shop.example").collect();
        let kinds: Vec<_> =
            known.iter().map(|act| (act.act.as_str(), act.details["role"].as_str().unwrap())).collect();
        assert_eq!(kinds, [("operator_created", "READ_ONLY"), ("operator_role_changed", "SUPPORT")]);
        for act in &known {
            let ActOrigin::Console { address, correlation_id } = &act.origin else { panic!("{act:?}") };
            assert_eq!((address.as_deref(), correlation_id.is_some()), (Some("127.0.0.1"), true));
            assert_eq!(
                (act.actor.kind.as_str(), act.actor.name.as_deref()),
                ("operator", Some("ada@shop.example"))
            );
            assert_eq!(act.details["openid_issuer"], provider.url);
        }
        assert_eq!(known[0].details["openid_subject"], "ada-1");
        assert_eq!(problem(world.app(), &[]).await, None);
    });
}

#[test]
fn a_row_belongs_to_a_subject_and_never_to_a_name() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let password = new_operator(&world, "ada", Role::Admin).await;
        let names = async || -> Vec<String> {
            let operators = world.app().accounts().operators().await.unwrap();
            operators
                .into_iter()
                .map(|operator| format!("{} {}", operator.username, operator.sign_in))
                .collect()
        };
        provider.claims(&json!({ "email": "ada", "groups": ["staff"] }));
        let mut desk = Desk::at(&world, &node);
        provider.sign_in(&mut desk, "/console").await;
        assert_eq!(
            names().await,
            ["ada password", "ada@127.0.0.1 openid"],
            "the local operator is another one"
        );
        assert!(desk.open("/console/account").await.text.contains("read only"));

        provider.claims(&json!({ "email": "new-name" }));
        provider.sign_in(&mut desk, "/console").await;
        assert_eq!(names().await.len(), 2, "a person keeps the name of the first sign-in");
        provider.claims(&json!({ "email": "ada", "sub": "ada-2" }));
        provider.sign_in(&mut desk, "/console").await;
        assert!(
            desk.open("/console/account").await.text.contains("ada@127.0.0.1-2"),
            "another person, another row"
        );
        assert_eq!(names().await.len(), 3);

        let mut local = Desk::at(&world, &node);
        assert_eq!(local.sign_in("ada", &password).await.status, 303);
        let nobody = Desk::at(&world, &node).sign_in("ada@127.0.0.1", "").await;
        assert_eq!(nobody.status, 401, "an operator of the provider has no password");
        let api = world.anyone_as("ada@127.0.0.1", "");
        assert_eq!(api.get("/kassa/v1/merchants").await.status, 401);
    });
}

#[test]
fn a_revoked_operator_signs_in_again_only_after_an_admin_restores_it() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let admin = Desk::of(&world, "boss", Role::Admin).await.moved_to(&node);
        let mut desk = Desk::at(&world, &node);
        provider.sign_in(&mut desk, "/console").await;
        let name = ("name", "ada@shop.example");
        for act in ["set-role", "reset"] {
            let refused = admin.post("/console/operators", &[("do", act), name, ("role", "SUPPORT")]).await;
            assert_eq!(refused.status, 409, "{act}");
            assert!(refused.text.contains("the provider decides"), "{}", refused.text);
        }
        let restore = [("do", "restore"), name];
        assert_eq!(admin.post("/console/operators", &restore).await.status, 404, "it is active");
        assert_eq!(admin.post("/console/operators", &[("do", "revoke"), name]).await.status, 200);
        assert_eq!(desk.open("/console").await.status, 303);
        let refused = provider.sign_in(&mut Desk::at(&world, &node), "/console").await;
        assert_eq!(refused.status, 403);
        assert!(
            refused.text.contains("An admin of Kassa revoked the operator ada@shop.example."),
            "{}",
            refused.text
        );
        let restored = admin.post("/console/operators", &restore).await;
        assert!(restored.text.contains("may sign in again, with OpenID Connect"), "{}", restored.text);
        assert_eq!(desk.open("/console").await.status, 303, "sign-ins from before have ended");
        assert_eq!(provider.sign_in(&mut desk, "/console").await.status, 303);
        assert_eq!(desk.open("/console").await.status, 200);
        assert_eq!(problem(world.app(), &[]).await, None);
    });
}

#[test]
fn a_restored_operator_with_a_password_gets_a_new_one() {
    journey(|world| async move {
        let admin = Desk::of(&world, "boss", Role::Admin).await;
        let old = new_operator(&world, "bob", Role::Support).await;
        let by = Requester::in_process(Actor::CommandLine);
        world.app().accounts().revoke_operator("bob", &by).await.unwrap();
        let restored = admin.post("/console/operators", &[("do", "restore"), ("name", "bob")]).await;
        let (_, rest) = restored.text.split_once("<dt>Password</dt><dd>").expect("a new password");
        let new = rest.split('<').next().unwrap();
        assert_eq!(Desk::closed(&world).sign_in("bob", &old).await.status, 401);
        assert_eq!(Desk::closed(&world).sign_in("bob", new).await.status, 303);
        assert_eq!(problem(world.app(), &[]).await, None);
    });
}

#[test]
fn claims_that_the_token_lacks_come_from_the_user_info() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        provider.claims(&json!({ "email": null, "email_verified": null, "groups": null }));
        provider.info(json!({ "sub": "ada-1", "email": "ada@shop.example", "groups": ["kassa-support"] }));
        let mut desk = Desk::at(&world, &node);
        assert_eq!(provider.sign_in(&mut desk, "/console").await.status, 303);
        assert!(desk.open("/console/account").await.text.contains("support"));
        provider.info(json!({ "sub": "eve-1", "email": "eve@shop.example", "groups": ["kassa-admins"] }));
        let other = provider.sign_in(&mut Desk::at(&world, &node), "/console").await;
        assert_eq!(other.status, 502, "these are the claims of another person");
    });
}

#[test]
fn a_sign_in_that_began_at_one_node_is_finished_at_another() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let first = provider.node(&world).await;
        let setup = provider.setup(&world);
        let second = world.served_with(|configuration| {
            configuration.openid = Some(setup);
            configuration.base_url.clone_from(&first);
        });
        let second = second.await;
        let mut desk = Desk::at(&world, &first);
        let back = provider.authorize(&sent_away(&mut desk, "/console").await);
        let mut desk = desk.moved_to(&second);
        assert_eq!(desk.go(&back).await.status, 303);
        assert_eq!(desk.open("/console").await.status, 200);
    });
}

#[test]
fn signing_out_offers_to_sign_out_of_the_provider() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let mut desk = Desk::at(&world, &node);
        provider.sign_in(&mut desk, "/console").await;
        let out = desk.post("/console/sign-out", &[]).await;
        assert_eq!(out.header("location"), "/console/sign-in?signed-out=yes");
        assert_eq!(desk.open("/console").await.status, 303, "the sign-in at Kassa is over");
        let page = Desk::at(&world, &node).open(out.header("location")).await.text;
        assert!(page.contains(&format!("href=\"{}/end?client_id=kassa\"", provider.url)), "{page}");
        assert!(page.contains("You may still be signed in at Acme"), "{page}");
        let usual = desk.open("/console/sign-in").await.text;
        assert!(!usual.contains("/end?") && !usual.contains("signed-out"), "{usual}");
    });
}

#[test]
fn the_page_after_a_sign_out_does_not_ask_the_provider() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let page = Desk::at(&world, &node).open("/console/sign-in?signed-out=yes").await.text;
        assert!(page.contains("You may still be signed in at Acme") && !page.contains("/end?"), "{page}");
        assert_eq!(provider.calls_of("/.well-known/openid-configuration"), 0);
    });
}

#[test]
fn a_person_whose_groups_were_taken_away_is_signed_out_everywhere() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        let (mut desk, mut other, mut eve) =
            (Desk::at(&world, &node), Desk::at(&world, &node), Desk::at(&world, &node));
        provider.sign_in(&mut desk, "/console").await;
        provider.sign_in(&mut other, "/console").await;
        provider.claims(&json!({ "sub": "eve-1", "email": "eve@shop.example" }));
        provider.sign_in(&mut eve, "/console").await;
        provider.claims(&json!({ "sub": "ada-1", "email": "ada@shop.example", "groups": [] }));
        assert_eq!(provider.sign_in(&mut Desk::at(&world, &node), "/console").await.status, 403);
        for desk in [&desk, &other] {
            assert_eq!(desk.open("/console/account").await.status, 303, "the sign-in has ended");
        }
        assert_eq!(eve.open("/console/account").await.status, 200, "nobody else is signed out");
    });
}

#[test]
fn an_unverified_address_is_refused_if_only_the_user_info_says_so() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let node = provider.node(&world).await;
        provider.claims(&json!({ "email_verified": null }));
        provider.info(json!({ "sub": "ada-1", "email_verified": false }));
        let refused = provider.sign_in(&mut Desk::at(&world, &node), "/console").await;
        assert_eq!(refused.status, 403);
        assert!(refused.text.contains("is not verified"), "{}", refused.text);
        provider.info(json!({ "sub": "ada-1", "email_verified": true }));
        assert_eq!(provider.sign_in(&mut Desk::at(&world, &node), "/console").await.status, 303);
    });
}

#[test]
fn passwords_can_be_switched_off_in_the_console() {
    journey(|world| async move {
        let provider = Provider::start(&world).await;
        let mut setup = provider.setup(&world);
        setup.settings.allows_passwords = false;
        let node = world.served_with(|configuration| configuration.openid = Some(setup)).await;
        let password = new_operator(&world, "ada", Role::Admin).await;
        let mut desk = Desk::at(&world, &node);
        assert!(!desk.open("/console/sign-in").await.text.contains("type=\"password\""));
        let refused = desk.sign_in("ada", &password).await;
        assert_eq!((refused.status, refused.header("set-cookie")), (403, ""));
        assert!(refused.text.contains("Nobody can sign in to this console with a password."));
        assert_eq!(provider.sign_in(&mut desk, "/console").await.status, 303);
        let operators = desk.open("/console/operators").await.text;
        assert!(operators.contains("password for the API only") && !operators.contains(">Password<"));
        assert!(operators.contains("data-testid=\"api-only\""), "{operators}");
        let api = world.anyone_as("ada", &password);
        assert_eq!(
            api.get("/kassa/v1/merchants").await.status,
            200,
            "the API for operators keeps its passwords"
        );
    });
}

#[test]
fn without_a_provider_there_is_no_way_to_one() {
    journey(|world| async move {
        let desk = Desk::closed(&world);
        for path in ["/console/sign-in/openid", "/console/sign-in/openid/return?code=1&state=2"] {
            assert_eq!(desk.open(path).await.status, 404, "{path}");
        }
        assert!(!desk.open("/console/sign-in").await.text.contains("openid"));
    });
}
