//! The rules for outgoing calls.

use kassa_outgoing::{AddressPolicy, OutgoingPolicy, Ports};

use super::Config;

impl Config {
    /// The rules for calls to a payment system. Its addresses are in the configuration, so each is allowed.
    pub(crate) fn payment_system_policy(&self) -> OutgoingPolicy {
        OutgoingPolicy { extra_root: self.outgoing.extra_root.clone(), ..OutgoingPolicy::for_this_machine() }
    }

    /// The rules for the endpoints of callbacks.
    pub(crate) fn outgoing_policy(&self) -> OutgoingPolicy {
        let outgoing = &self.outgoing;
        let allowed_ports = match &outgoing.allowed_ports {
            None => Ports::Standard,
            Some(ports) if ports.is_empty() => Ports::Any,
            Some(ports) => Ports::Listed(ports.clone()),
        };
        OutgoingPolicy {
            addresses: AddressPolicy {
                allowed_networks: outgoing.allowed_networks.clone(),
                allowed_hosts: outgoing.allowed_hosts.clone(),
                allowed_ports,
            },
            allows_http: outgoing.allow_http,
            extra_root: outgoing.extra_root.clone(),
        }
    }
}
