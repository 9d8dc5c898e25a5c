//! The values of settings that are not given.

use std::net::SocketAddr;

pub(super) fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

/// The port on which Prometheus expects metrics.
pub(super) fn default_operations_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9464))
}

pub(super) const fn default_console() -> bool {
    true
}

pub(super) fn default_drain_s() -> u8 {
    3
}

pub(super) fn default_trace_ratio() -> f64 {
    1.0
}
