//! The addresses, hosts and ports that a call may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use ipnet::IpNet;

use self::Rule::{AsIpv4, AsTeredo, Never};

/// The reachable addresses. Those on the public internet are always allowed; all others must be listed.
#[derive(Clone, Debug, Default)]
pub struct AddressPolicy {
    /// Networks that are allowed although they are not public, for instance `10.1.0.0/16`.
    pub allowed_networks: Vec<IpNet>,
    /// Hosts that are allowed with any address, for instance `receiver.internal`. The owner of such a name decides
    /// where the calls go.
    pub allowed_hosts: Vec<String>,
    /// The allowed ports.
    pub allowed_ports: Ports,
}

/// Ports that a call may use.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Ports {
    /// The port of the URL's scheme: 443 for https, 80 for http.
    #[default]
    Standard,
    /// These ports, for each scheme.
    Listed(Vec<u16>),
    /// Every port.
    Any,
}

/// A refused network, in the words of its registration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RefusedNetwork {
    /// Its addresses, as written in the table: `10.0.0.0/8`.
    pub network: &'static str,
    /// Its purpose, such as `private`.
    pub name: &'static str,
}

/// The rule for the addresses of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// They are refused.
    Never,
    /// They contain an IPv4 address from this byte on. The rule of that address applies.
    AsIpv4(usize),
    /// They contain a server's IPv4 address and, inverted, a client's; both must be public.
    AsTeredo,
}

/// All addresses outside the public internet. The first row that contains an address decides. From the special-purpose
/// registries of IANA (RFC 6890 and its updates), and from the addresses of cloud metadata services.
const TABLE: [(&str, Rule, &str); 42] = [
    ("0.0.0.0/8", Never, "this network"),
    ("10.0.0.0/8", Never, "private"),
    ("100.64.0.0/10", Never, "shared by a carrier"),
    ("127.0.0.0/8", Never, "loopback"),
    ("168.63.129.16/32", Never, "cloud metadata"),
    ("169.254.169.254/32", Never, "cloud metadata"),
    ("169.254.0.0/16", Never, "link-local"),
    ("172.16.0.0/12", Never, "private"),
    ("192.0.0.0/24", Never, "protocol assignments"),
    ("192.0.2.0/24", Never, "documentation"),
    ("192.88.99.0/24", Never, "6to4 relay"),
    ("192.168.0.0/16", Never, "private"),
    ("198.18.0.0/15", Never, "benchmarking"),
    ("198.51.100.0/24", Never, "documentation"),
    ("203.0.113.0/24", Never, "documentation"),
    ("224.0.0.0/4", Never, "multicast"),
    ("255.255.255.255/32", Never, "broadcast"),
    ("240.0.0.0/4", Never, "reserved"),
    ("::/128", Never, "unspecified"),
    ("::1/128", Never, "loopback"),
    ("::/96", Never, "IPv4-compatible"),
    ("::ffff:0.0.0.0/96", AsIpv4(12), "IPv4-mapped"),
    ("::ffff:0:0:0/96", AsIpv4(12), "IPv4-translated"),
    ("64:ff9b::/96", AsIpv4(12), "IPv4 behind NAT64"),
    ("64:ff9b:1::/48", Never, "IPv4 behind a local NAT64"),
    ("100::/64", Never, "discard"),
    ("100:0:0:1::/64", Never, "dummy"),
    ("2001::/32", AsTeredo, "Teredo"),
    ("2001:2::/48", Never, "benchmarking"),
    ("2001::/23", Never, "protocol assignments"),
    ("2001:db8::/32", Never, "documentation"),
    ("2002::/16", AsIpv4(2), "6to4"),
    ("3fff::/20", Never, "documentation"),
    ("5f00::/16", Never, "segment routing"),
    ("fc00::/7", Never, "unique local"),
    ("fe80::/10", Never, "link-local"),
    ("fec0::/10", Never, "site-local"),
    ("ff00::/8", Never, "multicast"),
    // The rest of IPv6 outside 2000::/3 is not assigned.
    ("::/3", Never, "unassigned"),
    ("4000::/2", Never, "unassigned"),
    ("8000::/2", Never, "unassigned"),
    ("c000::/2", Never, "unassigned"),
];

static ROWS: LazyLock<Vec<(IpNet, Rule, RefusedNetwork)>> = LazyLock::new(|| {
    let parsed = |network: &str| network.parse().expect("a test parses every row");
    TABLE.map(|(network, rule, name)| (parsed(network), rule, RefusedNetwork { network, name })).to_vec()
});

impl AddressPolicy {
    /// Allows every address, host and port, for a development machine.
    pub fn everything() -> Self {
        let all = [
            IpNet::new_assert(Ipv4Addr::UNSPECIFIED.into(), 0),
            IpNet::new_assert(Ipv6Addr::UNSPECIFIED.into(), 0),
        ];
        Self { allowed_networks: all.to_vec(), allowed_hosts: Vec::new(), allowed_ports: Ports::Any }
    }

    /// Whether every address is allowed.
    pub(super) fn allows_every_address(&self) -> bool {
        let has_all_of = |is_of: fn(&IpNet) -> bool| {
            self.allowed_networks.iter().any(|network| is_of(network) && network.prefix_len() == 0)
        };
        has_all_of(|network| network.addr().is_ipv4()) && has_all_of(|network| network.addr().is_ipv6())
    }

    /// Checks an address. An `Err` names the network that refuses it.
    pub fn check_address(&self, address: IpAddr) -> Result<(), RefusedNetwork> {
        if self.allowed_networks.iter().any(|network| network.contains(&address)) {
            return Ok(());
        }
        let Some((_, rule, refused)) = ROWS.iter().find(|(network, ..)| network.contains(&address)) else {
            return Ok(());
        };
        match (rule, address) {
            (AsIpv4(at), IpAddr::V6(address)) => self.check_address(ipv4_at(address, *at).into()),
            (AsTeredo, IpAddr::V6(address)) => {
                let client = Ipv4Addr::from(!u32::from(ipv4_at(address, 12)));
                self.check_address(ipv4_at(address, 4).into())
                    .and_then(|()| self.check_address(client.into()))
            }
            (Never, _) | (AsIpv4(_) | AsTeredo, IpAddr::V4(_)) => Err(*refused),
        }
    }

    /// Whether a host is allowed with any address. Letter case and a final dot make no difference.
    pub fn allows_host(&self, host: &str) -> bool {
        let bare = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        self.allowed_hosts.iter().any(|allowed| bare(allowed) == bare(host))
    }

    /// Whether a port is allowed for a scheme whose own port is `standard`.
    pub fn allows_port(&self, port: u16, standard: u16) -> bool {
        match &self.allowed_ports {
            Ports::Standard => port == standard,
            Ports::Listed(ports) => ports.contains(&port),
            Ports::Any => true,
        }
    }
}

fn ipv4_at(address: Ipv6Addr, at: usize) -> Ipv4Addr {
    let octets = address.octets();
    Ipv4Addr::new(octets[at], octets[at + 1], octets[at + 2], octets[at + 3])
}

#[cfg(test)]
mod tests;
