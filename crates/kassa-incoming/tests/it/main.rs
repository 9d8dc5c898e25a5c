//! A real listener, called over sockets of this machine.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails, and no other crate uses it"
)]

mod addresses_share_places;
mod answers_are_read_in_time;
mod harness;
mod http2;
mod idle_connections_are_closed;
mod refused_bodies_are_discarded;
mod requests_name_one_host;
mod stops_in_order;
