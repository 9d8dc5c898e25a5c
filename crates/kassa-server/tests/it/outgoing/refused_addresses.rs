//! The known ways to make a server call addresses that only the server can reach.

use std::collections::BTreeSet;

use kassa_outgoing::{AddressPolicy, Call, CallErrorKind, Network, OutgoingPolicy, Ports};
use tokio::time::Instant;

use super::names::Names;
use super::receiver::{Receiver, public_and_private};
use super::{SHORT, call, failed_as, make, only_127_0_0_2, said};

/// Loopback, private and metadata addresses in the spellings that filters are known to miss.
const DISGUISED: [&str; 36] = [
    "127.0.0.1",
    "127.127.127.127",
    "2130706433",
    "0x7f000001",
    "0X7F.0x0.0.1",
    "017700000001",
    "0177.0.0.1",
    "0000177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "%31%32%37.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "localhost",
    "LocalHost",
    "localhost.",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::169.254.169.254]",
    "[fd00:ec2::254]",
    "[fe80::1]",
];

#[tokio::test]
async fn an_address_that_is_not_public_is_refused_in_every_spelling() {
    // Resolvers treat `localhost.` differently. This one resolves every name to loopback.
    let names = Names::answering(&[&["127.0.0.1"][..]; 3 * DISGUISED.len()]);
    let network = Network::with_names(OutgoingPolicy::strict(), names).unwrap();
    for host in DISGUISED {
        for url in [format!("https://{host}/"), format!("https:\\\\{host}\\path"), format!("https:{host}")] {
            let hurried = Call { timeout: SHORT, ..call(&url) };
            if host.to_ascii_lowercase().starts_with("localhost") {
                failed_as(CallErrorKind::NoPublicAddress, make(&network, hurried).await);
                continue;
            }
            let detail = failed_as(CallErrorKind::Refused, make(&network, hurried).await);
            assert!(detail.starts_with("the host's address is not a public one but "), "{url}: {detail}");
        }
    }
}

#[tokio::test]
async fn a_name_that_the_system_knows_is_resolved_and_refused() {
    let network = Network::new(OutgoingPolicy::strict()).unwrap();
    let error = make(&network, call("https://localhost/")).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::NoPublicAddress);
    let for_operators = error.for_operators.unwrap();
    assert!(for_operators.contains("loopback"), "{for_operators}");
}

#[tokio::test]
async fn a_zone_in_an_address_is_no_url() {
    let network = Network::new(OutgoingPolicy::strict()).unwrap();
    failed_as(CallErrorKind::NotCallable, make(&network, call("https://[fe80::1%25eth0]/")).await);
}

#[tokio::test]
async fn a_refused_scheme_port_or_user_is_named() {
    let network = Network::new(OutgoingPolicy::strict()).unwrap();
    let user = "the URL contains a user name or a password";
    let expected = [
        ("http://8.8.8.8/", "plain http is not allowed"),
        ("https://8.8.8.8:80/", "port 80 is not allowed"),
        ("https://8.8.8.8:22/", "port 22 is not allowed"),
        ("https://someone@8.8.8.8/", user),
        ("https://someone:secret@8.8.8.8/", user),
        ("https://8.8.8.8%2f@127.0.0.1/", user),
        ("file:///etc/passwd", "the URL is not one of https"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "the URL is not one of https"),
    ];
    for (url, expected) in expected {
        assert_eq!(failed_as(CallErrorKind::Refused, make(&network, call(url)).await), expected, "{url}");
    }
}

