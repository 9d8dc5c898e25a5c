//! The circuit breaker of one endpoint: who does not answer is asked less and less often.

use kassa_domain::time::{MINUTE_MS, SECOND_MS};

use crate::clock::Monotonic;

/// So many attempts in a row without any answer open the breaker.
const FAILURES_TO_OPEN: u32 = 20;

/// The first pause; each probe that fails doubles it.
const FIRST_PAUSE_MS: i64 = 5 * SECOND_MS;

/// The longest pause.
const LONGEST_PAUSE_MS: i64 = MINUTE_MS;

/// Whether an endpoint answered at all. A refusal is an answer: it holds nobody up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiverHealth {
    Answered,
    Silent,
    /// The attempt was not made.
    Unknown,
}

/// The state of one breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breaker {
    /// Attempts flow.
    Closed { silent_in_a_row: u32 },
    /// No attempt until then.
    Open { until: Monotonic, pause_ms: i64 },
    /// One attempt is on its way to find out.
    HalfOpen { pause_ms: i64 },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { silent_in_a_row: 0 }
    }
}

impl Breaker {
    /// How many attempts may begin, of `slots` that are free.
    pub(crate) fn allows(&self, slots: usize, now: Monotonic) -> usize {
        match self {
            Self::Closed { .. } => slots,
            Self::Open { until, .. } if now >= *until => slots.min(1),
            Self::Open { .. } | Self::HalfOpen { .. } => 0,
        }
    }

    /// An attempt begins.
    pub(crate) fn begun(&mut self) {
        if let Self::Open { pause_ms, .. } = *self {
            *self = Self::HalfOpen { pause_ms };
        }
    }

    /// An attempt has ended.
    pub(crate) fn ended(&mut self, health: ReceiverHealth, now: Monotonic) {
        *self = match (*self, health) {
            (_, ReceiverHealth::Answered) => Self::default(),
            (Self::Closed { silent_in_a_row }, ReceiverHealth::Silent)
                if silent_in_a_row + 1 < FAILURES_TO_OPEN =>
            {
                Self::Closed { silent_in_a_row: silent_in_a_row + 1 }
            }
            (Self::Closed { .. }, ReceiverHealth::Silent) => Self::open(FIRST_PAUSE_MS, now),
            (Self::HalfOpen { pause_ms }, ReceiverHealth::Silent) => Self::open(pause_ms * 2, now),
            (Self::HalfOpen { pause_ms }, ReceiverHealth::Unknown) => Self::open(pause_ms, now),
            // The stragglers of the attempts that opened it.
            (Self::Open { .. }, ReceiverHealth::Silent)
            | (Self::Open { .. } | Self::Closed { .. }, ReceiverHealth::Unknown) => *self,
        };
    }

    /// When attempts may begin again; `None` where they may now, or where one is on its way to find out.
    pub(crate) fn opens_again_at(&self) -> Option<Monotonic> {
        match self {
            Self::Open { until, .. } => Some(*until),
            Self::Closed { .. } | Self::HalfOpen { .. } => None,
        }
    }

    fn open(pause_ms: i64, now: Monotonic) -> Self {
        let pause_ms = pause_ms.min(LONGEST_PAUSE_MS);
        Self::Open { until: now.plus_ms(pause_ms), pause_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Monotonic {
        Monotonic::from_ms(ms)
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_TO_OPEN {
            breaker.ended(ReceiverHealth::Silent, at(0));
        }
        breaker
    }

    #[test]
    fn it_opens_after_silence_in_a_row_and_not_before() {
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES_TO_OPEN {
            breaker.ended(ReceiverHealth::Silent, at(0));
            assert_eq!(breaker.allows(9, at(0)), 9);
        }
        breaker.ended(ReceiverHealth::Answered, at(0));
        breaker.ended(ReceiverHealth::Silent, at(0));
        assert_eq!(breaker.allows(9, at(0)), 9, "an answer begins the count anew");
        assert_eq!(opened().allows(9, at(0)), 0);
    }

    #[test]
    fn a_probe_closes_it_or_doubles_the_pause() {
        let mut breaker = opened();
        assert_eq!(breaker.allows(9, at(FIRST_PAUSE_MS - 1)), 0);
        assert_eq!(breaker.allows(9, at(FIRST_PAUSE_MS)), 1);
        breaker.begun();
        assert_eq!(breaker.allows(9, at(FIRST_PAUSE_MS)), 0, "one probe at a time");
        breaker.ended(ReceiverHealth::Silent, at(FIRST_PAUSE_MS));
        assert_eq!(breaker.opens_again_at(), Some(at(3 * FIRST_PAUSE_MS)));
        breaker.begun();
        breaker.ended(ReceiverHealth::Answered, at(3 * FIRST_PAUSE_MS));
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn the_pause_has_a_bound() {
        let mut breaker = opened();
        for _ in 0..20 {
            breaker.begun();
            breaker.ended(ReceiverHealth::Silent, at(0));
        }
        assert_eq!(breaker.opens_again_at(), Some(at(LONGEST_PAUSE_MS)));
    }
}
