//! Limits on failed logins. Only failures count:
//!
//! - *A caller*, which is a username at an address: ten failures at once, then one after each pause.
//! - *An address*: twenty failures at once, then one after each pause, for all usernames together. While it is paused,
//!   its calls are answered 429 and no password is checked, except for callers that logged in within the last hour. So
//!   an office keeps working while somebody in it guesses. Calls of a paused caller count for the caller alone, so that
//!   an old job with a revoked credential does not lock out its neighbours.
//! - *A username*: a hundred failures at once, from anywhere. Beyond that a wrong password is answered 429 instead of
//!   401. A right one is always accepted, so that nobody can shut a merchant out from elsewhere.
//!
//! IPv6 addresses of one /64 count as one, because one customer has them all.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};

use kassa_domain::time::{MINUTE_MS, SECOND_MS};

use super::callers::KnownCallers;
use crate::clock::Monotonic;
use crate::limits::{Key, LimitPause, LimitRule, Limiter};
use crate::log_throttle::LogThrottle;
use crate::metrics::NodeMetrics;

const PER_CALLER: LimitRule = growing(10, MINUTE_MS);
const PER_ADDRESS: LimitRule = growing(20, 10 * SECOND_MS);
const PER_USERNAME: LimitRule = growing(100, 10 * SECOND_MS);

const fn growing(burst: u32, one_per_ms: i64) -> LimitRule {
    LimitRule { burst, one_per_ms, first_pause_ms: 2 * SECOND_MS, longest_pause_ms: MINUTE_MS }
}

/// The part of a username that the log shows, in characters. Callers choose its length.
const SHOWN: usize = 64;

/// The kind of account that logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// A merchant's credential.
    Merchants,
    /// An operator, over the API.
    Operators,
    /// An operator, in the console.
    Console,
}

impl Audience {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Merchants => "merchants",
            Self::Operators => "operators",
            Self::Console => "console",
        }
    }
}

/// Username and password of a call, and where it comes from.
pub struct Login {
    /// The kind of account.
    pub audience: Audience,
    /// The username as it was sent.
    pub username: String,
    /// The password as it was sent.
    pub password: String,
    /// The address of the caller. `None` for a call within this process.
    pub from: Option<IpAddr>,
}

/// A login whose password may be checked.
pub struct AdmittedLogin {
    /// The hash of the caller: its audience, address and username.
    caller: u64,
}

/// The limits on failed logins.
pub(crate) struct LoginLimits {
    hasher: RandomState,
    known: KnownCallers,
    callers: Limiter,
    addresses: Limiter,
    usernames: Limiter,
    said: LogThrottle,
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            known: KnownCallers::default(),
            callers: Limiter::new(PER_CALLER),
            addresses: Limiter::new(PER_ADDRESS),
            usernames: Limiter::new(PER_USERNAME),
            said: LogThrottle::default(),
        }
    }
}

impl LoginLimits {
    /// Whether the password may be checked. For a caller that logged in within the last hour this reads one number.
    pub(crate) fn admit(&self, login: &Login, now: Monotonic) -> Result<AdmittedLogin, LimitPause> {
        let network = login.from.map(network);
        let caller = self.hasher.hash_one((login.audience, network, &login.username));
        if let Some(network) = network
            && !self.known.is_known(caller, now)
        {
            self.callers.check(Key(caller), now)?;
            self.addresses.check(self.addresses.key(&network), now)?;
        }
        Ok(AdmittedLogin { caller })
    }

    /// The password was right.
    pub(crate) fn succeeded(&self, admitted: &AdmittedLogin, now: Monotonic) {
        self.known.note(admitted.caller, now);
    }

    /// Counts a wrong password or an unknown username. `Err` if the username has had too many of these.
    pub(crate) fn failed(
        &self,
        login: &Login,
        admitted: &AdmittedLogin,
        now: Monotonic,
    ) -> Result<(), LimitPause> {
        if let Some(address) = login.from
            && self.callers.take(Key(admitted.caller), now).is_ok()
        {
            self.addresses.count(self.addresses.key(&network(address)), now);
        }
        let username = self.usernames.key(&(login.audience, &login.username));
        let answer = self.usernames.check(username, now);
        self.usernames.count(username, now);
        answer
    }

    /// Counts a login that failed or was refused without a check. Logs at most one line a second.
    pub(crate) fn report(
        &self,
        login: &Login,
        answer: Result<(), LimitPause>,
        now: Monotonic,
        metrics: &NodeMetrics,
    ) {
        let status = if answer.is_ok() { "401" } else { "429" };
        metrics.login_failed(login.audience.as_str(), status);
        if let Some(left_out) = self.said.may_log(now) {
            let username: String = login.username.chars().take(SHOWN).collect();
            let (client, audience) = (
                login.from.map_or_else(|| "nobody".to_string(), |address| address.to_string()),
                login.audience.as_str(),
            );
            tracing::warn!(client, ?username, audience, answer = status, left_out, "a login failed");
        }
    }
}

