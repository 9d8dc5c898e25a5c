//! The endpoints with something to deliver: when to look at each, and how many attempts it may have.

use std::collections::BTreeMap;
use std::sync::Arc;

use kassa_domain::{DueClock, Endpoint, Timestamp};
use kassa_store::Claim;

use super::breaker::{Breaker, ReceiverHealth};
use crate::clock::Monotonic;
use crate::shared_time::SharedTime;

/// Attempts under way at once, in all.
const MAX_ATTEMPTS: usize = 1024;

/// Attempts under way at once to one endpoint.
const MAX_ATTEMPTS_PER_ENDPOINT: usize = 32;

/// An endpoint gets no more than this part of the slots that are free, so that some are left for the next one.
const SHARE: usize = 4;

/// Callbacks are handed over by their committers while no more than this many attempts are under way. In a crowd
/// everybody goes through the store, where each endpoint has its turn.
const HANDED_OVER_UP_TO: usize = MAX_ATTEMPTS / 2;

/// The knowledge of this node about an endpoint.
struct EndpointState {
    clock: DueClock,
    /// When its next callback is due, as far as this node knows.
    due_at: Option<Timestamp>,
    under_way: usize,
    breaker: Breaker,
}

impl EndpointState {
    fn new(endpoint: &Endpoint) -> Self {
        Self { clock: endpoint.clock.clone(), due_at: None, under_way: 0, breaker: Breaker::default() }
    }

    /// The date by which its callbacks are due.
    fn now(&self, time: &SharedTime) -> Timestamp {
        self.clock.merchant().map_or_else(|| time.due_now(), |merchant| time.clock().now(merchant))
    }

    /// Whether a callback is due.
    fn is_due(&self, time: &SharedTime) -> bool {
        self.due_at.is_some_and(|due_at| due_at <= self.now(time))
    }

    /// The moment at which it is worth a claim.
    fn ready_at(&self, time: &SharedTime) -> Option<Monotonic> {
        let due_at = self.due_at.filter(|_| self.under_way < MAX_ATTEMPTS_PER_ENDPOINT)?;
        let wait_ms = match &self.clock {
            DueClock::Merchant(merchant) => {
                time.clock().when(merchant, due_at)?.ms_since(time.clock().system_now())
            }
            DueClock::System => due_at.ms_since(time.due_now()),
        };
        let due_at = time.clock().monotonic_now().plus_ms(wait_ms);
        match (self.breaker, self.breaker.opens_again_at()) {
            (_, Some(opens_again_at)) => Some(due_at.max(opens_again_at)),
            (Breaker::HalfOpen { .. }, None) => None,
            (Breaker::Closed { .. } | Breaker::Open { .. }, None) => Some(due_at),
        }
    }
}

/// All endpoints that are known to have something to deliver, or under way.
pub(super) struct Endpoints {
    time: Arc<SharedTime>,
    known: BTreeMap<Endpoint, EndpointState>,
    under_way: usize,
    /// The endpoint that was served last: the next turn begins behind it.
    served_last: Option<Endpoint>,
}

impl Endpoints {
    pub(super) fn new(time: Arc<SharedTime>) -> Self {
        Self { time, known: BTreeMap::new(), under_way: 0, served_last: None }
    }

    /// A callback of this endpoint is due from then on.
    pub(super) fn report(&mut self, endpoint: &Endpoint, due_at: Timestamp) {
        let known = self.known(endpoint);
        known.due_at = Some(known.due_at.map_or(due_at, |earlier| earlier.min(due_at)));
    }

    /// Returns the claims to make now. Each endpoint in turn gets its share of the free slots. Due dates that are reported
    /// from now on count in addition to what these claims find.
    pub(super) fn claims(&mut self) -> Vec<Claim> {
        let mut free = MAX_ATTEMPTS.saturating_sub(self.under_way);
        let mut claims = Vec::new();
        for (endpoint, state) in self.in_turn() {
            if free == 0 {
                break;
            }
            let slots = (free.div_ceil(SHARE)).min(MAX_ATTEMPTS_PER_ENDPOINT.saturating_sub(state.under_way));
            let slots = state.breaker.allows(slots, self.time.clock().monotonic_now());
            if slots > 0 && state.is_due(&self.time) {
                let limit = i64::try_from(slots).unwrap_or(1);
                let due_until = state.now(&self.time);
                claims.push(Claim { endpoint: endpoint.clone(), due_until, limit });
                free -= slots;
            }
        }
        for claim in &claims {
            self.known(&claim.endpoint).due_at = None;
        }
        if let Some(claim) = claims.last() {
            self.served_last = Some(claim.endpoint.clone());
        }
        claims
    }

    /// The endpoints, beginning after the one that was served last.
    fn in_turn(&self) -> impl Iterator<Item = (&Endpoint, &EndpointState)> {
        let is_after = |endpoint: &Endpoint| self.served_last.as_ref().is_none_or(|last| endpoint > last);
        let after = self.known.iter().filter(move |(endpoint, _)| is_after(endpoint));
        let up_to = self.known.iter().filter(move |(endpoint, _)| !is_after(endpoint));
        after.chain(up_to)
    }

