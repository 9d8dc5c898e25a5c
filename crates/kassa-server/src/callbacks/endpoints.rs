//! The endpoints with something to deliver: when to look at each, and how many attempts it may have.

use std::collections::BTreeMap;

use kassa_domain::Timestamp;
use kassa_store::Claim;

use super::breaker::{Breaker, Health};

/// Attempts under way at once, in all.
const SIDE_BY_SIDE: usize = 1024;

/// Attempts under way at once to one endpoint.
const TO_ONE_ENDPOINT: usize = 32;

/// An endpoint gets no more than this part of the places that are free, so that some are left for the next one.
const SHARE: usize = 4;

#[derive(Default)]
struct Endpoint {
    /// When its next callback falls due, as far as we have been told.
    due_at: Option<Timestamp>,
    under_way: usize,
    breaker: Breaker,
}

impl Endpoint {
    /// When it is worth a claim.
    fn ready_at(&self) -> Option<Timestamp> {
        let due_at = self.due_at.filter(|_| self.under_way < TO_ONE_ENDPOINT)?;
        match (self.breaker, self.breaker.opens_again_at()) {
            (_, Some(opens_again_at)) => Some(due_at.max(opens_again_at)),
            (Breaker::HalfOpen { .. }, None) => None,
            (Breaker::Closed { .. } | Breaker::Open { .. }, None) => Some(due_at),
        }
    }
}

/// All endpoints that are known to have something to deliver, or under way.
#[derive(Default)]
pub(super) struct Endpoints {
    known: BTreeMap<String, Endpoint>,
    under_way: usize,
    /// The endpoint that was served last: the next turn begins behind it.
    served_last: String,
}

impl Endpoints {
    /// A callback of this endpoint is due from then on.
    pub(super) fn tell(&mut self, endpoint: &str, due_at: Timestamp) {
        let known = self.known.entry(endpoint.to_string()).or_default();
        known.due_at = Some(known.due_at.map_or(due_at, |earlier| earlier.min(due_at)));
    }

    /// What to claim now: in turn, each endpoint its share of what is free.
    pub(super) fn claims(&mut self, now: Timestamp) -> Vec<Claim> {
        let mut free = SIDE_BY_SIDE.saturating_sub(self.under_way);
        let mut claims = Vec::new();
        let last = self.served_last.clone();
        let behind = self.known.range(last.clone()..).filter(|(name, _)| **name != last);
        let in_turn = behind.chain(self.known.range(..=last.clone()));
        for (name, endpoint) in in_turn {
            if free == 0 {
                break;
            }
            let places = (free.div_ceil(SHARE)).min(TO_ONE_ENDPOINT.saturating_sub(endpoint.under_way));
            let places = endpoint.breaker.allows(places, now);
            if places > 0 && endpoint.ready_at().is_some_and(|ready_at| ready_at <= now) {
                claims.push(Claim { endpoint: name.clone(), limit: i64::try_from(places).unwrap_or(1) });
                free -= places;
            }
        }
        if let Some(claim) = claims.last() {
            self.served_last.clone_from(&claim.endpoint);
        }
        claims
    }

    /// So many attempts of an endpoint begin; `due_at` is when its next callback falls due.
    pub(super) fn claimed(&mut self, endpoint: &str, count: usize, due_at: Option<Timestamp>) {
        let known = self.known.entry(endpoint.to_string()).or_default();
        known.due_at = due_at;
        known.under_way += count;
        self.under_way += count;
        if count > 0 {
            known.breaker.begun();
        }
    }

    /// An attempt has ended.
    pub(super) fn ended(&mut self, endpoint: &str, health: Health, now: Timestamp) {
        self.under_way = self.under_way.saturating_sub(1);
        if let Some(known) = self.known.get_mut(endpoint) {
            known.under_way = known.under_way.saturating_sub(1);
            known.breaker.ended(health, now);
        }
    }

    /// When the next claim is worth a try; an instant that has passed does not count, since its claim was just made.
    pub(super) fn next_due_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.known.values().filter_map(Endpoint::ready_at).filter(|ready_at| *ready_at > now).min()
    }

    /// Forgets endpoints with nothing to deliver, nothing under way, and nothing to remember.
    pub(super) fn forget_idle(&mut self) {
        self.known.retain(|_, endpoint| {
            endpoint.due_at.is_some() || endpoint.under_way > 0 || endpoint.breaker != Breaker::default()
        });
    }

    /// The breakers that are not closed.
    pub(super) fn open_breakers(&self) -> usize {
        let is_open = |endpoint: &&Endpoint| !matches!(endpoint.breaker, Breaker::Closed { .. });
        self.known.values().filter(is_open).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    #[test]
    fn a_crowded_endpoint_leaves_places_for_the_others() {
        let mut endpoints = Endpoints::default();
        for index in 0..200 {
            endpoints.tell(&format!("https://dead-{index:03}:443"), at(0));
        }
        let claims = endpoints.claims(at(0));
        let total: i64 = claims.iter().map(|claim| claim.limit).sum();
        assert!(total <= i64::try_from(SIDE_BY_SIDE).unwrap());
        assert!(claims.len() > 30, "{} endpoints share the places", claims.len());
        assert!(claims.iter().all(|claim| claim.limit <= 32));
    }

    #[test]
    fn who_was_not_served_comes_first_in_the_next_turn() {
        let mut endpoints = Endpoints::default();
        for index in 0..200 {
            endpoints.tell(&format!("https://dead-{index:03}:443"), at(0));
        }
        let first = endpoints.claims(at(0));
        for claim in &first {
            endpoints.claimed(&claim.endpoint, usize::try_from(claim.limit).unwrap(), None);
        }
        assert!(endpoints.claims(at(0)).is_empty(), "all places are taken");
        for claim in &first {
            for _ in 0..claim.limit {
                endpoints.ended(&claim.endpoint, Health::Unknown, at(0));
            }
        }
        let second = endpoints.claims(at(0));
        assert!(!first.iter().any(|claim| claim.endpoint == second[0].endpoint));
    }

    #[test]
    fn a_dead_endpoint_is_left_alone_until_its_pause_is_over() {
        let mut endpoints = Endpoints::default();
        endpoints.tell("dead", at(0));
        endpoints.claimed("dead", 32, Some(at(0)));
        for _ in 0..32 {
            endpoints.ended("dead", Health::Silent, at(3_000));
        }
        assert_eq!(endpoints.open_breakers(), 1);
        assert!(endpoints.claims(at(3_000)).is_empty());
        assert_eq!(endpoints.next_due_at(at(3_000)), Some(at(8_000)));
        let probe = endpoints.claims(at(8_000));
        assert_eq!((probe.len(), probe[0].limit), (1, 1));
    }

    #[test]
    fn what_is_done_is_forgotten() {
        let mut endpoints = Endpoints::default();
        endpoints.tell("idle", at(0));
        endpoints.claimed("idle", 1, None);
        endpoints.forget_idle();
        assert_eq!(endpoints.known.len(), 1, "something is under way");
        endpoints.ended("idle", Health::Answered, at(1));
        endpoints.forget_idle();
        assert!(endpoints.known.is_empty());
    }
}
