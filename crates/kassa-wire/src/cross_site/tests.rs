//! The decision as a table: a request's head, and what becomes of it.

use super::*;

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    Passes,
    UnknownHost,
    ForeignPage,
    FormContent,
}
use Expected::{ForeignPage, FormContent, Passes, UnknownHost};

const NO_CORS: &str = "sec-fetch-mode: no-cors";
const TO_A_PAGE: &str = "sec-fetch-mode: navigate\nsec-fetch-dest: document";
const INTO_A_FRAME: &str = "sec-fetch-mode: navigate\nsec-fetch-dest: iframe";

/// Checks a head, written as its method and then a header in each line, at a system called kassa.test.
#[track_caller]
fn check(surface: Surface, head: &str, expected: Expected) {
    check_at(&SiteAddresses::at(["http://kassa.test:8080"]), surface, head, expected);
}

#[track_caller]
fn check_at(site: &SiteAddresses, surface: Surface, head: &str, expected: Expected) {
    let mut lines = head.lines();
    let method = lines.next().unwrap();
    let headers: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let values = |name: &'static str| {
        let own = headers.iter().filter(move |(header, _)| *header == name);
        own.map(|(_, value)| value.as_bytes())
    };
    let became = match site.check(surface, method, values(":authority").next().map(text), values) {
        Ok(()) => Passes,
        Err(CrossSiteRefusal::UnknownHost(_)) => UnknownHost,
        Err(CrossSiteRefusal::ForeignPage) => ForeignPage,
        Err(CrossSiteRefusal::FormContent) => FormContent,
    };
    assert_eq!(became, expected, "{surface:?} {head}");
}

#[test]
fn only_hosts_of_this_system_are_answered() {
    let own = [
        "127.0.0.1:8080",
        "[::1]:8080",
        "[::]",
        "192.168.1.7",
        "localhost",
        "localhost.:1",
        "LOCALHOST:8080",
        "shop.localhost:8080",
        "kassa.test",
        "KASSA.test:9",
        "kassa.test.:8080",
    ];
    let unknown = [
        "shop.example:8080",
        "127.0.0.1.example",
        "localhost.example",
        "notlocalhost",
        "kassa.test.example",
        "mykassa.test",
        "",
        "a b",
        "kassa.test:8080:1",
        "user@kassa.test",
        "user@127.0.0.1",
        "[::1",
        "[::1]x",
        "2130706433",
        "0x7f.1",
        "kassa.test,shop.example",
        "kassa.test/",
        ":8080",
    ];
    for surface in [Surface::Api, Surface::Page, Surface::ConsumerPage, Surface::Open] {
        for host in own {
            check(surface, &format!("GET\nhost: {host}"), Passes);
            check(surface, &format!("GET\n:authority: {host}"), Passes);
        }
        for host in unknown {
            check(surface, &format!("GET\nhost: {host}"), UnknownHost);
            check(surface, &format!("GET\n:authority: {host}"), UnknownHost);
            check(surface, &format!("GET\nhost: localhost\nhost: {host}"), UnknownHost);
            check(surface, &format!("GET\n:authority: localhost\nhost: {host}"), UnknownHost);
        }
    }
}

#[test]
fn a_rebound_name_is_refused_though_its_page_is_of_the_same_origin() {
    for (surface, method) in [(Surface::Api, "GET"), (Surface::Page, "POST"), (Surface::ConsumerPage, "GET")]
    {
        let head = format!(
            "{method}\nhost: shop.example:8080\norigin: http://shop.example:8080\nsec-fetch-site: same-origin"
        );
        check(surface, &head, UnknownHost);
    }
}

#[test]
fn a_system_with_any_host_still_refuses_foreign_pages() {
    let site = SiteAddresses::at(["https://pay.example"]).with_any_host();
    check_at(&site, Surface::Api, "GET\nhost: node-7.internal", Passes);
    check_at(&site, Surface::Api, "GET", Passes);
    check_at(&site, Surface::Api, "POST\nhost: pay.example\nsec-fetch-site: cross-site", ForeignPage);
    let behind_a_proxy = "POST\nhost: node-7.internal\norigin: https://pay.example";
    check_at(&site, Surface::Page, behind_a_proxy, Passes);
}

#[test]
fn programs_may_send_any_content_type() {
    for surface in [Surface::Api, Surface::Page, Surface::ConsumerPage, Surface::Open] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            for content in ["application/x-www-form-urlencoded", "text/plain", "application/json"] {
                check(surface, &format!("{method}\nhost: localhost\ncontent-type: {content}"), Passes);
            }
        }
    }
    // Node's fetch.
    check(
        Surface::Api,
        "POST\nhost: 127.0.0.1:8080\nsec-fetch-mode: cors\ncontent-type: text/plain;charset=UTF-8",
        Passes,
    );
}