#[tokio::test]
async fn user_info_is_refused_even_if_everything_else_is_allowed() {
    let receiver = Receiver::answering(super::receiver::NO_CONTENT).await;
    let url = receiver.url().replace("http://", "http://someone:secret@");
    let detail = failed_as(CallErrorKind::Refused, make(&super::open_network(), call(url)).await);
    assert!(!detail.contains("secret"));
    assert_eq!(receiver.accepted(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_internal_name_fails_like_an_unknown_one() {
    let inside =
        ["10.1.2.3", "127.0.0.1", "fd12::34", "::ffff:10.1.2.3", "169.254.170.2"].map(|one| vec![one]);
    let mut told = BTreeSet::new();
    // A resolver that fails, one that finds no address, and one that finds an internal address.
    for answers in inside.iter().map(|one| Some(&one[..])).chain([Some(&[][..]), None]) {
        let answers: Vec<&[&str]> = answers.into_iter().collect();
        let network = Network::with_names(OutgoingPolicy::strict(), Names::answering(&answers)).unwrap();
        let begun = Instant::now();
        let error = make(&network, call("https://db.internal/")).await.unwrap_err();
        assert!(error.for_operators.is_some(), "{answers:?}");
        assert_eq!(begun.elapsed().as_secs(), 1, "the time does not tell either: {answers:?}");
        told.insert(error.to_string());
    }
    let expected = "no_public_address: the host's name has no address, or none that may be called";
    assert_eq!(told.into_iter().collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn of_mixed_addresses_only_the_public_ones_are_called() {
    let (public, private) = public_and_private().await;
    let names = Names::answering(&[&["127.0.0.1", "::1", "127.0.0.2", "10.0.0.1"]]);
    let network = Network::with_names(only_127_0_0_2(), names).unwrap();
    let answer = make(&network, call(public.url_at("shop.example"))).await;
    assert_eq!(said(&answer), "204 ");
    assert_eq!((public.accepted(), private.accepted()), (1, 0));
}

#[tokio::test]
async fn a_name_that_becomes_internal_after_its_check_is_not_called() {
    let (public, private) = public_and_private().await;
    let names = Names::answering(&[&["127.0.0.2"], &["127.0.0.1"], &["127.0.0.1"]]);
    let network = Network::with_names(only_127_0_0_2(), names.clone()).unwrap();
    let url = public.url_at("shop.example");
    assert_eq!(said(&make(&network, call(&url)).await), "204 ");
    assert_eq!(names.left(), 2, "one connection resolves once");
    // The reused connection still leads to the checked address. A new connection is checked again.
    assert_eq!(said(&make(&network, call(&url)).await), "204 ");
    failed_as(CallErrorKind::NoPublicAddress, make(&network, call(public.url_at("shop.example."))).await);
    assert_eq!((public.accepted(), private.accepted()), (1, 0));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let inside = Receiver::answering(super::receiver::NO_CONTENT).await;
    let location = inside.url();
    let moved = format!("HTTP/1.1 301 Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n").leak();
    let receiver = Receiver::answering(moved.as_bytes()).await;
    let answer = make(&super::open_network(), call(receiver.url())).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.headers["location"]), (301, &location.parse().unwrap()));
    assert_eq!(inside.accepted(), 0);
}

#[tokio::test]
async fn a_listed_host_is_called_wherever_its_name_leads() {
    let receiver = Receiver::answering(super::receiver::NO_CONTENT).await;
    let addresses = AddressPolicy {
        allowed_hosts: vec!["receiver.internal".to_string()],
        allowed_ports: Ports::Listed(vec![receiver.address.port()]),
        ..AddressPolicy::default()
    };
    let policy = OutgoingPolicy { addresses, allows_http: true, extra_root: None };
    let names = Names::answering(&[&["127.0.0.1"], &["127.0.0.1"]]);
    let network = Network::with_names(policy, names).unwrap();
    assert_eq!(said(&make(&network, call(receiver.url_at("RECEIVER.internal"))).await), "204 ");
    failed_as(CallErrorKind::NoPublicAddress, make(&network, call(receiver.url_at("other.internal"))).await);
    failed_as(CallErrorKind::Refused, make(&network, call(receiver.url())).await);
    assert_eq!(receiver.accepted(), 1);
}
