//! A request that no person made changes nothing: `HEAD`, a prefetch, a link preview.

use http::Method;
use kassa_domain::lifecycle::Status;
use serde_json::{Value, json};

use crate::harness::{World, journey};

/// The headers of prefetches and prerenders, as browsers send them.
const PREFETCHES: [(&str, &str); 8] = [
    ("sec-purpose", "prefetch"),
    ("sec-purpose", "prefetch;prerender"),
    ("sec-purpose", "prefetch;anonymous-client-ip"),
    ("purpose", "prefetch"),
    ("Purpose", "Prefetch"),
    ("x-purpose", "preview"),
    ("x-moz", "prefetch"),
    ("sec-purpose", "prerender"),
];

/// The agents of link previews and of crawlers.
const PREVIEWS: [&str; 12] = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp/2.23.20.0 A",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 \
     Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Twitterbot/1.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Synapse (bot; +https://github.com/matrix-org/synapse)",
    "http.rb/5.1.1 (Mastodon/4.2.0; +https://mastodon.social/) Bot",
];

/// The browsers of people, of which some are built into apps.
const BROWSERS: [&str; 6] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/430.0]",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Twitter for iPhone/10.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [LinkedInApp]/9.28",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Electron/28.0 Slack_SSB/4.36",
    "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
    "curl/8.5.0",
];

/// The paths below a link.
const PATHS: [&str; 6] = ["", "/outcome", "/pay", "/back", "/cancel", "/qr"];

const OPEN: [Status; 7] = [
    Status::Waiting,
    Status::InProgress,
    Status::Back,
    Status::Failed,
    Status::Error,
    Status::ManualIdCheck,
    Status::Timeout,
];

#[test]
fn head_and_prefetches_change_nothing_in_any_status_on_any_path() {
    journey(|world| async move {
        for status in Status::ALL {
            let session = session_in(&world, *status).await;
            let link = world.page_of(&session);
            let before = seen(&world, &session).await;
            for path in PATHS {
                let path = format!("{link}{path}");
                world.looks(Method::HEAD, &path, &[]).await;
                for header in PREFETCHES {
                    for method in [Method::GET, Method::POST] {
                        world.looks(method, &path, &[header]).await;
                    }
                }
            }
            assert_eq!(seen(&world, &session).await, before, "{status}");
        }
    });
}

#[test]
fn a_prefetch_is_refused_so_that_no_browser_shows_it_later() {
    journey(|world| async move {
        let session = world.page_session().await;
        let link = world.page_of(&session);
        for header in PREFETCHES {
            let answer = world.looks(Method::GET, &link, &[header]).await;
            assert_eq!(answer.status, 503, "{header:?}");
            assert!(answer.header("cache-control").contains("no-store"));
        }
        let visit = world.looks(Method::GET, &link, &[]).await;
        assert_eq!(visit.status, 200);
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
    });
}

#[test]
fn head_answers_as_get_would() {
    journey(|world| async move {
        let session = world.page_session().await;
        let answer = world.looks(Method::HEAD, &world.page_of(&session), &[]).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""));
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    });
}

#[test]
fn a_link_preview_changes_nothing_and_sees_the_title_and_the_shop_but_no_order() {
    journey(|world| async move {
        for status in OPEN {
            let session = session_in(&world, status).await;
            let before = seen(&world, &session).await;
            for agent in PREVIEWS {
                let answer =
                    world.looks(Method::GET, &world.page_of(&session), &[("user-agent", agent)]).await;
                assert_eq!(answer.status, 200);
                assert!(
                    answer.text.contains("<meta property=\"og:site_name\" content=\"merchant\">"),
                    "{agent}"
                );
                assert!(answer.text.contains("<title>Slutför ditt köp</title>"), "{agent}");
                assert!(!answer.text.contains("Running shoe") && !answer.text.contains("222,99"), "{agent}");
            }
            assert_eq!(seen(&world, &session).await, before, "{status}");
        }
    });
}

#[test]
fn a_preview_of_a_paid_session_has_no_order() {
    journey(|world| async move {
        let session = session_in(&world, Status::Completed).await;
        let link = world.page_of(&session);
        let person = world.looks(Method::GET, &link, &[("user-agent", BROWSERS[0])]).await.text;
        assert!(person.contains("order-line") && person.contains("Running shoe"), "{person}");
        for agent in PREVIEWS {
            let preview = world.looks(Method::GET, &link, &[("user-agent", agent)]).await.text;
            assert!(preview.contains("outcome-completed"), "{agent}: {preview}");
            assert!(
                !preview.contains("Running shoe") && !preview.contains("order-number"),
                "{agent}: {preview}"
            );
        }
    });
}

#[test]
fn the_browsers_of_people_are_no_previews() {
    journey(|world| async move {
        for agent in BROWSERS {
            let session = world.page_session().await;
            world.looks(Method::GET, &world.page_of(&session), &[("user-agent", agent)]).await;
            assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS", "{agent}");
        }
    });
}

#[test]
fn a_person_who_is_taken_for_a_preview_can_go_on_to_the_page() {
    journey(|world| async move {
        let session = world.page_session().await;
        let link = world.page_of(&session);
        let preview = [("user-agent", PREVIEWS[1])];
        let shown = world.looks(Method::GET, &link, &preview).await;
        assert!(shown.text.contains(&format!("<form method=\"post\" action=\"{link}\">")), "{}", shown.text);
        let opened = world.looks(Method::POST, &link, &preview).await;
        assert_eq!(opened.status, 200, "{}", opened.text);
        assert!(opened.text.contains("data-testid=\"pay-page\""));
        assert_eq!(world.merchant.read(&session).await["status"], "IN_PROGRESS");
    });
}

/// A new in-store session in a status.
async fn session_in(world: &World, status: Status) -> String {
    let session = world.page_session_with(json!({}), "IN_STORE").await;
    let acts: &[&str] = match status {
        Status::Waiting | Status::Disabled => &[],
        Status::InProgress => &["enter"],
        Status::Back => &["enter", "back"],
        Status::Failed => &["enter", "decline"],
        Status::Error => &["enter", "error"],
        Status::ManualIdCheck => &["enter", "request-id-check"],
        Status::Timeout => &["enter", "time-out"],
        Status::Completed => &["enter", "approve"],
        Status::Cancelled => &["enter", "cancel"],
    };
    for act in acts {
        assert_eq!(world.merchant.act(&session, act).await.status, 200);
    }
    if status == Status::Disabled {
        world.merchant.delete(&format!("/hpp/v1/sessions/{session}")).await;
    }
    assert_eq!(world.merchant.read(&session).await["status"], status.as_str());
    session
}

/// The session as its merchant reads it, and the number of its events.
async fn seen(world: &World, session: &str) -> (Value, usize) {
    let history = world.merchant.get(&format!("/kassa/v1/sessions/{session}/events")).await.json;
    (world.merchant.read(session).await, history["events"].as_array().unwrap().len())
}