/// The unit that shares a limit with an address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        address @ IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Monotonic {
        Monotonic::from_ms(ms)
    }

    fn login(from: &str, username: &str) -> Login {
        Login {
            audience: Audience::Merchants,
            username: username.to_string(),
            password: String::new(),
            from: Some(from.parse().unwrap()),
        }
    }

    /// Fails this many logins at once, each with another username. Returns the number of those whose password was
    /// checked.
    fn guess(limits: &LoginLimits, from: impl Fn(usize) -> String, times: usize) -> usize {
        let checked = (0..times).filter(|number| {
            let login = login(&from(*number), &format!("PK{number}"));
            limits.admit(&login, at(0)).is_ok_and(|admitted| limits.failed(&login, &admitted, at(0)).is_ok())
        });
        checked.count()
    }

    #[test]
    fn an_address_has_twenty_guesses_and_then_one_after_each_pause() {
        let limits = LoginLimits::default();
        assert_eq!(guess(&limits, |_| "192.0.2.1".to_string(), 100), 20);
        assert_eq!(guess(&limits, |_| "192.0.2.2".to_string(), 1), 1, "another address is free");
        let next = login("192.0.2.1", "PK");
        assert_eq!(limits.admit(&next, at(0)).err(), Some(LimitPause { for_ms: 2_000 }));
        let admitted = limits.admit(&next, at(2_000)).ok().unwrap();
        limits.failed(&next, &admitted, at(2_000)).unwrap();
        assert_eq!(limits.admit(&next, at(2_000)).err(), Some(LimitPause { for_ms: 4_000 }));
    }

    #[test]
    fn the_addresses_of_an_ipv6_network_share_their_guesses() {
        let limits = LoginLimits::default();
        assert_eq!(guess(&limits, |number| format!("2001:db8::{number:x}"), 100), 20);
        assert_eq!(guess(&limits, |number| format!("2001:db8:{number:x}::1"), 100), 99, "networks do not");
        assert_eq!(guess(&limits, |_| "::ffff:192.0.2.1".to_string(), 30), 20);
        assert_eq!(guess(&limits, |_| "192.0.2.1".to_string(), 30), 0, "it is the same address");
    }

    #[test]
    fn a_caller_that_logged_in_keeps_working_beside_one_that_guesses() {
        let limits = LoginLimits::default();
        let office = login("192.0.2.1", "PK_office");
        limits.succeeded(&limits.admit(&office, at(0)).ok().unwrap(), at(0));
        guess(&limits, |_| "192.0.2.1".to_string(), 100);
        assert!(limits.admit(&office, at(0)).is_ok());
        assert!(limits.admit(&login("192.0.2.1", "PK_other"), at(0)).is_err());
        let as_operator = Login { audience: Audience::Operators, ..login("192.0.2.1", "PK_office") };
        assert!(limits.admit(&as_operator, at(0)).is_err());
    }

    #[test]
    fn a_job_with_a_revoked_credential_shuts_out_no_neighbour() {
        let limits = LoginLimits::default();
        let job = login("192.0.2.1", "PK_revoked");
        let calls = (0..600_000).step_by(100).filter(|ms| {
            let admitted = limits.admit(&job, at(*ms));
            admitted.is_ok_and(|admitted| limits.failed(&job, &admitted, at(*ms)).is_ok())
        });
        assert_eq!(calls.count(), 23);
        assert!(limits.admit(&login("192.0.2.1", "PK_fresh"), at(600_000)).is_ok());
    }

    #[test]
    fn a_job_whose_credential_is_revoked_while_it_runs_shuts_out_no_neighbour() {
        let limits = LoginLimits::default();
        let job = login("192.0.2.1", "PK_revoked");
        limits.succeeded(&limits.admit(&job, at(0)).ok().unwrap(), at(0));
        for ms in (0..600_000).step_by(100) {
            let admitted = limits.admit(&job, at(ms)).ok().unwrap();
            // Beyond the limit of its username, a failure no longer counts for the address.
            let _ = limits.failed(&job, &admitted, at(ms));
        }
        assert!(limits.admit(&login("192.0.2.1", "PK_fresh"), at(600_000)).is_ok());
    }

    #[test]
    fn a_username_guessed_at_from_many_addresses_is_limited_and_a_right_password_is_accepted() {
        let limits = LoginLimits::default();
        let from = |number: u32| format!("10.0.{}.{}", number / 250, number % 250);
        let failed = (0..500).filter(|number| {
            let login = login(&from(*number), "PK_known");
            let admitted = limits.admit(&login, at(0)).ok().unwrap();
            limits.failed(&login, &admitted, at(0)).is_ok()
        });
        assert_eq!(failed.count(), 100);
        assert!(limits.admit(&login("192.0.2.1", "PK_known"), at(0)).is_ok());
    }
}