    /// So many attempts of an endpoint begin; `due_at` is when its next callback falls due, as its claim found.
    pub(super) fn claimed(&mut self, endpoint: &Endpoint, count: usize, due_at: Option<Timestamp>) {
        let known = self.known(endpoint);
        known.due_at = known.due_at.into_iter().chain(due_at).min();
        known.under_way += count;
        if count > 0 {
            known.breaker.begun();
        }
        self.under_way += count;
    }

    /// Begins one attempt at an endpoint where nothing waits and a slot is free; says whether that is so.
    pub(super) fn reserve_slot(&mut self, endpoint: &Endpoint) -> bool {
        let (time, is_crowded) = (self.time.clone(), self.under_way >= HANDED_OVER_UP_TO);
        let known = self.known(endpoint);
        let allowed = known.breaker.allows(1, time.clock().monotonic_now());
        let is_full = known.under_way >= MAX_ATTEMPTS_PER_ENDPOINT || allowed == 0;
        if is_crowded || is_full || known.is_due(&time) {
            return false;
        }
        known.under_way += 1;
        known.breaker.begun();
        self.under_way += 1;
        true
    }

    /// An attempt has ended. An endpoint with a merchant's own clock belongs to that merchant alone and needs no breaker.
    pub(super) fn ended(&mut self, endpoint: &Endpoint, health: ReceiverHealth) {
        self.under_way = self.under_way.saturating_sub(1);
        if let Some(known) = self.known.get_mut(endpoint) {
            known.under_way = known.under_way.saturating_sub(1);
            if known.clock == DueClock::System {
                known.breaker.ended(health, self.time.clock().monotonic_now());
            }
        }
    }

    /// Whether no attempt of this endpoint can begin here until another has ended.
    pub(super) fn is_full(&self, endpoint: &Endpoint) -> bool {
        let known = self.known.get(endpoint);
        self.under_way >= MAX_ATTEMPTS
            || known.is_some_and(|known| known.under_way >= MAX_ATTEMPTS_PER_ENDPOINT)
    }

    /// The moment at which the next claim is worth a try; one that has passed does not count, since its claim was just
    /// made.
    pub(super) fn next_turn_at(&self) -> Option<Monotonic> {
        let now = self.time.clock().monotonic_now();
        let ready_at = self.known.values().filter_map(|endpoint| endpoint.ready_at(&self.time));
        ready_at.filter(|ready_at| *ready_at > now).min()
    }

    /// Forgets endpoints with nothing to deliver, nothing under way, and nothing to remember.
    pub(super) fn forget_idle(&mut self) {
        self.known.retain(|_, endpoint| {
            endpoint.due_at.is_some() || endpoint.under_way > 0 || endpoint.breaker != Breaker::default()
        });
    }

    fn known(&mut self, endpoint: &Endpoint) -> &mut EndpointState {
        self.known.entry(endpoint.clone()).or_insert_with(|| EndpointState::new(endpoint))
    }