#[test]
fn a_foreign_page_reaches_no_api_by_any_means() {
    for site in ["cross-site", "same-site", "", "same-origin, cross-site"] {
        for how in [NO_CORS, TO_A_PAGE, INTO_A_FRAME, "sec-fetch-mode: cors"] {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"] {
                let head = format!("{method}\nhost: localhost:8080\nsec-fetch-site: {site}\n{how}");
                check(Surface::Api, &head, ForeignPage);
            }
        }
    }
    // Browsers without Sec-Fetch name the origin of what is more than a read.
    for origin in
        ["https://shop.example", "null", "http://localhost:3000", "http://localhost", "localhost:8080"]
    {
        for method in ["GET", "POST", "DELETE"] {
            check(Surface::Api, &format!("{method}\nhost: localhost:8080\norigin: {origin}"), ForeignPage);
        }
    }
    let twice = "POST\nhost: localhost\norigin: http://localhost\norigin: http://shop.example";
    check(Surface::Api, twice, ForeignPage);
    let both = "GET\nhost: localhost\nsec-fetch-site: same-origin\nsec-fetch-site: cross-site";
    check(Surface::Api, both, ForeignPage);
}

#[test]
fn an_own_page_and_a_person_at_the_address_bar_reach_the_api() {
    for head in [
        "GET\nhost: localhost:8080\nsec-fetch-site: none\nsec-fetch-mode: navigate\nsec-fetch-dest: document",
        "POST\nhost: localhost:8080\norigin: http://localhost:8080\nsec-fetch-site: same-origin",
        "POST\nhost: LOCALHOST:8080\norigin: http://localhost:8080\ncontent-type: application/json",
        // A tunnel that sends requests on under another name.
        "POST\nhost: 127.0.0.1:8080\norigin: http://kassa.test:8080\ncontent-type: application/json",
        "DELETE\nhost: localhost:8080\norigin: http://localhost:8080",
    ] {
        check(Surface::Api, head, Passes);
    }
}

#[test]
fn a_browser_changes_nothing_at_an_api_with_the_content_type_of_a_form() {
    for content in [
        "text/plain",
        "Text/Plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        for mark in ["sec-fetch-site: same-origin", "sec-fetch-site: none", "origin: http://localhost"] {
            let head = |method| format!("{method}\nhost: localhost\n{mark}\ncontent-type: {content}");
            check(Surface::Api, &head("POST"), FormContent);
            check(Surface::Api, &head("PUT"), FormContent);
            check(Surface::Api, &head("GET"), Passes);
            check(Surface::Page, &head("POST"), Passes);
        }
    }
}

#[test]
fn other_sites_lead_to_pages_and_neither_show_nor_change_them() {
    for surface in [Surface::Page, Surface::ConsumerPage] {
        for site in ["cross-site", "same-site"] {
            let head = |method, how| format!("{method}\nhost: localhost\nsec-fetch-site: {site}\n{how}");
            check(surface, &head("GET", TO_A_PAGE), Passes);
            check(surface, &head("GET", INTO_A_FRAME), ForeignPage);
            check(surface, &head("GET", NO_CORS), ForeignPage);
            check(surface, &head("POST", TO_A_PAGE), ForeignPage);
        }
        check(surface, "GET\nhost: localhost\norigin: https://shop.example", Passes);
        check(surface, "POST\nhost: localhost\norigin: https://shop.example", ForeignPage);
        check(surface, "POST\nhost: localhost\nsec-fetch-site: same-origin\norigin: null", Passes);
    }
}

#[test]
fn the_consumers_forms_work_where_the_browser_names_no_origin() {
    let nameless = "POST\nhost: localhost\norigin: null\ncontent-type: application/x-www-form-urlencoded";
    check(Surface::ConsumerPage, nameless, Passes);
    check(Surface::Page, nameless, ForeignPage);
}

#[test]
fn images_are_shown_on_every_site() {
    let shown = format!("GET\nhost: localhost\nsec-fetch-site: cross-site\n{NO_CORS}\nsec-fetch-dest: image");
    check(Surface::Open, &shown, Passes);
    check(Surface::Open, "POST\nhost: localhost\norigin: https://shop.example", Passes);
}

#[test]
fn a_refusal_shows_the_host_within_one_line() {
    let refused = |host: &'static str| {
        let values = move |name| (name == "host").then_some(host.as_bytes()).into_iter();
        SiteAddresses::at([""; 0]).check(Surface::Api, "GET", None, values).unwrap_err().to_string()
    };
    assert_eq!(refused("kassa:8080"), "The host kassa:8080 is not one that this system answers to");
    assert!(refused("x".repeat(10_000).leak()).len() < 200);
}
