//! Plays a scenario step by step, and stops after the first step with an unmet expectation.

use std::net::IpAddr;

use kassa_engine::{Clock, SystemClock};
use serde_json::Value;

use super::check::differences;
use super::difference::Difference;
use super::scenario::{Scenario, Step};
use super::world::{Service, World};
use crate::remote::Credential;

/// The Kassa that scenarios are played against.
pub(super) struct Place {
    /// Kassa's base URL.
    pub(super) url: String,
    /// The credential that creates each scenario's merchant.
    pub(super) maker: Credential,
    /// The IP address that each scenario's shop listens on.
    pub(super) shop_address: IpAddr,
    /// Whether the histories of the page sessions are read at the end.
    pub(super) reads_histories: bool,
}

/// A scenario that was played.
pub(super) struct Played<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) steps: Vec<PlayedStep<'a>>,
    pub(super) duration_ms: i64,
    /// The history of each page session of the scenario's merchant, oldest first, if they are read.
    pub(super) histories: Vec<Value>,
}

/// A step that was played.
pub(super) struct PlayedStep<'a> {
    pub(super) step: &'a Step,
    pub(super) duration_ms: i64,
    pub(super) differences: Vec<Difference>,
}

impl Played<'_> {
    /// Whether every expectation was met.
    pub(super) fn is_passed(&self) -> bool {
        self.steps.iter().all(|step| step.differences.is_empty())
    }
}

/// Plays a scenario, and calls `report` after each step.
pub(super) async fn play<'a>(
    scenario: &'a Scenario,
    place: &Place,
    mut report: impl FnMut(&PlayedStep<'a>),
) -> anyhow::Result<Played<'a>> {
    let began_at = SystemClock.monotonic_now();
    let mut world = World::make(Service::at(&place.url)?, &place.maker, place.shop_address).await?;
    let mut steps = Vec::new();
    for step in &scenario.steps {
        let played = play_step(&mut world, step).await;
        report(&played);
        let is_over = !played.differences.is_empty();
        steps.push(played);
        if is_over {
            break;
        }
    }
    let histories = if place.reads_histories { world.histories().await } else { Vec::new() };
    world.delete_merchants().await;
    let duration_ms = SystemClock.monotonic_now().ms_since(began_at);
    Ok(Played { scenario, steps, duration_ms, histories })
}

async fn play_step<'a>(world: &mut World, step: &'a Step) -> PlayedStep<'a> {
    let began_at = SystemClock.monotonic_now();
    let outcome = world.act(&step.act).await;
    world.learn(&outcome, &step.save);
    let differences = differences(world, step, &outcome).await;
    PlayedStep { step, duration_ms: SystemClock.monotonic_now().ms_since(began_at), differences }
}
