//! Places for connections: their number, and the share of each address.

use std::net::IpAddr;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::addresses::{CountedPlace, PerAddress};

/// One address may take a quarter of the places.
const SHARE: usize = 4;

/// Minimum number of places of one address, even if the process may open few files.
const LEAST_SHARE: usize = 16;

/// The part of the places that is reserved for addresses with few connections, and their maximum number.
const RESERVED_PART: usize = 16;
const MOST_RESERVED: usize = 64;

/// An address with at most this many connections may take a reserved place.
const FEW: u32 = 2;

/// Places for connections from this machine, beyond the others: probes.
const FOR_LOOPBACK: usize = 4;

/// Maximum number of connections without a place: they are answered 503 and closed. Any further connection is closed
/// without an answer.
const MOST_TURNED_AWAY: usize = 64;

/// The places of a listener.
pub(crate) struct ConnectionPlaces {
    open: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    for_loopback: Arc<Semaphore>,
    turned_away: Arc<Semaphore>,
    per_address: Arc<PerAddress>,
    /// Maximum number of places of one address, and of its calls in flight over HTTP/2 and through proxies.
    share: u32,
}

/// The place of a connection, until this is dropped.
pub(crate) struct ConnectionPlace {
    pub(crate) is_rejected: bool,
    _permit: OwnedSemaphorePermit,
    _taken: Option<CountedPlace>,
}

/// Whether an address is a caller of its own, or a proxy that passes on the calls of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Caller,
    Proxy,
}

impl ConnectionPlaces {
    /// Creates the wanted number of places, and at most three quarters of the open files. The rest is for databases and
    /// for outgoing calls.
    pub(crate) fn new(wanted: usize) -> Self {
        Self::of(open_files().map_or(wanted, |files| (files / 4 * 3).min(wanted)))
    }

    fn of(all: usize) -> Self {
        let reserved = (all / RESERVED_PART).clamp(1, MOST_RESERVED);
        let open = all.saturating_sub(reserved + FOR_LOOPBACK).max(1);
        // Even if there are few places, one address cannot take all of them.
        let share = (all / SHARE).max(LEAST_SHARE).min(open.div_ceil(2));
        let places = |count: usize| Arc::new(Semaphore::new(count));
        Self {
            open: places(open),
            reserved: places(reserved),
            for_loopback: places(FOR_LOOPBACK),
            turned_away: places(MOST_TURNED_AWAY.min(all.div_ceil(16))),
            per_address: Arc::new(PerAddress::new()),
            share: u32::try_from(share).unwrap_or(u32::MAX),
        }
    }

    /// Takes a place for a connection from `address`. `None` if it has to be closed without an answer.
    pub(crate) fn take(&self, address: IpAddr, peer: Peer) -> Option<ConnectionPlace> {
        let (taken, count) = match peer {
            Peer::Proxy => (None, None),
            Peer::Caller => {
                let (taken, count) = self.per_address.take(address);
                (Some(taken), Some(count))
            }
        };
        let permit = self.permit(address, count);
        let is_rejected = permit.is_none();
        let permit = permit.or_else(|| permit_of(&self.turned_away))?;
        // A connection without a place does not count.
        let taken = taken.filter(|_| !is_rejected);
        Some(ConnectionPlace { is_rejected, _permit: permit, _taken: taken })
    }

    fn permit(&self, address: IpAddr, count: Option<u32>) -> Option<OwnedSemaphorePermit> {
        if count.is_some_and(|count| count > self.share) {
            return None;
        }
        let has_few = count.is_some_and(|count| count <= FEW);
        permit_of(&self.open)
            .or_else(|| has_few.then(|| permit_of(&self.reserved)).flatten())
            .or_else(|| address.is_loopback().then(|| permit_of(&self.for_loopback)).flatten())
    }

    /// Counts a call of `caller` that shares its connection with others. `None` if the caller has its share already.
    pub(crate) fn take_call(&self, caller: IpAddr) -> Option<CountedPlace> {
        let (taken, count) = self.per_address.take(caller);
        (count <= self.share).then_some(taken)
    }
}

fn permit_of(places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    places.clone().try_acquire_owned().ok()
}

/// The limit of open files, raised as far as this process may; `None` if there is no limit. Shells and service managers
/// set it low, because some programs break with more files. This one does not.
fn open_files() -> Option<usize> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let is_raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    let limit = if is_raised { maximum } else { current };
    limit.map(|files| usize::try_from(files).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMOTE: &str = "192.0.2.1";

    /// Takes places for an address until a connection gets none.
    fn fill(places: &ConnectionPlaces, address: &str, peer: Peer) -> Vec<ConnectionPlace> {
        let address = address.parse().unwrap();
        let taken = std::iter::from_fn(|| places.take(address, peer));
        taken.take_while(|place| !place.is_rejected).collect()
    }

    fn is_served(places: &ConnectionPlaces, address: &str) -> bool {
        places.take(address.parse().unwrap(), Peer::Caller).is_some_and(|place| !place.is_rejected)
    }

    #[test]
    fn one_address_gets_a_quarter_of_the_places() {
        let places = ConnectionPlaces::of(1_000);
        let taken = fill(&places, REMOTE, Peer::Caller);
        assert_eq!(taken.len(), 250);
        assert!(!is_served(&places, REMOTE) && is_served(&places, "192.0.2.2"));
        drop(taken);
        assert!(is_served(&places, REMOTE), "the place of a closed connection is free");
    }

    #[test]
    fn one_address_never_gets_all_places_however_few_there_are() {
        for all in 0..200 {
            let places = ConnectionPlaces::of(all);
            let _taken = fill(&places, REMOTE, Peer::Caller);
            assert!(is_served(&places, "192.0.2.2"), "{all} places");
        }
    }

    #[test]
    fn probes_get_a_place_when_addresses_and_proxies_use_all_others() {
        let places = ConnectionPlaces::of(1_000);
        let mut taken: Vec<_> =
            (1..4).map(|end| fill(&places, &format!("192.0.2.{end}"), Peer::Caller)).collect();
        taken.push(fill(&places, "192.0.2.9", Peer::Proxy));
        assert!(is_served(&places, "192.0.2.10"), "an address with few connections has reserved places");
        taken.push((11..111).flat_map(|end| places.take([192, 0, 2, end].into(), Peer::Caller)).collect());
        assert!(!is_served(&places, "192.0.2.10") && is_served(&places, "127.0.0.1"));
    }

    #[test]
    fn a_proxy_takes_places_beyond_a_share_and_its_callers_share_by_their_calls() {
        let places = ConnectionPlaces::of(1_000);
        assert!(fill(&places, REMOTE, Peer::Proxy).len() > 900);
        let caller = "198.51.100.7".parse().unwrap();
        let calls: Vec<_> = std::iter::from_fn(|| places.take_call(caller)).collect();
        assert_eq!(calls.len(), 250);
        assert!(places.take_call("198.51.100.8".parse().unwrap()).is_some());
        drop(calls);
        assert!(places.take_call(caller).is_some());
    }
}
