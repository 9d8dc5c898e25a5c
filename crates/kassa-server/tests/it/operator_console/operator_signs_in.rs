//! Signing in and out, choosing a password, and the limits of a sign-in.

use std::time::Duration;

use http::Method;
use kassa_domain::{Actor, Role};
use kassa_engine::Requester;

use super::desk::{CHOSEN, Desk, new_operator};
use crate::harness::journey;

#[test]
fn an_operator_signs_in_and_chooses_a_password_first() {
    journey(|world| async move {
        let generated = new_operator(&world, "ada", Role::Admin).await;
        let mut desk = Desk::closed(&world);
        let page = desk.open("/console/sessions?q=A-1").await;
        assert_eq!(
            (page.status, page.header("location")),
            (303, "/console/sign-in?to=%2Fconsole%2Fsessions%3Fq%3DA-1")
        );
        let wrong = desk.sign_in("ada", "not it").await;
        assert_eq!(wrong.status, 401);
        assert!(wrong.text.contains("The name or the password is wrong."), "{}", wrong.text);
        let signed_in = desk.sign_in_to("ada", &generated, "/console/sessions?q=A-1").await;
        assert_eq!((signed_in.status, signed_in.header("location")), (303, "/console/sessions?q=A-1"));
        let cookie = signed_in.header("set-cookie");
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
        assert_eq!(desk.open("/console").await.header("location"), "/console/account");
        for unusable in ["short", ""] {
            let refused = desk.choose(&generated, unusable).await;
            assert_eq!(refused.status, 400, "{}", refused.text);
        }
        assert_eq!(desk.choose("not it", CHOSEN).await.status, 400);
        assert!(
            desk.choose(&generated, CHOSEN).await.text.contains("Your new password is valid from now on")
        );
        assert_eq!(desk.open("/console").await.status, 200);

        let mut other = Desk::closed(&world);
        assert_eq!(other.sign_in("ada", &generated).await.status, 401, "the generated one is for the API");
        assert_eq!(other.sign_in("ada", CHOSEN).await.status, 303);
        let stored = world.app().accounts().operators().await.unwrap();
        assert_eq!(stored[0].username, "ada");
    });
}

#[test]
fn a_new_password_ends_all_other_sign_ins() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Support).await;
        let mut other = Desk::closed(&world);
        other.sign_in("ada", CHOSEN).await;
        assert_eq!(other.open("/console").await.status, 200);
        assert_eq!(desk.choose(CHOSEN, "another four words that stay").await.status, 200);
        assert_eq!(other.open("/console").await.status, 303);
        assert_eq!(desk.open("/console").await.status, 200);
    });
}

#[test]
fn a_sign_in_ends_with_sign_out_revocation_or_time() {
    journey(|world| async move {
        let accounts = world.app().accounts();
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        assert_eq!(desk.post("/console/sign-out", &[]).await.header("location"), "/console/sign-in");
        assert_eq!(desk.open("/console").await.status, 303, "the cookie is worth nothing any more");

        let desk = Desk::of(&world, "bob", Role::Admin).await;
        accounts.revoke_operator("bob", &Requester::in_process(Actor::CommandLine)).await.unwrap();
        assert_eq!(desk.open("/console").await.status, 303);

        let mut desk = Desk::of(&world, "eve", Role::Admin).await;
        for _ in 0..13 {
            world.clock.advance(Duration::from_secs(59 * 60));
            desk.open("/console").await;
        }
        assert_eq!(desk.open("/console").await.status, 303, "12 hours are over");
        desk.sign_in("eve", CHOSEN).await;
        world.clock.advance(Duration::from_secs(61 * 60));
        assert_eq!(desk.open("/console").await.status, 303, "an hour without a request is over");
    });
}

#[test]
fn guesses_at_the_sign_in_are_limited() {
    journey(|world| async move {
        let mut desk = Desk::of(&world, "ada", Role::Admin).await;
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(desk.sign_in("nobody", "guess").await.status);
        }
        assert!(statuses.contains(&401) && statuses.last() == Some(&429), "{statuses:?}");
        assert_eq!(desk.sign_in("ada", CHOSEN).await.status, 303, "who signed in before is not locked out");
    });
}

#[test]
fn a_form_of_another_page_or_site_changes_nothing() {
    journey(|world| async move {
        let desk = Desk::of(&world, "ada", Role::Admin).await;
        let fields = [("merchant_id", "PK9"), ("name", "Shoes")];
        for secret in ["", "wrong"] {
            let refused = desk.post_with_secret("/console/merchants", &fields, secret).await;
            assert_eq!(refused.status, 403, "{}", refused.text);
        }
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", desk.cookie()),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ];
        let form = "merchant_id=PK9&name=Shoes";
        let refused = world.sends(Method::POST, "/console/merchants", &headers, form.into()).await;
        assert_eq!(refused.status, 403);
        assert_eq!(desk.open("/console/merchants/PK9").await.status, 404);
        let page = desk.open("/console").await;
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(page.header("cache-control"), "no-store");
    });
}

#[test]
fn the_sign_in_without_a_password_is_for_a_developers_machine_only() {
    journey(|world| async move {
        let form = bytes::Bytes::from_static(b"role=ADMIN");
        let answer = world.browser(Method::POST, "/console/sign-in", form).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (401, ""));
    });
}