    /// How many breakers are open, and how many half-open.
    pub(super) fn breakers(&self) -> (usize, usize) {
        let count = |is_so: fn(&Breaker) -> bool| {
            self.known.values().filter(|endpoint| is_so(&endpoint.breaker)).count()
        };
        let open = count(|breaker| matches!(breaker, Breaker::Open { .. }));
        (open, count(|breaker| matches!(breaker, Breaker::HalfOpen { .. })))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use futures_util::future::BoxFuture;
    use kassa_domain::MerchantId;

    use super::*;
    use crate::clock::Clock;

    /// The system's time is set by hand; a merchant's own time stands at 1,000.
    #[derive(Default)]
    struct ByHand(AtomicI64);

    impl Clock for ByHand {
        fn now(&self, _merchant: &MerchantId) -> Timestamp {
            at(1_000)
        }

        fn is_own(&self, _merchant: &MerchantId) -> bool {
            true
        }

        fn when(&self, _merchant: &MerchantId, at: Timestamp) -> Option<Timestamp> {
            (at <= Timestamp::from_ms(1_000)).then(|| self.system_now())
        }

        fn system_now(&self) -> Timestamp {
            at(self.0.load(Ordering::Relaxed))
        }

        fn monotonic_now(&self) -> Monotonic {
            Monotonic::from_ms(self.0.load(Ordering::Relaxed))
        }

        fn sleep_until(&self, _at: Monotonic) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    fn endpoints() -> (Arc<ByHand>, Endpoints) {
        let clock = Arc::new(ByHand::default());
        (clock.clone(), Endpoints::new(Arc::new(SharedTime::of_machine(clock))))
    }

    fn at_origin(origin: &str) -> Endpoint {
        Endpoint::shared(origin)
    }

    fn own_clock(origin: &str) -> Endpoint {
        let clock = DueClock::Merchant(MerchantId::new("PK1"));
        Endpoint { clock, ..Endpoint::shared(origin) }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    #[test]
    fn a_crowded_endpoint_leaves_places_for_the_others() {
        let (_, mut endpoints) = endpoints();
        for index in 0..200 {
            endpoints.report(&at_origin(&format!("https://dead-{index:03}:443")), at(0));
        }
        let claims = endpoints.claims();
        let total: i64 = claims.iter().map(|claim| claim.limit).sum();
        assert!(total <= i64::try_from(MAX_ATTEMPTS).unwrap());
        assert!(claims.len() > 30, "{} endpoints share the slots", claims.len());
        assert!(claims.iter().all(|claim| claim.limit <= 32));
    }

    #[test]
    fn who_was_not_served_comes_first_in_the_next_turn() {
        let (_, mut endpoints) = endpoints();
        for index in 0..200 {
            endpoints.report(&at_origin(&format!("https://dead-{index:03}:443")), at(0));
        }
        let first = endpoints.claims();
        for claim in &first {
            endpoints.claimed(&claim.endpoint, usize::try_from(claim.limit).unwrap(), None);
        }
        assert!(endpoints.claims().is_empty(), "all slots are taken");
        for claim in &first {
            for _ in 0..claim.limit {
                endpoints.ended(&claim.endpoint, ReceiverHealth::Unknown);
            }
        }
        let second = endpoints.claims();
        assert!(!first.iter().any(|claim| claim.endpoint == second[0].endpoint));
    }

    #[test]
    fn a_dead_endpoint_is_left_alone_until_its_pause_is_over() {
        let (clock, mut endpoints) = endpoints();
        endpoints.report(&at_origin("dead"), at(0));
        endpoints.claimed(&at_origin("dead"), 32, Some(at(0)));
        clock.0.store(3_000, Ordering::Relaxed);
        for _ in 0..32 {
            endpoints.ended(&at_origin("dead"), ReceiverHealth::Silent);
        }
        assert_eq!(endpoints.breakers(), (1, 0));
        assert!(endpoints.claims().is_empty());
        assert!(!endpoints.reserve_slot(&at_origin("dead")), "nobody is handed over to a dead endpoint");
        assert_eq!(endpoints.next_turn_at(), Some(Monotonic::from_ms(8_000)));
        clock.0.store(8_000, Ordering::Relaxed);
        let probe = endpoints.claims();
        assert_eq!((probe.len(), probe[0].limit), (1, 1));
        endpoints.claimed(&at_origin("dead"), 1, None);
        assert_eq!(endpoints.breakers(), (0, 1));
    }

    #[test]
    fn a_due_date_that_is_reported_during_a_claim_is_not_lost() {
        let (clock, mut endpoints) = endpoints();
        endpoints.report(&at_origin("here"), at(0));
        assert_eq!(endpoints.claims().len(), 1);
        endpoints.report(&at_origin("here"), at(5_000));
        endpoints.claimed(&at_origin("here"), 0, None);
        assert_eq!(endpoints.next_turn_at(), Some(Monotonic::from_ms(5_000)));
        clock.0.store(5_000, Ordering::Relaxed);
        assert_eq!(endpoints.claims().len(), 1);
    }

    #[test]
    fn what_is_done_is_forgotten() {
        let (_, mut endpoints) = endpoints();
        endpoints.report(&at_origin("idle"), at(0));
        assert_eq!(endpoints.claims().len(), 1);
        endpoints.claimed(&at_origin("idle"), 1, None);
        endpoints.forget_idle();
        assert_eq!(endpoints.known.len(), 1, "something is under way");
        endpoints.ended(&at_origin("idle"), ReceiverHealth::Answered);
        endpoints.forget_idle();
        assert!(endpoints.known.is_empty());
    }

    #[test]
    fn what_is_due_by_a_merchants_own_time_waits_for_that_time() {
        let (_, mut endpoints) = endpoints();
        endpoints.report(&own_clock("here"), at(1_000));
        endpoints.report(&own_clock("there"), at(1_001));
        let claims = endpoints.claims();
        assert_eq!((claims.len(), &claims[0].endpoint), (1, &own_clock("here")));
        assert_eq!(claims[0].due_until, at(1_000));
        assert_eq!(endpoints.next_turn_at(), None, "its clock stands");
    }

    #[test]
    fn a_place_is_kept_where_nothing_waits_before_it() {
        let (_, mut endpoints) = endpoints();
        endpoints.report(&at_origin("busy"), at(0));
        assert!(!endpoints.reserve_slot(&at_origin("busy")), "others wait there");
        assert!(
            (0..MAX_ATTEMPTS_PER_ENDPOINT)
                .all(|_| !endpoints.is_full(&at_origin("quiet"))
                    && endpoints.reserve_slot(&at_origin("quiet")))
        );
        assert!(endpoints.is_full(&at_origin("quiet")) && !endpoints.is_full(&at_origin("busy")));
        assert!(!endpoints.reserve_slot(&at_origin("quiet")), "all its slots are taken");
        endpoints.ended(&at_origin("quiet"), ReceiverHealth::Answered);
        assert!(endpoints.reserve_slot(&at_origin("quiet")));
    }
}
