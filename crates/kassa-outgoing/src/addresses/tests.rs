//! The address policy, row by row.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{AddressPolicy, Ports, ROWS, Rule, TABLE};

fn said_of(policy: &AddressPolicy, address: &str) -> String {
    let address: IpAddr = address.parse().unwrap();
    let refused = policy.check_address(address);
    refused.map_or_else(|refused| format!("{} {}", refused.name, refused.network), |()| "allowed".to_string())
}

#[track_caller]
fn check(address: &str, expected: &str) {
    assert_eq!(said_of(&AddressPolicy::default(), address), expected, "{address}");
}

#[test]
fn every_row_is_a_network_in_its_shortest_spelling() {
    for ((network, ..), (parsed, ..)) in TABLE.iter().zip(ROWS.iter()) {
        assert_eq!(parsed.to_string(), *network);
        assert_eq!(parsed.trunc(), *parsed, "{network} has bits beyond its prefix");
    }
}

#[test]
fn no_row_is_hidden_by_an_earlier_one() {
    for (at, (network, ..)) in ROWS.iter().enumerate() {
        let hides = ROWS[..at].iter().find(|(earlier, ..)| earlier.contains(network));
        assert!(hides.is_none(), "{network} is never reached");
    }
}

#[test]
fn the_first_and_last_address_of_each_refused_network_are_refused() {
    let policy = AddressPolicy::default();
    for (network, rule, refused) in ROWS.iter().filter(|(_, rule, _)| *rule == Rule::Never) {
        for address in [network.network(), network.broadcast()] {
            assert!(policy.check_address(address).is_err(), "{address} of {refused:?} {rule:?}");
        }
    }
}

#[test]
fn each_address_falls_under_its_own_name() {
    check("0.0.0.0", "this network 0.0.0.0/8");
    check("10.255.255.255", "private 10.0.0.0/8");
    check("100.100.100.200", "shared by a carrier 100.64.0.0/10");
    check("127.0.0.1", "loopback 127.0.0.0/8");
    check("127.255.255.254", "loopback 127.0.0.0/8");
    check("168.63.129.16", "cloud metadata 168.63.129.16/32");
    check("169.254.169.254", "cloud metadata 169.254.169.254/32");
    check("169.254.170.2", "link-local 169.254.0.0/16");
    check("172.31.255.255", "private 172.16.0.0/12");
    check("192.0.0.192", "protocol assignments 192.0.0.0/24");
    check("192.88.99.1", "6to4 relay 192.88.99.0/24");
    check("192.168.1.1", "private 192.168.0.0/16");
    check("198.19.255.255", "benchmarking 198.18.0.0/15");
    check("239.1.2.3", "multicast 224.0.0.0/4");
    check("255.255.255.255", "broadcast 255.255.255.255/32");
    check("250.0.0.1", "reserved 240.0.0.0/4");
    check("::", "unspecified ::/128");
    check("::1", "loopback ::1/128");
    check("::7f00:1", "IPv4-compatible ::/96");
    check("64:ff9b:1::808:808", "IPv4 behind a local NAT64 64:ff9b:1::/48");
    check("100::1", "discard 100::/64");
    check("2001:db8::1", "documentation 2001:db8::/32");
    check("3fff:fff::1", "documentation 3fff::/20");
    check("fd00:ec2::254", "unique local fc00::/7");
    check("fe80::1", "link-local fe80::/10");
    check("fec0::1", "site-local fec0::/10");
    check("ff02::1", "multicast ff00::/8");
    check("4000::1", "unassigned 4000::/2");
    check("e000::1", "unassigned c000::/2");
}

#[test]
fn the_rule_of_a_contained_address_applies() {
    check("::ffff:127.0.0.1", "loopback 127.0.0.0/8");
    check("::ffff:8.8.8.8", "allowed");
    check("::ffff:0:10.0.0.1", "private 10.0.0.0/8");
    check("64:ff9b::169.254.169.254", "cloud metadata 169.254.169.254/32");
    check("64:ff9b::8.8.8.8", "allowed");
    check("2002:7f00:1::", "loopback 127.0.0.0/8");
    check("2002:808:808::1", "allowed");
    // A Teredo address contains its server, and its client inverted.
    check("2001:0:a00:1::f7f7:f7f7", "private 10.0.0.0/8");
    check("2001:0:808:808::80ff:fffe", "loopback 127.0.0.0/8");
    check("2001:0:808:808::f7f7:f7f7", "allowed");
}

#[test]
fn the_public_internet_is_allowed_up_to_its_edges() {
    let public = [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2003::1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::1",
        "3ffe::1",
    ];
    for address in public {
        check(address, "allowed");
    }
}

#[test]
fn a_listed_network_is_allowed_inside_ipv6_addresses() {
    let listed = vec!["10.1.0.0/16".parse::<IpNet>().unwrap()];
    let policy = AddressPolicy { allowed_networks: listed, ..AddressPolicy::default() };
    for address in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3"] {
        assert_eq!(said_of(&policy, address), "allowed", "{address}");
    }
    assert_eq!(said_of(&policy, "10.2.0.0"), "private 10.0.0.0/8");
}

#[test]
fn the_allow_all_policy_permits_every_address_and_port() {
    let policy = AddressPolicy::everything();
    for (network, ..) in ROWS.iter() {
        assert_eq!(policy.check_address(network.network()), Ok(()));
    }
    assert!(policy.allows_port(1, 443));
}

#[test]
fn a_listed_host_is_allowed_in_every_spelling_and_no_other_is() {
    let policy =
        AddressPolicy { allowed_hosts: vec!["Receiver.Internal.".to_string()], ..Default::default() };
    assert!(policy.allows_host("receiver.internal"));
    assert!(policy.allows_host("RECEIVER.internal."));
    assert!(!policy.allows_host("evil.receiver.internal"));
    assert!(!policy.allows_host("receiver.internal.evil"));
    assert!(!policy.allows_host(""));
}

#[test]
fn ports_are_the_schemes_own_unless_listed() {
    let with = |allowed_ports| AddressPolicy { allowed_ports, ..AddressPolicy::default() };
    assert!(with(Ports::Standard).allows_port(443, 443));
    assert!(!with(Ports::Standard).allows_port(443, 80));
    assert!(!with(Ports::Standard).allows_port(8443, 443));
    assert!(with(Ports::Listed(vec![8443])).allows_port(8443, 443));
    assert!(!with(Ports::Listed(vec![8443])).allows_port(443, 443));
}
