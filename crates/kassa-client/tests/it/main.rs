//! Tests of the client and the tracker in simulated time, against a simulated service.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails, and nobody links it"
)]

mod callbacks_arrive_together;
mod client_keeps_to_its_rate;
mod each_engine;
mod listeners_are_bounded;
mod network;
mod nothing_is_missed;
mod order_is_placed_once;
mod read_load;
mod reported_until_acknowledged;
mod service;
mod world;
